"""A notebook and a real server on loopback: what is here gets there, once, with receipts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.language import use_language
from models.registry.tables import Site
from models.store import keys
from models.store.change import attach, new_id, put
from models.store.clock import Clock, now_ms
from models.store.journal import KEPT, EntryRow
from models.store.notebook import Notebook
from sync import queries
from sync.address import ServerAddress
from sync.checkpoint import sign_checkpoint
from sync.client import enrol, synchronise
from sync.embedded import embedded
from sync.ledger import Ledger
from sync.outcome import Exit, Progress, SyncFailed
from sync.server import admin
from sync.server.central import Central
from sync.tables import FileRow
from tests.photos import take_photo
from tests.rows import digest

from .conftest import OTHER, PASSPHRASE, QUICK, UNIT, MakeNotebook, add_sites, supervisor, whole


def send(book: Notebook, **more: object) -> queries.Unsent:
    """Synchronise; what is left to be sent."""
    whole(synchronise(book, pace=QUICK, **more))  # type: ignore[arg-type]
    return queries.unsent(book)


def test_everything_goes_up_and_has_a_receipt(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled()
    sites = add_sites(book, 450)
    assert set(queries.marks(book, sites).values()) == {"kept"}
    assert queries.unsent(book).entries == 452, "with the enrolment and the time learnt there"
    outcome = synchronise(book, pace=QUICK)
    assert outcome.ok
    assert outcome.unsent_entries == 0
    assert set(queries.marks(book, sites).values()) == {"received"}
    enrolment = queries.enrolment(book)
    assert enrolment is not None
    for site in sites[:3]:
        receipt = queries.receipt(book, site)
        assert receipt is not None
        receipt.verify(enrolment.key, "sync.example.cn/log")
    with book:
        ours = digest(Site)
    with central:
        assert digest(Site) == ours
    assert central.recheck() > 450


def test_a_second_synchronisation_sends_nothing(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled()
    add_sites(book, 3)
    send(book)
    size = central.recheck()
    outcome = synchronise(book, pace=QUICK)
    assert (outcome.entries_sent, outcome.entries_received) == (0, 0)
    assert outcome.requests == 5, "nonce, session, hello, proof of the head that came last, pull"
    assert synchronise(book, pace=QUICK).requests == 4, "nothing came since"
    assert central.recheck() == size


def test_two_notebooks_see_each_other_and_fold_alike(enrolled: MakeNotebook, central: Central) -> None:
    first, second = enrolled("执法员01"), enrolled("执法员02")
    sites = add_sites(first, 20)
    send(first)
    send(second)
    for number, site in enumerate(sites):
        first.write(put("site", site, UNIT, address=f"甲{number}"))
        second.write(put("site", site, UNIT, address=f"乙{number}"))
    for book in (first, second, first):
        send(book)
    digests = set()
    for seat in (first, second, central):
        with seat:
            digests.add(digest(Site))
            assert Site.select().where(Site.conflicts == 1).count() == 20
    assert len(digests) == 1


def test_a_notebook_begun_without_a_server_sends_all_it_has_when_enrolled_later(
    tmp_path: Path, central: Central, address: ServerAddress
) -> None:
    person = new_id()
    book = Notebook.create(tmp_path / "late", PASSPHRASE, person=person, unit=UNIT, cost=keys.FAST)
    book.write(put("officer", person, UNIT, name="执法员09", role="officer", unit_code=UNIT))
    sites = add_sites(book, 5)
    outcome = synchronise(book, pace=QUICK)
    assert outcome.exit_code == Exit.NOT_ENROLLED
    officer = admin.add_officer(central, "执法员09", units=[UNIT], record=person)
    enrol(book, address, admin.code(central, officer).code, pace=QUICK)
    send(book)
    assert set(queries.marks(book, [person, *sites]).values()) == {"received"}
    book.close()


def test_units_granted_later_come_whole(enrolled: MakeNotebook, central: Central) -> None:
    there = enrolled("执法员01", units=(OTHER,))
    here = enrolled("执法员02")
    add_sites(there, 7, OTHER)
    send(there)
    send(here)
    with here:
        assert Site.select().count() == 0
    admin.grant(central, here.person, [UNIT, OTHER])
    send(here)
    with here:
        assert Site.select().count() == 7
    assert queries.received_units(here)[OTHER] == 10, "enrolment, time, officer record and seven sites"


def test_files_go_after_the_entries_and_have_receipts(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled()
    sizes = (10, 300_000, 1_500_000, 0)
    kept = [take_photo(book, os.urandom(size)) for size in sizes]
    assert queries.unsent(book).files == 4
    seen: list[Progress] = []
    assert send(book, progress=seen.append).files == 0
    phases = [told.phase for told in seen]
    assert phases.index("push") < phases.index("files")
    for each in kept:
        assert central.vault.verify(each) == "kept"
        assert queries.file_receipt(book, each)
    with book:
        assert {row.state for row in FileRow.select()} == {"received"}


def test_a_record_is_only_sent_until_its_file_is_there_too(enrolled: MakeNotebook) -> None:
    book = enrolled()
    kept = book.vault.put_bytes(os.urandom(400_000))
    record = new_id()
    book.write(attach("evidence", record, UNIT, {"sha256": kept.sha256, "size": kept.size}))
    phases: list[str] = []

    def stop_at_files() -> bool:
        return any(phase == "files" for phase in phases)

    outcome = synchronise(
        book, pace=QUICK, progress=lambda told: phases.append(told.phase), cancelled=stop_at_files
    )
    assert outcome.exit_code == Exit.CANCELLED
    assert queries.marks(book, [record]) == {record: "sent"}
    send(book)
    assert queries.marks(book, [record]) == {record: "received"}


def test_a_file_missing_from_the_laptop_is_told_and_blocks_nothing(enrolled: MakeNotebook) -> None:
    book = enrolled()
    book.write(attach("evidence", new_id(), UNIT, {"sha256": "ab" * 32, "size": 5}))
    outcome = synchronise(book, pace=QUICK)
    assert outcome.exit_code == Exit.FILE_DAMAGED
    assert outcome.unsent_entries == 0


def test_a_damaged_file_is_sent_once_it_was_taken_in_again(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled()
    photo = os.urandom(3000)
    sha256 = take_photo(book, photo)
    path = book.vault.path_of(sha256)
    path.write_bytes(path.read_bytes()[:-1])
    for _ in range(2):
        assert synchronise(book, pace=QUICK).exit_code == Exit.FILE_DAMAGED
    book.vault.put_bytes(photo)
    assert synchronise(book, pace=QUICK).ok
    assert central.vault.verify(sha256) == "kept"


def test_heads_that_came_with_entries_are_proved_at_the_next_hello(
    enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    add_sites(book, 3)
    send(book)
    ledger = Ledger(book)
    newest = ledger.newest_head()
    assert newest is not None
    key = central.public_key_der
    other = sign_checkpoint(central.origin, newest.size - 1, bytes(32), public_key=key, sign=central.sign)
    ledger.keep_proven(other)
    assert synchronise(book, pace=QUICK).exit_code == Exit.SERVER_REWRITTEN


@pytest.mark.parametrize("stop_after", range(1, 9))
def test_stopping_between_any_two_calls_loses_nothing(
    enrolled: MakeNotebook, central: Central, stop_after: int
) -> None:
    book = enrolled()
    sites = add_sites(book, 250)
    take_photo(book, os.urandom(500_000))
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > stop_after

    assert synchronise(book, pace=QUICK, cancelled=stop).exit_code == Exit.CANCELLED
    left = send(book)
    assert (left.entries, left.files) == (0, 0)
    with central:
        assert Site.select().count() == len(sites)
        assert EntryRow.select().where(EntryRow.device == book.device).count() == 253


def test_a_code_serves_one_device_only(
    tmp_path: Path, central: Central, address: ServerAddress, enrolled: MakeNotebook
) -> None:
    first = enrolled()
    code = admin.code(central, first.person)
    other = Notebook.create(tmp_path / "other", PASSPHRASE, person=first.person, unit=UNIT, cost=keys.FAST)
    with pytest.raises(SyncFailed) as refusal:
        enrol(other, address, "AAAA-BBBB", pace=QUICK)
    assert refusal.value.exit_code == Exit.WRONG_CODE
    enrol(other, address, code.code.lower().replace("-", " "), pace=QUICK)
    enrol(other, address, code.code, pace=QUICK)
    with pytest.raises(SyncFailed) as refusal:
        enrol(first, address, code.code, pace=QUICK)
    assert refusal.value.exit_code == Exit.USED_CODE
    assert "新" in refusal.value.text()
    other.close()


def test_a_code_made_for_another_person_is_refused_and_stays_good(
    tmp_path: Path, central: Central, address: ServerAddress
) -> None:
    account = admin.add_officer(central, "执法员02", units=(UNIT,), unit_code=UNIT, certificate="FJ350602002")
    code = admin.code(central, account).code
    own, books = new_id(), []
    for number, certificate in enumerate(("FJ350602001", "FJ350602002", None)):
        book = Notebook.create(tmp_path / f"{number}", PASSPHRASE, person=own, unit=UNIT, cost=keys.FAST)
        book.write(put("officer", own, UNIT, name="执法员01", certificate=certificate, unit_code=UNIT))
        books.append(book)
    with pytest.raises(SyncFailed) as refusal:
        enrol(books[0], address, code, pace=QUICK)
    assert refusal.value.exit_code == Exit.WRONG_CODE
    assert "另一个人" in refusal.value.text()
    assert queries.enrolment(books[0]) is None
    assert enrol(books[1], address, code, pace=QUICK).name == "执法员02"
    # who holds no certificate, such as a grid worker, is told for whom the code was
    assert enrol(books[2], address, admin.code(central, account).code, pace=QUICK).name == "执法员02"
    for book in books:
        book.close()


def test_an_enrolment_text_of_another_server_is_refused(
    central: Central, address: ServerAddress, enrolled: MakeNotebook
) -> None:
    book = enrolled()
    code = admin.code(central, book.person)
    forged = code.qr[:-4] + ("0000" if not code.qr.endswith("0000") else "1111")
    with pytest.raises(SyncFailed) as refusal:
        enrol(book, address, forged, pace=QUICK)
    assert refusal.value.exit_code == Exit.WRONG_SERVER
    enrol(book, address, code.qr, pace=QUICK)


def test_a_notebook_does_not_leave_its_server(
    tmp_path: Path, address: ServerAddress, central: Central, enrolled: MakeNotebook
) -> None:
    book = enrolled()
    admin.init(tmp_path / "another", organisation="另一演示局", host="other.example.cn")
    another = Central.open(tmp_path / "another")
    officer = admin.add_officer(another, "执法员09", unit_code=UNIT)
    with embedded(another) as running:
        code = admin.code(another, officer)
        for text in (code.qr, code.code):
            with pytest.raises(SyncFailed) as refusal:
                enrol(book, ServerAddress.parse(running.url), text, pace=QUICK)
            assert refusal.value.exit_code == Exit.WRONG_SERVER
            assert "另建一本记录簿" in refusal.value.text()
            assert address.url in refusal.value.text()
    another.close()
    add_sites(book, 1)
    assert synchronise(book, pace=QUICK).ok
    enrol(book, address, admin.code(central, book.person).code, pace=QUICK)


def test_a_recovery_key_that_is_none_leaves_no_half_enrolment(
    tmp_path: Path, central: Central, address: ServerAddress
) -> None:
    officer = admin.add_officer(central, "执法员03", unit_code=UNIT)
    book = Notebook.create(tmp_path / "book", PASSPHRASE, person="", unit=UNIT, cost=keys.FAST)
    code = admin.code(central, officer).code
    central.set_meta(recovery="age1nonsense")
    with pytest.raises(SyncFailed) as refusal:
        enrol(book, address, code, pace=QUICK)
    assert "recovery" in refusal.value.text()
    assert book.person == ""
    assert synchronise(book, pace=QUICK).exit_code == Exit.NOT_ENROLLED
    central.set_meta(recovery="")
    enrol(book, address, code, pace=QUICK)
    assert synchronise(book, pace=QUICK).ok
    book.close()


def test_a_clock_a_year_off_is_no_hindrance_but_is_told(
    tmp_path: Path, central: Central, address: ServerAddress
) -> None:
    for days, word in ((-365, "慢"), (365, "快")):
        clock = Clock(wall_ms=lambda days=days: now_ms() + days * 86_400_000)  # type: ignore[misc]
        officer = admin.add_officer(central, f"执法员{days}", unit_code=UNIT)
        book = Notebook.create(
            tmp_path / f"clock{days}", PASSPHRASE, person=officer, unit=UNIT, cost=keys.FAST, clock=clock
        )
        enrol(book, address, admin.code(central, officer).code, pace=QUICK)
        add_sites(book, 2)
        outcome = synchronise(book, pace=QUICK)
        assert outcome.exit_code == 0
        assert outcome.unsent_entries == 0
        assert [word in warning.text() for warning in outcome.warnings] == [True]
        with book:
            clocked = EntryRow.select().where(EntryRow.own & (EntryRow.kind == "clock")).count()
        assert clocked == 1, "the time learnt at enrolment stands before the next entry"
        book.close()


def test_a_revoked_device_hands_in_what_it_has_and_receives_nothing(
    enrolled: MakeNotebook, central: Central
) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    sites = add_sites(book, 3)
    add_sites(other, 2)
    send(other)
    admin.revoke(central, book.device)
    outcome = synchronise(book, pace=QUICK)
    assert outcome.exit_code == Exit.REVOKED
    assert "吊销" in outcome.problems[0].text()
    assert outcome.unsent_entries == 0
    assert outcome.entries_received == 0
    assert set(queries.marks(book, sites).values()) == {"aside"}
    with central:
        assert Site.select().count() == 2
        assert EntryRow.select().where(EntryRow.device == book.device).count() == 5


def test_a_server_that_is_down_is_one_sentence(enrolled: MakeNotebook) -> None:
    book = enrolled()
    add_sites(book, 2)
    outcome = synchronise(book, ServerAddress("http://127.0.0.1:9"), pace=QUICK)
    assert outcome.exit_code == Exit.NO_ANSWER
    assert len(outcome.problems) == 1
    assert outcome.unsent_entries == 4
    use_language("en")
    assert "does not answer" in outcome.problems[0].text()
    assert queries.sessions(book)[0].exit_code == Exit.NO_ANSWER


def test_a_server_with_another_log_is_not_believed(tmp_path: Path, enrolled: MakeNotebook) -> None:
    book = enrolled()
    add_sites(book, 2)
    send(book)
    admin.init(tmp_path / "false", organisation="别的局", host="sync.example.cn")
    with_other = Central.open(tmp_path / "false")
    with embedded(with_other) as running:
        outcome = synchronise(book, ServerAddress.parse(running.url), pace=QUICK)
    with_other.close()
    assert outcome.exit_code == Exit.NOT_ENROLLED
    add_sites(book, 1)
    with book:
        assert EntryRow.select().where(EntryRow.state == KEPT).count() > 0


def test_what_was_put_aside_has_its_effect_once_released(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled()
    (site,) = add_sites(book, 1, OTHER)
    outcome = synchronise(book, pace=QUICK)
    assert (outcome.exit_code, outcome.put_aside) == (0, 1)
    (aside,) = queries.put_aside(book)
    assert "辖区" in aside.text()
    assert queries.marks(book, [site]) == {site: "aside"}
    with book:
        assert Site.select().count() == 0, "the verdict holds on the laptop too"
    admin.release(central, aside.device, aside.seq, by=supervisor(central), why="属实")
    send(book)
    assert queries.marks(book, [site]) == {site: "received"}
    for seat in (book, central):
        with seat:
            assert Site.select().count() == 1
