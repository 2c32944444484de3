"""What every verb of a penalty case shares: the open case, values that can be, days in their order."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.damage.clues import refuse_day
from models.cases.penalty import rules
from models.cases.penalty.tables import PenaltyCase
from models.errors import RuleBroken
from models.language import N_, translate
from models.registry import keeping
from models.registry import queries as registry
from models.registry.rules import is_credit_code, is_resident_id, tidy_code
from models.registry.typed import MOST_CENTS

if TYPE_CHECKING:
    from models.store.change import Scalar
    from models.store.seat import Seat

KIND = "penalty_case"
CHOICES = {"source": tuple(rules.SOURCES), "outcome": tuple(rules.OUTCOMES)}
_PLANNED = ("hearing_on",)
"""Days that may lie after today."""


def standing_case(seat: Seat, case_id: str) -> PenaltyCase:
    """The row of a penalty case that was not withdrawn.

    Raises:
        RuleBroken: there is none.
    """
    row: PenaltyCase = keeping.standing(seat, KIND, case_id)
    return row


def open_case(seat: Seat, case_id: str) -> PenaltyCase:
    """The row of a penalty case that still runs.

    Raises:
        RuleBroken: there is none, or it is closed.
    """
    row = standing_case(seat, case_id)
    if row.closed_on:
        raise RuleBroken(
            N_("{number} was closed on {day}. Withdraw the closing first."),
            field="closed_on",
            number=row.number,
            day=row.closed_on,
        )
    return row


def checked(seat: Seat, fields: dict[str, Any], row: PenaltyCase | None = None) -> dict[str, Scalar]:
    """Fields as they are kept, which together with those of the row can be true.

    Raises:
        RuleBroken: a value is not possible, or a day lies before one that it follows.
    """
    values = keeping.tidy(KIND, fields, CHOICES)
    for name in rules.DAYS:
        day = values.get(name)
        if isinstance(day, str):
            if name in _PLANNED:
                _refuse_no_day(day, name)
            else:
                refuse_day(seat, day, name)
    for name in ("excluded_days", "extended_days"):
        days = values.get(name)
        if isinstance(days, int) and not 0 <= days <= rules.MOST_DAYS:
            raise RuleBroken(N_("Give 0 to {most} days."), field=name, most=rules.MOST_DAYS)
    for name in ("fine_cents", "confiscated_cents"):
        amount = values.get(name)
        if isinstance(amount, int) and not 0 <= amount <= MOST_CENTS:
            raise RuleBroken(N_("This cannot be below zero."), field=name)
    code = values.get("party_code")
    if isinstance(code, str):
        values["party_code"] = code = tidy_code(code)
        if not is_credit_code(code) and not is_resident_id(code):
            raise RuleBroken(
                N_(
                    "“{value}” is neither a unified social credit code nor a citizen number: 18 characters, "
                    "and the last must check."
                ),
                field="party_code",
                value=code,
            )
    _refuse_disorder(values, row)
    return values


def keep(seat: Seat, row: PenaltyCase, fields: dict[str, Any]) -> bool:
    """Write those fields of a case that differ from what it holds; whether there were any.

    Raises:
        RuleBroken: as `checked`.
    """
    values = checked(seat, fields, row)
    new = {name: value for name, value in values.items() if value != getattr(row, name)}
    if new:
        keeping.change(seat, row, KIND, new)
    return bool(new)


def own_name(seat: Seat) -> str:
    """The name of who is unlocked; empty without a record."""
    person = registry.officer(seat, seat.person)
    return person.name or "" if person is not None else ""


def _refuse_no_day(day: str, field: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise RuleBroken(N_("“{value}” is no date: give it as 2027-06-30."), field=field, value=day) from None


def _refuse_disorder(values: dict[str, Scalar], row: PenaltyCase | None) -> None:
    def day(name: str) -> str | None:
        found = values[name] if name in values else getattr(row, name, None)
        return found if isinstance(found, str) else None

    for earlier, later in rules.ORDER:
        first, then = day(earlier), day(later)
        if first and then and then < first and (earlier in values or later in values):
            raise RuleBroken(
                N_("“{later}” {then} lies before “{earlier}” {first}. Correct one of the two."),
                field=later if later in values else earlier,
                later=translate(rules.DAYS[later]),
                then=then,
                earlier=translate(rules.DAYS[earlier]),
                first=first,
            )
