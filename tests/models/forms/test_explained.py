"""What pyxform has against a form is told in our words, with the author's own sheet, row and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from models.forms.queries import check

Rows = list[list[object]]
HEAD: list[object] = ["type", "name", "label"]
LIST: Rows = [["list_name", "name", "label"], ["l", "x", "X"]]


def told(folder: Path, survey: Rows, **more: Rows) -> str:
    """The first line of what is said of a workbook."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in {"survey": survey, **more}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = folder / "form.xlsx"
    book.save(file)
    found = check(file, trusted=True)
    assert not found.ok
    return found.error or (found.description.problems[0] if found.description else "")


def says(text: str, sheet: str, row: int, column: str, *words: str) -> None:
    assert text.startswith(f"form.xlsx 的 {sheet} 工作表第 {row} 行{f' {column} 列' if column else ''}："), (
        text
    )
    for word in words:
        assert word in text
    assert not any(english in text for english in (" the ", " must ", "invalid")), text


@pytest.mark.parametrize(
    ("rows", "row", "column", "word"),
    [
        ([["texxt", "a", "A"]], 2, "type", "texxt"),
        ([["select_one", "a", "A"]], 2, "type", "select_one"),
        ([["text", "a", "A"], [], ["select_one zz", "b", "B"]], 4, "type", "zz"),
        ([["select_one_from_file a.doc", "a", "A"]], 2, "type", "a.doc"),
        ([["text", "a", None]], 2, "label", "a"),
        ([["text", "a", "A"], ["text", "a", "B"]], 3, "name", "a"),
        ([["text", "1a", "A"]], 2, "name", "字母"),
        ([["text", None, "A"]], 2, "name", "name"),
        ([["begin group", "g", "G"], ["text", "a", "A"]], 2, "type", "g"),
        ([["text", "a", "A"], ["end group", None, None]], 3, "type", "结束"),
        (
            [["begin group", "g", "G"], ["begin repeat", "r", "R"], ["end group"], ["end repeat"]],
            4,
            "type",
            "次序",
        ),
        ([["calculate", "a", None]], 2, "calculation", "calculation"),
    ],
)
def test_a_wrong_survey_row(tmp_path: Path, rows: Rows, row: int, column: str, word: str) -> None:
    says(told(tmp_path, [HEAD, *rows], choices=LIST), "survey", row, column, word)


@pytest.mark.parametrize(
    ("kind", "parameters", "word"),
    [
        ("range", "start=1 end=5 foo=2", "foo"),
        ("range", "start=x end=5", "start"),
        ("range", "start=1 end=5 step=0", "step"),
        ("range", "start=1 end=5 step=9", "step"),
        ("range", "start=1 end=9 step=2 tick_interval=3", "tick_interval"),
        ("range", "start", "="),
        ("select_one l", "randomize=maybe", "maybe"),
    ],
)
def test_wrong_parameters(tmp_path: Path, kind: str, parameters: str, word: str) -> None:
    survey: Rows = [[*HEAD, "parameters"], ["text", "q", "Q", None], [kind, "a", "A", parameters]]
    says(told(tmp_path, survey, choices=LIST), "survey", 3, "parameters", word)


@pytest.mark.parametrize("reference", ["${ q }", "$ {q}", "${q"])
def test_a_reference_that_is_not_written_right(tmp_path: Path, reference: str) -> None:
    survey: Rows = [[*HEAD, "relevant"], ["text", "q", "Q", None], ["text", "a", "A", f"{reference} = 'x'"]]
    text = told(tmp_path, survey)
    assert "第 3 行 relevant 列" in text


@pytest.mark.parametrize(
    ("choices", "row", "column", "word"),
    [
        ([["list_name", "name", "label"], ["l", "x", "X"], ["l", "x", "Y"]], 3, "name", "重复"),
        ([["list_name", "name", "label"], ["l", None, "X"]], 2, "name", "name"),
        ([["list_name", "name", "label"], ["l", "y", "Y"], ["l", "x y", "X"]], 3, "name", "x y"),
        ([["name", "label"], ["x", "X"]], 1, "list_name", "list_name"),
        ([["list_name", "label"], ["l", "X"]], 1, "", "name"),
        ([["list_name", "name", "label", "label"], ["l", "x", "X", "Y"]], 1, "", "label"),
    ],
)
def test_a_wrong_choices_sheet(tmp_path: Path, choices: Rows, row: int, column: str, word: str) -> None:
    says(
        told(tmp_path, [HEAD, ["select_multiple l", "a", "A"]], choices=choices), "choices", row, column, word
    )


def test_headers_that_are_missing_or_stand_twice_in_the_survey(tmp_path: Path) -> None:
    says(told(tmp_path, [["name", "label"], ["a", "A"]]), "survey", 1, "", "type")
    says(told(tmp_path, [[*HEAD, "label"], ["text", "a", "A", "B"]]), "survey", 1, "", "label")
    twice: Rows = [[*HEAD, "relevant", "relevance"], ["text", "a", "A", "true()", "true()"]]
    assert "relevan" in told(tmp_path, twice)


def test_a_column_that_is_misspelt_is_named_and_one_of_the_bureau_is_not(tmp_path: Path) -> None:
    file = tmp_path / "form.md"
    file.write_text(
        "| survey |\n| | type | name | label | relevent | Requird | 备注 | bind::odk:x | lable::en | me |\n"
        "| | text | a | A | 1 | yes | x | y | z | me |\n",
        encoding="utf-8",
    )
    found = check(file)
    assert found.ok
    assert found.description is not None
    told = found.description.unserved
    assert [("relevant" in told[0]), ("required" in told[1]), ("label" in told[2])] == [True] * 3
    assert len(told) == 3
    assert "第 1 行 relevent 列" in told[0]


def test_a_prefix_without_a_namespace_is_told_by_its_column(tmp_path: Path) -> None:
    survey: Rows = [[*HEAD, "instance::qc:unit"], ["text", "a", "A", "mg/L"]]
    says(told(tmp_path, survey), "survey", 1, "instance::qc:unit", "namespaces")
    with pytest.raises(AssertionError):  # it loads
        told(tmp_path, survey, settings=[["namespaces"], ['qc="urn:qc"']])


def test_a_circle_names_its_rows(tmp_path: Path) -> None:
    survey: Rows = [
        [*HEAD, "calculation"],
        ["calculate", "a", None, "${b} + 1"],
        ["text", "q", "Q", None],
        ["calculate", "b", None, "${a} + 1"],
    ]
    text = told(tmp_path, survey)
    assert "a → b" in text
    assert "2, 4" in text
