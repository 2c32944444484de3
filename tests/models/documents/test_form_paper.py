"""A filled form on paper: every relevant question in its group or round, evidence by name and hash, code."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import docx
import pytest

from models.documents import shelf
from models.documents.paper import Grid, Paper, Words
from models.errors import BadInput, RuleBroken
from models.forms.brought import bring
from models.inspections import verbs
from models.inspections.form_filling import filling_of
from models.store.change import new_id
from models.store.notebook import Notebook
from tests.tui.visits import begun
from tests.visits import fill

pytestmark = pytest.mark.usefixtures("forms_read_here")

FORM = """
| survey |
|  | type | name | label::中文 (zh) | label::English (en) | required | relevant | calculation |
|  | note | hello | 请逐项填写 | Please answer all | | | |
|  | text | keeper | 负责人 | Keeper | yes | | |
|  | select_one yn | leak | 是否渗漏 | Leaking | | | |
|  | text | where | 渗漏位置 | Where | | ${leak} = 'yes' | |
|  | begin group | store | 储存区 | Store | | | |
|  | select_multiple kind | kinds | **储存物** | Stored | | | |
|  | begin repeat | tank | 储罐 | Tank | | | |
|  | decimal | volume | 容积 | Volume | | | |
|  | end repeat | | | | | | |
|  | end group | | | | | | |
|  | calculate | total | | | | | sum(${volume}) |
|  | image | photo | 照片 | Photo | | | |
| choices |
|  | list_name | name | label::中文 (zh) | label::English (en) |
|  | yn | yes | 是 | Yes |
|  | yn | no | 否 | No |
|  | kind | acid | 酸 | Acid |
|  | kind | oil | 油 | Oil |
| settings |
|  | form_title | form_id | version |
|  | 储罐核查表 | tanks | 1 |
"""


@pytest.fixture
def filled(notebook: Notebook, officers: tuple[str, str], tmp_path: Path) -> tuple[str, str]:
    """A visit and its form with answers, two tanks and a photo."""
    (tmp_path / "tanks.md").write_text(FORM, "utf-8")
    photo = tmp_path / "罐区.txt"
    photo.write_text("stand-in", "utf-8")
    visit = begun(notebook, officers)
    record = verbs.begin_form(notebook, visit, bring(notebook, tmp_path / "tanks.md"))
    taken = verbs.take_in(notebook, visit, photo, kind="audio_visual")
    filling = filling_of(notebook, record)
    answers = {"keeper": "张三", "leak": "no", "kinds": ["acid", "oil"], "photo": taken}
    for name, value in answers.items():
        filling.set(name, value)
    filling.set("/data/store/tank[1]/volume", "7.5")
    filling.set(f"{filling.add('/data/store/tank')}/volume", "3")
    verbs.answer_form(notebook, record, filling.answers())
    return visit, record


def rows_of(value: Paper) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for block in value.blocks:
        if isinstance(block, Grid):
            found.setdefault(block.heading, []).extend(row[1:] for row in block.rows)
    return found


def test_every_relevant_question_stands_under_its_group_or_round(notebook, filled) -> None:
    value = shelf.paper(notebook, "filled_form", filled[1], "answers")
    assert value.title == "储罐核查表"
    found = rows_of(value)
    assert found["储存区"] == [("储存物", "酸、油")]
    assert found["储存区 · 储罐 1"] == [("容积", "7.5")]
    assert found["储存区 · 储罐 2"] == [("容积", "3")]
    questions = [question for rows in found.values() for question, _answer in rows]
    assert "渗漏位置" not in questions, "it is not relevant"
    assert "请逐项填写" not in questions, "it asks nothing"
    numbers = [row[0] for block in value.blocks if isinstance(block, Grid) for row in block.rows]
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    digest = hashlib.sha256(b"stand-in").hexdigest()
    photo = next(answer for rows in found.values() for question, answer in rows if question == "照片")
    assert photo == f"罐区.txt（SHA-256 {digest}）"


def test_a_draft_names_what_is_lacking_and_bears_no_code(notebook, filled) -> None:
    verbs.answer_form(notebook, filled[1], {"/data/keeper": None})
    value = shelf.paper(notebook, "filled_form", filled[1], "answers")
    assert value.qr_text == ""
    assert "草稿" in value.promise
    (lacking,) = [
        block for block in value.blocks if isinstance(block, Words) and block.heading.startswith("尚缺")
    ]
    assert "负责人" in lacking.paragraphs[0]
    assert ("负责人", "（未填）") in [row for rows in rows_of(value).values() for row in rows]


def test_a_sealed_form_bears_the_code_of_the_visit_in_every_file_type(notebook, filled) -> None:
    visit, record = filled
    fill(notebook, visit)
    verbs.seal_inspection(notebook, visit)
    value = shelf.paper(notebook, "filled_form", record, "answers")
    assert value.qr_text
    assert "签封" in value.promise
    data = shelf.written(notebook, "filled_form", record, "answers", ".docx")
    assert isinstance(data, bytes)
    document = docx.Document(io.BytesIO(data))
    words = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "酸、油" in words
    assert "7.5" in words
    for suffix in (".html", ".txt"):
        assert "储罐 2" in str(shelf.written(notebook, "filled_form", record, "answers", suffix))


def test_a_withdrawn_form_has_no_paper(notebook, filled) -> None:
    verbs.withdraw(notebook, filled[1], "误选")
    with pytest.raises(RuleBroken):
        shelf.paper(notebook, "filled_form", filled[1], "answers")


def test_a_form_that_is_not_there_is_told(notebook: Notebook) -> None:
    with pytest.raises(BadInput):
        shelf.paper(notebook, "filled_form", new_id(), "answers")
