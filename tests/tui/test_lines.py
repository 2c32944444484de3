"""The list of lines: light at any length, exact in width, nothing raw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from textual import on
from textual.app import ComposeResult

from tests.tui.helpers import HOSTILE, assert_clean, screen_lines, settle
from tui.app import QingchaApp
from tui.place import Place
from tui.widgets.lines import Cell, Column, Lines

COLUMNS = (Column("A", 6), Column("B", 0), Column("C", 8, from_width=100, right=True))


class ListPlace(Place):
    """A place with one list."""

    place_name = "today"

    def __init__(self, ids: Sequence[str], texts: dict[str, str] | None = None) -> None:
        super().__init__()
        self.ids = ids
        self.texts = texts or {}
        self.asked: list[str] = []
        self.opened: list[str] = []

    def body(self) -> ComposeResult:
        yield Lines(
            COLUMNS, self.read, lambda row: (row[:4], Cell(self.texts.get(row, f"企业 {row}"), "bad"), row)
        )

    def load(self) -> None:
        self.query_one(Lines).show(self.ids)
        self.query_one(Lines).focus()

    def read(self, ids: Sequence[str]) -> Sequence[str]:
        self.asked += ids
        return ids

    @on(Lines.Opened)
    def took(self, event: Lines.Opened) -> None:
        self.opened.append(event.id)


async def shown(app: QingchaApp, pilot: Any, place: ListPlace) -> Lines:
    await app.push_screen(place)
    await settle(pilot)
    return place.query_one(Lines)


async def test_a_hundred_thousand_rows_read_only_what_is_near(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = ListPlace([str(number) for number in range(100_000)])
        lines = await shown(app, pilot, place)
        assert len(place.asked) < 200
        await pilot.press("end")
        await settle(pilot)
        assert lines.current == "99999"
        assert any("企业 99999" in line for line in screen_lines(app))
        assert len(place.asked) < 400
        await pilot.press("enter")
        await pilot.pause()
        assert place.opened == ["99999"]


async def test_the_cursor_moves_by_arrows_and_letters_and_stays_on_its_row(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await shown(app, pilot, ListPlace(list("abcdefgh")))
        await pilot.press("j", "down", "k", "j")
        assert lines.current == "c"
        lines.show(list("xyc"))
        assert lines.current == "c"
        lines.show(list("xy"))
        assert lines.current == "x"
        lines.show([])
        assert lines.current is None
        await pilot.press("down", "end", "enter")
        await settle(pilot)
        assert_clean(app)


async def test_a_click_moves_and_a_double_click_opens(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = ListPlace(list("abcdefgh"))
        lines = await shown(app, pilot, place)
        await pilot.click(Lines, offset=(5, 3))
        assert lines.current == "c"
        await pilot.click(Lines, offset=(5, 3), times=2)
        await pilot.pause()
        assert place.opened == ["c"]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_hostile_rows_keep_every_line_exact_and_clean(make_app, size):
    app = make_app()
    texts = {str(number): text for number, text in enumerate(HOSTILE)}
    async with app.run_test(size=size) as pilot:
        await shown(app, pilot, ListPlace(list(texts), texts))
        assert_clean(app)
        for _ in HOSTILE:
            await pilot.press("down")
        await settle(pilot)
        assert_clean(app)


async def test_rows_that_cannot_be_read_make_one_sentence_and_no_crash(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        place = ListPlace(list("abc"))
        place.read = lambda ids: 1 / 0  # type: ignore[assignment]
        await shown(app, pilot, place)
        assert "程序出现故障" in "".join(screen_lines(app))
        assert app.is_running


async def test_a_list_says_that_it_is_empty_only_after_the_first_reading(make_app):
    class Late(ListPlace):
        def body(self) -> ComposeResult:
            yield Lines(COLUMNS, self.read, lambda row: (row,), empty="Nothing here yet.")

        def load(self) -> None:
            """The reading takes long."""

    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = Late([])
        lines = await shown(app, pilot, place)
        assert not any("Nothing here yet." in line for line in screen_lines(app))
        lines.show([])
        await settle(pilot)
        assert any("Nothing here yet." in line for line in screen_lines(app))
