"""Putting off the search for dead cycles while a batch is worked on: it makes none, and is searched often."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_ours = False


@contextmanager
def collected_later() -> Iterator[None]:
    """No search for cycles in this process until the block is left; for blocks of one batch only."""
    global _inside, _ours
    with _lock:
        if not _inside and gc.isenabled():
            gc.disable()
            _ours = True
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _ours:
                gc.enable()
                _ours = False
