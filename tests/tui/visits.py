"""A visit for the tests of the screens, and how to get to one of its screens by the app."""

from __future__ import annotations

from typing import Any

import pytest

from models.inspections import verbs
from models.registry import verbs as registry
from tests.tui.helpers import settle, until

SIZE = (80, 24)
LOOKS = (
    ((80, 24), "en", "sunlight"),
    ((120, 36), "zh", "night"),
    ((200, 50), "zh", "day"),
    pytest.param((80, 24), "zh", "day", marks=pytest.mark.soak),
    pytest.param((120, 36), "en", "day", marks=pytest.mark.soak),
    pytest.param((200, 50), "en", "night", marks=pytest.mark.soak),
)
"""Every size, theme and language; `make soak` has every size in both languages, each theme twice."""

IN_PASSING = (
    LOOKS[0],
    *(pytest.param(*each, marks=pytest.mark.soak) for each in LOOKS[1:3]),
)
"""For a test that is of what is done, not of how it looks: one size; `make soak` has three."""


def begun(notebook: Any, officers: tuple[str, str]) -> str:
    """An inspection with the checklists A and W, just begun."""
    site = registry.add_site(notebook, "示例印染企业03", address="示例路3号")
    first, second = officers
    return verbs.begin(notebook, site_id=site, first_officer=first, second_officer=second, checklists="A,W")


async def at(app: Any, pilot: Any, place: str, **arguments: Any) -> Any:
    """Open a place and wait until it has something with the focus."""
    await settle(pilot)
    app.open_place(place, **arguments)
    await arrived(app, pilot, place)
    return app.screen


async def arrived(app: Any, pilot: Any, place: str) -> None:
    """Wait until the place is there with the focus on something."""
    await until(pilot, lambda: getattr(app.screen, "place_name", "") == place and app.screen.focused)
    await settle(pilot)


async def typed(pilot: Any, text: str) -> None:
    """Type a text."""
    for character in text:
        await pilot.press("space" if character == " " else character)
