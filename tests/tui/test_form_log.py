"""A form with an audit question and choices from its rounds, filled in and worked on again by keyboard."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from models.forms.audit import audit_of
from models.forms.brought import bring
from models.inspections import verbs
from models.inspections.form_filling import filling_of, kept_answers
from models.inspections.form_logs import audit_csv
from models.inspections.tables import FormLog
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.test_form_filling import at_path
from tests.tui.visits import at, begun, typed
from tui.screens.form_filling import FormFillingScreen
from tui.widgets.confirm import AskLine
from tui.widgets.field import Field

pytestmark = pytest.mark.usefixtures("forms_read_here")

FORM = """
| survey |
|  | type | name | label | parameters | appearance | constraint |
|  | audit | audit | | track-changes=true identify-user=true track-changes-reasons=on-form-edit | | |
|  | begin repeat | tank | 储罐 | | | |
|  | text | name | 名称 | | | |
|  | end repeat | | | | | |
|  | select_one ${name} | worst | 最差的一个 | | | |
|  | select_multiple ${name} | leaking | 渗漏的 | | | |
|  | select_one outlets | outlet | 排口 | | search('outlets') | |
|  | integer | count | 数量 | | | . > 0 |
| choices |
|  | list_name | name | label |
|  | outlets | code | title |
| settings |
|  | form_title | form_id | version |
|  | 储罐 | tanks_logged | 1 |"""


@pytest.fixture
def filled(notebook, officers, tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "outlets.csv").write_text("code,title\na,东排口\nb,西排口\n", "utf-8")
    file = tmp_path / "tanks.md"
    file.write_text(FORM, "utf-8")
    visit = begun(notebook, officers)
    return visit, verbs.begin_form(notebook, visit, bring(notebook, file))


def log_of(notebook: Any, record: str) -> list[dict[str, str]]:
    text = audit_csv(notebook, record, audit_of(filling_of(notebook, record).form))
    return list(csv.DictReader(io.StringIO(text)))


def sessions(notebook: Any, record: str) -> int:
    with notebook:
        return FormLog.select().where(FormLog.filled == record).count()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_choices_come_from_rounds_and_files_and_all_of_it_is_logged(make_app, notebook, filled, size):
    visit, record = filled
    app = make_app(notebook)
    async with app.run_test(size=size) as pilot:
        screen = await at(app, pilot, "filling", inspection_id=visit, record_id=record)
        await until(pilot, lambda: isinstance(screen.focused, Field))
        await typed(pilot, "north")
        await pilot.press("enter", "enter")  # goes on to "add", and adds one
        await until(pilot, lambda: at_path(screen) == "/data/tank[2]/name")
        await typed(pilot, "south")
        await pilot.press("enter", "down")
        await until(pilot, lambda: at_path(screen) == "/data/worst")
        await until(pilot, lambda: "2 south" in screen_text(app))
        assert_clean(app)
        await pilot.press("2")
        await until(pilot, lambda: at_path(screen) == "/data/leaking")
        await pilot.press("1", "2", "down")
        await until(pilot, lambda: "2 西排口" in screen_text(app))
        await pilot.press("2")
        await until(pilot, lambda: at_path(screen) == "/data/count")
        await typed(pilot, "0")
        await pilot.press("enter")
        await until(pilot, lambda: "!" in screen_text(app))
        await typed(pilot, "3")
        await pilot.press("enter", "escape")
        await settle(pilot)
        assert sessions(notebook, record) == 0, "nothing is written while it is filled in"
        await pilot.press("escape")
        await until(pilot, lambda: sessions(notebook, record) == 1)
        held = kept_answers(notebook, record)
        assert (held["/data/worst"], held["/data/leaking"], held["/data/outlet"]) == (
            "south",
            "north south",
            "b",
        )
        found = log_of(notebook, record)
    events = [row["event"] for row in found]
    assert (events[0], events[-2:]) == ("form start", ["form save", "form exit"])
    assert {"question", "add repeat", "constraint error"} <= set(events)
    assert all(row["user"] for row in found)
    answered = {row["node"]: row["new-value"] for row in found if row["new-value"]}
    assert answered["/data/tank[2]/name"] == "south"
    assert answered["/data/leaking"] == "north south"
    assert next(row["node"] for row in found if row["event"] == "add repeat") == "/data/tank[2]"
    assert all(row["end"] >= row["start"] for row in found if row["event"] == "question")


async def test_who_works_on_it_again_is_asked_why_and_jumps_are_logged(make_app, notebook, filled):
    visit, record = filled
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        base = await at(app, pilot, "filling", inspection_id=visit, record_id=record)
        await until(pilot, lambda: isinstance(base.focused, Field))
        await typed(pilot, "north")
        await pilot.press("enter", "escape")
        await settle(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: sessions(notebook, record) == 1)
        app.open_place("filling", inspection_id=visit, record_id=record, path="/data/tank[1]/name")
        await until(pilot, lambda: isinstance(app.screen, FormFillingScreen) and app.screen is not base)
        screen = app.screen
        await until(pilot, lambda: isinstance(screen.focused, Field))
        screen.focused.value = ""
        await typed(pilot, "nord")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AskLine))
        assert_clean(app)
        await typed(pilot, "misread")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("slash")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await settle(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: sessions(notebook, record) == 2)
        again = log_of(notebook, record)
    at_resume = [row["event"] for row in again].index("form resume")
    events = [row["event"] for row in again[at_resume:]]
    assert {"jump", "change reason", "form save"} <= set(events)
    (why,) = [row["change-reason"] for row in again if row["change-reason"]]
    assert why == "misread"
    changes = [(row["old-value"], row["new-value"]) for row in again[at_resume:] if row["new-value"]]
    assert changes == [("north", "nord")]


async def test_a_long_log_is_written_down_before_the_form_is_left(
    make_app, notebook, filled, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tui.screens.form_log.LONGEST", 60)
    visit, record = filled
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "filling", inspection_id=visit, record_id=record)
        await until(pilot, lambda: isinstance(screen.focused, Field))
        await typed(pilot, "a")
        await pilot.press("enter", "enter")
        await typed(pilot, "b")
        await pilot.press("enter")
        await until(pilot, lambda: sessions(notebook, record) >= 1)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: log_of(notebook, record)[-1]["event"] == "form exit")
        assert [row["event"] for row in log_of(notebook, record)].count("form start") == 1


async def test_a_sealed_form_is_looked_at_without_a_log(make_app, notebook, filled):
    from tests.visits import fill

    visit, record = filled
    fill(notebook, visit)
    verbs.seal_inspection(notebook, visit)
    app = make_app(notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "filling", inspection_id=visit, record_id=record)
        await until(pilot, lambda: "储罐" in screen_text(app))
        await pilot.press("down", "escape")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert sessions(notebook, record) == 0
