"""Ranges of contents that can be read forward only, as age files: each reader goes on where it was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BufferedReader

from models.store.digests import BLOCK

_HELD = 6
"""Streams held open: a little more than the files that an upload sends at once."""


class Ranges:
    """Reads ranges; what is asked for in order, or again since a cut, costs one pass through the content.

    Several that are read at once, or several readers of one, each keep their place. Going back further than
    the last range begins anew.
    """

    def __init__(self, opened: Callable[[str], BufferedReader]) -> None:
        """Read what `opened` gives for a content's hash."""
        self._opened = opened
        self._lock = threading.Lock()
        self._held: list[_Reading] = []

    def read(self, sha256: str, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only at the end. Raises what opening or reading does."""
        with self._lock:
            fitting = [each for each in self._held if each.sha256 == sha256 and each.begin <= offset]
            if fitting:
                reading = max(fitting, key=lambda each: each.end)
                self._held.remove(reading)
            else:
                reading = _Reading(sha256, self._opened(sha256))
            try:
                data = reading.read(offset, length)
                whole = reading.begin == 0 and reading.is_at_end()
            except BaseException:
                reading.close()
                raise
            if whole:  # a photograph is not asked for again, and would take a film's place
                reading.close()
                return data
            self._held.append(reading)
            if len(self._held) > _HELD:
                self._held.pop(0).close()
            return data

    def close(self) -> None:
        """Let go of all streams."""
        with self._lock:
            while self._held:
                self._held.pop().close()


class _Reading:
    """A stream, and the last bytes that it gave."""

    def __init__(self, sha256: str, stream: BufferedReader) -> None:
        self.sha256 = sha256
        self.end = 0
        self._stream = stream
        self._last = b""

    @property
    def begin(self) -> int:
        """From where on bytes can still be given."""
        return self.end - len(self._last)

    def read(self, offset: int, length: int) -> bytes:
        while self.end < offset:
            self._last = self._stream.read(min(BLOCK, offset - self.end))
            self.end += len(self._last)
            if not self._last:
                return b""
        again = self._last[offset - self.begin :][:length]
        if len(again) == length:
            return again
        fresh = self._stream.read(length - len(again))
        self.end += len(fresh)
        self._last = again + fresh
        return self._last

    def is_at_end(self) -> bool:
        return not self._stream.peek(1)

    def close(self) -> None:
        self._stream.close()
