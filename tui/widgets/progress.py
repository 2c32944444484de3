"""How far a long thing is: amount, rate, what remains; and a way to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from models.language import _, translate
from tui.text import fit


def amount(number: int, unit: str) -> str:
    """A number of bytes or of anything, short."""
    if unit != "bytes":
        return f"{number:,} {translate(unit)}" if unit else f"{number:,}"
    size = float(number)
    for name in ("B", "KB", "MB", "GB"):
        if size < 1000 or name == "GB":
            return f"{size:.0f} {name}" if name == "B" else f"{size:.1f} {name}"
        size /= 1000
    return ""


def duration(seconds: float) -> str:
    """Seconds, or minutes and seconds."""
    whole = max(0, round(seconds))
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    return _("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)


def progress_words(done: int, total: int, unit: str, elapsed: float) -> str:
    """What stands beside the line: amount, rate, remaining time."""
    words = f"{amount(done, unit)} / {amount(total, unit)}" if total else amount(done, unit)
    if elapsed > 0.5 and done:
        rate = done / elapsed
        words += "  " + _("{rate} a second").format(rate=amount(round(rate), unit))
        if total > done:
            words += "  " + _("{time} left").format(time=duration((total - done) / rate))
    return words


class Progress(Widget):
    """Three lines: what, a line of signs, and words; painted four times a second at most."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        id: str | None = None,  # noqa: A002 -- Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._began = clock()
        self._painted = 0.0
        self._state = (0, 0, "", "")

    def begin(self, what: str) -> None:
        """Begin anew."""
        self._began = self._clock()
        self._state = (0, 0, "", what)
        self.refresh()

    def show(self, done: int, total: int, unit: str, what: str) -> None:
        """A newer state. `unit` is "bytes" or a msgid; `what` is in the reader's language."""
        self._state = (done, total, unit, what)
        now = self._clock()
        if now - self._painted > 0.25 or done >= total:
            self._painted = now
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Line by line."""
        done, total, unit, what = self._state
        width = self.size.width
        if y == 0:
            text = what
        elif y == 1:
            room = max(0, width - 8)
            share = min(1.0, done / total) if total else 0.0
            filled = round(room * share)
            text = f"[{'#' * filled}{'.' * (room - filled)}] {share:4.0%}"
        else:
            text = progress_words(done, total, unit, self._clock() - self._began) if done or total else ""
        return Strip([Segment(fit(text, width), self.rich_style)], width)
