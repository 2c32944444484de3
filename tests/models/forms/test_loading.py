"""Forms come in as a spreadsheet program writes them, and bad ones are refused with the place named."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import openpyxl.styles
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import BadInput, QingchaError
from models.forms import guard
from models.forms.filling import Filling
from models.forms.load import MARKDOWN as MARKDOWN_EXAMPLE
from models.forms.load import load, load_untrusted, to_xform
from models.forms.model import Form
from models.language import use_language

MARKDOWN = (Path(__file__).parent / "visit.md").read_text(encoding="utf-8")


def workbook_of(markdown: str) -> openpyxl.Workbook:
    """The same sheets as a workbook, laid out as people do: bold merged headers, blank rows, real numbers."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    sheet = None
    for line in markdown.strip().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0]:
            sheet = book.create_sheet(cells[0])
        elif sheet is not None:
            sheet.append([_as_typed(cell) for cell in cells[1:]])
    for each in book.worksheets:
        each.freeze_panes = "A2"
        # A header merged over the blank columns beside it, and a stray format far below.
        last = each.max_column
        each.merge_cells(start_row=1, end_row=1, start_column=last, end_column=last + 2)
        each.cell(row=each.max_row + 30, column=1).font = openpyxl.styles.Font(bold=True)
    return book


def _as_typed(cell: str) -> object:
    return int(cell) if cell.isdecimal() else cell or None


@pytest.fixture
def visit_md(tmp_path: Path) -> Path:
    file = tmp_path / "visit.md"
    file.write_text(MARKDOWN, encoding="utf-8")
    return file


@pytest.fixture
def visit_xlsx(tmp_path: Path) -> Path:
    file = tmp_path / "visit.xlsx"
    workbook_of(MARKDOWN).save(file)
    return file


def test_a_workbook_and_a_table_of_the_same_rows_are_equal_forms(visit_md: Path, visit_xlsx: Path) -> None:
    assert load(visit_xlsx) == load(visit_md)


def test_a_form_reads_the_same_in_a_child_process_and_as_its_own_xform(
    visit_xlsx: Path, tmp_path: Path
) -> None:
    form = load(visit_xlsx)
    assert load_untrusted(visit_xlsx) == form
    kept = tmp_path / "kept.xml"
    kept.write_text(to_xform(visit_xlsx).xform, encoding="utf-8")
    assert load(kept) == form


def test_the_form_says_what_it_is(visit_md: Path) -> None:
    form = load(visit_md)
    assert (form.id, form.title, form.version) == ("example", "示例检查单", "3")
    assert form.languages == ("中文 (zh)", "English (en)")
    assert {path.rsplit("/", 1)[-1]: field.kind for path, field in form.fields.items()} | {
        "site": "text",
        "outfall": "select_one",
        "water": "group",
        "ph": "decimal",
        "kinds": "select_multiple",
        "points": "repeat",
        "samples": "integer",
        "total": "calculate",
        "remark": "note",
        "photo": "image",
        "on": "date",
        "at": "time",
        "place": "geopoint",
        "ended": "dateTime",
        "number": "text",
        "instanceID": "hidden",
    } == {path.rsplit("/", 1)[-1]: field.kind for path, field in form.fields.items()}
    assert form.problems == ()


def test_columns_of_a_bureau_s_own_are_kept_as_marks(form_of: Callable[..., Form]) -> None:
    form = form_of(
        """
        | survey |
        | | type | name | label | bind::qc:measure |
        | | text | a | A | water |
        | settings |
        | | namespaces |
        | | qc="https://example.org/qc" |
        """
    )
    assert form.fields["/data/a"].marks == (("measure", "water"),)


