"""The phone's code on the Sync screen: asked for when the server does, by keys alone at 80x24."""

from __future__ import annotations

import pytest

from sync.server import factors
from tests.sync.codes import Phone
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.test_sync import begin_visit, book, central, server  # noqa: F401 -- fixtures
from tests.tui.visits import LOOKS, SIZE, arrived, typed
from tui.screens import sync_parts
from tui.widgets.confirm import AskLine
from tui.widgets.prose import Prose


async def run_ended(app, pilot, before=None):
    await until(pilot, lambda: (run := sync_parts.run_of(app)) is not before and run is not None and run.done)
    await settle(pilot)
    return sync_parts.run_of(app)


async def test_f5_sends_then_asks_for_the_code_and_receives_with_it(make_app, book, central):  # noqa: F811
    phone = Phone(factors.give(central, book.person))
    begin_visit(book)
    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f5")
        first = await run_ended(app, pilot)
        await until(pilot, lambda: isinstance(app.screen, AskLine))
        assert "动态口令" in screen_text(app)
        assert (first.outcome.unsent_entries, first.outcome.factor) == (0, "due")
        await typed(pilot, "12")
        await pilot.press("enter")
        await until(pilot, lambda: "六位数字" in screen_text(app))
        assert sync_parts.run_of(app) is first, "what is no code is not sent"
        await typed(pilot, phone.wrong())
        await pilot.press("enter")
        second = await run_ended(app, pilot, first)
        await until(pilot, lambda: isinstance(app.screen, AskLine) and "下一个" in screen_text(app))
        await typed(pilot, phone.code())
        await pilot.press("enter")
        third = await run_ended(app, pilot, second)
        assert third.outcome.ok
        assert not isinstance(app.screen, AskLine)
        assert "!" not in app.screen.query_one("#sync-outcome", Prose).text


async def test_who_has_no_phone_at_hand_goes_on_and_is_not_told_of_a_failure(make_app, book, central):  # noqa: F811
    factors.give(central, book.person)
    app = make_app(book, language="en")
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f5")
        run = await run_ended(app, pilot)
        await until(pilot, lambda: isinstance(app.screen, AskLine))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, AskLine))
        said = app.screen.query_one("#sync-outcome", Prose)
        assert "the code of your phone's app" in said.text.replace("\n", " ")
        assert not said.has_class("bad")
        assert not sync_parts.failed(run)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, AskLine))


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
async def test_the_dialog_looks_right(make_app, book, central, size, language, theme):  # noqa: F811
    factors.give(central, book.person)
    app = make_app(book, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("g", "s")
        await arrived(app, pilot, "sync")
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, AskLine))
        assert_clean(app)


async def test_what_the_screen_says_is_not_said_over_its_dialog(make_app, book, central, monkeypatch):  # noqa: F811
    factors.give(central, book.person)
    tellings = []
    start = sync_parts.start
    monkeypatch.setattr(
        sync_parts, "start", lambda desk, told, *rest, **more: start(desk, keep(told), *rest, **more)
    )

    def keep(told):
        tellings.append(told)
        return told

    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f5")
        await run_ended(app, pilot)
        await until(pilot, lambda: isinstance(app.screen, AskLine))
        tellings[0]()  # as progress does that comes late
        await settle(pilot)
        assert not list(app._notifications), "a message would lie over the digits"
        await pilot.press("escape", "g", "t")
        await arrived(app, pilot, "today")
        tellings[0]()
        tellings[0]()
        await settle(pilot)
        assert len(app._notifications) == 1, "elsewhere its end is told, once"
