"""Every screen over a notebook full of hostile text: what reaches the terminal, and that nothing acts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from models import rooms
from models.documents import text
from models.inspections import queries
from tests.hostile.corpus import FAMILIES
from tests.hostile.walk import OFTEN, PLACES_WALKED, WALK, Stop, walk
from tests.hostile.watch import problems, watched
from tests.tui.helpers import screen_lines, settle
from tui import quirks
from tui.places import PLACES
from tui.widgets.lines import Lines


def marked(stop: Stop) -> Any:
    """Most rooms and sheets are walked by `make soak`: each is one screen over other records."""
    rare = str(stop) not in OFTEN and (stop.place == "sheet" or stop.place in rooms.TITLES)
    return pytest.param(stop, marks=pytest.mark.soak) if rare else stop


@pytest.mark.parametrize("stop", [marked(stop) for stop in WALK], ids=str)
async def test_nothing_of_a_record_acts_on_the_terminal(world, stop: Stop):
    async with watched(world) as (app, pilot):
        assert problems(app) == []
        async for step in walk(app, pilot, world, stop):
            assert problems(app) == [], step


@pytest.mark.parametrize("place", ["inspections", "evidence"])
async def test_without_the_filter_the_walk_finds_leaks(world, monkeypatch, place):
    """The harness sees what it should: nothing else keeps the bytes from the terminal."""
    nothing = re.compile("(?!)")
    monkeypatch.setattr(quirks, "UNSEEN", nothing)
    monkeypatch.setattr(text, "_HIDDEN", nothing)
    stop = next(each for each in WALK if each.place == place)
    found: list[str] = []
    async with watched(world) as (app, pilot):
        async for _step in walk(app, pilot, world, replace(stop, keys=("tab",))):
            found += [each for each in problems(app) if each.startswith("Foreign")]
    assert found


async def test_markup_in_a_record_is_never_clicked(world):
    """Each cell that shows a piece of `[@click=...]` is clicked: the app stays where it is."""
    async with watched(world) as (app, pilot):
        app.open_place("inspections")
        await settle(pilot)
        lines = app.screen.query_one(Lines)
        wanted = {each.text for each in FAMILIES["textual_markup"]}
        book = app.open_notebook
        ids = [row.id for row in queries.inspection_rows(book, lines.ids) if row.site_name in wanted]
        assert len(ids) >= len(wanted)
        lines.show(ids)
        await settle(pilot)
        screen = app.screen
        for y, line in enumerate(screen_lines(app)):
            x = line.find("[@click")
            if x >= 0:
                await pilot.click(offset=(cell_len(line[:x]) + 8, y))
                assert app.screen is screen
        await settle(pilot)
        assert problems(app) == []


def test_every_place_is_walked():
    assert set(PLACES) - PLACES_WALKED == set()
