"""The journal: all entries of a seat, as exact bytes, appended and never changed.

`EntryRow.state` is what is known of an entry's way to the server (sync.md 3.4), never part of its content:
0 kept here, 1 received (its receipt is held), 3 put aside by the server. Whether it is in the
server's off-site backup follows from its cursor (`sync.ledger.Ledger.durable_cursor`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from peewee import SQL, AutoField, BlobField, BooleanField, IntegerField, Model, TextField, chunked, fn

from models.store.database import here, run, run_many
from models.store.entry import GENESIS, Entry
from models.store.fold import JUDGING, TELLING, Folded, Head, content, effective, fold, put_aside, setters
from models.store.lookup import row_of
from models.store.orders import REDACT, order_of, order_on, orders_in

KEPT, RECEIVED, PUT_ASIDE = 0, 1, 3


class EntryRow(Model):
    """One entry as it is kept."""

    n = AutoField()
    """Order of arrival here."""
    device = TextField()
    seq = IntegerField()
    own = BooleanField()
    """Whether this seat wrote it."""
    hash = BlobField()
    prev = BlobField()
    head = BlobField()
    body = BlobField()
    signature = BlobField()
    kind = TextField()
    record_kind = TextField()
    record = TextField(index=True)
    unit = TextField()
    cursor = IntegerField(null=True)
    """Position in the server's log, once known."""
    unit_n = IntegerField(null=True)
    """Dense number within its unit, as the server counts (R13)."""
    state = IntegerField(default=KEPT)
    problem = TextField(null=True)
    """Why the server put it aside."""

    class Meta:
        database = here
        table_name = "entry"
        indexes = ((("device", "seq"), True),)

    def entry(self) -> Entry:
        """The entry with its exact bytes."""
        return Entry(
            bytes(self.prev), bytes(self.head), bytes(self.body), bytes(self.signature), bytes(self.hash)
        )


# partial, so that a save pays for neither
EntryRow.add_index(
    SQL("CREATE UNIQUE INDEX IF NOT EXISTS entry_cursor ON entry (cursor) WHERE cursor IS NOT NULL")
)
UNSENT = SQL("own AND state = 0")
"""Own entries without a receipt; in the words of their index, or the planner would not take it."""
EntryRow.add_index(SQL(f"CREATE INDEX IF NOT EXISTS entry_waiting ON entry (seq) WHERE {UNSENT.sql}"))

WITHHELD = fn.SUBSTR(EntryRow.body, 1, 1) == b"-"
"""Entries whose content is not here."""
FIXED = ("device", "seq", "hash", "prev", "head", "signature", "kind", "record_kind", "record", "unit")
"""Columns that never change; nor does the content, except that one that was withheld is filled in."""

_SIZE_OF_UNSENT = (
    f"SELECT COUNT(*), COALESCE(SUM(LENGTH(head) + LENGTH(body) + 90), 0) FROM entry WHERE {UNSENT.sql}"
)
_BYTES_OF_RECORD = "SELECT prev, head, body, signature, hash FROM entry WHERE record = ? ORDER BY n"
_BYTES_SINCE = "SELECT n, prev, head, body, signature, hash FROM entry WHERE record = ? AND n > ? ORDER BY n"
_PLACE = "SELECT n, hash, cursor, unit_n FROM entry WHERE device = ? AND seq = ?"


@dataclass(frozen=True, slots=True)
class Past:
    """One line of a record's history."""

    time: int
    person: str
    device: str
    kind: str
    field: str
    old: Any
    new: Any
    hash: str
    put_aside: str | None
    """The server's reason, when the entry has no effect."""
    seq: int = 0
    """Number of the entry on its device."""
    set_back: bool = False
    """Whether its device's clock had been set back just before, or since its last contact (R12)."""
    redacted: bool = False
    """Whether its content was taken out by an order, which is a line of its own (kind `redact`)."""
    second: str = ""
    """Officer record id of who decided together with the person."""


