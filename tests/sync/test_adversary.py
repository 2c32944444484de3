"""What an adversary of the promise tried: to lose, double, alter or leak what was kept, between two steps."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from models.cases.damage import transfer
from models.cases.damage.tables import DamageCase
from models.inspections.tables import Inspection
from models.registry.tables import Site
from models.store.change import attach, new_id, put
from models.store.database import run
from models.store.entry import HEAD_LIMIT, Entry
from models.store.health import chain_problems
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from sync import queries
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import Running, embedded
from sync.engine import Call, post
from sync.ledger import Ledger
from sync.outcome import Exit
from sync.problems import Problem
from sync.server import accept, admin, durable, pages, people, uploads
from sync.server.accept import read_batch
from sync.server.central import CITY, Central
from sync.server.tables import Upload
from sync.transport import HttpTransport, NoAnswer, Reply
from sync.wire import MIB
from tests.photos import take_photo

from .by_hand import HandMade, enrol_by_hand, first_entry, push, seal_body, setting
from .conftest import (
    OTHER,
    QUICK,
    UNIT,
    MakeNotebook,
    Seats,
    add_sites,
    case_of,
    courier,
    entries_of,
    meet,
    supervisor,
)
from .test_http import attached, patch
from .test_old_copy import image_of, put_back


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
    old = put_back(book, image)
    try:
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
    finally:
        old.close()


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


def test_a_revocation_between_reading_and_taking_a_batch_holds(central: Central) -> None:
    device = enrol_by_hand(central)
    push(central, device, [first_entry(device)])
    site = device.site("写于吊销之后")
    caller = people.caller(central, device.signer.device)
    batch = read_batch([site.line()[:-1]], 2, site.prev, caller, device.signer.public_key_der)
    admin.revoke(central, device.signer.device)
    taken = accept.accept(central, caller, batch, 2, site.prev)
    assert [each["type"] for each in taken.aside] == ["revoked"]
    with central:
        assert Site.get_or_none(Site.id == site.parsed_head.e) is None


def test_uploads_that_will_never_end_do_not_hold_up_other_files(
    enrolled: MakeNotebook, server: Running, central: Central
) -> None:
    book = enrolled()
    carrier = courier(book, ServerAddress.parse(server.url))
    for _ in range(4):
        data = os.urandom(400_000)
        sha256 = attached(book, data)
        carrier.ask(patch(sha256, data[:150_000], 0, len(data)))
        book.vault.path_of(sha256).write_bytes(b"damaged")
    with central.writing():
        assert Upload.update(updated_at=Upload.updated_at - 16 * 60_000).execute() == 4
    whole = take_photo(book, os.urandom(900_000))
    outcome = synchronise(book, pace=QUICK)
    assert [each.exit for each in outcome.problems] == [Exit.FILE_DAMAGED]
    assert central.vault.verify(whole) == "kept"


def test_to_name_a_file_first_gives_no_right_to_its_content_either(
    enrolled: MakeNotebook, server: Running
) -> None:
    thief, owner = enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    colleague = enrolled("执法员03", units=(OTHER,))
    data = b"its hash stood on a paper before the evening's synchronisation"
    sha256 = take_photo(owner, data, OTHER)
    thief.write(
        put("evidence", record := new_id(), UNIT, title="照片"),
        attach("evidence", record, UNIT, {"sha256": sha256, "size": len(data)}),
    )
    synchronise(thief, pace=QUICK)
    meet(owner)
    address = ServerAddress.parse(server.url)

    def got(book: Notebook) -> str:
        try:
            carrier = courier(book, address)
            carrier.ask(Call("GET", "/v1/log/consistency?from=1&to=2"))
            fields = {"authorization": f"Bearer {carrier.token}"}
            reply = carrier.transport.send("GET", f"/v1/blobs/{sha256}", fields, b"", 1 << 20)
        except Problem as problem:
            return problem.name
        return "all" if reply.body == data else str(reply.status)

    assert {"owner": got(owner), "colleague": got(colleague), "thief": got(thief)} == {
        "owner": "all",
        "colleague": "all",
        "thief": "404",
    }


def test_an_entry_that_is_too_long_to_be_carried_holds_up_nothing(
    enrolled: MakeNotebook,
    central: Central,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> None:
    book = enrolled()
    meet(book)
    backup()
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


def test_a_list_where_a_name_belongs_ends_no_batch(central: Central) -> None:
    maker, poisoner = enrol_by_hand(central), enrol_by_hand(central)
    visit = new_id()
    push(central, maker, [first_entry(maker), maker.entry("set", "inspection", visit, setting(place="厂区"))])
    batch = [
        first_entry(poisoner),
        poisoner.entry("set", "inspection", visit, setting(first_officer={"a": ["b"]})),
        poisoner.entry("seal", "inspection", visit, seal_body(poisoner, [])),
        poisoner.site("示例企业"),
    ]
    answer = push(central, poisoner, batch)
    assert answer["acc"] == 4
    assert 4 not in [each["q"] for each in answer["results"]]


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


def test_a_page_holds_no_more_of_long_entries_than_it_gives(central: Central) -> None:
    device = enrol_by_hand(central)
    push(central, device, [first_entry(device)])
    for _ in range(12):
        push(central, device, [device.site("长" * 80_000) for _ in range(10)])
    reader = people.caller(central, enrol_by_hand(central).signer.device)
    tracemalloc.start()
    try:
        page = pages.page(central, reader, {}, 0, 64 * 1024, 1000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert page.more
    assert peak < 8 * MIB


def test_a_head_of_a_former_life_begins_no_life_after_the_next(
    enrolled: MakeNotebook,
    central: Central,
    address: ServerAddress,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> None:
    book = enrolled()
    meet(book)
    backup()
    add_sites(book, 3)
    meet(book)
    note = Ledger(book).newest_head().note  # type: ignore[union-attr]
    old = restored()
    with embedded(old) as running:
        where = ServerAddress.parse(running.url)
        time.sleep(1.1)  # heads tell their time to the second
        assert synchronise(book, where, pace=QUICK).ok
        epoch = old.epoch
        admin.revoke(old, book.device)
        thief = courier(book, where)
        said = {"epoch": epoch, "head": {}, "log": {"size": 1, "checkpoint": note}}
        for _ in range(2):
            with pytest.raises(Problem, match="epoch"):
                thief.ask(post("/v1/sync/hello", said))
        assert old.epoch == epoch


def test_a_file_that_a_restored_server_lacks_is_sent_again(
    enrolled: MakeNotebook,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> None:
    book = enrolled()
    sha256 = take_photo(book, b"photo" * 500)
    meet(book)
    backup()
    add_sites(book, 1)
    meet(book)
    old = restored()
    old.vault.path_of(sha256).unlink()
    with embedded(old) as running:
        assert synchronise(book, ServerAddress.parse(running.url), pace=QUICK).ok
    assert old.vault.verify(sha256) == "kept"


def test_a_file_that_the_server_has_lost_is_sent_again_when_it_is_asked_for(
    enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    sha256 = take_photo(book, b"photo" * 500)
    meet(book)
    central.vault.path_of(sha256).unlink()
    durable.withdraw(central.folder)  # another backup is named: notebooks ask about their files
    meet(book)
    meet(book)
    assert central.vault.verify(sha256) == "kept"


def claiming(device: HandMade, entry: Entry, other: Entry) -> Entry:
    """The entry just made, with a head that claims to carry another one."""
    head = replace(entry.parsed_head, o=other.home)
    made = device.sealed(Entry.of_bytes(entry.prev, msgspec.json.encode(head), entry.body, b""))
    device.prev = made.hash
    return made


@pytest.mark.parametrize("first", [True, False], ids=["before the seal", "after it"])
def test_no_claim_to_carry_what_a_seal_covers_changes_a_sealed_record(central: Central, first: bool) -> None:
    officer, colleague = enrol_by_hand(central), enrol_by_hand(central)
    visit, finding = new_id(), new_id()
    opening = [
        first_entry(officer),
        officer.entry("set", "inspection", visit, setting(place="厂区")),
        officer.entry("set", "finding", finding, setting(inspection=visit, text="偷排")),
    ]
    push(central, officer, opening)
    push(central, colleague, [first_entry(colleague)])
    changed = {"f": {"place": {"x": "别处", "b": [opening[1].hash.hex()]}}}
    forged = claiming(colleague, colleague.entry("set", "inspection", visit, changed), opening[2])
    seal = officer.entry("seal", "inspection", visit, seal_body(officer, opening[1:]))
    for device, entry in [(colleague, forged), (officer, seal)][:: 1 if first else -1]:
        push(central, device, [entry])
    with central:
        row = EntryRow.get(EntryRow.hash == forged.hash)
        assert (row.state, row.problem) == (PUT_ASIDE, "sealed")
        assert EntryRow.get(EntryRow.hash == seal.hash).state != PUT_ASIDE
        assert Inspection.get_by_id(visit).place == "厂区"


def test_what_is_carried_still_counts_after_its_seal(central: Central) -> None:
    officer = enrol_by_hand(central)
    visit = new_id()
    opening = [first_entry(officer), officer.entry("set", "inspection", visit, setting(place="厂区"))]
    seal = officer.entry("seal", "inspection", visit, seal_body(officer, opening[1:]))
    push(central, officer, [*opening, seal])
    again = officer.entry("set", "inspection", visit, opening[1].body)
    carried = claiming(officer, again, opening[1])
    assert push(central, officer, [carried])["results"] == []


@pytest.mark.in_folder
def test_files_of_a_server_of_before_keep_their_readers(
    enrolled: MakeNotebook, central: Central, server: Running
) -> None:
    book, other = enrolled(), enrolled(units=(OTHER,))
    sha256 = take_photo(book, b"photo" * 500)
    meet(book, other)
    with central.writing():
        run('ALTER TABLE "blob" DROP COLUMN "sender"')
    with closing(Central.open(central.folder)) as again:
        readers = [people.caller(again, each.device) for each in (book, other)]
        assert uploads.readable(again, readers[0], sha256)
        with pytest.raises(Problem, match="not-found"):
            uploads.readable(again, readers[1], sha256)
