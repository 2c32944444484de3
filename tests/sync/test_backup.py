"""The server's backup while it runs, and the drill of going back to it."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from models.errors import BadInput, StoreRefused
from models.registry.tables import Site
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import embedded
from sync.server.backup import back_up, restored
from sync.server.central import DATABASE, Central
from sync.server.tables import Blob
from tests.photos import take_photo

from .conftest import QUICK, MakeNotebook, add_sites

pytestmark = pytest.mark.in_folder  # `qingcha backup` copies no other


def test_a_drill_back_up_work_on_restore_and_nothing_is_lost(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    books = [enrolled(f"执法员0{number}") for number in (1, 2, 3)]
    photo = take_photo(books[0], b"before" * 1000)
    for book in books:
        assert synchronise(book, pace=QUICK).ok
    first = back_up(central.folder, tmp_path / "backup")
    assert (first.files, first.new_files, first.missing) == (1, 1, ())
    later = take_photo(books[1], b"after" * 1000)
    sites = [site for book in books for site in add_sites(book, 2)]
    for book in books[:2]:
        assert synchronise(book, pace=QUICK).ok

    shutil.copytree(tmp_path / "backup", tmp_path / "again")
    epoch = restored(tmp_path / "again")
    with closing(Central.open(tmp_path / "again")) as again, embedded(again) as running:
        for book in books:
            outcome = synchronise(book, ServerAddress.parse(running.url), pace=QUICK)
            assert outcome.ok, [trouble.text() for trouble in outcome.problems]
        assert again.epoch == epoch
        with again:
            assert Site.select().where(Site.id.in_(sites)).count() == 6
            assert {row.sha256 for row in Blob.select()} == {photo, later}
        assert {again.vault.verify(sha256) for sha256 in (photo, later)} == {"kept"}


def test_a_backup_takes_what_is_new_and_says_what_is_not_whole(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    first = take_photo(book, b"one" * 1000)
    assert synchronise(book, pace=QUICK).ok
    assert back_up(central.folder, tmp_path / "backup").new_files == 1
    second = take_photo(book, b"two" * 1000)
    assert synchronise(book, pace=QUICK).ok
    path = central.vault.path_of(second)
    path.chmod(0o600)
    path.write_bytes(b"another")
    made = back_up(central.folder, tmp_path / "backup")
    assert (made.new_files, made.missing) == (0, (second,))
    with closing(Central.open(tmp_path / "backup")) as copy:
        assert copy.vault.verify(first) == "kept"
        assert copy.recheck() == made.entries == central.recheck()


def test_a_database_of_before_a_restore_beside_the_note_of_after_it_is_refused(
    tmp_path: Path, central: Central
) -> None:
    central.close()
    before, now = tmp_path / "before.db", tmp_path / "now.db"
    shutil.copyfile(central.path, before)
    for _ in range(2):  # the second time it is the second life that is put back beside the note of the third
        name = restored(central.folder)
        shutil.copyfile(central.path, now)
        shutil.copyfile(before, central.path)
        with pytest.raises(StoreRefused, match="admin restored"):
            Central.open(central.folder)
        shutil.copyfile(now, central.path)
        with closing(Central.open(central.folder)) as later:
            assert later.epoch == name
        shutil.copyfile(now, before)
    shutil.copyfile(before, central.path)
    assert restored(central.folder) != name


def test_a_folder_of_something_else_is_not_written_to(tmp_path: Path, central: Central) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("mine")
    for target in (other, central.folder):
        with pytest.raises(BadInput):
            back_up(central.folder, target)
    assert [path.name for path in other.iterdir()] == ["letter.txt"]
    with pytest.raises(BadInput):
        back_up(tmp_path / "none", tmp_path / "backup")


def test_an_older_database_beside_what_was_signed_is_refused_until_told(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    assert synchronise(book, pace=QUICK).ok
    back_up(central.folder, tmp_path / "backup")
    add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    shutil.copytree(central.folder, tmp_path / "server2", ignore=shutil.ignore_patterns(f"{DATABASE}*"))
    shutil.copy(tmp_path / "backup" / DATABASE, tmp_path / "server2" / DATABASE)
    with pytest.raises(StoreRefused, match="restored"):
        Central.open(tmp_path / "server2")
    restored(tmp_path / "server2")
    Central.open(tmp_path / "server2").close()
