"""Several people who have one file: each sends it, and so each county's readers may open it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from main import main
from models.errors import BadInput
from models.inspections.queries import files_of_number
from models.store.change import attach, new_id, put
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import Running, embedded
from sync.outcome import Outcome
from sync.problems import Problem
from sync.server import people, uploads
from sync.server.adopting import adopt, unclaimed
from sync.server.central import Central
from sync.server.tables import AlsoSent, Blob
from tests.photos import take_photo

from .conftest import OTHER, QUICK, UNIT, MakeNotebook, meet, whole

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


def test_what_a_push_asks_for_does_not_tell_whether_anothers_file_is_there(
    enrolled: MakeNotebook, central: Central
) -> None:
    """Else whoever has a hash from a paper learns by naming it whether the bureau holds that file."""
    mine, other = enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    there = take_photo(other, REPORT, OTHER)
    sent = take_photo(mine, b"my own")
    meet(other, mine)
    nowhere = "ab" * 32
    for sha256 in (there, nowhere):
        mine.write(attach("evidence", new_id(), UNIT, {"sha256": sha256, "size": len(REPORT)}))
    synchronise(mine, pace=QUICK)
    asked = uploads.wanted(central, people.caller(central, mine.device))
    assert sorted(asked) == sorted([there, nowhere]), "both alike, and not what was sent"
    assert sent not in asked
    assert uploads.wanted(central, people.caller(central, other.device)) == []
    take_photo(mine, REPORT)
    synchronise(mine, pace=QUICK)
    assert uploads.wanted(central, people.caller(central, mine.device)) == [nowhere], "sent, it is theirs too"


def test_the_files_of_a_case_that_somebody_waits_for_go_first(
    enrolled: MakeNotebook, central: Central, address: ServerAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R16: else the smallest goes first, and a film of today would wait for all photographs of last week."""
    book = enrolled()
    visit = new_id()
    book.write(put("inspection", visit, UNIT, number="A-1", place="厂区"))
    sizes = {"small": 3_000, "large": 700_000, "middle": 20_000}
    names = {take_photo(book, name.encode() * size): name for name, size in sizes.items()}
    for sha256, name in names.items():
        if name != "small":
            book.write(put("evidence", new_id(), UNIT, inspection=visit, sha256=sha256))
    begun: list[str] = []
    append = uploads.append

    def noted(central: Central, caller: people.Caller, sha256: str, **more: Any) -> uploads.FileState:
        begun.append(names[sha256])
        return append(central, caller, sha256, **more)

    monkeypatch.setattr(uploads, "append", noted)
    first = files_of_number(book, "A-1")
    assert {names[each] for each in first} == {"large", "middle"}
    whole(synchronise(book, address, pace=QUICK, files_first=first))
    assert list(dict.fromkeys(begun)) == ["middle", "large", "small"]


