"""A disk that fails on purpose: counts what is read and written below one folder, and fails the n-th of it.

SQLite comes here through a VFS of `apsw`; other files through `builtins.open`, `os.fsync` and `os.replace`.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

COUNTED = {
    "error": frozenset({"open", "create", "read", "write", "sync", "truncate", "rename"}),
    "full": frozenset({"create", "write"}),
    "short": frozenset({"read"}),
    "power": frozenset({"write", "sync", "truncate", "rename"}),
}
"""What each sort of fault counts. `error`: the n-th fails, once; `full`: from the n-th on nothing can be
written until there is room; `short`: the n-th read gives half of what was asked; `power`: the n-th is torn or
does not happen, and nothing after it."""
_SECTOR = 512


class Failed(Exception):
    """What a step of the disk ends with: error, full, short, torn or dead."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


@dataclass
class _Written:
    """One write (without data: a cut to `offset`) that no sync has followed, and what was there before."""

    path: Path
    offset: int
    data: bytes | None
    before: bytes
    """From `offset` on, as much as the write touched."""
    size: int
    """Of the file before."""


class Disk:
    """The one disk of a test."""

    def __init__(self, root: Path, flavour: str = "", n: int = 0) -> None:
        self.root = str(root) + os.sep
        self.flavour = flavour
        self.n = n
        self.count = 0
        self.kinds: Counter[str] = Counter()
        self.fired = ""
        """What the fault hit, as "write notebook.db-wal"; "" before."""
        self.armed = False
        self.dead = False
        """Whether the power is gone."""
        self._full = False
        self._written: dict[Path, list[_Written]] = {}
        self._renamed: list[tuple[Path, Path, bytes | None]] = []

    @contextlib.contextmanager
    def failing(self) -> Iterator[None]:
        """Count and fail while the block runs."""
        self.armed = True
        try:
            yield
        finally:
            self.armed = False

    def holds(self, path: str) -> bool:
        """Whether a path lies on this disk."""
        return path.startswith(self.root)

    def step(self, kind: str, path: str) -> None:
        """Count one operation.

        Raises:
            Failed: when it is the one that fails.
        """
        if not self.armed or not self.holds(path):
            return
        if self.dead:
            raise Failed("dead")
        if self._full and kind in COUNTED["full"]:
            raise Failed("full")
        self.kinds[kind] += 1
        if kind not in COUNTED[self.flavour]:
            return
        self.count += 1
        if self.count != self.n:
            return
        self.fired = f"{kind} {path.removeprefix(self.root)}"
        self._full, self.dead = self.flavour == "full", self.flavour == "power"
        raise Failed("torn" if self.dead and kind == "write" else "dead" if self.dead else self.flavour)

    # -- what power loss may undo ------------------------------------------------------------------

    @property
    def remembers(self) -> bool:
        """Whether what was not synced has to be noted."""
        return self.armed and self.flavour == "power"

    def wrote(self, path: str, offset: int, data: bytes | None, before: bytes, size: int) -> None:
        """Note a write, or with None a cut to `offset`."""
        self._written.setdefault(Path(path), []).append(_Written(Path(path), offset, data, before, size))

    def synced(self, path: str) -> None:
        """All that was written to a file, or all names of a folder, are safe now."""
        self._written.pop(Path(path), None)
        self._renamed = [each for each in self._renamed if str(each[1].parent) != path]

    def renamed(self, source: str, target: str, replaced: bytes | None) -> None:
        """Note that a file took a place; `replaced` is what was there."""
        self._renamed.append((Path(source), Path(target), replaced))
        for written in self._written.pop(Path(source), []):
            written.path = Path(target)
            self._written.setdefault(Path(target), []).append(written)

    def lose_power(self, copy: Path, seed: int) -> None:
        """In a copy of the disk, keep any part of what was not synced, as a cut of the power does."""
        chance = random.Random(seed)

        def there(path: Path) -> Path:
            return copy / str(path).removeprefix(self.root)

        for path, writes in self._written.items():
            if not there(path).exists():
                continue
            with there(path).open("r+b") as file:
                for write in reversed(writes):
                    file.seek(write.offset)
                    file.write(write.before)
                    file.truncate(write.size)
                for write in writes:
                    _redo(file, write, chance)
        for source, target, replaced in reversed(self._renamed[chance.randint(0, len(self._renamed)) :]):
            os.rename(there(target), there(source))
            if replaced is not None:
                there(target).write_bytes(replaced)


def _redo(file: BinaryIO, write: _Written, chance: random.Random) -> None:
    """Do a write again: wholly, in part, or not at all."""
    kept = chance.choice(["all", "all", "none", "torn"])
    if kept == "none":
        return
    if write.data is None:
        file.truncate(write.offset)
        return
    pieces = range(0, len(write.data), _SECTOR)
    for start in pieces if kept == "all" else [each for each in pieces if chance.random() < 0.5]:
        file.seek(write.offset + start)
        file.write(write.data[start : start + _SECTOR])
