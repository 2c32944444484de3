"""Screens show in whose name an entry stands: a device writes in that of its own person only."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from models.store.change import new_id
from models.store.clock import rfc3339
from models.store.entry import Entry
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.signer import Signer
from sync.server import admin, people
from sync.server.central import Central
from tests.conftest import UNIT

from .by_hand import HandMade, enrol_by_hand, first_entry, push, setting
from .conftest import supervisor


@dataclass
class Two:
    """Two officers' devices, whose chains begin in no name."""

    central: Central
    officer: HandMade
    colleague: HandMade

    def account(self, device: HandMade) -> str:
        with self.central:
            return people.officer_of(device.signer.device) or ""

    def refused(self, entry: Entry) -> str:
        with self.central:
            row = EntryRow.get(EntryRow.hash == entry.hash)
            return str(row.problem) if row.state == PUT_ASIDE else ""


@pytest.fixture
def two(central: Central) -> Two:
    made = Two(central, enrol_by_hand(central), enrol_by_hand(central))
    push(central, made.officer, [first_entry(made.officer)])
    return made


def named(device: HandMade, entry: Entry, person: str) -> Entry:
    """The entry just made, in a person's name."""
    head = msgspec.structs.replace(entry.parsed_head, u=person)
    made = device.sealed(Entry.of_bytes(entry.prev, msgspec.json.encode(head), entry.body, b""))
    device.prev = made.hash
    return made


def dated(device: HandMade, entry: Entry, hours: int) -> Entry:
    """The entry just made, so many hours later."""
    head = msgspec.structs.replace(entry.parsed_head, w=rfc3339(entry.time + hours * 3_600_000))
    made = device.sealed(Entry.of_bytes(entry.prev, msgspec.json.encode(head), entry.body, b""))
    device.prev = made.hash
    return made


def test_a_name_is_the_accounts_or_that_which_the_chain_began_in(two: Two) -> None:
    other, own = two.colleague, new_id()
    begin = named(other, first_entry(other), own)
    record = named(other, other.entry("set", "officer", own, setting(name="本人")), own)
    entries = [
        begin,
        record,
        *(named(other, other.site("甲"), each) for each in (own, two.account(other), "")),
    ]
    assert push(two.central, other, entries[:-1])["results"] == []
    push(two.central, other, entries[-1:])
    assert two.refused(entries[-1]) == "forbidden", "a chain that began in a name goes on in one"


@pytest.mark.parametrize("at_once", [True, False])
def test_nobody_writes_in_a_colleagues_name(two: Two, at_once: bool) -> None:
    other = two.colleague
    first = first_entry(other)
    if not at_once:
        push(two.central, other, [first])
    entered = new_id()  # a colleague whom this officer has entered, as one may
    forged = [
        named(other, other.site("编造"), two.account(two.officer)),
        named(other, other.entry("set", "officer", entered, setting(name="同事")), two.account(other)),
        named(other, other.site("编造"), entered),
        named(other, other.site("编造"), new_id()),
    ]
    push(two.central, other, [first, *forged] if at_once else forged)
    assert [two.refused(each) for each in forged] == ["forbidden", "", "forbidden", "forbidden"]


@pytest.mark.parametrize("local", [True, False], ids=["a record that a colleague began", "their account"])
def test_no_chain_begins_in_a_colleagues_name(two: Two, local: bool) -> None:
    person, other = two.account(two.officer), two.colleague
    if local:
        person = new_id()
        push(two.central, two.officer, [two.officer.entry("set", "officer", person, setting(name="本人"))])
    entries = [named(other, first_entry(other), person), named(other, other.site("编造"), person)]
    push(two.central, other, entries)
    assert [two.refused(each) for each in entries] == ["forbidden", "forbidden"]


@pytest.mark.parametrize("restored", [True, False])
def test_what_is_carried_keeps_the_name_of_who_wrote_it(two: Two, restored: bool) -> None:
    if restored:
        two.central.begin_epoch()
    written = HandMade(two.officer.signer, seq=7, prev=b"\x01" * 32)
    made = named(written, written.site("真写"), two.account(two.officer))
    unknown = HandMade(Signer.new(), seq=3, prev=b"\x02" * 32)
    lost = named(unknown, unknown.site("所失"), new_id())
    other = two.colleague
    first = first_entry(other)
    carried = []
    for each in (made, lost):
        carried.append(Entry.carried(other.signer, other.seq + 1, other.prev, each))
        other.seq, other.prev = other.seq + 1, carried[-1].hash
    push(two.central, other, [first, *carried])
    # only a log that had another life may lack a device whose entries somebody has
    assert [two.refused(each) for each in carried] == ["", "" if restored else "schema"]


