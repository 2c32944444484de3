"""The evidence screen by keys: path, drop, folders and a watched folder; words, custody, labels."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from models.inspections import queries, verbs
from models.inspections.samples import jpeg_with_exif
from tests.tui.helpers import HOSTILE, assert_clean, screen_text, settle, until
from tests.tui.visits import LOOKS, SIZE, arrived, at, begun, typed
from tests.visits import fill
from tui.screens.evidence_files import FilePicker
from tui.screens.evidence_parts import Watch, kind_of, pasted_paths, take_in_all
from tui.screens.record_code import CodeView
from tui.widgets.confirm import AskLine
from tui.widgets.field import Field


@pytest.fixture
def visit(notebook: Any, officers: tuple[str, str]) -> str:
    return begun(notebook, officers)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return jpeg_with_exif(tmp_path / "IMG 0001.jpg", taken="2026:11:23 09:05:00", gps=(24.51, 117.65))


def evidence(notebook: Any, visit: str) -> list[Any]:
    return queries.evidence_of(notebook, visit)


async def test_a_pasted_path_is_taken_in_for_the_item(make_app, notebook, visit, photo):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_place("evidence", inspection_id=visit, item="W01", add=True)
        await until(pilot, lambda: isinstance(app.screen, AskLine) and app.screen.focused)
        app.screen.query_one(Field).load(f"'{photo}'")
        await pilot.press("enter")
        await until(pilot, lambda: evidence(notebook, visit))
        await settle(pilot)
        row = evidence(notebook, visit)[0]
        assert (row.item, row.kind, row.name) == ("W01", "audio_visual", "IMG 0001.jpg")
        text = screen_text(app)
        assert "2026-11-23T09:05" in text
        assert "EXIF" in text
        assert row.sha256 in text
        assert_clean(app)


async def test_a_dropped_file_arrives_as_a_paste(make_app, notebook, visit, photo):
    from textual import events

    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "evidence", inspection_id=visit)
        screen.post_message(events.Paste(str(photo).replace(" ", "\\ ")))
        await until(pilot, lambda: evidence(notebook, visit))


async def test_files_are_chosen_in_a_folder(make_app, notebook, visit, photo, tmp_path):
    second = jpeg_with_exif(tmp_path / "IMG2.jpg", text="2")
    notebook.set_meta(evidence_folder=str(tmp_path))
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "evidence", inspection_id=visit)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, FilePicker) and app.screen.focused)
        await settle(pilot)
        assert_clean(app)
        keys = list(app.screen._entries)
        for path in (photo, second):
            app.screen.query_one("Lines").cursor = keys.index(str(path))
            await pilot.press("space")
        await pilot.press("enter")
        await until(pilot, lambda: len(evidence(notebook, visit)) == 2)
        await settle(pilot)


async def test_one_bad_file_is_named_and_the_rest_goes_on(make_app, notebook, visit, photo, tmp_path):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "evidence", inspection_id=visit)
        screen._take_in([tmp_path / "missing.jpg", photo])
        await until(pilot, lambda: evidence(notebook, visit))
        await settle(pilot)
        assert any("missing.jpg" in note.message for note in app._notifications)


def test_stopped_within_a_file_nothing_of_it_is_kept(notebook, visit, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(20_000_000))
    stop = Event()
    found = take_in_all(notebook, visit, "", [film, film], stop=stop, told=lambda *_progress: stop.set())
    assert (found.taken, len(found.problems)) == (0, 1)
    assert evidence(notebook, visit) == []


async def test_a_watched_folder_offers_what_comes(make_app, notebook, visit, tmp_path):
    folder = tmp_path / "camera"
    folder.mkdir()
    jpeg_with_exif(folder / "old.jpg")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "evidence", inspection_id=visit)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, AskLine) and app.screen.focused)
        app.screen.query_one(Field).load(str(folder))
        await pilot.press("enter")
        await until(pilot, lambda: screen._watch is not None)
        jpeg_with_exif(folder / "new.jpg", text="new")
        screen._look()
        await settle(pilot)
        screen._look()
        await until(pilot, lambda: screen._offered)
        await pilot.press("t")
        await until(pilot, lambda: evidence(notebook, visit))
        assert [row.name for row in evidence(notebook, visit)] == ["new.jpg"]
        await settle(pilot)


def test_a_file_that_still_grows_is_not_offered(tmp_path):
    watch = Watch(tmp_path)
    film = tmp_path / "film.mp4"
    film.write_bytes(b"1")
    assert watch.look() == []
    film.write_bytes(b"12")
    assert watch.look() == []
    assert watch.look() == [film]
    assert watch.look() == []


async def test_what_the_law_asks_of_a_photo_is_written_in_words(make_app, notebook, visit, photo):
    verbs.take_in(notebook, visit, photo, kind="audio_visual", item="W01")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "evidence", inspection_id=visit)
        await pilot.press("e")
        await arrived(app, pilot, "describe")
        app.screen.query_one("Form").focus_field("method")
        await typed(pilot, "camera")
        await pilot.press("down", "down", "down", "down", "down")
        await typed(pilot, "x")
        await pilot.press("enter")
        await settle(pilot)
        assert "整数" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert evidence(notebook, visit)[0].method == "camera"


async def test_a_thing_without_a_file_is_noted(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "evidence", inspection_id=visit)
        await pilot.press("n")
        await arrived(app, pilot, "describe")
        await typed(pilot, "bottle")
        await pilot.press("escape")
        await settle(pilot)
        row = evidence(notebook, visit)[0]
        assert (row.kind, row.purpose, row.sha256) == ("physical", "bottle", None)


async def test_custody_goes_on_after_the_seal(make_app, notebook, visit, photo):
    verbs.take_in(notebook, visit, photo, kind="audio_visual", item="W01")
    fill(notebook, visit)
    verbs.seal_inspection(notebook, visit)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "evidence", inspection_id=visit)
        await pilot.press("c")
        await arrived(app, pilot, "custody")
        await pilot.press("f10")
        await settle(pilot)
        assert "封条" in screen_text(app)
        await pilot.press("down")
        await typed(pilot, "F-001")
        await pilot.press("f10")
        await settle(pilot)
        events_of = queries.custody_of(notebook, evidence(notebook, visit)[0].id)
        assert [(event.action, event.seal_number) for event in events_of][-1] == ("bagged", "F-001")
        await pilot.press("escape", "d")
        await settle(pilot)
        assert not isinstance(app.screen, AskLine)


async def test_the_label_shows_its_code(make_app, notebook, visit, photo):
    verbs.take_in(notebook, visit, photo, kind="audio_visual", item="W01")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "evidence", inspection_id=visit)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, CodeView))
        await settle(pilot)
        assert "▀" in screen_text(app)
        assert_clean(app)


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
async def test_the_list_is_drawn_whole(make_app, notebook, visit, photo, size, language, theme):
    verbs.take_in(notebook, visit, photo, kind="audio_visual", item="W01")
    app = make_app(notebook, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        await at(app, pilot, "evidence", inspection_id=visit)
        await settle(pilot)
        assert_clean(app)


async def test_hostile_names_are_shown_and_never_act(make_app, notebook, visit, tmp_path):
    taken = 0
    for number, text in enumerate(HOSTILE):
        name = f"{number}{text[:40]}.txt".replace("/", "_").replace("\0", "_")
        try:
            (tmp_path / name).write_bytes(b"x")
        except (OSError, UnicodeError):
            continue
        verbs.take_in(
            notebook,
            visit,
            tmp_path / name,
            kind="electronic",
            purpose=text[:200].replace("\ud800", "").replace("\udfff", ""),
        )
        taken += 1
    notebook.set_meta(evidence_folder=str(tmp_path))
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "evidence", inspection_id=visit)
        for _row in range(taken):
            await pilot.press("down")
            await settle(pilot)
            assert_clean(app)
        await pilot.press("o")
        await settle(pilot)
        assert_clean(app)


def test_paths_arrive_in_many_ways(tmp_path):
    first, second = tmp_path / "a b.jpg", tmp_path / "c.jpg"
    first.touch()
    second.touch()
    for text in (str(first), f"'{first}'", f'"{first}"', str(first).replace(" ", "\\ "), first.as_uri()):
        assert pasted_paths(text) == [first], text
    assert pasted_paths(f"'{first}' {second}") == [first, second]
    assert pasted_paths(f"{first.as_uri()}\n{second.as_uri()}") == [first, second]
    assert pasted_paths("  \n") == []


def test_a_file_is_what_its_first_bytes_say(tmp_path, photo):
    disguised = tmp_path / "photo.txt"
    disguised.write_bytes(photo.read_bytes())
    assert kind_of(disguised) == "audio_visual"
    assert kind_of(tmp_path / "nothing") == "electronic"
