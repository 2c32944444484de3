"""Forms of measures and interviews, by keys alone: what can be chosen now, what has to be entered."""

from __future__ import annotations

from typing import Any

import pytest

from models.inspections import queries
from models.inspections.onsite import measures, papers
from models.registry import queries as registry
from models.store.change import new_id, put
from tests.tui.helpers import assert_clean, screen_lines, screen_text, settle, until
from tests.tui.visits import arrived, at, begun
from tui.screens.help import HelpList
from tui.widgets.confirm import Confirm
from tui.widgets.form import Form

HOUR = 3_600_000
SPOT = {"told": True, "present": True, "signed": "signed", "copies": 2, "keeping": "in_place"}


@pytest.fixture
def measure(notebook: Any, officers: tuple[str, str]) -> str:
    """A sealing that was approved and done an hour ago, with one thing."""
    visit = begun(notebook, officers)
    found = measures.ask_for(notebook, "seal", visit, reason="私设暗管", grounds="evading")
    now = notebook.clock.wall_ms()
    measures.approve(notebook, found, approver="示例负责人", at=now - 2 * HOUR)
    measures.take(notebook, found, at=now - HOUR, **SPOT)
    measures.add_item(notebook, found, "水泵", "2", unit_of_quantity="台")
    return found


async def act(app: Any, pilot: Any, name: str, record: str) -> Form:
    await settle(pilot)
    app.open_place("act", room="onsite", act=name, record_id=record)
    await arrived(app, pilot, "act")
    await settle(pilot)
    form: Form = app.screen.query_one(Form)
    return form


async def test_only_papers_that_the_measure_can_have_now_are_offered(make_app, notebook, measure):
    papers.draw_up(notebook, measure, "seal_list")  # waits to be issued
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        form = await act(app, pilot, "draw_up", measure)
        field = form.query_one("#field-paper")
        await until(pilot, lambda: len(field.choices) == 2)
        assert [each.value for each in field.choices] == ["seal_approval", "seal_decision"]
        await pilot.press("right", "right", "f10")
        await until(pilot, lambda: len(measures.papers_of(notebook, measure)) == 2)


async def test_help_says_of_esc_what_it_does_in_this_form(make_app, notebook, measure):
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(120, 36)) as pilot:
        form = await act(app, pilot, "release", measure)
        screen = app.screen
        form.focus_field("reason")
        await pilot.press("a", "f1")
        await until(pilot, lambda: isinstance(app.screen, HelpList))
        await settle(pilot)
        rows = {each.value: each.detail for each in app.screen._choices}
        assert "丢弃" in rows["app.back"]
        assert "不丢失" not in rows["app.back"]
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("escape")  # asks, as the help says
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: app.screen is not screen and not isinstance(app.screen, Confirm))
        assert not measures.standing(notebook, measure).released_on
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpList))
        await settle(pilot)
        assert "不丢失" in {each.value: each.detail for each in app.screen._choices}["app.back"]


@pytest.mark.parametrize(("language", "width"), [("zh", 80), ("en", 80), ("zh", 120)])
async def test_today_shows_numbers_whole_at_eighty_columns(make_app, notebook, measure, language, width):
    row = measures.standing(notebook, measure)
    assert row.inspection
    visit = queries.inspection(notebook, row.inspection)
    app = make_app(notebook, language=language)
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: row.number in screen_text(app))
        line = next(each for each in screen_lines(app) if row.number in each)
        assert (row.party in line) is (width > 80)
        assert visit.number in screen_text(app)
        assert_clean(app)


async def test_a_picker_shows_one_row_for_a_certificate(make_app, notebook, officers):
    mine = registry.officer(notebook, officers[0])
    account = new_id()
    notebook.write(
        put("officer", account, mine.unit, name=mine.name, certificate=mine.certificate, role="officer")
    )
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "new")
        offered = screen._officers("")
        assert [each.value for each in offered if each.label == mine.name] == [officers[0]]
