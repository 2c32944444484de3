"""What the verbs of community work share: days and moments checked, one of an own list, the way to a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.cases.damage.clues import refuse_day
from models.community import choices
from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping
from models.registry import queries as registry
from models.registry.typed import read_day
from models.store.change import put

if TYPE_CHECKING:
    from models.store.seat import Seat

CHOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "grid": {"level": choices.values(choices.LEVELS)},
    "committee_member": {
        "categories": choices.values(choices.CATEGORIES),
        "duty": choices.values(choices.DUTIES),
    },
    "participant": {"kind": choices.values(choices.PARTICIPANTS)},
    "patrol": {
        "whom": choices.values(choices.OBJECTS),
        "action": choices.values(choices.ACTIONS),
        "manner": choices.values(choices.MANNERS),
        "problem_class": choices.values(choices.CLASSES),
        "outcome": choices.values(choices.OUTCOMES),
        "item": choices.values(choices.ITEMS),
    },
    "patrol_answer": {
        "item": choices.values(choices.ITEMS),
        "result": choices.values(choices.ANSWERS),
    },
    "upward_report": {
        "item": choices.values(choices.ITEMS),
        "problem_class": choices.values(choices.CLASSES),
        "sent_by_way": choices.values(choices.WAYS),
    },
    "complaint": {
        "problem_class": choices.values(choices.CLASSES),
        "channel": choices.values(choices.CHANNELS),
    },
    "mediation": {
        "problem_class": choices.values(choices.CLASSES),
        "result": choices.values(choices.RESULTS),
        **{party: choices.values(choices.ATTENDANCE) for party, _ in choices.FOUR_PARTIES},
    },
}
"""Fields with a closed list, by kind."""
DAYS_OF_PLANS = frozenset({"term_until"})
"""Days that may lie in the future."""


def lawful_day(seat: Seat, text: str, field: str, *, not_before: str | None = None) -> str:
    """A day as it is kept, that has come and is not before another.

    Raises:
        RuleBroken: it is no day, lies in the future, or is too early.
    """
    day = read_day(text, field)
    refuse_day(seat, day, field, not_before=not_before)
    return day


def tidy(seat: Seat, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Fields as they are kept: days read and checked, closed lists, tidy text; see `keeping.tidy`.

    Raises:
        RuleBroken: a value is not possible.
    """
    checked = dict(fields)
    for name, value in fields.items():
        if isinstance(value, str) and value.strip() and (name == "on" or name.endswith("_on")):
            checked[name] = lawful_day(seat, value, name)
        elif isinstance(value, str) and value.strip() and name in DAYS_OF_PLANS:
            checked[name] = read_day(value, name)
    return dict(keeping.tidy(kind, checked, CHOICES.get(kind)))


def make(seat: Seat, kind: str, unit: str, fields: dict[str, Any]) -> str:
    """Write a new record of tidied fields; its id. Errors as `tidy`."""
    return keeping.make(seat, kind, unit, tidy(seat, kind, fields))


def change(seat: Seat, row: Any, kind: str, fields: dict[str, Any]) -> None:
    """Set tidied fields of a record. Errors as `tidy`, or it is sealed."""
    keeping.change(seat, row, kind, tidy(seat, kind, fields))


def write(seat: Seat, kind: str, record: str, unit: str, values: dict[str, Any]) -> None:
    """Write tidied fields of a record whose id is made from its content (`child_id`)."""
    row = keeping.row_of(seat, kind, record)
    if row is not None:
        keeping.refuse_sealed(row)
    keeping.allow_unit(seat, kind, unit)
    seat.write(put(kind, record, unit, **values))


def refuse_order(field: str, first: str | None, last: str | None) -> None:
    """Refuse an end that is before its beginning.

    Raises:
        RuleBroken: naming the field of the end.
    """
    if first and last and last < first:
        raise RuleBroken(
            N_("{day} is before {earlier}, the day that it follows."), field=field, day=last, earlier=first
        )


def person(seat: Seat, officer_id: str | None, field: str) -> Any:
    """The officer record of a person; None where none is named.

    Raises:
        RuleBroken: there is no such person.
    """
    if not officer_id:
        return None
    row = registry.officer(seat, officer_id)
    if row is None or row.voided is not None:
        raise RuleBroken(N_("There is no such person in the register."), field=field)
    return row