def test_what_a_chinese_input_method_leaves_is_read_as_meant(form_of: Callable[..., Form]) -> None:
    wide = form_of(
        """
        | survey |
        | | type | name | label：：中文（zh） | label：：English（en） | relevant | constraint |
        | | ｔｅｘｔ | a | 甲（一） | A | | |
        | | select_one　yn | b | 乙 | B | ＄｛a｝！＝'' | selected（．，'y'）　or　．＝'n' |
        | choices |
        | | list_name | name | label：：中文（zh） | label：：English（en） |
        | | yn | y | 是 | Yes |
        | | yn | n | 否 | No |
        | settings |
        | | default_language |
        | | 中文（zh） |
        """
    )
    assert wide.languages == ("中文(zh)", "English(en)")
    assert wide.problems == ()
    filling = Filling(wide)
    assert filling.label("a") == "甲（一）"
    assert not filling.visible("b")
    filling.set("a", "x")
    assert filling.visible("b")
    filling.set("b", "y")
    assert filling.error("b") is None


SIMPLE = "type | name | label"
LOGIC = "type | name | label | relevant"


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        (SIMPLE, ["texx | a | A"], "sheet survey, row 2, column type: The question type texx"),
        (SIMPLE, ["text | a | A", "text | a | A"], "row 3, column name: The name a is used twice"),
        (SIMPLE, ["text | | A"], "row 2, column name: A question or group has no name"),
        (SIMPLE, ["text | 1 a | A"], "row 2, column name: A name begins with"),
        (SIMPLE, ["text | a | "], "row 2, column label: The question a has no label"),
        (SIMPLE, ["select_one yn | a | A"], "The choices sheet is missing"),
        (SIMPLE, ["begin_group | a | A", "text | b | B"], "The group or repeat a is opened and not closed"),
        (LOGIC, ["text | a | A | ${b} = 1"], "row 2, column relevant: It refers to b"),
        (LOGIC, ["text | a | A | ${b} = 1", "text | b | B | ${a} = 1"], "in a circle: a → b"),
        ("typ | name | label", ["text | a | A"], "The column type is missing"),
        ("", [], "holds no survey sheet or table"),
    ],
)
def test_a_bad_form_is_one_sentence_with_its_place(
    form_of: Callable[..., Form], header: str, rows: list[str], said: str
) -> None:
    table = "\n".join(["| survey |", *(f"| | {row} |" for row in [header, *rows])]) if header else "no table"
    use_language("en")
    try:
        with pytest.raises(BadInput) as caught:
            form_of(table)
        first, *example = caught.value.text().splitlines()
        assert said in first
        assert not example or example[1:] == MARKDOWN_EXAMPLE.splitlines()
    finally:
        use_language("zh")


def test_an_error_crosses_from_the_child_process_still_translatable(tmp_path: Path) -> None:
    file = tmp_path / "bad.md"
    file.write_text("| survey |\n| | type | name | label |\n| | texx | a | A |", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_untrusted(file)
    assert "texx" in caught.value.text()
    assert "question type" not in caught.value.text()  # it is in Chinese
    assert caught.value.text().endswith(MARKDOWN_EXAMPLE)  # who writes tables by hand sees how they look


def test_the_example_that_an_error_shows_is_a_form_and_a_spreadsheet_is_told_without_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "right.md"
    file.write_text(MARKDOWN_EXAMPLE, encoding="utf-8")
    assert [each.name for each in load(file).root.walk() if each.is_question] == ["place", "smell"]
    book = workbook_of("| survey |\n| | type | name | label |\n| | texx | a | A |")
    book.save(tmp_path / "wrong.xlsx")
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "wrong.xlsx")
    assert "texx" in caught.value.text()
    assert "\n" not in caught.value.text()


@pytest.mark.parametrize("name", ["form.docx", "form.xls", "form", "form.csv"])
def test_other_kinds_of_file_are_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"anything")
    with pytest.raises(BadInput) as caught:
        load(file)
    assert name in caught.value.text()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "没有.xlsx")
    assert "没有.xlsx" in caught.value.text()


