"""What a seal closes: an entry on a sealed record counts exactly when the seal covers it (R11).

That holds whichever came first. So an entry that comes after the seal is judged against it, and a seal
that comes after entries which it does not cover puts those aside.
"""

from __future__ import annotations

from collections.abc import Iterable

from models import catalogue
from models.store.entry import Entry
from models.store.fold import BESIDE, fold
from models.store.journal import PUT_ASIDE, EntryRow
from sync.server import naming
from sync.server.judge import GOES_ON
from sync.server.naming import EntriesOf, Named

NEVER_CLOSED = BESIDE | {"seal", "note"}
"""Kinds that change no field."""


def covered(entries: Iterable[Entry], authority: set[str]) -> set[str] | None:
    """The hashes (hex) that the seals among a record's entries cover; None when it is not sealed."""
    entries = list(entries)
    if not any(entry.parsed_head.k == "seal" for entry in entries):
        return None
    sealing = set(fold(entries, authority).seals)
    covers: set[str] = set()
    for entry in entries:
        if entry.hash.hex() in sealing:
            named = entry.parsed_body.get("covers")
            covers |= {str(each) for each in named} if isinstance(named, list) else set()
    return covers if sealing else None


class Closing:
    """Answers for one batch whether an entry is shut out by a seal; remembers what it looked up."""

    def __init__(self, entries_of: EntriesOf, authority: set[str]) -> None:
        self._entries_of = entries_of
        self._authority = authority
        self._covers: dict[str, set[str] | None] = {}
        self._parents = Named(entries_of, authority, naming.parent)

    def added(self, entry: Entry) -> None:
        """Note an entry that takes effect."""
        if entry.parsed_head.k == "seal":
            self._covers.pop(entry.parsed_head.e, None)
        self._parents.added(entry)

    def closed(self, entry: Entry) -> bool:
        """Whether a seal on its record, or on the record that it belongs to, shuts this entry out."""
        head = entry.parsed_head
        if head.k in NEVER_CLOSED:
            return False
        covers = self._covered(head.e)
        if covers is not None:
            return entry.uid not in covers
        return any(self._shut_out(entry, parent) for parent in self.parents(entry))

    def _shut_out(self, entry: Entry, parent: str) -> bool:
        """Whether a seal on a record that the entry's record belongs to shuts the entry out."""
        covers = self._covered(parent)
        if covers is None or entry.uid in covers:
            return False
        begun = any(other.hash.hex() in covers for other in self._entries_of(entry.parsed_head.e))
        return begun or entry.parsed_head.t not in GOES_ON

    def _covered(self, record: str) -> set[str] | None:
        if record not in self._covers:
            self._covers[record] = covered(self._entries_of(record), self._authority)
        return self._covers[record]

    def parents(self, entry: Entry) -> tuple[str, ...]:
        """The records that the entry's record belongs to, as `Named.by`."""
        return self._parents.by(entry)


def left_out(seal: Entry, own: list[Entry], authority: set[str]) -> list[Entry]:
    """The logged entries, still in effect, that a seal just logged does not cover."""
    covers = covered(own, authority)
    if covers is None:
        return []
    record = seal.parsed_head.e
    whole, parts = _rows([record]), _rows(_children(record))
    rows, children = ([row for row in each if row.kind not in NEVER_CLOSED] for each in (whole, parts))
    begun = {row.record for row in children if bytes(row.hash).hex() in covers}
    rows += [row for row in children if row.record in begun or row.record_kind not in GOES_ON]
    entries = [row.entry() for row in rows if row.state != PUT_ASIDE]
    return [each for each in entries if each.uid not in covers]


def _children(record: str) -> list[str]:
    found: list[str] = []
    for kind in catalogue.kinds():
        if kind.parent:
            field = getattr(kind.table, kind.parent)
            found += [row.id for row in kind.table.select(kind.table.id).where(field == record)]
    return found


def _rows(records: list[str]) -> list[EntryRow]:
    if not records:
        return []
    return list(EntryRow.select().where(EntryRow.record.in_(records)).order_by(EntryRow.n))
