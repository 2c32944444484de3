"""A notebook's backup while it is open, and the drill of going back to it."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from models.errors import BadInput, StoreRefused, WrongPassphrase
from models.registry.tables import Site
from models.store import health
from models.store.backup import back_up, restore
from models.store.home import notebook_folders
from models.store.notebook import Notebook
from sync.client import synchronise
from sync.server.central import Central
from sync.server.tables import Blob
from tests.photos import take_photo
from tui.services import known_notebooks

from .conftest import PASSPHRASE, QUICK, MakeNotebook, add_sites


def test_a_drill_back_up_work_on_lose_the_laptop_and_go_on(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    unsent = add_sites(book, 3)
    photo = take_photo(book, b"before" * 1000)
    first = back_up(book.folder, tmp_path / "backup", PASSPHRASE)  # it is open here
    assert (first.files, first.new_files, first.missing) == (1, 1, ())
    assert b"SQLite" not in (tmp_path / "backup/notebook.db").read_bytes()[:16], "encrypted as it was"
    assert synchronise(book, pace=QUICK).ok
    lost = add_sites(book, 4)
    later = take_photo(book, b"after" * 1000)
    assert synchronise(book, pace=QUICK).ok
    book.close()
    shutil.rmtree(book.folder)

    made = restore(tmp_path / "backup", book.folder, PASSPHRASE)
    assert made.entries == first.entries
    with closing(Notebook.open(book.folder, PASSPHRASE)) as again:
        assert again.vault.verify(photo) == "kept"
        assert synchronise(again, pace=QUICK).ok
        new = add_sites(again, 2)
        outcome = synchronise(again, pace=QUICK)
        assert outcome.ok, [trouble.text() for trouble in outcome.problems]
        assert health.problems(again) == []
        with again:
            assert Site.select().where(Site.id.in_([*unsent, *lost])).count() == 7
    with central:
        assert Site.select().where(Site.id.in_([*unsent, *lost, *new])).count() == 9
        assert {row.sha256 for row in Blob.select()} == {photo, later}


def test_a_second_backup_takes_what_is_new(tmp_path: Path, enrolled: MakeNotebook) -> None:
    book = enrolled()
    take_photo(book, b"one" * 1000)
    first = back_up(book.folder, tmp_path / "backup", PASSPHRASE)
    add_sites(book, 2)
    bad = take_photo(book, b"two" * 1000)
    take_photo(book, b"three" * 1000)
    path = book.vault.path_of(bad)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    made = back_up(book.folder, tmp_path / "backup", PASSPHRASE)
    assert made.entries > first.entries
    assert (made.files, made.new_files, made.missing) == (2, 1, (bad,))


def test_a_restore_cut_short_looks_like_no_notebook_and_the_next_one_is_whole(
    tmp_path: Path, enrolled: MakeNotebook
) -> None:
    book = enrolled()
    first = back_up(book.folder, tmp_path / "backup", PASSPHRASE)
    (tmp_path / "notebooks").mkdir()
    shutil.copytree(tmp_path / "backup", tmp_path / "notebooks/.mine.restoring")  # killed just before its end
    assert notebook_folders(tmp_path) == []
    assert known_notebooks(tmp_path) == []
    assert restore(tmp_path / "backup", tmp_path / "notebooks/mine", PASSPHRASE) == first
    assert [path.name for path in notebook_folders(tmp_path)] == ["mine"]
    assert [path.name for path in (tmp_path / "notebooks").iterdir()] == ["mine"]


def test_nothing_else_is_written_over_and_nothing_half_made_remains(
    tmp_path: Path, enrolled: MakeNotebook
) -> None:
    one, two = enrolled("执法员01"), enrolled("执法员02")
    back_up(one.folder, tmp_path / "backup", PASSPHRASE)
    before = (tmp_path / "backup/notebook.db").read_bytes()
    for target in (two.folder, one.folder, one.folder / "within", tmp_path / "backup"):
        with pytest.raises(BadInput):
            back_up(two.folder if target == tmp_path / "backup" else one.folder, target, PASSPHRASE)
    with pytest.raises(BadInput):
        back_up(tmp_path / "none", tmp_path / "other", PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        restore(tmp_path / "backup", tmp_path / "again", "wrong-passphrase")
    with pytest.raises(BadInput):
        restore(tmp_path / "backup", two.folder, PASSPHRASE)
    assert (tmp_path / "backup/notebook.db").read_bytes() == before

    (tmp_path / "backup/keys.json").write_bytes((one.folder / "keys.json").read_bytes())
    spoiled = bytearray(before)
    spoiled[len(spoiled) // 2] ^= 1
    (tmp_path / "backup/notebook.db").write_bytes(bytes(spoiled))
    with pytest.raises(StoreRefused):
        restore(tmp_path / "backup", tmp_path / "again", PASSPHRASE)
    assert [path.name for path in tmp_path.iterdir() if "again" in path.name] == []
