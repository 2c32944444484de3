"""A paper as the file that was asked for, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable

from models.documents.page import html_page
from models.documents.paper import Paper, preview
from models.errors import BadInput
from models.language import N_

_WIDTH = 78
"""Cells of a line of text."""


def as_file(suffix: str, docx: Callable[[], bytes], paper: Callable[[], Paper]) -> bytes | str:
    """A paper as it goes into a file.

    Args:
        suffix: ".docx", ".pdf", ".html" or ".txt", in any case.
        docx: makes the paper as Word.
        paper: makes it as a value.

    Raises:
        BadInput: for another file type, or .pdf without an office program.
    """
    kind = suffix.lower()
    if kind == ".docx":
        return docx()
    if kind == ".pdf":
        from models.documents.pdf import pdf_of

        return pdf_of(docx())
    if kind == ".html":
        return html_page(paper())
    if kind == ".txt":
        return "\n".join(preview(paper(), _WIDTH)) + "\n"
    raise BadInput(
        N_("Papers are written as .docx, .pdf, .html or .txt; “{suffix}” is none of them."), suffix=suffix
    )
