"""What the simulation found, each as the shortest story that shows it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from models.inspections.tables import Inspection
from models.registry.sealing import seal_record
from models.registry.tables import Site
from models.store.change import new_id, put
from models.store.entry import is_withheld
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from models.store.seat import Seat
from sync import outcome as says
from sync.client import enrol, synchronise
from sync.ledger import Ledger
from sync.outcome import Exit
from sync.receipts import Receipt
from sync.server import admin, people
from sync.server.tables import Account, Blob, Device
from sync.tables import Displaced, FileRow, FormerLife, Proof, TreeHead
from sync.transport import Reply
from tests.in_turn import steady
from tests.photos import take_photo

from .cluster import copy
from .conftest import Bench
from .network import Sent
from .template import ADDRESS, ONE, OTHER, PACE, PASSPHRASE


def verdicts(seat: Seat) -> list[EntryRow]:
    with seat:
        return list(EntryRow.select().where(EntryRow.kind == "verdict"))


def test_restored_twice_before_all_was_given_back(bench: Bench, tmp_path: Path) -> None:
    """What the server had judged in its first life comes back also where its second one ended too soon."""
    city, _officer, _other, _both, _lead, worker = bench.books
    backup = copy(bench.folder, tmp_path / "backup")
    worker.write(put("inspection", new_id(), ONE, situation="x"))
    for book in (worker, city):
        assert bench.sync(book).ok
    (judged,) = verdicts(city)

    bench.restore(backup)
    bench.link.lost = lambda sent: "recover" in sent.target
    assert not bench.sync(city).ok
    bench.restore(backup)
    assert bench.sync(city).ok
    assert judged.entry().uid in {row.entry().uid for row in verdicts(bench.central)}


def test_restored_twice_before_what_was_said_again_had_come(bench: Bench, tmp_path: Path) -> None:
    """A judgement was given back whole, and the second life ended before anyone fetched it from there."""
    city, _officer, _other, _both, _lead, worker = bench.books
    backup = copy(bench.folder, tmp_path / "backup")
    visit = new_id()
    worker.write(put("inspection", visit, ONE, situation="x"))
    for book in (worker, city):
        assert bench.sync(book).ok
    (judged,) = verdicts(city)

    bench.restore(backup)
    bench.link.lost = lambda sent: sent.target.startswith("/v1/sync/pull")
    assert not bench.sync(city).ok
    with city:
        assert EntryRow.get(EntryRow.record == visit).state != PUT_ASIDE, "nobody says so any more"
    bench.restore(backup)
    for _ in range(2):
        assert bench.sync(city).ok
    assert judged.entry().uid in {row.entry().uid for row in verdicts(bench.central)}
    for seat in (city, bench.central):
        with seat:
            row = EntryRow.get((EntryRow.record == visit) & (EntryRow.kind == "set"))
            assert row.state == PUT_ASIDE


def test_a_notice_gets_its_number_when_its_unit_is_granted(bench: Bench) -> None:
    officer = bench.books[1]
    officer.write(put("site", new_id(), OTHER, name="不在本区"))
    assert bench.sync(officer).put_aside == 1
    assert [row.unit_n for row in verdicts(officer)] == [None], "a notice: the unit is not granted"
    account = bench.template.officers[1]
    with bench.central:
        known = Account.get_by_id(account)
    people.open_account(bench.central, account, known.name, known.role, [ONE, OTHER], 1)
    assert bench.sync(officer).ok
    assert [row.unit_n for row in verdicts(officer)] == [row.unit_n for row in verdicts(bench.central)]


def test_a_session_whose_answer_is_lost_again_and_again(bench: Bench) -> None:
    """A device is not called unknown because the network is bad."""
    officer = bench.books[1]
    asked: list[str] = []

    def lost(sent: Sent) -> bool:
        asked.append(sent.target)
        return len(asked) in (2, 5)  # the first answers to a session, each after its nonce

    bench.link.lost = lost
    assert synchronise(officer, ADDRESS, transport=bench.link, pace=steady(6)).ok
    assert asked[:8:3] == ["/v1/nonce"] * 3


def test_what_was_released_is_seen_by_all(bench: Bench) -> None:
    city, officer = bench.books[:2]
    site = new_id()
    officer.write(put("site", site, OTHER, name="不在本区"))
    for book in (officer, city):
        assert bench.sync(book).ok
    with bench.central:
        row = EntryRow.get(EntryRow.state == PUT_ASIDE)
    admin.release(bench.central, row.device, row.seq, by=bench.template.officers[0], why="核对")
    for book in (city, bench.books[2]):
        assert bench.sync(book).ok
        with book:
            assert Site.get_by_id(site).name == "不在本区"


def test_files_sent_under_a_former_key_are_given_back_after_a_restore(bench: Bench, tmp_path: Path) -> None:
    """Of what was sent before the chain forked the server lost the files too; nobody else has them."""
    officer = bench.books[1]
    backup = copy(bench.folder, tmp_path / "backup")
    before = take_photo(officer, b"before", officer.unit)
    assert bench.sync(officer).ok
    twin = Notebook.open(copy(officer.folder, tmp_path / "twin"), PASSPHRASE)
    try:
        take_photo(officer, b"of one", officer.unit)
        take_photo(twin, b"of the other", twin.unit)
        for book in (officer, twin):
            assert bench.sync(book).ok
        assert officer.device != twin.device
        officer.close()

        bench.restore(backup)
        account = bench.template.officers[1]
        enrol(twin, ADDRESS, people.make_code(bench.central, account), transport=bench.link, pace=PACE)
        assert bench.sync(twin).ok
        assert bench.central.vault.has(before)
    finally:
        twin.close()


def test_a_file_that_may_not_be_sent_does_not_hold_up_the_others(bench: Bench) -> None:
    officer = bench.books[1]
    good = take_photo(officer, b"good", officer.unit)
    Ledger(officer).scan_files()
    with officer.writing():
        FileRow.create(sha256="0" * 64, size=1, seq=1, state="queued")
    outcome = bench.sync(officer)
    assert bench.central.vault.has(good)
    assert [each.msgid for each in outcome.problems] == [says.FILES_LEFT], "and it is not called done"


def test_who_carries_an_entry_is_not_asked_for_its_file(bench: Bench, tmp_path: Path) -> None:
    """An entry that a restored server could not place is carried by who has it, without its content."""
    city, officer = bench.books[:2]
    backup = copy(bench.folder, tmp_path / "backup")
    take_photo(officer, b"only there", officer.unit)
    for book in (officer, city):
        assert bench.sync(book).ok
    bench.restore(backup)
    with bench.central.writing():
        Device.delete().where(Device.id == officer.device).execute()
    assert bench.sync(city).ok
    assert bench.sync(city).ok


def test_a_page_of_another_life_of_the_log_is_not_kept(bench: Bench, tmp_path: Path) -> None:
    city, officer = bench.books[:2]
    backup = copy(bench.folder, tmp_path / "backup")
    officer.write(put("site", new_id(), ONE, name="在前一生"))
    assert bench.sync(officer).ok
    pages: list[Reply] = []
    bench.link.instead = lambda sent, reply: pages.append(reply) if "/pull" in sent.target else None
    bench.link.lost = lambda sent: "/pull" in sent.target
    assert not bench.sync(city).ok
    bench.restore(backup)
    bench.link.instead = lambda sent, reply: pages[0] if "/pull" in sent.target else None
    outcome = bench.sync(city)
    assert outcome.entries_received == 0
    assert outcome.exit_code == Exit.SERVER_WENT_BACK


@pytest.mark.parametrize("path", ["/sync/push", "/blobs/", "/sync/hello"])
def test_an_answer_of_another_life_of_the_log_counts_as_nothing(
    bench: Bench, tmp_path: Path, path: str
) -> None:
    """Held back on the way, it says with good signatures that there is what a restore has undone."""
    officer = bench.books[1]
    assert bench.sync(officer).ok
    backup = copy(bench.folder, tmp_path / "backup")
    photo = take_photo(officer, b"in the former life", officer.unit)
    answers: list[Reply] = []

    def heard(sent: Sent, reply: Reply) -> None:
        if path in sent.target and reply.status in (200, 201):
            answers.append(reply)

    bench.link.instead = heard
    assert bench.sync(officer).ok
    bench.restore(backup)
    held = iter(answers)
    bench.link.instead = lambda sent, reply: (
        next(held, None) if path in sent.target and reply.status in (200, 201) else None
    )
    assert bench.sync(officer).exit_code == Exit.SERVER_WENT_BACK
    with officer:
        newest = TreeHead.select().order_by(TreeHead.size.desc()).first()
        assert FileRow.get(FileRow.sha256 == photo).state != "received"
    assert newest is None or bench.central.root_at(newest.size) == bytes(newest.root)
    bench.link.instead = lambda sent, reply: None
    assert bench.sync(officer).ok
    assert bench.central.vault.has(photo)


def test_a_receipt_that_was_held_back_until_the_server_was_restored(bench: Bench, tmp_path: Path) -> None:
    """Nobody knows yet that the server went back: its next answer shows less than the receipt's head."""
    officer = bench.books[1]
    assert bench.sync(officer).ok
    backup = copy(bench.folder, tmp_path / "backup")
    site = new_id()
    officer.write(put("site", site, ONE, name="只有一份回执"))
    held: list[Reply] = []

    def cut(sent: Sent, reply: Reply) -> Reply | None:
        if "/push" not in sent.target:
            return None
        held.append(reply)
        return Reply(200, reply.headers, reply.body[:9])

    bench.link.instead = cut
    assert not bench.sync(officer).ok
    bench.restore(backup)
    bench.link.caught = lambda sent: held[0] if "/push" in sent.target else None
    assert bench.sync(officer).exit_code == Exit.SERVER_WENT_BACK
    bench.link.caught = lambda sent: None
    assert bench.sync(officer).ok
    with bench.central:
        assert Site.get_by_id(site).name == "只有一份回执"


