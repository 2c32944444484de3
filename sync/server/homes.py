"""What carries an entry of another chain (R6, R8) proves that its first home signed just that."""

from __future__ import annotations

from collections.abc import Iterator

from models.store.entry import Entry
from models.store.journal import Journal
from sync.server import people
from sync.server.naming import EntriesOf


def is_first_homes(
    entry: Entry, before: Entry | None, journal: Journal, entries_of: EntriesOf, *, restored: bool
) -> bool:
    """Whether an entry, if it carries another one, proves that this is what the first home signed.

    Args:
        before: the entry before it in the chain that carries it, where there is one.
        restored: whether the log has had another life: only then it may not know that device, and nobody is
            named by it; else every device whose entries anyone has is known.
    """
    first = _first(entry, before, journal, entries_of)
    if first is None or first is entry:
        return first is not None
    home = people.caller_here(first.device)
    return first.verify(home.key) if home is not None else restored


def _first(entry: Entry, before: Entry | None, journal: Journal, entries_of: EntriesOf) -> Entry | None:
    """As `Entry.first`. Programs until November 2026 did not name the hash before it: it is looked for."""
    home = entry.parsed_head.o
    if home is None or home.p:
        return entry.first()
    tried = (entry.first(behind) for behind in _behind(entry, before, journal, entries_of))
    return next((found for found in tried if found is not None), None)


def _behind(entry: Entry, before: Entry | None, journal: Journal, entries_of: EntriesOf) -> Iterator[str]:
    """Hashes, in hex, of what may have stood before it there: in that chain here, in what was carried just
    before it, or as itself or another that carries it says.
    """
    home = entry.home
    row = journal.at(home.d, home.q - 1)
    if row is not None:
        yield bytes(row.hash).hex()
    if before is not None and (before.home.d, before.home.q) == (home.d, home.q - 1):
        yield before.home.h
    for twin in entries_of(entry.parsed_head.e):
        if twin.uid == entry.uid:
            yield twin.home.p
