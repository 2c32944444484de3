"""The levels of a receipt, 0 to 3, as they are: kept here, received, complete, in the off-site backup."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

import pytest

from models import catalogue
from models.errors import BadInput
from models.store.change import new_id, put
from models.store.notebook import Notebook
from sync import queries
from sync.address import ServerAddress
from sync.carrying import export, take_answers
from sync.client import synchronise
from sync.embedded import embedded
from sync.server.backup import back_up, restored
from sync.server.carried import take_in
from sync.server.central import Central
from sync.server.durable import back_up_off_site, declare, withdraw
from sync.server.tables import DurableFile
from sync.tables import FileRow
from tests.photos import take_photo

from .conftest import QUICK, UNIT, MakeNotebook, add_sites
from .test_backup import spoil

DAY_MS = 86_400_000


def states(book: Notebook) -> dict[str, str]:
    with book:
        return {row.sha256: row.state for row in FileRow.select()}


MoveClock = Callable[[Notebook, int], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> MoveClock:
    """Moves this notebook's clock on by so many days."""

    def move(book: Notebook, days: int) -> None:
        now = book.clock.wall_ms()
        monkeypatch.setattr(book.clock, "wall_ms", lambda: now + days * DAY_MS)

    return move


def test_what_waits_is_told_by_the_record_that_it_is_part_of(enrolled: MakeNotebook) -> None:
    """The parts of an interview or a sampling stood there as inspections without a number."""
    book = enrolled()
    whole = {name: new_id() for name in ("inspection", "interview", "sampling")}
    book.write(
        *(put(name, record, UNIT) for name, record in whole.items()),
        put("question", new_id(), UNIT, interview=whole["interview"], question="何时投产？"),
        put("sample", new_id(), UNIT, sampling=whole["sampling"]),
        put("finding", new_id(), UNIT, inspection=whole["inspection"], text="偷排"),
    )
    waiting = {each.record: (each.kind, each.entries) for each in queries.waiting(book)}
    assert {record: waiting[record] for record in whole.values()} == {
        record: (name, 2) for name, record in whole.items()
    }
    known = {kind.name for kind in catalogue.kinds()}
    assert all(kind.parent in known for kind in catalogue.kinds() if kind.parent)


def test_a_record_goes_up_the_levels_and_down_again(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, later: MoveClock
) -> None:
    book = enrolled()
    sites = add_sites(book, 3)
    photo = take_photo(book, b"photo" * 1000)
    evidence = queries.waiting(book)[-1].record
    assert queries.levels(book).kept == queries.unsent(book).entries
    (file,) = queries.files_on_their_way(book, evidence)
    assert (file.sha256, file.state) == (photo, "queued")
    assert set(queries.marks(book, [*sites, evidence]).values()) == {"kept"}
    assert synchronise(book, pace=QUICK).ok
    assert set(queries.marks(book, [*sites, evidence]).values()) == {"received"}
    assert queries.files_on_their_way(book, evidence) == []

    backup = tmp_path / "backup"
    back_up(central.folder, backup)
    assert synchronise(book, pace=QUICK).ok
    assert set(queries.marks(book, sites).values()) == {"received"}, "a backup beside the server is none"
    noted = declare(central.folder, backup)
    assert (noted.files, noted.missing) == (1, ())
    assert synchronise(book, pace=QUICK).ok
    assert set(queries.marks(book, [*sites, evidence]).values()) == {"durable"}
    assert states(book) == {photo: "durable"}
    (new,) = add_sites(book, 1)
    assert synchronise(book, pace=QUICK).ok
    assert queries.marks(book, [new]) == {new: "received"}, "what came after the backup is not in it"
    found = queries.levels(book)
    assert (found.kept, found.received) == (0, 0)
    assert found.complete >= 1
    assert found.durable >= 4
    assert queries.removable(book) == (0, 0), "it is not there for thirty days yet"
    later(book, 31)
    assert queries.removable(book) == (1, 5000)
    assert book.vault.verify(photo) == "kept", "nothing is ever removed by itself"

    withdraw(central.folder)
    assert synchronise(book, pace=QUICK).ok
    assert set(queries.marks(book, [*sites, evidence]).values()) == {"received"}
    assert states(book) == {photo: "received"}
    assert queries.removable(book) == (0, 0)


