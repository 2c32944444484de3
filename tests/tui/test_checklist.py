"""The checklist: one key an item, one editor, any length."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from textual import on
from textual.app import ComposeResult

from tests.tui.helpers import HOSTILE, assert_clean, screen_text, settle
from tui.place import Place
from tui.widgets.checklist import Checklist, ChecklistLines, ChecklistRow


def rows(count: int) -> list[ChecklistRow]:
    items = [
        ChecklistRow(
            f"W{number:02d}",
            f"第{number}项：排放口是否规范设置，标志牌是否齐全，流量计是否运行。",
            f"W{number:02d}",
            how="看现场",
        )
        for number in range(1, count + 1)
    ]
    return [ChecklistRow("head", "水污染", heading=True), *items]


class ChecklistPlace(Place):
    """A place with one checklist."""

    place_name = "today"

    def __init__(self, items: list[ChecklistRow]) -> None:
        super().__init__()
        self.items = items
        self.answers: list[tuple[str, str]] = []
        self.notes: list[tuple[str, str]] = []

    def body(self) -> ComposeResult:
        yield Checklist()

    def load(self) -> None:
        self.query_one(Checklist).show(self.items)
        self.query_one(Checklist).lines.focus()

    @on(Checklist.Answered)
    def answered(self, event: Checklist.Answered) -> None:
        self.answers.append((event.key, event.result))

    @on(Checklist.Noted)
    def noted(self, event: Checklist.Noted) -> None:
        self.notes.append((event.key, event.text))


async def opened(app: Any, pilot: Any, items: list[ChecklistRow]) -> ChecklistPlace:
    place = ChecklistPlace(items)
    await app.push_screen(place)
    await settle(pilot)
    return place


async def test_one_key_answers_and_the_cursor_is_on_the_next(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = await opened(app, pilot, rows(21))
        await pilot.press("1", "2", "3", "1")
        await settle(pilot)
        assert place.answers == [("W01", "ok"), ("W02", "problem"), ("W03", "na"), ("W04", "ok")]
        assert place.query_one(Checklist).current.key == "W05"
        text = screen_text(app)
        assert "[✓] W01" in text
        assert "[✗] W02" in text
        assert "[-] W03" in text


async def test_the_last_answer_stays_and_is_drawn(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = await opened(app, pilot, rows(2))
        await pilot.press("1", "1", "2")
        await settle(pilot)
        assert place.answers == [("W01", "ok"), ("W02", "ok"), ("W02", "problem")]
        assert "[✗] W02" in screen_text(app)


async def test_digits_in_the_note_are_digits_and_escape_keeps_it(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = await opened(app, pilot, rows(30))
        await pilot.press("down", "enter")
        await pilot.press("1", "2", "g", "escape")
        await settle(pilot)
        assert place.notes == [("W02", "12g")]
        assert place.answers == []
        assert app.screen is place
        await pilot.press("enter", "3", "down")
        await settle(pilot)
        assert place.notes[-1] == ("W02", "12g3")
        assert place.query_one(Checklist).current.key == "W03"


async def test_the_editor_stands_on_its_item_wherever_it_is(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = await opened(app, pilot, rows(200))
        await pilot.press("end", "enter", "x")
        await settle(pilot)
        checklist = place.query_one(Checklist)
        assert checklist.editor.display
        assert checklist.editor.region.y == checklist.lines.region.y + checklist.lines.line_of_editor()
        assert checklist.lines.region.contains_region(checklist.editor.region)
        assert "W200" in screen_text(app)


async def test_a_changed_sheet_keeps_the_cursor_and_opens_at_the_first_unanswered(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        items = rows(5)
        items[1] = ChecklistRow("W01", "第1项", "W01", result="ok")
        place = await opened(app, pilot, items)
        checklist = place.query_one(Checklist)
        assert checklist.current.key == "W02"
        await pilot.press("down")
        checklist.show(rows(9))
        assert checklist.current.key == "W03"
        assert checklist.go_to("W07")
        assert not checklist.go_to("Z99")


async def test_hostile_items_keep_every_line_exact_and_clean(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        items = [
            ChecklistRow(str(number), text, "W01", how=text[:300], note=text[:300], marks=text[:300])
            for number, text in enumerate(HOSTILE)
        ]
        place = await opened(app, pilot, items)
        for _ in items:
            assert_clean(app)
            await pilot.press("1")
            await pilot.pause()
        await pilot.press("home", "enter")
        await settle(pilot)
        assert_clean(app)
        assert len(place.answers) == len(items)


async def test_another_size_of_the_terminal_is_drawn_before_the_list_hears_of_it(make_app, monkeypatch):
    """Its screen is drawn between its new size and the event of the list: a row wraps otherwise by then."""
    monkeypatch.setattr(ChecklistLines, "on_resize", lambda self: None)
    app = make_app()
    items = [replace(row, how="查检查审批表、检查通知书编号；" * 9) for row in rows(4)]
    async with app.run_test(size=(60, 24)) as pilot:
        place = await opened(app, pilot, items)
        lines = place.query_one(ChecklistLines)
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        drawn = [lines.render_line(y).text for y in range(lines.size.height)]
        assert "".join(drawn).replace(" ", "").count("检查审批表") == 9
        lines.lay_out()
        again = [lines.render_line(y).text for y in range(lines.size.height)]
        assert sum(bool(line.strip()) for line in again) < sum(bool(line.strip()) for line in drawn)
