"""The signatures of many entries, checked on all processors: the library lets other threads run meanwhile."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from models.store.entry import Entry

_FEW = 32
"""So few are done sooner than handed out."""
_PROCESSORS = min(8, os.cpu_count() or 1)


Signed = tuple[Entry, bytes]
"""An entry, and the public key (DER) that should have signed it."""


def first_false(signed: Sequence[Signed]) -> int | None:
    """The place of the first entry that its key did not sign; None when all are good."""
    if len(signed) < _FEW or _PROCESSORS == 1:
        return _first_false(signed, 0, len(signed))
    share = -(-len(signed) // _PROCESSORS)
    shares = [(low, min(low + share, len(signed))) for low in range(0, len(signed), share)]
    others = [_pool().submit(_first_false, signed, *bounds) for bounds in shares[1:]]
    found = [_first_false(signed, *shares[0]), *(other.result() for other in others)]
    return next((place for place in found if place is not None), None)


def _first_false(signed: Sequence[Signed], low: int, high: int) -> int | None:
    for place in range(low, high):
        entry, key = signed[place]
        if not entry.verify(key):
            return place
    return None


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_PROCESSORS - 1, thread_name_prefix="verify")
