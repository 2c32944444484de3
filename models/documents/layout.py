"""Official forms as data: one layout gives the Word template, the page for the browser and terminal text.

A layout is a file in `layouts/`: blocks of the paper in the words of the form, with `{{ 名称 }}` where
something is filled in. The shipped templates (`templates/*.docx`) are made from it by
`python -m models.documents.layout`; a bureau edits those in Word or WPS, and this file stays as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.documents import templates
from models.documents.paper import DEMO_LINE, Block, Grid, Paper, Rows, Signatures, Words
from models.documents.templates import Value
from models.documents.word import docx_of

FOLDER = Path(__file__).parent / "layouts"
CODE = "{{ 二维码 }}"
"""Where the code of a sealed paper stands in a template."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """What a block says once for each of a list."""

    each: str
    """Name of the list."""
    one: str
    """What one of it is called in the lines."""

    @property
    def names(self) -> tuple[str, str]:
        """List, and one of it."""
        return self.each, self.one


@dataclass(frozen=True, slots=True)
class Part:
    """A block of a layout, its texts not yet filled; `repeated` for what stands once for each of a list."""

    block: Block
    repeated: Repeated | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """One official form."""

    name: str
    title: str
    page_signature: str
    parts: tuple[Part, ...]


def layouts() -> list[str]:
    """The names of all layouts."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@lru_cache
def layout(name: str) -> Layout:
    """The layout of that name, as shipped.

    Raises:
        FileNotFoundError: there is none.
    """
    raw = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    return Layout(
        name, raw["title"], raw.get("page_signature", ""), tuple(_part(each) for each in raw["block"])
    )


def _part(raw: Mapping[str, Any]) -> Part:
    heading = raw.get("heading", "")
    repeated = Repeated(raw["each"], raw["one"]) if "each" in raw else None
    if "sign" in raw:
        return Part(Signatures(tuple(raw["sign"])))
    if "columns" in raw:
        heads, cells, widths = zip(*raw["columns"], strict=True)
        return Part(Grid(heading, heads, (cells,), widths), repeated)
    if "rows" in raw:
        return Part(Rows(tuple(tuple((label, text) for label, text in row) for row in raw["rows"])))
    return Part(Words(heading, tuple(raw["paragraphs"])), repeated)


# -- filled ------------------------------------------------------------------------------------------------


def paper_of(name: str, values: Mapping[str, Value], qr_text: str = "") -> Paper:
    """The form as a value.

    Args:
        values: all that the layout names; beside them 机关, 编号, 演示, 签封说明, 核验说明.
        qr_text: of its seal; empty for a draft.
    """
    found = layout(name)

    def filled(text: str, more: Mapping[str, Value] | None = None) -> str:
        return templates.line(text, {**values, **(more or {})})

    return Paper(
        bureau=str(values["机关"]),
        title=filled(found.title),
        number=str(values["编号"]),
        demo=bool(values["演示"]),
        blocks=tuple(_filled(part, values, filled) for part in found.parts),
        page_signature=filled(found.page_signature),
        seal_note=str(values["签封说明"]),
        promise=str(values["核验说明"]),
        qr_text=qr_text,
    )


def _filled(part: Part, values: Mapping[str, Value], filled: Any) -> Block:
    block = part.block
    turns: list[Mapping[str, Value]] = [{}]
    if part.repeated is not None:
        listed = values[part.repeated.each]
        assert isinstance(listed, list | tuple)
        turns = [{part.repeated.one: each} for each in listed]
    if isinstance(block, Rows):
        return Rows(tuple(tuple((filled(label), filled(text)) for label, text in row) for row in block.rows))
    if isinstance(block, Grid):
        rows = tuple(tuple(filled(cell, turn) for cell in block.rows[0]) for turn in turns)
        return Grid(filled(block.heading), block.heads, rows, block.widths)
    if isinstance(block, Words):
        texts = tuple(filled(text, turn) for turn in turns for text in block.paragraphs)
        return Words(filled(block.heading), texts)
    assert isinstance(block, Signatures)
    return Signatures(tuple(map(filled, block.labels)))


# -- templates ---------------------------------------------------------------------------------------------


def template_of(name: str) -> bytes:
    """The Word template of a layout: its texts with the marks that `templates.fill` replaces."""
    found = layout(name)
    blocks = tuple(_marked(part) for part in found.parts)
    demo = Words("", ("{%p if 演示 %}", DEMO_LINE, "{%p endif %}"))
    paper = Paper(
        bureau="{{ 机关 }}",
        title=found.title,
        number="{{ 编号 }}",
        demo=False,
        blocks=(demo, *blocks),
        page_signature=found.page_signature,
        seal_note="{{ 签封说明 }}",
        promise="{{ 核验说明 }}",
        qr_text="",
    )
    return docx_of(paper, place_of_code=CODE)


def _marked(part: Part) -> Block:
    block, repeated = part.block, part.repeated
    if repeated is None:
        return block
    begin, end = f"for {repeated.one} in {repeated.each} %}}", "endfor %}"
    if isinstance(block, Grid):
        rest = ("",) * (len(block.heads) - 1)
        rows = ((f"{{%tr {begin}", *rest), *block.rows, (f"{{%tr {end}", *rest))
        return Grid(block.heading, block.heads, rows, block.widths)
    assert isinstance(block, Words)
    return Words(block.heading, (f"{{%p {begin}", *block.paragraphs, f"{{%p {end}"))


def names_of(name: str) -> Iterator[str]:
    """The names that a layout asks for at its top, in the order of the paper."""
    found = layout(name)
    yield from templates.names_of_line(found.title + found.page_signature)
    for part in found.parts:
        own = part.repeated.one if part.repeated is not None else ""
        if part.repeated is not None:
            yield part.repeated.each
        for text in _texts(part.block):
            yield from (each for each in templates.names_of_line(text) if each != own)


def _texts(block: Block) -> Iterator[str]:
    if isinstance(block, Rows):
        yield from (text for row in block.rows for fact in row for text in fact)
    elif isinstance(block, Grid):
        yield block.heading
        yield from block.rows[0]
    elif isinstance(block, Signatures):
        yield from block.labels
    elif isinstance(block, Words):
        yield block.heading
        yield from block.paragraphs


def write_templates(folder: Path = templates.SHIPPED) -> None:
    """Write the templates of all layouts."""
    for name in layouts():
        (folder / f"{name}.docx").write_bytes(template_of(name))


if __name__ == "__main__":
    write_templates()
