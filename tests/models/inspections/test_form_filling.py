"""Forms that the bureau brought, filled in a visit: kept by value, carried, undone, missing, sealed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest

from models.errors import BadInput, RuleBroken
from models.forms.audit import audit_of
from models.forms.brought import bring, form_of, forms_in_use, retire
from models.forms.tables import BroughtForm, FormPart
from models.inspections import form_filling, verbs
from models.inspections.form_filling import filled_forms, filling_of, kept_answers
from models.inspections.form_logs import audit_csv, begin_log
from models.inspections.queries import missing
from models.inspections.sealing import sealed_bytes
from models.inspections.tables import FormLog
from models.store.change import put

pytestmark = pytest.mark.usefixtures("forms_read_here")

FORM = """
| survey |
|  | type | name | label::中文 (zh) | label::English (en) | required | constraint | calculation |
|  | text | keeper | 负责人 | Keeper | yes |  |  |
|  | begin repeat | tank | 储罐 | Tank |  |  |  |
|  | decimal | volume | 容积 | Volume |  | . > 0 |  |
|  | end repeat |  |  |  |  |  |  |
|  | calculate | total |  |  |  |  | sum(${volume}) |
| settings |
|  | form_title | form_id | version |
|  | 储罐核查表 | tanks | VERSION |
"""


def write(folder: Path, version: str = "1", text: str = FORM) -> Path:
    file = folder / "tanks.md"
    file.write_text(text.replace("VERSION", version), "utf-8")
    return file


@pytest.fixture
def tanks(notebook, tmp_path) -> str:
    return bring(notebook, write(tmp_path))


def test_a_form_is_read_again_from_the_notebook_without_its_file(notebook, tanks, tmp_path):
    (tmp_path / "tanks.md").unlink()
    form = form_of(notebook, tanks)
    assert (form.id, form.title, form.version) == ("tanks", "储罐核查表", "1")
    assert [row.id for row in forms_in_use(notebook)] == [tanks]


def test_the_same_file_is_brought_once_and_another_under_its_version_is_refused(notebook, tanks, tmp_path):
    assert bring(notebook, write(tmp_path)) == tanks
    with pytest.raises(RuleBroken, match="版本 1"):
        bring(notebook, write(tmp_path, text=FORM.replace("负责人", "看管人")))
    newer = bring(notebook, write(tmp_path, "2"))
    assert newer != tanks
    assert [row.id for row in forms_in_use(notebook)] == [newer]


def test_a_large_form_travels_in_several_parts(notebook, tmp_path, monkeypatch):
    monkeypatch.setattr("models.forms.brought.PART_BYTES", 200)
    record = bring(notebook, write(tmp_path))
    with notebook:
        assert FormPart.select().where(FormPart.form == record).count() > 2
    assert form_of(notebook, record).id == "tanks"
    monkeypatch.setattr("models.forms.brought.MOST_PARTS", 2)
    with pytest.raises(BadInput):
        bring(notebook, write(tmp_path, "3"))


def test_parts_that_have_not_come_or_are_damaged_are_told(notebook, tanks):
    with notebook:
        part = FormPart.get(FormPart.form == tanks)
        unit = BroughtForm.get(BroughtForm.id == tanks).unit
    whole = part.data
    notebook.write(put("form_part", part.id, unit, data=whole[:-8] + "AAAAAAA="))
    with pytest.raises(BadInput):
        form_of(notebook, tanks)
    notebook.write(put("form_part", part.id, unit, data=whole), put("form", tanks, unit, parts=2))
    with pytest.raises(RuleBroken, match="1"):
        form_of(notebook, tanks)
    notebook.write(put("form", tanks, unit, parts=1))
    assert form_of(notebook, tanks).id == "tanks"


def test_values_are_kept_with_what_the_form_reckons_and_taken_back(visit, tanks):
    notebook = visit.notebook
    filled = verbs.begin_form(notebook, visit.id, tanks)
    filling = filling_of(notebook, filled)
    filling.set("/data/tank[1]/volume", "3.5")
    verbs.answer_form(notebook, filled, filling.answers())
    assert filling_of(notebook, filled).value("/data/total") == "3.5"
    second = filling.add("tank")
    filling.set(f"{second}/volume", "2")
    verbs.answer_form(notebook, filled, filling.answers())
    assert kept_answers(notebook, filled)["/data/total"] == "5.5"
    verbs.undo(notebook)
    again = filling_of(notebook, filled)
    assert (again.value("/data/total"), len(again.rounds("tank"))) == ("3.5", 1)


def test_a_round_taken_away_is_gone_after_reopening(visit, tanks):
    filled = verbs.begin_form(visit.notebook, visit.id, tanks)
    filling = filling_of(visit.notebook, filled)
    filling.set("/data/tank[1]/volume", "1")
    filling.set(f"{filling.add('tank')}/volume", "2")
    verbs.answer_form(visit.notebook, filled, filling.answers())
    before = filling.answers()
    filling.remove("/data/tank[1]")
    after = filling.answers()
    verbs.answer_form(visit.notebook, filled, {path: after.get(path) for path in before | after})
    again = filling_of(visit.notebook, filled)
    assert [again.value(f"{path}/volume") for path in again.rounds("tank")] == ["2"]


def test_what_a_form_lacks_is_missing_in_the_visit_and_keeps_it_open(visit, tanks):
    visit.fill()
    filled = verbs.begin_form(visit.notebook, visit.id, tanks)
    (lack,) = [each for each in missing(visit.notebook, visit.id) if each.rule == "form"]
    assert (lack.record, lack.field, lack.blocking) == (filled, "/data/keeper", True)
    assert "储罐核查表" in lack.text
    with pytest.raises(RuleBroken, match="储罐核查表"):
        verbs.seal_inspection(visit.notebook, visit.id)
    verbs.answer_form(visit.notebook, filled, {"/data/keeper": "张三"})
    assert not [each for each in missing(visit.notebook, visit.id) if each.rule == "form"]
    filling = filling_of(visit.notebook, filled)
    filling.set("/data/tank[1]/volume", "-1")
    verbs.answer_form(visit.notebook, filled, filling.answers())
    assert [each.field for each in missing(visit.notebook, visit.id)][-1] == "/data/tank[1]/volume"


def test_the_seal_holds_every_value_that_counts_and_closes_the_form(visit, tanks):
    visit.fill()
    filled = verbs.begin_form(visit.notebook, visit.id, tanks)
    verbs.answer_form(visit.notebook, filled, {"/data/keeper": "张三"})
    verbs.seal_inspection(visit.notebook, visit.id)
    (stated,) = json.loads(sealed_bytes(visit.notebook, visit.id) or b"")["forms"]
    assert (stated["form"], stated["version"]) == ("tanks", "1")
    assert {"path": "/data/keeper", "question": "负责人", "value": "张三"} in stated["answers"]
    with pytest.raises(RuleBroken):
        verbs.answer_form(visit.notebook, filled, {"/data/keeper": "李四"})


def test_a_visit_keeps_the_version_that_it_began_with(visit, tanks, tmp_path):
    filled = verbs.begin_form(visit.notebook, visit.id, tanks)
    bring(visit.notebook, write(tmp_path, "2", FORM.replace("负责人", "看管人")))
    assert filling_of(visit.notebook, filled).label("/data/keeper", "zh") == "负责人"
    assert [(row.version, row.lacking) for row in filled_forms(visit.notebook, visit.id)] == [("1", 1)]


def test_a_retired_form_is_not_begun_any_more_but_read(visit, tanks):
    filled = verbs.begin_form(visit.notebook, visit.id, tanks)
    with pytest.raises(RuleBroken):
        retire(visit.notebook, tanks, " ")
    retire(visit.notebook, tanks, "格式已换")
    assert not forms_in_use(visit.notebook)
    assert filling_of(visit.notebook, filled).form.id == "tanks"
    with pytest.raises(RuleBroken):
        verbs.begin_form(visit.notebook, visit.id, tanks)


def test_a_withdrawn_form_is_neither_missing_nor_sealed(visit, tanks):
    visit.fill()
    filled = verbs.begin_form(visit.notebook, visit.id, tanks)
    verbs.withdraw(visit.notebook, filled, "误选")
    verbs.seal_inspection(visit.notebook, visit.id)
    assert json.loads(sealed_bytes(visit.notebook, visit.id) or b"")["forms"] == []


def test_a_form_is_reckoned_again_only_after_its_values_changed(visit, tanks, monkeypatch):
    filled = verbs.begin_form(visit.notebook, visit.id, tanks)
    reckoned = []
    real = form_filling.filling_of
    monkeypatch.setattr(form_filling, "filling_of", lambda *given: reckoned.append(1) or real(*given))
    first = [each.field for each in missing(visit.notebook, visit.id) if each.rule == "form"]
    verbs.answer(visit.notebook, visit.id, "W01", "ok")
    assert [each.field for each in missing(visit.notebook, visit.id) if each.rule == "form"] == first
    assert len(reckoned) == 1
    verbs.answer_form(visit.notebook, filled, {"/data/keeper": "张三"})
    assert not [each for each in missing(visit.notebook, visit.id) if each.rule == "form"]
    assert len(reckoned) == 2


LOGGED = FORM.replace("| calculation |", "| calculation | parameters |", 1).replace(
    "| settings |",
    "|  | audit | audit | | | | | | track-changes=true identify-user=true |\n| settings |",
)


@pytest.fixture
def logged(visit, tmp_path) -> str:
    """A filled form that has an audit question."""
    return verbs.begin_form(visit.notebook, visit.id, bring(visit.notebook, write(tmp_path, text=LOGGED)))


def session(notebook, filled, value) -> None:
    """The keeper's name is given in the form, as a screen does it."""
    filling = filling_of(notebook, filled)
    log = begin_log(notebook, filled, filling.form, filling.value)
    log.view("question", "/data/keeper")
    filling.set("keeper", value)
    log.changed()
    verbs.answer_form(notebook, filled, filling.answers())
    log.leave()
    verbs.keep_log(notebook, filled, log.take())


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_log_of_filling_in_is_kept_a_record_a_session_and_named_by_the_form(visit, logged):
    notebook = visit.notebook
    assert filling_of(notebook, logged).value("/data/meta/audit") == ""
    session(notebook, logged, "张三")
    session(notebook, logged, "李四")
    verbs.keep_log(notebook, logged, "")
    with notebook:
        assert FormLog.select().where(FormLog.filled == logged).count() == 2
    filling = filling_of(notebook, logged)
    assert filling.value("/data/meta/audit") == "audit.csv"
    found = rows_of(audit_csv(notebook, logged, audit_of(filling.form)))
    session_events = ["question", "form save", "form exit"]
    assert [row["event"] for row in found] == ["form start", *session_events, "form resume", *session_events]
    assert [(row["old-value"], row["new-value"]) for row in found if row["event"] == "question"] == [
        ("", "张三"),
        ("张三", "李四"),
    ]
    assert {row["user"] for row in found} == {"执法员01"}


