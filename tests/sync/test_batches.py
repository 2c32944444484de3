"""What batches do at once must be what entries would do one by one: signatures, rows, places in the log."""

from __future__ import annotations

import base64
import contextlib
import gc
import socket
from random import Random
from typing import Any

import pytest

from models.registry.tables import Site
from models.store.change import new_id, put
from models.store.entry import Entry
from models.store.journal import EntryRow
from models.store.projection import Searched
from models.store.signer import Signer
from sync import wire
from sync.client import synchronise
from sync.engine import Answer, Engine
from sync.garbage import collected_later
from sync.ledger import Ledger
from sync.outcome import Outcome, SyncFailed
from sync.pulling import Pulling
from sync.server import people
from sync.server.accept import read_batch
from sync.server.central import Central
from sync.server.serve import _listening
from sync.verifying import first_false

from .by_hand import HandMade, bent_signature, enrol_by_hand, first_entry, push
from .conftest import OTHER, QUICK, UNIT, MakeNotebook, add_sites


@pytest.fixture(scope="module")
def chain() -> tuple[HandMade, list[Entry]]:
    """A device with a hundred good entries."""
    device = HandMade(Signer.new())
    return device, [first_entry(device), *(device.site(f"示例企业{n:02}") for n in range(99))]


@pytest.mark.parametrize(
    "false", [(0,), (1,), (31,), (49,), (50,), (51,), (99,), (98, 3), (51, 50, 49), (77, 20)]
)
def test_the_first_false_signature_is_found_wherever_it_stands(
    chain: tuple[HandMade, list[Entry]], false: tuple[int, ...]
) -> None:
    device, entries = chain
    bent = [bent_signature(each) if n in false else each for n, each in enumerate(entries)]
    assert first_false([(each, device.signer.public_key_der) for each in bent]) == min(false)


def test_no_false_signature_is_found_where_there_is_none(chain: tuple[HandMade, list[Entry]]) -> None:
    device, entries = chain
    for count in (0, 1, 2, 31, 32, 33, 100):
        assert first_false([(each, device.signer.public_key_der) for each in entries[:count]]) is None


def test_a_long_batch_ends_before_its_first_false_entry_whatever_else_is_wrong_after_it(
    central: Central,
) -> None:
    device = enrol_by_hand(central)
    entries = [first_entry(device), *(device.site(f"示例企业{n:02}") for n in range(79))]
    caller = people.caller(central, device.signer.device)
    entries[60] = bent_signature(entries[60])
    entries[70] = bent_signature(entries[70])
    lines = [each.line()[:-1] for each in entries]
    lines[75] = b"no entry at all"
    batch = read_batch(lines, 1, bytes(32), caller, device.signer.public_key_der)
    assert len(batch.entries) == 60
    assert batch.stopped is not None
    assert batch.stopped["q"] == 61
    assert "signature" in batch.stopped["detail"]
    told = push(central, device, entries)
    assert (told["acc"], told["stopped"]["q"]) == (60, 61)
    with central:
        assert Site.select().count() == 59


