"""The Sync screen against a real server in this process, by keys alone at 80x24."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import models.areas  # noqa: F401
from models.inspections import queries, verbs
from models.registry import queries as registry
from models.registry import verbs as registry_verbs
from models.store import keys
from models.store.change import put
from models.store.notebook import Notebook
from sync import outcome as says
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.embedded import Running, embedded
from sync.queries import conflicts, count_conflicts, marks
from sync.server import admin
from sync.server.carried import take_in
from sync.server.central import Central
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.visits import LOOKS, SIZE, arrived, typed
from tui.screens import sync_parts
from tui.screens.sync_settle import SettleScreen
from tui.widgets.confirm import AskLine
from tui.widgets.prose import Prose

UNIT = "350602"


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    admin.init(tmp_path / "server", organisation="演示生态环境局", host="sync.example.cn")
    seat = Central.open(tmp_path / "server")
    yield seat
    seat.close()


@pytest.fixture
def server(central: Central) -> Iterator[Running]:
    with embedded(central) as running:
        yield running


def enrolled(tmp_path: Path, central: Central, server: Running, number: int) -> Notebook:
    """A notebook of one more officer."""
    officer = admin.add_officer(
        central,
        f"执法员{number:02d}",
        role="officer",
        units=(UNIT,),
        unit_code=UNIT,
        certificate=f"FJ35060200{number}",
    )
    book = Notebook.create(
        tmp_path / f"book{number}", "qingshanlvshui2026", person=officer, unit=UNIT, cost=keys.FAST
    )
    enrol(book, ServerAddress(server.url), admin.code(central, officer).code)
    synchronise(book, ServerAddress(server.url))  # the register comes
    return book


@pytest.fixture
def book(tmp_path: Path, central: Central, server: Running) -> Notebook:
    """The notebook of 执法员01; the app closes it."""
    return enrolled(tmp_path, central, server, 1)


def begin_visit(book: Notebook) -> str:
    site = registry_verbs.add_site(book, "示例企业03", address="示例路3号")
    return verbs.begin(book, site_id=site, first_officer=book.person, second_officer=None, checklists="A")


async def test_f5_sends_everything_and_shows_the_receipts(make_app, book, server):
    visit = begin_visit(book)
    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f5")
        await arrived(app, pilot, "sync")
        await until(pilot, lambda: sync_parts.run_of(app).done)
        await settle(pilot)
        words = app.screen.query_one("#sync-outcome", Prose).text
        assert "回执" in words
        assert "还剩 0" in words.replace("剩余", "还剩")
        assert marks(book, [visit]) == {visit: "received"}
        await pilot.press("r")
        await settle(pilot)
        assert "回执" in screen_text(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "sync.example.cn" in screen_text(app) or "签名" in screen_text(app)
        assert_clean(app)


async def test_without_enrolment_one_sentence_says_what_to_do(make_app, notebook):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f5")
        await arrived(app, pilot, "sync")
        await until(pilot, lambda: sync_parts.run_of(app).done)
        await settle(pilot)
        assert "!" in app.screen.query_one("#sync-outcome", Prose).text
        assert_clean(app)


async def test_a_run_is_cancelled_by_escape_and_goes_on_next_time(make_app, book, monkeypatch):
    visit = begin_visit(book)
    reached: list[Any] = []

    def slow(notebook: Any, address: Any, *, progress: Any, cancelled: Any, code: str) -> Any:
        def told(now: Any) -> None:
            progress(now)
            reached.append(now)

        while not cancelled():
            pass
        return synchronise(notebook, address, progress=told, cancelled=cancelled)

    monkeypatch.setattr(sync_parts, "synchronise", slow)
    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("g", "s")
        await arrived(app, pilot, "sync")
        await pilot.press("s")
        await pilot.pause()
        assert app.screen.why_not_cancel() == ""
        await pilot.press("escape")
        await until(pilot, lambda: sync_parts.run_of(app).done)
        await settle(pilot)
        assert app.screen.place_name == "sync"
        assert marks(book, [visit]) == {visit: "kept"}
        monkeypatch.undo()
        await pilot.press("s")
        await until(pilot, lambda: sync_parts.run_of(app).done)
        assert marks(book, [visit]) == {visit: "received"}


async def test_a_conflict_is_settled_side_by_side(make_app, book, tmp_path, central, server):
    visit = begin_visit(book)
    synchronise(book, ServerAddress(server.url))
    other = enrolled(tmp_path, central, server, 2)
    synchronise(other, ServerAddress(server.url))
    other.write(put("inspection", visit, UNIT, situation="排水口有水"))
    book.write(put("inspection", visit, UNIT, situation="排水口无水"))
    synchronise(other, ServerAddress(server.url))
    told = synchronise(book, ServerAddress(server.url))
    assert says.CONFLICTS in [trouble.msgid for trouble in told.warnings]
    other.close()
    assert queries.inspection(book, visit).conflicts == 1
    assert count_conflicts(book) == len(conflicts(book)) == 1
    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "! 冲突 1 处" in screen_text(app)
        await pilot.press("g", "s")
        await arrived(app, pilot, "sync")
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, SettleScreen))
        await settle(pilot)
        text = screen_text(app)
        assert "排水口有水" in text
        assert "排水口无水" in text
        assert "执法员01" in text
        assert "执法员02" in text
        assert_clean(app)
        await pilot.press("w")
        await settle(pilot)
        await typed(pilot, "x")
        await pilot.press("enter")
        await settle(pilot)
        row = queries.inspection(book, visit)
        assert (row.conflicts, row.situation[-1]) == (0, "x")


async def test_what_was_put_aside_says_why(make_app, book, server):
    visit = begin_visit(book)
    synchronise(book, ServerAddress(server.url))
    book.write(put("site", registry.find_sites(book, "示例")[0].id, "350623", name="别处的企业"))
    synchronise(book, ServerAddress(server.url))
    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("g", "s")
        await arrived(app, pilot, "sync")
        await pilot.press("tab")
        await settle(pilot)
        assert visit
        assert "本人未获授权该辖区" in screen_text(app)


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
async def test_every_list_is_drawn_whole(make_app, notebook, size, language, theme):
    app = make_app(notebook, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("g", "s")
        await arrived(app, pilot, "sync")
        for _list in range(5):
            assert_clean(app)
            await pilot.press("tab")
            await settle(pilot)


async def test_a_stick_goes_out_and_comes_back_by_keys(make_app, tmp_path, book, central):
    visit = begin_visit(book)
    stick = tmp_path / "stick"
    stick.mkdir()
    app = make_app(book)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("g", "s")
        await until(pilot, lambda: getattr(app.screen, "place_name", "") == "sync")
        await until(pilot, lambda: "仅存本机（0级）" in screen_text(app))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, AskLine))
        await typed(pilot, str(stick))
        await pilot.press("enter")
        await until(pilot, lambda: list(stick.glob("*.qcb")))
        await until(pilot, lambda: "导入答复后才算收到" in screen_text(app))
        (taken,) = take_in(central.folder, [stick])
        assert marks(book, [visit])[visit] == "kept"
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, AskLine))
        await typed(pilot, str(taken.answer))
        await pilot.press("enter")
        await until(pilot, lambda: marks(book, [visit])[visit] == "received")
        await until(pilot, lambda: "全部已有回执" in screen_text(app))
        assert_clean(app)
