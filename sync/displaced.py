"""Others' entries whose number another one has since: kept as evidence, as long as their unit may be read."""

from __future__ import annotations

from collections.abc import Collection

from models.store import schema
from models.store.entry import Entry
from models.store.fold import BESIDE
from models.store.journal import EntryRow
from models.store.lookup import rows_of
from models.store.seat import Seat
from sync.tables import Displaced


def keep(seat: Seat, entry: Entry) -> None:
    """Keep an entry that gives way to another one, as it was signed."""
    schema.keep(Displaced, hash=entry.hash.hex(), prev=entry.prev, line=entry.line(), at=seat.clock.wall_ms())


def forget(seat: Seat, granted: Collection[str], former: Collection[str]) -> int:
    """Forget those that may be read no more (R13), after the journal has; how many went.

    Of a unit that is granted all stay, and so does what is of a record of which others' entries are left.

    Args:
        granted: units.
        former: devices whose chain was this notebook's before it forked; theirs is own too.
    """
    with seat.writing():
        gone = [row.hash for row in rows_of(Displaced, "hash") if not _stays(row, granted, former)]
        for each in gone:
            Displaced.delete().where(Displaced.hash == each).execute()
    return len(gone)


def _stays(row: Displaced, granted: Collection[str], former: Collection[str]) -> bool:
    head = Entry.of_line(bytes(row.line).rstrip(b"\n"), bytes(row.prev)).parsed_head
    if head.sc in granted or head.d in former:
        return True
    left = EntryRow.select().where((EntryRow.record == head.e) & ~EntryRow.own)
    return any(each.kind not in BESIDE and each.device not in former for each in left)
