"""A notebook's backup while it is open, and the drill of going back to it."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from main import main
from models.errors import BadInput, StoreRefused, WrongPassphrase
from models.registry.tables import Site
from models.store import backup, health, keys
from models.store.backup import back_up, restore
from models.store.home import notebook_folders
from models.store.notebook import Notebook
from sync.client import synchronise
from sync.server.central import Central
from sync.server.tables import Blob
from tests.photos import take_photo
from tui.services import known_notebooks

from .conftest import PASSPHRASE, QUICK, UNIT, MakeNotebook, add_sites
from .test_backup import killed_at, spoil


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


def test_what_rotted_on_the_stick_is_found_and_copied_anew(tmp_path: Path, enrolled: MakeNotebook) -> None:
    book, stick = enrolled(), tmp_path / "stick"
    photos = [take_photo(book, b"photo %d" % number * 500) for number in range(20)]
    first = back_up(book.folder, stick, PASSPHRASE)
    assert (first.new_files, first.read_again, first.mended) == (20, 0, 0)
    there = {each: stick / book.vault.path_of(each).relative_to(book.folder) for each in photos}
    spoil(there[photos[3]])
    made = [back_up(book.folder, stick, PASSPHRASE) for _ in range(3)]
    assert sum(each.mended for each in made) == 1
    assert {(each.new_files, each.missing) for each in made} == {(0, ())}
    assert all(0 < each.read_again < 20 for each in made)
    spoil(there[photos[3]])
    every = back_up(book.folder, stick, PASSPHRASE, everything=True)
    assert (every.read_again, every.mended, every.missing) == (20, 1, ())
    with closing(Notebook.open(stick, PASSPHRASE)) as copy:
        assert {copy.vault.verify(each) for each in photos} == {"kept"}
    spoil(there[photos[3]])
    spoil(book.vault.path_of(photos[3]))
    spoil(there[photos[4]])
    book.vault.path_of(photos[4]).unlink()
    for _ in range(2):
        every = back_up(book.folder, stick, PASSPHRASE, everything=True)
        assert every.mended == 0
        assert photos[3] in every.missing
    assert len(list(stick.rglob("*.damaged"))) == 2


def test_what_waits_for_the_server_and_rotted_on_the_stick_is_copied_anew_at_once(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    enrolled: MakeNotebook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book, stick = enrolled(), tmp_path / "stick"
    photos = [take_photo(book, b"photo %d" % number * 500) for number in range(20)]
    monkeypatch.setenv("QINGCHA_PASSPHRASE", PASSPHRASE)
    assert main(["backup", str(book.folder), str(stick)]) == 0
    for photo in photos:
        spoil(stick / book.vault.path_of(photo).relative_to(book.folder))
    assert main(["backup", str(book.folder), str(stick)]) == 1
    assert "20" in capsys.readouterr().out.splitlines()[-1]
    with closing(Notebook.open(stick, PASSPHRASE)) as copy:
        assert {copy.vault.verify(each) for each in photos} == {"kept"}
    assert main(["backup", str(book.folder), str(stick), "--all"]) == 0


def test_a_file_that_the_laptops_disk_cannot_read_does_not_keep_the_others_from_the_stick(
    tmp_path: Path, enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    photos = [take_photo(book, b"photo %d" % number * 500) for number in range(3)]
    blocks = backup._blocks

    def failing(source: Path) -> Iterator[bytes | None]:
        yield from ([b"the first", None] if photos[0] in source.name else blocks(source))

    monkeypatch.setattr(backup, "_blocks", failing)
    made = back_up(book.folder, tmp_path / "stick", PASSPHRASE)
    assert (made.new_files, made.missing) == (2, (photos[0],))
    assert not [path for path in (tmp_path / "stick").rglob("*") if photos[0] in path.name]


@pytest.mark.parametrize("first", [True, False])
def test_one_that_is_killed_at_any_moment_leaves_the_stick_of_before_or_the_new_one(
    tmp_path: Path, first: bool
) -> None:
    folder = tmp_path / "book"
    with closing(Notebook.create(folder, PASSPHRASE, person="", unit=UNIT, cost=keys.FAST)) as book:
        photos = {take_photo(book, b"one" * 1000)}
    if not first:
        back_up(folder, tmp_path / "before", PASSPHRASE)
        with closing(Notebook.open(folder, PASSPHRASE)) as book:
            add_sites(book, 2)
            photos.add(take_photo(book, b"two" * 1000))
    for number in itertools.count(1):
        stick = tmp_path / f"stick{number}"
        if not first:
            shutil.copytree(tmp_path / "before", stick)
        again = killed_at(lambda stick=stick: back_up(folder, stick, PASSPHRASE), number, stick)
        if not first:
            try:
                copy = Notebook.open(stick, PASSPHRASE)
            except keys.TooSoon:  # killed while it counted a try of the passphrase
                time.sleep(1.1)
                copy = Notebook.open(stick, PASSPHRASE)
            with closing(copy):
                assert health.problems(copy) == [], number
        if not again:
            break
        assert back_up(folder, stick, PASSPHRASE).missing == (), number
        with closing(Notebook.open(stick, PASSPHRASE)) as copy:
            assert {copy.vault.verify(each) for each in photos} == {"kept"}
            assert copy.vault.sweep() == []
    assert number > 4
