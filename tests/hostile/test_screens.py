"""Every screen over a notebook full of hostile text: what reaches the terminal, and that nothing acts."""

from __future__ import annotations

import pytest

from tests.hostile.walk import PLACES_WALKED, WALK, Stop, walk
from tests.hostile.watch import problems, watched
from tui.places import PLACES


@pytest.mark.parametrize("stop", WALK, ids=str)
async def test_nothing_of_a_record_acts_on_the_terminal(world, stop: Stop):
    async with watched(world) as (app, pilot):
        assert problems(app) == []
        async for step in walk(app, pilot, world, stop):
            assert problems(app) == [], step


def test_every_place_is_walked():
    assert set(PLACES) - PLACES_WALKED == set()
