"""How much to send at once over a link that nobody knows beforehand."""

from __future__ import annotations

_LONGEST_PATIENCE = 16


class Portion:
    """An amount that doubles after good answers and halves after a cut.

    After each cut twice as many good answers are awaited before the next doubling: on a link that is cut
    every few seconds the amount then stays where it gets through, and little is sent twice.

    Args:
        first: to begin with.
        least, most: the bounds.
        good: good answers before it is doubled the first time.
        seconds: an answer that took longer is not good enough to send more at once.
    """

    def __init__(self, first: int, *, least: int, most: int, good: int, seconds: float) -> None:
        self.size = first
        self._least = least
        self._most = most
        self._seconds = seconds
        self._patience = good
        self._good = 0

    def went(self, seconds: float) -> None:
        """An answer came after so long."""
        self._good += 1
        if self._good >= self._patience and seconds < self._seconds:
            self.size, self._good = min(self._most, self.size * 2), 0

    def was_cut(self) -> None:
        """No answer came."""
        self.size, self._good = max(self._least, self.size // 2), 0
        self._patience = min(_LONGEST_PATIENCE, self._patience * 2)

    def at_most(self, size: int) -> None:
        """The other end takes no more than this at once."""
        self.size = self._most = max(1, size)
        self._least = min(self._least, self.size)
