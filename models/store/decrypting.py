"""An age file as a stream to read from: pyrage only writes, so a thread writes and this reads."""

from __future__ import annotations

import contextlib
import hashlib
import io
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage

from models.errors import StoreRefused
from models.store.digests import BLOCK

_BLOCKS_AHEAD = 4


class _Stopped(Exception):
    """The reader has gone."""


class Decrypting(io.RawIOBase):
    """The plain text of an age file, in bounded memory and never on the disk.

    The whole is compared with its SHA-256, when one is given, before the end is reported.
    """

    def __init__(
        self, path: Path, identity: Any, sha256: str | None, damaged: Callable[[str], StoreRefused]
    ) -> None:
        """Begin to decrypt.

        Raises:
            FileNotFoundError, OSError: when the file cannot be opened; while reading, what `damaged`
                gives for the hash (or the file's name) when the file is not what it should be.
        """
        super().__init__()
        source = path.open("rb")
        self._name = sha256 or path.name
        self._damaged = damaged
        self._channel = _Channel()
        self._left = memoryview(b"")
        # The thread knows the channel only: a reader that nobody holds any more is closed and stops it.
        self._thread = threading.Thread(
            target=_decrypt, args=(source, identity, sha256, self._channel), name="decrypting", daemon=True
        )
        self._thread.start()

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, target: Any) -> int:
        """The next bytes; 0 at the end.

        Raises:
            StoreRefused: when the file is damaged.
        """
        if not self._left:
            block = self._channel.take()
            if block is None:
                raise self._damaged(self._name)
            self._left = memoryview(block)
        count = min(len(target), len(self._left))
        target[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def close(self) -> None:
        """Stop the thread."""
        if not self.closed:
            self._channel.stop()
            if self._thread is not threading.current_thread():
                self._thread.join()
        super().close()


class _Channel:
    """Blocks from the thread to the reader; b"" is the end and None a failure, and both stay."""

    def __init__(self) -> None:
        self._queue: queue.Queue[bytes | None] = queue.Queue(_BLOCKS_AHEAD)
        self._stopped = threading.Event()
        self._last: list[bytes | None] = []
        self._pieces: list[bytes] = []
        self._gathered = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(piece)
        self._gathered += len(piece)
        if self._gathered >= BLOCK:
            self.flush()
        return len(piece)

    def flush(self) -> None:
        if self._gathered:
            block = b"".join(self._pieces)
            self._pieces.clear()
            self._gathered = 0
            self.give(block)

    def give(self, block: bytes | None) -> None:
        if self._stopped.is_set():
            raise _Stopped
        self._queue.put(block)
        if self._stopped.is_set():
            raise _Stopped

    def take(self) -> bytes | None:
        if self._last:
            return self._last[0]
        block = self._queue.get()
        if not block:
            self._last.append(block)
        return block

    def stop(self) -> None:
        self._stopped.set()
        with contextlib.suppress(queue.Empty):  # room for a `give` that waits
            while True:
                self._queue.get_nowait()
        with contextlib.suppress(queue.Full):  # an end for a `take` that waits in another thread
            self._queue.put_nowait(None)


class _Hashing:
    def __init__(self, channel: _Channel) -> None:
        self.sha256 = hashlib.sha256()
        self._channel = channel

    def write(self, piece: bytes) -> int:
        self.sha256.update(piece)
        return self._channel.write(piece)

    def flush(self) -> None:
        """Nothing: pieces are gathered into blocks, and the end flushes."""


def _decrypt(source: io.BufferedReader, identity: Any, sha256: str | None, channel: _Channel) -> None:
    writer = _Hashing(channel)
    with source, contextlib.suppress(_Stopped):
        try:
            pyrage.decrypt_io(source, writer, [identity])
            channel.flush()
            sound = sha256 is None or writer.sha256.hexdigest() == sha256
        except _Stopped:
            raise
        except Exception:  # pyrage's own, and OSError for a wrong tag or a bad disk: all mean damaged
            sound = False
        channel.give(b"" if sound else None)
