"""Reading the elements of an XML document that somebody else wrote."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from models.errors import BadInput


def parse_xml(document: str | bytes, refused: str, **params: str) -> Element:
    """The outer element of a document without a DTD.

    Args:
        refused: the sentence for what cannot be read, with {reason}.

    Raises:
        BadInput: it is not XML, or declares entities.
    """
    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # 9 ms, only for loading
    from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped]

    try:
        top: Element = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError, LookupError) as error:
        raise BadInput(refused, reason=str(error), **params) from error
    return top


def local(name: object) -> str:
    """An element's or attribute's name without its namespace; the "@" of an attribute in a path stays."""
    text = str(name)
    return ("@" if text.startswith("@") else "") + text.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lstrip("@")


def children(element: Element, *names: str) -> Iterator[Element]:
    """The elements of those names right within one."""
    return (child for child in element if isinstance(child.tag, str) and local(child.tag) in names)


def find(element: Element, name: str) -> Element | None:
    """The first element of a name anywhere within one."""
    return next((e for e in element.iter() if isinstance(e.tag, str) and local(e.tag) == name), None)


def inner_text(element: Element) -> str:
    """All text within, without blanks at its ends."""
    return "".join(element.itertext()).strip()
