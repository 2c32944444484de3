"""The score sheets of the units: what was given, and what follows from the records."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from models.cases.damage.tables import Clue
from models.cases.penalty import queries as penalty
from models.cases.restoration.queries import number_of
from models.errors import BadInput, RuleBroken
from models.language import N_, _, current_language
from models.law.deadlines import due, limit
from models.oversight import rules, scoring, tasks
from models.oversight.figures import case_lines, standings_on, unit_rows
from models.oversight.first_cases import first_cases
from models.oversight.tables import Score
from models.registry import units
from models.registry.days import today
from models.store.lookup import by_id
from models.store.remembered import remembered

if TYPE_CHECKING:
    from models.store.seat import Seat

_TENTH = Decimal("0.1")
_YEAR = re.compile("[1-9][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Points that follow from the records; a person gives them."""

    points: Decimal
    reason: str
    """Why points are deducted, in the reader's language; empty where none are."""
    evidence: str


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One indicator of a unit's sheet."""

    rule: scoring.Indicator
    given: Score | None
    suggested: Suggestion | None
    """None where a person judges alone."""

    @property
    def points(self) -> Decimal | None:
        """The points given; None before."""
        return number_of(self.given.points) if self.given is not None else None


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """A unit's sheet of a year."""

    unit: str
    year: int
    pack: scoring.Pack
    lines: tuple[ScoreLine, ...]

    @property
    def id(self) -> str:
        """How acts and screens name it."""
        return f"{self.unit}:{self.year}"

    @property
    def total(self) -> Decimal:
        """The points given so far."""
        return sum((line.points or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def open(self) -> int:
        """Indicators without points."""
        return sum(line.points is None for line in self.lines)


def is_year(year: int | str | None) -> bool:
    """Whether a year has four digits; what no verb of ours wrote may be none."""
    return _YEAR.fullmatch(str(year)) is not None


def sheet_parts(sheet_id: str) -> tuple[str, int]:
    """Unit and year of a sheet's id, "350602:2021".

    Raises:
        RuleBroken: it is none.
    """
    code, _colon, year = sheet_id.partition(":")
    unit = units.unit_named(code)
    if (
        unit is None
        or unit.code not in {each.code for each in units.county_level()}
        or not _YEAR.fullmatch(year)
    ):
        raise RuleBroken(N_("Give the unit and the year of the sheet, as 350602:2021."), field="unit")
    return unit.code, int(year)


def parts_of(seat: Seat, score_id: str) -> tuple[str, int, str]:
    """Unit, year and indicator of "350602:2021:zero_case" or of a score's record id.

    Raises:
        RuleBroken: it is neither, or the record names an indicator or year that no verb of ours wrote.
    """
    if score_id.count(":") == 2:
        sheet_id, _colon, indicator = score_id.rpartition(":")
        unit, year = sheet_parts(sheet_id)
        return unit, year, scoring.pack(year).indicator(indicator).key
    with seat:
        row = by_id(Score, score_id)
    if row is None:
        raise RuleBroken(N_("There is no such record here. Choose one from the list."), field="score")
    year = int(row.year or 0)
    if not is_year(year):
        raise RuleBroken(N_("“{year}” is no year of this procedure."), field="year", year=year)
    return row.unit, year, scoring.pack(year).indicator(str(row.indicator or "")).key


def sheet(seat: Seat, unit: str, year: int, as_of: date | None = None) -> ScoreSheet:
    """One unit's sheet.

    Raises:
        RuleBroken: no scoring rules are kept for the year, or the unit has no sheet.
    """
    code = rules.current_code(unit)
    found = next((each for each in sheets(seat, year, as_of) if each.unit == code), None)
    if found is None:
        raise RuleBroken(N_("Give the unit and the year of the sheet, as 350602:2021."), field="unit")
    return found


def sheets(seat: Seat, year: int, as_of: date | None = None) -> list[ScoreSheet]:
    """The sheets of all units of a year, in the bureau's order.

    Args:
        as_of: points given and records by this day; unless given the last of the year, or today.

    Raises:
        RuleBroken: no scoring rules are kept for the year.
    """
    if not is_year(year):
        raise RuleBroken(N_("“{year}” is no year of this procedure."), field="year", year=year)
    pack = scoring.pack(year)
    until = as_of or min(date(year, 12, 31), today(seat))
    given = _given(seat, year, as_of)
    suggested = suggestions(seat, year, until, pack)
    return [
        ScoreSheet(
            unit.code,
            year,
            pack,
            tuple(
                ScoreLine(rule, given.get((unit.code, rule.key)), suggested[unit.code].get(rule.key))
                for rule in pack.indicators
            ),
        )
        for unit in units.county_level()
    ]


def totals(seat: Seat, year: int, as_of: date | None = None) -> dict[str, Decimal]:
    """The points given to each unit that has any; nothing is computed."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for (unit, _indicator), row in _given(seat, year, as_of).items():
        found[unit] += number_of(row.points)
    return dict(found)


def _given(seat: Seat, year: int, as_of: date | None) -> dict[tuple[str, str], Score]:
    with seat:
        rows = Score.select().where(Score.voided.is_null(), Score.year == year)
        if as_of is not None:
            rows = rows.where(Score.on <= as_of.isoformat())
        return {(rules.current_code(row.unit), str(row.indicator)): row for row in rows}


def suggestions(
    seat: Seat, year: int, as_of: date, pack: scoring.Pack | None = None
) -> dict[str, dict[str, Suggestion]]:
    """What follows from the records as of a day, by unit and indicator."""
    rules_of = pack or scoring.pack(year)
    # the reasons are in the reader's language
    key = ("suggestions", year, as_of, rules_of, current_language())
    return remembered(seat, key, lambda: _suggestions(seat, year, as_of, rules_of))


def _suggestions(seat: Seat, year: int, as_of: date, pack: scoring.Pack) -> dict[str, dict[str, Suggestion]]:
    found = standings_on(seat, as_of)
    rows = {row.code: row for row in unit_rows(case_lines(found))}
    in_year = Counter(
        rules.current_code(each.case.unit) for each in found if each.started_on[:4] == str(year)
    )
    counts = {
        "clues": Counter(rules.current_code(row.unit) for row in late_clues(seat, year, as_of)),
        "screening": Counter(
            rules.current_code(row.unit)
            for row in penalty.unscreened(seat, as_of)
            if (row.filed_on or "")[:4] == str(year)
        ),
        "tasks": Counter(
            line.lead for line in tasks.task_lines(seat, as_of, year=year) if line.state == "overdue"
        ),
    }
    unguided = {each.unit for each in first_cases(seat, as_of, found) if "records" in each.missing}
    result: dict[str, dict[str, Suggestion]] = {}
    for unit in units.county_level():
        row = rows[unit.code]
        result[unit.code] = {}
        for rule in pack.indicators:
            if rule.computed == "zero_case":
                why = "" if in_year[unit.code] else _("no case was started in {year}").format(year=year)
                points = Decimal(0) if why else rule.points
            elif rule.computed == "first_case":
                lacking = row.zero or unit.code in unguided
                why = _("the first case has no guidance record") if lacking else ""
                points = Decimal(0) if why else rule.points
            elif rule.computed == "done_rate":
                points = _share(rule, row.done_rate)
                words = _("cases done: {done} of {started}, {rate}").format(
                    done=row.done, started=row.started, rate=rules.percent(row.done_rate)
                )
                why = words if points < rule.points else ""
            elif rule.computed:
                number = counts[rule.computed][unit.code]
                points = max(Decimal(0), rule.points - number * rule.each)
                why = _("{count} found in the records").format(count=number) if number else ""
            else:
                continue
            evidence = _("computed from the records as of {day}").format(day=as_of.isoformat())
            result[unit.code][rule.key] = Suggestion(points, why, evidence)
    return result


def _share(rule: scoring.Indicator, rate: Decimal) -> Decimal:
    """All points from the target on, below it in proportion, to a tenth."""
    share = min(Decimal(1), rate * 100 / rule.target)
    return (rule.points * share).quantize(_TENTH, ROUND_HALF_UP)


def late_clues(seat: Seat, year: int, as_of: date) -> list[Clue]:
    """Clues received in a year whose first check came after its time limit, or was due and had not come.

    One that was passed on to who is competent, within the limit, is not checked here and not late.
    """
    with seat:
        rows = list(
            Clue.select().where(
                Clue.voided.is_null(),
                Clue.received_on >= f"{year}-01-01",
                Clue.received_on <= min(f"{year}-12-31", as_of.isoformat()),
            )
        )
    return [row for row in rows if _late(row, as_of)]


def _late(row: Clue, as_of: date) -> bool:
    received, checked = rules.day_in(row.received_on), rules.day_in(row.checked_on)
    allowed = limit("clue_check", rules.day_in(row.occurred_on) or received) if received else None
    if received is None or allowed is None:
        return False
    try:
        last = due(received, allowed).due_on
    except (BadInput, OverflowError):  # the holidays of its year are not known: nobody can be late yet
        return False
    passed = rules.day_in(row.decided_on) if row.outcome in ("marine", "elsewhere") else None
    handled = [day for day in (checked, passed) if day is not None and day <= as_of]
    return min(handled, default=as_of) > last
