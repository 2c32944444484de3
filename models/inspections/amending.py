"""Amendments: new records, sealed themselves, that name the seal of what they correct or add to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.inspections import canonical
from models.inspections.tables import Amendment
from models.registry.sealing import Sealed, frame, seal_of, seal_record, tidied
from models.store.change import amend, new_id, put
from models.store.seat import Place

if TYPE_CHECKING:
    from models.store.seat import Seat

SCHEMA = "qingcha-amendment-1"


def changes_of(row: Any, values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What an amendment says otherwise than the sealed row: field to old and new."""
    return {
        name: {"old": getattr(row, name), "new": new}
        for name, new in sorted(values.items())
        if getattr(row, name) != new
    }


def count_of(seat: Seat, sealed_id: str) -> int:
    """How many amendments a sealed record has."""
    with seat:
        return int(Amendment.select().where(Amendment.of == sealed_id).count())


def write_amendment(
    seat: Seat, row: Any, number: str, changes: dict[str, dict[str, Any]], why: str, host: str | None
) -> Sealed:
    """Write and seal an amendment of a sealed record. Call inside `seat.writing()`.

    Args:
        row: the sealed record, with its `number` and `site_code`.
        host: address of the server that the QR code leads to.
    """
    record = new_id()
    encoded = canonical.encode(changes).decode()
    seat.write(
        put("amendment", record, row.unit, of=row.id, number=number, changes=encoded),
        amend("amendment", record, row.unit, row.sealed, why),
    )
    sealed = seal_of(seat, row.id)
    assert sealed is not None

    def content(place: Place, moment: int) -> bytes:
        stated = {
            **frame(seat, SCHEMA, record, number, place, moment),
            "changes": changes,
            "reason": why,
            "supersedes": {"number": row.number, "seal": row.sealed, "sha256": sealed.sha256},
        }
        return canonical.encode(tidied(stated))

    return seal_record(seat, "amendment", record, row.unit, number, row.site_code, [record], 0, content, host)