@pytest.fixture
def younger_files(
    enrolled: MakeNotebook,
    central: Central,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> tuple[Central, str, list[Notebook]]:
    """A server of which only the database was put back: a file lies there that it does not know.

    Returns:
        the server, the file, and the notebooks of who sent it, of a colleague, and of another county.
    """
    books = [enrolled("执法员01"), enrolled("执法员02"), enrolled("执法员03", units=(OTHER,))]
    meet(*books)
    backup()
    sha256 = take_photo(books[0], REPORT)
    meet(*books)
    folder = central.folder
    again = restored()
    shutil.copytree(folder / "files", again.folder / "files", dirs_exist_ok=True)
    return again, sha256, books


def at(running: Running, book: Notebook) -> Outcome:
    return synchronise(book, ServerAddress.parse(running.url), pace=QUICK)


@pytest.mark.in_folder
def test_a_file_younger_than_the_database_is_of_who_sent_it_and_not_sent_again(
    younger_files: tuple[Central, str, list[Notebook]], monkeypatch: pytest.MonkeyPatch
) -> None:
    again, sha256, (sender, colleague, _) = younger_files
    monkeypatch.setattr(again.vault, "keep", lambda spool, name: pytest.fail("it lies there whole"))
    monkeypatch.setattr(uploads, "append", lambda *args, **more: pytest.fail("it was sent"))
    with embedded(again) as running:
        whole(at(running, sender))
    with again:
        assert Blob.get_by_id(sha256).sender == sender.person
    assert [opens(again, each.device, sha256) for each in (sender, colleague)] == [True, True]


@pytest.mark.in_folder
@pytest.mark.parametrize("first", [True, False])
def test_a_file_younger_than_the_database_is_not_of_who_names_it(
    younger_files: tuple[Central, str, list[Notebook]], first: bool
) -> None:
    """Its hash stands on paper: whoever writes it down before its sender comes has not shown the file."""
    again, sha256, (sender, _, forger) = younger_files
    forger.write(attach("evidence", new_id(), OTHER, {"sha256": sha256, "size": len(REPORT)}))
    order = [forger, sender, forger] if first else [sender, forger]
    with embedded(again) as running:
        for book in order:
            at(running, book)
            assert not opens(again, forger.device, sha256)
    assert uploads.state(again, people.caller(again, forger.device), sha256).state == "absent"
    assert opens(again, sender.device, sha256)


@pytest.mark.in_folder
def test_a_receipt_of_another_file_shows_nothing(
    younger_files: tuple[Central, str, list[Notebook]],
) -> None:
    again, sha256, (_, _, forger) = younger_files
    other = take_photo(forger, b"another photo")
    forger.write(attach("evidence", new_id(), OTHER, {"sha256": sha256, "size": len(REPORT)}))
    with embedded(again) as running:
        at(running, forger)
    who = people.caller(again, forger.device)
    known = uploads.state(again, who, other).as_dict(again)
    for word in (known["receipt"], known["receipt"].replace(other, sha256), "", "x\n\n\n"):
        assert uploads.found(again, who, sha256, word).state == "absent"
    assert not opens(again, forger.device, sha256)


@pytest.mark.in_folder
def test_two_who_have_a_file_both_show_it_by_their_receipts(
    enrolled: MakeNotebook,
    central: Central,
    backup: Callable[[], None],
    restored: Callable[[], Central],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    meet(first, second)
    backup()
    sha256 = take_photo(first, REPORT)
    take_photo(second, REPORT, OTHER)
    meet(first, second)
    again = restored()
    shutil.copytree(central.folder / "files", again.folder / "files", dirs_exist_ok=True)
    monkeypatch.setattr(uploads, "append", lambda *args, **more: pytest.fail("it was sent"))
    with embedded(again) as running:
        whole(at(running, second))
        whole(at(running, first))
    assert [opens(again, each.device, sha256) for each in (first, second)] == [True, True]


@pytest.mark.in_folder
def test_the_administrator_says_whose_a_file_is_that_no_laptop_shows(
    younger_files: tuple[Central, str, list[Notebook]], capsys: pytest.CaptureFixture[str]
) -> None:
    """The sender's laptop is lost; a colleague gives back what was written there."""
    again, sha256, (sender, colleague, forger) = younger_files
    forger.write(attach("evidence", new_id(), OTHER, {"sha256": sha256, "size": len(REPORT)}))
    folder = again.folder
    with embedded(again) as running:
        at(running, forger)
        at(running, colleague)
    assert not opens(again, colleague.device, sha256)
    again.close()
    assert [each.officer for each in unclaimed(folder)] == [forger.person, sender.person]
    for hashes, of in (([sha256], ""), ([sha256], "执法员02"), (["ab"], ""), ([""], "nobody")):
        with pytest.raises(BadInput):
            adopt(folder, hashes, of=of)
    assert main(["admin", "adopt", str(folder)]) == 0
    assert capsys.readouterr().out.count(sha256) == 2
    assert main(["--lang", "zh", "admin", "adopt", str(folder), sha256[:9], "--of", "执法员01"]) == 0
    assert "从现在起归其所有" in capsys.readouterr().out
    assert unclaimed(folder) == []
    with closing(Central.open(folder)) as central:
        found = [opens(central, each.device, sha256) for each in (sender, colleague, forger)]
    assert found == [True, True, False]


@pytest.mark.in_folder
def test_no_damaged_file_is_adopted(younger_files: tuple[Central, str, list[Notebook]]) -> None:
    again, sha256, (_, colleague, _) = younger_files
    again.vault.path_of(sha256).write_bytes(b"rotten")
    with embedded(again) as running:
        at(running, colleague)
    folder = again.folder
    again.close()
    with pytest.raises(BadInput, match=r"已损坏|damaged"):
        adopt(folder, [sha256])
    assert len(unclaimed(folder)) == 1
