"""What a crash left is told when the notebook is opened."""

from __future__ import annotations

import pytest

from sync import queries
from tests.photos import take_photo
from tests.tui.helpers import until
from tests.tui.test_app import SMALL, unlocked
from tui import found


@pytest.mark.parametrize("left", [True, False])
async def test_a_file_that_no_record_names_is_told_when_the_notebook_is_opened(
    make_app, opened, passphrase, left, monkeypatch
):
    take_photo(opened, b"named by a record")
    if left:
        opened.vault.put_bytes(b"kept just before the crash")
    opened.close()
    looked = []
    look = queries.unnamed_files
    monkeypatch.setattr(queries, "unnamed_files", lambda book: looked.append(look(book)) or looked[-1])
    monkeypatch.setattr(found, "SOON", 0.01)
    app = make_app()
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await unlocked(pilot, passphrase)
        await until(pilot, lambda: len(looked) == 1 + left)
        app.verbs.submit(int).result()
        await pilot.pause()
        if left:
            await until(pilot, lambda: any("qingcha found" in note.message for note in app._notifications))
        else:
            assert not app._notifications
