"""The room of forms: bringing, looking, exporting, retiring; every act by the words of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BadInput, RuleBroken
from models.inspections import forms_room, verbs
from models.inspections.forms_room import ROOM

FORM = """
| survey |
| | type | name | label | required | relevant |
| | select_one yn | leak | 是否渗漏 | yes | |
| | text | where | 渗漏位置 | yes | ${leak} = 'yes' |
| choices |
| | list_name | name | label |
| | yn | yes | 是 |
| | yn | no | 否 |
| settings |
| | form_title | form_id | version |
| | 储罐核查表 | tanks | 1 |
"""


@pytest.fixture
def form(notebook, tmp_path: Path) -> str:
    file = tmp_path / "tanks.md"
    file.write_text(FORM, "utf-8")
    return str(ROOM.act("bring").run(notebook, path=f"'{file}'"))


def texts(sheet) -> list[str]:
    return [f"{fact.label}|{fact.value}" for section in sheet.sections for fact in section.facts]


def test_a_brought_form_is_listed_found_and_described(notebook, form):
    assert forms_room.find_brought(notebook, "储罐") == [form]
    assert not forms_room.find_brought(notebook, "锅炉")
    (line,) = forms_room.brought_lines(notebook, [form])
    assert line.cells[:3] == ("储罐核查表", "1", "2")
    assert "select_one|是否渗漏" in texts(forms_room.form_sheet(notebook, form))


def test_a_filled_form_shows_answers_and_what_it_lacks_and_is_written_for_others(visit, form, tmp_path):
    notebook = visit.notebook
    filled = verbs.begin_form(notebook, visit.id, form)
    verbs.answer_form(notebook, filled, {"/data/leak": "yes"})
    shown = texts(forms_room.filled_sheet(notebook, filled))
    assert "是否渗漏|是" in shown
    assert any(text.startswith("渗漏位置|") for text in shown)
    assert forms_room.find_filled(notebook, "示例印染") == [filled]
    target = tmp_path / "out.xml"
    ROOM.act("export").run(notebook, filled, path=str(target))
    assert "<leak>yes</leak>" in target.read_text("utf-8")
    with pytest.raises(BadInput):
        ROOM.act("export").run(notebook, filled, path=str(target))  # never over a file
    with pytest.raises(BadInput):
        ROOM.act("export").run(notebook, filled, path=str(tmp_path / "out.pdf"))


def test_an_export_says_what_the_answers_lack_with_row_and_rule(visit, form, tmp_path):
    notebook = visit.notebook
    filled = verbs.begin_form(notebook, visit.id, form)
    verbs.answer_form(notebook, filled, {"/data/leak": "yes"})
    act = ROOM.act("export")
    act.run(notebook, filled, path=str(tmp_path / "out.csv"))
    (said,) = act.after(notebook, filled)
    assert said.startswith("/data/where: ")
    assert "第 3 行" in said
    assert "required" in said
    verbs.answer_form(notebook, filled, {"/data/where": "罐底"})
    assert act.after(notebook, filled) == []


def test_a_filled_form_is_shown_as_sealed_with_its_visit(visit, form):
    notebook = visit.notebook
    filled = verbs.begin_form(notebook, visit.id, form)
    verbs.answer_form(notebook, filled, {"/data/leak": "no"})
    assert forms_room.filled_sheet(notebook, filled).state.text == "填写中"
    visit.fill()
    verbs.seal_inspection(notebook, visit.id)
    assert forms_room.filled_sheet(notebook, filled).state.text == "已签封"
    (line,) = forms_room.filled_lines(notebook, [filled])
    assert line.cells[-1] == "已签封"


def test_retiring_takes_a_reason(notebook, form):
    with pytest.raises(RuleBroken):
        ROOM.act("retire").run(notebook, form, why="")
    ROOM.act("retire").run(notebook, form, why="格式已换")
    assert not forms_room.find_brought(notebook, "")
    assert forms_room.form_sheet(notebook, form).sections
