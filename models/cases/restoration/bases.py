"""What is done to the register of restoration bases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.cases.restoration import rules
from models.cases.restoration.days import past_day
from models.cases.restoration.tables import Restoration, RestorationBase
from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping
from models.registry import units as facts
from models.registry.typed import read_day

if TYPE_CHECKING:
    from models.store.seat import Seat

CHOICES = {"type": tuple(dict(rules.BASE_TYPES)), "tag": tuple(dict(rules.TAGS))}
_DAYS = ("planned_on", "begun_on", "built_on", "closed_on")


def add_base(seat: Seat, name: str, base_type: str, *, unit: str | None = None, **fields: Any) -> str:
    """Enter a base.

    Args:
        base_type: one of `rules.BASE_TYPES`.
        unit: code of the county-level unit that it lies in; the seat's unless given.
        fields: any other field of `RestorationBase`.

    Returns:
        Its record id.

    Raises:
        RuleBroken: a value is missing or not possible, or there is one of that name and type.
    """
    keeping.allow(seat, "restoration_base")
    place = facts.unit(unit or seat.unit)
    if place is None or place not in facts.county_level():
        raise RuleBroken(N_("Choose one of the 16 counties, districts and zones."), field="unit")
    unit = place.code
    with seat.writing():
        values = _checked(seat, {**fields, "name": name, "type": base_type}, unit)
        return keeping.make(seat, "restoration_base", unit, keeping.tidy("restoration_base", values, CHOICES))


def edit_base(seat: Seat, base_id: str, **fields: Any) -> None:
    """Change a base: its days of building, its place, its doubt; its history keeps what it held.

    Raises:
        RuleBroken: as `add_base`; or its type would no longer fit restorations that use it.
    """
    keeping.allow(seat, "restoration_base")
    with seat.writing():
        row = keeping.standing(seat, "restoration_base", base_id)
        held = {name: getattr(row, name) for name in (*_DAYS, "name", "type", "latitude", "longitude")}
        merged = _checked(seat, {**held, **fields}, row.unit, row.id)
        if merged["type"] != row.type and _used(seat, base_id):
            raise RuleBroken(N_("Restorations use this base; its type stays."), field="type")
        values = {name: merged[name] for name in fields}
        keeping.change(seat, row, "restoration_base", keeping.tidy("restoration_base", values, CHOICES))


def withdraw_base(seat: Seat, base_id: str, why: str) -> None:
    """Withdraw a base that was entered by mistake.

    Raises:
        RuleBroken: restorations use it, or no reason is given.
    """
    keeping.allow(seat, "restoration_base")
    with seat.writing():
        if _used(seat, base_id):
            raise RuleBroken(
                N_("Restorations use this base. Enter the day from when on it is given up."), field="base"
            )
        keeping.withdraw(seat, "restoration_base", base_id, why)


def _used(seat: Seat, base_id: str) -> bool:
    with seat:
        return bool(
            Restoration.select().where(Restoration.base == base_id, Restoration.voided.is_null()).exists()
        )


def _checked(seat: Seat, fields: Mapping[str, Any], unit: str, own: str = "") -> dict[str, Any]:
    values = dict(fields)
    values["name"] = keeping.need_text(values.get("name"), "name")
    if values.get("planned_on"):  # a plan may lie ahead
        values["planned_on"] = read_day(values["planned_on"], "planned_on")
    for name in _DAYS[1:]:
        if values.get(name):
            values[name] = past_day(seat, values[name], name)
    rules.refuse_disorder([(name, values.get(name)) for name in _DAYS])
    if not any(values.get(name) for name in _DAYS):
        raise RuleBroken(
            N_("Give the day on which it was planned, begun or built: counts follow from it."),
            field="built_on",
        )
    rules.refuse_position(values.get("latitude"), values.get("longitude"))
    with seat:
        known = RestorationBase.get_or_none(
            RestorationBase.name == values["name"],
            RestorationBase.type == values.get("type"),
            RestorationBase.unit == unit,
            RestorationBase.id != own,
            RestorationBase.voided.is_null(),
        )
    if known is not None:
        raise RuleBroken(N_("There is a base of this name and type here already."), field="name")
    return values
