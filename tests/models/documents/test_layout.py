"""Layouts: the shipped templates are made from them, and both say the same."""

from __future__ import annotations

import io
import re
import zipfile

import docx
import pytest

from models.documents import layout, templates
from models.documents.paper import Grid, Rows, Signatures, Words, preview

LAYOUTS = layout.layouts()
FRAME = {"机关", "编号", "演示", "签封说明", "核验说明"}


def parts_of(data: bytes) -> dict[str, bytes]:
    """The parts of a .docx that say something: without times of writing."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_shipped_template_is_the_one_that_the_layout_gives(name: str) -> None:
    shipped = (templates.SHIPPED / f"{name}.docx").read_bytes()
    assert parts_of(shipped) == parts_of(layout.template_of(name)), "run python -m models.documents.layout"


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_template_asks_for_what_the_layout_asks_for(name: str) -> None:
    asked = templates.names_in(templates.SHIPPED / f"{name}.docx")
    assert asked == {*layout.names_of(name), *FRAME, "二维码"}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_cites_where_its_fields_come_from(name: str) -> None:
    first = (layout.FOLDER / f"{name}.toml").read_text("utf-8").splitlines()[0]
    assert re.match(r"# .+", first)
    assert re.search(r"\[(S2?|M|L|D|L/M|L \+ M)\]", (layout.FOLDER / f"{name}.toml").read_text("utf-8"))


def values_for(name: str) -> dict[str, templates.Value]:
    """Something for every name of a layout, with what is hard to print."""
    found: dict[str, templates.Value] = {}
    listed = {part.repeated.each: part for part in layout.layout(name).parts if part.repeated is not None}
    text = "\n".join(_texts(name))
    for each in {*layout.names_of(name), *FRAME}:
        fields = set(re.findall(rf"\b{each}\.(\w+)", text))
        if each in listed:
            one = listed[each].repeated
            assert one is not None
            of = set(re.findall(rf"\b{one.one}\.(\w+)", text))
            found[each] = [{field: f"A & B <b>{field}{count}" for field in of} for count in range(3)]
        elif fields:
            found[each] = {field: f"<{each}&{field}>" for field in fields}
        else:
            found[each] = f"<{each}>&{{{{ x }}}}"
    return {**found, "演示": True, "机关": "漳州市生态环境局", "编号": "CS-350602-20261123-7K2QX-01"}


def _texts(name: str) -> list[str]:
    found = [layout.layout(name).title, layout.layout(name).page_signature]
    for part in layout.layout(name).parts:
        block = part.block
        if isinstance(block, Rows):
            found += [text for row in block.rows for fact in row for text in fact]
        elif isinstance(block, Grid):
            found += [block.heading, *block.rows[0]]
        elif isinstance(block, Words):
            found += [block.heading, *block.paragraphs]
        elif isinstance(block, Signatures):
            found += block.labels
    return found


def words_in(data: bytes) -> str:
    """All text of a .docx, with that of its foot."""
    document = docx.Document(io.BytesIO(data))
    body = document.element.body.itertext()
    foot = document.sections[0].footer._element.itertext()
    return re.sub(r"\s", "", "".join([*body, *foot]))


@pytest.mark.parametrize("name", LAYOUTS)
def test_word_and_preview_say_the_same_and_lose_no_sign(name: str) -> None:
    values = values_for(name)
    filled = words_in(templates.fill(templates.find(name), values))
    shown = re.sub(r"\s", "", "".join(preview(layout.paper_of(name, values), 200)))
    for part in _texts_of(values):
        if "序号" in part:
            continue  # the preview counts rows by itself
        squeezed = re.sub(r"\s", "", part)
        assert squeezed in filled, part
        assert squeezed in shown, part
    assert "{%" not in filled
    assert "演示" in filled


def _texts_of(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts_of(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts_of(each)]
    return []


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_readme_names_every_template_and_all_that_it_may_ask_for(name: str) -> None:
    text = (templates.SHIPPED / "README.md").read_text("utf-8")
    part = text.partition(f"`{name}.docx`")[2].partition("\n\n")[0]
    assert {each for each in layout.names_of(name) if f"`{each}`" not in part} <= FRAME
