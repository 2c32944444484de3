"""Screening for compensation, hand-over, receipt, reminders; leniency by the damage cases beside."""

from __future__ import annotations

from datetime import date

import pytest

from models.cases.damage import clues
from models.cases.damage import queries as damage
from models.cases.penalty import queries, sheets, verbs
from models.cases.penalty.writing import checked
from models.errors import RuleBroken
from models.store.change import put

TO = "350603"
"""龙文区."""


def refused(field: str, run, *args, **fields) -> RuleBroken:
    """The refusal that names a field."""
    with pytest.raises(RuleBroken) as caught:
        run(*args, **fields)
    assert caught.value.field == field
    assert caught.value.text()
    return caught.value


@pytest.mark.requirement("R035")
def test_a_screening_needs_its_result_its_reason_and_its_ground(notebook, case):
    refused(
        "reason", verbs.screen, notebook, case, result="start", ground="serious", reason=" ", on="2026-09-08"
    )
    refused("result", verbs.screen, notebook, case, result="", reason="x", on="2026-09-08")
    refused("ground", verbs.screen, notebook, case, result="start", reason="x", on="2026-09-08")
    refused(
        "ground", verbs.screen, notebook, case, result="start", ground="slight", reason="x", on="2026-09-08"
    )
    refused("ground", verbs.screen, notebook, case, result="not_start", reason="x", on="2026-09-08")
    refused("on", verbs.screen, notebook, case, result="not_applicable", reason="x", on="2026-08-31")
    assert queries.screening_of(notebook, case) is None


@pytest.mark.requirement("R035")
def test_a_start_makes_one_clue_from_the_case(notebook, desk, case):
    desk.start(case)
    desk.start(case, on="2026-09-09")
    (clue,) = queries.clues_of(notebook, case)
    assert (clue.source, clue.party, clue.unit) == ("penalty", "示例印染企业03", "350602")
    assert (clue.received_on, clue.occurred_on) == ("2026-09-08", "2026-09-01")
    assert {row.clue for row in queries.screenings_of(notebook, case)} == {clue.id}


@pytest.mark.requirement("R035")
def test_the_only_clue_of_the_inspection_becomes_that_of_the_case(notebook, desk):
    visit = "0190-visit"
    notebook.write(put("inspection", visit, "350602", number="X"))
    known = clues.register(
        notebook, source="inspection", description="超标", received_on="2026-09-01", inspection=visit
    )
    case = desk.file(inspection=visit)
    desk.start(case)
    assert [row.id for row in queries.clues_of(notebook, case)] == [known]


@pytest.mark.requirement("R035")
def test_while_a_clue_stands_the_case_is_not_screened_out(notebook, desk, case):
    desk.start(case)
    refused("result", verbs.screen, notebook, case, result="not_applicable", reason="x", on="2026-09-10")


@pytest.mark.requirement("R035")
def test_the_list_of_unscreened_cases_is_taken_as_of_a_day(notebook, desk, case):
    waiting = desk.file(filed_on="2026-09-20")
    desk.file(filed_on=None)
    desk.start(case, on="2026-09-10")

    def ids(day: date) -> list[str]:
        return [row.id for row in queries.unscreened(notebook, day)]

    assert ids(date(2026, 9, 6)) == []
    assert ids(date(2026, 9, 7)) == [case]
    assert ids(date(2026, 9, 9)) == [case]
    assert ids(date(2026, 9, 10)) == []
    assert ids(date(2026, 9, 20)) == [waiting]


@pytest.mark.requirement("R034", "R035")
def test_a_case_closed_before_the_citys_notice_needs_no_screening(notebook, desk):
    old = {"found_on": "2020-11-01", "occurred_on": "2020-11-01", "filed_on": "2020-11-05"}
    closed, running = desk.file(**old), desk.file(**old)
    verbs.decide(notebook, closed, on="2020-12-01", outcome="minor", note="首次且及时改正")
    verbs.close(notebook, closed, on="2021-01-19")
    assert queries.unscreened(notebook, date(2021, 1, 19)) == []
    assert [row.id for row in queries.unscreened(notebook, date(2021, 1, 20))] == [running]


