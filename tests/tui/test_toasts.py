"""What a message says stands whole over whatever lies under it."""

from __future__ import annotations

import re

import pytest
from textual.app import App
from textual.containers import Horizontal
from textual.widgets import Static
from textual.widgets._toast import Toast

from models.errors import StoreRefused
from tests.tui.helpers import screen_text, settle
from tui import app as qingcha  # the workarounds of the program are in force

SAYS = "磁盘已满。已有内容没有丢失，请清理出空间后重做这一步。"


class Fence(App[None]):
    """A screen of widgets one cell wide: each of their edges may halve a wide character."""

    CSS = "Static { width: 1; height: 1fr; }"

    def compose(self):
        with Horizontal():
            for _column in range(80):
                yield Static("\n".join("|" * 24))


def words(shown: str) -> str:
    """Without fence, border and blanks."""
    return re.sub(r"[|▌\s]", "", shown)


@pytest.mark.parametrize("before", ["", "a"])
async def test_edges_below_a_message_halve_no_character(before: str) -> None:
    assert qingcha.QingchaApp is not None
    app = Fence()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.notify(before + SAYS, timeout=60)
        await pilot.pause(0.2)
        shown = screen_text(app)
        assert before + SAYS in words(shown)
        assert {len(line) + sum(ord(each) > 0x2E80 for each in line) for line in shown.splitlines()} == {80}
        app.query(Static).first().update("x")
        await pilot.pause(0.2)
        assert SAYS in words(screen_text(app))


def toasts(app: App[None]) -> list[str]:
    """What the messages on the screen say."""
    return [toast._notification.message for toast in app.screen.query(Toast)]


async def test_what_goes_wrong_twice_at_once_is_told_once(make_app, notebook, officers):
    """A draft's saving and F10 both meet a full disk."""
    full = StoreRefused(SAYS)
    app = make_app(notebook)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        app.trouble(full)
        app.trouble(full)
        app.say("已保存。")
        await settle(pilot)
        assert toasts(app) == [SAYS, "已保存。"]

        app.trouble(full)  # done again before the first message has gone: it stands anew, under the other
        await settle(pilot)
        assert toasts(app) == ["已保存。", SAYS]

        app.clear_notifications()
        await settle(pilot)
        app.trouble(full)
        await settle(pilot)
        assert toasts(app) == [SAYS], "a later failure is told again"

        app.say(SAYS)  # another severity is another message
        await settle(pilot)
        assert toasts(app) == [SAYS, SAYS]
