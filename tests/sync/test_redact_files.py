"""Files taken out by order: with the last entry that names them, or by themselves."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models.errors import BadInput, StoreRefused
from models.language import use_language
from models.registry.sealing import seal_of, sealed_bytes
from models.store.backup import back_up as backup_of_book
from models.store.change import attach, new_id, put
from models.store.entry import Entry
from models.store.notebook import Notebook
from sync.client import synchronise
from sync.ledger import Ledger
from sync.problems import Problem
from sync.proof.making import package
from sync.queries import Unsent, files_on_their_way, unsent
from sync.server import erasing, people, redacting, uploads
from sync.server.backup import back_up
from sync.server.central import Central
from sync.server.settings import Settings
from sync.server.tables import Blob, FileUse
from sync.server.verify_page import look_up
from sync.wire import Limits

from .conftest import PASSPHRASE, QUICK, UNIT, MakeNotebook, meet, supervisor
from .test_redact import TELLTALE, WHY, body_in, files_with, healthy, redact
from .test_verify_page import sealed

PHOTO = b"photo of somebody's face " + TELLTALE.encode() * 3


def _with_photo(book: Notebook, unit: str = UNIT) -> tuple[str, str, Entry]:
    record, kept = new_id(), book.vault.put_bytes(PHOTO)
    file = {"sha256": kept.sha256, "size": kept.size, "name": "门口.jpg"}
    book.write(put("evidence", record, unit, title="照片"))
    (entry,) = book.write(attach("evidence", record, unit, file))
    return record, kept.sha256, entry


def test_the_file_goes_with_the_last_entry_that_names_it(central: Central, enrolled: MakeNotebook) -> None:
    clerk = supervisor(central)
    author, colleague = enrolled("执法员01"), enrolled("执法员02")
    _, sha256, first = _with_photo(author)
    _, _, second = _with_photo(colleague)
    meet(author, colleague, author)
    (file,) = redacting.examine(central, first.hash.hex()).files
    assert (file.sha256, file.size, file.others, file.goes, file.name) == (
        sha256,
        len(PHOTO),
        1,
        False,
        "门口.jpg",
    )
    redact(central, first, clerk)
    assert central.vault.has(sha256)
    meet(author, colleague)
    assert colleague.vault.has(sha256)
    redact(central, second, clerk)
    assert not central.vault.has(sha256)
    assert files_with(central.folder) == []
    with central:
        assert not Blob.select().exists()
        assert not FileUse.select().where(FileUse.sha256 == sha256).exists()
    for book in (colleague, author):
        outcome = meet(book)
        assert outcome.problems == []
        assert not book.vault.has(sha256)
    healthy(central, author, colleague)


def test_an_order_names_no_file_that_its_record_goes_on_naming(
    central: Central, enrolled: MakeNotebook
) -> None:
    """What it names may be left out of the record's evidence package."""
    clerk, author = supervisor(central), enrolled()
    record, sha256, first = _with_photo(author)
    (second,) = author.write(attach("evidence", record, UNIT, {"sha256": sha256, "name": "大门.jpg"}))
    _with_photo(author)
    meet(author)
    assert redact(central, first, clerk).parsed_body["files"] == []
    assert redact(central, second, clerk).parsed_body["files"] == [sha256]
    meet(author)
    for seat in (central, author):
        assert seat.vault.has(sha256), "another record names it"


def test_a_file_alone_goes_whoever_names_it_and_is_never_taken_again(
    central: Central, enrolled: MakeNotebook
) -> None:
    clerk = supervisor(central)
    author, colleague = enrolled("执法员01"), enrolled("执法员02")
    _, sha256, entry = _with_photo(author)
    meet(author, colleague)
    with pytest.raises(BadInput):
        redact(central, entry, clerk, file="0" * 64)
    redact(central, entry, clerk, file=sha256)
    assert body_in(central, entry) == entry.body
    assert not central.vault.has(sha256)
    assert files_with(central.folder) == []
    with pytest.raises(BadInput):
        redact(central, entry, clerk, file=sha256)
    _with_photo(colleague)  # from the same camera, once more
    meet(colleague)
    assert not central.vault.has(sha256)
    outcome = meet(author)
    assert outcome.problems == []
    assert not author.vault.has(sha256)
    assert not colleague.vault.has(sha256)
    healthy(central, author, colleague)


