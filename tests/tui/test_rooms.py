"""A room, a sheet and an act's form, by keys alone: over a small room, and over those of the areas."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events

from models import rooms
from models.cases.damage.tables import Clue
from models.store.lookup import by_id
from tests.tui import fake_room
from tests.tui.helpers import HOSTILE, assert_clean, screen_text, settle, until
from tests.tui.visits import LOOKS, SIZE, arrived, at, typed
from tui import acting
from tui.named import unseen
from tui.screens.acts import ActPicker
from tui.widgets import form as form_module
from tui.widgets.confirm import Confirm
from tui.widgets.facts import FactList
from tui.widgets.field import Field
from tui.widgets.form import Form
from tui.widgets.lines import Lines
from tui.widgets.prose import Prose
from tui.widgets.tabs import TabsLine


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> rooms.Room:
    """The only room is the small one."""
    monkeypatch.setattr(rooms, "MODULES", {"cases": "tests.tui.fake_room"})
    return fake_room.ROOM


def clue_of(book: Any, record: str) -> Any:
    with book:
        return by_id(Clue, record)


async def settled_room(app: Any, pilot: Any) -> Any:
    await settle(pilot)
    await pilot.press("g", "c")
    await arrived(app, pilot, "room")
    return app.screen


async def test_g_and_a_letter_goes_to_a_room_and_esc_comes_back(make_app, notebook, room):
    fake_room.register(notebook, party="示例企业一")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await settled_room(app, pilot)
        text = screen_text(app)
        assert "1 clues" in text
        assert "示例企业一" in text
        assert "[Open ones 1]" in text
        assert_clean(app)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen.place_name == "today"
        assert screen is not app.screen


async def test_an_empty_list_says_what_to_do(make_app, notebook, room):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await settled_room(app, pilot)
        assert "Press n." in screen_text(app)
        await pilot.press("a")
        await settle(pilot)
        assert app.screen.place_name == "room"


async def test_the_filter_finds_by_pinyin_initials_and_esc_leaves_it(make_app, notebook, room):
    for name in ("排水公司", "石材厂"):
        fake_room.register(notebook, party=name)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await settled_room(app, pilot)
        await pilot.press("slash")
        await typed(pilot, "pskc"[:2])
        await until(pilot, lambda: len(screen.lines.ids) == 1)
        assert "排水公司" in screen_text(app)
        await pilot.press("escape")
        assert isinstance(app.focused, Lines)
        assert app.screen is screen
        await pilot.press("tab")
        await settle(pilot)
        assert screen.listing.name == "all"
        assert len(screen.lines.ids) == 1, "the filter stays for the other list"
        await pilot.press("left_square_bracket")
        await settle(pilot)
        assert screen.listing.name == "open"


async def test_from_the_room_to_a_new_record_and_back(make_app, notebook, room):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await settled_room(app, pilot)
        await pilot.press("n")
        await arrived(app, pilot, "act")
        assert app.focused.id == "field-party"
        await typed(pilot, "abc")
        await pilot.press("down")
        await pilot.press("f4")
        await pilot.press("down")
        await typed(pilot, "3.2")
        await pilot.press("f10")
        await arrived(app, pilot, "sheet")
        text = screen_text(app)
        assert "abc" in text
        assert "money=320" in text
        assert "on=20" in text
        record = app.screen.record_id
        assert clue_of(notebook, record).party == "abc"
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen.place_name == "room"
        assert app.screen.lines.current == record


async def test_every_kind_of_field_reaches_the_verb(make_app, opened, room):
    app = make_app(opened)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await at(app, pilot, "act", room="cases", act="register")
        form = screen.query_one(Form)
        form.load({"party": "甲", "on": "20270630", "money": "1万", "share": "3.5", "people": "12"})
        form.load({"sea": "1", "source": "report", "ways": "patrol,report", "words": "一\n二"})
        form.focus_field("site")
        await typed(pilot, "slqy07")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        form.focus_field("unit")
        await typed(pilot, "lhq")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert_clean(app)
        await pilot.press("f10")
        await arrived(app, pilot, "sheet")
        row = clue_of(opened, app.screen.record_id)
        assert row.unit == "350604"
        for words in ("money=1000000", "on=2027-06-30", "people=12", "sea=True", "share=3.5"):
            assert words in row.description
        assert "source=report" in row.description
        assert "ways=patrol,report" in row.description


async def test_a_rule_stands_under_its_field_with_its_basis_and_nothing_typed_is_lost(
    make_app, notebook, room
):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "act", room="cases", act="register")
        await pilot.press("f10")
        await settle(pilot)
        assert "填写" in screen.query_one("#error-party", Prose).text
        form = screen.query_one(Form)
        form.load({"party": "坏", "on": "30.2."})
        await pilot.press("f10")
        await settle(pilot)
        assert "30.2." in screen.query_one("#error-on", Prose).text
        assert app.focused.id == "field-on"
        form.load({"on": ""})
        app.focused.value = ""
        await pilot.press("f10")
        await until(pilot, lambda: "《试验办法》第一条" in screen.query_one("#error-party", Prose).text)
        assert app.screen is screen
        assert form.values["party"] == "坏"
        assert_clean(app)


async def test_a_sentence_under_a_field_stays_until_the_field_is_changed(
    make_app, notebook, room, monkeypatch
):
    monkeypatch.setattr(form_module, "KEEP_AFTER", 1.0)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "act", room="cases", act="register")
        screen.query_one("#field-party", Field).value = "示例企业"
        screen.query_one(Form).focus_field("on")
        await typed(pilot, "20261345")
        await pilot.press("f10")
        error = screen.query_one("#error-on", Prose)
        await until(pilot, lambda: "20261345" in error.text)
        await pilot.pause(1.2)
        await settle(pilot)
        assert "20261345" in error.text
        assert app.screen is screen


async def test_keys_in_one_burst_go_where_each_of_them_leads(make_app, notebook, room):
    """A terminal may give `a`, Down, Down, Enter at once: the list of acts takes what was typed for it."""
    for name in ("示例企业一", "示例企业二", "示例企业三"):
        fake_room.register(notebook, party=name)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await settled_room(app, pilot)
        row = screen.lines.current
        assert acting.on_record(notebook, "clue", row)[1].act.name == "close"
        for key in ("a", "down", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await settle(pilot)
        refused = {offer.act.name for offer in acting.on_record(notebook, "clue", row) if offer.refusal}
        assert "close" in refused


async def test_esc_asks_before_it_drops_and_a_lock_keeps_what_is_typed(
    make_app, home, opened, passphrase, room
):
    app = make_app(opened)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "act", room="cases", act="register")
        await typed(pilot, "half")
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen.is_modal
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen.place_name == "act"
        await pilot.press("ctrl+l")
        await until(pilot, lambda: getattr(app.screen, "place_name", "") == "unlock")
        await settle(pilot)
        await typed(pilot, passphrase)
        await pilot.press("enter")
        await arrived(app, pilot, "today")
        screen = await at(app, pilot, "act", room="cases", act="register")
        await until(pilot, lambda: screen.query_one("#field-party", Field).value == "half")
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert app.screen.place_name == "today"
        screen = await at(app, pilot, "act", room="cases", act="register")
        assert screen.query_one("#field-party", Field).value == ""


async def test_a_sheet_shows_facts_opens_records_and_acts(make_app, notebook, room):
    record = fake_room.register(notebook, party="示例企业", note="很长的说明，" * 60)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await settled_room(app, pilot)
        await pilot.press("enter")
        await arrived(app, pilot, "sheet")
        facts = app.screen.query_one(FactList)
        text = screen_text(app)
        assert "Nothing" not in text, "a section without facts is left out"
        assert "XS-示例企业" in text
        assert not any(line.strip().startswith("，") for line in text.splitlines())
        assert_clean(app)
        await pilot.press("down", "down")
        assert facts.current is not None
        assert facts.current.kind == "officer"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(FactList) and app.screen.record_id != record)
        await settle(pilot)
        assert "执法员01" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ActPicker))
        await settle(pilot)
        text = screen_text(app)
        assert text.index("Describe") < text.index("Pay"), "what cannot be done comes last"
        await pilot.press("enter")
        await arrived(app, pilot, "act")
        await typed(pilot, "new")
        await pilot.press("f10")
        await arrived(app, pilot, "sheet")
        assert clue_of(notebook, record).facts == "new"
        assert "new" in screen_text(app), "the sheet shows it at once"


async def test_what_cannot_be_done_says_why_and_stays(make_app, notebook, room):
    record = fake_room.register(notebook, party="示例企业")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "sheet", kind="clue", record_id=record)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ActPicker))
        await typed(pilot, "pay")
        await settle(pilot)
        assert "！" in screen_text(app) or "! " in screen_text(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ActPicker)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen.place_name == "sheet"
        assert clue_of(notebook, record).outcome is None


async def test_an_act_that_asks_for_nothing_is_done_after_a_question(make_app, notebook, room):
    record = fake_room.register(notebook, party="示例企业")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await settled_room(app, pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ActPicker))
        await typed(pilot, "close")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert clue_of(notebook, record).outcome is None
        await pilot.press("y")
        await until(pilot, lambda: clue_of(notebook, record).outcome == "not_start")


async def test_the_list_of_all_actions_has_the_acts_of_the_screen(make_app, notebook, room):
    record = fake_room.register(notebook, party="示例企业")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "sheet", kind="clue", record_id=record)
        await pilot.press("ctrl+p")
        await settle(pilot)
        await typed(pilot, "describe")
        await settle(pilot)
        await pilot.press("enter")
        await arrived(app, pilot, "act")
        assert app.screen.act.name == "describe"


async def test_the_history_names_fields_as_forms_do(make_app, notebook, room):
    record = fake_room.register(notebook, party="示例企业")
    fake_room.describe(notebook, record, facts="先有油污")
    fake_room.describe(notebook, record, facts="后来没有")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "sheet", kind="clue", record_id=record)
        await pilot.press("h")
        await arrived(app, pilot, "history")
        text = screen_text(app)
        assert "Known facts：先有油污 -> 后来没有" in text
        assert "执法员01" in text
        assert_clean(app)


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
async def test_room_sheet_and_form_are_drawn_whole(make_app, notebook, room, size, language, theme):
    keepable = [text[:900] for text in HOSTILE if not {"\0", "\ud800"} & set(text)]
    for party, note in zip(keepable[::2], [*keepable[1::2], "-"], strict=False):
        fake_room.register(notebook, party=party, note=note)
    app = make_app(notebook, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        screen = await settled_room(app, pilot)
        assert_clean(app)
        for record in list(screen.lines.ids):
            await at(app, pilot, "sheet", kind="clue", record_id=record)
            assert_clean(app)
            await pilot.press("end", "pagedown", "pageup", "up")
            assert_clean(app)
        await at(app, pilot, "act", room="cases", act="register")
        assert_clean(app)


async def test_names_of_lists_that_do_not_fit_are_moved_so_that_the_chosen_is_seen(make_app, notebook, room):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await settled_room(app, pilot)
        tabs = screen.query_one(TabsLine)
        tabs.tabs = tuple((f"n{number}", f"List {number:02d}") for number in range(20))
        for name, label in tabs.tabs:
            tabs.chosen = name
            await pilot.pause()
            text = "".join(segment.text for segment in tabs.render_line(0))
            assert f"[{label}]" in text
            assert len(text) == tabs.size.width
        assert text.startswith("<")
        tabs.chosen = "n0"
        await pilot.pause()
        assert "".join(segment.text for segment in tabs.render_line(0)).endswith(">")


@pytest.mark.parametrize("name", list(rooms.TITLES))
@pytest.mark.parametrize(
    ("size", "language"), [(SIZE, "en"), pytest.param((120, 36), "zh", marks=pytest.mark.soak)]
)  # 80x24, zh in hostile/
async def test_every_room_of_the_areas_opens_and_each_thing_is_begun_from_its_form(
    make_app, notebook, name, size, language
):
    app = make_app(notebook, language=language)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        app.go(name)
        await arrived(app, pilot, "room")
        screen = app.screen
        assert screen.room.name == name
        for _list in screen.room.listings:
            assert_clean(app)
            assert screen.lines.display is not bool(unseen(notebook, screen.listing.kind))
            assert screen.lines.ids or screen.listing.empty
            await pilot.press("right_square_bracket")
            await settle(pilot)
        for act in screen.room.beginnings():
            form = await at(app, pilot, "act", room=name, act=act.name)
            assert form.query_one(Form).fields
            assert not form.typed(), "what is shown at first is nothing typed"
            assert_clean(app)
            await pilot.press("escape")
            await settle(pilot)
            assert app.screen is screen
        assert not app._notifications


def test_every_act_says_what_it_does_and_asks_for_what_screens_can_ask():
    kinds = {"text", "long", "day", "moment", "money", "number", "count", "flag", "choice", "marks", "record"}
    for name in rooms.MODULES:
        room = rooms.room(name)
        for act in room.acts:
            assert act.help.strip(), act.name
            for field in act.fields:
                assert field.kind in kinds, (act.name, field.key)
                assert field.choices or field.kind not in ("choice", "marks"), (act.name, field.key)
                assert bool(field.of) == (field.kind == "record"), (act.name, field.key)
        for listing in room.listings:
            assert sum(column.width == 0 for column in listing.columns) == 1, listing.name
            assert not listing.kind or rooms.room_of(listing.kind) is not None, listing.name


async def test_a_clue_is_registered_in_its_real_room_by_keys(make_app, notebook):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await settled_room(app, pilot)
        await pilot.press("tab")
        await settle(pilot)
        await pilot.press("n")
        await arrived(app, pilot, "act")
        form = app.screen.query_one(Form)
        await pilot.press("right")
        form.load({"description": "河面有油花", "party": "示例企业60"})
        await pilot.press("f10")
        await arrived(app, pilot, "sheet")
        clue = clue_of(notebook, app.screen.record_id)
        assert clue.description == "河面有油花"
        assert "示例企业60" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen.lines.current == clue.id
