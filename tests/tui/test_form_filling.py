"""A form of the bureau's own, filled in a visit by keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.forms.brought import bring
from models.inspections import verbs
from models.inspections.form_filling import kept_answers
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.visits import IN_PASSING, arrived, at, begun, typed
from tui.widgets.field import Field
from tui.widgets.lines import Lines

pytestmark = pytest.mark.usefixtures("forms_read_here")

FORM = """
| survey |
|  | type | name | label::中文 (zh) | label::English (en) | required | relevant | constraint |
|  | text | keeper | 负责人 | Keeper | yes |  |  |
|  | select_one yn | leak | 是否渗漏 | Leaking | yes |  |  |
|  | text | where | 渗漏位置 | Where |  | ${leak} = 'yes' |  |
|  | select_multiple kind | kinds | **储存物** | **Stored** |  |  |  |
|  | begin repeat | tank | 储罐 | Tank |  |  |  |
|  | decimal | volume | 容积 | Volume |  |  | . > 0 |
|  | end repeat |  |  |  |  |  |  |
|  | image | photo | 照片 | Photo |  |  |  |
|  | acknowledge | seen | 已当面核对 | Checked on the spot |  |  |  |
| choices |
|  | list_name | name | label::中文 (zh) | label::English (en) |
|  | yn | yes | 是 | Yes |
|  | yn | no | 否 | No |
|  | kind | acid | 酸 | Acid |
|  | kind | alkali | 碱 | Alkali |
|  | kind | oil | 油 | Oil |
| settings |
|  | form_title | form_id | version |
|  | 储罐核查表 | tanks | 1 |"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "tanks.md"
    found.write_text(FORM, "utf-8")
    return found


@pytest.fixture
def filled(notebook, officers, file) -> tuple[str, str]:
    """A visit and its form, just begun."""
    visit = begun(notebook, officers)
    return visit, verbs.begin_form(notebook, visit, bring(notebook, file))


def at_path(screen: Any) -> str:
    return str(screen.query_one(Lines).current)


@pytest.mark.parametrize(("size", "language", "theme"), IN_PASSING)
async def test_a_whole_form_is_filled_without_the_mouse(
    make_app, notebook, filled, tmp_path, size, language, theme
):
    visit, record = filled
    photo = tmp_path / "tank.txt"
    photo.write_text("stand-in", "utf-8")
    app = make_app(notebook, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        screen = await at(app, pilot, "filling", inspection_id=visit, record_id=record)
        await until(pilot, lambda: isinstance(screen.focused, Field))
        await typed(pilot, "zhang")
        await pilot.press("enter", "1")  # leaking: yes, so that one more question is asked
        await until(pilot, lambda: at_path(screen) == "/data/where")
        assert "**" not in screen_text(app)
        await typed(pilot, "east")
        await pilot.press("enter", "1", "3", "down")
        await until(pilot, lambda: at_path(screen) == "/data/tank[1]/volume")
        await typed(pilot, "-2")
        await pilot.press("enter")
        await settle(pilot)
        assert at_path(screen) == "/data/tank[1]/volume"  # it is told why, and asked again
        await until(pilot, lambda: "!" in screen_text(app))
        assert_clean(app)
        await pilot.press("enter", "enter")  # goes on all the same, and adds a tank
        await until(pilot, lambda: at_path(screen) == "/data/tank[2]/volume")
        await typed(pilot, "3")
        await pilot.press("up")
        await until(pilot, lambda: at_path(screen) == "/data/tank[1]/volume")
        screen.query_one(Field).value = ""
        await typed(pilot, "5.5")
        await pilot.press("enter", "down", "down")
        await until(pilot, lambda: at_path(screen) == "/data/photo")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not screen)
        await typed(pilot, str(photo))
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: at_path(screen) == "/data/seen")
        await pilot.press("space")
        await settle(pilot)
        assert_clean(app)
        held = kept_answers(notebook, record)
        assert {path: held[path] for path in held if "photo" not in path and "meta" not in path} == {
            "/data/keeper": "zhang",
            "/data/leak": "yes",
            "/data/where": "east",
            "/data/kinds": "acid oil",
            "/data/tank[1]/volume": "5.5",
            "/data/tank[2]/volume": "3",
            "/data/seen": "OK",
        }
        assert held["/data/photo"]


async def test_a_form_is_brought_from_its_file_and_begun_in_the_visit(make_app, notebook, officers, file):
    visit = begun(notebook, officers)
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "inspection", inspection_id=visit)
        await pilot.press("t")
        await until(pilot, lambda: app.screen is not screen)
        await typed(pilot, str(file))
        await settle(pilot)
        await pilot.press("enter")
        await arrived(app, pilot, "filling")
        await until(pilot, lambda: "储罐核查表" in screen_text(app))
        await until(pilot, lambda: "负责人" in screen_text(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("x")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press("end")
        await settle(pilot)
        await until(pilot, lambda: "储罐核查表：是否渗漏" in screen_text(app))


async def test_what_was_answered_is_there_again_and_a_round_goes_and_comes_back(make_app, notebook, filled):
    visit, record = filled
    verbs.answer_form(notebook, record, {"/data/keeper": "张三", "/data/tank[1]/volume": "7"})
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(
            app, pilot, "filling", inspection_id=visit, record_id=record, path="/data/tank[1]/volume"
        )
        await until(pilot, lambda: at_path(screen) == "/data/tank[1]/volume")
        await until(pilot, lambda: "张三" in screen_text(app))
        await pilot.press("escape", "d", "y")
        await settle(pilot)
        assert kept_answers(notebook, record).get("/data/tank[1]/volume") is None
        await pilot.press("u")
        await until(pilot, lambda: kept_answers(notebook, record).get("/data/tank[1]/volume") == "7")
        await settle(pilot)
        assert "/data/tank[1]/volume" in screen._rows
        assert kept_answers(notebook, record)["/data/keeper"] == "张三"


async def test_what_is_being_typed_is_kept_without_enter(make_app, notebook, filled):
    visit, record = filled
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "filling", inspection_id=visit, record_id=record)
        await until(pilot, lambda: isinstance(screen.focused, Field))
        await typed(pilot, "li")
        await until(pilot, lambda: kept_answers(notebook, record).get("/data/keeper") == "li")
        assert isinstance(screen.focused, Field)


async def test_a_sealed_visit_shows_its_form_and_takes_no_answer(make_app, notebook, filled):
    from tests.visits import fill

    visit, record = filled
    verbs.answer_form(notebook, record, {"/data/keeper": "张三", "/data/leak": "no"})
    fill(notebook, visit)
    verbs.seal_inspection(notebook, visit)
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "filling", inspection_id=visit, record_id=record, path="/data/leak")
        await until(pilot, lambda: at_path(screen) == "/data/leak")
        await pilot.press("1")
        await settle(pilot)
        assert kept_answers(notebook, record)["/data/leak"] == "no"
