"""What the screens say of a clue, a case and their parts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from models.cases.assessment.queries import draws_of, opinions_of
from models.cases.collaboration.room import sections as collaboration
from models.cases.damage import clues, losses, stages
from models.cases.damage import queries as damage
from models.cases.damage.tables import CaseGuidance, CaseIssue, CasePaper, Clue, DamageCase
from models.cases.damage.transfer import transfers_of
from models.cases.flow import dues
from models.cases.flow.papers import MEETING_RESULTS
from models.cases.flow.requirements import lacking
from models.cases.flow.verbs import METHODS, TAGS
from models.cases.fund.room import sections as fund
from models.cases.restoration.room import sections as restoration
from models.language import N_, _, translate
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import today
from models.registry.typed import yuan
from models.registry.units import label_of, unit
from models.rooms import Cell, Fact, Section, Sheet, label, labels

if TYPE_CHECKING:
    from models.cases.damage.stages import Progress
    from models.law.due import Due
    from models.store.seat import Seat


def stage_cell(at: Progress) -> Cell:
    """Where a case stands, in words."""
    if at.condition == "closed":
        return Cell(translate(stages.CONDITIONS["closed"]), "good")
    if at.condition == "terminated":
        return Cell(translate(stages.CONDITIONS["terminated"]), "quiet")
    words = stages.stage(at.stage).label if at.started else "-"
    if at.condition != "open":
        words += f" · {translate(stages.CONDITIONS[at.condition])}"
    return Cell(words, "warn" if at.condition in ("failed", "suit") else "strong" if at.awaiting else "")


def clue_cell(seat: Seat, row: Clue, today: date) -> Cell:
    """What has become of a clue, or how long its check may take."""
    if row.outcome:
        return Cell(
            translate(clues.OUTCOMES.get(row.outcome, row.outcome)),
            "good" if row.outcome == "start" else "quiet",
        )
    if row.checked_on:
        return Cell(_("Checked"), "strong")
    running = dues.clue_dues(seat, row)
    return due_cell(running[0], today) if running else Cell(_("Unchecked"), "warn")


def due_cell(each: Due, today: date) -> Cell:
    """How long until a day, near and past ones marked."""
    left = each.days_left(today)
    if left < 0:
        return Cell(_("! overdue: {days}").format(days=-left), "bad")
    if left == 0:
        return Cell(_("! today"), "bad")
    return Cell(_("days left: {days}").format(days=left), "warn" if left <= 7 else "quiet")


def clue_sheet(seat: Seat, clue_id: str) -> Sheet:
    """All of one clue. Raises RuleBroken where there is none."""
    row: Clue = keeping.standing(seat, "clue", clue_id)
    this_day = today(seat)
    with seat:
        case = DamageCase.get_or_none(DamageCase.clue == clue_id, DamageCase.voided.is_null())
    facts = [
        Fact(_("Source"), translate(clues.SOURCES.get(row.source or "", row.source or ""))),
        Fact(_("What happened"), row.description or ""),
        Fact(_("Liable party"), row.party or ""),
        Fact(_("Credit code"), row.party_code or ""),
        Fact(_("Place"), row.place or ""),
        Fact(_("Day of violation"), row.occurred_on or "", "" if row.occurred_on else "warn"),
        Fact(_("Received on"), row.received_on or ""),
        Fact(_("Facts of the damage"), row.facts or ""),
        Fact(_("What is damaged"), labels(tuple(clues.ELEMENTS.items()), row.elements)),
    ]
    if row.marine:
        facts.append(Fact(_("In the sea"), _("Yes: the marine channel"), "warn"))
    if row.red_line:
        facts.append(Fact(_("In a red line"), _("Yes"), "warn"))
    if row.inspection:
        facts.append(Fact(_("Inspection"), _("Opens the inspection"), "", "inspection", row.inspection))
    if row.penalty_case:
        facts.append(
            Fact(_("Penalty case"), _("Opens the penalty case"), "", "penalty_case", row.penalty_case)
        )
    decided = [
        Fact(_("First check"), f"{row.checked_on or '-'} {row.checker or ''}"),
        Fact(_("Result"), row.check_text or ""),
    ]
    decided += [
        Fact(each.what, f"{each.due_on} · {due_cell(each, this_day).text}", due_cell(each, this_day).part)
        for each in dues.clue_dues(seat, row)
    ]
    if row.outcome:
        words = translate(clues.OUTCOMES.get(row.outcome, row.outcome))
        if row.no_start_reason:
            words += f": {translate(clues.NO_START.get(row.no_start_reason, row.no_start_reason))}"
        decided += [
            Fact(_("Decision"), f"{row.decided_on} {words}"),
            Fact(_("Approved by"), _officer(seat, row.approver)),
            Fact(_("Note"), row.decision_note or ""),
        ]
    if row.outcome == "not_start" and row.source == "procuratorate":
        told = row.told_procuratorate_on
        decided.append(Fact(_("Procuratorate told"), told or _("Not yet"), "" if told else "warn"))
    if case is not None:
        decided.append(Fact(_("Case"), case.number or "", "good", "damage_case", case.id))
    return Sheet(
        f"{row.number} {row.party or ''}",
        clue_cell(seat, row, this_day),
        (
            Section(_("Clue"), _filled(facts)),
            Section(_("Check and decision"), _filled(decided)),
            _papers_section(damage.papers_of(seat, clue_id)),
        ),
    )


def case_sheet(seat: Seat, case_id: str) -> Sheet:
    """All of one case: what is next first, then facts, damage, papers, and what other areas add.

    Raises:
        RuleBroken: there is none.
    """
    case: DamageCase = keeping.standing(seat, "damage_case", case_id)
    at = damage.progress_of(seat, case_id)
    papers = damage.papers_of(seat, case_id)
    return Sheet(
        case.title or case.number or "",
        stage_cell(at),
        (
            _next_section(seat, case, at),
            _steps_section(seat, case_id, at, case.unit),
            _facts_section(seat, case),
            _loss_section(seat, case),
            _meeting_section(seat, case_id),
            _papers_section(papers),
            _opinion_section(seat, case_id),
            *collaboration(seat, case_id),
            *restoration(seat, case_id),
            *fund(seat, case_id),
            _guidance_section(seat, case_id),
        ),
    )


def _next_section(seat: Seat, case: DamageCase, at: Progress) -> Section:
    """What is to be done now, which papers, until when (R032)."""
    facts: list[Fact] = []
    this_day = today(seat)
    for each in dues.case_dues(seat, case, at):
        cell = due_cell(each, this_day)
        facts.append(Fact(each.what, f"{each.due_on} · {cell.text} · {each.basis}", cell.part))
    if not at.ended and at.condition == "open":
        guide = stages.stage(at.stage)
        facts += [Fact(_("To do"), guide.guide), Fact(_("Who"), guide.who)]
    for step in stages.next_steps(at):
        if step in ("back", "failed", "terminated"):
            continue  # nobody works towards these
        lacks = lacking(seat, case, at, step)
        words = translate(stages.STEPS[step])
        if not lacks:
            facts.append(Fact(_("Next step"), _("{step}: can be done now").format(step=words), "good"))
        facts += [
            Fact(_("Before {step}").format(step=words), lack.text, "warn" if lack.blocking else "quiet")
            for lack in lacks
        ]
    if at.odd:
        text = _("Steps from another laptop that cannot follow: {count}. Withdraw or repeat them.")
        facts.append(Fact(_("Steps"), text.format(count=len(at.odd)), "bad"))
    return Section(_("Next step"), tuple(facts))


def _steps_section(seat: Seat, case_id: str, at: Progress, unit_now: str) -> Section:
    facts = []
    for row in stages.in_order(damage.steps(seat, case_id)):
        words = translate(stages.STEPS.get(row.step or "", row.step or ""))
        if row.to:
            words += f" → {stages.stage(row.to).label}"
        if row.reason:
            words += f": {row.reason}"
        facts.append(Fact(row.on or "", words, "bad" if row.id in at.odd else "", "case_step", row.id))
    for moved in transfers_of(seat, case_id):
        words = _("Transferred from {unit} to {other}").format(
            unit=label_of(moved.from_unit), other=label_of(moved.to_unit)
        )
        if moved.from_unit == unit_now:
            words += " · " + _("on its way")
        facts.append(Fact(moved.on or "", words, "strong", "case_transfer", moved.id))
    return Section(_("Course"), tuple(facts))


def _facts_section(seat: Seat, case: DamageCase) -> Section:
    where = unit(case.unit)
    facts = [
        Fact(_("Number"), case.number or ""),
        Fact(_("Unit"), where.label if where else case.unit),
        Fact(_("Right-holder"), case.right_holder or ""),
        Fact(_("Designated body"), case.body or ""),
        Fact(_("Handled by"), case.handler or ""),
        Fact(_("Lead officer"), _officer(seat, case.lead_officer)),
        Fact(_("Second officer"), _officer(seat, case.helper_officer)),
        Fact(_("Liable party"), case.party or ""),
        Fact(_("Credit code"), case.party_code or ""),
        Fact(_("Legal representative"), case.party_person or ""),
        Fact(_("Address"), case.party_address or ""),
        Fact(_("Phone"), case.party_phone or ""),
        Fact(_("Place"), f"{case.town or ''}{case.place or ''}"),
        Fact(_("Landscape"), label(tuple(TAGS.items()), case.tag)),
        Fact(_("Day of violation"), case.occurred_on or ""),
        Fact(_("Grounds"), labels(tuple(clues.GROUNDS.items()), case.grounds)),
        Fact(_("What was done"), case.act or ""),
        Fact(_("Provision violated"), case.violated or ""),
        Fact(_("Pollutants and amounts"), case.pollutants or ""),
        Fact(_("Extent of the damage"), case.extent or ""),
        Fact(_("Baseline"), case.baseline or ""),
        Fact(_("Causation"), case.causation or ""),
        Fact(_("Emergency measures and cost"), case.emergency or ""),
        Fact(_("Method of assessment"), label(tuple(METHODS.items()), case.method)),
    ]
    if case.simple:
        facts.append(Fact(_("Simple case"), _("Yes")))
    if case.red_line:
        facts.append(Fact(_("In a red line"), _("Yes"), "warn"))
    if case.clue:
        facts.append(Fact(_("Clue"), _("Opens the clue"), "", "clue", case.clue))
    if case.penalty_case:
        facts.append(
            Fact(_("Penalty case"), _("Opens the penalty case"), "", "penalty_case", case.penalty_case)
        )
    return Section(_("Facts"), _filled(facts))


def _loss_section(seat: Seat, case: DamageCase) -> Section:
    items = damage.losses_of(seat, case.id)
    facts = [
        Fact(
            translate(losses.HEADS.get(row.head or "", row.head or "")),
            f"{row.item}  {yuan(row.cents or 0)}  {translate(losses.WAYS.get(row.way or '', ''))}",
            "",
            "loss",
            row.id,
        )
        for row in items
    ]
    if items:
        facts.append(
            Fact(_("Damage in all"), _("{amount} yuan").format(amount=yuan(losses.total(items))), "strong")
        )
    if case.agreed_cents:
        agreed = _("{amount} yuan").format(amount=yuan(case.agreed_cents))
        facts.append(Fact(_("Agreed"), f"{agreed}  {_('until')} {case.perform_by or '-'}", "strong"))
    return Section(_("Damage in money"), tuple(facts))


def _meeting_section(seat: Seat, case_id: str) -> Section:
    facts = [
        Fact(
            row.held_on or "",
            _("Meeting {count}: {result}").format(
                count=row.count, result=translate(MEETING_RESULTS.get(row.result or "", ""))
            )
            + f"  {row.present or ''}",
            "",
            "meeting",
            row.id,
        )
        for row in damage.meetings_of(seat, case_id)
    ]
    return Section(_("Meetings"), tuple(facts))


def _papers_section(rows: list[CasePaper]) -> Section:
    known = stages.papers()
    facts = []
    for row in rows:
        kind = known.get(row.kind or "")
        words = (kind.label if kind else row.kind or "") + (f" {row.number}" if row.number else "")
        if row.title:
            words += f" · {row.title}"
        if row.served_on:
            words += f" · {_('served')} {row.served_on}"
        facts.append(Fact(row.dated_on or "", words, "", "case_paper", row.id))
    return Section(_("Papers"), tuple(facts))


def _opinion_section(seat: Seat, case_id: str) -> Section:
    facts = [
        Fact(row.drawn_on or "", _("Experts drawn"), "", "expert_draw", row.id)
        for row in draws_of(seat, case_id)
    ]
    facts += [
        Fact(row.dated_on or "", _("Opinion of the experts"), "", "opinion", row.id)
        for row in opinions_of(seat, case_id)
    ]
    return Section(_("Experts"), tuple(facts))


def _guidance_section(seat: Seat, case_id: str) -> Section:
    case = damage.damage_case(seat, case_id)
    facts: list[Fact] = []
    if case is not None and case.guiding_section:
        facts.append(Fact(_("Guiding section"), f"{case.guiding_section} {case.guiding_person or ''}"))
    with seat:
        guided = CaseGuidance.select().where(CaseGuidance.case == case_id, CaseGuidance.voided.is_null())
        facts += [Fact(row.on or "", row.advice or "", "", "case_guidance", row.id) for row in guided]
        issues = CaseIssue.select().where(CaseIssue.case == case_id, CaseIssue.voided.is_null())
        facts += [
            Fact(row.raised_on or "", row.text or "", "" if row.solved_on else "warn", "case_issue", row.id)
            for row in issues
        ]
    return Section(_("Guidance and difficulties"), tuple(facts))


def part_sheet(seat: Seat, record_id: str, *, kind: str) -> Sheet:
    """A part of a case: every field that is filled in, and the way back to the case."""
    row = keeping.standing(seat, kind, record_id)
    owner = "clue" if damage.clue(seat, row.case or "") else "damage_case"
    known = {key: each.label for key, each in stages.papers().items()}
    values = {
        "step": translate(stages.STEPS.get(getattr(row, "step", "") or "", "")),
        "to": stages.stage(row.to).label if getattr(row, "to", None) else "",
        "kind": known.get(getattr(row, "kind", "") or "", ""),
        "head": translate(losses.HEADS.get(getattr(row, "head", "") or "", "")),
        "way": translate(losses.WAYS.get(getattr(row, "way", "") or "", "")),
        "result": translate(MEETING_RESULTS.get(getattr(row, "result", "") or "", "")),
        "stage": stages.stage(row.stage).label if getattr(row, "stage", None) else "",
        "served_how": translate(stages.SERVICE.get(getattr(row, "served_how", "") or "", "")),
        "from_unit": label_of(getattr(row, "from_unit", None)),
        "to_unit": label_of(getattr(row, "to_unit", None)),
        "officer": _officer(seat, getattr(row, "officer", None)),
        "approver": _officer(seat, getattr(row, "approver", None)),
    }
    for name in ("price_cents", "cents"):
        if getattr(row, name, None) is not None:
            values[name] = yuan(getattr(row, name))
    facts = [
        Fact(translate(words), str(values.get(name, getattr(row, name)) or ""))
        for name, words in PARTS[kind].items()
    ]
    facts.append(
        Fact(_("Case") if owner == "damage_case" else _("Clue"), _("Goes to it"), "", owner, row.case)
    )
    return Sheet(translate(_TITLES[kind]), Cell(""), (Section("", _filled(facts)),))


_DAY, _STAGE, _TEXT, _PERSON = N_("Day"), N_("Stage"), N_("Text"), N_("Person")
PARTS: dict[str, dict[str, str]] = {
    "case_step": {
        "on": _DAY,
        "step": N_("Step"),
        "to": N_("To stage"),
        "reason": N_("Reason"),
        "officer": N_("Officer"),
    },
    "case_paper": {
        "kind": N_("Paper"),
        "title": N_("Title"),
        "number": N_("Number"),
        "dated_on": N_("Dated"),
        "served_on": N_("Served"),
        "served_to": N_("Served on"),
        "served_how": N_("Way of service"),
        "signers": N_("Signed by"),
        "content": N_("Content"),
        "note": N_("Note"),
    },
    "meeting": {
        "held_on": _DAY,
        "place": N_("Place"),
        "host": N_("Chair"),
        "present": N_("Who came"),
        "minutes": N_("Minutes"),
        "result": N_("Result"),
        "extra_reason": N_("Reason, beyond three"),
        "approver": N_("Approved by"),
    },
    "loss": {
        "head": N_("Head"),
        "item": N_("Item"),
        "quantity": N_("Quantity"),
        "quantity_unit": N_("Unit of quantity"),
        "price_cents": N_("Price (yuan)"),
        "cents": N_("Amount (yuan)"),
        "way": N_("Settled by"),
        "basis": N_("Computed from"),
    },
    "case_issue": {
        "raised_on": _DAY,
        "stage": _STAGE,
        "text": _TEXT,
        "person": N_("Who solves it"),
        "solved_on": N_("Solved"),
        "solution": N_("Solution"),
    },
    "case_transfer": {
        "on": _DAY,
        "from_unit": N_("From unit"),
        "to_unit": N_("To unit"),
        "reason": N_("Reason"),
        "letter_number": N_("Letter of transfer"),
        "approver": N_("Approved by"),
    },
    "case_guidance": {
        "on": _DAY,
        "stage": _STAGE,
        "person": _PERSON,
        "question": N_("Question"),
        "advice": N_("Advice"),
    },
}
"""Kind of part to its fields with their labels."""
_TITLES: dict[str, str] = {
    "case_step": N_("Step"),
    "case_paper": N_("Paper"),
    "meeting": N_("Meeting"),
    "loss": N_("Item of damage"),
    "case_issue": N_("Difficulty"),
    "case_guidance": N_("Guidance"),
    "case_transfer": N_("Transfer"),
}


def _officer(seat: Seat, officer_id: str | None) -> str:
    row = registry.officer(seat, officer_id) if officer_id else None
    return (row.name if row is not None else officer_id) or ""


def _filled(facts: list[Fact]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)
