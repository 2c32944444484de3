"""Whether what a seat keeps is whole, as sentences for `doctor`."""

from __future__ import annotations

from peewee import chunked

from models import catalogue
from models.store.database import here
from models.store.entry import Entry, is_withheld
from models.store.fold import fold
from models.store.journal import EntryRow
from models.store.records import row_of
from models.store.seat import Seat


def file_problems(seat: Seat) -> list[str]:
    """Problems of the database file as SQLite and SQLCipher see them; empty when whole."""
    with seat, here.atomic():
        pages = here.execute_sql("PRAGMA cipher_integrity_check").fetchall()
        # SQLite 3.53's check of a full-text index trusts what the connection remembers of it and calls the
        # file corrupt after another connection wrote; a search makes the connection look again
        here.execute_sql("SELECT rowid FROM full_text WHERE full_text MATCH '\"~\"' LIMIT 1").fetchall()
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
            if row.own and is_withheld(entry.body):
                problems.append(f"{row.device} {row.seq}: its content is gone")
            if row.own and not entry.verify(seat.public_key_der):
                problems.append(f"{row.device} {row.seq}: signature does not verify")
            last[row.device] = (row.seq, entry.hash)
    return problems


def problems(seat: Seat) -> list[str]:
    """Everything that is not whole: the file, the chains, projections that differ from a new fold."""
    return [*file_problems(seat), *chain_problems(seat), *projection_problems(seat)]


def projection_problems(seat: Seat) -> list[str]:
    """Records whose row is not what their entries fold to; empty when all agree."""
    found = []
    with seat:
        for kind in catalogue.kinds():
            query = EntryRow.select(EntryRow.record).where(EntryRow.record_kind == kind.name).distinct()
            for some in chunked([row.record for row in query], 500):
                rows = {row["id"]: row for row in kind.table.select().where(kind.table.id.in_(some)).dicts()}
                for record, entries in seat.journal.entries_of_many(some).items():
                    state = fold(entries, seat.journal.authority)
                    wanted = row_of(kind.table, record, state) if state.unit else None
                    if rows.get(record) != wanted:
                        found.append(f"{kind.name} {record}: its row is not what its entries give")
    return found