def test_what_was_said_in_a_former_life_is_told_where_the_unit_is_not_granted(
    bench: Bench, tmp_path: Path
) -> None:
    city, officer = bench.books[:2]
    backup = copy(bench.folder, tmp_path / "backup")
    site = new_id()
    officer.write(put("site", site, OTHER, name="不在本区"))
    for book in (officer, city, officer):
        assert bench.sync(book).ok
    bench.restore(backup)
    for book in (city, officer):
        assert bench.sync(book).ok
    with officer:
        assert EntryRow.get(EntryRow.record == site).state == PUT_ASIDE
    assert len(verdicts(officer)) == len(verdicts(bench.central)) == 1


def test_a_seal_that_is_released_shuts_out_what_it_does_not_cover(bench: Bench) -> None:
    """Also what came while the seal was put aside; but nothing that a head has released (R11)."""
    _city, officer, _other, colleague = bench.books[:4]
    visit = new_id()
    officer.write(put("inspection", visit, ONE, situation="第一"))
    for book in (officer, colleague):
        assert bench.sync(book).ok
    seal_record(colleague, "inspection", visit, ONE, "FJ1", None, [visit], 0, lambda _place, _ms: b"x", None)
    assert bench.sync(colleague).put_aside == 1
    officer.write(put("inspection", visit, ONE, situation="第二"))
    assert bench.sync(officer).put_aside == 0
    head = bench.template.officers[0]
    with bench.central:
        seal = EntryRow.get(EntryRow.kind == "seal")
        late = EntryRow.select().where(EntryRow.record == visit).order_by(EntryRow.n.desc()).get()
    admin.release(bench.central, seal.device, seal.seq, by=head, why="核对")
    with bench.central:
        assert Inspection.get_by_id(visit).situation == "第一"
        assert EntryRow.get_by_id(late.n).state == PUT_ASIDE
    admin.release(bench.central, late.device, late.seq, by=head, why="核对")
    seal_record(officer, "inspection", visit, ONE, "FJ1", None, [], 0, lambda _place, _ms: b"y", None)
    assert bench.sync(officer).ok
    with bench.central:
        assert EntryRow.get_by_id(late.n).state != PUT_ASIDE


