"""Between which two times, witnessed by the server, an entry was written (R12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.store.entry import Entry
from models.store.fold import BESIDE
from models.store.journal import EntryRow
from models.store.seat import Seat

TOLERANCE_MS = 2 * 60_000
"""How far a claimed time may lie outside before the device's clock is said to disagree."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Server times around an entry, in ms since 1970 UTC; None where there is none yet."""

    not_before: int | None
    not_after: int | None

    def holds(self, moment: int) -> bool:
        """Whether a claimed time lies between them, give or take what a contact may take."""
        after = self.not_before is None or moment >= self.not_before - TOLERANCE_MS
        return after and (self.not_after is None or moment <= self.not_after + TOLERANCE_MS)


def witnessed(seat: Seat, device: str, seq: int) -> Witnessed:
    """What the `clock` entries of a device prove of one of its entries.

    Within one boot the monotonic clock lifts the lower bound: it cannot be set. An entry that is carried (R6,
    R8) was there before what stands around it was written: below it bounds what was carried of its own chain.
    What this seat has not written anything after yet lies before its last contact.
    """
    clocks = (EntryRow.device == device) & (EntryRow.kind == "clock")
    with seat:
        row = seat.journal.at(device, seq)
        if row is None:
            return Witnessed(None, None)
        entry = row.entry()
        before = EntryRow.select().where(clocks & (EntryRow.seq <= seq)).order_by(EntryRow.seq.desc())
        witness = next((each for each in _entries(before) if _same_chain(each, entry)), None)
        after = EntryRow.select().where(clocks & (EntryRow.seq > seq)).order_by(EntryRow.seq)
        closing = next((each for each in _entries(after) if each.parsed_head.o is None), None)
    not_after = _number(closing, "server") if closing is not None else None
    if closing is None and device == seat.device:
        not_after = seat.last_contact()
    return Witnessed(None if witness is None else _lifted(witness, entry), not_after)


def witnessed_record(seat: Seat, record: str) -> Witnessed | None:
    """Of a record's seal, else of the last entry on it: between which server times it was written."""
    with seat:
        rows = list(
            EntryRow.select().where((EntryRow.record == record) & EntryRow.kind.not_in(sorted(BESIDE)))
        )
    if not rows:
        return None
    row = next((each for each in reversed(rows) if each.kind == "seal"), rows[-1])
    return witnessed(seat, row.device, row.seq)


def _entries(query: Any) -> Iterator[Entry]:
    return (row.entry() for row in query.iterator())


def _same_chain(clock: Entry, entry: Entry) -> bool:
    """Whether both were first written in one chain, the clock's before the entry."""
    return clock.home.d == entry.home.d and clock.home.q <= entry.home.q


def _lifted(clock: Entry, entry: Entry) -> int | None:
    server, mono = _number(clock, "server"), _number(clock, "mono")
    boot, now = entry.parsed_head.m
    if server is None or mono is None or clock.parsed_body.get("boot") != boot:
        return server
    return server + max(0, now - mono)


def _number(entry: Entry, member: str) -> int | None:
    value = entry.parsed_body.get(member)
    return value if type(value) is int else None
