"""Every reach into Textual's internals, and every workaround, with the version that needs it.

Nothing here is needed by design; each part can go when Textual no longer needs it.
"""

from __future__ import annotations

import os
import re
import selectors
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color
    from textual.driver import Driver
    from textual.notifications import Notify

# Control characters of both sets, bidi marks and overrides, zero-width characters and blank fillers,
# interlinear marks, lone surrogates, non-characters and tags: what a terminal obeys or a reader cannot see.
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\ufffd-\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
POLL = 0.1
"""Seconds between looks at the parser's own time-out (a lone Esc), as in Textual."""
# U+FFFD would be the usual sign, but its width is ambiguous in Chinese terminals; U+2426 is always one cell.
SUBSTITUTE = "\u2426"


def visible(text: str) -> str:
    """The text with a visible sign, one cell wide, for every character that acts or hides."""
    return UNSEEN.sub(_substitute, text) if UNSEEN.search(text) else text


def _substitute(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else SUBSTITUTE


class CleanFilter(LineFilter):
    """The last gate before the terminal.

    Textual 8.2.8 writes ESC, OSC, CSI and C1 of any text raw, even without markup.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Each segment of text with `visible` text; control segments are Textual's own."""
        return [
            Segment(visible(segment.text), segment.style, segment.control)
            if not segment.control and UNSEEN.search(segment.text)
            else segment
            for segment in segments
        ]


def quick_exit_driver(chosen: type[Driver]) -> type[Driver]:
    """The driver that Textual chose, made to leave at once when it is the one for Linux and macOS.

    Textual 8.2.8: the input thread polls with `select(0.1)` twice before the alternate screen is left, which
    costs 200 ms at every exit. A pipe wakes it.
    """
    if sys.platform == "win32":
        return chosen
    from textual.drivers.linux_driver import LinuxDriver

    if chosen is not LinuxDriver:
        return chosen

    class QuickExitDriver(LinuxDriver):
        """LinuxDriver with a wake-up pipe."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._wake_read, self._wake_write = os.pipe()
            os.set_blocking(self._wake_read, False)
            os.set_blocking(self._wake_write, False)

        def disable_input(self) -> None:
            if not self.exit_event.is_set():
                os.write(self._wake_write, b"x")
            super().disable_input()

        def close(self) -> None:
            super().close()
            for end in (self._wake_read, self._wake_write):
                os.close(end)

        def run_input_thread(self) -> None:
            _read_until_woken(self)

    return QuickExitDriver


def _read_until_woken(driver: Any) -> None:
    """LinuxDriver.run_input_thread of 8.2.8, ended by the wake-up pipe and not by two time-outs."""
    from codecs import getincrementaldecoder

    from textual._parser import ParseError
    from textual._xterm_parser import XTermParser

    parser = XTermParser(driver._debug)
    decode = getincrementaldecoder("utf-8")(errors="replace").decode
    with suppress(BlockingIOError):
        os.read(driver._wake_read, 64)  # left from a suspend
    selector = selectors.SelectSelector()
    selector.register(driver.fileno, selectors.EVENT_READ)
    selector.register(driver._wake_read, selectors.EVENT_READ)

    def take(timeout: float, final: bool = False) -> None:
        for ready, _mask in selector.select(timeout):
            if ready.fd != driver.fileno:
                continue
            data = os.read(driver.fileno, 4096)
            if not data and not final:
                driver.exit_event.wait(0.1)  # standard input was closed: do not spin
            for event in parser.feed(decode(data, final)) if data else ():
                driver.process_message(event)
        for event in parser.tick():
            driver.process_message(event)

    try:
        while not driver.exit_event.is_set():
            take(POLL)
        take(0, final=True)
    finally:
        selector.close()
        try:
            for _event in parser.feed(""):
                pass
        except (EOFError, ParseError):
            pass


def screen_strips(app: Any) -> list[list[Segment]]:
    """What is on the screen, line by line, through the filters (Textual 8.2.8 offers only a whole SVG)."""
    background = app._background_screens
    update = app.screen._compositor.render_update(full=True, screen_stack=background)
    return [[segment for strip in line for segment in strip] for line in update.strips]


def keep_toasts_whole() -> None:
    """A message over other widgets keeps every wide character.

    Textual 8.2.8 cuts a line at the edges of all widgets on it, also of those that lie under another one: a
    wide character of a toast that such an edge halves became two blanks, as in 磁盘已满.
    """
    from textual._compositor import Compositor
    from textual.geometry import Region
    from textual.strip import Strip
    from textual.widgets._toast import Toast

    cut_up = Compositor._render_chops
    if getattr(cut_up, "keeps_toasts", False):
        return

    def render_chops(self: Compositor, crop: Region, is_rendered_line: Any) -> Any:
        lines: Any = cut_up(self, crop, is_rendered_line)
        for widget, (region, clip) in self.visible_widgets.items():
            if not isinstance(widget, Toast):
                continue
            seen = region.intersection(clip)
            strips = widget.render_lines(seen.translate((-region.x, -region.y)))
            for y, strip in zip(seen.line_range, strips, strict=False):
                pieces = [x for x in lines[y] if seen.x <= x < seen.right] if y < len(lines) else []
                if len(pieces) > 1 and None not in map(lines[y].get, pieces):
                    lines[y].update(dict.fromkeys(pieces, Strip([], 0)))
                    lines[y][pieces[0]] = strip
        return lines

    render_chops.keeps_toasts = True  # type: ignore[attr-defined]
    Compositor._render_chops = render_chops  # type: ignore[method-assign]


def stand_anew(app: Any, event: Notify) -> None:
    """Take an equal message off the screen before another comes: it says no more twice than once.

    The handler of an app, before its own. Textual 8.2.8 shows every message that is told.
    """
    new = event.notification
    for each in list(app._notifications):
        if (each.message, each.severity) == (new.message, new.severity):
            app._unnotify(each, refresh=False)
