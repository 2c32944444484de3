"""What the tests of the terminal share: waiting for idle, and reading the screen as text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from rich.cells import cell_len
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from tests.tui import thrift
from tui.quirks import screen_strips

thrift.install()

HOSTILE = [
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x07",
    "\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31m",
    "\x9d0;t\x9c",
    "a\x00b",
    "tab\tand\rreturn\nline",
    "\x7f\x08\x08",
    "photo\u202egpj.exe",
    "\u2066\u2067\u2068\u2069",
    "zero\u200bwidth\u200d\ufeff",
    "tag\U000e0041\U000e007f",
    "lone \ud800 surrogate \udfff",
    "[bold red]markup[/]",
    "[@click=app.quit]press[/]",
    "[/unmatched] [",
    "排水口超标" * 200,
    "x" * 10_000,
    "e\u0301\u0301\u0301 combining",
    "。，；）》” 标点",
]


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until nothing is under way: no worker, no verb, no message."""
    app: Any = pilot.app
    for _ in range(3):
        with suppress(WorkerCancelled):  # a newer question made it void
            await app.workers.wait_for_complete()
        await asyncio.wrap_future(app.verbs.submit(int))
        await pilot.pause()


async def until(pilot: Pilot[Any], condition: Callable[[], Any], seconds: float = 30) -> None:
    """Wait for a condition; fail when it does not come, however busy the machine is."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        assert loop.time() < end, screen_text(pilot.app)
        await pilot.pause(0.01)


def screen_lines(app: Any) -> list[str]:
    """The screen, line by line, after every filter."""
    return ["".join(segment.text for segment in line) for line in screen_strips(app)]


def screen_text(app: Any) -> str:
    """The whole screen."""
    return "\n".join(screen_lines(app))


def assert_clean(app: Any) -> None:
    """Nothing that a terminal obeys is on the screen, and every line has exactly the screen's width."""
    for line in screen_lines(app):
        bad = [
            character
            for character in line
            if ord(character) < 0x20
            or 0x7F <= ord(character) < 0xA0
            or 0xD800 <= ord(character) < 0xE000
            or 0x202A <= ord(character) <= 0x202E
            or 0x2066 <= ord(character) <= 0x2069
            or 0xE0000 <= ord(character) <= 0xE007F
            or character in "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\ufeff"
        ]
        assert not bad, [hex(ord(one)) for one in bad]
        assert cell_len(line) == app.size.width, (cell_len(line), line)
