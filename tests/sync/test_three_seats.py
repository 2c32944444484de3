"""Two counties and the city through one server: each holds what role and unit allow, and a case goes over.

What is checked is what came over the wire and what lies in the notebooks' `entry` tables, not the screens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.cases.damage import queries as damage
from models.cases.damage import transfer
from models.cases.damage.tables import CasePaper, CaseStep, CaseTransfer, DamageCase
from models.errors import RuleBroken
from models.inspections.tables import Evidence, Inspection
from models.registry import access, keeping
from models.registry.tables import Site
from models.registry.units import role as role_of_code
from models.store.change import new_id, put
from models.store.database import run
from models.store.entry import is_withheld
from models.store.fold import BESIDE
from models.store.health import chain_problems, projection_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync import wire
from sync.address import ServerAddress
from sync.client import synchronise
from sync.ledger import Ledger
from sync.problems import Problem
from sync.server import admin, people, uploads
from sync.server.central import CITY, Central
from sync.server.judge import judge
from sync.server.tables import UnitGrant
from sync.transport import HttpTransport

from .by_hand import enrol_by_hand, setting
from .conftest import OTHER, PHOTO, QUICK, UNIT, MakeNotebook, Seats, case_of, entries_of

KINDS = [row.kind for row in access.TABLE]


def units_here(book: Notebook) -> set[str]:
    """The units of all raw entries; what the server says that this account may is told to each."""
    with book:
        rows = [row for row in EntryRow.select() if row.record != f"account:{book.person}"]
        return {row.unit for row in rows}


# --- each holds what it may, and nothing else --------------------------------------------------------


@pytest.mark.parametrize("role", ["lead", "officer", "grid_worker", "expert", "city"])
def test_the_raw_entries_of_each_notebook_are_of_its_units_and_readable_where_its_role_reads(
    enrolled: MakeNotebook, central: Central, role: str
) -> None:
    for unit in (UNIT, OTHER, CITY):
        for kind in KINDS:
            central.write(put(kind, new_id(), unit, words=f"内容-{kind}-{unit}"))
    found = role_of_code(role)
    assert found is not None
    for unit in (UNIT, OTHER):
        book = enrolled(f"某{unit}", role=role, units=(unit,))
        taken: list[bytes] = []

        class Listening(HttpTransport):
            def send(self, *args: Any, heard: list[bytes] = taken, **more: Any) -> Any:
                reply = super().send(*args, **more)
                heard.append(bytes(reply.body))
                return reply

        server = Ledger(book).server()
        assert server is not None
        outcome = synchronise(book, transport=Listening(ServerAddress.parse(server.url)), pace=QUICK)
        assert outcome.ok, outcome.problems
        granted = {unit, CITY} if role != "grid_worker" else {unit}
        assert units_here(book) == granted
        with book:
            rows = list(EntryRow.select().where(EntryRow.device == central.device))
            assert {row.record_kind for row in rows} >= set(KINDS)
            for row in rows:
                readable = row.kind in BESIDE or access.may_read(found.may, row.record_kind)
                if row.kind == "set":
                    assert is_withheld(bytes(row.body)) is not readable, row.record_kind
        pages = [wire.unpack(each, 64 << 20) for each in taken if each[:4] == b"\x28\xb5\x2f\xfd"]
        spoken = b"".join(pages) + b"".join(taken)
        assert pages
        other = OTHER if unit == UNIT else UNIT
        assert f"-{other}".encode() not in spoken, "nothing of the other county is on the wire"
        for kind in KINDS:
            said = f"内容-{kind}-{unit}".encode() in spoken
            assert said is access.may_read(found.may, kind), kind


# --- the city's unit, which counties read --------------------------------------------------------------


def test_who_reads_the_citys_unit_writes_there_only_what_counties_share(central: Central) -> None:
    device = enrol_by_hand(central, role="lead,dispatcher", units=(UNIT,))
    caller = people.caller(central, device.signer.device)
    assert (caller.units, caller.read_only) == ((CITY, UNIT), [CITY])
    for kind in KINDS:
        if not access.may_write(caller.may, kind) or kind == "case_transfer":
            continue
        refusal = judge(device.entry("set", kind, new_id(), setting(name="示例"), CITY), caller)
        assert (refusal is None) is access.is_shared(kind), kind
        assert refusal is None or refusal.type == "unit"


def test_a_notebook_obeys_a_unit_that_is_granted_for_reading(seats: Seats, central: Central) -> None:
    with pytest.raises(RuleBroken) as broken:
        keeping.make(seats.first, "clue", CITY, {"description": "示例"})
    assert broken.value.field == "unit"
    with pytest.raises(RuleBroken):
        keeping.make(seats.first, "clue", OTHER, {"description": "示例"})
    keeping.make(seats.first, "expert", CITY, {"name": "专家甲"})
    assert keeping.make(seats.city, "clue", CITY, {"description": "示例"})
    seats.meet(seats.first, seats.city)
    admin.grant(central, seats.city.person, [UNIT, OTHER], reading=[CITY])
    seats.meet(seats.city)
    with pytest.raises(RuleBroken):
        keeping.make(seats.city, "clue", CITY, {"description": "示例"})
    with central:
        assert EntryRow.select().where(EntryRow.problem == "unit").count() == 0


# --- a case goes over ---------------------------------------------------------------------------------


def test_a_transferred_case_arrives_with_its_whole_history_and_its_evidence(seats: Seats) -> None:
    ids = case_of(seats)
    parts = [ids[name] for name in ("clue", "case", "start", "paper")]
    beneath = [ids[name] for name in ("site", "visit", "photo", "finding")]
    seats.meet(seats.second)
    for record in (*parts, *beneath):
        assert entries_of(seats.second, record) == {}
    stranger = people.caller(seats.central, seats.second.device)
    with pytest.raises(Problem, match="not-found"):
        uploads.readable(seats.central, stranger, ids["sha256"])

    moved = transfer.transfer(
        seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="排放口在贵区", letter_number="移1号"
    )
    seats.meet(seats.first, seats.second, seats.city, seats.first)
    for record in (*parts, *beneath, moved):
        there = entries_of(seats.central, record)
        assert entries_of(seats.second, record) == there, "every entry, of before and after"
        assert entries_of(seats.city, record) == there
        assert entries_of(seats.first, record) == there
        assert not any(is_withheld(body) for body in there.values())
    for book in (*seats.books, seats.central):
        with book:
            assert DamageCase.get_by_id(ids["case"]).unit == OTHER
            assert CaseStep.get_by_id(ids["start"]).unit == OTHER
            assert CasePaper.get_by_id(ids["paper"]).unit == OTHER
            assert CaseTransfer.get_by_id(moved).unit == OTHER
            assert Inspection.get_by_id(ids["visit"]).unit == UNIT, "a visit stays with who made it"
            assert Evidence.get_by_id(ids["photo"]).unit == UNIT
            assert Site.get_by_id(ids["site"]).unit == UNIT
        assert projection_problems(book) == []
    assert damage.progress_of(seats.second, ids["case"]).started
    assert chain_problems(seats.second) == []
    with seats.second:
        told = [(past.field, past.old, past.new) for past in seats.second.journal.history(ids["case"])]
    assert ("title", "示例案", "示例化工损害案") in told
    assert ("unit", UNIT, OTHER) in told
    receiver = people.caller(seats.central, seats.second.device)
    path = uploads.readable(seats.central, receiver, ids["sha256"])
    assert path.read_bytes() == PHOTO
    seats.central.recheck()


def test_what_the_new_county_writes_counts_and_what_the_old_one_writes_is_put_aside(seats: Seats) -> None:
    ids = case_of(seats)
    transfer.transfer(seats.first, ids["case"], to_unit=OTHER, on="2026-02-01", reason="管辖")
    late = new_id()
    seats.meet(seats.first)
    seats.meet(seats.second)
    with seats.second.writing():
        row = keeping.standing(seats.second, "damage_case", ids["case"])
        keeping.change(seats.second, row, "damage_case", {"title": "新县所改"})
        step = {"case": ids["case"], "step": "investigation", "on": "2026-02-03"}
        keeping.make(seats.second, "case_step", OTHER, step)
    seats.meet(seats.second)
    row = keeping.standing(seats.first, "damage_case", ids["case"])
    with pytest.raises(RuleBroken):
        keeping.change(seats.first, row, "damage_case", {"title": "旧县所改"})
    # by hand, as a notebook that has not heard of it
    seats.first.write(
        put("damage_case", ids["case"], UNIT, title="旧县所改"),
        put("case_step", late, UNIT, case=ids["case"], step="terminated", on="2026-02-02"),
    )
    seats.meet(seats.first, seats.second, seats.city)
    for book in (seats.second, seats.city, seats.central):
        with book:
            assert DamageCase.get_by_id(ids["case"]).title == "新县所改"
        assert damage.progress_of(book, ids["case"]).condition == "open"
    with seats.central:
        aside = EntryRow.select().where(EntryRow.problem == "unit")
        assert {row.record for row in aside} == {ids["case"], late}
    assert entries_of(seats.second, ids["case"]) == entries_of(seats.central, ids["case"])
    new = {h for h in entries_of(seats.central, ids["case"]) if h not in entries_of(seats.first, ids["case"])}
    assert len(new) == 1, "the new county's change is not for the old one to read"
    # the city writes in both, whichever it has heard of
    seats.city.write(put("damage_case", ids["case"], UNIT, place="某镇"))
    seats.meet(seats.city, seats.second)
    with seats.second:
        assert DamageCase.get_by_id(ids["case"]).place == "某镇"


def test_a_server_of_before_there_were_grants_for_reading_narrows_the_citys_for_who_is_of_a_county(
    central: Central, tmp_path: Path
) -> None:
    county = admin.add_officer(central, "执法员A", unit_code=UNIT)
    city = admin.add_officer(central, "市局C", role="city", unit_code=CITY, units=(CITY, UNIT))
    with central.writing():
        run("ALTER TABLE unit_grant DROP COLUMN writes")
    central.close()
    for _ in range(2):
        again = Central.open(tmp_path / "server")
        try:
            with again:
                found = {(row.officer, row.unit): row.writes for row in UnitGrant.select()}
            assert found == {
                (county, UNIT): True,
                (county, CITY): False,
                (city, CITY): True,
                (city, UNIT): True,
            }
        finally:
            again.close()