# --- hostile files ----------------------------------------------------------------------------------------


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        _zip({"xl/worksheets/sheet1.xml": b"<row>" * (guard.MOST_ROWS + 1)}),
        _zip({"xl/worksheets/sheet1.xml": b"<c r='A1'/>" * (guard.MOST_CELLS + 1)}),
        _zip({"xl/sharedStrings.xml": b"\0" * (guard.MOST_UNPACKED + 1)}),
        _zip({f"p{number}": b"" for number in range(guard.MOST_PARTS + 1)}),
        b"PK\x03\x04 and no more",
        b"",
    ],
    ids=["rows", "cells", "size", "parts", "cut", "empty"],
)
def test_a_bomb_is_refused_before_it_is_parsed(
    tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.forms.load._convert", None)
    file = tmp_path / "bomb.xlsx"
    file.write_bytes(data)
    with pytest.raises(BadInput) as caught:
        load(file)
    assert "bomb.xlsx" in caught.value.text()


def test_parts_that_overlap_are_refused(tmp_path: Path) -> None:
    data = bytearray(_zip({"a": bytes(1000), "b": bytes(1000)}))
    # Both entries of the directory claim more packed bytes than the file has.
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 20 : at + 24] = (len(data)).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 4)
    file = tmp_path / "overlap.xlsx"
    file.write_bytes(data)
    with pytest.raises(BadInput):
        load(file)


def test_a_text_shared_by_many_cells_counts_each_time(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "survey"
    sheet.append(["type", "name", "label"])
    long = "长" * 30_000
    for number in range(300):
        sheet.append(["text", f"q{number}", long])
    file = tmp_path / "long.xlsx"
    book.save(file)
    assert file.stat().st_size < 200_000
    with pytest.raises(BadInput) as caught:
        load(file)
    assert "long.xlsx" in caught.value.text()


def test_a_form_that_grows_out_of_measure_is_refused(visit_md: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_XFORM", 1000)
    with pytest.raises(BadInput) as caught:
        load(visit_md)
    assert "visit.md" in caught.value.text()


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "<a>",
        "<html/>",
        "<html><model><instance><data>"
        + "<g>" * 500
        + "</g>" * 500
        + "</data></instance></model><body/></html>",
    ],
)
def test_hostile_xml_is_refused(tmp_path: Path, document: str) -> None:
    file = tmp_path / "form.xml"
    file.write_text(document, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load(file)
    assert caught.value.text()


def test_a_file_that_takes_too_long_is_ended(visit_md: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.forms.load.SECONDS", 0.05)
    with pytest.raises(BadInput) as caught:
        load_untrusted(visit_md)
    assert "visit.md" in caught.value.text()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(
                    ["text", "begin_repeat", "end_repeat", "select_one x", "a", "${a}", "1 +", "calculate"]
                ),
                st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
            ),
            min_size=5,
            max_size=5,
        ),
        max_size=6,
    )
)
def test_any_cells_are_a_form_or_a_sentence(tmp_path: Path, cells: list[list[str]]) -> None:
    rows = "\n".join("| | " + " | ".join(cell.replace("|", "") for cell in row) + " |" for row in cells)
    file = tmp_path / "any.md"
    file.write_text(
        f"| survey |\n| | type | name | label | relevant | calculation |\n{rows}\n", encoding="utf-8"
    )
    said = ""
    try:
        filling = Filling(load(file))
    except QingchaError as error:
        said = error.text()
    assert said or filling.paths()


def test_filling_a_form_does_not_import_pyxform() -> None:
    code = "import sys, models.forms.filling, models.forms.queries; sys.exit('pyxform' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_range_has_its_ticks_by_name(form_of: Callable[[str], Form]) -> None:
    form = form_of(
        "| survey |\n| | type | name | label | parameters |\n"
        "| | range | a | A | start=0 end=10 step=5 tick_labelset=l |\n| | range | b | B | start=0 end=10 |\n"
        "| choices |\n| | list_name | name | label::English (en) | label::中文 (zh) |\n"
        "| | l | 0 | never | 从不 |\n| | l | 10 | always | 总是 |\n"
    )
    ticks = form.fields["/data/a"].ticks
    assert [(tick.value, tick.label.plain("zh")) for tick in ticks] == [("0", "从不"), ("10", "总是")]
    assert form.fields["/data/a"].choices is None, "any step may be answered"
    assert form.fields["/data/b"].ticks == ()
