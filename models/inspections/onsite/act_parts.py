"""What the acts of this room share: officers, witness, and why something cannot be done now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from models.inspections.known import Missing
from models.language import N_, translate
from models.registry import keeping
from models.rooms import Field

if TYPE_CHECKING:
    from models.store.seat import Seat

REFUSED = N_("This is sealed and stays as it is.")
WhyNot = Callable[["Seat", str], str]
WHY = Field("why", N_("Why?"), "long", required=True)
OFFICERS = (
    Field("first_officer", N_("First officer"), "record", of="officer"),
    Field("second_officer", N_("Second officer"), "record", of="officer"),
)
RECORDER = Field("recorder", N_("Recorder"), "record", of="officer")
WITNESS = (
    Field("refusal_reason", N_("Reason for not signing")),
    Field("witness_name", N_("Witness")),
    Field("witness_id", N_("Witness's citizen number")),
)


def unsealed(kind: str) -> WhyNot:
    """Why not: it is sealed."""

    def why_not(seat: Seat, record: str) -> str:
        row = keeping.row_of(seat, kind, record)
        return translate(REFUSED) if row is not None and row.sealed else ""

    return why_not


def of_unsealed(kind: str, parent: str) -> WhyNot:
    """Why not: what it belongs to is sealed."""

    def why_not(seat: Seat, record: str) -> str:
        row = keeping.row_of(seat, kind, record)
        return unsealed(parent)(seat, getattr(row, parent) or "") if row is not None else ""

    return why_not


def complete(missing: Callable[[Seat, str], list[Missing]]) -> WhyNot:
    """Why not: the first thing that is missing."""

    def why_not(seat: Seat, record: str) -> str:
        return next((each.text for each in missing(seat, record) if each.blocking), "")

    return why_not
