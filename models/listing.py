"""How a list of records is found and read: what the listings of every area share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from models.rooms import Cell, Line

if TYPE_CHECKING:
    from models.store.seat import Seat

FOUND_MOST = 2000
"""Records that one search brings; a few more letters narrow it."""


def matching(seat: Seat, text: str, *kinds: str) -> list[str]:
    """Ids of the records of some kinds that a text finds, the best first."""
    return [record for _kind, record in seat.search(text, kinds=kinds, limit=FOUND_MOST)]


def find(
    seat: Seat,
    table: Any,
    kind: str,
    text: str,
    order: Iterable[Any],
    through: Mapping[str, str] | None = None,
) -> list[str]:
    """Ids of standing records in order; with a text those that it finds.

    Args:
        through: fields that name a record of another kind, by whose words a record is found too.
    """
    with seat:
        rows = table.select(table.id).where(table.voided.is_null())
        if text.strip():
            fields = {"id": kind, **(through or {})}
            wanted = [getattr(table, name).in_(matching(seat, text, of)) for name, of in fields.items()]
            rows = rows.where(reduce(or_, wanted))
        return [row.id for row in rows.order_by(*order)]


def rows_of(seat: Seat, table: Any, ids: Iterable[str | None]) -> dict[str, Any]:
    """Rows by id, of those that are there."""
    wanted = [each for each in dict.fromkeys(ids) if each]
    with seat:
        return {row.id: row for row in table.select().where(table.id.in_(wanted))}


def lines(
    ids: Sequence[str], rows: Mapping[str, Any], cells: Callable[[Any], tuple[Cell | str, ...]]
) -> list[Line]:
    """A line for each id whose row is there, in the order of the ids."""
    return [Line(each, cells(row)) for each in ids if (row := rows.get(each)) is not None]
