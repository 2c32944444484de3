"""What statistics and screens ask about damage cases, as of any day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from peewee import chunked

from models.cases.damage.stages import Progress, progress
from models.cases.damage.tables import CasePaper, CaseStep, Clue, DamageCase, Loss, Meeting
from models.store.database import run
from models.store.lookup import by_id, children
from models.store.remembered import remembered

if TYPE_CHECKING:
    from models.store.seat import Seat

_SOME = 500
"""Ids in one query; SQLite takes some thousand variables at most."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A case that was started by a day, and where it stood at the end of that day."""

    case: DamageCase
    at: Progress
    started_on: str
    """Day of the approval of its start."""
    first: bool
    """首案: the first case that its unit started."""


def clue(seat: Seat, clue_id: str) -> Clue | None:
    """One clue; None where there is none."""
    with seat:
        return by_id(Clue, clue_id)


def damage_case(seat: Seat, case_id: str) -> DamageCase | None:
    """One case; None where there is none."""
    with seat:
        return by_id(DamageCase, case_id)


def steps_of(seat: Seat, case_ids: Iterable[str]) -> dict[str, list[CaseStep]]:
    """The standing steps of some cases, by case; a step of another unit than its case's is none."""
    found: dict[str, list[CaseStep]] = defaultdict(list)
    own = (DamageCase.id == CaseStep.case) & (DamageCase.unit == CaseStep.unit)
    with seat:
        for some in chunked(case_ids, _SOME):
            steps_here = CaseStep.select(CaseStep).join(DamageCase, on=own)
            for row in steps_here.where(CaseStep.case.in_(list(some)), CaseStep.voided.is_null()):
                found[str(row.case)].append(row)
    return found


def steps(seat: Seat, case_id: str) -> list[CaseStep]:
    """The standing steps of one case, in the order of their making; as `steps_of`, only its own unit's."""
    with seat:
        case = by_id(DamageCase, case_id)
        rows = children(CaseStep, "case", case_id)
    return [row for row in rows if case is not None and row.unit == case.unit]


def progress_of(seat: Seat, case_id: str, as_of: date | None = None) -> Progress:
    """Where a case stands, at the end of a day or now."""
    return progress(steps(seat, case_id), as_of.isoformat() if as_of else "9999-12-31")


def progresses(seat: Seat) -> dict[str, Progress]:
    """Where every standing case stands now, by its id; kept until something is written.

    Lists, summaries and Today ask for it at each change of a filter; ten thousand cases take seconds to fold.
    """
    return remembered(seat, "progresses", _progresses)


def _progresses() -> dict[str, Progress]:
    ids = [row[0] for row in run("SELECT id FROM damage_case WHERE voided IS NULL").fetchall()]
    by_case: dict[str, list[CaseStep]] = defaultdict(list)
    for row in CaseStep.select().where(CaseStep.voided.is_null()):
        by_case[str(row.case)].append(row)
    return {each: progress(by_case[each]) for each in ids}


def standings(seat: Seat, as_of: date) -> list[Standing]:
    """Every case whose start was approved by the day, by the day of its start: where each stood then."""
    with seat:
        cases = list(DamageCase.select().where(DamageCase.voided.is_null()))
    by_case = steps_of(seat, [row.id for row in cases])
    found = []
    for row in cases:
        at = progress(by_case[row.id], as_of.isoformat())
        if at.started:
            found.append((at.entered_on_first("start") or "", row, at))
    found.sort(key=lambda each: (each[0], each[1].id))
    seen: set[str] = set()
    result = []
    for started_on, row, at in found:
        result.append(Standing(row, at, started_on, row.unit not in seen))
        seen.add(row.unit)
    return result


def paper(seat: Seat, paper_id: str) -> CasePaper | None:
    """One paper; None where there is none."""
    with seat:
        return by_id(CasePaper, paper_id)


def papers_of(seat: Seat, record_id: str) -> list[CasePaper]:
    """The papers of a case or clue, by their day."""
    with seat:
        rows = children(CasePaper, "case", record_id)
    return sorted(rows, key=lambda row: (row.dated_on or "", row.id))


def meetings_of(seat: Seat, case_id: str) -> list[Meeting]:
    """The meetings of a case in their order."""
    with seat:
        rows = children(Meeting, "case", case_id)
    return sorted(rows, key=lambda row: (row.held_on or "", row.id))


def losses_of(seat: Seat, case_id: str) -> list[Loss]:
    """The items of the damage, by head."""
    with seat:
        rows = children(Loss, "case", case_id)
    return sorted(rows, key=lambda row: (row.head or "", row.id))


def clues_of(seat: Seat, **fields: str) -> list[Clue]:
    """The clues that came from a record: `inspection=…` or `penalty_case=…`."""
    with seat:
        wanted = [getattr(Clue, name) == value for name, value in fields.items()]
        return list(Clue.select().where(Clue.voided.is_null(), *wanted).order_by(Clue.id))
