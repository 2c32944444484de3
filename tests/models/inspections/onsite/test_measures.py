"""Measures on the spot: approval, 24 hours, seven working days, 30 and 30 days, lists, the six grounds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import dues
from models.errors import RuleBroken
from models.inspections.onsite import measure_rules as rules
from models.inspections.onsite import measures, papers, queries
from models.inspections.onsite.tables import Measure
from models.language import in_chinese
from models.rooms import room
from models.store.notebook import Notebook

HOUR = 3_600_000


def at(text: str) -> int:
    """A minute in China."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=8)
    return int(moment.timestamp() * 1000)


TAKEN = at("2026-09-01 10:00")
SPOT = {
    "told": True,
    "present": True,
    "signed": "signed",
    "copies": 2,
    "keeping": "in_place",
}


def asked(visit: Any, kind: str = "seal", **fields: Any) -> str:
    given = {"reason": "雨水口旁私设暗管", "grounds": "evading" if kind in rules.COERCIVE else None, **fields}
    return measures.ask_for(visit.notebook, kind, visit.id, **given)


def taken(visit: Any, kind: str = "seal", when: int = TAKEN, **fields: Any) -> str:
    measure = asked(visit, kind)
    measures.approve(visit.notebook, measure, approver="示例负责人", at=when - HOUR)
    measures.take(visit.notebook, measure, at=when, **{**SPOT, **fields})
    measures.add_item(visit.notebook, measure, "水泵", "2", unit_of_quantity="台")
    return measure


def row(book: Notebook, measure: str) -> Measure:
    return measures.standing(book, measure)


def test_a_measure_takes_over_party_place_and_officers_of_its_visit(visit: Any) -> None:
    found = row(visit.notebook, asked(visit))
    assert found.party == "示例印染企业03"
    assert (found.first_officer, found.second_officer) == (visit.first, visit.second)
    assert found.place == "漳州市芗城区示例路3号"
    assert found.inspection == visit.id


@pytest.mark.validity("V15", "V16")
def test_nothing_is_taken_without_approval_unless_it_is_urgent(visit: Any) -> None:
    book, measure = visit.notebook, asked(visit)
    with pytest.raises(RuleBroken) as refusal:
        measures.take(book, measure, at=TAKEN, **SPOT)
    assert refusal.value.field == "urgent"
    assert "第十八条" in refusal.value.basis
    with pytest.raises(RuleBroken) as refusal:
        measures.take(book, measure, at=TAKEN, urgent=True, **SPOT)
    assert refusal.value.field == "asked_how"
    measures.take(book, measure, at=TAKEN, urgent=True, asked_how="电话报告", **SPOT)
    assert row(book, measure).taken_at == TAKEN


@pytest.mark.validity("V15", "V16")
def test_nothing_is_noted_as_done_without_what_was_done(visit: Any) -> None:
    book, measure = visit.notebook, asked(visit)
    measures.approve(book, measure, approver="示例负责人", at=TAKEN - HOUR)
    with pytest.raises(RuleBroken) as refusal:
        measures.take(book, measure, at=TAKEN)
    assert refusal.value.field == "told"
    said = in_chinese(refusal.value.text)
    wanted = ("已告知理由、依据、权利", "当事人在场", "保存方式", "签名")
    assert [each for each in wanted if each not in said] == []
    with pytest.raises(RuleBroken) as refusal:
        measures.take(book, measure, at=TAKEN, **{**SPOT, "signed": None})
    assert refusal.value.field == "signed"
    assert row(book, measure).taken_at is None
    measures.take(book, measure, at=TAKEN, **{**SPOT, "told": False})  # that it was not done is noted, too
    assert row(book, measure).taken_at == TAKEN


def test_an_approval_that_comes_later_than_the_measure_is_for_urgent_ones_only(visit: Any) -> None:
    book, measure = visit.notebook, asked(visit)
    measures.approve(book, measure, approver="示例负责人", at=TAKEN + HOUR)
    with pytest.raises(RuleBroken) as refusal:
        measures.take(book, measure, at=TAKEN, **SPOT)
    assert refusal.value.field == "taken_at"


@pytest.mark.validity("V15", "V16")
def test_an_urgent_measure_owes_its_approval_within_twenty_four_hours(visit: Any) -> None:
    book, measure = visit.notebook, asked(visit, "register")
    measures.take(book, measure, at=TAKEN, urgent=True, asked_how="微信", **SPOT)
    due = rules.approval_due(row(book, measure))
    assert due is not None
    assert due.due_at == TAKEN + 24 * HOUR
    keys = [each.key for each in queries.dues_of(book, row(book, measure))]
    assert keys == ["seal_approval", "registered_evidence"]
    measures.approve(book, measure, approver="示例负责人", at=TAKEN + 23 * HOUR)
    assert [each.key for each in queries.dues_of(book, row(book, measure))] == ["registered_evidence"]


