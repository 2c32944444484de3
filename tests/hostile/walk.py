"""The walk: each place, how it is opened, and the keys pressed in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from tests.hostile.world import World
from tests.tui.helpers import settle
from tui.places import PLACES


@dataclass(frozen=True, slots=True)
class Stop:
    """One way through one place."""

    place: str
    keys: tuple[str, ...] = ()
    arguments: Callable[[World], dict[str, Any]] = lambda world: {}
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.place


def _visit(world: World) -> dict[str, Any]:
    return {"inspection_id": world.visit}


def _lies(world: World) -> dict[str, Any]:
    return {"inspection_id": world.lies}


def _visit_at(number: int) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"inspection_id": world.visits[number]}


DOWN = ("pagedown",)
IN_VISIT = ("pagedown", "pagedown", "tab", *DOWN * 25, "tab", *DOWN * 25, "tab", *DOWN * 5)
WALK = (
    Stop("today", DOWN * 4),
    Stop("inspections", ("f4", "f4", "f4", "f4", "f4", "tab", *DOWN * 25)),
    Stop("new", ("enter", "a", "backspace", *DOWN * 4, "enter", "enter", *DOWN * 4)),
    Stop("inspection", IN_VISIT, _visit),
    Stop("inspection", IN_VISIT, _lies, "inspection-lies"),
    Stop("inspection", ("x", *DOWN * 2, "escape", "slash", "w", "escape"), _visit, "inspection-lists"),
    Stop("facts", ("down",) * 21, _visit),
    Stop("facts", ("down",) * 21, _visit_at(17), "facts-17"),
    Stop("facts", ("down",) * 21, _lies, "facts-lies"),
    Stop("settings", ("down",) * 6),
)
PLACES_WALKED = {stop.place for stop in WALK} | {"unlock", "tour"}


async def walk(app: Any, pilot: Any, world: World, stop: Stop) -> AsyncIterator[str]:
    """Open the place, press the keys; a step after each."""
    if stop.place != "today":
        app.open_place(stop.place, **stop.arguments(world))
    await settle(pilot)
    yield f"{stop} opened"
    assert stop.place not in PLACES or type(app.screen).__module__ == PLACES[stop.place].module
    for count, key in enumerate(stop.keys):
        await pilot.press(key)
        await pilot.pause()
        if count % 5 == 4 or count == len(stop.keys) - 1:
            await settle(pilot)
            yield f"{stop} after {stop.keys[: count + 1]}"
