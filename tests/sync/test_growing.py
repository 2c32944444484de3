"""A server that outgrows its folder: all that it acknowledged goes on in PostgreSQL and in the bucket."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from main import main
from models.errors import BadInput, StoreRefused
from models.registry.tables import Officer, Site
from models.store.health import problems
from models.store.journal import EntryRow
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import Running, embedded
from sync.server import admin
from sync.server.central import DATABASE, Central
from sync.server.doctor import examine
from sync.server.growing import grow
from sync.server.settings import Settings
from tests.photos import take_photo
from tests.postgres import new_database
from tests.rows import digest

from .conftest import QUICK, MakeNotebook, add_sites
from .test_storage import bucket, endpoint

__all__ = ["bucket", "endpoint"]  # fixtures
pytestmark = pytest.mark.in_folder  # that is where it comes from


@pytest.fixture
def address_there(postgres: Any) -> str:
    return new_database(postgres)


def test_a_server_goes_on_in_postgresql_and_a_bucket_as_if_nothing_were(
    enrolled: MakeNotebook, central: Central, address_there: str, bucket: str, tmp_path: Path
) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    photo = take_photo(book, b"photo" * 1000)
    sites = add_sites(book, 5)
    for each in (book, other):
        assert synchronise(each, pace=QUICK).ok
    with central:
        before = (central.epoch, digest(Site), digest(Officer), EntryRow.select().count())
    grown = grow(central.folder, database=address_there, files=bucket)
    assert (grown.entries, grown.files, grown.missing) == (before[3], 1, ())
    assert not (central.folder / DATABASE).exists()
    with closing(Central.open(central.folder)) as there:
        with there:
            assert (there.epoch, digest(Site), digest(Officer), EntryRow.select().count()) == before
        assert there.vault.verify(photo) == "kept"
        assert problems(there) == []
        assert [each.name for each in examine(central.folder, hash_files=True) if each.problems] == []
        with embedded(there) as running:
            later = take_photo(other, b"later" * 1000)
            sites += add_sites(other, 2)
            for each in (other, book):
                outcome = synchronise(each, ServerAddress.parse(running.url), pace=QUICK)
                assert outcome.ok, [trouble.text() for trouble in outcome.problems]
                assert outcome.warnings == []
        with there, book:
            assert {row.id for row in Site.select(Site.id)} == {*sites}
        assert there.vault.verify(later) == "kept"
        assert there.recheck() > grown.entries
    assert admin.devices(central.folder) != []


def test_the_old_journal_takes_nothing_more_from_a_server_that_was_not_stopped(
    enrolled: MakeNotebook, central: Central, server: Running, address_there: str
) -> None:
    book = enrolled()
    assert synchronise(book, pace=QUICK).ok
    grow(central.folder, database=address_there)
    sites = add_sites(book, 1)
    outcome = synchronise(book, pace=QUICK)
    assert not outcome.ok
    assert outcome.unsent_entries > 0
    with closing(Central.open(central.folder)) as there, embedded(there) as running:
        assert synchronise(book, ServerAddress.parse(running.url), pace=QUICK).ok
        with there:
            assert [row.id for row in Site.select(Site.id)] == sites
    (central.folder / "server.toml").unlink()
    for each in central.folder.glob("moved.*"):
        each.rename(each.with_name(each.name.removeprefix("moved.")))
    with pytest.raises(StoreRefused, match="迁往别处"):
        Central.open(central.folder)


def test_what_cannot_be_carried_leaves_the_server_as_it_was(
    enrolled: MakeNotebook,
    central: Central,
    address_there: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    book = enrolled()
    add_sites(book, 1)
    assert synchronise(book, pace=QUICK).ok
    folder = central.folder
    with monkeypatch.context() as other:
        other.setattr(Central, "recheck", lambda self: 0)
        with pytest.raises(StoreRefused, match="不符"):
            grow(folder, database=address_there)
    for wrong in ({}, {"database": "mysql://x"}):
        with pytest.raises(BadInput):
            grow(folder, **wrong)
    with pytest.raises(StoreRefused):
        grow(folder, database="postgresql://nobody@127.0.0.1:1/none")
    assert Settings.read(folder) == Settings()
    assert not [each for each in folder.parent.iterdir() if each.name.startswith(".")]
    add_sites(book, 1)
    assert synchronise(book, pace=QUICK).ok
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StoreRefused, match="没有应答"):
        grow(folder, files="s3://none/evidence")
    assert Settings.read(folder) == Settings()
    assert main(["admin", "grow", str(folder)]) == 2
    assert "--database" in capsys.readouterr().err


def test_files_alone_may_go(enrolled: MakeNotebook, central: Central, bucket: str) -> None:
    book = enrolled()
    photo, lost = take_photo(book, b"a photo"), take_photo(book, b"one that the server loses")
    assert synchronise(book, pace=QUICK).ok
    central.vault.path_of(lost).unlink()
    grown = grow(central.folder, files=bucket)
    assert (grown.files, grown.missing) == (1, (lost,))
    with closing(Central.open(central.folder)) as there:
        assert there.vault.verify(photo) == "kept"
    with pytest.raises(BadInput):
        grow(central.folder, files=bucket)