@pytest.mark.requirement("R035")
def test_the_damage_of_a_repeat_offender_is_not_slight(notebook, desk, case):
    earlier = desk.file(found_on="2026-08-01", occurred_on="2026-08-01", filed_on="2026-08-03")
    verbs.serve_notice(notebook, earlier, on="2026-08-05")
    verbs.note_waiver(notebook, earlier, on="2026-08-06")
    slight = {"result": "not_start", "ground": "slight", "reason": "损害极小", "on": "2026-09-10"}
    verbs.decide(notebook, earlier, on="2026-08-31", outcome="penalty", fine_cents=1)
    found = refused("ground", verbs.screen, notebook, case, **slight)
    assert "环法规〔2025〕6号" in found.basis
    verbs.take_back(notebook, earlier, event="decision", why="有误")
    verbs.screen(notebook, case, **slight)
    counting = queries.screening_of(notebook, case)
    assert counting is not None
    assert counting.ground == "slight"


def test_a_repeat_is_found_by_code_or_name_and_never_in_the_case_itself(notebook, desk, case):
    desk.decided(case)
    day = date(2026, 9, 23)
    assert queries.repeat_violation(notebook, "示例印染企业03", day, 2)
    assert not queries.repeat_violation(notebook, "示例印染企业03", day, 2, other_than=case)
    assert not queries.repeat_violation(notebook, "示例印染企业03", date(2026, 9, 22), 2)
    assert queries.repeat_violation(notebook, "示例印染企业03", date(2028, 9, 22), 2)
    assert not queries.repeat_violation(notebook, "示例印染企业03", date(2028, 9, 23), 2)
    assert not queries.repeat_violation(notebook, "另一企业", day, 2)
    assert not queries.repeat_violation(notebook, "", day, 2)
    person = desk.file(party="示例人03", party_code="11010519491231002X")
    desk.decided(person)
    assert queries.repeat_violation(notebook, "11010519491231002x", day, 2)


@pytest.mark.requirement("R038", "R039")
def test_a_hand_over_takes_the_clue_to_the_branch(notebook, desk, case):
    desk.start(case)
    handover = verbs.hand_over(
        notebook, case, to_unit="龙文区", sent_on="2026-09-10", letter_number="漳环移〔2026〕1号"
    )
    (clue,) = queries.clues_of(notebook, case)
    (row,) = queries.handovers_of(notebook, case)
    assert (row.id, row.unit, row.to_unit, row.from_unit) == (handover, TO, TO, "350602")
    assert (clue.unit, clue.id) == (TO, row.clue)
    assert (row.case_number, row.party) == (desk.row(case).number, "示例印染企业03")
    screening = queries.screening_of(notebook, case)
    assert screening is not None
    assert screening.clue == clue.id
    assert [each.key for each in queries.dues(notebook) if each.kind == "handover"] == ["handover_receipt"]


@pytest.mark.requirement("R038")
def test_a_clue_that_is_in_the_branch_already_stays_the_one(notebook, desk, case):
    desk.start(case)
    (before,) = queries.clues_of(notebook, case)
    verbs.hand_over(notebook, case, to_unit="350602", sent_on="2026-09-10")
    (after,) = queries.clues_of(notebook, case)
    assert before.id == after.id


@pytest.mark.requirement("R038")
def test_only_a_started_case_is_handed_over_and_only_to_a_county_branch(notebook, desk, case):
    refused("screening", verbs.hand_over, notebook, case, to_unit=TO, sent_on="2026-09-10")
    desk.start(case)
    for wrong in ("350600", "nowhere"):
        refused("to_unit", verbs.hand_over, notebook, case, to_unit=wrong, sent_on="2026-09-10")
    refused("sent_on", verbs.hand_over, notebook, case, to_unit=TO, sent_on=desk.ahead(1))
    refused("due", verbs.hand_over, notebook, case, to_unit=TO, sent_on="2026-09-10", due="2026-09-09")


