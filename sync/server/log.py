"""The server's one log: entries in the order of their cursor, the Merkle tree over them, its signed heads.

Everything here runs inside the seat that the caller has entered. The tree grows in the transaction of
the entries; a head is signed only after their commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from models.errors import StoreRefused
from models.language import N_
from models.store import schema
from models.store.database import run, run_many
from models.store.entry import Entry, is_withheld
from models.store.fold import TELLING
from models.store.journal import EntryRow, Journal
from models.store.redacting import order_for
from sync import merkle
from sync.files import files_named
from sync.server.tables import Notice, SignedHead

_TOLD = schema.upsert("told_entry", ("unit", "unit_n", "cursor", "at"), ("unit", "unit_n"))
_NODES = schema.upsert("tree_node", ("level", "place", "hash"), ("level", "place"))
_COUNTS = schema.upsert("unit_count", ("unit", "last"), ("unit",))
_USES = schema.upsert("file_use", ("sha256", "cursor", "unit", "device"), ("sha256", "cursor"))
_MOVED = schema.upsert("told_record", ("record", "kind", "unit", "moved"), ("record", "kind", "unit"))
_SHOWN = "INSERT INTO told_record (record, kind, unit, moved) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
DAMAGED = N_("The server's log is not what it signed. It signs nothing more; restore it from a backup.")
_STEP = 1000
_BYTES = (
    "SELECT cursor, prev, head, body, signature, hash FROM entry WHERE cursor > ? ORDER BY cursor LIMIT ?"
)


def stored_size() -> int:
    """The number of entries in the log."""
    # the index of cursors is partial: without the condition SQLite would read the whole log for this
    row = run("SELECT MAX(cursor) FROM entry WHERE cursor IS NOT NULL").fetchone()
    return row[0] or 0


def node(level: int, place: int) -> bytes:
    """A full node of the stored tree.

    Raises:
        StoreRefused: the tables lack it: they were damaged, or cut short.
    """
    if level == 0:
        row = run("SELECT hash FROM entry WHERE cursor = ?", (place + 1,)).fetchone()
    else:
        row = run("SELECT hash FROM tree_node WHERE level = ? AND place = ?", (level, place)).fetchone()
    if row is None:
        raise StoreRefused(DAMAGED)
    return bytes(row[0]) if level else merkle.leaf_hash(bytes(row[0]))


def load_frontier() -> merkle.Frontier:
    """The tree as the tables have it."""
    return merkle.Frontier.load(stored_size(), node)


def recomputed_root(journal: Journal) -> tuple[int, bytes]:
    """Size and root computed anew from the exact bytes of every entry, not from any stored hash.

    Raises:
        ValueError: when the cursors are not dense, an entry has lost its body without an order, or bears
            another's hash.
    """
    frontier = merkle.Frontier()
    for cursor, prev, head, body, signature, digest in _log():
        if cursor != frontier.size + 1:
            raise ValueError(f"no entry at {frontier.size + 1}")
        entry = Entry.of_bytes(prev, head, body, signature)
        if is_withheld(body) and order_for(journal, entry) is None:
            raise ValueError(f"the content of {cursor} is gone")
        if entry.hash != digest:
            raise ValueError(f"the hash of {cursor} is not that of its bytes")
        frontier.append(merkle.leaf_hash(entry.hash))
    return frontier.size, frontier.root()


def _log() -> Iterator[tuple[Any, ...]]:
    """Cursor and bytes of every entry in the order of the log, in steps: it may be larger than memory."""
    last, some = 0, True
    while some:
        some = run(_BYTES, (last, _STEP)).fetchall()
        yield from some
        last = some[-1][0] if some else last


class Appender:
    """Gives new entries their places and grows the tree; used within one transaction."""

    def __init__(self, frontier: merkle.Frontier) -> None:
        self._frontier = frontier
        self._counts: dict[str, int] = {}
        self._nodes: list[merkle.Node] = []
        self._uses: list[tuple[str, int, str, str]] = []
        self._told: list[tuple[str, int, int, int]] = []
        self.elsewhere = bool(run("SELECT EXISTS (SELECT 1 FROM told_record)").fetchone()[0])
        """Whether any record is told in a unit besides its own."""

    def place(self, entry: Entry) -> dict[str, int]:
        """The next cursor and number within the unit, as columns of the entry's row."""
        head = entry.parsed_head
        unit = head.sc
        self._nodes += self._frontier.append(merkle.leaf_hash(entry.hash))
        cursor = self._frontier.size
        place = {"cursor": cursor, "unit_n": self._next(unit)}
        if self.elsewhere:
            units = run("SELECT unit FROM told_record WHERE record = ? AND kind = ?", (head.e, head.t))
            self._told += [(each, self._next(each), cursor, cursor) for (each,) in units if each != unit]
        self._uses += [(file.sha256, cursor, unit, head.d) for file in files_named(entry)]
        return place

    def _next(self, unit: str) -> int:
        if unit not in self._counts:
            known = run("SELECT last FROM unit_count WHERE unit = ?", (unit,)).fetchone()
            self._counts[unit] = known[0] if known is not None else 0
        self._counts[unit] += 1
        return self._counts[unit]

    def obey(self, entries: Iterable[Entry]) -> None:
        """Number what `move` and `show` entries of the server, placed before, give to another unit (R13)."""
        for entry in entries:
            head = entry.parsed_head
            if head.k not in TELLING:
                continue
            unit, moved, record = str(entry.parsed_body["to"]), head.k == "move", (head.e, head.t)
            if moved:
                run("DELETE FROM told_record WHERE record = ? AND kind = ? AND moved", record)
            run(_MOVED if moved else _SHOWN, (*record, unit, moved))
            lacking = run(
                "SELECT cursor FROM entry WHERE record = ? AND record_kind = ? AND unit != ?"
                " AND cursor IS NOT NULL"
                " AND cursor NOT IN (SELECT cursor FROM told_entry WHERE unit = ?) ORDER BY cursor",
                (*record, unit, unit),
            ).fetchall()
            self._told += [(unit, self._next(unit), cursor, self._frontier.size) for (cursor,) in lacking]
            self.write()

    def write(self) -> None:
        """Keep what the places changed."""
        run_many(_TOLD, self._told)
        run_many(_NODES, self._nodes)
        run_many(_COUNTS, self._counts.items())
        run_many(_USES, self._uses)


def notify(device: str, word: Entry) -> None:
    """Show a device what the server says of its entries or person, although its unit may not be granted."""
    head = word.parsed_head
    ((cursor,),) = run("SELECT cursor FROM entry WHERE device = ? AND seq = ?", (head.d, head.q)).fetchall()
    schema.keep(Notice, cursor=cursor, device=device)


def is_told(cursor: int, devices: Collection[str]) -> bool:
    """Whether one of some devices was shown an entry by `notify`."""
    shown = Notice.device.in_(list(devices)) & (Notice.cursor == cursor)
    return bool(Notice.select().where(shown).exists())


def units_that_read(row: EntryRow) -> set[str]:
    """Every unit that a logged entry is told in: its own, and those that its record went to (R13)."""
    told = run("SELECT unit FROM told_entry WHERE cursor = ?", (row.cursor,))
    return {row.unit, *(unit for (unit,) in told)}


def first_head_with(cursor: int) -> Any:
    """The first signed head that holds an entry: its time is when the entry was logged. None before it."""
    return SignedHead.select().where(SignedHead.size >= cursor).order_by(SignedHead.size).first()
