"""Eleven checklists, chosen by keys at 80x24; those that suit the kind of site are proposed."""

from __future__ import annotations

from typing import Any

import pytest

from models.inspections import queries
from models.registry import verbs as registry
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.visits import SIZE, at
from tui.widgets.form import Form
from tui.widgets.picker import Picker

EVERY = "A,B,C,W,Q,S,N,M,E,T,L"


@pytest.fixture
def farm(notebook: Any, officers: tuple[str, str]) -> str:
    """A registered pig farm, and another site of no kind."""
    registry.add_site(notebook, "示例企业08", address="示例路8号")
    return registry.add_site(notebook, "示例养殖场09", address="示例路9号", kind="畜禽养殖")


async def pick(app: Any, pilot: Any, initials: str, name: str) -> None:
    await pilot.press(*initials)
    await until(pilot, lambda: isinstance(app.screen, Picker) and name in screen_text(app))
    await pilot.press("enter")
    await settle(pilot)


def marked(app: Any) -> str:
    return app.screen.query_one(Form).values["checklists"]


async def test_every_list_is_offered_on_one_screen_and_marked_by_its_letter(make_app, notebook, farm):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "new")
        for words in ("A 检查前与身份", "T 生态破坏", "L 畜禽养殖"):
            assert words in screen_text(app)
        assert_clean(app)
        screen.query_one(Form).focus_field("checklists")
        await pilot.press(*"bcwqsnmetl")
        assert marked(app) == EVERY
        await pilot.press("b", "down", "space")
        assert marked(app) == "A,W,Q,S,N,M,E,T,L"


async def test_a_site_proposes_the_lists_of_its_kind_and_the_visit_begins_with_them(
    make_app, notebook, officers, farm
):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "new")
        await pick(app, pilot, "slyz", "示例养殖场09")
        await until(pilot, lambda: marked(app) == "A,L")
        form = app.screen.query_one(Form)
        first, second = officers
        form.query_one("#field-first_officer").load(first, "执法员01")
        form.query_one("#field-second_officer").load(second, "执法员02")
        await pilot.press("f10")
        await until(pilot, lambda: queries.inspection_ids(notebook))
        (row,) = queries.inspection_rows(notebook, queries.inspection_ids(notebook))
        assert row.checklists == "A,L"


async def test_what_was_marked_by_hand_is_not_changed_by_the_site(make_app, notebook, farm):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "new")
        screen.query_one(Form).focus_field("checklists")
        await pilot.press("w")
        screen.query_one(Form).focus_field("site_id")
        await pick(app, pilot, "slyz", "示例养殖场09")
        assert marked(app) == "A,W"
