"""The task table, first cases and warnings: who leads, until when, what is lacking."""

from __future__ import annotations

from datetime import date

import pytest

from models.errors import RuleBroken
from models.oversight import queries, scores, tasks, verbs
from models.oversight.first_cases import first_cases, issues, zero_case_warnings
from models.oversight.room import ROOM
from models.registry import keeping
from models.registry.act_parts import refusal
from models.store.change import new_id, put, void
from models.store.notebook import Notebook
from tests.models.oversight.conftest import CITY, damage_case, started, step


def add(city: Notebook, **fields: object) -> str:
    """A task of 2021, led by the forestry bureau unless given."""
    values: dict[str, object] = {
        "year": 2021,
        "title": "建立会商机制",
        "lead": "ZZLYJ",
        "set_on": "2021-02-02",
        "due_on": "2021-06-30",
    }
    return verbs.add_task(city, **(values | fields))  # type: ignore[arg-type]


def state(city: Notebook, as_of: str) -> str:
    """State of the only task on a day; empty before its assignment."""
    lines = tasks.task_lines(city, date.fromisoformat(as_of))
    return lines[0].state if lines else ""


@pytest.mark.requirement("R015")
def test_a_task_moves_with_the_days(city: Notebook) -> None:
    task = add(city, supporting="漳州市水利局、芗城")
    assert keeping.row_of(city, "task", task).supporting == "ZZSLJ,350602"
    verbs.report_task(city, task, on="2021-05-01", text="已起草")
    verbs.report_task(city, task, on="2021-06-20", text="已印发", finished=True)
    verbs.finish_task(city, task, on="2021-07-10")
    wanted = {
        "2021-02-01": "",
        "2021-02-02": "open",
        "2021-06-19": "open",
        "2021-06-20": "reported",
        "2021-06-30": "reported",
        "2021-07-01": "overdue",
        "2021-07-09": "overdue",
        "2021-07-10": "done",
    }
    assert {day: state(city, day) for day in wanted} == wanted


