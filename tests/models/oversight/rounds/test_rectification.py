"""Rounds, and problems from the plan of five elements to the signing off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RuleBroken
from models.oversight.rounds import queries, rules, verbs
from models.registry import keeping
from models.store.change import put

pytestmark = pytest.mark.requirement("R082")
PLAN = {
    "body": "龙海区人民政府",
    "goal": "入河排污口全部规范",
    "term_on": "2022-06-30",
    "measures": "截污纳管",
    "acceptance_unit": "漳州市生态环境局",
}


@pytest.fixture
def problem(city, on_ground):
    return verbs.add_problem(
        city,
        round_id=on_ground,
        number="1",
        problem="排污口不规范",
        unit_code="龙海区",
        found_on="2021-12-10",
    )


@pytest.fixture
def going(city, problem):
    verbs.set_plan(city, problem, **PLAN)
    verbs.begin(city, problem, on="2022-01-10")
    return problem


def state(city, problem, day):
    row = keeping.row_of(city, "rectification", problem)
    return queries.state_of(city, row, date.fromisoformat(day))


def test_a_round_is_on_the_ground_from_its_first_to_its_last_day(city, on_ground):
    days = {"2021-11-19": 0, "2021-11-20": 1, "2021-11-30": 1, "2021-12-10": 1, "2021-12-11": 0}
    for day, count in days.items():
        assert len(queries.running(city, date.fromisoformat(day))) == count
    verbs.edit_round(city, on_ground, ended_on=None)
    assert len(queries.running(city, date(2021, 12, 11))) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ended_on": "2021-11-19"}, "ended_on"),
        ({"level": "county"}, "level"),
        ({"name": "第二轮省生态环境保护例行督察"}, "name"),
        ({"began_on": "去年"}, "began_on"),
    ],
)
def test_a_round_with_wrong_data_is_refused(city, on_ground, fields, field):
    given = {"name": "第三轮", "level": "central", "began_on": "2021-11-20", **fields}
    with pytest.raises(RuleBroken) as refused:
        verbs.open_round(city, **given)
    assert refused.value.field == field


def test_an_officer_opens_no_round_but_a_county_writes_plans_and_notes(city, on_ground, problem):
    city.write(put("officer", city.person, "350602", role="county_head"))
    with pytest.raises(RuleBroken):
        verbs.open_round(city, name="又一轮", level="central", began_on="2021-11-20")
    verbs.set_plan(city, problem, **PLAN)
    verbs.begin(city, problem, on="2022-01-10")
    verbs.note_progress(city, problem, on="2022-02-01", text="完成排查")
    verbs.complete(city, problem, on="2022-03-01", text="完成")
    for act in (
        lambda: verbs.accept(city, problem, on="2022-03-02", by=PLAN["acceptance_unit"], acceptance="好"),
        lambda: verbs.send_back(city, problem, on="2022-03-02", text="不行"),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.field == "role"


@pytest.mark.parametrize("missing", list(PLAN))
def test_no_plan_is_set_going_without_all_five_elements(city, problem, missing):
    verbs.set_plan(city, problem, **{name: value for name, value in PLAN.items() if name != missing})
    with pytest.raises(RuleBroken) as refused:
        verbs.begin(city, problem, on="2022-01-10")
    assert refused.value.field == missing
    assert state(city, problem, "2022-01-10") == "open"
    verbs.set_plan(city, problem, **PLAN)
    verbs.begin(city, problem, on="2022-01-10")
    assert state(city, problem, "2022-01-09") == "open"
    assert state(city, problem, "2022-01-10") == "going"


def test_the_five_elements_are_those_of_the_code_from_its_day_on():
    assert [name for name, _title in rules.ELEMENTS] == list(PLAN)
    assert rules.elements_basis(date(2026, 8, 14))[1] == "M"
    assert rules.elements_basis(date(2026, 8, 15)) == ("《生态环境法典》第二十九条", "S")


def test_who_does_the_work_does_not_accept_it(city, problem):
    verbs.set_plan(city, problem, **{**PLAN, "body": "漳州市 生态环境局", "acceptance_unit": "生态环境局"})
    with pytest.raises(RuleBroken) as refused:
        verbs.begin(city, problem, on="2022-01-10")
    assert refused.value.field == "acceptance_unit"


def test_a_plan_is_not_set_going_after_its_term_nor_before_the_problem_was_found(city, problem):
    with pytest.raises(RuleBroken):
        verbs.set_plan(city, problem, **{**PLAN, "term_on": "2021-12-09"})
    verbs.set_plan(city, problem, **PLAN)
    for on in ("2022-07-01", "2021-12-09"):
        with pytest.raises(RuleBroken):
            verbs.begin(city, problem, on=on)
    verbs.begin(city, problem, on="2022-06-30")


def test_a_plan_that_is_set_going_is_not_rewritten(city, going):
    with pytest.raises(RuleBroken) as refused:
        verbs.set_plan(city, going, **PLAN)
    assert refused.value.field == "state"


def test_signed_off_only_after_the_acceptance_by_the_named_unit(city, going):
    sign = {"on": "2022-06-20", "by": "省督察办"}
    with pytest.raises(RuleBroken):
        verbs.sign_off(city, going, **sign)
    verbs.complete(city, going, on="2022-06-01", text="全部完成")
    with pytest.raises(RuleBroken):
        verbs.sign_off(city, going, **sign)
    with pytest.raises(RuleBroken) as refused:
        verbs.accept(city, going, on="2022-06-10", by="龙海区水利局", acceptance="同意")
    assert refused.value.field == "by"
    with pytest.raises(RuleBroken):
        verbs.accept(city, going, on="2022-05-31", by=PLAN["acceptance_unit"], acceptance="同意")
    verbs.accept(city, going, on="2022-06-10", by=PLAN["acceptance_unit"], acceptance="同意")
    with pytest.raises(RuleBroken):
        verbs.sign_off(city, going, on="2022-06-09", by="省督察办")
    verbs.sign_off(city, going, **sign)
    stood = {
        day: state(city, going, day)
        for day in ("2022-05-31", "2022-06-01", "2022-06-10", "2022-06-19", "2022-06-20")
    }
    assert list(stood.values()) == ["going", "completed", "accepted", "accepted", "signed_off"]
    for act in (verbs.note_progress, verbs.complete):
        with pytest.raises(RuleBroken):
            act(city, going, on="2022-06-21", text="又")


def test_work_that_is_sent_back_goes_on_and_the_past_stays_as_it_was(city, going):
    verbs.complete(city, going, on="2022-03-01", text="完成")
    verbs.send_back(city, going, on="2022-03-10", text="两处未改")
    assert keeping.row_of(city, "rectification", going).completed_on is None
    assert [state(city, going, day) for day in ("2022-03-09", "2022-03-10")] == ["completed", "going"]
    with pytest.raises(RuleBroken):
        verbs.complete(city, going, on="2022-03-09", text="太早")
    verbs.complete(city, going, on="2022-04-01", text="再次完成")
    assert state(city, going, "2022-04-01") == "completed"


def test_the_light_is_red_the_day_after_the_term_and_yellow_thirty_days_before(city, going):
    row = keeping.row_of(city, "rectification", going)
    lights = {
        day: rules.light(row, [], date.fromisoformat(day))
        for day in ("2022-01-09", "2022-05-30", "2022-05-31", "2022-06-30", "2022-07-01")
    }
    assert list(lights.values()) == ["", "", "warn", "warn", "bad"]


def test_a_longer_term_keeps_the_old_one_and_is_a_later_day(city, going):
    with pytest.raises(RuleBroken):
        verbs.extend(city, going, term_on="2022-06-30", on="2022-06-01", text="省办同意")
    note = verbs.extend(city, going, term_on="2022-09-30", on="2022-06-01", text="省办同意")
    assert keeping.row_of(city, "rectification_note", note).term_on == "2022-06-30"
    assert [due.due_on for due in queries.dues(city)] == [date(2022, 9, 30)]
    with pytest.raises(RuleBroken):
        verbs.withdraw_note(city, note, why="误")


def test_a_note_of_progress_may_be_withdrawn(city, going):
    note = verbs.note_progress(city, going, on="2022-02-01", text="完成排查")
    verbs.withdraw_note(city, note, why="写错")
    assert queries.notes_of(city, [going])[going] == []


def test_a_term_is_due_until_the_work_is_reported_as_completed(city, going):
    (due,) = queries.dues(city)
    assert (due.kind, due.record, due.due_on) == ("rectification", going, date(2022, 6, 30))
    verbs.complete(city, going, on="2022-06-01", text="完成")
    assert queries.dues(city) == []


def test_a_problem_belongs_to_the_unit_that_must_act_and_its_number_is_its_own(city, on_ground, problem):
    row = keeping.row_of(city, "rectification", problem)
    assert (row.unit, row.round_name) == ("350604", "第二轮省生态环境保护例行督察")
    given = {"round_id": on_ground, "problem": "又一问题", "unit_code": "芗城区"}
    with pytest.raises(RuleBroken) as refused:
        verbs.add_problem(city, number="1", found_on="2021-12-10", **given)
    assert refused.value.field == "number"
    with pytest.raises(RuleBroken):
        verbs.add_problem(city, number="2", found_on="2021-11-19", **given)
    verbs.add_problem(city, number="2", found_on="2021-11-20", **given)
    counts = queries.state_counts(city, date(2021, 11, 20), round_id=on_ground)
    assert counts["open"] == 1
    assert queries.state_counts(city, date(2021, 12, 10))["open"] == 2


def test_a_round_with_problems_is_not_withdrawn(city, on_ground, problem):
    with pytest.raises(RuleBroken):
        verbs.withdraw_round(city, on_ground, why="误登")
    keeping.withdraw(city, "rectification", problem, "误登")
    verbs.withdraw_round(city, on_ground, why="误登")
    assert queries.running(city, date(2021, 12, 1)) == []


@dataclass
class Told:
    id: str
    kind: str
    on: str


@dataclass
class Plan:
    begun_on: str | None = None
    term_on: str | None = "2022-06-30"
    accepted_on: str | None = None
    signed_off_on: str | None = None


DAYS = st.dates(date(2022, 1, 1), date(2022, 12, 31)).map(date.isoformat)
NOTES = st.lists(
    st.builds(
        Told, st.uuids().map(str), st.sampled_from(["progress", "completed", "returned", "term"]), DAYS
    ),
    max_size=6,
)


@given(NOTES, DAYS, st.randoms())
def test_the_state_does_not_depend_on_the_order_in_which_notes_came(notes, day, random):
    mixed = list(notes)
    random.shuffle(mixed)
    row, on = Plan(begun_on="2022-01-01"), date.fromisoformat(day)
    assert rules.state(row, notes, on) == rules.state(row, mixed, on)


@given(NOTES, DAYS, DAYS)
def test_what_comes_later_never_changes_the_state_of_an_earlier_day(notes, day, later):
    row, on = Plan(begun_on="2022-01-01"), date.fromisoformat(min(day, later))
    known = [note for note in notes if note.on <= on.isoformat()]
    assert rules.state(row, notes, on) == rules.state(row, known, on)
