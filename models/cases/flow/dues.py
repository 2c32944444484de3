"""The time limits of clues and damage cases, each by the version of the day of its violation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from models.cases.damage import queries as damage
from models.cases.damage.stages import Progress
from models.cases.damage.tables import CasePaper, Clue, DamageCase
from models.cases.penalty import queries as penalties
from models.language import N_, translate
from models.law.deadlines import due, limit
from models.law.due import Due, day_or_none

if TYPE_CHECKING:
    from models.store.seat import Seat

_PERFORM = N_("Performance by the agreement")


def dues(seat: Seat) -> list[Due]:
    """Every limit that runs in clues and cases that are not ended."""
    with seat:
        clues = list(Clue.select().where(Clue.voided.is_null(), Clue.outcome.is_null()))
        cases = list(DamageCase.select().where(DamageCase.voided.is_null()))
        papers: dict[str, list[CasePaper]] = defaultdict(list)
        for row in CasePaper.select().where(CasePaper.voided.is_null()).order_by(CasePaper.dated_on):
            papers[str(row.case)].append(row)
    known = damage.progresses(seat)
    found = [each for row in clues for each in clue_dues(seat, row)]
    for case in cases:
        at = known.get(case.id, Progress())
        if not at.ended:
            found += running(case, at, papers[case.id])
    return found


def clue_dues(seat: Seat, row: Clue) -> list[Due]:
    """Thirty days from the receipt of a clue to its first check; a day set by its hand-over comes first."""
    received = day_or_none(row.received_on)
    if row.checked_on or received is None:
        return []
    violated = row.occurred_on or received.isoformat()
    found = _due("clue_check", violated, received, "clue", row.id, row.number)
    set_by_letter = penalties.check_due(seat, row.id) if row.penalty_case else None
    if found is not None and set_by_letter is not None:
        found = replace(found, due_on=set_by_letter)
    return [found] if found else []


def case_dues(seat: Seat, case: DamageCase, at: Progress) -> list[Due]:
    """The limits that run in one case."""
    return [] if at.ended else running(case, at, damage.papers_of(seat, case.id))


def running(case: DamageCase, at: Progress, papers: list[CasePaper]) -> list[Due]:
    """The limits that run in a case, from its steps and papers."""
    violated = case.occurred_on or case.found_on or "9999-12-31"
    found: list[Due | None] = []

    def add(key: str, start: str | None) -> None:
        day = day_or_none(start)
        if day is not None:
            found.append(_due(key, violated, day, "damage_case", case.id, case.number))

    if at.stage == "consultation" and at.condition == "open":
        notice = served(papers, at.entered_on("consultation"))
        add("consultation", notice.served_on if notice else None)
    if at.stage == "agreement" and at.condition == "open":
        add("judicial_confirmation", at.agreed_on)
    if not at.agreed and at.condition in ("open", "failed"):
        add("compensation_suit", case.found_on)
    perform_by = day_or_none(case.perform_by)
    if at.awaiting and perform_by is not None:
        found.append(
            Due(
                "perform_by",
                "damage_case",
                case.id,
                case.number or "",
                translate(_PERFORM),
                perform_by,
                "赔偿协议",
            )
        )
    return [each for each in found if each is not None]


def consultation_until(case: DamageCase, served_on: str) -> Due | None:
    """The last day of a consultation whose notice was served on a day; None where no limit was in force."""
    violated = case.occurred_on or case.found_on or served_on
    start = day_or_none(served_on)
    if start is None:
        return None
    return _due("consultation", violated, start, "damage_case", case.id, case.number)


def notice(seat: Seat, case_id: str) -> CasePaper | None:
    """The consultation notice of the consultation that runs: the last one served since it began."""
    at = damage.progress_of(seat, case_id)
    return served(damage.papers_of(seat, case_id), at.entered_on("consultation"))


def served(papers: list[CasePaper], since: str | None) -> CasePaper | None:
    """The last consultation notice that was served on or after a day."""
    notices = [
        row
        for row in papers
        if row.kind == "consultation_notice" and row.served_on and row.served_on >= (since or "")
    ]
    return max(notices, key=lambda row: (row.served_on, row.id), default=None)


def _due(key: str, violated: str, start: date, kind: str, record: str, about: str | None) -> Due | None:
    rule = limit(key, day_or_none(violated) or start)
    if rule is None:
        return None
    found = due(start, rule)
    return Due(key, kind, record, about or "", rule.title, found.due_on, rule.basis, rule.mark)
