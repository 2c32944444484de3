"""What Python's collector need not look through again and again: it takes a tenth of a long run."""

from __future__ import annotations

import gc


def settle() -> None:
    """Whatever is there by now, as all that was imported, stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
