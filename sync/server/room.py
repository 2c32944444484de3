"""Room on the server's disk. Its last part is kept for entries: files are refused before it is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

from sync.problems import Problem

LOW = 2 << 30
"""Bytes free that are too few: the operator is told, and nothing is done that can wait."""
KEPT = 1 << 30
"""Bytes that files leave free; of a disk below 20 GiB a twentieth of it."""
WAIT_S = 60
"""After how long whoever found it full may ask again."""


def free(folder: Path) -> int:
    """Bytes free on the disk of a folder."""
    return shutil.disk_usage(folder).free


def kept(folder: Path) -> int:
    """Bytes of the disk of a folder that files leave free."""
    return min(KEPT, shutil.disk_usage(folder).total // 20)


def refuse_file(folder: Path, size: int) -> None:
    """Refuse bytes of a file that would take what is kept for entries: photographs wait, words flow on.

    Args:
        size: bytes still to come.

    Raises:
        Problem: disk-full.
    """
    if free(folder) - size < kept(folder):
        raise Problem("disk-full", "the rest of the disk is kept for entries", retry_after=WAIT_S)
