"""Several people who have one file: each sends it, and so each county's readers may open it."""

from __future__ import annotations

import contextlib

import pytest

from models.store.journal import PUT_ASIDE, EntryRow
from sync.client import synchronise
from sync.problems import Problem
from sync.server import people, uploads
from sync.server.central import Central
from sync.server.tables import AlsoSent, Blob
from tests.photos import take_photo

from .conftest import OTHER, QUICK, MakeNotebook, meet

REPORT = b"report" * 500


def opens(central: Central, device: str, sha256: str) -> bool:
    with contextlib.suppress(Problem):
        return bool(uploads.readable(central, people.caller(central, device), sha256))
    return False


@pytest.mark.parametrize("data", [REPORT, REPORT * 300])
def test_a_report_about_sites_of_two_counties(enrolled: MakeNotebook, central: Central, data: bytes) -> None:
    first, second = enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    readers = enrolled("执法员03"), enrolled("执法员04", units=(OTHER,))
    sha256 = take_photo(first, data)
    meet(first)
    assert take_photo(second, data, OTHER) == sha256
    meet(*readers)
    assert [opens(central, reader.device, sha256) for reader in readers] == [True, False]
    meet(second)
    assert [opens(central, each.device, sha256) for each in (first, second, *readers)] == [True] * 4
    for each in (first, second):
        assert uploads.state(central, people.caller(central, each.device), sha256).state == "complete"
    assert synchronise(second, pace=QUICK).files_sent == 0
    with central:
        assert Blob.get_by_id(sha256).sender == first.person
    assert central.vault.verify(sha256) == "kept"
    assert list((central.folder / "spool").iterdir()) == []


def test_who_sent_it_too_has_sent_it_whatever_becomes_of_the_entry(
    enrolled: MakeNotebook, central: Central
) -> None:
    """Found on PostgreSQL by simulated seed 1060073: an old image was told that it is nowhere."""
    first, second = enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    sha256 = take_photo(first, REPORT)
    meet(first)
    take_photo(second, REPORT, OTHER)
    meet(second)
    with central.writing():
        EntryRow.update(state=PUT_ASIDE).where(EntryRow.device == second.device).execute()
    assert uploads.found(central, people.caller(central, second.device), sha256).state == "complete"
    assert not opens(central, second.device, sha256)


@pytest.mark.in_folder
def test_who_sends_a_lost_file_again_takes_nobodys_right(enrolled: MakeNotebook, central: Central) -> None:
    first, second = enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    sha256 = take_photo(first, REPORT)
    meet(first)
    central.vault.path_of(sha256).unlink()
    take_photo(second, REPORT, OTHER)
    meet(second)
    assert central.vault.verify(sha256) == "kept"
    assert [opens(central, each.device, sha256) for each in (first, second)] == [True, True]


@pytest.mark.in_folder
def test_a_file_whose_sender_was_not_noted_keeps_its_readers(
    enrolled: MakeNotebook, central: Central
) -> None:
    first, second = enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    sha256 = take_photo(first, REPORT)
    meet(first)
    with central.writing():
        Blob.update(sender=None).execute()
    take_photo(second, REPORT, OTHER)
    meet(second)
    with central:
        assert [row.officer for row in AlsoSent.select()] == [second.person]
    assert [opens(central, each.device, sha256) for each in (first, second)] == [True, True]
