"""Files that orders took out, where database and files were put back from different days."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import BadInput
from models.store.journal import EntryRow
from models.store.orders import REDACT
from sync.embedded import embedded
from sync.server import admin, doctor
from sync.server.adopting import adopt, unclaimed
from sync.server.backup import back_up
from sync.server.backup import restored as begin_again
from sync.server.central import Central
from sync.server.tables import Blob

from .conftest import OTHER, MakeNotebook, meet, supervisor
from .test_file_senders import at
from .test_redact import redact
from .test_redact_files import _with_photo

pytestmark = pytest.mark.in_folder


def redacted(central: Central) -> list[str]:
    """What doctor says of what orders took out."""
    (check,) = [each for each in doctor.examine(central.folder) if each.name == "redacted"]
    return list(check.problems)


@pytest.mark.parametrize("alone", [True, False])
def test_a_file_that_lies_there_unknown_goes_when_the_order_comes_back(
    central: Central,
    enrolled: MakeNotebook,
    backup: Callable[[], None],
    restored: Callable[[], Central],
    tmp_path: Path,
    alone: bool,
) -> None:
    """The database is of before the file came, the files are of before the order."""
    clerk, author, colleague = supervisor(central), enrolled("执法员01"), enrolled("执法员02")
    meet(author, colleague)
    backup()
    _, sha256, entry = _with_photo(author)
    meet(author, colleague)
    shutil.copytree(central.folder / "files", tmp_path / "files")
    redact(central, entry, clerk, **({"file": sha256} if alone else {}))
    meet(author, colleague)
    again = restored()
    shutil.copytree(tmp_path / "files", again.folder / "files", dirs_exist_ok=True)
    assert again.vault.has(sha256)
    begin_again(again.folder)
    with embedded(again) as running:
        for book in (colleague, author):
            assert at(running, book).ok
    assert not again.vault.has(sha256)
    assert redacted(again) == []


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("how", ["restored", "redact"])
def test_a_file_of_before_the_order_goes_though_the_database_knows_nothing_of_it(
    central: Central,
    enrolled: MakeNotebook,
    backup: Callable[[], None],
    restored: Callable[[], Central],
    tmp_path: Path,
    how: str,
    alone: bool,
) -> None:
    """The database is of after the order, the files are of before it."""
    clerk, author = supervisor(central), enrolled()
    _, sha256, entry = _with_photo(author)
    meet(author)
    shutil.copytree(central.folder / "files", tmp_path / "files")
    redact(central, entry, clerk, **({"file": sha256} if alone else {}))
    meet(author)
    backup()
    again = restored()
    shutil.copytree(tmp_path / "files", again.folder / "files", dirs_exist_ok=True)
    (said,) = redacted(again)
    assert sha256 in said
    assert unclaimed(again.folder) == [], "nobody is asked whose it is"
    with pytest.raises(BadInput):
        adopt(again.folder, [sha256])
    if how == "restored":
        begin_again(again.folder)
        assert again.vault.has(sha256) is not alone, "an entry that names it may still come"
        assert redacted(again) == []
        with embedded(again) as running:
            assert at(running, author).ok
    if how == "redact" or not alone:
        assert redacted(again) == [said]
        admin.redacted(again.folder)
    assert not again.vault.has(sha256)
    assert redacted(again) == []


def test_a_file_that_came_again_after_the_order_waits_for_who_names_it(
    central: Central,
    enrolled: MakeNotebook,
    backup: Callable[[], None],
    restored: Callable[[], Central],
    tmp_path: Path,
) -> None:
    """The database is of after the order and before the other entry, the files are of today."""
    clerk, author, other = supervisor(central), enrolled("执法员01"), enrolled("执法员02")
    _, sha256, entry = _with_photo(author)
    meet(author)
    redact(central, entry, clerk)
    meet(author)
    backup()
    _with_photo(other)
    meet(other)
    folder = central.folder
    again = restored()
    shutil.copytree(folder / "files", again.folder / "files", dirs_exist_ok=True)
    begin_again(again.folder)
    admin.redacted(again.folder)
    assert again.vault.has(sha256)
    with embedded(again) as running:
        for book in (author, other):
            assert at(running, book).ok
    admin.redacted(again.folder)
    assert again.vault.has(sha256)
    with again:
        assert Blob.get_by_id(sha256).sender == other.person


def test_what_another_entry_names_stays_in_the_backup_though_the_database_lost_its_row(
    central: Central, enrolled: MakeNotebook, tmp_path: Path
) -> None:
    """Its laptop shows the receipt, or sends it again: until then the backup may have the only whole one."""
    clerk, author = supervisor(central), enrolled()
    _, sha256, entry = _with_photo(author)
    _with_photo(author)
    meet(author)
    back_up(central.folder, tmp_path / "copy")
    redact(central, entry, clerk)
    with central.writing():
        Blob.delete().execute()
    back_up(central.folder, tmp_path / "copy")
    assert list((tmp_path / "copy").rglob(f"{sha256}*"))
    assert central.vault.has(sha256)
    assert redacted(central) == []


def test_who_named_it_before_the_order_came_back_hears_of_it_too(
    central: Central,
    enrolled: MakeNotebook,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> None:
    """In a unit that does not see what the order was on, on a server that did not know of the order yet."""
    clerk, author, far = supervisor(central), enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    _, sha256, entry = _with_photo(author)
    meet(author, far)
    backup()
    redact(central, entry, clerk, file=sha256)
    meet(author)
    again = restored()
    begin_again(again.folder)
    _with_photo(far, OTHER)
    with embedded(again) as running:
        assert at(running, far).ok
        assert at(running, author).ok
        assert not again.vault.has(sha256)
        assert at(running, far).problems == []
        assert not far.vault.has(sha256)
        assert at(running, far).ok
        with again:
            assert EntryRow.select().where(EntryRow.kind == REDACT).count() == 2, "said once of each"
