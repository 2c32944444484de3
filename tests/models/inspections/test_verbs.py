"""What officers do on a visit, and what they may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import BadInput, RuleBroken
from models.inspections import queries, verbs
from models.inspections.queries import sheet
from models.registry import queries as registry
from models.registry import verbs as registers
from models.registry.days import day_start
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.models.inspections.conftest import Visit


def item(visit: Visit, code: str) -> queries.Item:
    return next(each for each in sheet(visit.notebook, visit.id).items if each.code == code)


def test_a_visit_begins_with_what_the_register_knows(visit: Visit) -> None:
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert (row.site_name, row.place, row.state, row.unit) == (
        "示例印染企业03",
        "漳州市芗城区示例路3号",
        "draft",
        "350602",
    )
    assert [section.code for section in sheet(visit.notebook, visit.id).sections] == ["A", "W"]


def test_every_visit_of_a_day_has_its_own_number(visit: Visit) -> None:
    def begin() -> str:
        return verbs.begin(
            visit.notebook, site_id=visit.site, first_officer=visit.first, second_officer=visit.second
        )

    ids = [visit.id, *(begin() for _ in range(11))]
    verbs.withdraw_inspection(visit.notebook, ids[-1], "误建")
    ids.append(begin())
    numbers = [row.number for row in queries.inspection_rows(visit.notebook, ids)]
    assert [number.rsplit("-", 1)[1] for number in numbers] == [f"{n:02d}" for n in range(1, 14)]


def test_numbering_goes_on_after_ninety_nine(visit: Visit) -> None:
    prefix = queries.inspection_rows(visit.notebook, [visit.id])[0].number.rsplit("-", 1)[0]
    for count in ("99", "100", "9"):
        visit.notebook.write(put("inspection", new_id(), "350602", number=f"{prefix}-{count}"))
    record = verbs.begin(
        visit.notebook, site_id=visit.site, first_officer=visit.first, second_officer=visit.second
    )
    assert queries.inspection_rows(visit.notebook, [record])[0].number == f"{prefix}-101"


@pytest.mark.requirement("R087")
@pytest.mark.validity("V01")
def test_the_two_officers_are_different_people(visit: Visit) -> None:
    with pytest.raises(RuleBroken) as broken:
        verbs.begin(visit.notebook, site_id=visit.site, first_officer=visit.first, second_officer=visit.first)
    assert broken.value.field == "second_officer"
    with pytest.raises(RuleBroken):
        verbs.edit(visit.notebook, visit.id, first_officer=visit.second)


def make_person(notebook: Notebook, role: str) -> str:
    person = new_id()
    notebook.write(put("officer", person, "350602", name="示例人", certificate="X-1000", role=role))
    return person


@pytest.mark.requirement("R090")
@pytest.mark.validity("V30")
def test_a_grid_worker_never_writes_an_inspection_record(visit: Visit, tmp_path: Path) -> None:
    notebook = visit.notebook
    worker = make_person(notebook, "grid_worker")
    with pytest.raises(RuleBroken) as broken:
        verbs.edit(notebook, visit.id, second_officer=worker)
    assert broken.value.basis == "国办发〔2024〕54号"
    file = tmp_path / "a.jpg"
    file.write_bytes(b"\xff\xd8\xff")
    notebook.person = worker
    before = notebook.journal
    with notebook:
        count = before.last(notebook.device)[0]
    attempts: list[Any] = [
        lambda: verbs.begin(
            notebook, site_id=visit.site, first_officer=visit.first, second_officer=visit.second
        ),
        lambda: verbs.answer(notebook, visit.id, "A01", "ok"),
        lambda: verbs.note(notebook, visit.id, "A01", "示例"),
        lambda: verbs.find(notebook, visit.id, None, "示例"),
        lambda: verbs.measure(notebook, visit.id, medium="noise", value="60"),
        lambda: verbs.take_in(notebook, visit.id, file, kind="audio_visual"),
        lambda: verbs.finish(notebook, visit.id),
        lambda: verbs.seal_inspection(notebook, visit.id),
        lambda: verbs.amend_inspection(notebook, visit.id, "示例"),
        lambda: verbs.assign(
            notebook, site_id=visit.site, first_officer=visit.first, second_officer=visit.second
        ),
    ]
    for attempt in attempts:
        with pytest.raises(RuleBroken):
            attempt()
    with notebook:
        assert before.last(notebook.device)[0] == count, "a refused verb wrote something"


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("role", ["expert", "readonly", "auditor", "legal", "dispatcher", "city_admin"])
def test_nor_does_anyone_else_without_the_right(visit: Visit, role: str) -> None:
    visit.notebook.person = make_person(visit.notebook, role)
    with pytest.raises(RuleBroken):
        verbs.answer(visit.notebook, visit.id, "A01", "ok")


def test_a_dispatcher_assigns_and_an_officer_starts(visit: Visit) -> None:
    notebook = visit.notebook
    notebook.person = make_person(notebook, "dispatcher")
    record = verbs.assign(
        notebook, site_id=visit.site, first_officer=visit.first, second_officer=visit.second, due="2026-11-30"
    )
    assert [row.id for row in queries.today(notebook).assigned] == [record]
    with pytest.raises(RuleBroken):
        verbs.start(notebook, record)
    notebook.person = visit.first
    verbs.start(notebook, record)
    day = queries.today(notebook)
    assert (day.assigned, {row.id for row in day.drafts}) == ([], {record, visit.id})
    with pytest.raises(RuleBroken):
        verbs.start(notebook, record)


def test_an_item_is_answered_noted_corrected_and_taken_back(visit: Visit) -> None:
    verbs.answer(visit.notebook, visit.id, "W03", "ok")
    verbs.note(visit.notebook, visit.id, "W03", "沿厂界排查")
    verbs.answer(visit.notebook, visit.id, "W03", "problem")
    found = item(visit, "W03")
    assert (found.result, found.note) == ("problem", "沿厂界排查")
    assert found.answer is not None
    past = queries.history(visit.notebook, found.answer)
    assert [(line.old, line.new) for line in past if line.field == "result"] == [
        (None, "ok"),
        ("ok", "problem"),
    ]
    verbs.answer(visit.notebook, visit.id, "W03", None)
    assert item(visit, "W03").result is None


def test_the_basis_shown_is_the_one_in_force_on_the_day_of_the_visit(visit: Visit) -> None:
    verbs.edit(visit.notebook, visit.id, began_at=1_640_000_000_000)  # December 2021
    assert "水污染防治法" in item(visit, "W03").basis_text
    verbs.edit(visit.notebook, visit.id, began_at=1_795_000_000_000)  # November 2026
    assert "生态环境法典" in item(visit, "W03").basis_text


def test_an_item_of_another_checklist_is_refused(visit: Visit) -> None:
    for code in ("N01", "W99", ""):
        with pytest.raises(RuleBroken):
            verbs.answer(visit.notebook, visit.id, code, "ok")
    with pytest.raises(RuleBroken):
        verbs.answer(visit.notebook, visit.id, "W01", "maybe")


def test_writing_the_same_again_leaves_no_entry(visit: Visit) -> None:
    verbs.answer(visit.notebook, visit.id, "W01", "ok")
    verbs.edit(visit.notebook, visit.id, situation="正常生产")
    with visit.notebook:
        before = visit.notebook.journal.last(visit.notebook.device)
    verbs.answer(visit.notebook, visit.id, "W01", "ok")
    verbs.edit(visit.notebook, visit.id, situation="正常生产")
    with visit.notebook:
        assert visit.notebook.journal.last(visit.notebook.device) == before


def test_a_finding_takes_the_items_basis(visit: Visit) -> None:
    finding = verbs.find(visit.notebook, visit.id, "W01", "排水口超标", severity="key")
    (row,) = sheet(visit.notebook, visit.id).findings
    assert (row.id, row.basis_key, row.severity) == (finding, "W01", "key")
    assert item(visit, "W01").finding_count == 1
    with pytest.raises(RuleBroken):
        verbs.find(visit.notebook, visit.id, "W01", "  ")


def test_a_measurement_is_judged_as_it_is_entered_and_anew_when_corrected(visit: Visit) -> None:
    record = verbs.measure(
        visit.notebook,
        visit.id,
        item="W01",
        medium="water",
        parameter="COD",
        value="240",
        unit_of_value="mg/L",
        grade="1",
        category="其他",
        point="总排口",
        sampled="instant",
        built="2010-05-01",
    )
    (row,) = sheet(visit.notebook, visit.id).measurements
    assert (row.verdict, row.times, row.limit_text, row.standard) == (
        "over",
        "1.4",
        "≤100 mg/L",
        "GB 8978-1996",
    )
    verbs.correct(visit.notebook, record, value="96")
    (row,) = sheet(visit.notebook, visit.id).measurements
    assert (row.verdict, row.times) == ("ok", None)
    assert {line.new for line in queries.history(visit.notebook, record) if line.field == "value"} == {
        "240",
        "96",
    }


def test_a_noise_measurement_is_judged_by_zone_and_period(visit: Visit) -> None:
    verbs.measure(
        visit.notebook,
        visit.id,
        medium="noise",
        value="68.4",
        zone="3",
        period="day",
        background="55.0",
        calibration_before="93.8",
        calibration_after="93.9",
        wind="1.2",
        rain=False,
        taken_at=day_start(visit.notebook.clock.wall_ms()) + 10 * 3_600_000,
    )
    (row,) = sheet(visit.notebook, visit.id).measurements
    assert (row.verdict, row.excess, row.parameter) == ("over", "3", "噪声")


@pytest.mark.parametrize("fields", [{"value": "12"}, {"parameter": "COD"}, {"parameter": "COD", "value": ""}])
def test_half_a_measurement_is_refused(visit: Visit, fields: dict[str, str]) -> None:
    with pytest.raises(RuleBroken):
        verbs.measure(visit.notebook, visit.id, medium="water", **fields)
    assert sheet(visit.notebook, visit.id).measurements == []


def test_a_value_that_is_no_number_gives_one_sentence(visit: Visit) -> None:
    with pytest.raises(BadInput):
        verbs.measure(visit.notebook, visit.id, medium="water", parameter="COD", value="一百二十")


def test_what_is_withdrawn_needs_a_reason_and_stays_in_the_history(visit: Visit) -> None:
    finding = verbs.find(visit.notebook, visit.id, "W01", "排水口超标")
    with pytest.raises(RuleBroken):
        verbs.withdraw(visit.notebook, finding, " ")
    verbs.withdraw(visit.notebook, finding, "误记")
    assert sheet(visit.notebook, visit.id).findings == []
    assert queries.history(visit.notebook, finding)[-1].new == "误记"


def test_undo_takes_back_one_action_after_the_other_and_shows_in_the_history(visit: Visit) -> None:
    notebook = visit.notebook
    answer = verbs.answer(notebook, visit.id, "W01", "ok")
    verbs.answer(notebook, visit.id, "W01", "problem")
    finding = verbs.find(notebook, visit.id, "W01", "排水口超标")
    verbs.withdraw(notebook, finding, "误记")
    verbs.edit(notebook, visit.id, situation="新的情况")

    verbs.undo(notebook)
    row = queries.inspection(notebook, visit.id)
    assert row is not None
    assert row.situation is None
    verbs.undo(notebook)
    assert [row.id for row in sheet(notebook, visit.id).findings] == [finding]
    verbs.undo(notebook)
    assert sheet(notebook, visit.id).findings == []
    undone = verbs.undo(notebook)
    assert undone.records == (("answer", answer),)
    assert item(visit, "W01").result == "ok"
    verbs.undo(notebook)
    assert item(visit, "W01").result is None
    with pytest.raises(RuleBroken):
        verbs.undo(notebook)
    results = [line.new for line in queries.history(notebook, answer) if line.field == "result"]
    assert results == ["ok", "problem", "ok"]
    verbs.answer(notebook, visit.id, "W01", "na")  # answering again brings the record back
    assert item(visit, "W01").result == "na"


def test_a_withdrawn_visit_comes_back_by_undo(visit: Visit) -> None:
    verbs.withdraw_inspection(visit.notebook, visit.id, "误建")
    assert queries.today(visit.notebook).drafts == []
    assert verbs.undo(visit.notebook).records == (("inspection", visit.id),)
    assert [row.id for row in queries.today(visit.notebook).drafts] == [visit.id]


def test_undo_never_overwrites_what_was_written_since(visit: Visit) -> None:
    verbs.edit(visit.notebook, visit.id, situation="甲")
    visit.notebook.write(put("inspection", visit.id, "350602", situation="乙"))
    with pytest.raises(RuleBroken):
        verbs.undo(visit.notebook)
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row.situation == "乙"


def test_a_citizen_number_that_does_not_check_is_refused(visit: Visit) -> None:
    with pytest.raises(RuleBroken) as broken:
        verbs.edit(visit.notebook, visit.id, contact_id_number="110105194912310021")
    assert broken.value.field == "contact_id_number"
    verbs.edit(visit.notebook, visit.id, contact_id_number="11010519491231002x")
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row.contact_id_number == "11010519491231002X"


def test_an_end_before_the_beginning_is_refused(visit: Visit) -> None:
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row.began_at is not None
    with pytest.raises(RuleBroken):
        verbs.edit(visit.notebook, visit.id, ended_at=row.began_at - 1)


def test_fields_that_verbs_set_cannot_be_edited(visit: Visit) -> None:
    for fields in ({"number": "1"}, {"state": "ready"}, {"sealed": "0"}, {"unit": "1"}, {"nonsense": "1"}):
        with pytest.raises(TypeError):
            verbs.edit(visit.notebook, visit.id, **fields)


def test_nobody_types_what_a_file_is_or_what_the_limits_say(visit: Visit) -> None:
    thing = verbs.take_in(visit.notebook, visit.id, None, kind="physical")
    for fields in ({"sha256": "0" * 64}, {"claim_time": "2026"}, {"inspection": "x"}, {"title": "x"}):
        with pytest.raises(TypeError):
            verbs.correct(visit.notebook, thing, **fields)
    value = verbs.measure(visit.notebook, visit.id, medium="noise", value="50")
    with pytest.raises(TypeError):
        verbs.correct(visit.notebook, value, verdict="ok")


def test_parts_belong_to_items_that_the_visit_has(visit: Visit) -> None:
    for attempt in (
        lambda: verbs.take_in(visit.notebook, visit.id, None, kind="physical", item="N01"),
        lambda: verbs.measure(visit.notebook, visit.id, medium="noise", value="50", item="N01"),
        lambda: verbs.find(visit.notebook, visit.id, "N01", "示例"),
    ):
        with pytest.raises(RuleBroken):
            attempt()


def test_a_checklist_is_added_at_any_time_but_left_out_only_without_answers(visit: Visit) -> None:
    verbs.edit(visit.notebook, visit.id, checklists="A,W,N")
    verbs.answer(visit.notebook, visit.id, "N01", "ok")
    with pytest.raises(RuleBroken):
        verbs.edit(visit.notebook, visit.id, checklists="A,W")
    verbs.answer(visit.notebook, visit.id, "N01", None)
    verbs.edit(visit.notebook, visit.id, checklists="A,W")
    assert [section.code for section in sheet(visit.notebook, visit.id).sections] == ["A", "W"]
    with pytest.raises(RuleBroken):
        verbs.edit(visit.notebook, visit.id, checklists="A,Z")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_kept_readable(visit: Visit, text: str) -> None:
    verbs.edit(visit.notebook, visit.id, situation=text)
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    kept = row.situation or ""
    kept.encode()
    assert not [c for c in kept if c < " " and c != "\n"]
    if text.isprintable() and text == text.strip():
        assert len(kept) > 0 or not text


def test_stock_phrases_come_by_initials_those_of_the_item_first(visit: Visit) -> None:
    found = queries.phrases(visit.notebook, "pskcb")
    assert found[0].text.startswith("排水口超标")
    assert queries.phrases(visit.notebook, "", "W05")[0].places == ("W05",)
    verbs.note(visit.notebook, visit.id, "W01", "蓝色絮状物漂浮")
    assert [each.text for each in queries.phrases(visit.notebook, "lsxz") if each.earlier] == [
        "蓝色絮状物漂浮"
    ]


def test_the_sites_initials_find_the_visit(visit: Visit) -> None:
    for text in ("slyr", "印染", visit_number(visit), "示例路"):
        assert queries.inspection_ids(visit.notebook, text) == [visit.id], text
    assert registry.site(visit.notebook, visit.site) is not None


def visit_number(visit: Visit) -> str:
    return queries.inspection_rows(visit.notebook, [visit.id])[0].number


def test_who_was_in_charge_on_site_is_never_taken_from_the_register(notebook, officers):
    known = {"legal_person": "法人07", "contact": "负责人07", "phone": "0596-0000007"}
    site = registers.add_site(notebook, "示例企业07", **known)
    first, second = officers
    visit = verbs.begin(notebook, site_id=site, first_officer=first, second_officer=second)
    row = queries.inspection(notebook, visit)
    assert (row.legal_person, row.contact_name, row.contact_phone) == ("法人07", None, None)
    verbs.edit(notebook, visit, present=True)
    assert "contact_name" in {each.field for each in queries.missing(notebook, visit)}
