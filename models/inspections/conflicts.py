"""Conflicts: values of one field that two devices wrote without knowing of each other; all sides are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import RuleBroken
from models.inspections.writing import open_inspection
from models.language import N_
from models.registry import access, keeping
from models.registry import verbs as registry
from models.store.change import Scalar, resolve

if TYPE_CHECKING:
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class Side:
    """One of the values."""

    value: Scalar
    person: str
    """Officer record id of who wrote it."""
    time: int
    """When, ms since 1970 UTC by the writer's corrected clock."""
    device: str


def sides(seat: Seat, kind: str, record: str, field: str) -> list[Side]:
    """The values that nobody has replaced, the one that is shown first.

    Raises:
        RuleBroken: who is unlocked may not read the record.
    """
    keeping.refuse_unread(seat, kind, record)
    with seat:
        heads = seat.journal.heads(record).get(field, [])
    return [Side(head.value, head.person, head.time, head.device) for head in heads]


def settle(seat: Seat, kind: str, record: str, field: str, value: Scalar) -> None:
    """Settle a field: this value replaces all sides, which stay in the history.

    Raises:
        RuleBroken: there is no such record, its visit is sealed, or the person may not change it.
    """
    with seat.writing():
        row = keeping.row_of(seat, kind, record)
        if row is None:
            raise RuleBroken(N_("There is no such record."), field=field)
        if not access.is_shared(kind):
            keeping.allow_unit(seat, kind, row.unit)
        visit = record if kind == "inspection" else getattr(row, "inspection", None)
        if visit:
            open_inspection(seat, visit)
        elif kind == "site":
            registry.allow_site_change(seat)
        elif kind == "officer" and record != seat.person:
            registry.allow_officer_change(seat, "lead")
        elif kind != "officer":
            keeping.allow(seat, kind)
        seat.write(resolve(kind, record, row.unit, **{field: value}))
