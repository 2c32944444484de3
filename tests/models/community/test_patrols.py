"""Patrols by grid workers: their limits, their checklist, and that none ever becomes an inspection."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.community import patrols, queries, reports
from models.community.escalation import unreported
from models.community.facts import FOLDER, grid_form, grid_items
from models.community.work_sheets import patrol_sheet
from models.errors import RuleBroken
from models.forms.filling import Filling
from models.inspections import items as inspections
from models.inspections import verbs as inspecting
from models.registry.days import day_of
from models.registry.keeping import row_of


def go(quarter, **values):
    return patrols.patrol(
        quarter.book, **{"grid": quarter.grid, "on": quarter.today, "whom": "property", **values}
    )


@pytest.mark.requirement("R067", "R069")
def test_a_grid_worker_writes_a_patrol_with_all_that_belongs_to_it(quarter, become):
    worker = become("grid_worker")
    record = go(quarter, item="G05", action="patrol", outcome="dissuaded", result="厨余与其他混投，已劝导")
    row = row_of(quarter.book, "patrol", record)
    assert (row.by, row.community, row.problem_class) == (worker, quarter.community, "waste_sorting")
    assert row.number.startswith("XC-350602-")
    assert row.first_seen_at is not None
    assert day_of(row.first_seen_at).isoformat() == quarter.today
    sheet = patrol_sheet(quarter.book, record)
    assert any(fact.value == "劝阻" for section in sheet.sections for fact in section.facts)


@pytest.mark.requirement("R067")
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"item": "G01", "outcome": "stopped", "result": "已制止"}, "outcome"),
        ({"item": "G01", "action": "stop"}, "action"),
        ({"item": "G09", "outcome": "dissuaded", "result": "已劝阻"}, "outcome"),
        ({"item": "G04", "action": "learn", "outcome": "none"}, "outcome"),
        ({"item": "G11", "outcome": "reported", "result": "油漆桶", "manner": "handled"}, "manner"),
        ({"whom": "shop", "manner": "inside"}, "manner"),
    ],
)
def test_what_goes_beyond_the_limit_is_refused_with_its_basis(quarter, become, values, field):
    become("grid_worker")
    with pytest.raises(RuleBroken) as broken:
        go(quarter, **values)
    assert broken.value.field == field
    assert broken.value.basis.startswith("国办发〔2024〕54号")


@pytest.mark.requirement("R067")
def test_the_limit_holds_for_a_correction_too(quarter):
    record = go(quarter, item="G06", outcome="stopped", result="已制止焚烧")
    with pytest.raises(RuleBroken) as broken:
        patrols.edit_patrol(quarter.book, record, item="G01")
    assert broken.value.field == "outcome"
    patrols.edit_patrol(quarter.book, record, item="G07")
    assert row_of(quarter.book, "patrol", record).item == "G07"


def test_an_outcome_needs_words_and_a_class_and_a_time(quarter):
    with pytest.raises(RuleBroken) as broken:
        go(quarter, item="G06", outcome="stopped")
    assert broken.value.field == "result"
    with pytest.raises(RuleBroken) as broken:
        go(quarter, outcome="reported", result="异味")
    assert broken.value.field == "problem_class"
    with pytest.raises(RuleBroken) as broken:
        go(quarter, on=quarter.day(3), item="G06", outcome="stopped", result="已制止")
    assert broken.value.field == "first_seen_at"
    with pytest.raises(RuleBroken) as broken:
        go(
            quarter,
            on=quarter.day(3),
            item="G06",
            outcome="stopped",
            result="x",
            began_at=f"{quarter.day(2)} 09:00",
        )
    assert broken.value.field == "began_at"
    record = go(quarter, on=quarter.day(3), item="G06", outcome="stopped", result="已制止", began_at="9:05")
    row = row_of(quarter.book, "patrol", record)
    assert row.first_seen_at == row.began_at
    with pytest.raises(RuleBroken):
        go(quarter, on=quarter.day(-1))
    with pytest.raises(RuleBroken) as broken:
        go(quarter, grid=quarter.grids[2])
    assert broken.value.field == "grid"


@pytest.mark.requirement("R069")
def test_the_seven_actions_are_counted(quarter):
    for action, item in (("learn", None), ("patrol", None), ("coordinate", "G02"), ("self_supervise", "G10")):
        go(quarter, action=action, item=item)
    go(quarter, action="stop", item="G06", outcome="stopped", result="已制止")
    go(quarter, action="report", item="G12", outcome="reported", result="河水发白")
    go(quarter, action="handle", item="G13")
    today = date.fromisoformat(quarter.today)
    counted = queries.actions_taken(quarter.book, today, today)
    assert list(counted.values()) == [1] * 7
    assert sum(queries.actions_taken(quarter.book, date(2021, 1, 1), today - timedelta(days=1)).values()) == 0


@pytest.mark.requirement("R069")
def test_the_checklist_is_answered_at_once_and_again(quarter):
    record = go(quarter)
    patrols.check(
        quarter.book, record, notes="g03 阳台洗衣水入雨水管\n南侧两处", G01="ok", G03="problem", G12="na"
    )
    answers = queries.answers_of(quarter.book, record)
    assert [(code, row.result) for code, row in answers.items()] == [
        ("G01", "ok"),
        ("G03", "problem"),
        ("G12", "na"),
    ]
    assert answers["G03"].note == "阳台洗衣水入雨水管\n南侧两处"
    ids = {code: row.id for code, row in answers.items()}
    patrols.check(quarter.book, record, G03="ok")
    again = queries.answers_of(quarter.book, record)
    assert {code: row.id for code, row in again.items()} == ids
    assert (again["G03"].result, again["G03"].note) == ("ok", "阳台洗衣水入雨水管\n南侧两处")
    for notes in ("没有编号的一行", "G05 没有答复"):
        with pytest.raises(RuleBroken) as broken:
            patrols.check(quarter.book, record, notes=notes)
        assert broken.value.field == "notes"
    with pytest.raises(RuleBroken):
        patrols.answer(quarter.book, record, "W03", "ok")
    with pytest.raises(RuleBroken):
        patrols.answer(quarter.book, record, "G01", "perhaps")


def test_the_checklist_is_a_sound_form_like_its_items():
    form = grid_form()
    assert form.problems == ()
    assert form.id == "qingcha_G"
    asked = [field.name for field in form.root.walk() if field.kind == "select_one"]
    assert asked == list(grid_items())
    filling = Filling(form)
    for code in asked:
        filling.set(code, "ok")
    assert filling.missing() == ()
    filling.set("G03", "problem")
    assert [each.path for each in filling.missing()] == [form.names["G03_note"][0]]


@pytest.mark.requirement("R090")
def test_no_inspection_can_choose_the_grids_checklist(quarter, officers):
    assert inspections.checklist("G") is None
    assert "G" not in [each.code for each in inspections.checklists()]
    assert not set(grid_items()) & set(inspections.items_of("A,C,W,N,G"))
    assert FOLDER != inspections.FOLDER


@pytest.mark.requirement("R090", "R069")
def test_a_grid_worker_makes_no_inspection_whatever_verb_is_tried(quarter, become, notebook, tmp_path):
    from models.registry import verbs as registry

    inspector = notebook.person
    registry.add_officer(notebook, "执法员甲", role="officer", certificate="FJ350602009", unit_code="350602")
    site = registry.add_site(notebook, "示例汽修厂", address="示例路1号")
    first, second = inspector, become("officer")
    notebook.person = inspector
    visit = inspecting.begin(notebook, site_id=site, first_officer=first, second_officer=second)
    planned = inspecting.assign(notebook, site_id=site, first_officer=first, second_officer=second)
    file = tmp_path / "a.jpg"
    file.write_bytes(b"\xff\xd8\xff")
    for role in ("grid_worker", "grid_worker,officer", "officer,grid_worker"):
        worker = become(role)
        with notebook:
            before = notebook.journal.last(notebook.device)[0]
        for attempt in (
            lambda: inspecting.begin(notebook, site_id=site, first_officer=first, second_officer=second),
            lambda: inspecting.begin(notebook, site_id=site, first_officer=worker, second_officer=second),  # noqa: B023
            lambda: inspecting.assign(notebook, site_id=site, first_officer=first, second_officer=second),
            lambda: inspecting.start(notebook, planned),
            lambda: inspecting.edit(notebook, visit, situation="示例"),
            lambda: inspecting.answer(notebook, visit, "A01", "ok"),
            lambda: inspecting.find(notebook, visit, None, "示例"),
            lambda: inspecting.measure(notebook, visit, medium="noise", parameter="Leq", value="60"),
            lambda: inspecting.take_in(notebook, visit, file, kind="audio_visual"),
            lambda: inspecting.finish(notebook, visit),
            lambda: inspecting.seal_inspection(notebook, visit),
            lambda: inspecting.amend_inspection(notebook, visit, "示例"),
        ):
            with pytest.raises(RuleBroken):
                attempt()
        with notebook:
            assert notebook.journal.last(notebook.device)[0] == before, "a refused verb wrote something"


@pytest.mark.parametrize("role", ["readonly", "expert", "dispatcher", "court"])
def test_others_do_not_patrol(quarter, become, role):
    become(role)
    with pytest.raises(RuleBroken) as broken:
        go(quarter)
    assert broken.value.field == "role"


@pytest.mark.requirement("R069", "R070")
def test_what_is_found_often_enough_waits_until_it_is_reported(quarter):
    book, today = quarter.book, date.fromisoformat(quarter.today)
    records = []
    for ago in (5, 4, 3):
        assert unreported(book, today) == []
        records.append(go(quarter, on=quarter.day(ago), began_at="9:00"))
        patrols.answer(book, records[-1], "G05", "problem", "满冒")
    (waiting,) = unreported(book, today)
    assert (waiting.item, waiting.times, waiting.patrol.id) == ("G05", 3, records[-1])
    assert unreported(book, today - timedelta(days=4)) == [], "as of a day before the third"
    (due,) = queries.dues(book)
    assert (due.kind, due.record, due.due_on.isoformat()) == ("patrol", records[-1], quarter.day(3))
    reports.report_patrol(book, records[-1], item="G05", to_department="urban_management")
    assert unreported(book, today) == []
    again = go(quarter, on=quarter.day(2), began_at="9:00")
    patrols.answer(book, again, "G05", "problem", "又满冒")
    assert unreported(book, today) == [], "it is counted anew after the report"


@pytest.mark.requirement("R069")
def test_what_was_mended_between_is_not_counted_on(quarter):
    for ago, result in ((6, "problem"), (5, "problem"), (4, "ok"), (3, "problem"), (2, "na"), (1, "problem")):
        record = go(quarter, on=quarter.day(ago), began_at="9:00")
        patrols.answer(quarter.book, record, "G05", result)
    assert unreported(quarter.book, date.fromisoformat(quarter.today)) == []


@pytest.mark.requirement("R070")
def test_what_is_said_to_be_reported_has_to_be(quarter):
    book, today = quarter.book, date.fromisoformat(quarter.today)
    seen = go(
        quarter, item="G11", action="report", outcome="reported", result="废油漆桶三只", whom="common_area"
    )
    plain = go(quarter, action="report", outcome="reported", result="异味", problem_class="sewage")
    assert {each.patrol.id for each in unreported(book, today)} == {seen, plain}
    reports.report_patrol(book, seen)
    reports.report_patrol(book, plain)
    assert unreported(book, today) == []


def test_what_was_reported_is_not_withdrawn_and_keeps_its_time(quarter):
    record = go(quarter, item="G06", outcome="stopped", result="明火，已制止")
    report = reports.report_patrol(quarter.book, record)
    with pytest.raises(RuleBroken) as broken:
        patrols.edit_patrol(quarter.book, record, first_seen_at="00:00")
    assert broken.value.field == "first_seen_at"
    with pytest.raises(RuleBroken):
        patrols.withdraw_patrol(quarter.book, record, why="误录")
    reports.withdraw_report(quarter.book, report, why="误报")
    patrols.withdraw_patrol(quarter.book, record, why="误录")
    assert row_of(quarter.book, "patrol", record).voided == "误录"