def test_a_receipt_of_a_head_that_a_restore_undid_is_fetched_anew(bench: Bench, tmp_path: Path) -> None:
    """Its entry is before the cut and stays; the head that it stands in is of no log any more."""
    city, officer = bench.books[:2]
    link = bench.link
    officer.write(put("site", new_id(), ONE, name="甲"), put("site", new_id(), OTHER, name="不在本区"))
    link.lost = lambda sent: "push" in sent.target or "receipts" in sent.target
    assert not bench.sync(officer).ok
    backup = copy(bench.folder, tmp_path / "backup")
    link.lost = lambda sent: False
    city.write(put("site", new_id(), ONE, name="乙"))
    for book in (city, officer):
        assert bench.sync(book).ok
    bench.restore(backup)
    outcome = bench.sync(officer)
    assert outcome.ok
    with officer:
        states = [row.state for row in EntryRow.select().where(EntryRow.own).order_by(EntryRow.seq)]
        heads = [Receipt.from_dict(json.loads(row.receipt)) for row in Proof.select()]
    assert states[-1] == PUT_ASIDE
    server = Ledger(officer).server()
    assert server is not None
    for receipt in heads:
        head = receipt.verify(bytes(server.key))
        assert bench.central.root_at(head.size) == head.root


def test_what_a_third_reader_held_of_a_copy_gives_way_to_the_log(bench: Bench, tmp_path: Path) -> None:
    """Of two copies of a notebook another one is first after a restore: its entries reach everybody."""
    city, officer = bench.books[:2]
    assert bench.sync(officer).ok
    twin = Notebook.open(copy(officer.folder, tmp_path / "twin"), PASSPHRASE)
    backup = copy(bench.folder, tmp_path / "backup")
    one, two = new_id(), new_id()
    officer.write(put("site", one, ONE, name="甲"))
    twin.write(put("site", two, ONE, name="乙"))
    for book in (officer, city):
        assert bench.sync(book).ok
    bench.restore(backup)
    for book in (twin, city, officer, twin, city, officer):
        assert bench.sync(book).ok
    twin.close()
    for seat in (city, officer, bench.central):
        with seat:
            assert {row.id for row in Site.select().where(Site.id.in_([one, two]))} == {one, two}
    with city:
        kept = [bytes(row.line) for row in Displaced.select()]
        placed = EntryRow.get(EntryRow.record == two)
    assert any("甲".encode() in line for line in kept), "as it was signed"
    with bench.central:
        assert EntryRow.get(EntryRow.record == two).cursor == placed.cursor


