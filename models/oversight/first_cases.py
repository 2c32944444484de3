"""First cases with their guidance (R021), the warning of a year without any (R017), difficulties (R033)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from models.cases.damage.queries import Standing
from models.cases.damage.stages import STAGES
from models.cases.damage.tables import CaseGuidance, CaseIssue, DamageCase
from models.language import N_
from models.law.parameters import parameter
from models.oversight import rules
from models.oversight.figures import standings_on
from models.registry import units

if TYPE_CHECKING:
    from models.store.seat import Seat

MISSING: dict[str, str] = {
    "section": N_("no guiding section"),
    "person": N_("no guiding expert"),
    "records": N_("no guidance record"),
}
"""What a first case may lack."""
WARNING_DAYS = "zero_case_warning_days"


@dataclass(frozen=True, slots=True)
class FirstCase:
    """The first case that a unit started, and how it was guided by a day."""

    unit: str
    """Code in force."""
    standing: Standing
    guidance: tuple[CaseGuidance, ...]
    missing: tuple[str, ...]
    """Of `MISSING`."""
    unguided: tuple[str, ...]
    """Stages that it entered without a guidance record: guidance is to go through the whole case (全过程)."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A unit without a case in the year, late in the year."""

    unit: str
    days_left: int
    """Until 31 December: 0 on that day."""


@dataclass(frozen=True, slots=True)
class Issue:
    """A difficulty in a case, as of a day."""

    row: CaseIssue
    unit: str
    case_number: str
    solved: bool


def first_cases(seat: Seat, as_of: date, found: list[Standing] | None = None) -> list[FirstCase]:
    """The first case of each unit that has one, in the bureau's order of units.

    Args:
        found: the standings of that day, where they were read already.
    """
    firsts: dict[str, Standing] = {}
    for each in found if found is not None else standings_on(seat, as_of):
        firsts.setdefault(rules.current_code(each.case.unit), each)
    records = _guidance(seat, as_of)
    order = [unit.code for unit in units.units()]
    codes = sorted(firsts, key=lambda code: (order.index(code) if code in order else len(order), code))
    return [_first(code, firsts[code], tuple(records[firsts[code].case.id])) for code in codes]


def _first(code: str, standing: Standing, guidance: tuple[CaseGuidance, ...]) -> FirstCase:
    case = standing.case
    lacks = {
        "section": not case.guiding_section,
        "person": not case.guiding_person,
        "records": not guidance,
    }
    entered = {stage for stage, _ in standing.at.entered}
    guided = {str(each.stage) for each in guidance}
    return FirstCase(
        code,
        standing,
        guidance,
        tuple(name for name, lacking in lacks.items() if lacking),
        tuple(stage for stage in STAGES if stage in entered - guided),
    )


def _guidance(seat: Seat, as_of: date) -> dict[str, list[CaseGuidance]]:
    found: dict[str, list[CaseGuidance]] = defaultdict(list)
    with seat:
        rows = CaseGuidance.select().where(
            CaseGuidance.voided.is_null(), CaseGuidance.on <= as_of.isoformat()
        )
        for row in rows.order_by(CaseGuidance.on, CaseGuidance.id):
            found[str(row.case)].append(row)
    return found


def zero_case_warnings(seat: Seat, as_of: date, found: list[Standing] | None = None) -> list[Warned]:
    """The units that started no case in the year of the day, once the year's end is near.

    How near is the parameter `zero_case_warning_days`. A case of an earlier year does not count.
    """
    left = rules.days_to_year_end(as_of)
    limit = parameter(WARNING_DAYS, as_of)
    if limit is None or left > limit.value:
        return []
    started = {
        rules.current_code(each.case.unit)
        for each in (found if found is not None else standings_on(seat, as_of))
        if each.started_on[:4] == str(as_of.year)
    }
    return [Warned(unit.code, left) for unit in units.county_level() if unit.code not in started]


def issues(seat: Seat, as_of: date) -> list[Issue]:
    """The difficulties raised by a day: those not solved by then first, the oldest first."""
    day = as_of.isoformat()
    with seat:
        rows = list(
            CaseIssue.select()
            .where(CaseIssue.voided.is_null(), CaseIssue.raised_on <= day)
            .order_by(CaseIssue.raised_on, CaseIssue.id)
        )
        cases = {
            row.id: row
            for row in DamageCase.select().where(
                DamageCase.id.in_(CaseIssue.select(CaseIssue.case)), DamageCase.voided.is_null()
            )
        }
    found = [
        Issue(
            row,
            rules.current_code(cases[row.case].unit),
            str(cases[row.case].number or ""),
            bool(row.solved_on and row.solved_on <= day),
        )
        for row in rows
        if row.case in cases  # a withdrawn case takes its difficulties with it
    ]
    return sorted(found, key=lambda issue: issue.solved)
