"""Whether what a seat keeps is whole, as sentences for `doctor`."""

from __future__ import annotations

from models.store.database import here
from models.store.entry import Entry
from models.store.journal import EntryRow
from models.store.seat import Seat


def file_problems(seat: Seat) -> list[str]:
    """Problems of the database file as SQLite and SQLCipher see them; empty when whole."""
    with seat:
        pages = here.execute_sql("PRAGMA cipher_integrity_check").fetchall()
        rows = here.execute_sql("PRAGMA integrity_check").fetchall()
    return [str(row[0]) for row in (*pages, *rows) if row[0] != "ok"]


def chain_problems(seat: Seat) -> list[str]:
    """Breaks of any device's chain kept here; empty when every hash, link and own signature holds."""
    problems = []
    with seat:
        last: dict[str, tuple[int, bytes]] = {}
        for row in EntryRow.select().order_by(EntryRow.device, EntryRow.seq).iterator():
            entry = Entry.of_bytes(bytes(row.prev), bytes(row.head), bytes(row.body), bytes(row.signature))
            if entry.hash != bytes(row.hash):
                problems.append(f"{row.device} {row.seq}: bytes do not give their hash")
            before = last.get(row.device)
            if before is not None and before[0] + 1 == row.seq and before[1] != entry.prev:
                problems.append(f"{row.device} {row.seq}: does not follow the entry before")
            if row.own and not entry.verify(seat.public_key_der):
                problems.append(f"{row.device} {row.seq}: signature does not verify")
            last[row.device] = (row.seq, entry.hash)
    return problems
