"""What the simulation found, each as the shortest story that shows it."""

from __future__ import annotations

from pathlib import Path

from models.registry.tables import Site
from models.store.change import new_id, put
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.seat import Seat
from sync.client import synchronise
from sync.courier import Pace
from sync.server import admin, people
from sync.server.tables import Account

from . import template
from .conftest import Bench
from .network import Sent
from .template import ADDRESS, ONE, OTHER


def verdicts(seat: Seat) -> list[EntryRow]:
    with seat:
        return list(EntryRow.select().where(EntryRow.kind == "verdict"))


def test_restored_twice_before_all_was_given_back(bench: Bench, tmp_path: Path) -> None:
    """What the server had judged in its first life comes back also where its second one ended too soon."""
    city, _officer, _other, _both, _lead, worker = bench.books
    backup = template.copy(bench.folder, tmp_path / "backup")
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
    pace = Pace(tries=6, sleep=lambda seconds: None, chance=lambda: 0.0)
    assert synchronise(officer, ADDRESS, transport=bench.link, pace=pace).ok
    assert asked[:8:3] == ["/v1/nonce"] * 3


def test_what_was_released_is_seen_by_all(bench: Bench) -> None:
    city, officer = bench.books[:2]
    site = new_id()
    officer.write(put("site", site, OTHER, name="不在本区"))
    for book in (officer, city):
        assert bench.sync(book).ok
    with bench.central:
        row = EntryRow.get(EntryRow.state == PUT_ASIDE)
    admin.release(bench.central, row.device, row.seq)
    for book in (city, bench.books[2]):
        assert bench.sync(book).ok
        with book:
            assert Site.get_by_id(site).name == "不在本区"
