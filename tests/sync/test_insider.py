"""Who has the database open changes no entry by accident, and none unseen (attack rows 19, 21, 22)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peewee import DatabaseError

from models.errors import StoreRefused
from models.store.change import new_id, put
from models.store.database import run
from models.store.health import chain_problems
from models.store.journal import EntryRow
from sync import outcome as says
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import embedded
from sync.server import people
from sync.server.backup import back_up
from sync.server.central import Central
from tests.conftest import unguarded

from .conftest import QUICK, UNIT, MakeNotebook, add_sites
from .test_http import attached

FIXED: dict[str, Any] = {
    "device": "0" * 32,
    "seq": 999,
    "hash": b"\1" * 32,
    "prev": b"\1" * 32,
    "head": b"{}",
    "body": b"{}",
    "signature": b"\1" * 64,
    "kind": "void",
    "record_kind": "other-kind",
    "record": "another",
    "unit": "350681",
}


def changed(seat: Any, column: str, value: Any) -> None:
    with seat.writing():
        row = EntryRow.select().where(EntryRow.kind == "set").order_by(EntryRow.n.desc()).first()
        EntryRow.update({column: value}).where(EntryRow.n == row.n).execute()


@pytest.mark.parametrize("column", FIXED)
def test_no_column_of_an_entry_is_changed_on_either_seat(
    enrolled: MakeNotebook, central: Central, column: str
) -> None:
    book = enrolled()
    add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    for seat in (book, central):
        with pytest.raises(DatabaseError, match="never changed"):
            changed(seat, column, FIXED[column])
    assert chain_problems(book) == []
    central.recheck()


@pytest.mark.parametrize("column", FIXED)
def test_who_takes_the_guard_away_is_seen_by_the_chain(enrolled: MakeNotebook, column: str) -> None:
    book = enrolled()
    add_sites(book, 2)
    with book.writing():
        unguarded()
    changed(book, column, FIXED[column])
    assert chain_problems(book) != []


@pytest.mark.parametrize("column", ["hash", "prev", "head", "body", "signature"])
def test_a_server_whose_log_was_changed_signs_nothing_more(
    enrolled: MakeNotebook, central: Central, column: str
) -> None:
    book = enrolled()
    add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    with central.writing():
        unguarded()
    changed(central, column, FIXED[column])
    if column == "signature":  # no part of the tree; each reader checks it, and keeps nothing of the page
        late = enrolled("执法员02")
        assert not synchronise(late, pace=QUICK).ok
        with late:
            assert not EntryRow.select().where(~EntryRow.own).exists()
        return
    with pytest.raises(StoreRefused):
        central.recheck()
    with pytest.raises(StoreRefused):
        central.sign_head()


def test_the_guard_comes_back_with_the_next_opening(tmp_path: Path, central: Central) -> None:
    central.write(put("site", new_id(), UNIT, name="示例"))
    with central.writing():
        unguarded()
    central.close()
    again = Central.open(tmp_path / "server")
    try:
        with pytest.raises(DatabaseError, match="never changed"):
            changed(again, "body", b"{}")
    finally:
        again.close()


def test_a_server_that_shows_two_readers_two_logs_is_found_out(
    enrolled: MakeNotebook, central: Central, tmp_path: Path
) -> None:
    """Split view: the same keys sign another log for one of them (row 21)."""
    first = enrolled("执法员01")
    add_sites(first, 2)
    assert synchronise(first, pace=QUICK).ok
    back_up(tmp_path / "server", tmp_path / "twin")
    # both go on, apart, under the same key; the twin shows its own log to the same notebook
    central.write(put("site", new_id(), UNIT, name="给甲看"))
    assert synchronise(first, pace=QUICK).ok
    twin = Central.open(tmp_path / "twin")
    try:
        for number in range(4):
            twin.write(put("site", new_id(), UNIT, name=f"给乙看{number}"))
        with embedded(twin) as running:
            outcome = synchronise(first, ServerAddress.parse(running.url), pace=QUICK)
        # it has seen a head that this log cannot continue: another life of it, or a lie, kept as evidence
        told = {each.msgid for each in (*outcome.problems, *outcome.warnings)}
        assert told & {says.SERVER_REWRITTEN, says.SERVER_RESTORED}
    finally:
        twin.close()


def test_no_token_and_no_key_lies_on_the_laptop_and_none_in_the_log(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    """Row 22, and no secret or word of a record in the logs."""
    given: list[str] = []

    def noting(made: Callable[..., str]) -> Callable[..., str]:
        def noted(*args: Any, **more: Any) -> str:
            given.append(made(*args, **more))
            return given[-1]

        return noted

    for name in ("make_code", "open_session"):
        monkeypatch.setattr(people, name, noting(getattr(people, name)))
    caplog.set_level(logging.DEBUG)
    book = enrolled("执法员01")
    book.write(put("site", new_id(), UNIT, name="机密企业名称"))
    attached(book, b"a photo of something")
    with monkeypatch.context() as failing:
        failing.setattr(central, "sign_head", lambda: (_ for _ in ()).throw(ValueError("机密")))
        assert not synchronise(book, pace=QUICK).ok
    assert synchronise(book, pace=QUICK).ok
    assert len(given) > 3, "a code, and a session of each synchronisation"
    given.append(given[0].replace("-", ""))  # as it may be typed
    secrets = [each.encode() for each in given] + [book.signer.private_bytes()]
    for file in Path(book.path).parent.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not any(secret in data for secret in secrets), file
    with book:
        kept = "\n".join(str(row) for row in run("SELECT key, value FROM meta").fetchall())
        kept += "\n".join(str(row) for row in run("SELECT * FROM sync_session").fetchall())
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("qingcha"))
    assert logged
    for text in (kept, logged):
        assert not any(each in text for each in given)
    assert "机密企业名称" not in logged
