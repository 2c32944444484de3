"""The finding's screen shows the law of the day of the violation, and both laws where it changed since."""

from __future__ import annotations

from typing import Any

import pytest

from models.inspections import queries
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.visits import SIZE, at, begun, typed
from tui.widgets.confirm import Confirm


@pytest.fixture
def visit(notebook: Any, officers: tuple[str, str]) -> str:
    """An inspection with the checklists A and W, just begun."""
    return begun(notebook, officers)


async def test_another_day_brings_its_law_and_the_later_one_beside_it(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "finding", inspection_id=visit, item="W03")
        await typed(pilot, "暗管")
        await pilot.press("tab", "tab")
        await typed(pilot, "2024-05-06")
        await pilot.press("tab")
        await until(pilot, lambda: "水污染防治法" in screen_text(app))
        await settle(pilot)
        assert "新旧规定的罚款幅度相同" in screen_text(app).replace(" ", "").replace("\n", "")
        assert_clean(app)
        (finding,) = queries.sheet(notebook, visit).findings
        assert finding.occurred_on == "2024-05-06"
        app.screen.query_one("#field-occurred_on").focus()
        await pilot.press(*["backspace"] * 10)
        await typed(pilot, "2199-01-01")
        await pilot.press("shift+tab")
        await until(pilot, lambda: "违法行为发生日不能晚于检查日" in screen_text(app).replace(" ", ""))
        (finding,) = queries.sheet(notebook, visit).findings
        assert finding.occurred_on == "2024-05-06"


async def back_asked(app: Any, pilot: Any) -> None:
    """Esc, and the question that it asks."""
    await pilot.press("escape")
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    assert "尚未记下" in screen_text(app).replace(" ", "")


async def test_what_was_typed_and_makes_no_finding_is_not_dropped_unasked(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "finding", inspection_id=visit, item="W03")
        await pilot.press("tab", "tab")
        await typed(pilot, "2026-13-45")
        await back_asked(app, pilot)
        await pilot.press("escape")  # stays
        await settle(pilot)
        assert app.screen.place_name == "finding"
        assert "2026-13-45" in screen_text(app)
        app.screen.query_one("#field-text").focus()
        await typed(pilot, "暗管")
        await back_asked(app, pilot)  # now it is the day that is wrong
        await pilot.press("escape")
        await settle(pilot)
        assert "2026-13-45”" in screen_text(app).replace(" ", "")  # the sentence under the field
        app.screen.query_one("#field-occurred_on").focus()
        await pilot.press(*["backspace"] * 10)
        await pilot.press("escape")
        await until(pilot, lambda: getattr(app.screen, "place_name", "") != "finding")
        (finding,) = queries.sheet(notebook, visit).findings
        assert finding.text == "暗管"
        assert_clean(app)


async def test_a_finding_in_which_nothing_was_typed_is_left_at_once(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "finding", inspection_id=visit, item="W03")
        await pilot.press("escape")
        await until(pilot, lambda: getattr(app.screen, "place_name", "") != "finding")
        assert not isinstance(app.screen, Confirm)
        await at(app, pilot, "finding", inspection_id=visit, item="W03")
        await pilot.press("tab", "tab")
        await typed(pilot, "2026-13-45")
        await back_asked(app, pilot)
        await pilot.press("y")
        await until(pilot, lambda: getattr(app.screen, "place_name", "") not in ("finding", ""))
        assert queries.sheet(notebook, visit).findings == []
