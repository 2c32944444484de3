"""Whether the entries of a copy still bear their signatures: the tree is over what is signed and not over the
signatures, so that one that rotted changes no root.
"""

from __future__ import annotations

from models.errors import StoreRefused
from models.store.database import run
from models.store.entry import Entry
from models.store.health import key_of
from sync.server import log
from sync.server.central import Central

_STEP = 5000
_SIGNED = "SELECT cursor, signature FROM entry WHERE cursor > ? AND cursor <= ?"
_BYTES = "SELECT prev, head, body, signature FROM entry WHERE cursor = ?"
_FIRST = "SELECT prev, head, body, signature FROM entry WHERE device = ? AND seq = 1"


def first_lost(copy: Central, before: Central | None) -> str:
    """Device and number of the first entry that does not bear its device's signature; "" for none.

    Args:
        before: a copy whose signatures were checked: those that are the same there are not computed anew.
    """
    keys: dict[str, bytes | None] = {}
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
                if signed[cursor] != known.get(cursor) and (lost := _lost(cursor, keys)):
                    return lost
    return ""


def _between(start: int, end: int) -> dict[int, bytes]:
    return {cursor: bytes(signature) for cursor, signature in run(_SIGNED, (start, end)).fetchall()}


def _lost(cursor: int, keys: dict[str, bytes | None]) -> str:
    entry = Entry.of_bytes(*map(bytes, run(_BYTES, (cursor,)).fetchone()))
    head = entry.parsed_head
    if head.d not in keys:
        first = run(_FIRST, (head.d,)).fetchone()
        keys[head.d] = key_of(head.d, Entry.of_bytes(*map(bytes, first))) if first is not None else None
    key = keys[head.d]
    return "" if key is None or entry.verify(key) else f"{head.d} {head.q}"