@pytest.mark.requirement("R015", "R020")
def test_a_task_of_all_units_is_one_for_each_and_belongs_to_it(city: Notebook) -> None:
    add(city, lead="16", level="county", title="实现案件零突破")
    lines = tasks.task_lines(city, date(2021, 3, 1), year=2021)
    assert len({line.lead for line in lines}) == len(lines) == 16
    assert all(line.task.unit == line.lead for line in lines)
    department = add(city)
    assert keeping.row_of(city, "task", department).unit == CITY


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"lead": ""}, "lead"),
        ({"lead": "厦门市"}, "lead"),
        ({"supporting": "厦门市"}, "supporting"),
        ({"supporting": "ZZLYJ"}, "supporting"),
        ({"due_on": "2021-02-01"}, "due_on"),
        ({"set_on": "2099-01-01"}, "set_on"),
        ({"set_on": "2021-02-30"}, "set_on"),
        ({"due_on": "2021-06-31"}, "due_on"),
        ({"level": "province"}, "level"),
        ({"year": 21}, "year"),
    ],
)
def test_a_task_that_cannot_be_is_refused_by_its_field(
    city: Notebook, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(RuleBroken) as caught:
        add(city, **fields)
    assert caught.value.field == field
    assert tasks.task_lines(city, date(2021, 12, 31)) == []


def test_a_task_is_corrected_opened_again_and_withdrawn(city: Notebook) -> None:
    task = add(city)
    verbs.edit_task(city, task, title="完善会商机制", due_on="2021-07-31")
    assert state(city, "2021-07-31") == "open"
    with pytest.raises(RuleBroken):
        verbs.reopen_task(city, task, why="未完成")
    verbs.finish_task(city, task, on="2021-07-01", text="已建立")
    with pytest.raises(RuleBroken):
        verbs.finish_task(city, task, on="2021-07-02")
    verbs.reopen_task(city, task, why="会商未召开")
    assert state(city, "2021-07-31") == "reported"
    assert tasks.task_lines(city, queries.today(city))[0].latest == "会商未召开"
    verbs.withdraw_task(city, task, why="重复")
    assert tasks.task_lines(city, date(2021, 12, 31)) == []


def test_a_report_before_the_assignment_or_after_today_is_refused(city: Notebook) -> None:
    task = add(city)
    for day in ("2021-02-01", "2099-01-01"):
        with pytest.raises(RuleBroken):
            verbs.report_task(city, task, on=day, text="进展")
    report = verbs.report_task(city, task, on="2021-02-02", text="进展")
    verbs.withdraw_report(city, report, why="误报")
    assert tasks.task_lines(city, date(2021, 3, 1))[0].reports == ()


@pytest.mark.requirement("R019")
def test_a_county_reports_on_its_task_but_assigns_none(notebook: Notebook) -> None:
    task = new_id()
    notebook.write(
        put("task", task, "350602", lead="350602", title="任务", set_on="2021-02-02", due_on="2021-06-30")
    )
    report = verbs.report_task(notebook, task, on="2021-03-01", text="已启动1件")
    row = keeping.row_of(notebook, "task_report", report)
    assert (row.unit, row.reporter) == ("350602", "350602")
    with pytest.raises(RuleBroken):
        verbs.finish_task(notebook, task, on="2021-03-01")
    city_task = new_id()
    notebook.write(put("task", city_task, CITY, lead="ZZLYJ", title="任务", set_on="2021-02-02"))
    report = verbs.report_task(notebook, city_task, on="2021-03-01", text="配合")
    assert keeping.row_of(notebook, "task_report", report).unit == CITY, "the server asks for the task's unit"


def test_words_of_finishing_and_reopening_belong_to_the_task_s_unit(city: Notebook) -> None:
    task = add(city, lead="芗城", level="county")
    verbs.finish_task(city, task, on="2021-07-10", text="已办结")
    verbs.reopen_task(city, task, why="材料不全")
    (line,) = tasks.task_lines(city, queries.today(city))
    assert [report.unit for report in line.reports] == ["350602", "350602"]


def test_a_report_or_task_that_is_not_there_is_refused(city: Notebook) -> None:
    for kind in ("task", "task_report", "ranking", "unit_board"):
        with pytest.raises(RuleBroken):
            ROOM.sheets[kind](city, "none")
    for name in ("edit_task", "edit_ranking"):
        act = ROOM.act(name)
        assert act is not None
        assert act.preset is not None
        with pytest.raises(RuleBroken):
            act.preset(city, "none")
    for listing in ROOM.listings:
        listing.lines(city, ["none"])
    for name in ("withdraw_score", "issue_bulletin", "reopen_task"):
        act = ROOM.act(name)
        assert act is not None
        assert refusal(city, act, "none")


def test_a_county_sees_what_it_leads_itself_and_a_dispatcher_all(city: Notebook, notebook: Notebook) -> None:
    for book in (city, notebook):
        for lead in ("350602", "350603"):
            book.write(
                put(
                    "task",
                    new_id(),
                    lead,
                    lead=lead,
                    title="任务",
                    set_on="2026-02-02",
                    due_on="2026-12-31",
                    year=2026,
                )
            )
    assert {each.about for each in queries.dues(notebook) if each.key == "task"} == {"芗城区"}
    assert {each.about for each in queries.dues(city) if each.key == "task"} == {"芗城区", "龙文区"}


@pytest.mark.requirement("R021")
def test_the_first_case_of_a_unit_is_the_one_started_first_with_what_its_guidance_lacks(
    city: Notebook,
) -> None:
    later = started(city, "350602", "2021-03-02")
    first = started(city, "350602", "2021-03-01", "2021-03-10")
    damage_case(city, "350602")
    found = first_cases(city, date(2021, 12, 31))
    assert [(each.unit, each.standing.case.id) for each in found] == [("350602", first)]
    assert found[0].missing == ("section", "person", "records")
    city.write(put("damage_case", first, "350602", guiding_section="法规科", guiding_person="专家01"))
    city.write(
        put("case_guidance", new_id(), "350602", case=first, stage="start", on="2021-03-05", person="专家01")
    )
    city.write(
        put("case_guidance", new_id(), "350602", case=later, stage="start", on="2021-03-05", person="专家01")
    )
    found = first_cases(city, date(2021, 12, 31))
    assert (found[0].missing, len(found[0].guidance), found[0].unguided) == ((), 1, ("investigation",))
    assert first_cases(city, date(2021, 3, 4))[0].missing == ("records",)
    city.write(void("damage_case", first, "350602", "误登"))
    assert first_cases(city, date(2021, 12, 31))[0].standing.case.id == later


@pytest.mark.requirement("R017")
def test_the_warning_begins_on_its_day_and_ends_with_the_first_case(city: Notebook) -> None:
    assert zero_case_warnings(city, date(2021, 9, 1)) == []
    assert len(zero_case_warnings(city, date(2021, 9, 2))) == 16
    started(city, "350602", "2021-12-31")
    started(city, "350603", "2020-12-31")
    before = {each.unit: each.days_left for each in zero_case_warnings(city, date(2021, 12, 30))}
    assert before["350602"] == 1
    last = {each.unit: each.days_left for each in zero_case_warnings(city, date(2021, 12, 31))}
    assert "350602" not in last
    assert last["350603"] == 0, "a case of the year before does not count"
    assert zero_case_warnings(city, date(2022, 1, 1)) == []


@pytest.mark.requirement("R017")
def test_with_a_case_in_every_unit_nobody_is_warned(city: Notebook) -> None:
    for each in zero_case_warnings(city, date(2021, 12, 1)):
        started(city, each.unit, "2021-11-01")
    assert zero_case_warnings(city, date(2021, 12, 1)) == []


@pytest.mark.requirement("R033")
def test_difficulties_are_open_until_the_day_they_are_solved(city: Notebook) -> None:
    case = started(city, "350681", "2021-03-01", number="AJ-9")
    issue = new_id()
    city.write(put("case_issue", issue, "350681", case=case, text="鉴定费用未落实", raised_on="2021-04-01"))
    city.write(put("case_issue", issue, "350681", solved_on="2021-05-01", solution="垫付"))
    assert issues(city, date(2021, 3, 31)) == []
    assert [(each.unit, each.case_number, each.solved) for each in issues(city, date(2021, 4, 30))] == [
        ("350604", "AJ-9", False)
    ]
    assert issues(city, date(2021, 5, 1))[0].solved
    city.write(void("damage_case", case, "350681", "误登"))
    assert issues(city, date(2021, 5, 1)) == []


@pytest.mark.requirement("R005")
def test_a_place_in_the_province_needs_its_source_and_comes_once_a_day(city: Notebook) -> None:
    for fields in ({"place": 0}, {"source": " "}, {"as_of": "2099-01-01"}):
        with pytest.raises(RuleBroken):
            verbs.enter_ranking(city, **({"as_of": "2021-11-30", "place": 1, "source": "通报"} | fields))  # type: ignore[arg-type]
    record = verbs.enter_ranking(city, as_of="2021-11-30", place=2, source="通报")
    with pytest.raises(RuleBroken):
        verbs.enter_ranking(city, as_of="2021-11-30", place=1, source="通报")
    verbs.edit_ranking(city, record, place=1, source="省厅通报")
    assert keeping.row_of(city, "ranking", record).place == 1
    verbs.withdraw_ranking(city, record, why="误录")
    verbs.enter_ranking(city, as_of="2021-11-30", place=1, source="通报")


def test_steps_of_one_day_keep_the_order_of_their_making(city: Notebook) -> None:
    case = damage_case(city, "350602")
    for name in ("start", "investigation", "assessment"):
        step(city, case, "350602", name, "2021-03-01")
    assert first_cases(city, date(2021, 3, 1))[0].standing.at.stage == "assessment"


def test_what_no_verb_of_ours_wrote_breaks_no_list(city: Notebook) -> None:
    """Another program's entries may hold anything."""
    city.write(put("task", new_id(), CITY, lead="?", title="任务", set_on="2021-02-02", due_on="以后"))
    city.write(put("score", new_id(), "350602", year=2021, indicator="files", points="很多"))
    city.write(put("clue", new_id(), "350602", received_on="2021-13-45"))
    assert [each for each in queries.dues(city) if each.key == "task"] == []
    assert scores.sheet(city, "350602", 2021).total == 0
    assert scores.late_clues(city, 2021, date(2021, 12, 31)) == []


@pytest.mark.parametrize(("role", "warned"), [("officer", True), ("grid_worker", False)])
def test_who_reads_no_cases_is_not_warned_of_there_being_none(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, role: str, warned: bool
) -> None:
    notebook.write(put("officer", notebook.person, "350602", role=role))
    monkeypatch.setattr(queries, "today", lambda seat: date(2026, 12, 1))
    assert any(each.key == "zero_case" for each in queries.dues(notebook)) is warned
