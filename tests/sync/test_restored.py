"""A server restored from a backup (R8): the notebooks give back what it lost, and it says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from models import catalogue
from models.registry.tables import Officer, Site
from models.store import keys
from models.store.change import new_id, put
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from models.store.seat import Seat
from sync import queries
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.embedded import Running, embedded
from sync.ledger import Ledger
from sync.outcome import Exit, Outcome
from sync.server import admin, people, recovering
from sync.server.central import Central
from sync.server.healed import standing
from sync.tables import FormerLife, Proof, TreeHead
from tests.rows import digest

from .conftest import PASSPHRASE, QUICK, UNIT, MakeNotebook, add_sites, supervisor


def at(running: Running, book: Notebook) -> Outcome:
    return synchronise(book, ServerAddress.parse(running.url), pace=QUICK)


def uids(seat: Seat) -> set[str]:
    """What is there, under the names that survive another home; the server's words of one life left out."""
    passing = {"enrol", "epoch", "clock"}
    with seat:
        return {row.entry().uid for row in EntryRow.select() if row.kind not in passing}


def digests(seat: Seat) -> dict[str, str]:
    with seat:
        return {kind.name: digest(kind.table) for kind in catalogue.kinds()}


def test_after_one_sync_each_the_server_holds_everything_again_and_says_so(
    enrolled: MakeNotebook,
    central: Central,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> None:
    first, second, third = enrolled("执法员01"), enrolled("执法员02"), enrolled("执法员03")
    for book in (first, second, third):
        add_sites(book, 3)
        assert synchronise(book, pace=QUICK).ok
    backup()
    lost = add_sites(first, 4) + add_sites(second, 4)
    for book in (first, second, first):
        assert synchronise(book, pace=QUICK).ok
    later = admin.add_officer(central, "执法员04", units=(UNIT,), unit_code=UNIT, certificate="FJ350602099")
    assert synchronise(second, pace=QUICK).ok
    wanted = uids(central) | uids(first) | uids(second) | uids(third)
    unsent = add_sites(third, 2)

    old = restored()
    with embedded(old) as running:
        outcomes = [at(running, book) for book in (first, second, third)]
        assert [each.exit_code for each in outcomes] == [0, 0, 0], [
            trouble.text() for each in outcomes for trouble in each.problems
        ]
        assert all("备份" in each.warnings[-1].text() for each in outcomes)
        health = standing(old)["restored"]
        assert health["devices_to_come"] == 0
        assert health["given_back"] >= 1
        assert wanted <= uids(old)
        with old:
            assert Site.select().where(Site.id.in_([*lost, *unsent])).count() == 10
            assert Officer.get_by_id(later).name == "执法员04"
        assert old.recheck() >= len(wanted)
        for book in (first, second, third):
            assert at(running, book).ok
        assert digests(first) == digests(second) == digests(third)
        assert digests(first)["site"] == digests(old)["site"]
        assert queries.unsent(first).entries == 0


def test_what_the_server_cannot_place_is_carried_and_counts_once(
    enrolled: MakeNotebook, backup: Callable[[], None], restored: Callable[[], Central]
) -> None:
    first = enrolled("执法员01")
    assert synchronise(first, pace=QUICK).ok
    backup()
    second = enrolled("执法员02")  # the restored server does not know this device
    lost = add_sites(second, 3)
    for book in (second, first):
        assert synchronise(book, pace=QUICK).ok
    before = digests(first)["site"]

    old = restored()
    with embedded(old) as running:
        outcome = at(running, first)
        assert outcome.ok
        assert outcome.warnings[-1].params["carried"] > 0
        assert outcome.unsent_entries == 0
        with old:
            assert Site.select().where(Site.id.in_(lost)).count() == 3
        assert digests(old)["site"] == before, "what is carried is still the work of who wrote it"
        assert digests(first)["site"] == before, "what it carries and what it holds count once"
        assert at(running, second).exit_code == Exit.NOT_ENROLLED
        people.open_account(old, second.person, "执法员02", "officer", (UNIT,), old.clock.wall_ms())
        code = admin.code(old, second.person).code
        enrol(second, ServerAddress.parse(running.url), code, pace=QUICK)
        assert at(running, second).ok
        assert at(running, first).ok
        assert digests(old)["site"] == digests(first)["site"] == digests(second)["site"] == before
        with old:
            homes = [row.entry().uid for row in EntryRow.select().where(EntryRow.record.in_(lost))]
        assert len(homes) == 6, "once carried, once from its own device"
        assert len(set(homes)) == 3


def test_decisions_of_the_server_are_said_again(
    enrolled: MakeNotebook, central: Central, backup: Callable[[], None], restored: Callable[[], Central]
) -> None:
    first, worker = enrolled("执法员01"), enrolled("网格员01", role="grid_worker")
    for book in (first, worker):
        assert synchronise(book, pace=QUICK).ok
    backup()
    sites = add_sites(worker, 2)  # a grid worker writes no sites: put aside
    assert synchronise(worker, pace=QUICK).put_aside == 2
    with worker:
        row = EntryRow.get((EntryRow.record == sites[0]) & EntryRow.own)
        seq = row.seq
    admin.release(central, worker.device, seq, by=supervisor(central), why="属实")
    assert synchronise(first, pace=QUICK).ok
    with first:
        assert Site.get_or_none(Site.id == sites[0]) is not None

    old = restored()
    with embedded(old) as running:
        for book in (first, worker, first):
            assert at(running, book).ok
        for seat in (old, first):
            with seat:
                assert Site.get_or_none(Site.id == sites[0]) is not None, "released in the former life"
                assert Site.get_or_none(Site.id == sites[1]) is None


def test_giving_back_that_is_cut_goes_on(
    enrolled: MakeNotebook,
    backup: Callable[[], None],
    restored: Callable[[], Central],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = enrolled("执法员01"), enrolled("执法员02")
    for book in (first, second):
        assert synchronise(book, pace=QUICK).ok
    backup()
    lost = add_sites(second, 5)
    for book in (second, first):
        assert synchronise(book, pace=QUICK).ok

    def cut(*_arguments: object) -> int:
        raise OSError("the link is gone")

    old = restored()
    with embedded(old) as running:
        with monkeypatch.context() as patched:
            patched.setattr(recovering, "recover", cut)
            assert not at(running, first).ok
        with old:
            assert Site.select().where(Site.id.in_(lost)).count() == 0
        assert at(running, first).ok
        with old:
            assert Site.select().where(Site.id.in_(lost)).count() == 5


def test_what_was_signed_in_the_former_life_is_kept_as_evidence(
    enrolled: MakeNotebook, backup: Callable[[], None], restored: Callable[[], Central]
) -> None:
    book = enrolled()
    assert synchronise(book, pace=QUICK).ok
    backup()
    add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    with book:
        (receipt,) = [row.receipt for row in Proof.select().order_by(Proof.seq.desc()).limit(1)]
        (head,) = [row.note for row in TreeHead.select().order_by(TreeHead.size.desc()).limit(1)]
        epoch = Ledger(book).server().epoch  # type: ignore[union-attr]
    with embedded(restored()) as running:
        assert at(running, book).ok
    with book:
        life = FormerLife.get(FormerLife.epoch == epoch)
        kept = json.loads(life.evidence)
        assert head in kept["heads"]
        assert json.loads(receipt) in kept["receipts"].values()
        assert Ledger(book).server().epoch != epoch  # type: ignore[union-attr]


def test_nobody_s_rights_grow_by_being_given_back(
    enrolled: MakeNotebook, backup: Callable[[], None], restored: Callable[[], Central]
) -> None:
    """What a grid worker may not write has no effect, whoever gives it back."""
    head = enrolled("局长01", role="county_head")
    worker = enrolled("网格员01", role="grid_worker")
    for book in (head, worker):
        assert synchronise(book, pace=QUICK).ok
    backup()
    sites = add_sites(worker, 1)
    for book in (worker, head):
        assert synchronise(book, pace=QUICK).ok
    old = restored()
    with embedded(old) as running:
        assert at(running, head).ok
        with old:
            (row,) = EntryRow.select().where(EntryRow.record == sites[0]).where(EntryRow.kind != "verdict")
            assert row.state == PUT_ASIDE
            assert Site.get_or_none(Site.id == sites[0]) is None


@pytest.mark.parametrize("role", ["grid_worker", "officer"])
def test_a_person_entered_anew_under_another_account_keeps_all_they_wrote(
    tmp_path: Path,
    central: Central,
    address: ServerAddress,
    backup: Callable[[], None],
    restored: Callable[[], Central],
    role: str,
) -> None:
    """The backup is of before the enrolment, and the account was made again before anyone came."""
    backup()
    with closing(
        Notebook.create(tmp_path / "book", PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST)
    ) as book:
        book.write(put("officer", book.person, UNIT, name="王五", unit_code=UNIT))
        account = admin.add_officer(central, "王五", role="grid_worker", unit_code=UNIT)
        enrol(book, address, admin.code(central, account).code, pace=QUICK)
        patrols = [new_id(), new_id(), new_id()]
        book.write(put("patrol", patrols[0], UNIT, place="河边"))
        assert synchronise(book, pace=QUICK).ok
        old = restored()
        with embedded(old) as running:
            assert at(running, book).exit_code == Exit.NOT_ENROLLED
            book.write(put("patrol", patrols[1], UNIT, place="桥下"))
            anew = admin.add_officer(old, "王五", role=role, unit_code=UNIT)
            where = ServerAddress.parse(running.url)
            enrol(book, where, admin.code(old, anew).code, pace=QUICK)
            assert book.person == anew
            book.write(put("patrol", patrols[2], UNIT, place="路旁"))
            assert at(running, book).ok
            with old:
                rows = EntryRow.select().where(EntryRow.record.in_(patrols))
                assert [row.problem for row in rows] == [None, None, None]
