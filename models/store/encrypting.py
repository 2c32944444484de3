"""The two ends of an encryption: what it reads from and what it writes to."""

from __future__ import annotations

from typing import BinaryIO

from models.store.digests import BLOCK, Digests, Progress


class Reader:
    """What the encryption reads from: hashes the very bytes it hands on, and remembers its failure."""

    def __init__(self, stream: BinaryIO, progress: Progress | None, total: int, limit: int) -> None:
        """Read up to `limit` bytes: a file that grows as fast as it is read would never end."""
        self.digests = Digests()
        self.failure: BaseException | None = None
        self._stream, self._progress = stream, progress
        self._total, self._limit = total, limit
        self._block, self._at = b"", 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end."""
        if self._at == len(self._block):
            try:
                left = self._limit - self.digests.size
                self._block, self._at = self._stream.read(min(BLOCK, left)) or b"", 0
                self.digests.update(self._block)
                if self._progress is not None and self._block:
                    self._progress(self.digests.size, self._total)
            except BaseException as error:
                self.failure = error
                raise
        piece = self._block[self._at : self._at + size]
        self._at += len(piece)
        return piece


class Writer:
    """What the encryption writes to; remembers its failure."""

    def __init__(self, file: BinaryIO) -> None:
        self.failure: BaseException | None = None
        self._file = file

    def write(self, data: bytes) -> int:
        """Write all of it."""
        try:
            return self._file.write(data)
        except BaseException as error:
            self.failure = error
            raise

    def flush(self) -> None:
        """Nothing: the file is flushed and synced once, at the end."""
