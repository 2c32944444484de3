"""A disk that fails is told as that: no entry, no file and no device is blamed for it."""

from __future__ import annotations

from typing import Any

import peewee
import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from models.errors import StoreRefused
from models.registry.tables import Site
from models.store.change import new_id, put
from models.store.health import problems
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from models.store.projection import Projector
from sync import queries
from sync.client import synchronise
from sync.outcome import Exit
from sync.server import people
from sync.server.central import Central

from .conftest import QUICK, UNIT, MakeNotebook, add_sites

TROUBLES = [
    sqlcipher.OperationalError("disk I/O error"),
    sqlcipher.OperationalError("unable to open database file"),
    sqlcipher.OperationalError("database is locked"),
    sqlcipher.DatabaseError("database disk image is malformed"),
    peewee.OperationalError("disk I/O error"),
    peewee.DatabaseError("database disk image is malformed"),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_what_the_disk_does_while_it_is_read_is_a_sentence(notebook: Notebook, trouble: Exception) -> None:
    with pytest.raises(StoreRefused) as refused, notebook:
        raise trouble
    assert str(trouble) in refused.value.text()
    with pytest.raises(sqlcipher.IntegrityError), notebook:
        raise sqlcipher.IntegrityError("UNIQUE constraint failed")


def test_after_a_disk_error_another_connection_is_opened(notebook: Notebook) -> None:
    before = notebook.database.connection()
    with pytest.raises(StoreRefused), notebook:
        raise sqlcipher.DatabaseError("database disk image is malformed")
    assert notebook.database.connection() is not before
    written = notebook._writer.connection()
    with pytest.raises(StoreRefused), notebook.writing(), notebook.writing():
        raise sqlcipher.OperationalError("disk I/O error")
    notebook.write(put("site", new_id(), UNIT, name="示例企业"))
    assert notebook._writer.connection() is not written
    assert problems(notebook) == []


def failing(monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    def fails(*args: Any, **more: Any) -> None:
        raise trouble

    monkeypatch.setattr(Projector, "project", fails)
    monkeypatch.setattr(Projector, "project_many", fails)


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_no_entry_is_put_aside_for_what_the_servers_disk_does(
    enrolled: MakeNotebook,
    central: Central,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
) -> None:
    book = enrolled()
    sites = add_sites(book, 3)
    with monkeypatch.context() as broken:
        failing(broken, trouble)
        # the verdict would be the server's, the projection of the notebook's own writes fails too
        outcome = synchronise(book, pace=QUICK)
    assert outcome.exit_code in (Exit.FAILED, Exit.SERVER_FULL, Exit.DISK_FULL)
    assert synchronise(book, pace=QUICK).ok
    with central:
        assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()
    assert set(queries.marks(book, sites).values()) == {"received"}
    assert problems(central) == []


def test_a_record_that_comes_is_not_lost_to_what_the_disk_does(
    enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    assert synchronise(book, pace=QUICK).ok
    sites = add_sites(other, 3)
    assert synchronise(other, pace=QUICK).ok
    with monkeypatch.context() as broken:
        failing(broken, sqlcipher.OperationalError("database is locked"))
        assert synchronise(book, pace=QUICK).exit_code == Exit.DISK_FULL
    assert synchronise(book, pace=QUICK).ok
    assert problems(book) == [], "the page was kept without its rows"
    with book:
        assert {row.id for row in Site.select()} == set(sites), "its place was kept without the page"


def test_a_device_is_not_unknown_where_the_disk_does_not_say(
    enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    add_sites(book, 1)

    def unreadable(*args: Any) -> bytes:
        raise peewee.OperationalError("disk I/O error")

    monkeypatch.setattr(people, "public_key", unreadable)
    outcome = synchronise(book, pace=QUICK)
    assert outcome.exit_code == Exit.FAILED
    assert "internal" in outcome.problems[0].text()
