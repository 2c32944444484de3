"""A hand that presses keys: the demo's day and its test use the app by keyboard alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from textual import events
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from models.errors import QingchaError
from models.language import N_


class Stuck(QingchaError):
    """What should have come on the screen did not come."""


class Player:
    """Presses keys and waits for what they bring.

    Args:
        pilot: of a running app.
        told: called with one sentence a step.
        pace: seconds between key presses, 0 for as fast as it goes.
        patience: seconds until what does not come is an error.
    """

    def __init__(
        self, pilot: Pilot[Any], told: Callable[[str], None], *, pace: float = 0, patience: float = 60
    ) -> None:
        self.pilot = pilot
        self.app: Any = pilot.app
        self.told = told
        self.pace = pace
        self.patience = patience
        self.keys = 0
        """Key presses so far."""

    async def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            await self.pilot.press(key)
            self.keys += 1
            if self.pace:
                await asyncio.sleep(self.pace)

    async def type(self, text: str) -> None:
        """Type a text, character by character."""
        await self.press(*("space" if character == " " else character for character in text))

    async def paste(self, text: str) -> None:
        """Paste a text, as a terminal does for a dropped file; counted as one key."""
        self.app.post_message(events.Paste(text))
        self.keys += 1
        await self.pilot.pause(self.pace)
        await self.idle()

    async def idle(self) -> None:
        """Wait until no reading, no writing and no message is under way."""
        for _ in range(3):
            with contextlib.suppress(WorkerCancelled):  # a newer question made an older one's answer void
                await self.app.workers.wait_for_complete()
            await asyncio.wrap_future(self.app.verbs.submit(int))
            await self.pilot.pause()

    async def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait for a condition.

        Raises:
            Stuck: when it does not come.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + self.patience
        while not condition():
            if loop.time() > end:
                raise Stuck(
                    N_("The demo waited in vain for {what} at {place}."),
                    what=what,
                    place=getattr(self.app.screen, "place_name", "") or type(self.app.screen).__name__,
                )
            await self.pilot.pause(0.01)

    async def at(self, place: str) -> Any:
        """Wait until a place is there with the focus on something; gives its screen."""
        await self.until(
            lambda: getattr(self.app.screen, "place_name", "") == place and self.app.screen.focused, place
        )
        await self.idle()
        return self.app.screen

    async def window(self, name: str) -> Any:
        """Wait for a window above the screen, by the name of its class."""
        await self.until(lambda: type(self.app.screen).__name__ == name, name)
        await self.idle()
        return self.app.screen

    async def field(self, key: str) -> None:
        """Go down in a form to a field."""
        for _ in range(30):
            focused = self.app.screen.focused
            if focused is not None and focused.id == f"field-{key}":
                return
            await self.press("down")
            await self.idle()
        raise Stuck(
            N_("The demo waited in vain for {what} at {place}."), what=key, place=self.app.screen.place_name
        )

    async def pick(self, text: str) -> None:
        """Open the picker of the field at hand by typing, and take the first that is found."""
        await self.press("enter")
        picker = await self.window("Picker")
        await self.type(text)
        await self.idle()
        await self.press("enter")
        await self.until(lambda: self.app.screen is not picker, text)
        await self.idle()
