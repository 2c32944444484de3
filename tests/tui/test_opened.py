"""What is told and done when a notebook is opened: a copy of it, and room for a full disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from models.store import keys
from models.store.ballast import Ballast
from models.store.change import new_id, put
from models.store.notebook import Notebook
from models.store.token import place_of
from tests.models.store.test_token import KeyStore
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tui import opened as opening
from tui.app import QingchaApp
from tui.services import Beginning, begin_notebook, open_notebook

SMALL = (80, 24)


def text(app: QingchaApp) -> str:
    return "".join(screen_text(app).split())


def told(app: QingchaApp) -> str:
    """The toasts that stand."""
    return "".join("".join(note.message for note in app._notifications).split())


async def unlock(app: QingchaApp, pilot: Any, passphrase: str) -> None:
    await settle(pilot)
    await pilot.press(*passphrase, "enter")
    await until(pilot, lambda: app.notebook_is_open)
    await settle(pilot)


@pytest.mark.parametrize(("language", "words"), [("zh", "单独的设备"), ("en", "deviceofitsown")])
async def test_a_copy_is_told_at_opening_and_on_the_sync_screen(
    make_app, home, passphrase, monkeypatch, tmp_path, language, words
):
    folder = home / "notebooks/first"
    first = open_notebook(folder, passphrase)
    device = first.device
    first.close()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another laptop"))
    app = make_app(language=language)
    async with app.run_test(size=SMALL) as pilot:
        await unlock(app, pilot, passphrase)
        assert words in told(app)
        assert app.open_notebook.device != device
        assert_clean(app)
        app.clear_notifications()
        app.go("sync")
        await settle(pilot)
        assert words in text(app)
        assert app.open_notebook.device[:8] in text(app)
        assert_clean(app)
    app = make_app(language=language)
    async with app.run_test(size=SMALL) as pilot:
        await unlock(app, pilot, passphrase)
        assert words not in told(app), "told once"


def test_a_home_of_its_own_keeps_its_own_tokens(home: Path, passphrase, monkeypatch, tmp_path):
    monkeypatch.setenv("QINGCHA_HOME", str(home))
    folder = home / "notebooks/first"
    for _ in range(2):
        book = open_notebook(folder, passphrase)
        assert (book.was_copied, place_of(book)) == (False, "file")
        book.close()
    assert len(list((home / "state/tokens").iterdir())) == 1
    other = shutil.copytree(home / "notebooks", tmp_path / "other/notebooks")
    monkeypatch.setenv("QINGCHA_HOME", str(tmp_path / "other"))
    twin = open_notebook(other / "first", passphrase)
    assert twin.was_copied
    twin.close()


def test_one_just_begun_knows_itself_at_its_second_opening(tmp_path, passphrase, monkeypatch):
    beginning = Beginning("执法员01", "FJ350602001", "350602", passphrase)
    book = begin_notebook(tmp_path, beginning, keys.FAST)
    assert place_of(book) == "file"
    folder = book.folder
    book.close()
    book = open_notebook(folder, passphrase)
    assert not book.was_copied
    book.close()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another laptop"))
    book = open_notebook(folder, passphrase)
    assert book.was_copied
    book.close()


def test_where_a_key_store_takes_part_it_keeps_the_token(tmp_path, passphrase, monkeypatch):
    store = KeyStore()
    monkeypatch.setattr(keys, "system_keyring", lambda: store)
    monkeypatch.setenv("QINGCHA_HOME", str(tmp_path))
    beginning = Beginning("执法员01", "FJ350602001", "350602", passphrase)
    book = begin_notebook(tmp_path, beginning, keys.FAST)
    folder, device = book.folder, book.device
    assert place_of(book) == "keyring"
    book.close()
    assert not (tmp_path / "state").exists()
    image = shutil.copytree(folder, tmp_path / "image")
    book = open_notebook(folder, passphrase)
    assert not book.was_copied
    book.close()
    shutil.rmtree(folder)
    image.rename(folder)
    book = open_notebook(folder, passphrase)
    assert (book.was_copied, book.device == device, place_of(book)) == (True, False, "keyring")
    book.close()
    assert len(store.kept) == 3, "the notebook's secret, the first one's token, and the copy's"


async def test_room_is_set_aside_in_a_while_and_given_back_when_the_disk_is_full(
    make_app, opened: Notebook, home, monkeypatch
):
    monkeypatch.delenv("QINGCHA_NO_BALLAST")
    monkeypatch.setattr(opening, "SOON", 0.05)
    monkeypatch.setattr(opening, "AGAIN", 0.1)
    ballast = opened.ballast = Ballast(home / "notebooks", size=2 << 20, roomy=0)
    app = make_app(opened)

    def full() -> None:
        with opened.writing():
            opened.write(put("site", new_id(), "350602", name="示例企业99"))
            raise sqlcipher.OperationalError("database or disk is full")

    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, ballast.is_there)
        app.screen.do_verb(full)
        await until(pilot, lambda: "2MB现已释放" in told(app))
        assert_clean(app)
        await until(pilot, ballast.is_there)  # again, as there is room
        assert sorted(path.name for path in (home / "notebooks").iterdir()) == [
            "ballast",
            "first",
            "first.name",
        ]


async def test_a_practice_notebook_sets_nothing_aside(make_app, opened: Notebook, home, monkeypatch):
    monkeypatch.delenv("QINGCHA_NO_BALLAST")
    monkeypatch.setattr(opening, "SOON", 0.0)
    opened.demo = True
    opened.ballast = Ballast(home / "notebooks", size=2 << 20, roomy=0)
    app = make_app(opened)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.pause(0.2)
        assert not opened.ballast.is_there()
