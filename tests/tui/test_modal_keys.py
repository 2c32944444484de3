"""Quitting and locking work from wherever one is, also above an open window."""

from __future__ import annotations

import pytest

from tests.tui.helpers import settle, until


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+l"])
async def test_a_window_in_front_keeps_nobody_from_leaving(make_app, notebook, key):
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: app.screen.is_modal)
        await pilot.press(key)
        await until(pilot, lambda: notebook.closed or app._exit)
