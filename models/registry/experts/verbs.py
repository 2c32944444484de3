"""What a person does to the pool of experts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping, units
from models.registry.days import today
from models.registry.experts import queries, rules
from models.registry.experts.tables import Expert

if TYPE_CHECKING:
    from models.store.seat import Seat

EDITABLE = (
    "name",
    "employer",
    "employer_code",
    "title",
    "title_grade",
    "fields",
    "source",
    "unit_code",
    "phone",
    "entered_on",
)


def owner() -> str:
    """The unit that owns the pool: the city."""
    return next(each.code for each in units.units() if each.kind == "city")


def add(seat: Seat, *, name: str, **fields: Any) -> str:
    """Enter an expert, with any of `EDITABLE`; the grade follows from the title where it is not given.

    Returns:
        The new record's id.

    Raises:
        RuleBroken: a field is missing or wrong (`rules.checked`), the same person of the same employer is in
            the pool, or the person may not.
    """
    keeping.allow(seat, "expert")
    _known(fields)
    values = rules.checked({"unit_code": seat.unit, **fields, "name": name}, today(seat))
    with seat.writing():
        _refuse_double(seat, values, "")
        return keeping.make(seat, "expert", owner(), keeping.tidy("expert", {**values, "active": True}))


def edit(seat: Seat, expert_id: str, **fields: Any) -> None:
    """Correct an expert's record; draws and opinions keep what they were made with.

    Raises:
        RuleBroken: as `add`; or there is no such expert.
    """
    keeping.allow(seat, "expert")
    _known(fields)
    with seat.writing():
        row = keeping.standing(seat, "expert", expert_id)
        held = {name: getattr(row, name) for name in EDITABLE}
        if "title" in fields and "title_grade" not in fields:
            held["title_grade"] = None
        values = rules.checked({**held, **fields}, today(seat))
        if row.left_on and values["entered_on"] > row.left_on:
            raise RuleBroken(N_("The expert left the pool on {day}."), field="entered_on", day=row.left_on)
        _refuse_double(seat, values, row.id)
        changed = {name: value for name, value in values.items() if value != getattr(row, name)}
        if changed:
            keeping.change(seat, row, "expert", keeping.tidy("expert", changed))


def retire(seat: Seat, expert_id: str, *, on: str, why: str) -> None:
    """Take an expert out of the pool from a day on; who comes again is entered anew.

    Raises:
        RuleBroken: there is no such expert, they left already, the day lies before their first or after
            today, no reason is given, or the person may not.
    """
    keeping.allow(seat, "expert")
    why = keeping.need_text(why, "why")
    with seat.writing():
        row = keeping.standing(seat, "expert", expert_id)
        if row.left_on:
            raise RuleBroken(N_("The expert left the pool on {day}."), field="on", day=row.left_on)
        if on > today(seat).isoformat():
            raise RuleBroken(N_("This day has not come yet."), field="on")
        if on < (row.entered_on or ""):
            raise RuleBroken(N_("The expert was entered only on {day}."), field="on", day=row.entered_on)
        fields = {"left_on": on, "left_why": why, "active": False}
        keeping.change(seat, row, "expert", keeping.tidy("expert", fields))


def withdraw(seat: Seat, expert_id: str, *, why: str) -> None:
    """Withdraw a record that was entered by mistake; who leaves the pool is retired instead.

    Raises:
        RuleBroken: no reason, no such expert, or the person may not.
    """
    keeping.withdraw(seat, "expert", expert_id, why)


def identity(name: str | None, employer: str | None) -> str:
    """What two experts of the pool never share."""
    return f"{name or ''}（{employer or ''}）"


def identities(seat: Seat) -> dict[str, str]:
    """The identities of who is in the pool today, with their names."""
    rows = queries.experts(seat, today(seat))
    return {identity(row.name, row.employer): row.name or "" for row in rows}


def _known(fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(", ".join(sorted(unknown)))


def _refuse_double(seat: Seat, values: dict[str, Any], own: str) -> None:
    with seat:
        same = list(
            Expert.select().where(
                Expert.name == values["name"],
                Expert.employer == values["employer"],
                Expert.id != own,
                Expert.voided.is_null(),
            )
        )
    if any(rules.in_pool(row, today(seat)) for row in same):
        raise RuleBroken(
            N_("{name} of {employer} is in the pool already. Open that record and correct it there."),
            field="name",
            name=values["name"],
            employer=values["employer"],
        )
