"""What the papers of a damage case are made of, read once from the seat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from models.cases.assessment import queries as assessment
from models.cases.collaboration.tables import Deliberation, Supervision
from models.cases.damage import losses
from models.cases.damage import queries as damage
from models.cases.damage.tables import (
    CaseGuidance,
    CasePaper,
    CaseStep,
    Clue,
    DamageCase,
    Loss,
    Meeting,
)
from models.cases.fund import queries as fund
from models.cases.penalty import queries as penalties
from models.cases.restoration import queries as restoration
from models.cases.restoration.tables import RestorationBase
from models.documents.facts import Facts, gather
from models.errors import BadInput
from models.language import N_
from models.registry import queries as registry
from models.registry.units import unit
from models.store.lookup import by_id, children

if TYPE_CHECKING:
    from models.cases.assessment.tables import ExpertDraw, Opinion, OpinionExpert
    from models.cases.damage.stages import Progress
    from models.cases.fund.tables import FundEntry
    from models.cases.penalty.tables import PenaltyCase
    from models.cases.restoration.tables import (
        Restoration,
        RestorationAmount,
        RestorationGuidance,
        RestorationVisit,
    )
    from models.registry.tables import Officer
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class Restored:
    """One restoration with what belongs to it."""

    row: Restoration
    base: str
    """Name of the base that it takes place on; empty for none."""
    amounts: tuple[RestorationAmount, ...]
    guidance: tuple[RestorationGuidance, ...]
    visits: tuple[RestorationVisit, ...]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case with everything that its papers name; lists by their days."""

    case: DamageCase
    clue: Clue | None
    at: Progress
    violated_on: date
    """The day whose law and limits the case takes."""
    unit_name: str
    lead: Officer | None
    helper: Officer | None
    names: Mapping[str, str]
    """Of the people whom its records name by id."""
    steps: tuple[CaseStep, ...]
    papers: tuple[CasePaper, ...]
    clue_papers: tuple[CasePaper, ...]
    meetings: tuple[Meeting, ...]
    losses: tuple[Loss, ...]
    """In the order of the five heads."""
    draws: tuple[ExpertDraw, ...]
    opinions: tuple[Opinion, ...]
    experts: Mapping[str, list[OpinionExpert]]
    """By opinion."""
    deliberations: tuple[Deliberation, ...]
    supervisions: tuple[Supervision, ...]
    advice: tuple[CaseGuidance, ...]
    """Guidance of a unit's first case."""
    restorations: tuple[Restored, ...]
    fund: tuple[FundEntry, ...]
    penalty: PenaltyCase | None
    visit: Facts | None
    """The inspection that it came from, where this notebook holds it."""
    entered: CasePaper | None = None
    """The entered paper that is wanted; None for the latest of its kind."""

    @property
    def number(self) -> str:
        """The case's record number."""
        return self.case.number or ""

    def paper(self, kind: str) -> CasePaper | None:
        """The entered paper that is wanted, else the latest of its kind."""
        if self.entered is not None and self.entered.kind == kind:
            return self.entered
        return next((row for row in reversed(self.papers) if row.kind == kind), None)

    def wanted(self, kind: str) -> CasePaper | None:
        """The entered paper of the kind, only where that very one is wanted."""
        return self.entered if self.entered is not None and self.entered.kind == kind else None

    def name(self, value: str | None) -> str:
        """Who is meant by a record id or by a name that was typed."""
        return self.names.get(value or "", value or "")


def gather_case(seat: Seat, case_id: str, entered: CasePaper | None = None) -> CaseFacts:
    """Read everything that the papers of a case name.

    Args:
        entered: the entered paper that is wanted, where it is a certain one.

    Raises:
        BadInput: there is no such case.
    """
    case = damage.damage_case(seat, case_id)
    if case is None:
        raise BadInput(N_("There is no such case here. Synchronise, or look in the list."))
    clue = damage.clue(seat, case.clue) if case.clue else None
    place = unit(case.unit)
    with seat:
        deliberations = children(Deliberation, "case", case_id)
        supervisions = children(Supervision, "case", case_id)
        advice = children(CaseGuidance, "case", case_id)
    steps = sorted(damage.steps(seat, case_id), key=lambda row: (row.on or "", row.id))
    meetings, draws = damage.meetings_of(seat, case_id), assessment.draws_of(seat, case_id)
    opinions = assessment.opinions_of(seat, case_id)
    heads = list(losses.HEADS)
    items = sorted(
        damage.losses_of(seat, case_id),
        key=lambda row: (heads.index(row.head) if row.head in heads else len(heads), row.id),
    )
    people = [case.approver, *(row.officer for row in steps), *(row.approver for row in meetings)]
    people += [row.drawn_by for row in draws]
    people += [clue.checker, clue.approver] if clue is not None else []
    return CaseFacts(
        case=case,
        clue=clue,
        at=damage.progress_of(seat, case_id),
        violated_on=_violation_day(case),
        unit_name=place.name if place is not None else case.unit,
        lead=registry.officer(seat, case.lead_officer) if case.lead_officer else None,
        helper=registry.officer(seat, case.helper_officer) if case.helper_officer else None,
        names=names_of(seat, people),
        steps=tuple(steps),
        papers=tuple(damage.papers_of(seat, case_id)),
        clue_papers=tuple(damage.papers_of(seat, clue.id)) if clue is not None else (),
        meetings=tuple(meetings),
        losses=tuple(items),
        draws=tuple(draws),
        opinions=tuple(opinions),
        experts=assessment.experts_of(seat, [row.id for row in opinions]),
        deliberations=tuple(sorted(deliberations, key=lambda row: (row.held_on or "", row.id))),
        supervisions=tuple(sorted(supervisions, key=lambda row: (row.on or "", row.id))),
        advice=tuple(sorted(advice, key=lambda row: (row.on or "", row.id))),
        restorations=tuple(restored(seat, row) for row in restoration.restorations_of(seat, case_id)),
        fund=tuple(fund.entries_of(seat, case_id)),
        penalty=_penalty(seat, case, clue),
        visit=_visit(seat, clue.inspection if clue is not None else None),
        entered=entered,
    )


def restored(seat: Seat, row: Restoration) -> Restored:
    """A restoration with what belongs to it."""
    with seat:
        base = by_id(RestorationBase, row.base) if row.base else None
    return Restored(
        row,
        (base.name or "") if base is not None else "",
        tuple(restoration.amounts_of(seat, row.id)),
        tuple(restoration.guidance_of(seat, row.id)),
        tuple(restoration.visits_of(seat, row.id)),
    )


def names_of(seat: Seat, people: list[str | None]) -> dict[str, str]:
    """The names of people whom records name by id; whoever is no record here is left out."""
    found = {each: registry.officer(seat, each) for each in people if each}
    return {each: row.name or "" for each, row in found.items() if row is not None}


def _violation_day(case: DamageCase) -> date:
    try:
        return date.fromisoformat(case.occurred_on or case.found_on or "9999-12-31")
    except ValueError:  # a day that no verb of ours wrote
        return date.max


def _penalty(seat: Seat, case: DamageCase, clue: Clue | None) -> PenaltyCase | None:
    which = case.penalty_case or (clue.penalty_case if clue is not None else None)
    return penalties.penalty_case(seat, which) if which else None


def _visit(seat: Seat, inspection_id: str | None) -> Facts | None:
    try:
        return gather(seat, inspection_id) if inspection_id else None
    except BadInput:  # it stayed in the notebook of whoever made it
        return None