@pytest.mark.requirement("R038")
def test_one_hand_over_at_a_time_waits_for_its_receipt(notebook, desk, case):
    desk.start(case)
    first = verbs.hand_over(notebook, case, to_unit=TO, sent_on="2026-09-10")
    refused("to_unit", verbs.hand_over, notebook, case, to_unit="350604", sent_on="2026-09-11")
    verbs.sign_receipt(notebook, first, on="2026-09-12", receiver="示例人05")
    verbs.hand_over(notebook, case, to_unit="350604", sent_on="2026-09-13")
    (clue,) = queries.clues_of(notebook, case)
    assert clue.unit == "350604"


@pytest.mark.requirement("R038")
def test_a_clue_that_is_being_checked_is_not_taken_away(notebook, desk, case):
    desk.start(case)
    first = verbs.hand_over(notebook, case, to_unit=TO, sent_on="2026-09-10")
    verbs.sign_receipt(notebook, first, on="2026-09-12", receiver="示例人05")
    (clue,) = queries.clues_of(notebook, case)
    clues.check(notebook, clue.id, on="2026-09-14", checker="示例人05", text="属实")
    refused("to_unit", verbs.hand_over, notebook, case, to_unit="350604", sent_on="2026-09-15")


@pytest.mark.requirement("R038")
def test_the_thirty_days_of_the_check_run_from_the_receipt(notebook, desk, case):
    desk.start(case)
    handover = verbs.hand_over(notebook, case, to_unit=TO, sent_on="2026-09-10")
    refused("on", verbs.sign_receipt, notebook, handover, on="2026-09-09", receiver="示例人05")
    verbs.sign_receipt(notebook, handover, on="2026-09-14", receiver="示例人05")
    refused("on", verbs.sign_receipt, notebook, handover, on="2026-09-15", receiver="示例人06")
    (clue,) = queries.clues_of(notebook, case)
    assert clue.received_on == "2026-09-14"


@pytest.mark.requirement("R038")
def test_the_list_of_those_not_received_is_taken_as_of_a_day(notebook, desk, case):
    desk.start(case)
    handover = verbs.hand_over(notebook, case, to_unit=TO, sent_on="2026-09-10")
    verbs.sign_receipt(notebook, handover, on="2026-09-14", receiver="示例人05")

    def ids(day: date) -> list[str]:
        return [row.id for row in queries.not_received(notebook, day)]

    assert [ids(date(2026, 9, day)) for day in (9, 10, 13, 14)] == [[], [handover], [handover], []]


@pytest.mark.requirement("R038")
def test_reminders_are_for_what_is_not_received_or_not_checked(notebook, desk, case):
    desk.start(case)
    handover = verbs.hand_over(notebook, case, to_unit=TO, sent_on="2026-09-10")
    refused("text", verbs.remind, notebook, handover, on="2026-09-12", text="")
    refused("on", verbs.remind, notebook, handover, on="2026-09-09", text="请签收")
    verbs.remind(notebook, handover, on="2026-09-12", text="请签收")
    verbs.sign_receipt(notebook, handover, on="2026-09-14", receiver="示例人05")
    verbs.remind(notebook, handover, on="2026-09-20", text="请核查")
    (clue,) = queries.clues_of(notebook, case)
    clues.check(notebook, clue.id, on="2026-09-21", checker="示例人05", text="属实")
    refused("on", verbs.remind, notebook, handover, on="2026-09-22", text="请核查")
    rows = queries.reminders_of(notebook, handover)
    assert [(row.on, row.by, row.text, row.unit) for row in rows] == [
        ("2026-09-12", "执法员01", "请签收", TO),
        ("2026-09-20", "执法员01", "请核查", TO),
    ]
    verbs.withdraw_reminder(notebook, rows[0].id, why="误记")
    assert [row.id for row in queries.reminders_of(notebook, handover)] == [rows[1].id]


