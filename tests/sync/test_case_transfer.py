"""A case goes over to another unit: on and back, by pages, after a restore, by stick; and what it may not."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models import catalogue
from models.cases.damage import transfer
from models.cases.damage.tables import CasePaper, DamageCase
from models.cases.flow.sheets import case_sheet
from models.errors import RuleBroken
from models.registry import keeping
from models.store.change import new_id, put
from models.store.entry import Entry
from models.store.fold import fold
from models.store.health import projection_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync import outcome as says
from sync import wire
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import embedded
from sync.engine import Engine
from sync.server import admin, moving
from sync.server.backup import back_up, restored
from sync.server.central import CITY, Central

from .by_hand import enrol_by_hand, first_entry, push, setting
from .conftest import OTHER, QUICK, UNIT, MakeNotebook, Seats, add_sites, case_of, entries_of, supervisor
from .test_bundles import there_and_back


def test_a_case_that_goes_on_and_comes_back_is_whole_everywhere(seats: Seats, enrolled: MakeNotebook) -> None:
    ids = case_of(seats)
    third = enrolled("负责人D", role="lead", units=("350604",))
    for giver, taker, unit in (
        (seats.first, seats.second, OTHER),
        (seats.second, third, "350604"),
        (third, seats.first, UNIT),
    ):
        seats.meet(giver)
        transfer.transfer(giver, ids["case"], to_unit=unit, on="2026-02-01", reason="管辖")
        seats.meet(giver, taker)
        row = keeping.standing(taker, "damage_case", ids["case"])
        assert row.unit == unit
        keeping.change(taker, row, "damage_case", {"place": f"在{unit}"})
        seats.meet(taker)
    seats.meet(seats.city)
    assert entries_of(seats.first, ids["case"]) == entries_of(seats.central, ids["case"])
    assert entries_of(seats.city, ids["case"]) == entries_of(seats.central, ids["case"])
    with seats.first:
        assert DamageCase.get_by_id(ids["case"]).place == f"在{UNIT}"
    for book in (*seats.books, third, seats.central):
        assert projection_problems(book) == []


def test_a_late_notebook_of_the_new_county_gets_the_case_page_by_page(
    seats: Seats, enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = case_of(seats)
    transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    seats.meet()
    late = enrolled("执法员E", units=(OTHER,))
    greet = Engine.hello

    def small_pages(self: Engine) -> Any:
        found = yield from greet(self)
        self.limits = wire.Limits(page=300)  # a page ends after every entry or two
        return found

    monkeypatch.setattr(Engine, "hello", small_pages)
    seats.meet(late)
    assert entries_of(late, ids["case"]) == entries_of(seats.central, ids["case"])
    assert entries_of(late, ids["photo"]) == entries_of(seats.central, ids["photo"])


def test_folds_give_the_same_unit_whatever_the_order(seats: Seats) -> None:
    ids = case_of(seats)
    transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    seats.meet(seats.first, seats.second)
    transfer.transfer(seats.second, ids["case"], to_unit=CITY, on="2026-02-02", reason="重大")
    seats.meet(seats.second)
    with seats.central:
        entries: list[Entry] = seats.central.journal.entries_of(ids["case"])
    expected = fold(entries, {seats.central.device})
    assert expected.unit == CITY
    shuffle = random.Random(5)
    for _ in range(50):
        shuffle.shuffle(entries)
        assert fold(entries, {seats.central.device}) == expected
    assert fold(entries, set()).unit == UNIT, "only the server moves a record"


def test_nobody_moves_a_record_but_the_server_and_only_who_may_approve_asks_it(
    seats: Seats, central: Central
) -> None:
    ids = case_of(seats)
    device = enrol_by_hand(central, role="officer", units=(UNIT,))
    forged = [
        first_entry(device),
        device.entry("move", "damage_case", ids["case"], {"to": OTHER, "by": "x"}),
        device.entry("show", "damage_case", ids["case"], {"to": OTHER, "by": "x"}),
        device.entry("set", moving.KIND, new_id(), setting(case=ids["case"], to_unit=OTHER)),
    ]
    told = push(central, device, forged)
    assert [each["type"] for each in told["results"]] == ["forbidden"] * 3
    lead = enrol_by_hand(central, role="lead", units=(OTHER,))
    wrong = [
        first_entry(lead),
        # a case of another county, and units that are none
        lead.entry("set", moving.KIND, new_id(), setting(case=ids["case"], to_unit=OTHER), OTHER),
        lead.entry("set", moving.KIND, new_id(), setting(case=new_id(), to_unit="999999"), OTHER),
        lead.entry("set", moving.KIND, new_id(), setting(case=new_id(), to_unit=["350602"]), OTHER),
    ]
    told = push(central, lead, wrong)
    assert [each["type"] for each in told["results"]] == ["unit", "schema", "schema"]
    with central:
        assert DamageCase.get_by_id(ids["case"]).unit == UNIT
        moves = EntryRow.select().where(EntryRow.kind.in_(["move", "show"]))
        assert {row.problem for row in moves} == {"forbidden"}


def test_a_transfer_is_refused_where_it_makes_no_sense(seats: Seats) -> None:
    ids = case_of(seats)

    def refused(**more: Any) -> str:
        given = {"to_unit": OTHER, "on": "2026-02-01", "reason": "管辖"} | more
        with pytest.raises(RuleBroken) as broken:
            transfer.transfer(seats.first, ids["case"], **given)
        return broken.value.field or ""

    assert refused(to_unit="某国") == "to_unit"
    assert refused(to_unit=UNIT) == "to_unit"
    assert refused(reason=" ") == "reason"
    assert refused(on="2999-01-01") == "on"
    asked = transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    assert refused() == "to_unit", "one is on its way"
    transfer.withdraw(seats.first, asked, "写错")
    seats.meet(seats.first)
    with seats.central:
        assert DamageCase.get_by_id(ids["case"]).unit == UNIT
    done = transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    seats.meet(seats.first)
    with pytest.raises(RuleBroken):
        transfer.withdraw(seats.first, done, "反悔")


def test_every_kind_that_names_a_case_goes_along() -> None:
    owned = {kind.name for kind in catalogue.kinds() if kind.owner == "case"}
    assert owned >= {"case_step", "case_paper", "meeting", "loss", "fund_entry", "opinion", "case_transfer"}


@pytest.mark.parametrize("first_to_come", ["giver", "taker", "city"])
def test_a_transfer_that_a_restored_server_lost_is_there_again_and_whole(
    seats: Seats, enrolled: MakeNotebook, tmp_path: Path, first_to_come: str
) -> None:
    ids = case_of(seats)
    late = enrolled("执法员L", role="lead", units=(OTHER,))
    with seats.central.writing():
        shutil.copytree(seats.central.folder, tmp_path / "old", ignore=shutil.ignore_patterns("*-shm"))
    transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    seats.meet(seats.first, seats.second)
    with seats.second.writing():
        row = keeping.standing(seats.second, "damage_case", ids["case"])
        keeping.change(seats.second, row, "damage_case", {"place": "某镇"})
    seats.meet(seats.second, seats.city)

    old = Central.open(tmp_path / "old")
    try:
        with embedded(old) as running:
            where = ServerAddress.parse(running.url)
            order = {"giver": seats.first, "taker": seats.second, "city": seats.city}
            come = [order.pop(first_to_come), *order.values()]
            for book in (*come, *come, late):
                outcome = synchronise(book, where, pace=QUICK)
                assert outcome.ok, outcome.problems
        with old:
            case = DamageCase.get_by_id(ids["case"])
            assert (case.unit, case.place) == (OTHER, "某镇")
            assert CasePaper.get_by_id(ids["paper"]).unit == OTHER
        for book in (seats.second, seats.city, late):
            with book:
                case = DamageCase.get_by_id(ids["case"])
                assert (case.unit, case.place) == (OTHER, "某镇")
            assert projection_problems(book) == []
        for record in (ids["case"], ids["photo"], ids["paper"]):
            assert entries_of(late, record) == entries_of(old, record), "who comes later gets all of it"
        old.recheck()
    finally:
        old.close()


def test_the_case_says_where_it_came_from(seats: Seats) -> None:
    ids = case_of(seats)
    transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")

    def course(book: Notebook) -> str:
        sections = case_sheet(book, ids["case"]).sections
        return " ".join(fact.value for section in sections for fact in section.facts)

    assert "待同步" in course(seats.first)
    seats.meet(seats.first, seats.second)
    for book in (seats.first, seats.second):
        assert "由芗城区移送龙文区" in course(book)
        assert "待同步" not in course(book)


def test_a_transfer_opens_no_record_that_who_asks_for_it_may_not_read(seats: Seats, central: Central) -> None:
    """Two of different counties who work together get nothing of a third one's by naming it in a case."""
    secret, note, clue = new_id(), new_id(), new_id()
    central.write(
        put("inspection", secret, "350604", place="第三县"),
        put("finding", note, "350604", inspection=secret, text="机密"),
        put("clue", clue, "350604", description="机密线索"),
    )
    case = new_id()
    seats.first.write(
        put("damage_case", case, UNIT, number="SH-9", clue=clue, site=secret),
        put("case_step", new_id(), UNIT, case=case, step="start", on="2026-01-05", reason=secret),
    )
    transfer.transfer(seats.first, case, to_unit=OTHER, on="2026-02-01", reason="管辖")
    seats.meet(seats.first, seats.second)
    with seats.second:
        assert DamageCase.get_by_id(case).unit == OTHER
    for record in (secret, note, clue):
        assert entries_of(seats.second, record) == {}
    with central:
        touched = {row.record for row in EntryRow.select().where(EntryRow.kind.in_(["move", "show"]))}
        assert not touched & {secret, note, clue}


