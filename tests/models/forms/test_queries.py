"""Forms without a screen: described, checked, listed, filled by a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.forms.load import load
from models.forms.model import Form
from models.forms.queries import check, describe, fill, list_forms
from tests.models.forms.conftest import NOON

MARKDOWN = (Path(__file__).parent / "visit.md").read_text(encoding="utf-8")
BROKEN = "| survey |\n| | type | name | label | relevant |\n| | text | a | A | ( |\n| | text | b | B | |\n"


@pytest.fixture
def form(tmp_path: Path) -> Form:
    file = tmp_path / "visit.md"
    file.write_text(MARKDOWN, encoding="utf-8")
    return load(file)


def test_a_form_is_described_in_the_language_asked_for(form: Form) -> None:
    description = describe(form, "en")
    assert (description.title, description.repeats) == ("示例检查单", 2)
    assert [row.label for row in description.fields][:2] == ["Site", "Does … have an outfall?"]
    assert description.questions == sum(
        row.kind not in {"group", "repeat", "note", "calculate", "hidden"} for row in description.fields
    )


def test_a_check_tells_good_from_broken_from_unreadable(tmp_path: Path) -> None:
    for name, text in {"a.md": MARKDOWN, "b.md": BROKEN, "c.md": "nothing"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "~$a.xlsx").write_text("x", encoding="utf-8")
    good, broken, unreadable = list_forms(tmp_path)
    assert good.ok
    assert good.description is not None
    assert not broken.ok
    assert broken.description is not None
    assert "/data/a" in broken.description.problems[0]
    assert unreadable.description is None
    assert "c.md" in unreadable.error
    assert check(tmp_path / "a.md", trusted=True) == good


def test_a_script_fills_a_form_and_says_how_each_field_stands(form: Form) -> None:
    filled = fill(
        form,
        {
            "site": "示例企业03",
            "outfall": "y",
            "ph": 15,
            "kinds": ["smell"],
            "/data/points[3]/value": 0.1,
            "/data/points[2]/weight": None,
            "county": "longhai",
            "no such": "x",
            "total": "9",
        },
        clock=lambda: NOON,
    )
    assert filled.form == "example"
    ph = filled.nodes["/data/water/ph"]
    assert (ph.value, ph.relevant, ph.required, ph.valid) == ("15", True, True, False)
    assert ph.message
    assert filled.nodes["/data/points[3]/product"].value == "0.1"
    assert filled.nodes["/data/town"].choices == ("jiaomei", "shima")
    assert [("no such" in each) or ("total" in each) for each in filled.errors] == [True, True]
    assert not filled.complete


def test_a_script_without_a_fault_is_complete(form: Form) -> None:
    assert fill(form, {"site": "示例企业03"}, clock=lambda: NOON).complete


def test_a_script_cannot_ask_for_a_million_rounds(form: Form) -> None:
    filled = fill(form, {"/data/points[1000000]/value": "1"}, clock=lambda: NOON)
    assert len(filled.errors) == 1


def test_a_script_may_be_nested_and_in_any_order(tmp_path: Path) -> None:
    file = tmp_path / "form.md"
    file.write_text(
        """
| survey |
| | type | name | label | repeat_count |
| | begin repeat | outer | O | ${n} |
| | begin repeat | inner | I | |
| | decimal | v | V | |
| | end repeat | | | |
| | end repeat | | | |
| | begin group | g | G | |
| | integer | n | N | |
| | end group | | | |
""",
        encoding="utf-8",
    )
    rounds = [{"inner": [{"v": 1.5}, {"v": 2}]}, {"inner": [{"v": 3}]}, {"inner": [{"v": 9}]}]
    filled = fill(load(file), {"outer": rounds, "g": {"n": 2}, "nowhere": 1})
    assert filled.nodes["/data/outer[1]/inner[2]/v"].value == "2"
    assert filled.nodes["/data/outer[2]/inner[1]/v"].value == "3"
    assert len(filled.errors) == 2
    assert any("outer[3]" in told for told in filled.errors)
    assert any("nowhere" in told for told in filled.errors)


def test_a_round_of_which_nothing_is_said_is_a_round(tmp_path: Path) -> None:
    file = tmp_path / "form.md"
    file.write_text(
        "| survey |\n| | type | name | label | default |\n| | begin repeat | r | R | |\n"
        "| | text | t | T | old |\n| | end repeat | | | |\n",
        encoding="utf-8",
    )
    filled = fill(load(file), {"r": [{"t": "new"}, {}, {}], "s": [{}]})
    assert [filled.nodes[f"/data/r[{number}]/t"].value for number in (1, 2, 3)] == ["new", "old", "old"]
    assert len(filled.errors) == 1, "s is no repeat"
