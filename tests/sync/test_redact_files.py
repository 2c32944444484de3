"""Files taken out by order: with the last entry that names them, or by themselves."""

from __future__ import annotations

import pytest

from models.errors import BadInput
from models.store.change import attach, new_id, put
from models.store.entry import Entry
from models.store.notebook import Notebook
from sync.server import redacting
from sync.server.central import Central
from sync.server.tables import Blob, FileUse

from .conftest import UNIT, MakeNotebook, meet, supervisor
from .test_redact import TELLTALE, body_in, files_with, healthy, redact

PHOTO = b"photo of somebody's face " + TELLTALE.encode() * 3


def _with_photo(book: Notebook) -> tuple[str, str, Entry]:
    record, kept = new_id(), book.vault.put_bytes(PHOTO)
    file = {"sha256": kept.sha256, "size": kept.size, "name": "门口.jpg"}
    book.write(put("evidence", record, UNIT, title="照片"))
    (entry,) = book.write(attach("evidence", record, UNIT, file))
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