def test_what_a_case_rests_on_goes_on_to_the_next_unit(seats: Seats, enrolled: MakeNotebook) -> None:
    ids = case_of(seats)
    third = enrolled("负责人D", role="lead", units=("350604",))
    transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    seats.meet(seats.first, seats.second)
    transfer.transfer(seats.second, ids["case"], to_unit="350604", on="2026-02-02", reason="管辖")
    seats.meet(seats.second, third)
    for record in (ids["case"], ids["visit"], ids["photo"]):
        assert entries_of(third, record) == entries_of(seats.central, record) != {}


def test_evidence_that_is_handed_on_after_the_transfer_is_seen_by_the_new_county(seats: Seats) -> None:
    ids = case_of(seats)
    transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    seats.meet(seats.first, seats.second)
    custody, elsewhere = new_id(), new_id()
    seats.first.write(
        put(
            "custody",
            custody,
            UNIT,
            inspection=ids["visit"],
            evidence=ids["photo"],
            action="handed",
            note="移交",
        ),
        put("inspection", elsewhere, UNIT, place="别处"),
    )
    seats.meet(seats.first, seats.second)
    assert entries_of(seats.second, custody) == entries_of(seats.central, custody) != {}
    assert entries_of(seats.second, elsewhere) == {}


def test_units_taken_decisions_and_a_lost_transfer_come_by_stick_too(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    giver = enrolled("负责人A", role="lead", units=(UNIT,))
    taker = enrolled("负责人B", role="lead", units=(OTHER, UNIT))
    case = new_id()
    giver.write(put("damage_case", case, UNIT, number="SH-1"))
    giver.write(put("case_step", new_id(), UNIT, case=case, step="start", on="2026-01-05"))
    (foreign,) = add_sites(giver, 1, unit=OTHER)
    for book in (giver, taker):
        assert there_and_back(book, central, stick)[1].ok
    back_up(central.folder, tmp_path / "again")
    transfer.transfer(giver, case, to_unit=OTHER, on="2026-02-01", reason="管辖")
    with giver:
        seq = EntryRow.get(EntryRow.own & (EntryRow.record == foreign)).seq
    admin.release(central, giver.device, seq, by=supervisor(central), why="属实")
    outcome = there_and_back(giver, central, stick)[1]
    assert outcome.ok, outcome.problems
    assert says.RELEASED in [each.msgid for each in outcome.warnings]
    admin.grant(central, taker.person, [OTHER])
    outcome = there_and_back(taker, central, stick)[1]
    assert outcome.ok, outcome.problems
    assert says.UNITS_TAKEN in [each.msgid for each in outcome.warnings]
    with taker:
        assert {row.unit for row in EntryRow.select().where(~EntryRow.own)} == {OTHER, UNIT}
        assert DamageCase.get_by_id(case).unit == OTHER, "what came with the case stays"
    assert there_and_back(taker, central, stick)[1].ok

    taker.write(put("damage_case", case, OTHER, place="某镇"))
    assert there_and_back(taker, central, stick)[1].ok
    restored(tmp_path / "again")
    with closing(Central.open(tmp_path / "again")) as again:
        admin.grant(again, taker.person, [OTHER])
        for book in (taker, giver, taker):
            there_and_back(book, again, stick)
            outcome = there_and_back(book, again, stick)[1]
            assert outcome.ok, [trouble.text() for trouble in outcome.problems]
        with again:
            found = DamageCase.get_by_id(case)
            assert (found.unit, found.place) == (OTHER, "某镇")
