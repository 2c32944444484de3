"""Sampling by keys alone: from the inspection to a sealed record, a label, and results taken in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events

from models.inspections.sampling import queries, verbs
from models.inspections.sampling.passing import pass_all
from models.registry import verbs as registry
from tests.models.inspections.sampling.conftest import HOUR, WATER
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.visits import arrived, at, typed
from tui.screens.acts import ActPicker
from tui.screens.inspection_missing import MissingList
from tui.screens.record_code import CodeView
from tui.widgets.facts import FactList
from tui.widgets.form import Form
from tui.widgets.lines import Lines


def begun(notebook: Any, officers: tuple[str, str]) -> str:
    from models.inspections import verbs as inspecting

    site = registry.add_site(notebook, "示例印染企业03", address="示例路3号")
    first, second = officers
    return inspecting.begin(
        notebook, site_id=site, first_officer=first, second_officer=second, checklists="A,W",
        began_at=notebook.clock.wall_ms() - 2 * HOUR,
    )  # fmt: skip


def record(notebook: Any, visit: str) -> str:
    began = notebook.clock.wall_ms() - HOUR
    made = verbs.begin(notebook, visit, "water", began_at=began, ended_at=began + HOUR // 4, **WATER)
    verbs.add_sample(
        notebook, made, name="废水", items="氨氮", container="玻璃瓶", preservation="4℃", taken_at=began
    )
    return made


async def choose(app: Any, pilot: Any, words: str) -> None:
    """Choose an act from the list that is open, by its words."""
    await until(pilot, lambda: isinstance(app.screen, ActPicker))
    await settle(pilot)
    await typed(pilot, words)
    await settle(pilot)
    await pilot.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_from_the_inspection_to_a_sampling_record(make_app, notebook, officers, size):
    visit = begun(notebook, officers)
    app = make_app(notebook, language="zh")
    async with app.run_test(size=size) as pilot:
        await at(app, pilot, "inspection", inspection_id=visit)
        await pilot.press("z")
        await arrived(app, pilot, "sheet")
        await until(pilot, lambda: "本次检查还没有采样" in screen_text(app))
        await pilot.press("a")
        await choose(app, pilot, "噪声测量")
        await arrived(app, pilot, "act")
        await until(pilot, lambda: app.screen.query_one(Form).values.get("symbol") == "boundary_noise")
        assert_clean(app)
        await pilot.press("f10")
        await until(pilot, lambda: queries.of_visit(notebook, visit))
        await arrived(app, pilot, "sheet")
        await until(pilot, lambda: "等效声级" in screen_text(app) or "缺" in screen_text(app))
        assert_clean(app)


@pytest.mark.parametrize(("kind", "field"), [("sampling", "instrument"), ("sample", "container")])
async def test_enter_on_what_a_record_lacks_puts_the_cursor_there(
    make_app, notebook, officers, kind: str, field: str
):
    visit = begun(notebook, officers)
    made = record(notebook, visit)
    verbs.edit(notebook, made, instrument="")
    sample = queries.view(notebook, made).samples[0].id
    verbs.edit_sample(notebook, sample, container="")
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "sheet", kind="sampling", record_id=made)
        facts = screen.query_one(FactList)
        await until(pilot, lambda: facts.facts)
        facts.cursor = [(each.kind, each.field) for each in facts.facts].index((kind, field))
        await pilot.press("enter")
        await arrived(app, pilot, "act")
        await until(pilot, lambda: app.screen.focused.id == f"field-{field}")
        assert app.screen.record_id == (sample if kind == "sample" else made)


async def test_enter_on_a_sampling_in_the_missing_list_of_its_visit_opens_the_record(
    make_app, notebook, officers
):
    visit = begun(notebook, officers)
    made = record(notebook, visit)
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "inspection", inspection_id=visit)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, MissingList))
        await settle(pilot)
        lines = app.screen.query_one(Lines)
        found = app.screen._found
        lines.cursor = list(found).index(next(key for key, each in found.items() if each.kind == "sampling"))
        await pilot.press("enter")
        await arrived(app, pilot, "sheet")
        assert (app.screen.kind, app.screen.record_id) == ("sampling", made)


async def test_a_record_is_sealed_and_its_label_shown(make_app, notebook, officers):
    visit = begun(notebook, officers)
    made = record(notebook, visit)
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(120, 40)) as pilot:
        await at(app, pilot, "sheet", kind="sampling", record_id=made)
        await until(pilot, lambda: "CY-350602" in screen_text(app))
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, CodeView))
        await until(pilot, lambda: "氨氮" in screen_text(app))
        await pilot.press("escape")
        await arrived(app, pilot, "sheet")
        await pilot.press("a")
        await choose(app, pilot, "签封记录")
        await settle(pilot)
        await pilot.press("y")
        await until(pilot, lambda: queries.of_visit(notebook, visit)[0].sealed)
        await until(pilot, lambda: "已签封" in screen_text(app))
        assert_clean(app)


async def test_results_are_taken_in_by_a_path_and_wrong_ones_named(
    make_app, notebook, officers, tmp_path: Path
):
    visit = begun(notebook, officers)
    made = record(notebook, visit)
    pass_all(notebook, made, "bagged", seal_number="F-1")
    number = queries.view(notebook, made).samples[0].number
    head = "样品编号,监测项目,结果,单位,方法,报告编号,报告日期,检测机构,CMA\n"
    rest = "mg/L,HJ 535-2009,R1,2026-01-05,示例检测有限公司,181312345678\n"
    path = tmp_path / "r.csv"
    path.write_text(f"{head}{number},氨氮,约8,{rest}", encoding="utf-8")
    app = make_app(notebook, language="zh")
    async with app.run_test(size=(120, 36)) as pilot:
        await at(app, pilot, "sheet", kind="sampling", record_id=made)
        app.open_place("visit_sampling", inspection_id=visit)
        await until(pilot, lambda: type(app.screen).__name__ == "VisitSamplingScreen" and app.screen.focused)
        await settle(pilot)
        await pilot.press("a")
        await choose(app, pilot, "导入监测结果")
        await arrived(app, pilot, "act")
        app.screen.post_message(events.Paste(str(path)))
        await until(pilot, lambda: app.screen.query_one(Form).values.get("file") == str(path))
        await pilot.press("f10")
        await until(pilot, lambda: "约8" in screen_text(app))
        assert queries.reports_of(notebook, visit) == []
        path.write_text(f"{head}{number},氨氮,8.52,{rest}", encoding="utf-8")
        await pilot.press("f10")
        await until(pilot, lambda: queries.reports_of(notebook, visit))
        await until(pilot, lambda: "R1" in screen_text(app))
        await until(pilot, lambda: "8.52" in screen_text(app))
        assert_clean(app)
