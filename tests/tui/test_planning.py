"""From the frozen list to the inspection that a drawn officer begins with one key, on the screens."""

from __future__ import annotations

import pytest

from models.inspections import queries as inspections
from models.planning import assignments, drawing, draws, queries, verbs
from models.planning.tables import Assignment, SpotDraw
from models.registry import queries as registry
from models.registry.days import today
from models.store.change import put
from tests.tui.conftest import UNIT
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.visits import arrived, at
from tui.place import Modal
from tui.screens.acts import ActPicker
from tui.widgets.confirm import Confirm
from tui.widgets.form import Form
from tui.widgets.lines import Lines

SIZE = (80, 24)
GIVEN = {"purpose": "随机抽查", "approval_number": "示例批〔2026〕7号", "notice_number": "示例通〔2026〕3号"}


def be(book, role: str) -> None:
    book.write(put("officer", book.person, UNIT, role=role))


async def done(app, pilot, room: str, act: str, record: str = "", **values: str) -> None:
    """Fill in the form of an act as a person does, and do it."""
    screen = await at(app, pilot, "act", room=room, act=act, **({"record_id": record} if record else {}))
    form = screen.query_one(Form)
    for key, value in values.items():
        form.focus_field(key)
        await pilot.pause()
        field = app.focused
        field.load(value) if hasattr(field, "load") else setattr(field, "value", value)
        await pilot.pause()
    await pilot.press("f10")
    await settle(pilot)


@pytest.mark.parametrize("size", [SIZE, (120, 36)])
async def test_a_draw_is_frozen_drawn_and_given_out_and_its_officer_begins_with_one_key(
    make_app, opened, size
):
    book = opened
    be(book, "officer,dispatcher")
    sites = registry.find_sites(book, "示例企业", 100)
    for site in sites[:4]:
        verbs.classify(book, site.id, category="key", basis="名录")
    app = make_app(book)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await done(app, pilot, "planning", "freeze_list")
        await arrived(app, pilot, "sheet")
        with book:
            (row,) = SpotDraw.select()
        assert (row.category, row.wanted, row.seed) == ("key", 1, None)
        await until(pilot, lambda: row.list_hash[:20] in screen_text(app))
        assert_clean(app)
        await done(app, pilot, "planning", "draw", row.id, seed="3 9 17", seed_source="演示彩票")
        with book:
            row = SpotDraw.get_by_id(row.id)
        (drawn,) = drawing.draw(row.listed, "3 9 17")
        assert row.result == drawn.line
        assert row.sealed
        await done(app, pilot, "planning", "give_out", row.id, **GIVEN)
        with book:
            (given,) = Assignment.select()
        assert {given.first_officer, given.second_officer} == {drawn.first, drawn.second}

        app.go("today")
        await arrived(app, pilot, "today")
        await pilot.press("home")
        await until(pilot, lambda: app.screen.query_one(Lines).current == given.inspection)
        await until(pilot, lambda: given.site_name in screen_text(app))
        await pilot.press("b")
        await arrived(app, pilot, "inspection")
        visit = inspections.inspection(book, given.inspection)
        assert visit.began_at is not None
        assert (visit.approval_number, visit.notice_number) == (
            GIVEN["approval_number"],
            GIVEN["notice_number"],
        )
        assert not isinstance(app.screen, Confirm)
        assert queries.stands(book, [given.id])[given.id].state == "begun"


async def test_an_officer_declines_from_today_and_the_dispatcher_sees_it_come_back(make_app, opened):
    book = opened
    be(book, "officer,dispatcher")
    other = next(row.id for row in registry.officers(book) if row.id != book.person)
    made = assignments.assign(
        book,
        site_id=registry.find_sites(book, "示例企业", 1)[0].id,
        first_officer=book.person,
        second_officer=other,
        origin="plan",
        due=today(book).isoformat(),
        **GIVEN,
    )
    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await until(pilot, lambda: app.screen.query_one(Lines).current is not None)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ActPicker))
        await settle(pilot)
        await until(pilot, lambda: "退回派单" in screen_text(app))
        while isinstance(app.screen, Modal):
            await pilot.press("escape")
            await settle(pilot)
        await done(app, pilot, "planning", "decline_assignment", made, why="与该企业有利害关系")
        assert queries.stands(book, [made])[made].state == "declined"
        app.go("planning")
        await arrived(app, pilot, "room")
        await until(pilot, lambda: "已退回" in screen_text(app))
        await until(pilot, lambda: "退回 1 个" in screen_text(app))
        assert_clean(app)


async def test_what_was_recalled_is_gone_from_today_and_nothing_else_is_begun_by_the_key(make_app, opened):
    book = opened
    be(book, "officer,dispatcher")
    other = next(row.id for row in registry.officers(book) if row.id != book.person)
    made = assignments.assign(
        book,
        site_id=registry.find_sites(book, "示例企业", 1)[0].id,
        first_officer=book.person,
        second_officer=other,
        origin="plan",
        due=today(book).isoformat(),
        **GIVEN,
    )
    assignments.recall(book, made, why="合并检查")
    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert app.screen._view.today.assigned == []
        await pilot.press("b")
        await settle(pilot)
        assert app.screen.place_name == "today"
        row = inspections.inspection(book, inspections.inspection_ids(book, state="assigned")[0])
        assert row.began_at is None


async def test_who_does_not_assign_does_not_see_the_draws(make_app, opened):
    book = opened
    be(book, "officer,dispatcher")
    for site in registry.find_sites(book, "示例企业", 4):
        verbs.classify(book, site.id, category="key", basis="名录")
    made = draws.prepare(
        book, category="key", period=f"{today(book).year}Q{(today(book).month + 2) // 3}", items="A"
    )
    draws.draw(book, made)
    be(book, "officer")
    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.go("planning")
        await settle(pilot)
        await pilot.press("right_square_bracket")
        await settle(pilot)
        with book:
            number = SpotDraw.get_by_id(made).number
        assert app.screen.listing.name == "draws"
        assert number not in screen_text(app)
        assert app.screen.lines.display is False