def test_the_log_ends_with_the_seal_which_states_it(visit, logged):
    notebook = visit.notebook
    visit.fill()
    session(notebook, logged, "张三")
    verbs.seal_inspection(notebook, visit.id)
    text = audit_csv(notebook, logged, audit_of(filling_of(notebook, logged).form))
    assert rows_of(text)[-1]["event"] == "form finalize"
    (stated,) = json.loads(sealed_bytes(notebook, visit.id) or b"")["forms"]
    assert stated["audit_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    with pytest.raises(RuleBroken):
        verbs.keep_log(notebook, logged, "form resume,,1,,,,\n")


def test_a_form_without_an_audit_question_has_no_log(visit, tanks):
    visit.fill()
    filled = verbs.begin_form(visit.notebook, visit.id, tanks)
    form = filling_of(visit.notebook, filled).form
    assert begin_log(visit.notebook, filled, form, lambda _path: None) is None
    verbs.answer_form(visit.notebook, filled, {"/data/keeper": "张三"})
    verbs.seal_inspection(visit.notebook, visit.id)
    assert audit_csv(visit.notebook, filled, audit_of(form)) == ""
    (stated,) = json.loads(sealed_bytes(visit.notebook, visit.id) or b"")["forms"]
    assert "audit_sha256" not in stated
