"""Who comes first or months behind takes the log in segments that never change, then pulls the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from models.registry import access
from models.registry.tables import Site
from models.store.change import new_id, put
from models.store.health import problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.seat import Seat
from sync import wire
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import Running
from sync.outcome import Exit
from sync.server import admin, people, segments
from sync.server.central import CITY, Central
from sync.server.tables import Segment
from sync.transport import HttpTransport, NoAnswer, Reply

from .callers import Person, World, person
from .conftest import OTHER, QUICK, UNIT, MakeNotebook, add_sites, whole

SOME = 40
"""Entries of a segment in these tests."""


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "ENTRIES", SOME)
    monkeypatch.setattr(segments, "FAR", 2 * SOME)


def fill(central: Central, count: int, unit: str = UNIT) -> None:
    with central.writing():
        for number in range(count):
            central.write(put("site", new_id(), unit, name=f"示例企业{number:03}"))
    central.sign_head()


class Watched(HttpTransport):
    """Notes the calls; may do something before each."""

    def __init__(self, address: ServerAddress, before: Callable[[str], None] = lambda target: None) -> None:
        super().__init__(address)
        self.targets: list[str] = []
        self._before = before

    def send(self, method: str, target: str, *rest: object) -> Reply:
        self.targets.append(target)
        self._before(target)
        return super().send(method, target, *rest)  # type: ignore[arg-type]

    def asked(self, path: str) -> int:
        return sum(target.startswith(path) for target in self.targets)


def sites(seat: Seat) -> list[dict[str, Any]]:
    with seat:
        return list(Site.select().where(Site.unit == UNIT).order_by(Site.id).dicts())


def everything(book: Notebook, central: Central) -> None:
    assert sites(book) == sites(central)
    assert problems(book) == []
    with book:
        here = {(row.unit, row.unit_n): bytes(row.hash) for row in EntryRow.select() if row.unit_n}
    with central:
        rows = EntryRow.select().where(EntryRow.unit.in_([UNIT, CITY]))
        there = {(row.unit, row.unit_n): bytes(row.hash) for row in rows}
    assert here == there


def test_a_first_sync_takes_segments_and_then_pages(
    enrolled: MakeNotebook, central: Central, address: ServerAddress
) -> None:
    fill(central, 5 * SOME + 7)
    fill(central, 3, OTHER)
    book = enrolled()
    add_sites(book, 2)
    link = Watched(address)
    whole(synchronise(book, transport=link, pace=QUICK))
    assert link.asked("/v1/snapshot/") == 5
    everything(book, central)
    again = Watched(address)
    whole(synchronise(book, transport=again, pace=QUICK))
    assert again.asked("/v1/snapshot") == 0


def test_who_was_away_for_months_takes_only_what_is_missing(
    enrolled: MakeNotebook, central: Central, address: ServerAddress
) -> None:
    book = enrolled()
    fill(central, SOME + 11)
    add_sites(book, 4)
    whole(synchronise(book, pace=QUICK))
    fill(central, 4 * SOME)
    link = Watched(address)
    whole(synchronise(book, transport=link, pace=QUICK))
    assert 3 <= link.asked("/v1/snapshot/") <= 4, "the first segment is here already"
    everything(book, central)


def test_segments_are_made_once_and_again_in_another_life_of_the_log(
    enrolled: MakeNotebook, central: Central
) -> None:
    fill(central, 3 * SOME)
    for name in ("执法员01", "执法员02"):
        whole(synchronise(enrolled(name), pace=QUICK))
    folder = central.folder / segments.FOLDER
    with central:
        made = {row.sha256 for row in Segment.select()}
    assert {path.name for path in folder.iterdir()} == made
    assert len(made) == 3
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == name for name in made)
    central.begin_epoch()
    fill(central, SOME)
    whole(synchronise(enrolled("执法员03"), pace=QUICK))
    with central:
        assert {row.epoch for row in Segment.select()} == {central.epoch}
    for path in folder.iterdir():
        path.unlink()
    book = enrolled("执法员04")
    whole(synchronise(book, pace=QUICK))
    everything(book, central)


def test_a_segment_is_resumed_where_it_was_cut(
    enrolled: MakeNotebook, central: Central, address: ServerAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(central, 3 * SOME)
    book = enrolled()
    monkeypatch.setattr("sync.pulling.FIRST_PART", 700)
    lost: list[str] = []

    def cut(target: str) -> None:
        if target.startswith("/v1/snapshot/") and len(lost) < 2:
            lost.append(target)
            raise NoAnswer("cut")

    link = Watched(address, cut)
    whole(synchronise(book, transport=link, pace=QUICK))
    assert len(lost) == 2
    assert link.asked("/v1/snapshot/") > 6
    everything(book, central)


def test_a_false_segment_is_not_kept_and_the_server_makes_it_again(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(central, 3 * SOME)
    whole(synchronise(enrolled("执法员01"), pace=QUICK))
    for path in (central.folder / segments.FOLDER).iterdir():
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    book = enrolled("执法员02")
    with monkeypatch.context() as unseen:
        unseen.setattr(segments, "_is_whole", lambda *given: True)
        outcome = synchronise(book, pace=QUICK)
    assert outcome.exit_code == Exit.FAILED
    with book:
        assert Site.select().count() == 0
    whole(synchronise(book, pace=QUICK))
    everything(book, central)


def test_a_driver_without_snapshots_pulls_pages(central: Central, server: Running) -> None:
    fill(central, 4 * SOME)
    world = World(central, server, {})
    who = person(world, "officer")
    answer, page = who.pull()
    assert answer.status == 200
    lines, _end = wire.read_page(page)
    assert sum(line.count for line in lines) > 4 * SOME


def caller_of(who: Person) -> people.Caller:
    return people.caller(who.world.central, who.device.signer.device)


@pytest.mark.parametrize("role", ["officer", "grid_worker", "expert", "auditor"])
def test_a_segment_is_for_those_with_the_unit_and_the_same_rights(
    central: Central, server: Running, role: str
) -> None:
    fill(central, 3 * SOME)
    with central.writing():
        for _ in range(SOME):
            central.write(put("complainant", new_id(), UNIT, words="何人举报"))
    central.sign_head()
    world = World(central, server, {})
    who, stranger = person(world, role), person(world, "court")
    fields = {"sync_epoch": central.epoch, "sync_units": f"{OTHER}=0"}
    told = msgspec.json.decode(who.send("GET", "/v1/snapshot", **fields).data)["segments"]
    assert {each["unit"] for each in told} == {UNIT}
    inside: list[bytes] = []
    for each in told:
        data = who.send("GET", f"/v1/snapshot/{each['sha256']}").data
        assert len(data) == each["size"]
        inside.append(wire.unpack(data, 1 << 24))
        alike = segments._readers(caller_of(who)) == segments._readers(caller_of(stranger))
        status = stranger.send("GET", f"/v1/snapshot/{each['sha256']}").status
        assert status == (200 if alike else 404)
    assert ("何人举报".encode() in b"".join(inside)) is access.may_read(who.may, "complainant")
    part = who.send("GET", f"/v1/snapshot/{told[0]['sha256']}", range="bytes=5-24")
    assert (part.status, len(part.data)) == (206, 20)
    admin.revoke(central, who.device.signer.device)
    assert who.send("GET", f"/v1/snapshot/{told[0]['sha256']}").status == 404
    assert who.send("GET", "/v1/snapshot", **fields).status == 403


def test_own_entries_alone_are_no_reason_for_a_snapshot(
    enrolled: MakeNotebook, central: Central, address: ServerAddress
) -> None:
    book = enrolled()
    add_sites(book, 4 * SOME)
    link = Watched(address)
    whole(synchronise(book, transport=link, pace=QUICK))
    assert link.asked("/v1/snapshot") == 0
    everything(book, central)