@pytest.mark.requirement("R038")
def test_a_hand_over_is_withdrawn_with_its_clue_until_it_is_received(notebook, desk, case):
    desk.start(case)
    first = verbs.hand_over(notebook, case, to_unit=TO, sent_on="2026-09-10")
    verbs.withdraw_handover(notebook, first, why="送错单位")
    assert queries.clues_of(notebook, case) == []
    second = verbs.hand_over(notebook, case, to_unit="350604", sent_on="2026-09-11")
    verbs.sign_receipt(notebook, second, on="2026-09-12", receiver="示例人05")
    refused("handover", verbs.withdraw_handover, notebook, second, why="送错单位")


@pytest.mark.requirement("R035")
def test_a_closed_case_keeps_its_screening(notebook, case):
    screening = verbs.screen(notebook, case, result="not_applicable", reason="仅台账不全", on="2026-09-08")
    verbs.decide(notebook, case, on="2026-09-22", outcome="minor", note="首次且及时改正")
    verbs.close(notebook, case, on="2026-09-23")
    refused("screening", verbs.withdraw_screening, notebook, screening, why="有误")
    later = verbs.screen(notebook, case, result="not_applicable", reason="复核", on="2026-09-24")
    verbs.withdraw_screening(notebook, screening, why="有误")
    refused("screening", verbs.withdraw_screening, notebook, later, why="有误")


TO_AGREEMENT = (
    ("start", "2026-09-08"),
    ("investigation", "2026-09-09"),
    ("assessment", "2026-09-10"),
    ("consultation", "2026-09-11"),
    ("agreement", "2026-09-19"),
)


@pytest.mark.requirement("R036")
def test_leniency_reads_the_agreement_of_the_damage_case_beside(notebook, desk, case):
    verbs.serve_notice(notebook, case, on="2026-09-20")
    assert not queries.leniency_of(notebook, case).suggested
    desk.damage_case(*TO_AGREEMENT, penalty_case=case)
    assert queries.consultation_done_on(notebook, case) == "2026-09-19"
    fine = desk.row(case).fine_cents
    assert queries.leniency_of(notebook, case).suggested
    assert desk.row(case).fine_cents == fine


@pytest.mark.requirement("R036")
def test_a_damage_case_is_linked_by_its_clue_too(notebook, desk, case):
    desk.start(case)
    (clue,) = queries.clues_of(notebook, case)
    beside = desk.damage_case(*TO_AGREEMENT, clue=clue.id)
    assert [row.id for row in queries.damage_cases_of(notebook, case)] == [beside]
    assert queries.consultation_done_on(notebook, case) == "2026-09-19"


@pytest.mark.requirement("R036")
def test_consultation_is_complete_when_every_damage_case_has_its_agreement(notebook, desk, case):
    desk.damage_case(*TO_AGREEMENT, penalty_case=case)
    other = desk.damage_case(*TO_AGREEMENT[:4], penalty_case=case)
    assert queries.consultation_done_on(notebook, case) is None
    notebook.write(put("case_step", "0190-end", "350602", case=other, step="terminated", on="2026-09-12"))
    assert damage.progress_of(notebook, other).condition == "terminated"
    assert queries.consultation_done_on(notebook, case) == "2026-09-19"


@pytest.mark.requirement("R035")
def test_a_damage_case_says_that_its_penalty_case_is_not_screened(notebook, desk, case):
    beside = desk.damage_case(penalty_case=case)
    (only,) = queries.lacking(notebook, beside)
    assert not only.blocking
    assert only.basis
    desk.start(case)
    assert queries.lacking(notebook, beside) == []
    assert queries.lacking(notebook, desk.damage_case()) == []


