"""What a second adversary tried with backups: to let one take the place of what nobody else has."""

from __future__ import annotations

import errno
from contextlib import closing
from pathlib import Path

import pytest

from models.errors import BadInput, WrongPassphrase
from models.registry.tables import Site
from models.store import keys
from models.store.backup import back_up, restore
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync.server import backup as server_backup
from sync.server.central import Central
from tests.photos import take_photo

from .conftest import PASSPHRASE, MakeNotebook, add_sites, meet
from .test_old_copy import image_of, old_copy


def test_a_backup_that_was_worked_in_is_not_written_over(tmp_path: Path, enrolled: MakeNotebook) -> None:
    book, folder = enrolled(), tmp_path / "backup"
    add_sites(book, 2)
    meet(book)
    back_up(book.folder, folder, PASSPHRASE)
    with closing(Notebook.open(folder, PASSPHRASE)) as copy:
        (site,) = add_sites(copy, 1)
    add_sites(book, 3)
    with pytest.raises(BadInput, match=str(folder)):
        back_up(book.folder, folder, PASSPHRASE)
    with closing(Notebook.open(folder, PASSPHRASE)) as copy, copy:
        assert Site.get_by_id(site).name == "示例企业01"


def test_a_backup_of_before_another_key_is_still_one(tmp_path: Path, enrolled: MakeNotebook) -> None:
    book, folder = enrolled(), tmp_path / "backup"
    add_sites(book, 2)
    meet(book)
    image = image_of(book, tmp_path / "image")
    add_sites(book, 2)
    meet(book)
    former = book.device
    with old_copy(book, image) as old:
        add_sites(old, 3)
        back_up(old.folder, folder, PASSPHRASE)
        meet(old)
        assert old.device != former
        back_up(old.folder, folder, PASSPHRASE)
        with closing(Notebook.open(folder, PASSPHRASE)) as copy:
            assert copy.device == old.device


def test_a_server_that_was_put_back_too_far_does_not_take_the_place_of_a_later_backup(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    add_sites(book, 1)
    meet(book)
    server_backup.back_up(central.folder, tmp_path / "monday")
    (later,) = add_sites(book, 1)
    meet(book)
    server_backup.back_up(central.folder, tmp_path / "tuesday")
    server_backup.restore(tmp_path / "monday", tmp_path / "again")
    with pytest.raises(BadInput, match="tuesday"):
        server_backup.back_up(tmp_path / "again", tmp_path / "tuesday")
    server_backup.back_up(tmp_path / "again", tmp_path / "monday")
    with closing(Central.open(tmp_path / "tuesday")) as kept, kept:
        assert Site.get_by_id(later).name == "示例企业01"


def test_a_backup_that_cannot_be_read_any_more_is_made_anew(tmp_path: Path, enrolled: MakeNotebook) -> None:
    book, folder = enrolled(), tmp_path / "backup"
    add_sites(book, 2)
    back_up(book.folder, folder, PASSPHRASE)
    database = folder / "notebook.db"
    database.write_bytes(database.read_bytes()[:5000])
    made = back_up(book.folder, folder, PASSPHRASE)
    with closing(Notebook.open(folder, PASSPHRASE)) as copy, copy:
        assert EntryRow.select().count() == made.entries


def test_a_notebook_comes_back_from_a_disk_that_takes_nothing_more(
    tmp_path: Path, enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, folder = enrolled(), tmp_path / "backup"
    photo = take_photo(book, b"photo" * 500)
    sites = add_sites(book, 2)
    back_up(book.folder, folder, PASSPHRASE)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    writes = keys.write_whole

    def full(path: Path, data: bytes) -> None:
        if path.is_relative_to(folder):
            raise OSError(errno.ENOSPC, "full")
        writes(path, data)

    monkeypatch.setattr(keys, "write_whole", full)
    with pytest.raises(WrongPassphrase):
        restore(folder, tmp_path / "again", "又一个口令-2026")
    made = restore(folder, tmp_path / "again", PASSPHRASE)
    assert (made.files, made.missing) == (1, ())
    with closing(Notebook.open(tmp_path / "again", PASSPHRASE)) as again, again:
        assert Site.select().where(Site.id.in_(sites)).count() == 2
        assert again.vault.verify(photo) == "kept"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.glob(".*")) == []