def test_rows_and_search_terms_of_a_batch_are_those_of_a_refold(
    enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    random = Random(7)
    sites = add_sites(book, 60)
    for site in random.sample(sites, 20):  # some records come with several entries in one batch
        book.write(put("site", site, UNIT, name="排水口改名", address="漳州市"))
    assert synchronise(book, pace=QUICK).ok
    for site in random.sample(sites, 20):  # and some were there before
        book.write(put("site", site, UNIT, address=None))
    add_sites(book, 40)
    assert synchronise(book, pace=QUICK).ok

    def state() -> tuple[Any, list[tuple[str, str, str]], list[str]]:
        with central:
            rows = list(Site.select().order_by(Site.id).dicts())
            terms = sorted((row.record, row.kind, row.terms) for row in Searched.select())
        return rows, terms, sorted(record for _, record in central.search("排水口"))

    before = state()
    central.refold(["site"])
    assert state() == before
    assert len(before[2]) == 20


def test_a_reader_learns_every_place_of_its_own_entries(enrolled: MakeNotebook, central: Central) -> None:
    first, second = enrolled("执法员01", units=(UNIT, OTHER)), enrolled("执法员02", units=(UNIT, OTHER))
    for count in (3, 1, 5):
        for book in (first, second):
            add_sites(book, count, UNIT)
            add_sites(book, 2, OTHER)
            assert synchronise(book, pace=QUICK).ok
    assert synchronise(first, pace=QUICK).ok
    for book in (first, second):
        with book:
            here = {(row.device, row.seq): (row.cursor, row.unit_n) for row in EntryRow.select()}
        with central:
            there = {
                (row.device, row.seq): (row.cursor, row.unit_n)
                for row in EntryRow.select().where(EntryRow.unit.in_([UNIT, OTHER]))
            }
        same = {place: here[place] for place in there if place in here and here[place] != (None, None)}
        assert same == {place: there[place] for place in same}
        own = [place for place in there if place[0] == book.device]
        assert all(here[place] == there[place] for place in own)


def pulled(engine: Engine, page: bytes) -> None:
    """A pull whose only page is this one."""
    steps = Pulling(engine).whole()
    next(steps)
    with pytest.raises(StopIteration):
        steps.send(Answer(200, {}, page))


def standing(central: Central) -> dict[str, str]:
    """What every page says of the log."""
    return {"epoch": central.epoch, "checkpoint": central.sign_head().note}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"9\t1\t=2+0\n", "page"),
        (b"9\t1\t=2+x\n", "page"),
        (b"9\t0\t=2+5\n", "page"),
        (b"9\t1\t=0+5\n", "page"),
        (b"9\t1\t=2+999999999999\n", ""),
        (b"9\t5\t=2+2\n", "hole"),
    ],
)
def test_a_run_that_cannot_be_is_refused_and_nothing_is_kept(
    enrolled: MakeNotebook, central: Central, line: bytes, told: str
) -> None:
    book = enrolled()
    add_sites(book, 5)
    engine = Engine(Ledger(book), Outcome(), lambda told: None)
    page = wire.pack(line + wire.page_end({"next": 9, **standing(central), "keys": {}}))
    with pytest.raises(SyncFailed) as refused:
        pulled(engine, page)
    if told:
        assert told in str(refused.value.params)
    with book:
        assert not EntryRow.select().where(EntryRow.unit_n.is_null(False)).exists()


def test_a_run_over_two_units_is_refused(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled(units=(UNIT, OTHER))
    with book:
        last = book.journal.last(book.device)[0]
    add_sites(book, 1, UNIT)
    add_sites(book, 1, OTHER)
    engine = Engine(Ledger(book), Outcome(), lambda told: None)
    line = wire.pulled_own(9, 1, last + 1, 3)  # with the clock entry before them
    page = wire.pack(line + wire.page_end({"next": 9, **standing(central), "keys": {}}))
    with pytest.raises(SyncFailed):
        pulled(engine, page)


def test_the_collector_runs_again_after_a_batch_however_it_ends() -> None:
    assert gc.isenabled()
    for reason in (None, KeyError()):
        with contextlib.suppress(KeyError), collected_later(), collected_later():
            assert not gc.isenabled()
            if reason:
                raise reason
        assert gc.isenabled()
    gc.disable()
    try:
        with collected_later():
            pass
        assert not gc.isenabled(), "who turned it off keeps it off"
    finally:
        gc.enable()


def test_answers_leave_at_once() -> None:
    """asyncio turns Nagle's algorithm off only for sockets whose protocol is named."""
    with _listening("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("false", [None, 0, 1, 39])
def test_a_page_with_one_false_signature_is_not_kept_at_all(
    enrolled: MakeNotebook, central: Central, chain: tuple[HandMade, list[Entry]], false: int | None
) -> None:
    book = enrolled()
    device, entries = chain
    with book:
        before = EntryRow.select().count()
    lines = [
        wire.pulled_line(n + 1, n + 1, bent.prev if n == 0 else b"", bent.signature, bent.head, bent.body)
        for n, each in enumerate(entries[:40])
        for bent in [bent_signature(each) if n == false else each]
    ]
    key = base64.b64encode(device.signer.public_key_der).decode()
    told = {"next": 40, **standing(central), "keys": {device.signer.device: key}}
    page = wire.pack(b"".join(lines) + wire.page_end(told))
    engine = Engine(Ledger(book), Outcome(), lambda told: None)
    if false is None:
        pulled(engine, page)
    else:
        with pytest.raises(SyncFailed) as refused:
            pulled(engine, page)
        assert "signature" in str(refused.value.params)
    with book:
        assert EntryRow.select().count() == before + (40 if false is None else 0)
        assert Site.select().count() == (39 if false is None else 0)


def test_what_has_more_values_than_a_batch_may_goes_up_in_parts(enrolled: MakeNotebook) -> None:
    book = enrolled()
    with book.writing():
        for _ in range(10):
            book.write(put("site", new_id(), UNIT, name="示例企业", address="，," * 40_000))
    outcome = synchronise(book, pace=QUICK)
    assert outcome.ok, outcome.problems
    assert outcome.unsent_entries == 0
