"""Small words of the screens: whole where they stand, with the signs of the reader's language."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from rich.cells import cell_len

from models.language import use_language
from models.store.witness import Witnessed
from tests.tui.helpers import screen_text, settle
from tests.tui.visits import at, begun
from tui.screens.common import between_words, days_left, labelled
from tui.screens.inspection import InspectionScreen
from tui.screens.sync_parts import Line, value_words
from tui.screens.sync_settle import SettleScreen, Side
from tui.screens.today import columns

DAY = date(2026, 11, 29)


@pytest.fixture(params=["zh", "en"])
def language(request):
    use_language(request.param)
    yield request.param
    use_language("zh")


@pytest.mark.parametrize("days", [-400, 0, 1, 1748])
def test_the_longest_time_limit_is_not_cut(language, days):
    words = days_left((DAY + timedelta(days)).isoformat(), DAY).text
    (due,) = [each for each in columns() if each.title == "Due"]
    assert cell_len(words) <= due.width


def test_within_one_minute_of_the_server_is_one_time():
    at_ms = 1_795_900_000_000
    use_language("zh")
    words = between_words(Witnessed(at_ms, at_ms + 5))
    assert "之间" not in words
    assert "之间" in between_words(Witnessed(at_ms, at_ms + 120_000))


def test_a_label_has_the_colon_of_the_language(language):
    assert labelled("结果", "完好") == ("结果：完好" if language == "zh" else "结果: 完好")


async def test_a_terminal_made_wider_shows_sections_and_the_item(
    make_app, notebook, officers, monkeypatch: pytest.MonkeyPatch
):
    read: list[str] = []
    load = InspectionScreen.load
    monkeypatch.setattr(InspectionScreen, "load", lambda screen: (read.append("visit"), load(screen)))
    visit = begun(notebook, officers)
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "inspection", inspection_id=visit)
        assert "W 水污染           0/21" not in screen_text(app)
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        await pilot.pause(0.5)
        await settle(pilot)
        shown = screen_text(app)
        assert "A 检查前与身份      0/6" in shown
        assert "历史" in shown
        read.clear()
        for _ in range(20):  # as where a window's edge is drawn
            app.screen.on_resize()
        await pilot.pause(0.5)
        await settle(pilot)
        assert read == ["visit"]


async def test_the_sides_of_a_conflict_are_in_words_and_only_text_is_written_anew(
    make_app, notebook, officers
):
    use_language("zh")
    visit = begun(notebook, officers)

    def side(kind, field, value):
        return Side(
            value, value_words(notebook, kind, field, value), "执法员01", "2026-11-29 08:38", "6cf43b73"
        )

    asked = {
        ("inspection", "signed"): ("refused", "拒签"),
        ("inspection", "began_at"): (1_795_900_000_000, "2026-"),
        ("inspection", "first_officer"): (officers[1], "执法员02"),
        ("inspection", "present"): (True, "是"),
        ("inspection", "situation"): (None, "（空）"),
        ("answer", "result"): ("ok", "未发现问题"),
        ("evidence", "form"): ("copy", "复制件"),
    }
    for (kind, field), (value, words) in asked.items():
        assert words in side(kind, field, value).words, field
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "inspection", inspection_id=visit)
        for sides, may_write in (
            ([side("inspection", "signed", "signed"), side("inspection", "signed", "refused")], False),
            ([side("inspection", "situation", "无水"), side("inspection", "situation", None)], True),
        ):
            screen = SettleScreen(Line("x", "现场检查", ""), sides)
            app.push_screen(screen)
            await settle(pilot)
            shown = "".join(screen_text(app).split())
            assert "设备6cf43b73" in shown
            assert sides[1].words in shown
            assert ("另写" in shown) is may_write
            await pilot.press("escape")
            await settle(pilot)
