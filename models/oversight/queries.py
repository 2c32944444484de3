"""What Today and the room of units ask: what is due, and the board of units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from models.language import _
from models.law.due import Due
from models.law.parameters import parameter
from models.oversight import dispatch, rules, scores
from models.oversight.figures import Figures, UnitRow, city_figures, issued_months
from models.oversight.first_cases import WARNING_DAYS, Warned, zero_case_warnings
from models.oversight.tasks import task_lines
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import today
from models.registry.units import label_of

if TYPE_CHECKING:
    from models.store.seat import Seat

BULLETIN_DAYS = "bulletin_days"
LAPSED = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One unit on the board."""

    row: UnitRow
    score: Decimal | None
    """Points given in the year of the day; None where none are."""
    warned: Warned | None


def board(seat: Seat, as_of: date) -> tuple[Figures, list[BoardRow]]:
    """The city's figures, and each unit's with its score and warning."""
    figures = city_figures(seat, as_of)
    points = scores.totals(seat, as_of.year, as_of)
    warned = {each.unit: each for each in zero_case_warnings(seat, as_of)}
    rows = [BoardRow(row, points.get(row.code), warned.get(row.code)) for row in figures.by_unit]
    return figures, rows


def dispatches(seat: Seat) -> bool:
    """Whether who is unlocked assigns, scores and dispatches."""
    role = registry.role_of(seat)
    return role is None or "dispatch" in role.may


def dues(seat: Seat) -> list[Due]:
    """What runs out in the city's oversight, of what concerns who is unlocked.

    A dispatcher sees every task, the next bulletin and every unit without a case in the year; others what
    their own unit leads or lacks. Who reads no damage cases is not warned of there being none: none reached
    their notebook, whether there are any or not.
    """
    day, all_units = today(seat), dispatches(seat)
    own = rules.current_code(seat.unit)
    found = [
        Due(
            key="task",
            kind="task",
            record=line.task.id,
            about=label_of(line.lead),
            what=str(line.task.title or ""),
            due_on=last,
            basis=_("Task table of {year}").format(year=line.task.year),
            mark="D",
        )
        for line in task_lines(seat, day)
        if line.state != "done"
        and (last := rules.day_in(line.task.due_on)) is not None
        and (all_units or line.lead == own)
    ]
    found += [
        Due(
            key="zero_case",
            kind="unit_board",
            record=each.unit,
            about=label_of(each.unit),
            what=_("Start at least one case in {year}").format(year=day.year),
            due_on=date(day.year, 12, 31),
            basis=_parameter_basis(WARNING_DAYS, day),
            mark="D",
        )
        for each in (zero_case_warnings(seat, day) if keeping.may_see(seat, "damage_case") else ())
        if all_units or each.unit == own
    ]
    return [*found, *(_bulletin_due(seat, day) if all_units else [])]


def _bulletin_due(seat: Seat, day: date) -> list[Due]:
    """The next bulletin once its month has ended, as long as bulletins are issued at all in this notebook.

    A practice that lapsed for more than a year is a gap in the list of bulletins, no deadline of today.
    """
    month = dispatch.next_month(seat)
    allowed = parameter(BULLETIN_DAYS, day)
    if month is None or allowed is None or not issued_months(seat):
        return []
    if not timedelta(0) <= day - rules.last_day(month) <= LAPSED:
        return []
    return [
        Due(
            key="bulletin",
            kind="bulletin_month",
            record=month,
            about=month,
            what=_("Issue the bulletin of {month}").format(month=month),
            due_on=rules.last_day(month) + timedelta(days=allowed.value),
            basis=allowed.basis,
            mark=allowed.mark,
        )
    ]


def _parameter_basis(key: str, day: date) -> str:
    found = parameter(key, day)
    return found.basis if found is not None else ""
