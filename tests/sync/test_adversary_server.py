"""What an adversary of the promise tried at the server: claims, races, files, heads of before."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from models.inspections.tables import Inspection
from models.registry.tables import Site
from models.store import schema
from models.store.change import attach, new_id, put
from models.store.database import run
from models.store.entry import Entry, Origin
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from models.store.signer import Signer
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
from sync.server.central import Central
from sync.server.tables import Blob, Upload
from sync.wire import MIB, Limits
from tests.photos import take_photo

from .by_hand import HandMade, enrol_by_hand, first_entry, push, seal_body, setting
from .conftest import (
    OTHER,
    QUICK,
    UNIT,
    MakeNotebook,
    add_sites,
    courier,
    meet,
)
from .test_http import attached, patch


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


def test_a_page_holds_no_more_of_long_entries_than_it_gives(central: Central) -> None:
    device = enrol_by_hand(central)
    push(central, device, [first_entry(device)])
    for _ in range(5):
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
    backed_up: Notebook, restored: Callable[[], Central]
) -> None:
    book = backed_up
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


def claiming(device: HandMade, entry: Entry, home: Origin) -> Entry:
    """The entry just made, with a head that claims to carry that of another home."""
    head = replace(entry.parsed_head, o=home)
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
    forged = claiming(colleague, colleague.entry("set", "inspection", visit, changed), opening[2].home)
    seal = officer.entry("seal", "inspection", visit, seal_body(officer, opening[1:]))
    for device, entry in [(colleague, forged), (officer, seal)][:: 1 if first else -1]:
        push(central, device, [entry])
    with central:
        row = EntryRow.get(EntryRow.hash == forged.hash)
        assert (row.state, row.problem) == (PUT_ASIDE, "schema")
        assert EntryRow.get(EntryRow.hash == seal.hash).state != PUT_ASIDE
        assert Inspection.get_by_id(visit).place == "厂区"


def test_nobody_says_in_a_colleagues_name_what_that_one_did_not(central: Central) -> None:
    officer, colleague = enrol_by_hand(central), enrol_by_hand(central)
    push(central, officer, [first_entry(officer)])
    push(central, colleague, [first_entry(colleague)])
    # the officer never wrote this: number, hash and place in a chain fit, the signature is the colleague's
    invented = colleague.sealed(HandMade(officer.signer, seq=7, prev=b"\x01" * 32).site("编造"))
    told = colleague.entry("set", "site", invented.parsed_head.e, invented.body)
    forged = claiming(colleague, told, invented.home)
    assert push(central, colleague, [forged])["results"][0]["type"] == "schema"
    # what the officer did write, and nobody has sent yet, is carried as it was
    written = HandMade(officer.signer, seq=7, prev=b"\x01" * 32).site("真写")
    told = colleague.entry("set", "site", written.parsed_head.e, written.body)
    assert push(central, colleague, [claiming(colleague, told, written.home)])["results"] == []


def carried_of_before(device: HandMade, other: Entry) -> Entry:
    """What a program carried that did not name the hash before it yet."""
    made = Entry.carried(device.signer, device.seq + 1, device.prev, other)
    head = replace(made.parsed_head, o=replace(other.home, p=""))
    made = device.sealed(Entry.of_bytes(made.prev, msgspec.json.encode(head), made.body, b""))
    device.seq, device.prev = device.seq + 1, made.hash
    return made


def test_what_a_program_of_before_carried_is_proved_by_what_stood_before_it(central: Central) -> None:
    officer, copy = enrol_by_hand(central), enrol_by_hand(central)
    push(central, officer, [first_entry(officer), officer.site("甲")])
    kept = [officer.site("乙"), officer.site("丙")]
    again = [first_entry(copy), *(carried_of_before(copy, each) for each in kept)]
    assert push(central, copy, again[:2])["results"] == []
    assert push(central, copy, again[2:])["results"] == [], "also where a push ends between the two"
    # after what carries it too, and names the hash; and after itself
    other, unsent = enrol_by_hand(central), officer.site("丁")
    proved = Entry.carried(copy.signer, copy.seq + 1, copy.prev, unsent)
    assert push(central, copy, [proved])["results"] == []
    assert push(central, other, [first_entry(other), carried_of_before(other, unsent)])["results"] == []
    push(central, officer, kept)
    assert push(central, other, [carried_of_before(other, kept[1])])["results"] == []
    invented = Entry.of_bytes(kept[0].prev, kept[0].head, officer.site("编造").body, kept[0].signature)
    forged = carried_of_before(other, invented)
    renamed = carried_of_before(other, kept[0])
    head = replace(renamed.parsed_head, e=new_id())
    renamed = other.sealed(Entry.of_bytes(renamed.prev, msgspec.json.encode(head), renamed.body, b""))
    told = push(central, other, [forged, renamed])["results"]
    assert [each["type"] for each in told] == ["schema", "schema"]


@pytest.mark.parametrize("sealed", [False, True])
def test_nobody_takes_the_place_of_what_another_carries(central: Central, sealed: bool) -> None:
    officer, colleague = enrol_by_hand(central), enrol_by_hand(central)
    central.begin_epoch()
    lost = HandMade(Signer.new())  # a device that a restored server does not know
    first_entry(lost)
    visit = new_id()
    made = lost.entry("set", "inspection", visit, setting(place="厂区"))
    push(central, officer, [first_entry(officer)])
    carried = claiming(officer, officer.entry("set", "inspection", visit, made.body), made.home)
    push(central, officer, [carried])
    if sealed:
        push(central, officer, [officer.entry("seal", "inspection", visit, seal_body(officer, [made]))])
    push(central, colleague, [first_entry(colleague)])
    forged = carried
    while forged.hash >= carried.hash:  # of two twins the one with the least hash counts
        again = colleague.prev, colleague.seq
        body = setting(place=f"别处{os.urandom(4).hex()}")
        forged = claiming(colleague, colleague.entry("set", "inspection", visit, body), made.home)
        if forged.hash >= carried.hash:
            colleague.prev, colleague.seq = again
    push(central, colleague, [forged])
    with central:
        assert EntryRow.get(EntryRow.hash == forged.hash).state == PUT_ASIDE
        assert Inspection.get_by_id(visit).place == "厂区"


@pytest.mark.parametrize("same", [True, False], ids=["the same record", "another one"])
def test_the_word_of_a_seal_is_nobodys_to_say_again_with_other_covers(central: Central, same: bool) -> None:
    officer, colleague = enrol_by_hand(central), enrol_by_hand(central)
    visits = [new_id(), new_id()]
    push(central, officer, [first_entry(officer)])
    both = [officer.entry("set", "inspection", each, setting(place="厂区")) for each in visits]
    seal = officer.entry("seal", "inspection", visits[0], seal_body(officer, both[:1]))
    push(central, officer, [*both, seal])
    push(central, colleague, [first_entry(colleague)])
    target, base = (visits[0], both[0]) if same else (visits[1], both[1])
    word = {**seal.parsed_body, "covers": ["ab" * 32]}
    again = colleague.entry("seal", "inspection", target, word)
    again = claiming(colleague, again, replace(seal.home, h="cd" * 32))
    changed = {"f": {"place": {"x": "别处", "b": [base.hash.hex()]}}}
    forged = colleague.entry("set", "inspection", target, changed)
    forged = claiming(colleague, forged, replace(seal.home, h="ab" * 32))
    push(central, colleague, [again, forged])
    with central:
        assert EntryRow.get(EntryRow.hash == again.hash).state == PUT_ASIDE
        rows = EntryRow.select().where(EntryRow.device == officer.signer.device)
        assert [row.state for row in rows if row.state == PUT_ASIDE] == []
        assert Inspection.get_by_id(target).place == "厂区"
        assert Inspection.get_by_id(target).sealed == (seal.hash.hex() if same else None)


def test_what_is_carried_still_counts_after_its_seal(central: Central) -> None:
    officer = enrol_by_hand(central)
    visit = new_id()
    opening = [first_entry(officer), officer.entry("set", "inspection", visit, setting(place="厂区"))]
    seal = officer.entry("seal", "inspection", visit, seal_body(officer, opening[1:]))
    push(central, officer, [*opening, seal])
    again = officer.entry("set", "inspection", visit, opening[1].body)
    carried = claiming(officer, again, opening[1].home)
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


def test_a_stick_taken_in_while_the_same_file_comes_by_network_leaves_it_whole(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = enrol_by_hand(central)
    data = os.urandom(200_000)
    sha256 = hashlib.sha256(data).hexdigest()
    first = first_entry(device)
    naming = device.entry("attach", "evidence", new_id(), {"sha256": sha256, "size": len(data)})
    push(central, device, [first, naming])
    who, keep = people.caller(central, device.signer.device), central.vault.keep
    begun: list[threading.Thread] = []
    with closing(Central.open(central.folder)) as administrators:

        def send(to: Central, part: bytes) -> None:
            whole = len(part) == len(data)
            with contextlib.suppress(Problem):
                uploads.append(
                    to, who, sha256, offset=0, length=len(data), complete=whole, data=part, limits=Limits()
                )

        def kept_meanwhile(spool: Path, name: str) -> None:
            begun.append(threading.Thread(target=send, args=(administrators, data[:1000])))
            begun[0].start()
            begun[0].join(0.5)
            keep(spool, name)

        monkeypatch.setattr(central.vault, "keep", kept_meanwhile)
        send(central, data)
        begun[0].join()
    assert central.vault.verify(sha256) == "kept"


def test_nobody_without_a_session_is_waited_for_with_a_long_body(server: Running) -> None:
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"PATCH /v1/blobs/{'ab' * 32} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {8 * MIB}\r\n\r\n"
        connection.sendall(head.encode() + bytes(1000))
        assert b" 401 " in connection.recv(100)


def test_a_file_that_is_just_sent_stays_the_senders_where_somebody_asks_for_it(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A probe that finds the file before its row must not take the place of who noted that they had it."""
    book = enrolled()
    sha256 = take_photo(book, b"\xff\xd8" + b"photo" * 100)
    meet(book)
    receipt = queries.file_receipt(book, sha256)
    with central.writing():
        Blob.delete().execute()
    sized = central.vault.size_of

    def sent_meanwhile(asked: str) -> int | None:
        with central.writing():
            schema.keep(Blob, sha256=sha256, size=502, stored_at=1, sender="owner")
        return sized(asked)

    monkeypatch.setattr(central.vault, "size_of", sent_meanwhile)
    who = people.caller(central, book.device)
    assert uploads.found(central, who, sha256, receipt or "").state == "complete"
    with central:
        assert Blob.get_by_id(sha256).sender == "owner"
