"""A case on its way: what each step needs, the deadlines at their edges, meetings, failure, termination."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.cases.damage import losses, stages
from models.cases.damage import queries as damage
from models.cases.flow import dues, guidance, papers, requirements, verbs
from models.cases.restoration import queries as restorations
from models.cases.restoration import verbs as restoration
from models.errors import RuleBroken
from tests.models.cases.flow.world import Office, day

START = "2021-03-10"


def due(office: Office, case: str, key: str) -> date | None:
    row = damage.damage_case(office.seat, case)
    running = dues.case_dues(office.seat, row, office.at(case))
    return next((each.due_on for each in running if each.key == key), None)


def in_consultation(office: Office, served_on: str = "2021-03-13", **fields: object) -> str:
    case = office.case(START, **fields)
    office.investigate(case, "2021-03-11")
    office.assess(case, "2021-03-12")
    office.consult(case, "2021-03-13", served_on)
    return case


@pytest.mark.requirement("R029", "R031")
def test_no_step_is_taken_without_its_papers(office: Office):
    case = office.case(START)
    office.step(case, "investigation", START)
    with pytest.raises(RuleBroken, match="生态环境损害调查报告"):
        office.step(case, "assessment", START)
    office.paper(case, "damage_report", START)
    office.step(case, "assessment", START)
    with pytest.raises(RuleBroken) as refused:
        office.step(case, "consultation", START)
    assert "损害金额" in refused.value.text()


def test_a_stage_is_not_skipped(office: Office):
    case = office.case(START)
    with pytest.raises(RuleBroken, match="此处不能"):
        office.step(case, "consultation", START)


def test_no_step_lies_before_the_last_one(office: Office):
    case = office.case(START)
    with pytest.raises(RuleBroken, match="早于"):
        office.step(case, "investigation", day(START, -1))


def test_going_back_needs_an_earlier_stage_and_a_reason_and_makes_papers_anew(office: Office):
    case = in_consultation(office)
    with pytest.raises(RuleBroken):
        verbs.go_back(office.seat, case, on="2021-03-20", to="assessment", reason=" ")
    with pytest.raises(RuleBroken, match="前面环节"):
        verbs.go_back(office.seat, case, on="2021-03-20", to="performance", reason="重做")
    verbs.go_back(office.seat, case, on="2021-03-20", to="assessment", reason="数额有误")
    with pytest.raises(RuleBroken, match="专家意见"):
        office.step(case, "consultation", "2021-03-21")
    office.opine(case, "2021-03-21", reason="退回后重新评估")
    office.paper(case, "expert_opinion", "2021-03-21")
    office.step(case, "consultation", "2021-03-21")


@pytest.mark.requirement("R029")
def test_the_ninety_days_run_from_the_service_of_the_notice(office: Office):
    case = in_consultation(office, served_on="2021-03-15")
    assert due(office, case, "consultation") == date(2021, 6, 13)


@pytest.mark.parametrize(
    ("on", "needs_reason"), [("2021-06-12", False), ("2021-06-13", False), ("2021-06-14", True)]
)
def test_an_agreement_the_day_before_on_and_after_the_last_day(office: Office, on: str, needs_reason: bool):
    case = in_consultation(office, served_on="2021-03-15")
    office.meet(case, "2021-04-01")
    if needs_reason:
        with pytest.raises(RuleBroken, match="期限已于2021-06-13届满"):
            office.agree(case, on)
        office.agree(case, on, reason="因疫情管控顺延")
    else:
        office.agree(case, on)
    assert office.at(case).agreed


def test_a_fourth_meeting_needs_a_reason_and_who_approved_it(office: Office):
    case = in_consultation(office)
    for number in range(3):
        office.meet(case, day("2021-04-01", number))
    with pytest.raises(RuleBroken, match="第4次"):
        office.meet(case, "2021-04-05")
    with pytest.raises(RuleBroken, match="无权审批"):
        office.meet(case, "2021-04-05", extra_reason="方案待补充", approver=office.lead)
    office.meet(case, "2021-04-05", extra_reason="方案待补充", approver=office.head)
    assert [row.count for row in damage.meetings_of(office.seat, case)] == [1, 2, 3, 4]


def test_no_meeting_before_the_notice_is_served(office: Office):
    case = office.case(START)
    office.investigate(case, START)
    office.assess(case, START)
    office.step(case, "consultation", START)
    office.paper(case, "consultation_notice", START)
    with pytest.raises(RuleBroken, match="先送达"):
        office.meet(case, START)


def test_a_consultation_fails_by_a_ground_that_is_true(office: Office):
    case = in_consultation(office, served_on="2021-03-15")
    office.meet(case, "2021-04-01")
    office.paper(case, "failure_finding", "2021-04-02")
    with pytest.raises(RuleBroken, match="只开了1次"):
        verbs.fail(office.seat, case, on="2021-04-02", ground="three_meetings")
    with pytest.raises(RuleBroken, match="尚未届满"):
        verbs.fail(office.seat, case, on="2021-06-13", ground="expired")
    verbs.fail(office.seat, case, on="2021-06-14", ground="expired")
    assert office.at(case).condition == "failed"


def test_a_suit_and_its_judgment_lead_to_performance(office: Office):
    case = in_consultation(office)
    office.paper(case, "failure_finding", "2021-04-02")
    verbs.fail(office.seat, case, on="2021-04-02", ground="refused")
    office.paper(case, "statement_of_claim", "2021-04-10")
    office.step(case, "suit", "2021-04-10")
    office.paper(case, "judgment", "2021-09-01")
    office.step(case, "judgment", "2021-09-01")
    office.paper(case, "restoration_plan", "2021-09-02")
    office.step(case, "performance", "2021-09-02")
    assert not office.at(case).agreed


@pytest.mark.parametrize(("started", "opens"), [("2021-03-10", False), ("2025-03-10", True)])
def test_a_second_consultation_only_where_the_rules_of_the_day_provide_it(
    office: Office, started: str, opens: bool
):
    case = office.case(started)
    office.investigate(case, day(started, 1))
    office.assess(case, day(started, 2))
    office.consult(case, day(started, 3))
    office.paper(case, "failure_finding", day(started, 9))
    verbs.fail(office.seat, case, on=day(started, 9), ground="refused")
    if not opens:
        with pytest.raises(RuleBroken, match="没有重新磋商"):
            verbs.reopen(office.seat, case, on=day(started, 20), reason="愿意赔偿")
        return
    verbs.reopen(office.seat, case, on=day(started, 20), reason="愿意赔偿")
    assert office.at(case).consultations == 2
    with pytest.raises(RuleBroken, match="先送达"):
        office.meet(case, day(started, 21))
    notice = office.paper(case, "consultation_notice", day(started, 21))
    papers.serve(office.seat, notice, on=day(started, 22), to="示例企业03", how="direct")
    assert due(office, case, "consultation") == date.fromisoformat(day(started, 22)) + timedelta(days=90)
    office.meet(case, day(started, 23))
    assert damage.meetings_of(office.seat, case)[-1].count == 1


def test_confirmation_is_due_thirty_days_after_the_agreement(office: Office):
    case = office.to_agreement(START)
    assert due(office, case, "judicial_confirmation") == date.fromisoformat(day(START, 5)) + timedelta(
        days=30
    )


def test_performance_after_confirmation_needs_the_ruling(office: Office):
    case = office.to_agreement(START)
    office.plan_release(case, day(START, 5))
    office.paper(case, "confirmation_application", day(START, 6))
    office.step(case, "confirmation", day(START, 6))
    with pytest.raises(RuleBroken, match="裁定书"):
        office.step(case, "performance", day(START, 40))
    office.paper(case, "court_ruling", day(START, 35))
    with pytest.raises(RuleBroken, match="裁定书"):  # before the court's notice of thirty days was out
        office.step(case, "performance", day(START, 40))
    office.paper(case, "court_ruling", day(START, 36))
    office.step(case, "performance", day(START, 40))


@pytest.mark.parametrize(
    ("occurred", "years"),
    [("2026-08-14", 3), ("2026-08-15", 5), ("2026-08-16", 5)],
)
def test_the_limitation_of_the_suit_changes_with_the_code(office: Office, occurred: str, years: int):
    case = office.case("2026-09-10", occurred_on=occurred)
    found = damage.damage_case(office.seat, case).found_on
    limit = due(office, case, "compensation_suit")
    assert limit == date.fromisoformat(found).replace(year=2026 + years)


@pytest.mark.parametrize(
    ("occurred", "cents", "refused"),
    [
        ("2025-01-12", 30_000_001, False),
        ("2025-01-13", 30_000_000, False),
        ("2025-01-13", 30_000_001, True),
    ],
)
def test_the_threshold_of_simple_cases_is_that_of_the_day_of_the_violation(
    office: Office, occurred: str, cents: int, refused: bool
):
    case = office.case("2025-03-10", occurred_on=occurred)
    office.investigate(case, "2025-03-11")
    office.assess(case, "2025-03-12", cents=cents)
    if refused:
        with pytest.raises(RuleBroken, match="不属简单案件"):
            office.step(case, "consultation", "2025-03-13")
        verbs.edit_case(office.seat, case, method="appraisal")
        office.paper(case, "appraisal_report", "2025-03-13")
    office.step(case, "consultation", "2025-03-13")


def test_without_an_appraisal_only_for_a_simple_case(office: Office):
    case = office.case(START)
    office.investigate(case, START)
    office.assess(case, START)
    verbs.edit_case(office.seat, case, simple=False)
    with pytest.raises(RuleBroken, match="简单案件"):
        office.step(case, "consultation", START)


@pytest.mark.requirement("R042")
def test_a_case_does_not_close_without_the_guidance_of_the_right_department(office: Office):
    case = office.to_agreement(START)
    release = office.plan_release(case, day(START, 5))
    office.step(case, "performance", day(START, 6))
    office.release(release, day(START, 20), guided=False)
    office.paper(case, "stage_acceptance", day(START, 20))
    office.step(case, "performed", day(START, 20))
    office.step(case, "evaluation", day(START, 21))
    office.paper(case, "evaluation_report", day(START, 22))
    office.paper(case, "closing_approval", day(START, 22))
    with pytest.raises(RuleBroken, match="渔业"):
        office.step(case, "closed", day(START, 22))


def test_an_agreed_restoration_that_was_never_planned_stops_the_closing(office: Office):
    case = office.to_agreement(START)
    office.paper(case, "payment_plan", day(START, 5))
    office.step(case, "performance", day(START, 6))
    office.paper(case, "payment_voucher", day(START, 7))
    office.step(case, "performed", day(START, 7))
    office.step(case, "evaluation", day(START, 8))
    office.paper(case, "evaluation_report", day(START, 9))
    office.paper(case, "closing_approval", day(START, 9))
    with pytest.raises(RuleBroken, match="约定的修复"):
        office.step(case, "closed", day(START, 9))


@pytest.mark.requirement("R040", "R041")
def test_missing_invitations_are_shown_and_stop_nothing(office: Office):
    case = in_consultation(office)
    office.meet(case, "2021-04-01")
    row = damage.damage_case(office.seat, case)
    lacks = requirements.lacking(office.seat, row, office.at(case), "agreement")
    shown = [lack for lack in lacks if not lack.blocking]
    assert any("consultation" in lack.key for lack in shown)
    office.agree(case, "2021-04-02")


def test_an_ended_case_takes_no_more_steps(office: Office):
    case = office.case(START)
    office.paper(case, "termination_approval", START)
    with pytest.raises(RuleBroken):
        verbs.terminate(office.seat, case, on=START, ground="slight", approver=office.head)
    verbs.terminate(office.seat, case, on=START, ground="no_assets", approver=office.head)
    assert office.at(case).standing == "other"
    with pytest.raises(RuleBroken, match="已于"):
        office.step(case, "investigation", START)
    with pytest.raises(RuleBroken, match="已于"):
        verbs.edit_case(office.seat, case, act="改")


def test_only_the_last_step_is_withdrawn(office: Office):
    case = office.case(START)
    office.step(case, "investigation", START)
    first, last = damage.steps(office.seat, case)
    with pytest.raises(RuleBroken, match="不能撤回"):
        verbs.withdraw_step(office.seat, first.id, "误录")
    verbs.withdraw_step(office.seat, last.id, "误录")
    assert office.at(case).stage == "start"


def test_the_amount_of_a_loss_is_computed_and_checked(office: Office):
    case = office.case(START)
    given = {"head": "restoration", "item": "放流", "way": "pay", "basis": "市价"}
    made = losses.add_loss(office.seat, case, quantity="3.5", price_cents=333, **given)
    (row,) = damage.losses_of(office.seat, case)
    assert (row.id, row.cents) == (made, 1166)  # 11.655 yuan, rounded half up
    with pytest.raises(RuleBroken, match="不符"):
        losses.add_loss(office.seat, case, quantity="2", price_cents=100, cents=201, **given)
    with pytest.raises(RuleBroken, match="大于零"):
        losses.add_loss(office.seat, case, cents=0, **given)
    losses.edit_loss(office.seat, made, quantity="4")
    assert damage.losses_of(office.seat, case)[0].cents == 1332


@pytest.mark.requirement("R021", "R033")
def test_guidance_and_difficulties_are_kept_with_their_stage(office: Office):
    case = office.case(START)
    guidance.appoint_guides(office.seat, case, section="法规科", person="专家甲")
    guidance.guide(office.seat, case, on=START, person="法规科", question="如何取证？", advice="先固定基线")
    issue = guidance.raise_issue(office.seat, case, text="监测费用未落实", person="分局", raised_on=START)
    guidance.solve_issue(office.seat, issue, on=day(START, 3), solution="财政垫付")
    with pytest.raises(RuleBroken, match="已于"):
        guidance.solve_issue(office.seat, issue, on=day(START, 4), solution="又一次")


def test_a_paper_is_served_once_and_leaves_its_proof(office: Office):
    case = office.case(START)
    notice = office.paper(case, "consultation_notice", START, number="漳环磋告〔2021〕1号")
    papers.serve(office.seat, notice, on=START, to="示例企业03", how="left")
    with pytest.raises(RuleBroken, match="已于"):
        papers.serve(office.seat, notice, on=START, to="示例企业03", how="left")
    proof = damage.papers_of(office.seat, case)[-1]
    assert (proof.kind, proof.title, proof.served_to) == (
        "service_receipt",
        "磋商告知书漳环磋告〔2021〕1号",
        "示例企业03",
    )


def closed(office: Office) -> tuple[str, str]:
    """A closed case and its restoration."""
    case = office.to_agreement(START)
    release = office.plan_release(case, day(START, 5))
    office.step(case, "performance", day(START, 6))
    office.release(release, day(START, 20))
    office.paper(case, "stage_acceptance", day(START, 20))
    office.step(case, "performed", day(START, 20))
    office.step(case, "evaluation", day(START, 21))
    office.paper(case, "evaluation_report", day(START, 22))
    office.paper(case, "closing_approval", day(START, 23))
    return case, release


@pytest.mark.requirement("R001")
def test_no_step_is_dated_before_what_it_rests_on(office: Office):
    case, _release = closed(office)
    with pytest.raises(RuleBroken, match="结案审批表"):
        office.step(case, "closed", day(START, 22))
    office.step(case, "closed", day(START, 23))


def test_an_agreement_is_not_dated_before_its_notice_and_meeting(office: Office):
    case = in_consultation(office, served_on="2021-03-15")
    office.meet(case, "2021-04-10")
    with pytest.raises(RuleBroken):
        office.agree(case, "2021-04-09")
    office.agree(case, "2021-04-10")


@pytest.mark.requirement("R042")
def test_what_a_closed_case_rests_on_stays(office: Office):
    case, release = closed(office)
    office.step(case, "closed", day(START, 23))
    (guided,) = restorations.guidance_of(office.seat, release)
    paper = damage.papers_of(office.seat, case)[-1]
    (item,) = damage.losses_of(office.seat, case)
    for take_out in (
        lambda: restoration.withdraw_guidance(office.seat, guided.id, "误录"),
        lambda: restoration.withdraw(office.seat, release, "误录"),
        lambda: papers.withdraw_part(office.seat, "case_paper", paper.id, "误录"),
        lambda: losses.edit_loss(office.seat, item.id, cents=1),
    ):
        with pytest.raises(RuleBroken, match="已于"):
            take_out()


def test_a_paper_that_a_step_rests_on_is_not_withdrawn(office: Office):
    case = in_consultation(office)
    report = next(row for row in damage.papers_of(office.seat, case) if row.kind == "damage_report")
    with pytest.raises(RuleBroken, match="依据"):
        papers.withdraw_part(office.seat, "case_paper", report.id, "误录")
    office.paper(case, "damage_report", "2021-03-12")
    papers.withdraw_part(office.seat, "case_paper", report.id, "重复")


def test_withdrawing_the_signature_takes_amount_term_and_paper_with_it(office: Office):
    case = office.to_agreement(START)
    last = stages.in_order(damage.steps(office.seat, case))[-1]
    verbs.withdraw_step(office.seat, last.id, "误录")
    row = damage.damage_case(office.seat, case)
    assert (row.agreed_cents, row.perform_by) == (None, None)
    assert "agreement" not in {each.kind for each in damage.papers_of(office.seat, case)}


def test_going_back_to_the_agreement_keeps_its_day(office: Office):
    case = office.to_agreement(START)
    office.plan_release(case, day(START, 5))
    office.step(case, "performance", day(START, 6))
    verbs.go_back(office.seat, case, on=day(START, 9), to="agreement", reason="方案调整")
    assert office.at(case).agreed_on == day(START, 5)


def test_the_count_of_meetings_goes_on_after_a_withdrawal(office: Office):
    case = in_consultation(office)
    first = office.meet(case, "2021-04-01")
    office.meet(case, "2021-04-02")
    papers.withdraw_part(office.seat, "meeting", first, "误录")
    office.meet(case, "2021-04-03")
    assert [row.count for row in damage.meetings_of(office.seat, case)] == [2, 3]


def test_amounts_beyond_reason_are_refused_with_a_sentence(office: Office):
    case = office.case(START)
    with pytest.raises(RuleBroken):
        losses.add_loss(
            office.seat,
            case,
            head="restoration",
            item="放流",
            way="pay",
            basis="市价",
            quantity="99999999999999900000000",
            price_cents=10**14,
        )
