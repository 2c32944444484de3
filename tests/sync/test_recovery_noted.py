"""Who opens a notebook with the agency's recovery key leaves a mark that the server's log keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

import main as front_door
from models.store import keys
from models.store.journal import PUT_ASIDE, RECEIVED, EntryRow
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import synchronise
from sync.server.central import Central

from .conftest import QUICK, MakeNotebook, meet, whole

NEW = "恢复后的新口令-88"


def test_a_recovery_is_an_entry_that_is_logged_and_in_effect(
    enrolled: MakeNotebook,
    central: Central,
    address: ServerAddress,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    colleague, book = enrolled("执法员01"), enrolled("执法员02")
    pair = keys.make_recovery_pair()
    book.set_recovery(pair.recipient)
    meet(book, colleague)
    book.close()
    folder = tmp_path / "home" / "notebooks" / "book"
    folder.parent.mkdir(parents=True)
    book.folder.rename(folder)
    card = tmp_path / "card.txt"
    card.write_text(pair.identity, encoding="ascii")
    for name, value in {"HOME": str(tmp_path / "home"), "NEW_PASSPHRASE": NEW, "LANG": "zh"}.items():
        monkeypatch.setenv(f"QINGCHA_{name}", value)
    assert front_door.main(["recover", str(card)]) == 0
    again = Notebook.open(folder, NEW)
    with again:
        (said,) = (row.entry() for row in EntryRow.select().where(EntryRow.own & (EntryRow.kind == "note")))
    assert (said.parsed_head.t, said.parsed_head.e) == ("officer", book.person)
    assert "恢复密钥" in said.parsed_body["text"]
    whole(synchronise(again, address, pace=QUICK))
    again.close()
    meet(colleague)
    for seat in (central, colleague):
        with seat:
            assert EntryRow.get(EntryRow.hash == said.hash).state == RECEIVED != PUT_ASIDE