@pytest.mark.parametrize("taken", [ONE, OTHER])
def test_what_a_reader_kept_of_a_copy_goes_with_its_unit(bench: Bench, tmp_path: Path, taken: str) -> None:
    """Evidence too is of a unit: what others wrote there is not for who may read it no more (R13)."""
    city, officer = bench.books[:2]
    assert bench.sync(officer).ok
    twin = Notebook.open(copy(officer.folder, tmp_path / "twin"), PASSPHRASE)
    backup = copy(bench.folder, tmp_path / "backup")
    officer.write(put("site", new_id(), ONE, name="甲"))
    twin.write(put("site", new_id(), ONE, name="乙"))
    for book in (officer, city):
        assert bench.sync(book).ok
    bench.restore(backup)
    for book in (twin, city):
        assert bench.sync(book).ok
    twin.close()
    with city:
        kept = {row.hash for row in Displaced.select()}
    assert kept
    server = Ledger(city).server()
    assert server is not None
    left = [unit for unit in server.units.split(",") if unit != taken]
    admin.grant(bench.central, city.person, left)
    assert bench.sync(city).ok
    with city:
        assert {row.hash for row in Displaced.select()} == (kept if taken == OTHER else set())


def test_what_was_withheld_goes_with_the_life_of_the_log_that_told_it(bench: Bench, tmp_path: Path) -> None:
    """Its reader has no content to give back, and its writer may never come: a head alone is of no log."""
    officer, worker = bench.books[1], bench.books[5]
    backup = copy(bench.folder, tmp_path / "backup")
    visit = new_id()
    officer.write(put("inspection", visit, ONE, number="漳环检〔2026〕1号"))
    for book in (officer, worker):
        assert bench.sync(book).ok
    with worker:
        hollow = EntryRow.get(EntryRow.record == visit).entry()
    assert is_withheld(hollow.body)
    bench.restore(backup)
    assert bench.sync(worker).ok
    with worker:
        assert EntryRow.get_or_none(EntryRow.record == visit) is None
        (life,) = FormerLife.select()
    assert [base64.b64decode(line) for _, line in json.loads(life.evidence)["withheld"]] == [hollow.line()]
    for book in (officer, worker):
        assert bench.sync(book).ok
    with bench.central:
        there = EntryRow.get(EntryRow.record == visit)
    with worker:
        here = EntryRow.get(EntryRow.record == visit)
    assert (here.entry(), here.cursor) == (hollow, there.cursor)


@pytest.mark.parametrize("damaged", [False, True])
def test_a_file_that_is_younger_than_the_restored_database_is_found(
    bench: Bench, tmp_path: Path, damaged: bool
) -> None:
    """Only the database was put back, and the notebook from an old image: the file is at the server alone."""
    officer = bench.books[1]
    backup = copy(bench.folder, tmp_path / "backup")
    sha256 = take_photo(officer, b"younger than the backup", officer.unit)
    assert bench.sync(officer).ok
    kept = bench.central.vault.path_of(sha256)
    data = kept.read_bytes()
    bench.restore(backup)
    again = bench.central.vault.path_of(sha256)
    again.parent.mkdir(exist_ok=True)
    again.write_bytes(data[:-1] + b"!" if damaged else data)
    officer.vault.path_of(sha256).unlink()
    outcome = bench.sync(officer)
    assert outcome.exit_code == (Exit.FILE_DAMAGED if damaged else Exit.DONE)
    with bench.central:
        assert Blob.select().where(Blob.sha256 == sha256).exists() is not damaged
    with officer:
        assert FileRow.get_by_id(sha256).state == ("damaged" if damaged else "received")
