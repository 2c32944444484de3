"""A file that comes in several requests: what a cut connection broke off goes on where it was."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from models.errors import BadInput
from models.language import N_
from sync.multipart import Cut
from sync.phone_page import Received

_MAGIC = 16
_AHEAD = 4
"""Pieces that may wait to be encrypted."""
_LOOK = 0.2
"""Seconds between looks whether it is over."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one session takes."""

    file_bytes: int = 200 << 20
    files: int = 300
    all_bytes: int = 8 << 30
    idle_seconds: float = 15 * 60
    """Without a request from the phone for so long, it ends by itself."""
    read_seconds: float = 60
    """Without a byte of a begun upload for so long, that upload is given up."""
    stall_seconds: float = 3
    """The same while the phone has begun another: it knows that the one before was cut."""
    resume_seconds: float = 120
    """For so long what came of a file that was cut is held, so that the phone sends the rest alone."""


class Stream(Protocol):
    """What is read of a file, from one request or several."""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end."""


class Incoming:
    """A file as a stream that ends the taking in when it grows too large.

    Args:
        most: bytes that it may have.
        tell: is told how many came so far.
    """

    def __init__(self, part: Stream, most: int, tell: Callable[[int], None]) -> None:
        self.head = b""
        """Its first bytes, by which one sees what it is."""
        while len(self.head) < _MAGIC and (piece := part.read(_MAGIC - len(self.head))):
            self.head += piece
        self._part, self._most, self._tell = part, most, tell
        self._ahead = self.head
        self._size = len(self.head)

    def read(self, size: int = 1 << 20) -> bytes:
        """Up to `size` bytes.

        Raises:
            BadInput: it is larger than one file may be.
        """
        if self._ahead:
            piece, self._ahead = self._ahead[:size], self._ahead[size:]
            return piece
        piece = self._part.read(size)
        self._size += len(piece)
        if self._size > self._most:
            raise BadInput(
                N_("It is larger than {count} MB. Copy it to the laptop by cable and add it as a file."),
                count=self._most >> 20,
            )
        self._tell(self._size)
        return piece


class Coming:
    """One file, read by a thread of its own as one stream, however many requests bring it.

    Args:
        key: what the page calls it.
        take: takes the stream in and says what came of it; raises `Cut` and the like where it did not.
        patience: seconds without a byte after which it is given up, and nothing of it is left.
    """

    def __init__(self, key: str, take: Callable[[Coming], Received], patience: float) -> None:
        self.key = key
        self.at = 0
        """Bytes that came so far."""
        self.told: Received | None = None
        """What came of it; None before its end, and where it was given up."""
        self._take, self._patience = take, patience
        self._pieces: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._ahead = b""
        self._over = threading.Event()
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="phone-file", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether nothing more is read: it is kept, refused or given up."""
        return self._over.is_set()

    # -- for whoever takes it in --

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end.

        Raises:
            Cut: nothing came for too long, or it was given up.
        """
        began = time.monotonic()
        while not self._ahead:
            if self._given_up.is_set() or time.monotonic() - began > self._patience:
                raise Cut
            try:
                piece = self._pieces.get(timeout=_LOOK)
            except queue.Empty:
                continue
            if piece is None:
                self._pieces.put(None)  # the end stays the end
                return b""
            self._ahead = piece
        piece, self._ahead = self._ahead[:size], self._ahead[size:]
        return piece

    def _run(self) -> None:
        try:
            self.told = self._take(self)
        except Exception:  # told already by who takes it in
            self.told = None
        finally:
            self._over.set()

    # -- for the requests that bring it --

    def feed(self, piece: bytes) -> bool:
        """Hand the next bytes on; False once nothing more is read."""
        if not self._put(piece):
            return False
        self.at += len(piece)
        return True

    def finish(self) -> Received | None:
        """Say that all has come, and wait for what came of it."""
        self._put(None)
        self._over.wait()
        return self.told

    def give_up(self) -> None:
        """Take no more of it; nothing of what came will be left. Returns at once."""
        self._given_up.set()

    def join(self, seconds: float = 10) -> None:
        """Wait until it is over."""
        self._thread.join(seconds)

    def _put(self, piece: bytes | None) -> bool:
        while not self.over:
            try:
                self._pieces.put(piece, timeout=_LOOK)
            except queue.Full:
                continue
            return True
        return False
