"""Memory and the tests: what Python's collector need not look through, and where folders lie in it."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

_FOLDER = Path("/dev/shm")
_ROOM = 8 << 30
"""Bytes that must be free: several films of half a gigabyte may be there at once."""


def settle() -> None:
    """Whatever is there by now, as all that was imported, stays; to look through it took a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def roomy_folder() -> Path | None:
    """A folder in memory; None where there is none, or too little room, or no program may be run from it."""
    if not _FOLDER.is_dir() or os.statvfs(_FOLDER).f_flag & os.ST_NOEXEC:
        return None
    return _FOLDER if shutil.disk_usage(_FOLDER).free >= _ROOM else None
