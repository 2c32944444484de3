"""A package of what is damaged, incomplete, confidential or another's: refused, or said in it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from models.errors import BadInput, RuleBroken, StoreRefused
from models.inspections import canonical, verbs
from models.inspections.queries import by_number
from models.registry import keeping
from models.registry import verbs as registry
from models.registry.sealing import seal_of
from models.store.change import new_id, put
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.seat import Seat
from models.store.vault import PlainVault
from sync.ledger import Ledger
from sync.proof import layout, making
from sync.proof.checking import check
from sync.proof.making import package
from sync.proof.reading import opened
from tests.conftest import UNIT, unguarded
from tests.visits import fill

from .made import Case


def test_a_piece_of_evidence_without_a_file_is_packed_as_the_record_has_it(
    notebook: Notebook, officers: tuple[str, str], tmp_path: Path
) -> None:
    site = registry.add_site(notebook, "示例印染企业03", address="漳州市芗城区示例路3号")
    visit = verbs.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A"
    )
    fill(notebook, visit, "A")
    notebook.write(put("evidence", new_id(), UNIT, inspection=visit, kind="physical", title="废液桶一只"))
    verbs.finish(notebook, visit)
    sealed = verbs.seal_inspection(notebook, visit)
    assert package(notebook, sealed.number, tmp_path / "x.zip").files == 0
    with opened(tmp_path / "x.zip") as files:
        found = check(files, None)
        record = canonical.decode(b"".join(files.blocks(layout.RECORD)))
    assert [(each["path"], each["about"]["title"]) for each in record["evidence"]] == [(None, "废液桶一只")]
    assert (found.answer, dict(found.fields())["证据件数"]) == ("unknown", "1"), "no root was given"


def test_evidence_whose_second_hash_is_another_is_refused(own: tuple[Notebook, str, list[str]]) -> None:
    """Another device's record may say what it likes of a file that is here."""
    book, number, files = own
    found = seal_of(book, by_number(book, number))
    assert found is not None
    item = {"path": "data/e000.jpg", "sha256": files[0]}
    _, kept = making._evidence(book, found, item)
    assert kept.sha256 == files[0]
    assert making._evidence(book, found, item | {"sm3": kept.sm3})[1] == kept
    with pytest.raises(StoreRefused, match="损坏"):
        making._evidence(book, found, item | {"sm3": "00" * 32})


def test_a_vault_that_does_not_look_while_it_reads_gives_no_damaged_record(
    own: tuple[Notebook, str, list[str]], tmp_path: Path
) -> None:
    """As a server keeps its files: plain."""
    book, number, _ = own
    found = seal_of(book, by_number(book, number))
    assert found is not None
    vault = PlainVault(tmp_path / "plain")
    with book.vault.open(found.sha256) as stream:
        vault.put_bytes(bytes(stream.read()))
    seat = cast(Seat, SimpleNamespace(vault=vault))
    assert hashlib.sha256(making._record_bytes(seat, found)).hexdigest() == found.sha256
    vault.path_of(found.sha256).chmod(0o600)
    vault.path_of(found.sha256).write_bytes(b"{}")
    with pytest.raises(StoreRefused, match="损坏"):
        making._record_bytes(seat, found)


def test_the_key_that_sealed_must_be_known(own: tuple[Notebook, str, list[str]]) -> None:
    book, number, _ = own
    found = seal_of(book, by_number(book, number))
    assert found is not None
    assert set(making._keys(book, found)) == {"device.pub", "package.pub"}
    other = replace(found, line=f"{found.line[:-13]}{'A' * 13}")
    with pytest.raises(BadInput, match=f"{number} 的密钥 {'A' * 13}"):
        making._keys(book, other)


def test_what_is_confidential_is_packed_by_who_may_open_it(
    own: tuple[Notebook, str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, number, _ = own
    monkeypatch.setattr(keeping, "may_open", lambda seat, kind, row: False)
    with pytest.raises(RuleBroken, match=r"涉密|保密"):
        package(book, number, tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


def test_a_broken_journal_is_told_in_the_package_and_not_hidden(
    own: tuple[Notebook, str, list[str]], tmp_path: Path
) -> None:
    book, number, _ = own
    with book:
        rows = list(EntryRow.select().where(EntryRow.device == book.device).order_by(EntryRow.seq))

    def told() -> str:
        package(book, number, tmp_path / "x.zip")
        with opened(tmp_path / "x.zip") as files:
            return b"".join(files.blocks("health.txt")).decode()

    seal = next(row for row in rows if row.kind == "seal")
    assert f"第 1 至 {seal.seq} 条完整 / 1 to {seal.seq} whole" in told()
    with book.writing():
        unguarded()
        EntryRow.update(prev=bytes(32)).where(EntryRow.n == rows[3].n).execute()
    assert "第 4 条断开 / broken at 4" in told()
    with book.writing():
        EntryRow.delete().where(EntryRow.n == rows[1].n).execute()
    assert "第 3 条断开 / broken at 3" in told()


def test_the_word_of_a_server_that_was_left_is_not_carried(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate is another's, its receipt signed by another key, its head is not the log's own."""

    def names() -> set[str]:
        package(case.book, case.sealed.number, tmp_path / "x.zip")
        with opened(tmp_path / "x.zip") as files:
            return set(files.names())

    word = layout.LOGGED | {"log.crt", layout.NOTE_OF_TIME}
    assert word <= names()
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "log_certificate", lambda ledger: case.members("logged")["device.crt"].decode())
        assert word.isdisjoint(names())
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "log_certificate", lambda ledger: "")
        assert word.isdisjoint(names())
    with monkeypatch.context() as patch:
        patch.setattr(making, "named_checkpoint", lambda seat, after: "no note")
        assert word.isdisjoint(names())
    with monkeypatch.context() as patch:
        patch.setattr(making, "named_checkpoint", lambda seat, after: None)
        assert word - names() <= {layout.NOTE_OF_TIME}, (
            "of those that are kept, the one that the record names"
        )
        patch.setattr(making, "_kept_head", lambda seat, after: None)
        assert word - names() == {layout.NOTE_OF_TIME}