def test_after_a_restore_the_level_falls_back(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    sites = add_sites(book, 2)
    photo = take_photo(book, b"photo" * 1000)
    assert synchronise(book, pace=QUICK).ok
    back_up(central.folder, tmp_path / "backup")
    declare(central.folder, tmp_path / "backup")
    assert synchronise(book, pace=QUICK).ok
    assert astuple(queries.levels(book))[:3] == (0, 0, 0)
    shutil.copytree(tmp_path / "backup", tmp_path / "again")
    restored(tmp_path / "again")
    with closing(Central.open(tmp_path / "again")) as again, embedded(again) as running:
        address = ServerAddress.parse(running.url)
        assert synchronise(book, address, pace=QUICK).ok
        assert set(queries.marks(book, sites).values()) == {"received"}
        assert states(book) == {photo: "received"}
    declare(tmp_path / "again", tmp_path / "backup")
    with closing(Central.open(tmp_path / "again")) as again, embedded(again) as running:
        assert synchronise(book, ServerAddress.parse(running.url), pace=QUICK).ok
        assert set(queries.marks(book, sites).values()) == {"durable"}
        assert states(book) == {photo: "durable"}


def test_only_a_whole_backup_of_this_log_counts(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    photo = take_photo(book, b"photo" * 1000)
    assert synchronise(book, pace=QUICK).ok
    backup = tmp_path / "backup"
    back_up(central.folder, backup)
    with pytest.raises(BadInput):
        declare(central.folder, tmp_path)
    with closing(Central.open(backup)) as copy:
        copy.begin_epoch()  # it went another way
    with pytest.raises(BadInput):
        declare(central.folder, backup)
    with pytest.raises(BadInput):
        back_up(central.folder, backup)
    backup = tmp_path / "another"
    back_up(central.folder, backup)
    path = backup / "files" / photo[:2] / photo
    path.chmod(0o600)
    path.write_bytes(b"another")
    noted = declare(central.folder, backup)
    assert (noted.files, noted.missing) == (0, (photo,))
    assert synchronise(book, pace=QUICK).ok
    assert states(book) == {photo: "received"}


def test_a_stick_tells_the_level_too(tmp_path: Path, enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled()
    sites = add_sites(book, 2)
    photo = take_photo(book, b"photo" * 1000)
    assert synchronise(book, pace=QUICK).ok
    back_up(central.folder, tmp_path / "backup")
    declare(central.folder, tmp_path / "backup")
    (taken,) = take_in(central.folder, [export(book, tmp_path / "out.qcb").paths[0]])
    assert taken.answer is not None
    assert take_answers(book, taken.answer).ok
    assert set(queries.marks(book, sites).values()) == {"durable"}
    assert states(book) == {photo: "durable"}


def test_what_rotted_in_a_backup_elsewhere_is_copied_anew_before_it_counts(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book, backup = enrolled(), tmp_path / "backup"
    photos = [take_photo(book, b"photo %d" % number * 500) for number in range(20)]
    assert synchronise(book, pace=QUICK).ok
    assert back_up_off_site(central.folder, backup).new_files == 20
    back_up(central.folder, backup)  # the first shelves are not read next
    spoiled, lost = sorted(photos)[:2]
    spoil(backup / "files" / spoiled[:2] / spoiled)
    spoil(backup / "files" / lost[:2] / lost)
    central.vault.path_of(lost).unlink()
    made = back_up_off_site(central.folder, backup)
    assert (made.mended, made.missing) == (1, (lost,))
    with central:
        assert {row.sha256 for row in DurableFile.select()} == {*photos} - {lost}
