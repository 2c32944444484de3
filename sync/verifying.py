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


def first_false(entries: Sequence[Entry], public_key_der: bytes) -> int | None:
    """The place of the first entry that this key did not sign; None when it signed all."""
    if len(entries) < _FEW or _PROCESSORS == 1:
        return _first_false(entries, public_key_der, 0, len(entries))
    share = -(-len(entries) // _PROCESSORS)
    shares = [(low, min(low + share, len(entries))) for low in range(0, len(entries), share)]
    others = [_pool().submit(_first_false, entries, public_key_der, *bounds) for bounds in shares[1:]]
    found = [_first_false(entries, public_key_der, *shares[0]), *(other.result() for other in others)]
    return next((place for place in found if place is not None), None)


def _first_false(entries: Sequence[Entry], public_key_der: bytes, low: int, high: int) -> int | None:
    return next((place for place in range(low, high) if not entries[place].verify(public_key_der)), None)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_PROCESSORS - 1, thread_name_prefix="verify")
