"""Between which two times, witnessed by the server, an entry was written (R12)."""

from __future__ import annotations

from dataclasses import dataclass

from models.store.entry import Entry
from models.store.journal import EntryRow
from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Server times around an entry, in ms since 1970 UTC; None where there is none yet."""

    not_before: int | None
    not_after: int | None


def witnessed(seat: Seat, device: str, seq: int) -> Witnessed:
    """What the `clock` entries of a device prove of one of its entries.

    Within one boot the monotonic clock lifts the lower bound: it cannot be set.
    """
    clocks = (EntryRow.device == device) & (EntryRow.kind == "clock")
    with seat:
        row = seat.journal.at(device, seq)
        before = EntryRow.select().where(clocks & (EntryRow.seq <= seq)).order_by(EntryRow.seq.desc()).first()
        after = EntryRow.select().where(clocks & (EntryRow.seq > seq)).order_by(EntryRow.seq).first()
    if row is None:
        return Witnessed(None, None)
    return Witnessed(
        None if before is None else _lifted(before.entry(), row.entry()),
        None if after is None else _number(after.entry(), "server"),
    )


def _lifted(clock: Entry, entry: Entry) -> int | None:
    server, mono = _number(clock, "server"), _number(clock, "mono")
    boot, now = entry.parsed_head.m
    if server is None or mono is None or clock.parsed_body.get("boot") != boot:
        return server
    return server + max(0, now - mono)


def _number(entry: Entry, member: str) -> int | None:
    value = entry.parsed_body.get(member)
    return value if type(value) is int else None
