"""The inspection screen, by keys alone at 80x24, over a real notebook."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from models.inspections import queries, verbs
from models.inspections.items import items_of
from models.inspections.tables import Answer, Inspection, Measurement
from models.registry import queries as registry
from models.store.notebook import Notebook
from tests.tui.helpers import HOSTILE, assert_clean, screen_lines, screen_text, settle, until
from tests.tui.visits import LOOKS, SIZE, at, begun, typed
from tests.visits import fill
from tui.screens.inspection import InspectionScreen
from tui.screens.inspection_missing import MissingList
from tui.screens.inspection_parts import place_key
from tui.screens.measurement import MeasurementScreen
from tui.widgets.confirm import Confirm
from tui.widgets.prose import Prose


@pytest.fixture
def visit(notebook: Any, officers: tuple[str, str]) -> str:
    """An inspection with the checklists A and W, just begun."""
    return begun(notebook, officers)


async def at_the_visit(app: Any, pilot: Any, visit: str) -> InspectionScreen:
    await settle(pilot)
    app.open_place("inspection", inspection_id=visit)
    await until(pilot, lambda: isinstance(app.screen, InspectionScreen) and app.screen.item)
    await settle(pilot)
    return app.screen


def results(notebook: Any, visit: str) -> dict[str, str | None]:
    return {item.code: item.result for item in queries.sheet(notebook, visit).items}


async def test_one_key_answers_and_the_cursor_is_on_the_next(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        assert screen.item == "A01"
        await pilot.press("1", "2", "3")
        assert screen.item == "A04"
        await settle(pilot)
        found = results(notebook, visit)
        assert (found["A01"], found["A02"], found["A03"], found["A04"]) == ("ok", "problem", "na", None)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_footer_at_80_columns_names_what_is_pressed_all_day(make_app, notebook, visit, language):
    app = make_app(notebook, language=language)
    async with app.run_test(size=SIZE) as pilot:
        await at_the_visit(app, pilot, visit)
        words = f" {screen_lines(app)[-1]} "
        assert [key for key in "123nfmexs?" if f" {key} " not in words] == []


@pytest.mark.parametrize("key", ["escape", "x"])
async def test_leaving_the_missing_list_stays_at_the_inspection(make_app, notebook, visit, key):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, MissingList) and app.screen.focused)
        await pilot.press(key)
        await settle(pilot)
        assert app.screen is screen


async def test_what_was_recovered_is_as_old_as_the_last_answer(make_app, notebook, visit):
    verbs.answer(notebook, visit, "A01", "ok")
    notebook.set_meta(**{place_key(visit): '{"item": "A02"}'})
    verbs.answer(notebook, visit, "A02", "ok")
    with notebook:
        last = max(row.changed_at for row in Answer.select())
        assert last > Inspection.get_by_id(visit).changed_at
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        assert screen._visit.kept_at == last


async def test_answers_stay_drawn_while_a_reading_from_before_them_arrives(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        before = screen._visit
        await pilot.press("1")
        screen._show((screen._turn, before))
        assert screen.checklist.lines.rows[1].result == "ok"


async def test_a_phrase_comes_up_by_pinyin_initials_while_a_note_is_typed(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        await pilot.press("n")
        await typed(pilot, "psk")
        await until(pilot, lambda: "排水口" in (screen.checklist.box.chosen or ""))
        phrase = screen.checklist.box.chosen
        assert "排水口" in phrase
        await pilot.press("tab", "enter")
        await settle(pilot)
        assert queries.sheet(notebook, visit).items[0].note == phrase


async def test_escape_keeps_a_note(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at_the_visit(app, pilot, visit)
        await pilot.press("n")
        await typed(pilot, "abc")
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, InspectionScreen)
        assert queries.sheet(notebook, visit).items[0].note == "abc"


async def test_undo_takes_the_last_answer_back(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at_the_visit(app, pilot, visit)
        await pilot.press("1", "u")
        await settle(pilot)
        assert results(notebook, visit)["A01"] is None


async def test_a_value_is_judged_as_it_is_typed(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        screen.checklist.go_to("W01")
        await pilot.press("m")
        await until(
            pilot, lambda: isinstance(app.screen, MeasurementScreen) and app.screen.focused is not None
        )
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await typed(pilot, "240")
        form = app.screen.query_one("Form")
        form.load({"category": "其他", "water": "III"})
        app.screen._judge()
        words = app.screen.query_one("#verdict", Prose).text
        assert "超标 1.4 倍" in words
        assert "≤100 mg/L" in words
        assert "GB 8978-1996 表4" in words
        await pilot.press("escape")
        await settle(pilot)
        with notebook:
            row = Measurement.get(Measurement.inspection == visit)
        assert (row.item, row.parameter, row.value) == ("W01", "COD", "240")


async def test_the_missing_list_jumps_to_its_field(make_app, notebook, visit):
    fill(notebook, visit)
    verbs.edit(notebook, visit, contact_name=None)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at_the_visit(app, pilot, visit)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, MissingList) and app.screen.focused)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.place_name == "facts" and app.screen.focused is not None)
        await settle(pilot)
        assert app.screen.focused.id == "field-contact_name"
        await typed(pilot, "abc")
        await pilot.press("enter")
        await settle(pilot)
        assert queries.inspection(notebook, visit).contact_name == "abc"


async def test_the_seal_is_refused_with_the_list_of_what_is_missing(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at_the_visit(app, pilot, visit)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, MissingList) and app.screen.focused)
        await pilot.press("escape")
        assert not queries.inspection(notebook, visit).sealed


async def test_the_seal_asks_and_then_all_is_read_only(make_app, notebook, visit):
    fill(notebook, visit)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.screen.focused)
        await pilot.press("y")
        await settle(pilot)
        await until(pilot, lambda: screen.checklist.read_only)
        before = results(notebook, visit)
        await pilot.press("2", "n")
        await settle(pilot)
        assert results(notebook, visit) == before
        assert not screen.checklist.lines.writing
        await pilot.press("a")
        await until(pilot, lambda: app.screen.place_name == "amendment" and app.screen.focused is not None)
        await settle(pilot)
        await typed(pilot, "wrong")
        await pilot.press("f10")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.screen.focused)
        await pilot.press("y")
        await settle(pilot)
        assert [each.amend_reason for each in queries.amendments_of(notebook, visit)] == ["wrong"]


async def test_opened_again_the_cursor_is_where_it_was(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        screen.checklist.go_to("W05")
        await pilot.press("escape")
        await settle(pilot)
        screen = await at_the_visit(app, pilot, visit)
        assert screen.item == "W05"
        assert "W05" in screen.query_one("#visit-say", Prose).text
        # a small window shows it, though the list was filled before it had a scroll bar
        assert any(">[" in line and "W05" in line for line in screen_lines(app))


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
async def test_every_pane_is_drawn_whole(make_app, notebook, visit, size, language, theme):
    verbs.find(notebook, visit, "W01", "排水口超标" * 30)
    verbs.measure(notebook, visit, item="W01", medium="water", parameter="COD", value="240", point="总排口")
    app = make_app(notebook, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        await at_the_visit(app, pilot, visit)
        for _pane in range(4):
            await settle(pilot)
            assert_clean(app)
            await pilot.press("tab")


async def test_hostile_text_is_shown_and_never_acts(make_app, notebook, visit):
    texts = [text for text in HOSTILE if "\ud800" not in text and len(text) < 2_000]
    for code, text in zip(items_of("A,W"), texts, strict=False):
        verbs.note(notebook, visit, code, text)
        verbs.find(notebook, visit, code, text)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at_the_visit(app, pilot, visit)
        for key in ("down", "down", "tab", "enter", "escape", "tab", "tab"):
            await pilot.press(key)
            await settle(pilot)
            assert_clean(app)
        assert "示例印染企业03" in screen_text(app)


async def test_why_a_value_cannot_be_judged_is_seen_on_a_small_screen(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        screen.checklist.go_to("W01")
        await pilot.press("m")
        await until(
            pilot, lambda: isinstance(app.screen, MeasurementScreen) and app.screen.focused is not None
        )
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await typed(pilot, "240")
        words = app.screen.query_one("#verdict", Prose).text
        assert words.startswith("? 无法判定：请填写执行级别")
        assert "无法判定：请填写执行级别" in screen_text(app)


async def test_at_120_columns_the_limit_is_among_the_measured_values(make_app, notebook, visit):
    verbs.measure(
        notebook,
        visit,
        item="W01",
        medium="water",
        parameter="COD",
        value="240",
        unit_of_value="mg/L",
        category="其他",
        water="III",
    )
    app = make_app(notebook)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        screen.show_tab("measurements")
        await settle(pilot)
        assert "≤100" in screen_text(app)
        screen.show_tab("items")
        await settle(pilot)
        assert screen.query_one("#visit-aside").display


async def test_the_section_of_the_item_is_marked(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await at_the_visit(app, pilot, visit)
        sections = screen.query_one("#visit-sections")
        assert sections.current == "A"
        screen.checklist.go_to("W03")
        await settle(pilot)
        assert sections.current == "W"
        screen.checklist.go_to("A01")
        await settle(pilot)
        assert sections.current == "A"


@pytest.mark.parametrize(("place", "field"), [("facts", "contact_name"), ("finding", "text")])
async def test_a_lock_keeps_what_was_typed_a_moment_before(make_app, home, opened, passphrase, place, field):
    officers = tuple(row.id for row in registry.find_officers(opened, ""))
    visit = begun(opened, officers)
    arguments = {"inspection_id": visit} | ({"field": field} if place == "facts" else {"item": "A01"})
    app = make_app(opened)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, place, **arguments)
        await until(pilot, lambda: app.focused is screen.query_one(f"#field-{field}"))
        await typed(pilot, "abc")
        await pilot.press("ctrl+l")
        await until(pilot, lambda: getattr(app.screen, "place_name", "") == "unlock")
        await settle(pilot)
    with closing(Notebook.open(home / "notebooks" / "first", passphrase)) as book:
        sheet = queries.sheet(book, visit)
        kept = sheet.inspection.contact_name if place == "facts" else sheet.findings[0].text
    assert kept == "abc"