def test_two_files_of_one_entry_go_by_two_orders(central: Central, enrolled: MakeNotebook) -> None:
    clerk, author = supervisor(central), enrolled()
    record, photo, small = new_id(), *(author.vault.put_bytes(each) for each in (PHOTO, PHOTO[:30]))
    file = {"sha256": photo.sha256, "size": photo.size, "name": "门口.jpg"}
    file["thumb"] = {"sha256": small.sha256, "size": small.size}
    author.write(put("evidence", record, UNIT, title="照片"))
    (entry,) = author.write(attach("evidence", record, UNIT, file))
    meet(author)
    for each in (photo, small):
        redact(central, entry, clerk, file=each.sha256)
    meet(author)
    for seat in (central, author):
        assert [seat.vault.has(each.sha256) for each in (photo, small)] == [False, False]
    healthy(central, author)


def test_a_sealed_record_says_taken_out_by_order_and_not_altered(
    tmp_path: Path, central: Central, enrolled: MakeNotebook
) -> None:
    use_language("en")
    clerk, author = supervisor(central), enrolled()
    record, text = sealed(author)
    meet(author)
    with central:
        entries = central.journal.entries_of(record)
    (first, seal) = sorted(entries, key=lambda each: each.parsed_head.k == "seal")
    digest = seal.parsed_body["bytes"]
    with pytest.raises(BadInput):
        redact(central, seal, clerk)
    (told,) = redacting.examine(central, first.hash.hex()).seals
    assert (told.record, told.hash, told.bytes) == (record, seal.hash.hex(), digest)
    assert look_up(central, text).warnings == ()
    redact(central, first, clerk)
    found = look_up(central, text)
    assert found.genuine
    assert "taken out by order" in found.warnings[0]
    meet(author)
    assert sealed_bytes(author, record), "the sealed file itself has not been named yet"

    redact(central, seal, clerk, file=digest)
    meet(author)
    for vault in (central.vault, author.vault):
        assert not vault.has(digest)
    found = look_up(central, text)
    assert found.genuine
    assert "taken out by order" in found.warnings[0]
    with pytest.raises(StoreRefused, match="闽0602"):
        sealed_bytes(author, record)
    with pytest.raises(StoreRefused, match="闽0602"):
        package(author, record, tmp_path / "package.zip")
    healthy(central, author)
    use_language("zh")


def test_backups_of_before_in_the_same_folder_lose_the_file_with_the_next_one(
    tmp_path: Path, central: Central, enrolled: MakeNotebook
) -> None:
    clerk, author = supervisor(central), enrolled()
    _, sha256, entry = _with_photo(author)
    meet(author)
    ours, theirs = tmp_path / "book-copy", tmp_path / "server-copy"
    backup_of_book(author.path.parent, ours, PASSPHRASE)
    back_up(central.folder, theirs)
    assert list(ours.rglob(f"{sha256}*"))
    assert list(theirs.rglob(f"{sha256}*"))
    redact(central, entry, clerk)
    meet(author)
    backup_of_book(author.path.parent, ours, PASSPHRASE)
    back_up(central.folder, theirs)
    assert not list(ours.rglob(f"{sha256}*"))
    assert not list(theirs.rglob(f"{sha256}*"))
    if not Settings.read(central.folder).database:
        assert files_with(theirs) == []


def test_a_backup_keeps_what_another_entry_names_and_the_laptop_lost(
    tmp_path: Path, central: Central, enrolled: MakeNotebook
) -> None:
    clerk, author = supervisor(central), enrolled()
    _, sha256, entry = _with_photo(author)
    _with_photo(author)
    meet(author)
    copy = tmp_path / "book-copy"
    backup_of_book(author.path.parent, copy, PASSPHRASE)
    redact(central, entry, clerk)
    meet(author)
    assert author.vault.has(sha256)
    author.vault.path_of(sha256).unlink()
    backup_of_book(author.path.parent, copy, PASSPHRASE)
    assert list(copy.rglob(f"{sha256}*")), "it is nowhere else on this laptop, and no order took it out"


