"""From a clue to a case, to none, or to another channel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import rooms
from models.cases.damage import clues
from models.cases.damage import queries as damage
from models.cases.flow import decisions, dues
from models.cases.penalty import procedure, screening
from models.cases.penalty import verbs as penalties
from models.errors import RuleBroken
from models.inspections import verbs as inspections
from models.inspections.rules import child_id
from models.registry import keeping
from models.registry import verbs as registry
from models.store.change import put
from tests.models.cases.flow.world import UNIT, Office, day
from tui import acting


def start(office: Office, clue: str, on: str = "2021-03-10", **fields: object) -> str:
    given = {"grounds": "serious", "approver": office.head, "lead_officer": office.lead, **fields}
    return decisions.start(office.seat, clue, on=on, **given)


@pytest.mark.requirement("R029", "R030")
def test_a_checked_clue_becomes_a_case_with_its_approval(office: Office):
    clue = office.checked_clue("2021-03-01")
    case = start(office, clue)
    row = damage.damage_case(office.seat, case)
    assert (row.party, row.unit, row.right_holder) == ("示例企业03", UNIT, "漳州市人民政府")
    assert [paper.kind for paper in damage.papers_of(office.seat, case)] == ["start_approval"]
    assert damage.clue(office.seat, clue).outcome == "start"
    assert office.at(case).stage == "start"


def test_a_clue_is_checked_before_it_is_decided_and_decided_once(office: Office):
    clue = office.clue("2021-03-01")
    with pytest.raises(RuleBroken, match="初步核查"):
        start(office, clue)
    clues.check(office.seat, clue, on="2021-03-05", checker="执法员01", text="属实")
    start(office, clue)
    with pytest.raises(RuleBroken, match="已于"):
        start(office, clue)


@pytest.mark.requirement("R030")
def test_missing_evidence_stops_the_start_unless_the_approver_explains(office: Office):
    clue = office.checked_clue("2021-03-01", facts=None)
    with pytest.raises(RuleBroken, match="证据不齐") as refused:
        start(office, clue)
    assert refused.value.field == "explanation"
    assert start(office, clue, explanation="监测报告在途，先行启动。")


def test_only_who_may_approve_approves(office: Office):
    with pytest.raises(RuleBroken, match="无权审批"):
        start(office, office.checked_clue("2021-03-01"), approver=office.lead)


@pytest.mark.requirement("R004")
def test_damage_in_the_sea_is_no_case_of_this_procedure(office: Office):
    clue = office.checked_clue("2021-03-01", marine=True)
    with pytest.raises(RuleBroken, match="海域"):
        start(office, clue)
    decisions.pass_on(
        office.seat, clue, on="2021-03-10", channel="marine", approver=office.head, note="转海洋与渔业局"
    )
    assert damage.clue(office.seat, clue).outcome == "marine"


def test_no_start_needs_a_statutory_reason_and_is_told_to_the_procuratorate(office: Office):
    clue = office.checked_clue("2021-03-01", source="procuratorate")
    with pytest.raises(RuleBroken):
        decisions.do_not_start(office.seat, clue, on="2021-03-10", reason="tired", approver=office.head)
    decisions.do_not_start(office.seat, clue, on="2021-03-10", reason="performed", approver=office.head)
    decisions.tell_procuratorate(office.seat, clue, on="2021-03-11")
    assert damage.clue(office.seat, clue).told_procuratorate_on == "2021-03-11"


@pytest.mark.parametrize(("occurred", "refused"), [("2025-01-12", False), ("2025-01-13", True)])
def test_slight_damage_inside_a_red_line_is_judged_by_the_rules_of_the_day_of_the_violation(
    office: Office, occurred: str, refused: bool
):
    clue = office.checked_clue("2025-03-01", occurred_on=occurred, red_line=True)

    def decide() -> None:
        decisions.do_not_start(
            office.seat, clue, on="2025-03-10", reason="slight", approver=office.head, note="数额极小"
        )

    if refused:
        with pytest.raises(RuleBroken, match="红线"):
            decide()
    else:
        decide()


@pytest.mark.parametrize(("decided", "refused"), [("2023-02-13", True), ("2023-02-10", False)])
def test_slight_damage_of_who_was_penalised_within_two_years_is_not_slight(
    office: Office, decided: str, refused: bool
):
    earlier = penalties.file(
        office.seat,
        title="旧案",
        party="示例企业03",
        found_on=day(decided, -40),
        occurred_on=day(decided, -50),
    )
    procedure.put_on_file(office.seat, earlier, on=day(decided, -39))
    screening.screen(
        office.seat, earlier, result="not_applicable", reason="无损害", on=day(decided, -38), person="甲"
    )
    procedure.serve_notice(office.seat, earlier, on=day(decided, -30))
    procedure.decide(office.seat, earlier, on=decided, outcome="penalty", number="1号", fine_cents=100)
    clue = office.checked_clue("2025-03-01", occurred_on="2025-02-12")

    def decide() -> None:
        decisions.do_not_start(
            office.seat, clue, on="2025-03-10", reason="slight", approver=office.head, note="数额极小"
        )

    if refused:
        with pytest.raises(RuleBroken, match="显著轻微"):
            decide()
    else:
        decide()


@pytest.mark.requirement("R038")
def test_the_letter_that_hands_a_clue_over_sets_the_day_of_its_check(office: Office):
    person, office.seat.person = office.seat.person, ""
    case = penalties.file(office.seat, title="案", party="示例企业03", found_on="2021-03-01", unit=UNIT)
    screening.screen(
        office.seat, case, result="start", reason="有损害", on="2021-03-02", ground="serious", person="甲"
    )
    handed = screening.hand_over(
        office.seat, case, to_unit="350603", sent_on="2021-03-05", due="2021-03-20", sender="甲"
    )
    office.seat.person = person
    clue = damage.clue(office.seat, keeping.row_of(office.seat, "handover", handed).clue)
    (running,) = dues.clue_dues(office.seat, clue)
    assert running.due_on.isoformat() == "2021-03-20"


@pytest.mark.requirement("R029")
def test_thirty_days_from_the_receipt_of_a_clue(office: Office):
    clue = damage.clue(office.seat, office.clue("2021-03-01"))
    (running,) = dues.clue_dues(office.seat, clue)
    assert running.due_on.isoformat() == "2021-03-31"
    assert running.days_left(running.due_on - timedelta(days=1)) == 1
    assert running.days_left(running.due_on) == 0
    assert running.days_left(running.due_on + timedelta(days=1)) == -1
    clues.check(office.seat, clue.id, on="2021-04-01", checker="甲", text="属实")
    assert dues.clue_dues(office.seat, damage.clue(office.seat, clue.id)) == []


def test_a_day_after_today_or_before_the_clue_is_refused(office: Office):
    clue = office.clue("2021-03-01")
    with pytest.raises(RuleBroken, match="晚于今天"):
        clues.check(office.seat, clue, on="2999-01-01", checker="甲", text="属实")
    with pytest.raises(RuleBroken, match="早于"):
        clues.check(office.seat, clue, on="2021-02-28", checker="甲", text="属实")


def test_one_call_makes_a_clue_of_a_finding_with_its_facts_and_only_once(
    office: Office, officers: tuple[str, str]
):
    book = office.seat
    site = registry.add_site(book, "示例企业09", address="示例路9号")
    visit = inspections.begin(
        book, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A,W"
    )
    finding = inspections.find(book, visit, "W04", "曝气机停运")
    measured = inspections.measure(
        book,
        visit,
        item="W01",
        medium="water",
        standard="GB 8978-1996",
        parameter="COD",
        value="240",
        unit_of_value="mg/L",
        grade="1",
        category="其他",
        point="总排口",
        sampled="instant",
    )
    made = clues.from_inspection(book, visit, finding)
    assert clues.from_inspection(book, visit, finding) == made
    row = damage.clue(book, made)
    assert (row.description, row.party, row.inspection) == ("曝气机停运", "示例企业09", visit)
    over = damage.clue(book, clues.from_inspection(book, visit, measured))
    assert "总排口COD：240mg/L" in over.facts
    assert "超标1.4倍" in over.facts
    whole = damage.clue(book, clues.from_inspection(book, visit))
    assert "曝气机停运" in whole.facts
    assert "COD" in whole.facts


def test_a_head_who_left_approves_nothing(office: Office):
    office.seat.write(put("officer", office.head, UNIT, active=False))
    with pytest.raises(RuleBroken, match="无权审批"):
        start(office, office.checked_clue("2021-03-01"))


def test_a_clue_gives_one_case_whichever_laptop_starts_it(office: Office):
    clue = office.checked_clue("2021-03-01")
    assert start(office, clue) == child_id(clue, "damage_case", "")


@pytest.mark.requirement("R029")
def test_the_form_for_correcting_shows_what_is_held_and_changes_nothing(office: Office):
    clue = office.clue("2021-03-01", marine=False, red_line=False)
    act = rooms.room("cases").act("edit_clue")
    acting.perform(office.seat, act, clue, acting.preset(office.seat, act, clue))
    row = damage.clue(office.seat, clue)
    assert (row.marine, row.red_line, row.party) == (False, False, "示例企业03")
