"""A measurement of exhaust air by keyboard: the verdict stands while it is typed, and is kept."""

from __future__ import annotations

from typing import Any

import pytest

from models.inspections import queries, verbs
from models.registry import verbs as registry
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.visits import IN_PASSING, at, begun, typed
from tui.screens.inspection_missing import jump
from tui.widgets.form import Form
from tui.widgets.prose import Prose


async def to_field(pilot: Any, screen: Any, name: str) -> None:
    await until(pilot, lambda: bool(screen.query(f"#field-{name}")))
    screen.query_one(Form).focus_field(name)
    await settle(pilot)


@pytest.mark.parametrize(("size", "language", "theme"), IN_PASSING)
async def test_a_rate_is_judged_by_the_height_of_the_stack(
    make_app, notebook, officers, size, language, theme
):
    visit = begun(notebook, officers)
    app = make_app(notebook, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        screen = await at(app, pilot, "measurement", inspection_id=visit)
        await to_field(pilot, screen, "medium")
        await pilot.press("right")
        await until(pilot, lambda: bool(screen.query("#field-stack")))
        for field, text in (("parameter", "so2"), ("value", "12"), ("stack", "25")):
            await to_field(pilot, screen, field)
            await typed(pilot, text)
            await settle(pilot)
            await pilot.press("enter")
            await settle(pilot)
        for field, times in (("unit_of_value", 3), ("zone", 1), ("clear", 1)):
            await to_field(pilot, screen, field)
            await pilot.press(*["right"] * times)
            await settle(pilot)
        words = screen.query_one("#verdict", Prose).text
        assert "9.65" in words
        assert "GB 16297-1996" in words
        assert_clean(app)
        (kept,) = queries.sheet(notebook, visit).measurements
    assert (kept.medium, kept.stack, kept.verdict, kept.clear) == ("air", "25", "over", True)


async def test_an_item_of_air_begins_with_air_and_takes_no_zone_of_noise(make_app, notebook, officers):
    site = registry.add_site(notebook, "示例企业21", noise_zone="3", water_grade="1")
    first, second = officers
    visit = verbs.begin(
        notebook, site_id=site, first_officer=first, second_officer=second, checklists="Q,N,W"
    )
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        for item, medium, zone in (("Q01", "air", ""), ("N01", "noise", "3"), ("W01", "water", None)):
            screen = await at(app, pilot, "measurement", inspection_id=visit, item=item)
            await until(pilot, lambda: bool(screen.query("#field-medium")))  # noqa: B023 -- awaited here
            await settle(pilot)
            values = screen.query_one(Form).values
            assert (values["medium"], values.get("zone")) == (medium, zone)
            await to_field(pilot, screen, "medium")
            await pilot.press("right")
            await settle(pilot)
            assert screen.query_one("#measure-item", Prose).text.startswith(item), "also for another medium"


async def test_what_is_asked_for_a_verdict_has_a_key_that_leads_there(make_app, notebook, officers):
    """From the list of what is missing the cursor stands in the field at once; F6 goes on to the next."""
    visit = begun(notebook, officers)
    value = {"parameter": "总氰化合物", "value": "0.8"}
    record = verbs.measure(notebook, visit, medium="water", point="总排口", item="W01", **value)
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "measurement", inspection_id=visit, record_id=record)
        await until(pilot, lambda: getattr(screen.focused, "id", "") == "field-water")
        words = screen.query_one("#verdict", Prose).text
        assert "F6" in words
        assert "受纳水体" in words
        await pilot.press("f6")
        await until(pilot, lambda: screen.focused.id == "field-grade")
        await pilot.press("right")
        await until(pilot, lambda: "超标" in screen.query_one("#verdict", Prose).text)
        await settle(pilot)
        assert screen.why_not_lack()
        assert_clean(app)
        (kept,) = queries.sheet(notebook, visit).measurements
    assert (kept.grade, kept.verdict) == ("1", "over")


async def test_the_verdict_stands_also_under_a_form_as_long_as_the_terminal(make_app, notebook, officers):
    """The form of exhaust gas alone fills 24 lines: it scrolls, what is typed and what it means both show."""
    visit = begun(notebook, officers)
    given = {"parameter": "颗粒物", "value": "130", "category": "其他", "stack": "15", "zone": "2"}
    record = verbs.measure(notebook, visit, medium="air", **given)
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "measurement", inspection_id=visit, record_id=record)
        for field in ("parameter", "value", "medium"):
            await to_field(pilot, screen, field)
            shown = screen_text(app).replace("\n", "").replace(" ", "")
            assert "颗粒物颗粒物" not in shown
            for line in screen.query_one("#verdict", Prose).text.split("\n")[:3]:
                assert line.replace(" ", "") in shown, field
            assert screen.focused.region.height == 1
            assert screen.query_one(Form).region.contains_region(screen.focused.region)
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        form = screen.query_one(Form)
        assert form.size.height == form.virtual_size.height, "where there is room, nothing scrolls"
        assert_clean(app)


async def test_a_line_that_asks_how_it_was_sampled_leads_to_that_field(make_app, notebook, officers):
    """Not to the first field that the verdict lacks; the line says of which value, also without a point."""
    visit = begun(notebook, officers)
    record = verbs.measure(notebook, visit, medium="water", parameter="COD", value="240")
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "inspection", inspection_id=visit)
        (line,) = [each for each in queries.missing(notebook, visit) if each.rule == "V11"]
        assert line.text.startswith("COD 240：")
        jump(screen, visit, line)
        await until(pilot, lambda: getattr(app.screen.focused, "id", "") == "field-sampled")
        assert app.screen.query_one(Form).values["value"] == "240"
    assert record == line.record
