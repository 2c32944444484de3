"""What a case lacks for its next step: papers, facts, and what the areas beside it ask for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from models.cases.assessment import queries as assessment
from models.cases.collaboration import queries as collaboration
from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.cases.damage.lacks import Lack
from models.cases.damage.losses import total
from models.cases.damage.tables import CasePaper, DamageCase
from models.cases.flow import dues
from models.cases.restoration import queries as restoration
from models.language import _
from models.law.due import day_or_none
from models.law.parameters import parameter
from models.registry.typed import yuan

if TYPE_CHECKING:
    from models.cases.damage.stages import Progress
    from models.store.seat import Seat

LAST = "9999-12-31"
OPINION_PAPERS = {
    "experts": ("expert_opinion",),
    "appraisal": ("appraisal_report",),
    "combined": ("combined_finding",),
}
"""Method of the assessment to the paper that it ends in."""


def violation_day(case: DamageCase) -> date:
    """The day whose law and limits a case takes: that of the violation, else of its discovery."""
    return day_or_none(case.occurred_on) or day_or_none(case.found_on) or date.max


def lacking(seat: Seat, case: DamageCase, at: Progress, step: str, on: str = LAST) -> list[Lack]:
    """What is missing for a step on a day, what stops it first; `blocking` tells which does.

    What is dated after the step does not count for it, or a case could be closed into the past.
    """
    found = [*_papers(seat, case, at, step, on), *_facts(seat, case, at, step, on)]
    if step == "consultation":
        found += assessment.lacking(seat, case.id)
    if step == "closed":
        found += restoration.lacking(seat, case.id)
        found += _settled(seat, case, on)
    if step in stages.STAGES or step == "closed":
        found += collaboration.missing_invitations(seat, case.id, at.stage)
    return sorted(found, key=lambda lack: not lack.blocking)


def _papers(seat: Seat, case: DamageCase, at: Progress, step: str, on: str) -> list[Lack]:
    known = stages.papers()
    there = {
        row.kind
        for row in damage.papers_of(seat, case.id)
        if row.kind in known
        and at.redone_since(_stage_of(known[row.kind])) <= (row.dated_on or "") <= on
        and not _too_early(case, at, row)
    }
    groups = list(stages.required(step))
    if step == "consultation" and case.method:
        groups = [OPINION_PAPERS[case.method]]
    if step == "performance" and at.stage == "confirmation":
        groups.append(("court_ruling",))
    found = []
    for group in groups:
        if not there & set(group):
            names = _(" or ").join(known[key].label for key in group)
            text = _("Paper: {names}. Write it or enter it under Papers.").format(names=names)
            found.append(Lack(f"paper:{group[0]}", text))
    return found


def _stage_of(kind: stages.PaperKind) -> str:
    return kind.stage if kind.stage in stages.STAGES else "start"


def _facts(seat: Seat, case: DamageCase, at: Progress, step: str, on: str) -> list[Lack]:
    found: list[Lack] = []
    if step == "consultation":
        found += _assessed(seat, case)
    if step == "agreement":
        meetings = [
            row
            for row in damage.meetings_of(seat, case.id)
            if row.round == at.consultations and (row.held_on or LAST) <= on
        ]
        if not meetings:
            found.append(Lack("meeting", _("At least one meeting of the consultation, with its minutes.")))
        notice = dues.notice(seat, case.id)
        if notice is None or not notice.served_on or notice.served_on > on:
            found.append(
                Lack(
                    "paper:consultation_notice",
                    _("The consultation notice, served: note the day of service."),
                )
            )
    if step == "closed" and not case.agreed_cents and not damage.losses_of(seat, case.id):
        found.append(Lack("loss", _("The damage in money, by its heads.")))
    return found


def _assessed(seat: Seat, case: DamageCase) -> list[Lack]:
    found: list[Lack] = []
    items = damage.losses_of(seat, case.id)
    if not items:
        found.append(Lack("loss", _("The damage in money, by its heads."), "《民法典》第一千二百三十五条"))
    if not case.method:
        found.append(Lack("method", _("The method of the assessment: experts, appraisal or combined.")))
    elif case.method != "appraisal":
        found += _simple(case, total(items))
    return found


def _simple(case: DamageCase, cents: int) -> list[Lack]:
    """Experts or a combined finding serve only a simple case, by the threshold of the day of violation."""
    if not case.simple:
        return [
            Lack(
                "simple",
                _(
                    "Without an appraisal only for a simple case: facts simple, liability undisputed, damage "
                    "small. Mark it as simple, or have it appraised."
                ),
                "《生态环境损害赔偿管理规定》第二十条",
            )
        ]
    limit = parameter("simple_case_cents", violation_day(case))
    if limit is not None and cents > limit.value:
        text = _("The damage of {amount} yuan is above {limit} yuan: no simple case. Have it appraised.")
        return [
            Lack(
                "simple",
                text.format(amount=yuan(cents), limit=yuan(limit.value)),
                limit.basis,
                field="method",
            )
        ]
    return []


def _too_early(case: DamageCase, at: Progress, row: CasePaper) -> bool:
    """A ruling before the court's public notice was out: thirty days at least (法释〔2019〕8号 art. 20)."""
    applied = day_or_none(at.entered_on("confirmation"))
    least = parameter("court_notice_days", violation_day(case))
    given = day_or_none(row.dated_on)
    if row.kind != "court_ruling" or applied is None or least is None or given is None:
        return False
    return (given - applied).days < least.value


def _settled(seat: Seat, case: DamageCase, on: str) -> list[Lack]:
    """What the agreed ways of settlement leave open: restoration never planned, or done and guided later."""
    late = [row for row in restoration.restorations_of(seat, case.id) if (row.finished_on or "") > on]
    late += [
        row
        for row in restoration.restorations_of(seat, case.id)
        if (dated := [each.on or LAST for each in restoration.guidance_of(seat, row.id)]) and min(dated) > on
    ]
    if late:
        text = _("The restoration was finished or guided only after {day}.").format(day=on)
        return [Lack("restoration:later", text)]
    items = damage.losses_of(seat, case.id)
    restoring = total(items, "self") + total(items, "substitute")
    if restoring and not restoration.restorations_of(seat, case.id):
        return [Lack("restoration", _("The restoration that was agreed: plan it under Restoration."))]
    return []