def test_a_repeat_is_found_by_the_name_where_the_earlier_case_had_no_code(notebook, desk):
    earlier = desk.file()
    desk.decided(earlier)
    day = date(2026, 10, 1)
    code = "91350602MA2XNP1K8A"
    assert not queries.repeat_violation(notebook, code, day, 2)
    assert queries.repeat_violation(notebook, code, day, 2, name="示例印染企业03")
    assert not queries.repeat_violation(notebook, "", day, 2, name="")


@pytest.mark.requirement("R036")
def test_going_back_to_the_agreement_keeps_the_day_on_which_it_was_signed(notebook, desk, case):
    beside = desk.damage_case(*TO_AGREEMENT, ("performance", "2026-09-20"), penalty_case=case)
    step = {"case": beside, "step": "back", "to": "agreement", "on": "2026-09-25"}
    notebook.write(put("case_step", "01ff-back", "350602", **step))
    at = damage.progress_of(notebook, beside)
    assert (at.stage, at.entered_on("agreement")) == ("agreement", "2026-09-25")
    assert queries.consultation_done_on(notebook, case) == "2026-09-19"


def test_the_day_that_the_letter_sets_is_the_one_by_which_the_clue_is_checked(notebook, desk, case):
    desk.start(case)
    verbs.hand_over(notebook, case, to_unit="350603", sent_on="2026-09-10", due="2026-09-18")
    (clue,) = queries.clues_of(notebook, case)
    assert queries.check_due(notebook, clue.id) == date(2026, 9, 18)
    assert queries.check_due(notebook, "0190-none") is None


def test_a_start_makes_a_new_clue_where_the_old_one_was_decided_otherwise(notebook, desk, case):
    desk.start(case)
    (old,) = queries.clues_of(notebook, case)
    notebook.write(put("clue", old.id, old.unit, outcome="not_start"))
    again = desk.start(case, on="2026-09-20")
    assert queries.screening_of(notebook, case).id == again
    new = queries.screening_of(notebook, case).clue
    assert new != old.id
    assert {row.id for row in queries.clues_of(notebook, case)} == {old.id, new}
    with pytest.raises(RuleBroken):
        verbs.screen(notebook, case, result="not_applicable", reason="无损害", on="2026-09-21")


@pytest.mark.parametrize("odd", ["乱写", "9999-12-31", "20260901", None])
def test_days_that_no_verb_wrote_stop_no_list_and_no_limit(notebook, desk, case, odd):
    sent = desk.file()
    desk.start(sent)
    handover = verbs.hand_over(notebook, sent, to_unit="350603", sent_on="2026-09-10")
    days = ("occurred_on", "ended_on", "filed_on", "notice_served_on", "decided_on", "monitoring_report_on")
    notebook.write(put("penalty_case", case, "350602", **dict.fromkeys(days, odd)))
    notebook.write(put("penalty_case", case, "350602", found_on=None, outcome="penalty", excluded_days=10**9))
    notebook.write(put("handover", handover, "350603", sent_on=odd, due=odd))
    assert all(each.record != case for each in queries.dues(notebook))
    assert len(sheets.case_lines(notebook, [case])) == len(sheets.unscreened_lines(notebook, [case])) == 1
    assert sheets.handover_lines(notebook, [handover])[0].cells[3].text == ""
    assert sheets.summary(notebook)
    assert sheets.case_sheet(notebook, case).sections
    assert sheets.handover_sheet(notebook, handover).sections


@pytest.mark.parametrize("name", ["excluded_days", "extended_days"])
def test_the_time_for_a_decision_is_lengthened_by_ten_years_at_most(notebook, desk, case, name):
    with pytest.raises(RuleBroken) as caught:
        checked(notebook, {name: 3651})
    assert caught.value.field == name
    assert checked(notebook, {name: 3650}) == {name: 3650}
