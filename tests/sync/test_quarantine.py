"""What was put aside is listed, released or rejected by a supervisor; a revoked device hands in so much."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from main import main
from models.cases.damage import transfer
from models.cases.damage.tables import CaseStep, DamageCase
from models.errors import BadInput
from models.registry.tables import Site
from models.store.change import new_id, put
from models.store.entry import Entry
from models.store.journal import PUT_ASIDE, EntryRow
from sync import outcome as says
from sync import queries
from sync.client import synchronise
from sync.outcome import Exit
from sync.problems import Problem
from sync.server import admin, people, quarantine
from sync.server.central import Central
from sync.server.tables import Device

from .by_hand import enrol_by_hand, first_entry, push, setting
from .conftest import OTHER, QUICK, UNIT, MakeNotebook, add_sites, meet, supervisor


def seq_of(book: Any, record: str) -> int:
    with book:
        return int(EntryRow.get((EntryRow.record == record) & EntryRow.own).seq)


def test_what_was_put_aside_is_listed_released_and_rejected_and_the_notebook_is_told(
    enrolled: MakeNotebook, central: Central
) -> None:
    worker, reader = enrolled("网格员01", role="grid_worker"), enrolled("执法员01")
    first, second, third = add_sites(worker, 3)
    assert meet(worker).put_aside == 3
    listed = {each.record: each for each in admin.aside(central)}
    assert listed.keys() == {first, second, third}
    found = listed[first]
    assert (found.officer, found.kind, found.unit, found.reason) == ("网格员01", "site", UNIT, "forbidden")
    assert found.received_at is not None
    boss = supervisor(central)
    numbers = {record: seq_of(worker, record) for record in (first, second, third)}
    admin.release(central, worker.device, numbers[first], by=boss, why="属实")
    admin.reject(central, worker.device, numbers[second], by=boss, why="查无此企业")
    told = [each for each in meet(worker).warnings if each.msgid == says.RELEASED]
    assert [each.params for each in told] == [{"released": 1, "rejected": 1}]
    assert not [each for each in meet(worker).warnings if each.msgid == says.RELEASED], "told once"
    aside = {each.record: each for each in queries.put_aside(worker)}
    assert aside.keys() == {second, third}
    assert "查无此企业" in aside[second].text()
    assert "查无此企业" not in aside[third].text()
    meet(reader)
    for seat in (reader, worker, central):
        with seat:
            assert [row.id for row in Site.select()] == [first]
    assert {each.reason for each in admin.aside(central)} == {"forbidden", "reject"}
    with central:
        words = [row.entry() for row in EntryRow.select().where(EntryRow.kind.in_(["release", "reject"]))]
    assert [(each.parsed_head.u, each.parsed_body["by"], each.parsed_body["why"]) for each in words] == [
        (boss, boss, "属实"),
        (boss, boss, "查无此企业"),
    ]
    # a rejection is not the last word
    admin.release(central, worker.device, numbers[second], by=boss, why="已核实")
    meet(reader)
    with reader:
        assert {row.id for row in Site.select()} == {first, second}


def test_who_may_not_decide_decides_nothing(enrolled: MakeNotebook, central: Central) -> None:
    worker = enrolled("网格员01", role="grid_worker")
    (site,) = add_sites(worker, 1)
    meet(worker)
    seq, boss = seq_of(worker, site), supervisor(central)
    lead = enrolled("负责人X", role="lead")
    with lead:
        own = lead.journal.last(lead.device)[0]
    lead.write(put("site", new_id(), OTHER, name="别处"))
    meet(lead)
    plain = enrolled("执法员09")
    elsewhere = admin.add_officer(central, "局长02", role="county_head", unit_code=OTHER)
    for device, numbers, by, why in (
        (worker.device, [seq], plain.person, "属实"),
        (worker.device, [seq], worker.person, "属实"),
        (worker.device, [seq], "查无此人", "属实"),
        (worker.device, [seq], boss, "  "),
        (worker.device, [1], boss, "属实"),
        (worker.device, [seq, 99], boss, "属实"),
        ("0" * 32, [1], boss, "属实"),
        (worker.device, [seq], elsewhere, "别区的"),
        (lead.device, [own + 2], lead.person, "自己的"),
    ):
        for decide in (admin.release, admin.reject):
            with pytest.raises(BadInput):
                decide(central, device, *numbers, by=by, why=why)
    with central:
        assert not EntryRow.select().where(EntryRow.kind.in_(["release", "reject"])).exists()
    admin.reject(central, worker.device, seq, by=boss, why="不实")
    with pytest.raises(BadInput):
        admin.reject(central, worker.device, seq, by=boss, why="再次")


def test_a_released_step_of_a_case_that_has_gone_over_goes_after_it(
    enrolled: MakeNotebook, central: Central
) -> None:
    first, second = (
        enrolled("负责人A", role="lead", units=(UNIT,)),
        enrolled("负责人B", role="lead", units=(OTHER,)),
    )
    case, step = new_id(), new_id()
    first.write(put("damage_case", case, UNIT, number="SH-1"))
    first.write(put("case_step", new_id(), UNIT, case=case, step="start", on="2026-01-05"))
    asked = transfer.transfer(first, case, to_unit=OTHER, on="2026-02-01", reason="管辖")
    meet(first)
    first.write(put("case_step", step, UNIT, case=case, step="investigation", on="2026-01-20"))
    first.write(put("damage_case", case, UNIT, place="东门"))
    assert meet(first).put_aside == 2
    boss = supervisor(central)
    for record in (step, case):
        with central:
            row = EntryRow.get((EntryRow.record == record) & (EntryRow.state == PUT_ASIDE))
        admin.release(central, first.device, row.seq, by=boss, why="移送前所作")
    meet(second)
    for seat in (second, central):
        with seat:
            assert CaseStep.get_by_id(step).unit == OTHER
            assert (DamageCase.get_by_id(case).unit, DamageCase.get_by_id(case).place) == (OTHER, "东门")
    assert asked


def test_a_released_transfer_is_carried_out(enrolled: MakeNotebook, central: Central) -> None:
    lead, other = enrolled("负责人A", role="lead"), enrolled("负责人B", role="lead", units=(OTHER,))
    case, asked = new_id(), new_id()
    lead.write(put("damage_case", case, UNIT, number="SH-1"))
    meet(lead)
    device = enrol_by_hand(central, role="officer")
    told = push(
        central,
        device,
        [first_entry(device), device.entry("set", "case_transfer", asked, setting(case=case, to_unit=OTHER))],
    )
    assert [each["type"] for each in told["results"]] == ["forbidden"]
    admin.release(central, device.signer.device, 2, by=supervisor(central), why="同意移送")
    meet(other)
    with other:
        assert DamageCase.get_by_id(case).unit == OTHER


def test_what_cannot_be_folded_is_not_released(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    device = enrol_by_hand(central, role="grid_worker")
    start = first_entry(device)
    push(central, device, [start, device.entry("set", "site", new_id(), setting(name="示例"))])

    def broken(*given: Any, **more: Any) -> Entry:
        raise TypeError("cannot be folded")

    boss = supervisor(central)
    monkeypatch.setattr(central.projector, "write_state", broken)
    with pytest.raises(BadInput):
        admin.release(central, device.signer.device, 2, by=boss, why="属实")
    with central:
        assert not EntryRow.select().where(EntryRow.kind == "release").exists()


def test_the_commands_list_and_decide(
    enrolled: MakeNotebook, central: Central, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = enrolled("网格员01", role="grid_worker")
    one, two = add_sites(worker, 2)
    meet(worker)
    admin.add_officer(central, "负责人甲", role="lead", unit_code=UNIT)
    folder = str(tmp_path / "server")
    assert main(["admin", "quarantine", folder]) == 0
    said = capsys.readouterr().out
    assert worker.device in said
    assert "角色" in said
    decided = ["--by", "负责人甲", "--why", "属实"]
    assert main(["admin", "release", folder, worker.device, str(seq_of(worker, one)), *decided]) == 0
    assert main(["admin", "reject", folder, worker.device, str(seq_of(worker, two)), *decided]) == 0
    assert main(["admin", "release", folder, worker.device, "77", *decided]) == 2
    meet(worker)
    with worker:
        assert [row.id for row in Site.select()] == [one]


# --- revoked devices ------------------------------------------------------------------------------------


def test_a_revoked_device_hands_in_so_many_entries_and_bytes_within_thirty_days(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled("执法员01")
    add_sites(book, 2)
    meet(book)
    admin.revoke(central, book.device)
    sites = add_sites(book, 8)
    for name, most in (("ENTRIES", 7), ("ENTRY_BYTES", 1000)):
        with monkeypatch.context() as patch:
            patch.setattr(quarantine, name, most)
            outcome = synchronise(book, pace=QUICK)
            assert says.REVOKED_FULL in [each.msgid for each in outcome.problems]
            assert outcome.exit_code == Exit.REVOKED
            assert outcome.unsent_entries == 9, "all is kept on the laptop"
    with central.writing():
        Device.update(revoked_at=central.clock.wall_ms() - 31 * 24 * 3_600_000).execute()
    outcome = synchronise(book, pace=QUICK)
    assert says.REVOKED_LATE in [each.msgid for each in outcome.problems]
    assert outcome.unsent_entries == 9
    with central.writing():
        Device.update(revoked_at=central.clock.wall_ms() - 29 * 24 * 3_600_000).execute()
    outcome = synchronise(book, pace=QUICK)
    assert [each.msgid for each in outcome.problems] == [says.REVOKED]
    assert outcome.unsent_entries == 0
    with monkeypatch.context() as patch:
        patch.setattr(quarantine, "ENTRIES", 9)
        add_sites(book, 1)
        full = synchronise(book, pace=QUICK)
        assert says.REVOKED_FULL in [each.msgid for each in full.problems], "what is there counts"
    with central:
        assert Site.select().count() == 2
        row = EntryRow.get(EntryRow.record == sites[0])
    admin.release(central, book.device, row.seq, by=supervisor(central), why="失窃前所录")
    with central:
        assert Site.select().count() == 3, "evidence from before the theft is still evidence"


def test_a_call_of_a_revoked_device_is_refused_by_name(central: Central) -> None:
    device = enrol_by_hand(central)
    admin.revoke(central, device.signer.device)
    with central.writing():
        Device.update(revoked_at=1).execute()
    caller = people.caller(central, device.signer.device)
    with pytest.raises(Problem) as refused:
        quarantine.refuse_beyond_quota(central, caller, 1, 1)
    assert (refused.value.name, refused.value.status) == ("too-late", 403)
    with pytest.raises(Problem) as refused:
        quarantine.refuse_file_beyond_quota(central, caller, "ab" * 32, 1)
    assert refused.value.name == "too-late"