def row_values(
    entry: Entry, *, own: bool, state: int = KEPT, cursor: int | None = None, unit_n: int | None = None
) -> dict[str, Any]:
    """The row that keeps an entry."""
    head = entry.parsed_head
    return {
        "device": head.d,
        "seq": head.q,
        "own": own,
        "hash": entry.hash,
        "prev": entry.prev,
        "head": entry.head,
        "body": entry.body,
        "signature": entry.signature,
        "kind": head.k,
        "record_kind": head.t,
        "record": head.e,
        "unit": head.sc,
        "state": state,
        "cursor": cursor,
        "unit_n": unit_n,
    }


_INSERT = (
    "INSERT INTO entry (device, seq, own, hash, prev, head, body, signature, kind, record_kind, record, unit,"
    " state, cursor, unit_n) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def insert(rows: list[tuple[Any, ...]]) -> None:
    """Append rows of `row_values`, with one statement: Peewee's compiler costs more than the insert."""
    run_many(_INSERT, rows)


def fill_in(n: int, entry: Entry) -> bool:
    """Give a kept entry its content, of the same hash, where only the content's hash was here; whether so."""
    changed = run("UPDATE entry SET body = ? WHERE n = ? AND substr(body, 1, 1) = ?", (entry.body, n, b"-"))
    return bool(changed.rowcount)


class Journal:
    """Reads the entries of the seat that is entered (`with seat:`)."""

    def __init__(self, authority: set[str]) -> None:
        self.authority = authority
        """Devices whose verdicts are obeyed: the server's."""

    def entries_of(self, record: str) -> list[Entry]:
        """All entries of a record in the order of their arrival here."""
        # on the path of every save: compiling this in Peewee would cost more than running it
        return [Entry(*row) for row in run(_BYTES_OF_RECORD, (record,)).fetchall()]

    def entries_of_many(self, records: Iterable[str]) -> dict[str, list[Entry]]:
        """Entries by record, for many records at once."""
        found: dict[str, list[Entry]] = {record: [] for record in records}
        if len(found) < 4:
            return {record: self.entries_of(record) for record in found}
        for some in chunked(list(found), 500):
            marks = ", ".join("?" for _ in some)
            columns = "record, prev, head, body, signature, hash"
            query = f"SELECT {columns} FROM entry WHERE record IN ({marks}) ORDER BY n"
            for record, *parts in run(query, some).fetchall():
                found[record].append(Entry(*parts))
        return found

    def carried_by(self, device: str) -> set[str]:
        """The uids of entries that a device carries for others."""
        rows = EntryRow.select().where((EntryRow.device == device) & (here.contains(EntryRow.head, b'"o":{')))
        return {row.entry().uid for row in rows}

    def last(self, device: str) -> tuple[int, bytes]:
        """Sequence number and hash of a device's last entry here; (0, GENESIS) before its first."""
        last = "SELECT seq, hash FROM entry WHERE device = ? ORDER BY seq DESC LIMIT 1"
        row = run(last, (device,)).fetchone()
        return (row[0], bytes(row[1])) if row is not None else (0, GENESIS)

    def at(self, device: str, seq: int) -> EntryRow | None:
        """The entry with that number of that device."""
        return row_of(EntryRow, device=device, seq=seq)

    def place_of(self, device: str, seq: int) -> tuple[int, bytes, tuple[int | None, int | None]] | None:
        """Arrival number, hash, and cursor with number in the unit, of a device's entry of that number."""
        row = run(_PLACE, (device, seq)).fetchone()
        return row if row is None else (row[0], bytes(row[1]), (row[2], row[3]))

    def by_hash(self, record: str, digest: bytes) -> EntryRow | None:
        """The entry of that record with that hash."""
        return row_of(EntryRow, record=record, hash=digest)

    def own_from(self, seq: int, limit: int = 1000) -> list[EntryRow]:
        """This seat's own entries from a sequence number on, in order."""
        query = EntryRow.select().where(EntryRow.own & (EntryRow.seq >= seq)).order_by(EntryRow.seq)
        return list(query.limit(limit))

    def unsent(self) -> tuple[int, int]:
        """How many own entries have no receipt yet, and their bytes."""
        count, size = run(_SIZE_OF_UNSENT).fetchone()
        return int(count), int(size)

    def heads(self, record: str) -> dict[str, list[Head]]:
        """The heads of each field of a record, the shown one first."""
        return fold(self.entries_of(record), self.authority).heads

    def history(self, record: str) -> list[Past]:
        """Every change to a record in the order of its time, with what it replaced."""
        entries = self.entries_of(record)
        aside = put_aside(entries, self.authority)
        orders = orders_in(entries, self.authority)
        counting = {entry.hash for entry in effective(entries, aside, orders, self.authority)}
        shown: dict[str, Any] = {}
        past: list[Past] = []
        for entry in sorted(entries, key=Entry.order):
            head = entry.parsed_head
            digest = entry.hash.hex()
            if head.k in TELLING:
                if head.k == "move" and head.d in self.authority:
                    past.append(
                        Past(*_line(entry), "unit", head.sc, content(entry).get("to"), digest, None, head.q)
                    )
                continue
            if head.k == REDACT:
                said = order_of(entry) if head.d in self.authority else None
                if said is not None and orders.get(said.name, said).said is entry:
                    told = (*_line(entry), "", None, said.why, digest, None, head.q)
                    past.append(Past(*told, second=said.second))
                continue
            if head.k in JUDGING or (entry.hash not in counting and digest not in aside):
                continue  # the twin of an entry that is told already
            line, where = _line(entry), (head.q, head.j == 1)
            order = order_on(entry, orders, self.authority)
            if order is not None:
                past.append(Past(*line, "", None, None, digest, aside.get(digest), *where, redacted=True))
                if digest not in aside:
                    shown.update({**dict.fromkeys(order.replaced), **order.left})
                continue
            changed = setters(entry)
            for name, (value, _) in changed.items():
                past.append(Past(*line, name, shown.get(name), value, digest, aside.get(digest), *where))
                if digest not in aside:
                    shown[name] = value
            if not changed:
                text = content(entry).get("text") or content(entry).get("line")
                past.append(Past(*line, "", None, text, digest, aside.get(digest), *where))
        return past

    def in_order(self, after: int = 0) -> Iterator[EntryRow]:
        """All entries after an arrival number, in order of arrival."""
        yield from EntryRow.select().where(EntryRow.n > after).order_by(SQL("n")).iterator()


def _line(entry: Entry) -> tuple[int, str, str, str]:
    head = entry.parsed_head
    return entry.time, head.u, head.d, head.k


class Recent:
    """What the writer of a seat read last, so that a change to a record does not read all of it again.

    Entries are only ever appended, so that those of before stay true as long as no transaction fails; then,
    or when whom it obeys changes, `forget`.
    """

    def __init__(self, journal: Journal, most: int = 200) -> None:
        self._journal = journal
        self._most = most
        self._entries: OrderedDict[str, tuple[int, list[Entry]]] = OrderedDict()
        self._states: dict[str, tuple[str, int, Folded]] = {}

    def entries_of(self, records: Iterable[str]) -> dict[str, list[Entry]]:
        """Entries by record in the order of their arrival here, in lists of the caller's own."""
        wanted = list(dict.fromkeys(records))
        if len(wanted) > self._most:
            return self._journal.entries_of_many(wanted)
        found: dict[str, list[Entry]] = {}
        for record in wanted:
            last, known = self._entries.get(record, (0, []))
            for n, *parts in run(_BYTES_SINCE, (record, last)).fetchall():
                last, known = n, [*known, Entry(*parts)]
            self._entries[record] = (last, known)
            self._entries.move_to_end(record)
            found[record] = list(known)
        while len(self._entries) > self._most:
            record, _ = self._entries.popitem(last=False)
            self._states.pop(record, None)
        return found

    def state(self, kind: str, record: str, count: int) -> Folded | None:
        """What a record of so many entries folded to; None when that is not remembered."""
        known = self._states.get(record)
        return known[2] if known is not None and known[:2] == (kind, count) else None

    def keep(self, kind: str, record: str, entries: list[Entry], state: Folded) -> None:
        """Remember what a record folded to after a write."""
        if record in self._entries:
            self._states[record] = (kind, len(entries), state)

    def forget(self) -> None:
        """Read anew from now on."""
        self._entries.clear()
        self._states.clear()