@pytest.mark.requirement("R088")
@pytest.mark.validity("V15")
def test_registered_evidence_is_dealt_with_within_seven_working_days(visit: Any) -> None:
    """From Tuesday 1 September 2026 the seventh working day is Thursday the 10th."""
    book, measure = visit.notebook, taken(visit, "register")
    end = rules.ends(row(book, measure))
    assert end is not None
    assert end.due_on == date(2026, 9, 10)
    assert rules.state(row(book, measure), date(2026, 9, 10)) == "taken"
    assert rules.state(row(book, measure), date(2026, 9, 11)) == "lapsed"
    with pytest.raises(RuleBroken) as refusal:
        measures.dispose(book, measure, disposition="appraise", on="2026-09-11")
    assert "2026-09-10" in refusal.value.text()
    measures.dispose(book, measure, disposition="appraise", on="2026-09-10", note="送检")
    assert rules.state(row(book, measure), date(2026, 9, 30)) == "disposed"
    assert queries.dues_of(book, row(book, measure)) == []
    with pytest.raises(RuleBroken):
        measures.dispose(book, measure, disposition="release", on="2026-09-09")


def test_what_lapsed_is_released_and_no_longer_counted(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit, "register")
    assert measure in queries.find_running(book, "", date(2026, 11, 1))
    measures.release(book, measure, reason="期满自动解除", on="2026-09-11")
    assert rules.state(row(book, measure), date(2026, 11, 1)) == "released"
    assert queries.find_running(book, "", date(2026, 11, 1)) == []


@pytest.mark.validity("V16")
def test_a_sealing_lasts_thirty_days_and_thirty_more_once(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit)
    end = rules.ends(row(book, measure))
    assert end is not None
    assert end.due_on == date(2026, 10, 1)
    with pytest.raises(RuleBroken) as refusal:
        measures.extend(book, measure, days=31, reason="案情复杂", approver="示例负责人", on="2026-09-20")
    assert refusal.value.basis == "《行政强制法》第二十五条"
    with pytest.raises(RuleBroken, match="自动解除"):
        measures.extend(book, measure, days=30, reason="案情复杂", approver="示例负责人", on="2026-10-02")
    measures.extend(book, measure, days=30, reason="案情复杂", approver="示例负责人", on="2026-10-01")
    end = rules.ends(row(book, measure))
    assert end is not None
    assert end.due_on == date(2026, 10, 31)
    with pytest.raises(RuleBroken):
        measures.extend(book, measure, days=1, reason="再延", approver="示例负责人", on="2026-10-02")


@pytest.mark.validity("V16")
def test_days_of_testing_do_not_count(visit: Any) -> None:
    now = visit.notebook.clock.wall_ms() // 60_000 * 60_000
    book, measure = visit.notebook, taken(visit, "seize", when=now)
    before = rules.ends(row(book, measure))
    measures.note_test(book, measure, days=12, reason="送检测机构检测")
    after = rules.ends(row(book, measure))
    assert before is not None
    assert after is not None
    assert (after.due_on - before.due_on).days == 12


def test_a_request_for_release_runs_and_so_does_the_service_of_the_release(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit)
    measures.ask_release(book, measure, on="2026-09-07")
    found = {each.key: each.due_on for each in queries.dues_of(book, row(book, measure))}
    assert found["sealing_release_check"] == date(2026, 9, 14)
    measures.release(book, measure, reason="已拆除暗管", on="2026-09-14")
    found = {each.key: each.due_on for each in queries.dues_of(book, row(book, measure))}
    assert found == {"sealing_release_service": date(2026, 9, 17)}


def test_the_deadlines_are_among_those_of_today(visit: Any) -> None:
    measure = taken(visit)
    found = [each for each in dues.dues(visit.notebook) if each.record == measure]
    assert [(each.key, each.kind) for each in found] == [("sealing", "measure")]


@pytest.mark.parametrize(
    ("grounds", "grave", "shall"),
    [
        ("toxic", False, False),
        ("evading", False, True),
        ("toxic,incident", False, True),
        ("sludge", True, True),
        (None, False, False),
        ("unheard_of", False, False),
    ],
)
def test_grounds_four_and_five_and_grave_pollution_make_it_a_duty(
    grounds: str | None, grave: bool, shall: bool
) -> None:
    assert rules.shall(SimpleNamespace(grounds=grounds, grave=grave)) is shall