def test_what_is_being_sent_when_the_order_comes_does_not_stay(
    central: Central, enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, author = supervisor(central), enrolled()
    _, sha256, entry = _with_photo(author)
    meet(author)
    central.vault.erase(sha256)  # lost by the storage, so that it is sent again
    with central.writing():
        Blob.delete().execute()
    caller = people.caller(central, author.device)
    allow = uploads._allow_sending

    def allowed_before_the_order(*given: Any) -> None:
        monkeypatch.setattr(uploads, "_allow_sending", allow)
        allow(*given)
        redact(central, entry, clerk)

    monkeypatch.setattr(uploads, "_allow_sending", allowed_before_the_order)
    with pytest.raises(Problem, match="not-found"):
        uploads.append(
            central, caller, sha256, offset=0, length=len(PHOTO), complete=True, data=PHOTO, limits=Limits()
        )
    assert not central.vault.has(sha256)
    assert files_with(central.folder) == []


@pytest.mark.parametrize("reason", [errno.EIO, errno.ENOSPC])
def test_a_disk_that_refuses_the_lock_is_told_and_the_file_goes_with_the_next_call(
    central: Central, enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    book = enrolled()
    _, sha256, entry = _with_photo(book)
    meet(book)

    @contextmanager
    def refusing(number: int) -> Iterator[None]:
        raise OSError(reason, os.strerror(reason), f"locks/{number:02}")
        yield

    with monkeypatch.context() as broken:
        broken.setattr(central.database, "alone", refusing)
        with pytest.raises(StoreRefused):
            redact(central, entry, supervisor(central))
    assert erasing.left(central, settled=True) == [sha256]
    redacting.finish(central)
    assert not central.vault.has(sha256)


def _without_files(book: Notebook) -> None:
    """A synchronisation that is cut off before it sends a file."""
    reached: list[str] = []
    synchronise(
        book,
        progress=lambda now: reached.append(now.phase),
        cancelled=lambda: "files" in reached,
        pace=QUICK,
    )


def test_what_an_order_took_out_before_its_file_was_sent_waits_for_nothing(
    central: Central, enrolled: MakeNotebook
) -> None:
    clerk = supervisor(central)
    author, colleague = enrolled("执法员01"), enrolled("执法员02")
    record, sha256, entry = _with_photo(author)
    _with_photo(colleague)
    _without_files(author)
    assert unsent(author) == Unsent(0, 0, 1, len(PHOTO))
    redact(central, entry, clerk)
    meet(colleague, author, author)
    assert author.vault.has(sha256), "the colleague's entry names it"
    assert unsent(author) == Unsent(0, 0, 0, 0)
    assert files_on_their_way(author, record) == []
    assert Ledger(author).lacking_files() == Ledger(author).files_nowhere() == []
    healthy(central, author, colleague)


def test_a_file_that_another_own_entry_names_is_still_sent(central: Central, enrolled: MakeNotebook) -> None:
    clerk, author = supervisor(central), enrolled()
    _, sha256, entry = _with_photo(author)
    other, *_ = _with_photo(author)
    _without_files(author)
    redact(central, entry, clerk)
    _without_files(author)
    (waits,) = files_on_their_way(author, other)
    assert (waits.sha256, waits.state) == (sha256, "queued")
    meet(author)
    assert central.vault.has(sha256)
    assert unsent(author) == Unsent(0, 0, 0, 0)
    healthy(central, author)


def test_of_a_sealed_record_whose_own_file_alone_went_everybody_says_so(
    central: Central, enrolled: MakeNotebook
) -> None:
    author = enrolled()
    record, text = sealed(author)
    meet(author)
    with central:
        (seal,) = [each for each in central.journal.entries_of(record) if each.parsed_head.k == "seal"]
    redact(central, seal, supervisor(central), file=seal.parsed_body["bytes"])
    meet(author)
    found = seal_of(author, record)
    assert found is not None
    assert found.taken_out == WHY
    assert len(look_up(central, text).warnings) == 1
