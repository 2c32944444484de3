"""What a second adversary of the promise tried: sticks, backups, keys, units, other keys."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections import namedtuple
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from models import catalogue
from models.cases.damage import transfer
from models.cases.damage.tables import DamageCase
from models.catalogue import RecordKind
from models.errors import BadInput, StoreRefused
from models.registry.queries import ACCOUNT_ROLE
from models.registry.tables import Site
from models.store import keys
from models.store.backup import back_up
from models.store.change import new_id, put
from models.store.database import run
from models.store.entry import Arrival, Entry, Origin
from models.store.health import problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.records import Record, TextField
from sync import carrying, queries
from sync.address import ServerAddress
from sync.bundle import BundleWriter
from sync.client import synchronise
from sync.embedded import embedded
from sync.ledger import Ledger
from sync.outcome import Exit
from sync.server import admin, carried, log, people, room, uploads
from sync.server import backup as server_backup
from sync.server.carried import take_in
from sync.server.central import CITY, Central
from sync.tables import FileRow, FormerProof
from sync.wire import Limits
from tests.photos import take_photo

from .by_hand import enrol_by_hand, first_entry, push, setting
from .conftest import (
    OTHER,
    PASSPHRASE,
    QUICK,
    UNIT,
    MakeNotebook,
    Seats,
    add_sites,
    case_of,
    entries_of,
    meet,
    supervisor,
)
from .test_old_copy import image_of, old_copy
from .test_verify_page import sealed

_Disk = namedtuple("_Disk", "total used free")


def rot(seat: Any, record: str) -> None:
    """A flipped bit in an entry, as a disk makes it: past the trigger."""
    with seat.writing():
        run("DROP TRIGGER entry_stays")
        run("UPDATE entry SET body = ? WHERE record = ?", (b'{"f":{}}', record))


@pytest.mark.in_folder
def test_a_damaged_server_does_not_take_the_place_of_its_good_backup(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    (site,) = add_sites(book, 1)
    meet(book)
    server_backup.back_up(central.folder, tmp_path / "backup")
    rot(central, site)
    with pytest.raises(StoreRefused):
        server_backup.back_up(central.folder, tmp_path / "backup")
    server_backup.restore(tmp_path / "backup", tmp_path / "again")
    with closing(Central.open(tmp_path / "again")) as again, again:
        assert Site.get_by_id(site).name == "示例企业01"


def test_a_damaged_notebook_does_not_take_the_place_of_its_good_backup(
    tmp_path: Path, enrolled: MakeNotebook
) -> None:
    book = enrolled()
    (site,) = add_sites(book, 1)
    back_up(book.folder, tmp_path / "backup", PASSPHRASE)
    rot(book, site)
    with pytest.raises(StoreRefused):
        back_up(book.folder, tmp_path / "backup", PASSPHRASE)
    with closing(Notebook.open(tmp_path / "backup", PASSPHRASE)) as good:
        assert problems(good) == []
    assert not list((tmp_path / "backup").glob(".*"))


def test_a_unit_that_is_taken_after_a_role_was_widened_is_forgotten_all_the_same(
    enrolled: MakeNotebook, central: Central, address: ServerAddress
) -> None:
    book, other = enrolled("执法员01", units=(UNIT, OTHER)), enrolled("执法员02", units=(OTHER,))
    theirs = add_sites(other, 3, OTHER)
    meet(other, book)

    def account(role: str, *units: str) -> None:
        now = central.clock.wall_ms()
        people.open_account(central, book.person, "执法员01", role, units, now, reading=[CITY])

    account("lead", UNIT, OTHER)
    outcome = synchronise(book, pace=QUICK, cancelled=lambda: book.meta(ACCOUNT_ROLE) == "lead")
    assert outcome.exit_code == Exit.CANCELLED, "after hello, before all came anew"
    account("lead", UNIT)
    meet(book)
    assert {site: entries_of(book, site) for site in theirs} == {site: {} for site in theirs}


def test_answers_by_stick_are_taken_in_though_the_log_grew_while_they_were_made(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = enrolled("执法员01"), enrolled("执法员02")
    meet(two)
    add_sites(one, 3)
    path = carrying.export(one, tmp_path / "out.qcb").paths[0]
    pulled = carried._Answering._pull

    def grows(self: Any, call: Any) -> None:
        pulled(self, call)
        add_sites(two, 2)
        meet(two)

    monkeypatch.setattr(carried._Answering, "_pull", grows)
    (taken,) = take_in(central.folder, [path])
    assert taken.answer is not None
    outcome = carrying.take_answers(one, taken.answer)
    assert outcome.ok, [each.text() for each in outcome.problems]


def test_one_file_that_may_not_be_sent_does_not_hold_up_the_receipts_of_others_by_stick(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    photo = take_photo(book, b"good" * 100)
    Ledger(book).scan_files()
    other = book.vault.put_bytes(b"named by nothing that is logged").sha256
    with book.writing():
        FileRow.create(sha256=other, size=30, seq=1, state="queued")
    path = carrying.export(book, tmp_path / "out.qcb").paths[0]
    (taken,) = take_in(central.folder, [path])
    assert taken.answer is not None
    assert central.vault.has(photo)
    outcome = carrying.take_answers(book, taken.answer)
    assert outcome.files_sent == 1


def test_a_decision_reaches_who_went_on_under_another_key(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled("执法员01")
    (foreign,) = add_sites(book, 1, OTHER)
    synchronise(book, pace=QUICK)
    with book:
        seq = EntryRow.get(EntryRow.own & (EntryRow.record == foreign)).seq
    former = book.device
    image = image_of(book, tmp_path / "image")
    add_sites(book, 2)
    meet(book)
    with old_copy(book, image) as old:
        add_sites(old, 3)
        meet(old)
        assert old.device != former
        admin.release(central, former, seq, by=supervisor(central), why="属实")
        told = [each.msgid for each in meet(old).warnings]
        with old:
            row = EntryRow.get(EntryRow.record == foreign, EntryRow.kind == "set")
            assert (row.state, row.problem) == (1, None)
            assert Site.get_or_none(Site.id == foreign) is not None
        from sync import outcome as says

        assert says.RELEASED in told


def test_a_passphrase_changed_while_a_backup_opens_the_notebook_stays_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read the key file, take their time over the passphrase, and write it."""
    path, another = tmp_path / "keys.json", "另一个口令-2026"
    keys.create(path, PASSPHRASE, cost=keys.FAST)
    pair = keys.make_recovery_pair()
    wrapping = keys._wrapping_key

    def change() -> None:
        data_key = keys.change_passphrase(path, PASSPHRASE, another, now_ms=100_000)
        keys.set_recovery(path, data_key, pair.recipient)

    changing = threading.Thread(target=change)

    def meanwhile(*args: Any) -> bytes:
        if not changing.ident:
            changing.start()
            changing.join(0.3)
        return wrapping(*args)

    monkeypatch.setattr(keys, "_wrapping_key", meanwhile)
    keys.unlock(path, PASSPHRASE, now_ms=0)
    changing.join()
    assert keys.recovery_recipient(path) == pair.recipient
    keys.unlock(path, another, now_ms=200_000)


