"""The server's backup while it runs, and the drill of going back to it."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3.dbapi2 import DatabaseError

from models.errors import BadInput, StoreRefused
from models.registry.tables import Site
from models.store.change import new_id, put
from models.store.database import run
from models.store.entry import Entry
from models.store.health import chain_problems
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import embedded
from sync.server import backup as server_backup
from sync.server.backup import back_up, restore, restored
from sync.server.central import DATABASE, Central
from sync.server.durable import declare
from sync.server.settings import Settings
from sync.server.storage import Folder
from sync.server.tables import Blob
from tests.conftest import unguarded
from tests.photos import take_photo

from .conftest import QUICK, UNIT, MakeNotebook, add_sites


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


@pytest.mark.in_folder  # a file is put back
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


@pytest.mark.in_folder
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


def spoil(path: Path) -> None:
    """Another byte in the middle of a file, as a disk has it that rots."""
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_what_rotted_in_the_backup_is_found_and_copied_anew(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book, backup = enrolled(), tmp_path / "backup"
    photos = [take_photo(book, b"photo %d" % number * 500) for number in range(20)]
    assert synchronise(book, pace=QUICK).ok
    first = back_up(central.folder, backup)
    assert (first.new_files, first.read_again, first.mended) == (20, 0, 0)
    shelf = Folder(backup / "files")
    rotten, cut = photos[3], photos[4]
    spoil(shelf.path_of(rotten))
    shelf.path_of(cut).chmod(0o600)
    shelf.path_of(cut).write_bytes(b"")
    assert back_up(central.folder, backup).mended >= 1, "one that is cut short is seen at once"
    assert shelf.verify(cut) == "kept"
    made = [back_up(central.folder, backup) for _ in range(3)]
    assert shelf.verify(rotten) == "kept"
    assert {each.missing for each in made} == {()}
    assert {each.new_files for each in made} == {0}
    spoil(shelf.path_of(rotten))
    every = back_up(central.folder, backup, everything=True)
    assert (every.read_again, every.mended, every.missing) == (20, 1, ())
    assert {shelf.verify(each) for each in photos} == {"kept"}
    assert list((backup / "files").rglob("*.damaged")) == []


def test_what_rotted_in_the_backup_and_is_gone_from_the_server_is_named_each_time(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book, backup = enrolled(), tmp_path / "backup"
    photo, other = take_photo(book, b"photo" * 500), take_photo(book, b"other" * 500)
    assert synchronise(book, pace=QUICK).ok
    back_up(central.folder, backup)
    shelf = Folder(backup / "files")
    whole = central.vault.path_of(photo).read_bytes()
    central.vault.path_of(photo).unlink()
    spoil(shelf.path_of(photo))
    for _ in range(2):
        made = back_up(central.folder, backup, everything=True)
        assert (made.files, made.mended, made.missing) == (2, 0, (photo,))
    assert [path.name for path in (backup / "files").rglob("*.damaged")] == [f"{photo}.damaged"]
    spoil(shelf.path_of(other))
    spoil(central.vault.path_of(other))
    made = back_up(central.folder, backup, everything=True)
    assert (made.mended, made.missing) == (0, tuple(sorted((photo, other))))
    assert declare(central.folder, backup).missing == made.missing
    again = restore(backup, tmp_path / "again")
    assert (again.new_files, again.missing) == (0, made.missing)
    central.vault.path_of(photo).write_bytes(whole)
    made = back_up(central.folder, backup)
    assert (made.new_files, made.missing) == (1, (other,))
    assert [path.name for path in (backup / "files").rglob("*.damaged")] == [f"{other}.damaged"]


def test_a_file_that_the_servers_disk_cannot_read_does_not_keep_the_others_from_the_backup(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    photos = sorted(take_photo(book, b"photo %d" % number * 500) for number in range(3))
    assert synchronise(book, pace=QUICK).ok
    opened = Folder.open

    def failing(self: Folder, sha256: str) -> Any:
        if sha256 != photos[0]:
            return opened(self, sha256)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Folder, "open", failing)
    made = back_up(central.folder, tmp_path / "backup")
    assert (made.new_files, made.missing) == (2, (photos[0],))


def test_a_backup_whose_tree_is_cut_short_is_made_anew(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book, backup = enrolled(), tmp_path / "backup"
    add_sites(book, 5)
    assert synchronise(book, pace=QUICK).ok
    back_up(central.folder, backup)
    with closing(Central.open(backup)) as copy:
        size = copy.recheck()
        with copy.writing():
            run("DELETE FROM tree_node")
        with pytest.raises(StoreRefused):
            copy.root_at(size)
        with pytest.raises(StoreRefused):
            copy.recheck()
    assert back_up(central.folder, backup).entries == size
    with closing(Central.open(backup)) as copy:
        assert copy.recheck() == size


def test_the_copy_of_the_database_is_for_its_owner_alone(tmp_path: Path, central: Central) -> None:
    (tmp_path / "backup").mkdir(mode=0o755)
    back_up(central.folder, tmp_path / "backup")
    assert (tmp_path / "backup" / DATABASE).stat().st_mode & 0o777 == 0o600


def killed_at(act: Callable[[], object], number: int, within: Path) -> bool:
    """Do something in a process that is killed at its rename of that number in a folder; False for fewer."""
    child = os.fork()
    if child == 0:
        renames = itertools.count(1)
        rename = os.replace

        def renaming(source: Any, target: Any) -> None:
            if Path(target).is_relative_to(within) and next(renames) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            rename(source, target)

        os.replace = renaming
        try:
            act()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.in_folder  # no connection is carried into another process
@pytest.mark.parametrize("first", [True, False])
def test_one_that_is_killed_at_any_moment_leaves_the_backup_of_before_or_the_new_one(
    tmp_path: Path, begun_central: Path, first: bool
) -> None:
    server = tmp_path / "server"
    shutil.copytree(begun_central, server)

    def work(number: int) -> int:
        with closing(Central.open(server)) as central:
            kept = central.vault.put_bytes(b"photo %d" % number)
            with central.writing():
                Blob.create(sha256=kept.sha256, size=kept.size, stored_at=1)
            central.write(put("site", new_id(), UNIT, name=f"示例企业{number}"))
            return central.sign_head().size

    sizes = {work(1)}
    if not first:
        back_up(server, tmp_path / "before")
        sizes.add(work(2))
    for number in itertools.count(1):
        backup = tmp_path / f"backup{number}"
        if not first:
            shutil.copytree(tmp_path / "before", backup)
        again = killed_at(lambda backup=backup: back_up(server, backup), number, backup)
        if not first or (backup / DATABASE).exists():
            with closing(Central.open(backup, restored=True)) as copy:
                assert copy.recheck() in sizes, number
        if not again:
            break
        made = back_up(server, backup)
        assert (made.entries, made.missing) == (max(sizes), ()), number
        with closing(Central.open(backup, restored=True)) as copy, copy:
            assert {copy.vault.verify(row.sha256) for row in Blob.select()} == {"kept"}
        assert not (backup / ".copy.new").exists()
        assert list((backup / "files" / "incoming").iterdir()) == []
    assert number > 6


def test_of_two_at_once_into_one_folder_the_second_is_refused(
    tmp_path: Path, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_place = server_backup.put_in_place
    refused: list[str] = []

    def meanwhile(*given: Any) -> None:
        monkeypatch.setattr(server_backup, "put_in_place", put_in_place)
        with pytest.raises(StoreRefused, match="正在进行") as told:
            back_up(central.folder, tmp_path / "backup")
        refused.append(str(told.value))
        put_in_place(*given)

    monkeypatch.setattr(server_backup, "put_in_place", meanwhile)
    made = back_up(central.folder, tmp_path / "backup")
    assert len(refused) == 1
    assert back_up(central.folder, tmp_path / "backup").entries == made.entries
    restore(tmp_path / "backup", tmp_path / "again")
    assert not (tmp_path / "again" / ".backup.tmp").exists()


def unsign(central: Central, cursor: int) -> None:
    """Another byte in the signature of an entry, which is in no hash."""
    with central.writing():
        unguarded()
        signature = bytearray(run("SELECT signature FROM entry WHERE cursor = ?", (cursor,)).fetchone()[0])
        signature[-1] ^= 1
        run("UPDATE entry SET signature = ? WHERE cursor = ?", (bytes(signature), cursor))


def test_a_signature_that_rotted_on_the_server_does_not_take_the_place_of_the_good_one(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, backup = enrolled(), tmp_path / "backup"
    add_sites(book, 3)
    assert synchronise(book, pace=QUICK).ok
    first = back_up(central.folder, backup).entries
    add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    looked: list[Entry] = []
    verify = Entry.verify
    monkeypatch.setattr(Entry, "verify", lambda self, key: (looked.append(self), verify(self, key))[1])
    size = back_up(central.folder, backup).entries
    assert len(looked) == size - first, "those of before are only compared"
    with closing(Central.open(backup)) as copy:
        unsign(copy, 3)
    assert back_up(central.folder, backup).entries == size
    with closing(Central.open(backup)) as copy:
        assert chain_problems(copy) == []
    add_sites(book, 1)
    assert synchronise(book, pace=QUICK).ok
    unsign(central, size + 1)
    for target in (backup, tmp_path / "new"):
        with pytest.raises(StoreRefused, match="签名"):
            back_up(central.folder, target)
    with closing(Central.open(backup)) as copy:
        assert copy.recheck() == size
        assert chain_problems(copy) == []


def test_the_backup_of_before_gives_a_signature_that_rotted_on_the_server(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book, backup = enrolled(), tmp_path / "backup"
    add_sites(book, 3)
    assert synchronise(book, pace=QUICK).ok
    assert back_up(central.folder, backup).signatures == 0
    add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    for cursor in (3, 5):
        unsign(central, cursor)
    with pytest.raises(StoreRefused, match="签名"):
        back_up(central.folder, tmp_path / "new")
    made = back_up(central.folder, backup)
    assert made.signatures == 2
    with closing(Central.open(backup)) as copy:
        assert chain_problems(copy) == []
        assert copy.recheck() == made.entries
        with pytest.raises(DatabaseError, match="never changed"), copy.writing():
            run("UPDATE entry SET signature = x'00' WHERE cursor = 3")
    assert len(chain_problems(central)) == 2, "the server itself is left as it is"
    restore(backup, tmp_path / "again")
    with closing(Central.open(tmp_path / "again", restored=True)) as healed:
        assert chain_problems(healed) == []
    with closing(Central.open(backup)) as copy, copy.writing():  # which loses one as well, in another way
        unguarded()
        run("UPDATE entry SET signature = x'00' WHERE cursor = 3")
    with pytest.raises(StoreRefused, match=r"签名.*：1 条"):
        back_up(central.folder, backup)


@pytest.mark.parametrize("left", [0, 5000, 40_000, -1])
def test_a_backup_that_cannot_be_read_any_more_is_made_anew(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, left: int
) -> None:
    backup = tmp_path / "backup"
    add_sites(enrolled(), 3)
    made = back_up(central.folder, backup)
    data = (backup / DATABASE).read_bytes()
    (backup / DATABASE).write_bytes(data[:left] if left >= 0 else bytes(len(data)))
    assert back_up(central.folder, backup).entries == made.entries
    with closing(Central.open(backup, restored=True)) as copy:
        assert chain_problems(copy) == []


@pytest.mark.in_folder
def test_a_restored_server_is_stamped_by_the_authority_of_before(tmp_path: Path, central: Central) -> None:
    told = Settings(tsa="http://127.0.0.1:318", tsa_root="/etc/tsa.pem")
    told.write(central.folder)
    back_up(central.folder, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "again")
    assert Settings.read(tmp_path / "again") == told
