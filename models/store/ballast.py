"""Room set aside on the disk for the day that it is full: what waits can then still be sent.

<home>/notebooks/ballast    one file for all notebooks there, in none of their folders, so in no backup
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from pathlib import Path

from models.errors import StoreRefused
from models.language import N_
from models.store.database import full_disk

SIZE = 64 << 20
"""Bytes: what a day's work and its receipts take, many times over."""
ROOMY = 1 << 30
"""Bytes that are to be left free beside it: no disk becomes scarce by it."""
NAME = "ballast"
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
OPENED = N_(
    "The disk is full: room that was set aside for this was freed, so that the notebook could be opened. "
    "Synchronise, then free some space."
)
_PIECE = 1 << 20
_BLOCK = 512
"""Bytes that `st_blocks` counts by (POSIX.1-2017, sys/stat.h)."""


class Ballast:
    """The file, in the folder that it is to be in.

    Set QINGCHA_NO_BALLAST to go without it.
    """

    def __init__(self, folder: Path, *, size: int = SIZE, roomy: int = ROOMY) -> None:
        """Nothing is made yet.

        Args:
            folder: that of the notebooks, on whose disk it is to lie.
            size: bytes.
            roomy: bytes that must be free beside it, or none is made.
        """
        self.path = folder / NAME
        self.size = size
        self._roomy = roomy

    def is_there(self) -> bool:
        """Whether it lies there, and takes the room that it should."""
        try:
            facts = self.path.stat()
        except OSError:
            return False
        # a file of nothing but holes gives nothing back; Windows does not say, and writes what it is told to
        taken = getattr(facts, "st_blocks", None)
        return facts.st_size == self.size and (taken is None or taken * _BLOCK >= self.size)

    def keep(self) -> bool:
        """Make it where it is not there and there is plenty of room; whether it is there then."""
        if os.environ.get("QINGCHA_NO_BALLAST"):
            return False
        if self.is_there():
            return True
        making = self.path.with_name(f".{NAME}.{secrets.token_hex(4)}.tmp")
        try:
            for left in self.path.parent.glob(f".{NAME}.*.tmp"):
                left.unlink(missing_ok=True)
            if shutil.disk_usage(self.path.parent).free < self._roomy + self.size:
                return False
            _allocate(making, self.size)
            os.replace(making, self.path)
        except OSError:  # it is for good days: whatever is against it, work goes on without
            with contextlib.suppress(OSError):
                making.unlink(missing_ok=True)
            return False
        return self.is_there()

    def release(self) -> bool:
        """Give the room back; whether there was any to give."""
        there = self.is_there()
        try:
            self.path.unlink()
        except OSError:
            return False
        return there

    def released_for(self, error: BaseException) -> bool:
        """Give the room back where an error says that the disk is full; whether that made any."""
        return is_full(error) and self.release()

    def words(self) -> StoreRefused:
        """What a person is told of what was not kept, when it was released for that."""
        return StoreRefused(
            N_(
                "The disk is full, and this was not kept. {count} MB that were set aside for this are free "
                "now: do it again, synchronise, and then free some space."
            ),
            count=self.size >> 20,
        )


def is_full(error: BaseException) -> bool:
    """Whether an error, or one behind it, says that the disk or the person's share of it is full."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _FULL:
            return True
        seen = seen.__context__
    return full_disk(error)


def _allocate(path: Path, size: int) -> None:
    """Make a file whose bytes are the disk's, not a promise of it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with open(descriptor, "wb") as file:
        if not _allocated(file.fileno(), size):
            left = size
            while left > 0:  # nothing that a file system could make smaller
                left -= file.write(os.urandom(min(_PIECE, left)))
        file.flush()
        os.fsync(file.fileno())


def _allocated(descriptor: int, size: int) -> bool:
    allocate = getattr(os, "posix_fallocate", None)  # not on Windows or macOS
    if allocate is None:
        return False
    try:
        allocate(descriptor, 0, size)
    except OSError as error:
        if error.errno in _FULL:
            raise
        return False  # a file system that cannot, such as FAT on a stick
    return os.fstat(descriptor).st_blocks * _BLOCK >= size
