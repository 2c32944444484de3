"""What an adversary of the promise tried: to lose, double, alter or leak what was kept, between two steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from models.cases.damage import transfer
from models.cases.damage.tables import DamageCase
from models.registry.tables import Site
from models.store.change import attach, new_id, put
from models.store.entry import HEAD_LIMIT, Entry
from models.store.health import chain_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync import queries, wire
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.embedded import embedded
from sync.outcome import Exit, SyncFailed
from sync.server import admin, people
from sync.server.central import CITY, Central
from sync.transport import HttpTransport, NoAnswer, Reply

from .by_hand import enrol_by_hand, first_entry, push
from .conftest import (
    OTHER,
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
from .test_http import Bent
from .test_old_copy import image_of, old_copy


class Meanwhile:
    """A transport during whose calls something else happens."""

    def __init__(self, address: ServerAddress, part: str, then: Callable[[], object]) -> None:
        """Args:
        part: beginning of the target of the first call during which `then` is done.
        """
        self._under = HttpTransport(address)
        self._part = part
        self._then: Callable[[], object] | None = then

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
        reply = self._under.send(method, target, headers, body, most)
        if self._then is not None and target.startswith(self._part):
            then, self._then = self._then, None
            then()
        return reply

    def close(self) -> None:
        self._under.close()


@pytest.mark.parametrize("part", ["/v1/sync/hello", "/v1/devices/self/entries"])
def test_what_a_screen_writes_while_an_old_image_catches_up_is_sent_too(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, address: ServerAddress, part: str
) -> None:
    book = enrolled()
    add_sites(book, 2)
    meet(book)
    image = image_of(book, tmp_path / "image")
    lost = add_sites(book, 5)
    meet(book)
    with old_copy(book, image) as old:
        written: list[str] = []
        during = Meanwhile(address, part, lambda: written.extend(add_sites(old, 2)))
        synchronise(old, pace=QUICK, transport=during)
        assert len(written) == 2
        meet(old)
        for seat in (old, central):
            with seat:
                assert Site.select().where(Site.id.in_([*written, *lost])).count() == 7
        assert chain_problems(old) == []
        assert set(queries.marks(old, written).values()) == {"received"}


def test_every_entry_of_a_push_knows_its_place_in_the_log(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled()
    sites = add_sites(book, 3)
    outcome = synchronise(book, pace=QUICK, cancelled=lambda: queries.unsent(book).entries == 0)
    assert outcome.exit_code == Exit.CANCELLED, "before anything was pulled"
    places = {}
    for seat in (book, central):
        with seat:
            rows = EntryRow.select().where(EntryRow.device == book.device).order_by(EntryRow.seq)
            places[seat] = [(row.seq, row.cursor) for row in rows]
    assert places[book] == places[central]
    assert len(places[book]) > len(sites)


def test_a_batch_that_arrives_late_by_itself_does_not_end_the_next_conversation(
    enrolled: MakeNotebook, central: Central, address: ServerAddress
) -> None:
    book = enrolled()
    meet(book)
    sites = add_sites(book, 300)

    class Late(Meanwhile):
        """A push gets no answer and arrives only during the next, smaller one."""

        held: tuple[str, str, Mapping[str, str], bytes, int] | None = None

        def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
            if target.startswith("/v1/sync/push") and self.held is None:
                self.held = (method, target, headers, body, most)
                raise NoAnswer("cut")
            if target.startswith("/v1/sync/push"):
                self._under.send(*self.held)
            return self._under.send(method, target, headers, body, most)

    outcome = synchronise(book, pace=QUICK, transport=Late(address, "-", lambda: None))
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    assert set(queries.marks(book, sites).values()) == {"received"}


def test_an_entry_that_is_too_long_to_be_carried_holds_up_nothing(
    backed_up: Notebook, central: Central, restored: Callable[[], Central]
) -> None:
    book = backed_up
    poisoner = enrol_by_hand(central)  # the restored server does not know this device
    first, fine = first_entry(poisoner), poisoner.site("示例企业")
    long = replace(poisoner.site("毒").parsed_head, u="x" * (HEAD_LIMIT - 260), d=poisoner.signer.device)
    raw = Entry.of_bytes(fine.hash, msgspec.json.encode(long), b'{"f":{"name":{"x":"2","b":[]}}}', b"")
    poison = poisoner.sealed(raw)
    assert HEAD_LIMIT - 100 < len(poison.head) <= HEAD_LIMIT
    assert push(central, poisoner, [first, fine, poison])["acc"] == 3
    meet(book)

    old = restored()
    with embedded(old) as running:
        where = ServerAddress.parse(running.url)
        synchronise(book, where, pace=QUICK)
        sites = add_sites(book, 2)
        outcome = synchronise(book, where, pace=QUICK)
        assert outcome.ok, [trouble.text() for trouble in outcome.problems]
        with old:
            assert Site.select().where(Site.id.in_([*sites, fine.parsed_head.e])).count() == 3
    with book:
        assert EntryRow.get_or_none(EntryRow.hash == poison.hash) is not None, "it stays where it is"


def test_a_case_that_was_handed_over_goes_with_the_unit_that_it_was_handed_to(seats: Seats) -> None:
    ids = case_of(seats)
    transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    seats.meet()
    with seats.second:
        assert DamageCase.get_or_none(DamageCase.id == ids["case"]) is not None
    admin.grant(seats.central, seats.second.person, ["350604"], reading=[CITY])
    seats.meet(seats.second)
    left = {name: entries_of(seats.second, record) for name, record in ids.items() if name != "sha256"}
    assert {name for name, entries in left.items() if entries} == set()


def test_contents_withheld_between_two_hellos_come_when_the_role_is_given_back(
    enrolled: MakeNotebook, central: Central, address: ServerAddress
) -> None:
    book, other = enrolled("负责人A", role="lead"), enrolled("执法员02")
    meet(book)
    visit, complainant = new_id(), new_id()
    other.write(
        put("inspection", visit, UNIT, place="厂区"),
        put("complainant", complainant, UNIT, of=visit, name="示例举报人"),
    )
    meet(other)

    def role(name: str) -> None:
        people.open_account(
            central, book.person, "负责人A", name, [UNIT], central.clock.wall_ms(), reading=[CITY]
        )

    lowered = Meanwhile(address, "/v1/sync/hello", lambda: role("officer"))
    synchronise(book, pace=QUICK, transport=lowered)
    role("lead")
    meet(book)
    assert entries_of(book, complainant) == entries_of(central, complainant)


def test_a_release_of_a_former_life_does_not_undo_a_rejection_of_this_one(
    enrolled: MakeNotebook,
    central: Central,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> None:
    first, worker = enrolled("执法员01"), enrolled("网格员01", role="grid_worker")
    (site,) = add_sites(worker, 1)  # a grid worker writes no sites: put aside
    boss = supervisor(central)
    synchronise(worker, pace=QUICK)
    meet(first)
    backup()
    with worker:
        seq = EntryRow.get((EntryRow.record == site) & EntryRow.own).seq
    admin.release(central, worker.device, seq, by=boss, why="属实")
    meet(first)
    old = restored()
    with embedded(old) as running:
        where = ServerAddress.parse(running.url)
        admin.reject(old, worker.device, seq, by=boss, why="不属实")
        for book in (worker, first, worker):
            synchronise(book, where, pace=QUICK)
        for seat in (old, first, worker):
            with seat:
                assert Site.get_or_none(Site.id == site) is None, "rejected in this life"


def test_a_second_record_that_names_a_file_waits_for_it_as_the_first_does(enrolled: MakeNotebook) -> None:
    book = enrolled()
    data = b"the same photo in two records" * 50
    kept = book.vault.put_bytes(data)
    records = [new_id(), new_id()]
    for record in records:
        book.write(
            put("evidence", record, UNIT, title="照片"),
            attach("evidence", record, UNIT, {"sha256": kept.sha256, "size": kept.size}),
        )
    synchronise(book, pace=QUICK, cancelled=lambda: queries.unsent(book).entries == 0)
    assert queries.marks(book, records) == dict.fromkeys(records, "sent")
    meet(book)
    assert queries.marks(book, records) == dict.fromkeys(records, "received")


def test_a_place_in_the_log_that_is_taken_already_ends_in_a_sentence(
    enrolled: MakeNotebook, address: ServerAddress
) -> None:
    book, other = enrolled(), enrolled()
    add_sites(other, 3)
    meet(other, book)
    sites = add_sites(book, 1)

    def bend(target: str, reply: Reply) -> Reply:
        if not target.startswith("/v1/sync/push"):
            return reply
        told = msgspec.json.decode(reply.body)
        told["cursors"] = [told["receipt"]["cursor"] - 9, told["receipt"]["cursor"] - 9]
        return Reply(reply.status, reply.headers, msgspec.json.encode(told))

    synchronise(book, pace=QUICK, transport=Bent(address, bend))
    meet(book)
    assert queries.marks(book, sites) == dict.fromkeys(sites, "received")


def test_a_page_with_a_place_that_is_taken_already_ends_in_a_sentence(
    enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, other = enrolled(), enrolled()
    meet(book)
    sites = add_sites(other, 2)
    meet(other)
    place = wire.pulled_line
    monkeypatch.setattr("sync.server.pages.pulled_line", lambda cursor, *rest: place(1, *rest))
    outcome = synchronise(book, pace=QUICK)
    assert [each.exit for each in outcome.problems] == [Exit.FAILED]
    monkeypatch.undo()
    meet(book)
    with book:
        assert Site.select().where(Site.id.in_(sites)).count() == 2


def test_a_nonce_is_good_though_the_clock_goes_back_by_a_second(central: Central) -> None:
    nonce = people.server_nonce(central)
    now = central.clock.wall_ms
    central.clock.wall_ms = lambda: now() - 1500  # type: ignore[method-assign]
    people.check_server_nonce(central, nonce)


def test_a_device_is_not_given_to_another_person_by_their_code(
    enrolled: MakeNotebook, central: Central, address: ServerAddress
) -> None:
    book, other = enrolled("网格员01", role="grid_worker"), enrolled("网格员02", role="grid_worker")
    add_sites(book, 1)
    code = admin.code(central, other.person).code
    with pytest.raises(SyncFailed) as refused:
        enrol(book, address, code, pace=QUICK)
    assert refused.value.exit_code == Exit.WRONG_CODE
    with central:
        assert people.officer_of(book.device) == book.person
    enrol(other, address, code, pace=QUICK)
