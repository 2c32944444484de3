"""Files that a backup holds already, read again in turn: what its disk lost is found while the seat has it.

Each backup reads the shelves (files whose hashes begin with the same two digits) that were read longest ago.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from models.store.durable import sync_folder, write_whole
from models.store.vault import PlainVault

MEMORY = "files.read"
"""In a backup: the shelves in the order in which they were read, the last one last. Without it they are read
from the first on."""
_SHARE = 9
"""Shelves of 256 that one backup reads: of one a day all are read within 29 days."""
_SHELF = re.compile("[0-9a-f]{2}")
_ASIDE = ".damaged"


@dataclass(slots=True)
class Read:
    """What reading again found."""

    whole: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)
    """Set aside beside their places: to be copied again, or all that is left of them."""


def read_again(vault: PlainVault, memory: Path, *, known: Collection[str], everything: bool) -> Read:
    """Read the files of the next shelves, and set aside those that are not what their names say.

    Args:
        vault: of the backup.
        memory: its file `MEMORY`.
        known: SHA-256 of files that need not be read, as they came just now.
        everything: all shelves, and not the next ones only.
    """
    found = Read()
    shelves: dict[str, list[str]] = {}
    for sha256 in vault.hashes():
        if sha256 not in known:
            shelves.setdefault(sha256[:2], []).append(sha256)
    order = _remembered(memory)
    # those that are not remembered come first
    due = sorted(shelves, key=lambda shelf: (order.get(shelf, -1), shelf))
    for shelf in due if everything else due[:_SHARE]:
        for sha256 in sorted(shelves[shelf]):
            if vault.verify(sha256) == "kept":
                found.whole.add(sha256)
            elif vault.has(sha256):
                set_aside(vault, sha256)
                found.damaged.add(sha256)
        order.pop(shelf, None)
        order[shelf] = max(order.values(), default=0) + 1
        write_whole(memory, " ".join(sorted(order, key=order.__getitem__)).encode())
    return found


def set_aside(vault: PlainVault, sha256: str) -> None:
    """Make room for a whole copy of a file, and keep the damaged one: it may be all that is left."""
    path = vault.path_of(sha256)
    os.replace(path, _aside(path))
    sync_folder(path.parent)


def forget_aside(vault: PlainVault, sha256: str) -> None:
    """Remove the damaged copy of a file that is here whole again."""
    with contextlib.suppress(FileNotFoundError):
        _aside(vault.path_of(sha256)).unlink()


def _aside(path: Path) -> Path:
    return path.with_name(path.name + _ASIDE)


def _remembered(memory: Path) -> dict[str, int]:
    try:
        names = memory.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return {}
    return {name: place for place, name in enumerate(names) if _SHELF.fullmatch(name)}