@pytest.mark.validity("V17")
def test_there_are_six_grounds_and_the_code_stands_in_the_basis_from_its_day() -> None:
    assert len(rules.grounds()) == 6
    assert "《生态环境法典》第五十二条" in rules.basis("seal", date(2026, 8, 15))
    assert "《生态环境法典》" not in rules.basis("seal", date(2026, 8, 14))


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("seal", {"told": False}, "told"),
        ("seal", {"signed": "refused"}, "refusal_reason"),
        ("register", {"signed": "refused", "refusal_reason": "不服"}, "witness_name"),
        ("register", {"signed": "absent"}, "witness_name"),
        ("seize", {"copies": 1}, "copies"),
        ("seize", {"keeping": "elsewhere"}, "keep_place"),
        ("seal", {"present": None}, "present"),
    ],
)
def test_a_decision_or_list_needs_what_the_law_asks_of_the_spot(
    visit: Any, kind: str, fields: dict[str, Any], field: str
) -> None:
    book, measure = visit.notebook, taken(visit, kind)
    measures.edit(book, measure, **fields)
    paper = papers.draw_up(book, measure, "register_list" if kind == "register" else "seal_list")
    with pytest.raises(RuleBroken) as refusal:
        papers.issue(book, paper)
    assert refusal.value.field == field


@pytest.mark.validity("V17")
def test_a_seizure_without_one_of_the_six_grounds_is_not_decided(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit)
    measures.edit(book, measure, grounds=None)
    paper = papers.draw_up(book, measure, "seal_decision")
    with pytest.raises(RuleBroken) as refusal:
        papers.issue(book, paper)
    assert refusal.value.field == "grounds"


def test_the_list_needs_things_with_quantities(visit: Any) -> None:
    book = visit.notebook
    measure = asked(visit)
    for quantity in ("很多", "0", "-1"):
        with pytest.raises(RuleBroken) as refusal:
            measures.add_item(book, measure, "水泵", quantity)
        assert refusal.value.field == "quantity"
    item = measures.add_item(book, measure, "水泵", "1.5万", unit_of_quantity="台")
    assert [each.quantity for each in measures.items_of(book, measure)] == ["15000"]
    measures.drop_item(book, item, "误列")
    assert measures.items_of(book, measure) == []


def test_a_quantity_in_words_is_answered_with_an_example_of_things(visit: Any) -> None:
    """The hint and the sentence once spoke of restored fish fry: 135.88万."""
    with pytest.raises(RuleBroken) as refusal:
        measures.add_item(visit.notebook, asked(visit), "水泵", "两个")
    said = in_chinese(refusal.value.text)
    assert "两个" in said
    assert "如 2、" in said
    assert "135" not in said


def test_after_its_list_is_issued_nothing_is_added_or_taken_off(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit)
    item = measures.items_of(book, measure)[0]
    papers.issue(book, papers.draw_up(book, measure, "seal_list"))
    for change in (
        lambda: measures.add_item(book, measure, "电机", "1"),
        lambda: measures.correct_item(book, item.id, quantity="3"),
        lambda: measures.drop_item(book, item.id, "误列"),
        lambda: measures.withdraw(book, measure, "误"),
    ):
        with pytest.raises(RuleBroken):
            change()


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("dispose", "seal"),
        ("extend_measure", "register"),
        ("ask_release", "register"),
        ("take_measure", "inspect"),
    ],
)
def test_an_act_of_another_kind_of_measure_says_why_not(visit: Any, act: str, kind: str) -> None:
    found = room("onsite").act(act)
    assert found is not None
    assert found.why_not is not None
    assert found.why_not(visit.notebook, asked(visit, kind)) != ""


def test_days_before_the_measure_or_to_come_are_refused(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit)
    with pytest.raises(RuleBroken):
        measures.release(book, measure, reason="改正", on="2026-08-31")
    with pytest.raises(RuleBroken):
        measures.release(book, measure, reason="改正", on="2999-01-01")
    with pytest.raises(RuleBroken):
        measures.release(book, measure, reason="改正", on="明天")


def test_the_sheet_and_lists_show_where_it_stands(visit: Any) -> None:
    book, onsite = visit.notebook, room("onsite")
    measure = taken(visit)
    sheet = onsite.sheets["measure"](book, measure)
    assert sheet.state.text == "已期满" or sheet.state.text == "已实施"
    assert [section.title for section in sheet.sections][-1] == "物品"
    for listing in onsite.listings[1:3]:
        ids = listing.find(book, "")
        assert ids == [measure]
        assert len(listing.lines(book, ids)[0].cells) == len(listing.columns)
    assert onsite.summary is not None
    assert "措施" in onsite.summary(book)


@given(
    st.integers(at("2026-01-05 00:00"), at("2026-11-30 23:59")),
    st.integers(0, 40),
    st.integers(0, 30),
)
def test_the_last_day_of_a_sealing_is_the_sum_of_its_days(moment: int, test: int, more: int) -> None:
    measure = SimpleNamespace(
        kind="seal",
        taken_at=moment,
        test_days=test,
        extended_days=more,
        extended_on="2026-01-01" if more else None,
    )
    end = rules.ends(measure)
    day = rules.taken_on(measure)
    assert end is not None
    assert day is not None
    assert (end.due_on - day).days == 30 + test + more
