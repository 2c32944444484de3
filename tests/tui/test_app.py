"""The app by keys alone, in both languages: unlock, today, inspections, new, settings, help, lock."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from models.inspections import queries, verbs
from models.registry import queries as registry
from models.store.keys import FAST
from tests.tui.helpers import HOSTILE, assert_clean, screen_text, settle, until
from tests.tui.visits import LOOKS
from tui.app import QingchaApp
from tui.keytable import ACTIONS
from tui.place import Modal
from tui.screens.help import GoTo, HelpList
from tui.screens.inspections import InspectionsScreen
from tui.screens.new import NewInspectionScreen
from tui.screens.register import NewOfficerScreen, NewSiteScreen
from tui.screens.settings import SettingsScreen
from tui.screens.today import TodayScreen
from tui.screens.unlock import BeginScreen, UnlockScreen
from tui.services import Beginning, Services, begin_notebook
from tui.trouble import LOG_NAME
from tui.widgets.choice import ChoiceField
from tui.widgets.confirm import Confirm
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.picker import Picker

SMALL = (80, 24)


async def unlocked(pilot: Pilot[Any], passphrase: str) -> None:
    await settle(pilot)
    await pilot.press(*passphrase, "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, TodayScreen))
    await settle(pilot)


def begun(notebook: Any, count: int = 3) -> list[str]:
    first, second = (row.id for row in registry.officers(notebook)[:2])
    sites = registry.find_sites(notebook, "")[:count]
    return [
        verbs.begin(notebook, site_id=site.id, first_officer=first, second_officer=second, checklists="A")
        for site in sites
    ]


@pytest.mark.parametrize(("language", "words"), [("zh", "今天"), ("en", "Today")])
async def test_the_passphrase_opens_today(make_app, passphrase, language, words):
    app = make_app(language=language)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "执法员01" in screen_text(app)
        await unlocked(pilot, passphrase)
        assert words in screen_text(app)
        assert "执法员01" in screen_text(app)
        assert_clean(app)


async def test_a_wrong_passphrase_says_so_and_the_right_one_works_after_the_wait(make_app):
    app = make_app()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press(*"wrongwrongwrong", "enter")
        await until(pilot, lambda: "口令不能打开" in screen_text(app).replace(" ", ""))
        assert isinstance(app.screen, UnlockScreen)
        assert app.screen.query_one(Field).value == ""


async def test_a_first_notebook_is_begun_by_keys_alone(tmp_path):
    app = QingchaApp(tmp_path, services=Services(begin=partial(begin_notebook, cost=FAST)))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert isinstance(app.screen.focused, Lines)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, BeginScreen))
        await settle(pilot)
        assert_clean(app)
        await pilot.press(*"officer", "enter", *"FJ350602001", "enter", "x")
        await until(pilot, lambda: isinstance(app.screen, Picker) and "芗城区" in screen_text(app))
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press(*"a long passphrase".replace(" ", ""), "enter", *"another", "enter")
        await settle(pilot)
        assert "两次口令不一致" in screen_text(app)
        await pilot.press(*["backspace"] * 7, *"alongpassphrase", "enter")
        await until(pilot, lambda: isinstance(app.screen, TodayScreen))
        await settle(pilot)
        assert "officer" in screen_text(app)
        assert "待继续 0 件" in screen_text(app)


async def test_an_inspection_is_started_with_few_keys(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        begun(opened, 1)
        await settle(pilot)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))
        await settle(pilot)
        assert_clean(app)
        await pilot.press("s", "l", "q", "y")
        await until(pilot, lambda: isinstance(app.screen, Picker) and "示例企业" in screen_text(app))
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("f10")
        await until(pilot, lambda: len(queries.inspection_ids(opened)) == 2)


async def test_a_notebook_with_an_empty_register_begins_with_a_new_site_and_a_new_colleague(
    make_app, tmp_path
):
    beginning = Beginning("执法员01", "FJ350602001", "350602", "qingshanlvshui2026")
    book: Any = begin_notebook(tmp_path / "own", beginning, cost=FAST)
    app = make_app(book)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))
        await settle(pilot)
        await pilot.press(*"示例企业77")
        await until(pilot, lambda: isinstance(app.screen, Picker) and "登记新的监管对象" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, NewSiteScreen) and app.screen.focused)
        assert_clean(app)
        assert "示例企业77" in screen_text(app)
        await pilot.press("1", "enter")
        await pilot.press(*"示例路77号")
        await pilot.press("f10")
        await settle(pilot)
        assert "统一社会信用代码" in screen_text(app), "a wrong code is told at its field"
        await pilot.press("up", "backspace", "f10")
        await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))
        await settle(pilot)
        assert app.screen.query_one("#field-site_id", ChoiceField).label == "示例企业77"
        await pilot.press("down", *"执法员02")
        await until(pilot, lambda: isinstance(app.screen, Picker) and "登记新的执法人员" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, NewOfficerScreen) and app.screen.focused)
        await pilot.press(*"FJ350602002", "f10")
        await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))
        await settle(pilot)
        await pilot.press("f10")
        await until(pilot, lambda: len(queries.inspection_ids(book)) == 1)
        [row] = queries.inspection_rows(book, queries.inspection_ids(book))
        assert row.site_name == "示例企业77"


async def test_two_officers_are_asked_for_at_the_field(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))
        await settle(pilot)
        await pilot.press("f10")
        await settle(pilot)
        assert screen_text(app).count("! 请填写此栏。") == 2
        assert queries.inspection_ids(opened) == []


async def test_the_filter_narrows_as_you_type(make_app, opened):
    ids = begun(opened, 12)
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.screen, InspectionsScreen))
        await settle(pilot)
        lines = app.screen.query_one(Lines)
        assert set(lines.ids) == set(ids)
        wanted = queries.inspection_rows(opened, [ids[4]])[0].site_name
        await pilot.press(*wanted[:6])  # its digits alone may be in a number
        await until(pilot, lambda: len(lines.ids) == 1)
        assert list(lines.ids) == [ids[4]]
        await pilot.press("g", "1")
        await until(pilot, lambda: len(lines.ids) == 0)
        assert isinstance(app.screen, InspectionsScreen), "letters in a field are letters"
        assert "没有符合条件的检查" in screen_text(app)
        await pilot.press("f4", "escape")
        await settle(pilot)
        assert isinstance(app.screen, TodayScreen)


async def test_what_another_thread_writes_appears(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "待继续 0 件" in screen_text(app)
        begun(opened, 1)
        await until(pilot, lambda: "示例企业" in screen_text(app))


async def test_the_language_switches_live_and_stays(make_app, opened, home):
    begun(opened, 2)
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("f2")
        await settle(pilot)
        assert "Today" in screen_text(app)
        assert "to continue" in screen_text(app)
        await pilot.press("f2")
        await settle(pilot)
        assert "今天" in screen_text(app)
        assert 'language = "zh"' in (home / "settings.toml").read_text(encoding="utf-8")


async def test_g_and_a_letter_go_to_a_place(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("g")
        await pilot.pause()
        assert isinstance(app.screen, GoTo)
        await pilot.press("p")
        await settle(pilot)
        assert isinstance(app.screen, SettingsScreen)
        await pilot.press("g", "i")
        await settle(pilot)
        assert isinstance(app.screen, InspectionsScreen)
        assert len(app.screen_stack) == 3
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, TodayScreen)


async def test_help_lists_what_can_be_done_says_why_not_and_does_it(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpList) and "开始检查" in screen_text(app))
        assert "没有可继续的检查" in screen_text(app)
        await pilot.press("question_mark")
        await settle(pilot)
        assert isinstance(app.screen, TodayScreen)
        await pilot.press("question_mark")
        await until(pilot, lambda: "开始检查" in screen_text(app))
        await pilot.press(*"ksjc", "enter")
        await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))


async def test_the_palette_reaches_every_place_from_anywhere(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, HelpList))
        await pilot.press(*"sz", "enter")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))


async def test_an_action_that_cannot_run_says_why(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await settle(pilot)
        assert "(i 继续)" in screen_text(app)
        await pilot.press("i")
        await settle(pilot)
        assert "没有可继续的检查" in screen_text(app)


async def test_own_keys_work_and_are_shown(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("g", "p")
        await settle(pilot)
        lines = app.screen.query_one(Lines)
        lines.focus()
        lines.cursor = [row.id for row in ACTIONS].index("today.start")
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Modal))
        await pilot.press("w", "enter")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert "w 开始检查" in screen_text(app)
        await pilot.press("n")
        await settle(pilot)
        assert isinstance(app.screen, TodayScreen)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))


async def test_idleness_locks_and_leaves_no_record_on_the_screen(make_app, home, passphrase):
    now = [0.0]
    app = make_app(monotonic=lambda: now[0])
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot, passphrase)
        begun(app.open_notebook, 1)
        await until(pilot, lambda: "示例企业" in screen_text(app))
        await pilot.press("slash")
        await settle(pilot)
        app.busy("正在同步")
        now[0] = -1
        app._last_input = -1_000.0
        app.lock_when_idle()
        await settle(pilot)
        assert isinstance(app.screen, InspectionsScreen), "a sync is never cut by the lock"
        app.busy("")
        now[0] = 299 - 1
        app.lock_when_idle()
        await settle(pilot)
        assert isinstance(app.screen, InspectionsScreen)
        await pilot.press("down")
        now[0] = 599 + 1
        app.lock_when_idle()
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "示例企业" not in screen_text(app)
        assert len(app.screen_stack) == 1
        await unlocked(pilot, passphrase)
        assert "示例企业" in screen_text(app)


async def test_an_unforeseen_error_is_one_sentence_and_the_log_quotes_no_record(
    make_app, opened, home, monkeypatch
):
    def broken(*_: Any) -> None:
        raise ValueError("示例企业03 的秘密")

    monkeypatch.setattr(queries, "today", broken)
    app = make_app(opened)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await settle(pilot)
        assert "程序出现故障" in screen_text(app)
        assert "Traceback" not in screen_text(app)
        log = (home / LOG_NAME).read_text(encoding="utf-8")
        assert "ValueError" in log
        assert "broken" in log
        assert "秘密" not in log


async def test_an_error_in_a_handler_ends_with_a_sentence_and_no_traceback(
    make_app, opened, monkeypatch, capsys
):
    app = make_app(opened)

    def broken(_: Any) -> None:
        raise ValueError("秘密")

    with pytest.raises(ValueError, match="秘密"):  # noqa: PT012 -- the pilot raises what the app kept
        async with app.run_test(size=SMALL) as pilot:
            await settle(pilot)
            monkeypatch.setattr(TodayScreen, "on_screen_resume", broken)
            app.screen.call_later(broken, None)
            await settle(pilot)
    assert "qingcha doctor" in app.parting_words
    assert "秘密" not in app.parting_words
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
async def test_every_place_fits_every_size(make_app, opened, size, language, theme):
    begun(opened, 5)
    app = make_app(opened, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for keys in ((), ("g", "i"), ("g", "n"), ("g", "p"), ("g", "h"), ("question_mark",)):
            await pilot.press(*keys)
            await settle(pilot)
            assert_clean(app)


async def test_hostile_names_run_nothing_and_break_nothing(make_app, opened):
    from models.store.change import new_id, put

    first, second = (row.id for row in registry.officers(opened)[:2])
    for text in HOSTILE:
        name = text.replace("\ud800", "\ufffd").replace("\udfff", "\ufffd").replace("\x00", "\u2400")
        site = new_id()
        opened.write(put("site", site, opened.unit, name=name, unit_code=opened.unit, address=name))
        record = new_id()
        opened.write(
            put(
                "inspection",
                record,
                opened.unit,
                site=site,
                site_name=name,
                number=name[:40],
                state="draft",
                began_at=1_790_000_000_000,
                first_officer=first,
                second_officer=second,
                checklists="A",
            )
        )
    app = make_app(opened)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await settle(pilot)
        assert_clean(app)
        await pilot.press("slash")
        await settle(pilot)
        assert_clean(app)
        await pilot.click(Lines, offset=(20, 5))
        await pilot.press("g", "n") if not isinstance(app.screen.focused, Field) else None
        await settle(pilot)
        app.go("new")
        await settle(pilot)
        await pilot.press("space")
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await settle(pilot)
        assert_clean(app)
        for text in HOSTILE:
            app.say(text)
            await pilot.pause()
            assert_clean(app)
        assert app.is_running


async def test_quitting_and_locking_work_while_something_is_being_chosen(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, HelpList))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        assert app._notebook is None


async def test_esc_after_f5_is_back_where_the_sync_was_asked_for(make_app, opened):
    [one] = begun(opened, 1)
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        app.open_place("inspection", inspection_id=one)
        await settle(pilot)
        visit = app.screen
        await pilot.press("f5")
        await until(pilot, lambda: getattr(app.screen, "place_name", "") == "sync")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is visit


async def test_another_language_empties_no_form_that_is_not_kept_yet(make_app, opened):
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))
        await settle(pilot)
        await pilot.press(*"示例企业03")
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("f2")
        await settle(pilot)
        assert app.screen.query_one("#field-site_id", ChoiceField).label == "示例企业03有限公司"
        assert "New inspection" in screen_text(app)
        await pilot.press("f2")
        await settle(pilot)


async def test_leaving_a_new_inspection_with_a_site_chosen_asks_first(make_app, opened):
    begun(opened, 1)
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        for chosen in (False, True):
            await pilot.press("n")
            await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))
            await settle(pilot)
            screen = app.screen
            if chosen:
                screen.query_one("#field-site_id", ChoiceField).load("x", "示例企业03")
                await pilot.press("escape")
                await until(pilot, lambda: isinstance(app.screen, Confirm))
                await pilot.press("escape")
                await until(pilot, lambda: isinstance(app.screen, NewInspectionScreen))
                await pilot.press("escape")
                await until(pilot, lambda: isinstance(app.screen, Confirm))
                await pilot.press("y")
            else:
                await pilot.press("escape")
            await until(pilot, lambda: getattr(app.screen, "place_name", "") == "today")
