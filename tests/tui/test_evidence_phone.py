"""From the phone, on the screen: the code is read back, a photo is in the list, and Esc ends the page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from models.inspections import queries, verbs
from models.inspections.samples import jpeg_with_exif
from sync import lan
from tests.sync.test_phone import Phone
from tests.tui.helpers import assert_clean, screen_lines, screen_text, settle, until
from tests.tui.visits import SIZE, at, begun
from tests.visits import fill
from tui.screens.evidence_phone import PhoneScreen


@pytest.fixture
def visit(notebook: Any, officers: tuple[str, str]) -> str:
    return begun(notebook, officers)


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "addresses", lambda: ["127.0.0.1", "127.0.0.2"])


def code_on_screen(app: Any) -> str:
    """What a phone's camera reads from the cells of the screen."""
    lines = screen_lines(app)
    image = Image.new("L", (len(lines[0]), 2 * len(lines)), 255)
    for y, line in enumerate(lines):
        for x, sign in enumerate(line[:40]):
            image.putpixel((x, 2 * y), 0 if sign in "▀█" else 255)
            image.putpixel((x, 2 * y + 1), 0 if sign in "▄█" else 255)
    whole = image.crop((0, 0, 42, 2 * len(lines))).resize((42 * 6, 12 * len(lines)), Image.Resampling.NEAREST)
    found = zxingcpp.read_barcodes(whole)
    return found[0].text if found else ""


async def phone_opened(app: Any, pilot: Any, visit: str) -> Any:
    await at(app, pilot, "evidence", inspection_id=visit, item="W01")
    await pilot.press("p")
    await until(pilot, lambda: isinstance(app.screen, PhoneScreen) and app.screen._phone)
    await until(pilot, lambda: "HTTP://" in screen_text(app))
    await settle(pilot)
    return app.screen._phone


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_code_leads_to_the_page_and_a_photo_is_in_the_list_at_once(
    make_app, notebook, visit, tmp_path: Path, language
):
    photo = jpeg_with_exif(tmp_path / "IMG_0001.jpg", taken="2026:11:23 09:05:00")
    app = make_app(notebook, language=language)
    async with app.run_test(size=SIZE) as pilot:
        running = await phone_opened(app, pilot, visit)
        assert_clean(app)
        assert code_on_screen(app) == running.url
        assert "SHA-256" in screen_text(app), "all of it fits into 80 x 24"
        app._last_input = before = app._last_input - 1000
        phone = Phone(running)
        await until_answered(pilot, app, phone.page)
        await until_answered(pilot, app, lambda: phone.send(("IMG_0001.jpg", photo.read_bytes())))
        (row,) = queries.evidence_of(notebook, visit)
        words = (row.sha256[:12], "SHA-256", "127.0.0.1")
        await until(pilot, lambda: all(word in screen_text(app) for word in words))
        assert row.item == "W01"
        assert app._last_input > before, "who takes photos is not locked out"
        assert_clean(app)
        await pilot.press("escape")
        await until(pilot, lambda: getattr(app.screen, "place_name", "") == "evidence")
        await settle(pilot)
        assert "IMG_0001.jpg" in screen_text(app)
        running.join()
        with pytest.raises(ConnectionRefusedError):
            phone.ask()


async def until_answered(pilot: Any, app: Any, ask: Any) -> None:
    """Ask off the event loop, as a phone does."""
    await asyncio.get_running_loop().run_in_executor(None, ask)
    await pilot.pause()


async def test_a_new_code_and_another_network_end_the_page_before(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        first = await phone_opened(app, pilot, visit)
        await pilot.press("n")
        await until(pilot, lambda: app.screen._phone not in (None, first))
        second = app.screen._phone
        assert (first.status.ended, second.status.ended) == ("stopped", "")
        await pilot.press("a")
        await until(pilot, lambda: app.screen._phone not in (None, second))
        await until(pilot, lambda: "HTTP://127.0.0.2" in screen_text(app))
        assert second.status.ended == "stopped"
        third = app.screen._phone
    assert third.status.ended == "stopped", "the end of the program ends the page"


async def test_the_lock_ends_the_page(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        running = await phone_opened(app, pilot, visit)
        app.action_lock()
        await until(pilot, lambda: running.status.ended)
        await settle(pilot)


async def test_without_a_network_it_says_so(make_app, notebook, visit, monkeypatch):
    monkeypatch.setattr(lan, "addresses", list)
    monkeypatch.setattr("sync.phone.addresses", list)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "evidence", inspection_id=visit)
        await pilot.press("p")
        await until(pilot, lambda: any("局域网" in note.message for note in app._notifications))
        await until(pilot, lambda: getattr(app.screen, "place_name", "") == "evidence")


async def test_a_sealed_inspection_opens_no_page(make_app, notebook, visit):
    fill(notebook, visit)
    verbs.seal_inspection(notebook, visit)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "evidence", inspection_id=visit)
        await pilot.press("p")
        await settle(pilot)
        assert not isinstance(app.screen, PhoneScreen)