def test_a_server_that_keeps_its_last_room_for_entries_takes_them_by_stick_too(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = enrolled("执法员01"), enrolled("执法员02")
    photo = take_photo(one, b"photo" * 500)
    sites = [*add_sites(one, 2), *add_sites(two, 2)]
    paths = [carrying.export(book, tmp_path / f"{book.device}.qcb").paths[0] for book in (one, two)]
    monkeypatch.setattr(room, "KEPT", 1 << 60)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _folder: _Disk(1 << 40, 0, 1 << 20))
    first, second = take_in(central.folder, paths)
    assert "磁盘" in first.problem
    assert second.problem == ""
    for book, taken in ((one, first), (two, second)):
        assert taken.answer is not None
        assert carrying.take_answers(book, taken.answer).unsent_entries == 0
    with central:
        assert Site.select().where(Site.id.in_(sites)).count() == 4
    monkeypatch.undo()
    meet(one)
    assert central.vault.verify(photo) == "kept"


def test_an_export_that_the_stick_had_no_room_for_closes_no_other(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    sites = add_sites(book, 3)
    path = carrying.export(book, tmp_path / "out.qcb").paths[0]

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as bent:
        bent.setattr(BundleWriter, "finish", full)
        for _ in range(20):
            with pytest.raises(StoreRefused):
                carrying.export(book, tmp_path / "again.qcb")
    (taken,) = take_in(central.folder, [path])
    assert taken.answer is not None
    assert carrying.take_answers(book, taken.answer).ok
    assert set(queries.marks(book, sites).values()) == {"received"}


LATER = "kind_of_later"


class OfLater(Record):
    """A kind of record as a version to come has it."""

    name = TextField(null=True)
    area = TextField(null=True)

    class Meta:
        table_name = LATER


class OfBefore(Record):
    """The same, before it had an area."""

    name = TextField(null=True)

    class Meta:
        table_name = LATER


def rows_in(book: Notebook) -> list[tuple[Any, ...]]:
    with book:
        return [(row.id, row.name, row.area) for row in OfLater.select()]


def refolded(folder: Path) -> Notebook:
    book = Notebook.open(folder, PASSPHRASE)
    if book._refolder is not None:
        book._refolder.join()
    return book


@pytest.mark.parametrize("before", [None, RecordKind(LATER, OfBefore, 1, ())], ids=["no kind", "no column"])
def test_what_comes_while_a_version_of_before_is_back_has_its_rows_after_the_next_update(
    enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch, before: RecordKind | None
) -> None:
    """A laptop is updated, set back for a while, and updated again."""
    first, second = enrolled("执法员01"), enrolled("执法员02")
    folder, record = first.folder, new_id()
    coming = [Arrival(each) for each in second.write(put(LATER, record, UNIT, name="乙", area="二"))]
    first.close()
    now = RecordKind(LATER, OfLater, 1, ())
    for kind in (now, before, now):
        monkeypatch.undo()
        if kind is not None:
            monkeypatch.setitem(catalogue._kinds, LATER, kind)
        with closing(refolded(folder)) as book:
            if kind is before:
                assert book.receive(coming) == []
            else:
                rows = rows_in(book)
    assert rows == [(record, "乙", "二")]


def test_a_full_stick_and_a_call_that_fails_hold_up_no_other_bundle(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = [enrolled(f"执法员0{number}") for number in (1, 2, 3)]
    sites = [site for book in books for site in add_sites(book, 1)]
    paths = [carrying.export(book, tmp_path / f"{place}.qcb").paths[0] for place, book in enumerate(books)]
    (tmp_path / "0.answer.qcb").mkdir()
    (tmp_path / "0.answer.qcb" / "x").touch()
    failing = books[1].device
    probe = carried._Desk.probe

    def fails(self: Any, request: Any) -> Any:
        if self._device == failing:
            raise ZeroDivisionError
        return probe(self, request)

    take_photo(books[1], b"photo")
    paths[1] = carrying.export(books[1], paths[1]).paths[0]
    monkeypatch.setattr(carried._Desk, "probe", fails)
    taken = {each.bundle: each for each in take_in(central.folder, paths)}
    full, failed, fine = (taken[path] for path in paths)
    assert (full.answer, failed.answer) == (None, None)
    assert all([full.problem, failed.problem])
    assert fine.answer is not None
    assert carrying.take_answers(books[2], fine.answer).ok
    with central:
        assert Site.select().where(Site.id.in_(sites)).count() == 3


@pytest.mark.in_folder
def test_a_server_that_signs_while_the_administrator_opens_it_does_not_look_restored(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = log.stored_size
    with closing(Central.open(central.folder)) as administrators:

        def meanwhile() -> int:
            size = stored()
            monkeypatch.setattr(log, "stored_size", stored)
            central.write(put("site", new_id(), UNIT, name="示例企业"))
            central.sign_head()
            return size

        monkeypatch.setattr(log, "stored_size", meanwhile)
        administrators.refuse_older()


def test_a_sign_that_no_database_can_look_for_ends_no_batch(central: Central) -> None:
    device = enrol_by_hand(central)
    home = Origin("a\0b", 1, "ab" * 32, "")
    odd = device.entry
    entries = [first_entry(device)]
    for kind, field in (("evidence", "inspection"), ("custody", "evidence"), ("case_transfer", "case")):
        entries.append(odd("set", kind, new_id(), setting(**{field: "a\0b"})))
    entries.append(odd("note", "site", new_id(), {"text": ["\\u0000 as somebody typed it"]}))
    entries.append(device.site("示例企业"))
    answer = push(central, device, entries)
    assert answer["acc"] == len(entries)
    assert [each["type"] for each in answer["results"]] == ["schema"] * 3
    last = odd("set", "site", new_id(), setting(name="示例企业"))
    head = msgspec.json.encode(replace(last.parsed_head, o=home))
    bad = device.sealed(Entry.of_bytes(last.prev, head, last.body, b""))
    assert push(central, device, [bad])["stopped"]["type"] == "bad-frame"


def test_a_seal_of_before_another_key_gets_the_receipt_that_a_cut_kept_from_it(
    tmp_path: Path, enrolled: MakeNotebook
) -> None:
    book = enrolled()
    record, _text = sealed(book)
    add_sites(book, 1)
    cut = synchronise(book, pace=QUICK, cancelled=lambda: queries.unsent(book).entries == 0)
    assert cut.exit_code == Exit.CANCELLED
    with book:
        entry = EntryRow.get((EntryRow.record == record) & (EntryRow.kind == "seal"))
        digest = bytes(entry.hash).hex()
    assert queries.seal_receipt(book, digest) is None
    Ledger(book).scan_files()
    with book.writing():  # or it would be written again for its file's sake
        FileRow.update(state="received").execute()
    image = image_of(book, tmp_path / "image")
    add_sites(book, 1)
    meet(book)
    former = book.device
    with old_copy(book, image) as old:
        add_sites(old, 2)
        meet(old)
        assert old.device != former
        assert queries.seal_receipt(old, digest) is not None
        with old.writing():
            FormerProof.delete().execute()
            EntryRow.update(cursor=None).where(EntryRow.device == former).execute()
        # a life of the log that has it nowhere is not asked for it again and again
        assert Ledger(old).former_seals_without_proof() == []


def test_two_who_send_the_same_film_do_not_begin_each_others_anew(
    enrolled: MakeNotebook, central: Central
) -> None:
    content = os.urandom(3_000)
    callers = []
    for name in ("执法员01", "执法员02"):
        book = enrolled(name)
        take_photo(book, content)
        synchronise(book, pace=QUICK, cancelled=lambda book=book: queries.unsent(book).entries == 0)
        callers.append(people.caller(central, book.device))
    sha256 = hashlib.sha256(content).hexdigest()

    def add(caller: people.Caller, offset: int) -> str:
        data, more = content[offset : offset + 1000], {"length": 3000, "complete": offset == 2000}
        return uploads.append(
            central, caller, sha256, offset=offset, data=data, limits=Limits(), **more
        ).state

    for offset in (0, 1000):
        assert [add(caller, offset) for caller in callers] == ["partial", "partial"]
    assert [add(caller, 2000) for caller in callers] == ["complete", "complete"]
    assert central.vault.verify(sha256) == "kept"
    assert list((central.folder / "spool").iterdir()) == []


def test_a_release_that_a_restore_undid_counts_more_than_the_rejection_before_it(
    enrolled: MakeNotebook,
    central: Central,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> None:
    """A rejection is not the last word, whichever of the two the backup has."""
    first, worker = enrolled("执法员01"), enrolled("网格员01", role="grid_worker")
    (site,) = add_sites(worker, 1)
    boss = supervisor(central)
    synchronise(worker, pace=QUICK)
    with worker:
        seq = EntryRow.get((EntryRow.record == site) & EntryRow.own).seq
    admin.reject(central, worker.device, seq, by=boss, why="查无此企业")
    meet(first)
    backup()
    admin.release(central, worker.device, seq, by=boss, why="已核实")
    meet(first)
    old = restored()
    with embedded(old) as running:
        where = ServerAddress.parse(running.url)
        for book in (worker, first, worker):
            synchronise(book, where, pace=QUICK)
        for seat in (old, first, worker):
            with seat:
                assert Site.get_or_none(Site.id == site) is not None
    assert [each for each in admin.aside(old) if each.record == site] == []


def test_nobody_decides_on_what_another_carries_for_them(enrolled: MakeNotebook, central: Central) -> None:
    head, other = enrolled("负责人A", role="county_head"), enrolled("执法员02")
    meet(head, other)
    entry = head.write(put("site", new_id(), OTHER, name="示例企业"))[-1]
    (twin,) = other.carry([entry])
    assert synchronise(other, pace=QUICK).put_aside == 1
    with pytest.raises(BadInput):
        admin.release(central, other.device, twin.parsed_head.q, by=head.person, why="属实")


def test_a_case_comes_back_though_the_servers_clock_was_set_back_meanwhile(seats: Seats) -> None:
    ids, central = case_of(seats), seats.central
    transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    seats.meet()
    now = central.clock.wall_ms
    central.clock.wall_ms = lambda: now() - 3_600_000  # type: ignore[method-assign]
    transfer.transfer(seats.second, ids["case"], to_unit=UNIT, on="2026-02-03", reason="管辖")
    seats.meet()
    seats.first.write(put("case_step", new_id(), UNIT, case=ids["case"], step="value", on="2026-03-05"))
    seats.meet()
    for seat in (central, *seats.books):
        with seat:
            assert DamageCase.get_by_id(ids["case"]).unit == UNIT
    assert admin.aside(central) == []
