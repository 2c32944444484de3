"""`qingcha demo --play`: the day plays by itself, and what must hold at its end is checked."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import QingchaError
from models.language import _
from tui.demo.world import World, open_world

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui.demo.day import Day
    from tui.demo.outcome import Check

_PACE = 0.12
"""Seconds between key presses where somebody watches."""
_SIZE = (80, 24)
"""Of the screen where nobody does."""


def play(home: Path, *, visible: bool) -> int:
    """Play a day in a notebook of its own and print what held.

    Args:
        home: the folder of Qingcha's data; the played day has a folder of its own in it, made anew.
        visible: on this terminal, at a readable pace; else only the steps are printed.

    Returns:
        0 when every receipt came and the record is genuine, else 1.
    """
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    began = time.monotonic()

    def told(sentence: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s] {sentence}", flush=True)

    with (
        open_world(home / "play", fresh=True, told=told) as world,
        tempfile.TemporaryDirectory(prefix="qingcha-day-") as folder,
    ):
        played = _played(world, Path(folder), visible, told)
    if played is None:
        return 1
    day, checks = played
    for check in checks:
        told(("✓ " if check.held else "✗ ") + check.sentence)
    told(_("{count} keys from the first to the last.").format(count=day.keys))
    return 0 if all(check.held for check in checks) else 1


def _played(
    world: World, folder: Path, visible: bool, told: Callable[[str], None]
) -> tuple[Day, list[Check]] | None:
    from tui.app import QingchaApp
    from tui.demo.day import play_day
    from tui.demo.outcome import outcome
    from tui.demo.player import Player

    app = QingchaApp(world.folder, world.notebook, server=world.address.url)
    ended: list[tuple[Day, list[Check]]] = []

    async def script(pilot: Pilot[Any]) -> None:
        step = app.say if visible else told
        player = Player(pilot, step, pace=_PACE if visible else 0)
        try:
            day = await play_day(player, folder)
            # before the app ends, which closes the notebook
            checks = await asyncio.to_thread(outcome, world.notebook, world.server.central, day.inspection)
            ended.append((day, checks))
        except QingchaError as error:
            app.parting_words = error.text()
        app.exit(0)

    app.run(headless=not visible, size=None if visible else _SIZE, auto_pilot=script)
    if app.parting_words:
        told("✗ " + app.parting_words)
    return ended[0] if ended else None
