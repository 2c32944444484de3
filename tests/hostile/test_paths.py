"""Paths that are pasted, dropped, typed, listed and watched: whatever their names are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.hostile.corpus import FAMILIES, HOSTILE, sample
from tests.hostile.test_files import file_names
from tests.hostile.typing import calm, key_event, paste, through
from tests.hostile.watch import problems, watched
from tests.tui.helpers import settle
from tui.screens.evidence_files import FilePicker
from tui.screens.evidence_parts import Watch, pasted_paths
from tui.widgets.confirm import AskLine
from tui.widgets.field import Field
from tui.widgets.lines import Lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files with hostile names."""
    made = tmp_path / "hostile"
    made.mkdir()
    for name in file_names():
        (Path(os.fsdecode(os.fsencode(made) + b"/" + name))).touch()
    return made


def test_any_text_may_be_dropped_as_a_path(tmp_path):
    for each in HOSTILE:
        for text in (each.text, f"file://{each.text}", f"'{each.text}", f"{each.text}\n~{each.text}"):
            for path in pasted_paths(text):
                assert isinstance(path, Path)
    photo = tmp_path / "a b.jpg"
    photo.touch()
    assert pasted_paths(f"'{photo}'") == [photo]


async def test_a_folder_of_hostile_names_is_listed_and_nothing_acts(desk, folder):
    async with watched(desk) as (app, pilot):
        picker = FilePicker(folder)
        app.push_screen(picker)
        await settle(pilot)
        lines = picker.query_one(Lines)
        assert len(lines.ids) > 380
        for count in range(len(lines.ids) // 15):
            app.post_message(key_event("pagedown" if count % 3 else "space"))
            await through(app, picker, lines)
            await app.workers.wait_for_complete()
        await settle(pilot)
        assert problems(app) == []
        await pilot.press("left")
        await settle(pilot)
        assert problems(app) == []


def test_new_files_of_hostile_names_are_offered_once(folder):
    watch = Watch(folder)
    assert watch.look() == []
    for name in list(file_names(FAMILIES["bidi"])):
        (Path(os.fsdecode(os.fsencode(folder) + b"/new" + name))).touch()
    assert watch.look() == []
    assert len(watch.look()) == len(file_names(FAMILIES["bidi"]))
    assert watch.look() == []


ASKED = [("evidence", "add"), ("evidence", "watch"), ("record", "export")]


@pytest.mark.parametrize(("place", "action"), ASKED)
async def test_a_path_that_cannot_be_is_refused_with_a_sentence(desk, place, action):
    async with watched(desk) as (app, pilot):
        app.open_place(place, inspection_id=desk.visit)
        await settle(pilot)
        screen = app.screen
        for each in sample(1, shift=len(action))[ASKED.index((place, action)) :: 6]:
            app.clear_notifications()
            getattr(screen, f"action_{action}")()
            await settle(pilot)
            assert isinstance(app.screen, AskLine)
            field = app.screen.query_one(Field)
            field.load("/nowhere/")
            await paste(pilot, each.text)
            await pilot.press("enter")
            await calm(pilot)
            await settle(pilot)
            if isinstance(app.screen, AskLine):
                await pilot.press("escape")
            assert app.screen is screen
            told = " ".join(str(note.message) for note in app._notifications)
            assert told, each
        assert problems(app) == []
