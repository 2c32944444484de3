"""Whether the entries of a copy still bear their signatures: the tree is over what is signed and not over the
signatures, so that one that rotted changes no root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import StoreRefused
from models.store.database import here, run
from models.store.entry import Entry
from models.store.health import key_of
from models.store.journal import FIXED
from sync.server import log
from sync.server.central import Central

_STEP = 5000
_SIGNED = "SELECT cursor, signature FROM entry WHERE cursor > ? AND cursor <= ?"
_BYTES = "SELECT prev, head, body, signature FROM entry WHERE cursor = ?"
_FIRST = "SELECT prev, head, body, signature FROM entry WHERE device = ? AND seq = 1"


@dataclass(frozen=True, slots=True)
class Lost:
    """An entry that does not bear its device's signature."""

    cursor: int
    entry: str
    """Device and number."""
    good: bytes | None
    """The signature, where the copy of before has it still."""


def lost(copy: Central, before: Central | None) -> list[Lost]:
    """The entries of a copy that have lost their signatures, in the order of the log.

    Args:
        before: a copy whose signatures were checked: those that are the same there are not computed anew.
    """
    keys: dict[str, bytes | None] = {}
    found = []
    with copy:
        size = log.stored_size()
    for start in range(0, size, _STEP):
        with copy:
            signed = _between(start, start + _STEP)
        known: dict[int, bytes] = {}
        try:
            if before is not None:
                with before:
                    known = _between(start, start + _STEP)
        except StoreRefused:
            before = None  # it is damaged: all are computed anew
        with copy:
            for cursor in sorted(signed):
                if signed[cursor] != known.get(cursor):
                    found += _looked_at(cursor, keys, known.get(cursor))
    return found


def put_back(copy: Central, mended: Sequence[Lost]) -> None:
    """Give entries of a copy, which nobody uses yet, the signatures that were found."""
    with copy.writing():
        here.unguard()
        for each in mended:
            run("UPDATE entry SET signature = ? WHERE cursor = ?", (each.good, each.cursor))
        here.guard(FIXED)


def _between(start: int, end: int) -> dict[int, bytes]:
    return {cursor: bytes(signature) for cursor, signature in run(_SIGNED, (start, end)).fetchall()}


def _looked_at(cursor: int, keys: dict[str, bytes | None], before: bytes | None) -> list[Lost]:
    prev, head, body, signature = map(bytes, run(_BYTES, (cursor,)).fetchone())
    entry = Entry.of_bytes(prev, head, body, signature)
    told = entry.parsed_head
    if told.d not in keys:
        first = run(_FIRST, (told.d,)).fetchone()
        keys[told.d] = key_of(told.d, Entry.of_bytes(*map(bytes, first))) if first is not None else None
    key = keys[told.d]
    if key is None or entry.verify(key):
        return []
    # what verifies over these bytes is theirs, wherever it was found
    good = before if before and Entry.of_bytes(prev, head, body, before).verify(key) else None
    return [Lost(cursor, f"{told.d} {told.q}", good)]
