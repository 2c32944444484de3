"""What a server takes from a device that errs or lies: batches, forks, poison, replay, roles and seals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.inspections.tables import Answer, Inspection
from models.registry.tables import Site
from models.store.change import new_id
from models.store.entry import Entry, hash_input, withheld
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.signer import Signer
from sync import wire
from sync.problems import Problem
from sync.server import people
from sync.server.central import Central

from .by_hand import (
    HandMade,
    bent_signature,
    enrol_by_hand,
    first_entry,
    push,
    push_lines,
    seal_body,
    setting,
)
from .conftest import OTHER


def verdicts(central: Central) -> list[tuple[str, str]]:
    with central:
        rows = EntryRow.select().where(EntryRow.kind == "verdict").order_by(EntryRow.n)
        return [(row.entry().parsed_body["of"], row.entry().parsed_body["type"]) for row in rows]


def test_a_repeated_batch_is_counted_and_changes_nothing(central: Central) -> None:
    device = enrol_by_hand(central)
    entries = [first_entry(device), device.site("一"), device.site("二")]
    once = push(central, device, entries)
    again = push(central, device, entries)
    assert (once["acc"], once["dup"]) == (3, 0)
    assert (again["acc"], again["dup"], again["cursors"]) == (3, 3, None)
    assert again["size"] == once["size"]
    overlapping = push(central, device, [*entries[1:], device.site("三")])
    assert (overlapping["acc"], overlapping["dup"]) == (4, 2)
    central.recheck()


def test_another_entry_under_a_known_number_is_a_fork_and_stores_nothing(central: Central) -> None:
    device = enrol_by_hand(central)
    entries = [first_entry(device), device.site("一")]
    push(central, device, entries)
    twin = HandMade(device.signer, seq=1, prev=entries[0].hash)
    forked = [twin.site("别的"), twin.site("再一个")]
    size = central.sign_head().size
    with pytest.raises(Problem) as refusal:
        push(central, device, forked)
    assert refusal.value.name == "fork"
    assert refusal.value.more["probe"] == [[2, entries[1].hash.hex()], [1, entries[0].hash.hex()]]
    with pytest.raises(Problem) as refusal:
        push(central, device, forked[1:])
    assert refusal.value.name == "fork", "the same under the next number: its chain is another"
    assert central.sign_head().size == size


def test_a_gap_is_refused(central: Central) -> None:
    device = enrol_by_hand(central)
    entries = [first_entry(device), device.site("一"), device.site("二")]
    push(central, device, entries[:1])
    with pytest.raises(Problem) as refusal:
        push(central, device, entries[2:])
    assert refusal.value.name == "gap"


def test_an_entry_with_a_false_signature_ends_the_batch_before_it(central: Central) -> None:
    device = enrol_by_hand(central)
    entries = [first_entry(device), device.site("一"), device.site("二"), device.site("三")]
    entries[2] = bent_signature(entries[2])
    told = push(central, device, entries)
    assert told["acc"] == 2
    assert told["stopped"]["q"] == 3
    assert told["receipt"]["entry_hash"] == entries[1].hash.hex()


def test_changed_bytes_anywhere_in_a_line_are_not_believed(central: Central) -> None:
    device = enrol_by_hand(central)
    entries = [first_entry(device), device.site("一")]
    line = entries[1].line()[:-1]
    for place in range(0, len(line), 7):
        bent = line[:place] + bytes([line[place] ^ 4]) + line[place + 1 :]
        told = push_lines(central, device, [entries[0].line()[:-1], bent], bytes(32), first=1)
        assert told["acc"] == 1, place
        assert "stopped" in told
    assert push(central, device, entries)["acc"] == 2


def test_nobody_pushes_an_entry_without_its_content(central: Central) -> None:
    device = enrol_by_hand(central)
    start, site = first_entry(device), device.site("一")
    hollow = replace(site, body=withheld(site.body))
    told = push(central, device, [start, hollow])
    assert hash_input(site.prev, site.head, hollow.body) == hash_input(site.prev, site.head, site.body)
    assert (told["acc"], told["stopped"]["q"]) == (1, 2)
    assert push(central, device, [site])["acc"] == 2


def test_an_entry_of_another_device_is_not_believed(central: Central) -> None:
    device, other = enrol_by_hand(central), enrol_by_hand(central)
    told = push_lines(central, device, [first_entry(other).line()[:-1]], bytes(32), first=1)
    assert told["acc"] == 0
    assert "receipt" not in told


POISON = [
    b"not json",
    b"[]",
    b"[" * 2000 + b"]" * 2000,
    {"f": {"name": "flat"}},
    {"f": {"name": {"x": 1.5, "b": []}}},
    {"f": {"name": {"x": "a", "b": [1]}}},
]


@pytest.mark.parametrize("body", POISON, ids=range(len(POISON)))
def test_a_poisoned_entry_is_put_aside_and_the_rest_of_the_batch_applies(central: Central, body: Any) -> None:
    device = enrol_by_hand(central)
    start, before = first_entry(device), device.site("前")
    bad = device.entry("set", "site", new_id(), body)
    told = push(central, device, [start, before, bad, device.site("后")])
    assert told["acc"] == 4
    assert told["results"] == [{"q": 3, "s": "quarantined", "type": "schema"}]
    with central:
        assert {row.name for row in Site.select()} == {"前", "后"}
    assert verdicts(central) == [(bad.hash.hex(), "schema")]
    central.recheck()


def test_values_that_no_column_holds_break_nothing(central: Central) -> None:
    device = enrol_by_hand(central)
    site = new_id()
    values: list[Any] = [10**30, "\x00", True, "x" * 100_000, None, {"deep": [1]}]
    entries = [first_entry(device)]
    bodies = [{"f": {"name": {"x": value, "b": []}}} for value in values]
    entries += [device.entry("set", "site", site, body) for body in bodies]
    entries.append(device.site("后"))
    assert push(central, device, entries)["acc"] == len(entries)
    with central:
        assert Site.select().where(Site.name == "后").count() == 1
    central.recheck()


def test_a_unit_that_is_not_granted_is_put_aside(central: Central) -> None:
    device = enrol_by_hand(central)
    entries = [first_entry(device), device.site("别处", OTHER), device.site("本地")]
    told = push(central, device, entries)
    assert told["results"] == [{"q": 2, "s": "quarantined", "type": "unit"}]
    with central:
        assert [row.name for row in Site.select()] == ["本地"]


def test_a_granted_unit_opens_no_record_of_another(central: Central) -> None:
    there = enrol_by_hand(central, units=(OTHER,))
    start, record = first_entry(there), new_id()
    theirs = there.entry("set", "inspection", record, {"f": {"place": {"x": "甲", "b": []}}}, OTHER)
    push(central, there, [start, theirs])
    here = enrol_by_hand(central)
    entries = [first_entry(here)]
    change = {"f": {"place": {"x": "乙", "b": [theirs.hash.hex()]}}}
    entries.append(here.entry("set", "inspection", record, change))
    entries.append(here.entry("set", "answer", new_id(), {"f": {"inspection": {"x": record, "b": []}}}))
    told = push(central, here, entries)
    assert [(each["q"], each["type"]) for each in told["results"]] == [(2, "unit"), (3, "unit")]
    with central:
        assert Inspection.get_by_id(record).place == "甲"
        assert Answer.select().count() == 0


INSPECTION_KINDS = ["inspection", "answer", "measurement", "finding", "evidence", "custody", "statement"]


def test_a_grid_worker_never_makes_an_inspection_whatever_the_client_sends(central: Central) -> None:
    device = enrol_by_hand(central, role="grid_worker")
    entries = [first_entry(device)]
    for kind in INSPECTION_KINDS:
        entries.append(device.entry("set", kind, new_id(), {"f": {"place": {"x": "某处", "b": []}}}))
        entries.append(device.entry("attach", kind, new_id(), {"sha256": "ab" * 32}))
    told = push(central, device, entries)
    assert told["acc"] == len(entries)
    assert {each["type"] for each in told["results"]} == {"forbidden"}
    assert len(told["results"]) == 2 * len(INSPECTION_KINDS)
    with central:
        assert Inspection.select().count() == 0
        assert Answer.select().count() == 0


@pytest.mark.parametrize("role", ["readonly", "auditor"])
def test_who_only_reads_writes_nothing(central: Central, role: str) -> None:
    device = enrol_by_hand(central, role=role)
    entries = [first_entry(device), device.site("一")]
    entries.append(device.entry("set", "unknown-kind", new_id(), {"f": {}}))
    told = push(central, device, entries)
    assert [each["type"] for each in told["results"]] == ["forbidden"] * 2


def test_nobody_makes_themselves_an_administrator(central: Central) -> None:
    device = enrol_by_hand(central)
    officer = people.caller(central, device.signer.device).officer
    entries = [first_entry(device)]
    entries.append(device.entry("set", "officer", officer, {"f": {"role": {"x": "city_admin", "b": []}}}))
    entries.append(device.entry("set", "officer", new_id(), {"f": {"name": {"x": "执法员77", "b": []}}}))
    told = push(central, device, entries)
    assert told["results"] == [{"q": 2, "s": "quarantined", "type": "forbidden"}]


def test_verdicts_and_other_devices_clocks_are_not_a_devices_to_write(central: Central) -> None:
    device, other = enrol_by_hand(central), enrol_by_hand(central)
    push(central, other, [first_entry(other)])
    victim = other.site("被害")
    push(central, other, [victim])
    site = victim.parsed_head.e
    entries = [first_entry(device)]
    entries.append(device.entry("verdict", "site", site, {"of": victim.hash.hex(), "type": "x"}))
    entries.append(device.entry("clock", "device", other.signer.device, {"server": 1}))
    entries.append(device.entry("enrol", "device", other.signer.device, {"key": "x"}))
    told = push(central, device, entries)
    # a second enrol entry is no chain at all
    assert told["stopped"]["q"] == 4
    assert [each["type"] for each in told["results"]] == ["forbidden", "forbidden"]
    with central:
        assert [row.name for row in Site.select()] == ["被害"]


def test_an_unknown_kind_of_record_is_kept_without_a_verdict(central: Central) -> None:
    device = enrol_by_hand(central)
    entries = [
        first_entry(device),
        device.entry("set", "later-kind", new_id(), {"f": {"a": {"x": "1", "b": []}}}),
    ]
    told = push(central, device, entries)
    assert (told["acc"], told["results"]) == (2, [])


def test_after_a_seal_only_what_it_covers_counts(central: Central) -> None:
    device = enrol_by_hand(central)
    record, answer = new_id(), new_id()
    start = first_entry(device)
    visit = device.entry("set", "inspection", record, {"f": {"place": {"x": "厂区", "b": []}}})
    reply = device.entry("set", "answer", answer, {"f": {"inspection": {"x": record, "b": []}}})
    seal = device.entry("seal", "inspection", record, seal_body(device, [visit, reply]))
    late = device.entry("set", "inspection", record, {"f": {"place": {"x": "改", "b": [visit.hash.hex()]}}})
    late_child = device.entry("set", "answer", answer, {"f": {"note": {"x": "补", "b": []}}})
    new_child = device.entry("set", "finding", new_id(), {"f": {"inspection": {"x": record, "b": []}}})
    handed = device.entry("set", "custody", new_id(), {"f": {"inspection": {"x": record, "b": []}}})
    chain = [start, visit, reply, seal, late, late_child, new_child, handed]
    told = push(central, device, chain)
    assert [(each["q"], each["type"]) for each in told["results"]] == [
        (5, "sealed"),
        (6, "sealed"),
        (7, "sealed"),
    ]
    with central:
        row = Inspection.get_by_id(record)
        assert (row.place, row.sealed) == ("厂区", seal.hash.hex())


@pytest.mark.parametrize("at_once", [True, False])
def test_nothing_is_moved_out_of_a_sealed_visit_or_into_it(central: Central, at_once: bool) -> None:
    device = enrol_by_hand(central)
    sealed, unsealed, inside, outside = (new_id() for _ in range(4))
    start = first_entry(device)
    visits = [device.entry("set", "inspection", each, setting(place="厂区")) for each in (sealed, unsealed)]
    within = device.entry("set", "answer", inside, setting(inspection=sealed))
    seal = device.entry("seal", "inspection", sealed, seal_body(device, [visits[0], within]))
    without = device.entry("set", "answer", outside, setting(inspection=unsealed))

    def moved(part: str, visit: str, base: Entry) -> Entry:
        cell = {"x": visit, "b": [base.hash.hex()]}
        return device.entry("set", "answer", part, {"f": {"inspection": cell}})

    out_of_it, into_it = moved(inside, unsealed, within), moved(outside, sealed, without)
    attached = device.entry("attach", "answer", outside, {"inspection": sealed})
    chain = [start, *visits, within, seal, without, out_of_it, into_it, attached]
    for some in [chain] if at_once else [[each] for each in chain]:
        push(central, device, some)
    assert verdicts(central) == [(each.hash.hex(), "sealed") for each in (out_of_it, into_it, attached)]
    with central:
        assert Answer.get_by_id(inside).inspection == sealed
        assert Answer.get_by_id(outside).inspection == unsealed


def test_a_seal_that_is_not_the_devices_own_word_closes_nothing(central: Central) -> None:
    device, other = enrol_by_hand(central), enrol_by_hand(central)
    record = new_id()
    start = first_entry(device)
    push(central, device, [start, device.entry("set", "inspection", record, setting(place="厂区"))])
    good = seal_body(other, [])
    wrong: list[dict[str, Any]] = [
        {},
        seal_body(device, []),
        {**good, "bytes": "ab" * 32},
        {**good, "sig": "AAAA"},
        {**good, "covers": "all"},
    ]
    chain = [first_entry(other), *(other.entry("seal", "inspection", record, body) for body in wrong)]
    chain.append(other.entry("seal", "inspection", record, good))  # its number is of another place by now
    push(central, other, chain)
    assert verdicts(central) == [(each.hash.hex(), "schema") for each in chain[1:]]
    with central:
        row = Inspection.get_by_id(record)
        assert (row.place, row.sealed) == ("厂区", None)


def test_a_visit_is_sealed_by_its_officers_or_its_maker_and_by_no_colleague(central: Central) -> None:
    device, second, stranger = (enrol_by_hand(central) for _ in range(3))
    for each in (second, stranger):
        push(central, each, [first_entry(each)])
    officer = people.caller(central, second.signer.device).officer
    start, records = first_entry(device), [new_id(), new_id()]
    visits = [
        device.entry("set", "inspection", each, setting(place="厂区", second_officer=officer))
        for each in records
    ]
    push(central, device, [start, *visits])
    foreign = stranger.entry("seal", "inspection", records[0], seal_body(stranger, []))
    alone = stranger.entry("seal", "inspection", new_id(), seal_body(stranger, []))
    push(central, stranger, [foreign, alone])
    assert verdicts(central) == [(each.hash.hex(), "forbidden") for each in (foreign, alone)]
    by_maker = device.entry("seal", "inspection", records[0], seal_body(device, [visits[0]]))
    by_second = second.entry("seal", "inspection", records[1], seal_body(second, [visits[1]]))
    push(central, device, [by_maker])
    push(central, second, [by_second])
    assert len(verdicts(central)) == 2
    with central:
        assert Inspection.get_by_id(records[0]).sealed == by_maker.hash.hex()
        assert Inspection.get_by_id(records[1]).sealed == by_second.hash.hex()


def test_a_visit_is_sealed_from_another_device_of_who_made_it(central: Central) -> None:
    device = enrol_by_hand(central)
    officer = people.caller(central, device.signer.device).officer
    later = HandMade(Signer.new())
    people.enrol(central, people.make_code(central, officer), later.signer.public_key_der, "换的电脑")
    record, start = new_id(), first_entry(device)
    # begun before the enrolment, under an officer id of the notebook's own
    visit = device.entry("set", "inspection", record, setting(place="厂区", first_officer=new_id()))
    push(central, device, [start, visit])
    seal_start = first_entry(later)
    push(central, later, [seal_start, later.entry("seal", "inspection", record, seal_body(later, [visit]))])
    assert verdicts(central) == []


def test_no_seal_freezes_a_register(central: Central) -> None:
    device = enrol_by_hand(central)
    start, site = first_entry(device), device.site("一")
    officer = people.caller(central, device.signer.device).officer
    seals = []
    for kind, record in (("site", site.parsed_head.e), ("officer", officer)):
        seals.append(device.entry("seal", kind, record, seal_body(device, [])))
    push(central, device, [start, site, *seals])
    assert verdicts(central) == [(each.hash.hex(), "forbidden") for each in seals]
    with central:
        assert Site.get_by_id(site.parsed_head.e).name == "一"


def test_no_kind_of_entry_gives_a_role(central: Central) -> None:
    device = enrol_by_hand(central)
    colleague = new_id()
    chain = [
        first_entry(device),
        device.entry("set", "officer", colleague, setting(name="执法员09", role="officer")),
        device.entry("attach", "officer", colleague, {"role": "administrator"}),
    ]
    push(central, device, chain)
    assert verdicts(central) == [(chain[2].hash.hex(), "forbidden")]


def test_an_inspector_changes_no_colleagues_record(central: Central) -> None:
    device, other = enrol_by_hand(central), enrol_by_hand(central)
    own, theirs = (people.caller(central, each.signer.device).officer for each in (device, other))
    entered = new_id()
    chain = [
        first_entry(device),
        device.entry("void", "officer", theirs, {"why": "不要了"}),
        device.entry("set", "officer", theirs, setting(name="别的名字")),
        device.entry("attach", "officer", theirs, {"name": "别的名字"}),
        device.entry("set", "officer", entered, setting(name="执法员08", role="officer")),
        device.entry("void", "officer", entered, {"why": "录入错误"}),
        device.entry("set", "officer", own, setting(phone="13800000000")),
    ]
    push(central, device, chain)
    assert verdicts(central) == [(each.hash.hex(), "forbidden") for each in chain[1:4]]
    lead = enrol_by_hand(central, role="lead")
    push(central, lead, [first_entry(lead), lead.entry("set", "officer", theirs, setting(phone="1"))])
    assert len(verdicts(central)) == 3


def test_a_seal_puts_aside_what_came_before_it_and_is_not_covered(central: Central) -> None:
    device, other = enrol_by_hand(central), enrol_by_hand(central)
    push(central, other, [first_entry(other)])
    record = new_id()
    start = first_entry(device)
    visit = device.entry("set", "inspection", record, {"f": {"place": {"x": "厂区", "b": []}}})
    push(central, device, [start, visit])
    foreign = other.entry("set", "inspection", record, {"f": {"place": {"x": "别人写的", "b": []}}})
    push(central, other, [foreign])
    seal = device.entry("seal", "inspection", record, seal_body(device, [visit]))
    told = push(central, device, [seal])
    assert told["results"] == []
    assert verdicts(central) == [(foreign.hash.hex(), "sealed")]
    with central:
        assert Inspection.get_by_id(record).place == "厂区"
        assert Inspection.get_by_id(record).conflicts == 0
        assert EntryRow.get(EntryRow.hash == foreign.hash).state == PUT_ASIDE


def test_the_hash_of_an_entry_is_what_its_signature_signs() -> None:
    device = HandMade(Signer.new())
    entry = device.site("一")
    assert Entry.of_line(entry.line()[:-1], entry.prev).hash == entry.hash
    assert len(hash_input(entry.prev, entry.head, entry.body)) == 100
    assert wire.split_line(entry.line()[:-1]).signature == entry.signature