def test_a_release_of_the_first_entry_lets_its_chain_go_on(two: Two) -> None:
    person, other = two.account(two.officer), two.colleague
    first = named(other, first_entry(other), person)
    push(two.central, other, [first])
    assert two.refused(first) == "forbidden"
    admin.release(two.central, other.signer.device, 1, by=supervisor(two.central), why="本人，账号重复")
    entry = named(other, other.site("甲"), person)
    assert push(two.central, other, [entry])["results"] == []


def begun_alone(two: Two) -> tuple[str, list[Entry]]:
    """A notebook's first entries, made before it was enrolled; with whose it is."""
    other, own = two.colleague, new_id()
    begin = named(other, first_entry(other), own)
    return own, [begin, named(other, other.entry("set", "officer", own, setting(name="本人")), own)]


def test_an_account_made_of_the_notebooks_record_shuts_nobody_out(two: Two) -> None:
    own, entries = begun_alone(two)
    push(two.central, two.colleague, entries)
    people.open_account(two.central, own, "本人", "officer", (UNIT,), two.central.clock.wall_ms())
    entries = [named(two.colleague, two.colleague.site("甲"), own)]
    push(two.central, two.colleague, entries)
    assert [two.refused(each) for each in entries] == [""]
    # nor where the notebook goes on under another key after a fork
    copy = HandMade(Signer.new())
    former = people.caller(two.central, two.colleague.signer.device)
    people.succeed(two.central, former, copy.signer.public_key_der)
    entries = [named(copy, first_entry(copy), own), named(copy, copy.site("乙"), own)]
    push(two.central, copy, entries)
    assert [two.refused(each) for each in entries] == ["", ""]


def test_what_a_colleague_added_may_come_back_before_the_notebook_whose_record_it_is(two: Two) -> None:
    own, entries = begun_alone(two)
    entries.append(named(two.colleague, two.colleague.site("甲"), own))
    two.central.begin_epoch()
    head = enrol_by_hand(two.central, "county_head")
    first = first_entry(head)
    edit = head.entry("set", "officer", own, setting(phone="13800000000"))
    assert push(two.central, head, [first, edit])["results"] == []
    push(two.central, two.colleague, entries)
    assert [two.refused(each) for each in entries] == ["", "", ""]


def test_a_chain_that_follows_one_the_restored_server_does_not_know_goes_on_in_its_name(two: Two) -> None:
    """A colleague's older entry on the officer's record came back first, then the record as carried."""
    lost, own = HandMade(Signer.new(), seq=1, prev=b"\x01" * 32), new_id()
    record = dated(lost, named(lost, lost.entry("set", "officer", own, setting(name="本人")), own), -3)
    two.central.begin_epoch()
    head = enrol_by_hand(two.central, "county_head")
    first = first_entry(head)
    edit = dated(head, head.entry("set", "officer", own, setting(phone="13800000000")), -2)
    carried = Entry.carried(head.signer, head.seq + 1, head.prev, record)
    assert push(two.central, head, [first, edit, carried])["results"] == []
    other = two.colleague
    entries = [named(other, first_entry(other), own), named(other, other.site("甲"), own)]
    push(two.central, other, entries)
    assert [two.refused(each) for each in entries] == ["", ""]


@pytest.mark.parametrize("restored", [True, False])
def test_what_was_written_for_an_account_of_before_stays_its_persons(two: Two, restored: bool) -> None:
    """A grid worker's account of before the restore was made anew under another id."""
    other, former = two.colleague, new_id()
    if restored:
        two.central.begin_epoch()
    begin = named(other, first_entry(other), new_id())
    entries = [begin, named(other, other.site("甲"), former)]
    since = round((two.central.clock.wall_ms() - begin.time) / 3_600_000) + 1
    entries.append(dated(other, named(other, other.site("乙"), former), since))
    entries.append(named(other, other.site("丙"), two.account(two.officer)))
    push(two.central, other, entries)
    expected = ["", "" if restored else "forbidden", "forbidden", "forbidden"]
    assert [two.refused(each) for each in entries] == expected
