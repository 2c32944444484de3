"""Two counties and the city through one server: each holds what role and unit allow, and a case goes over.

What is checked is what came over the wire and what lies in the notebooks' `entry` tables, not the screens.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models import catalogue
from models.cases.damage import queries as damage
from models.cases.damage import transfer
from models.cases.damage.tables import CasePaper, CaseStep, CaseTransfer, DamageCase
from models.cases.flow.sheets import case_sheet
from models.errors import RuleBroken
from models.inspections.tables import Evidence, Inspection
from models.registry import access, keeping
from models.registry.tables import Site
from models.registry.units import role as role_of_code
from models.store.change import attach, new_id, put
from models.store.database import run
from models.store.entry import Entry, is_withheld
from models.store.fold import BESIDE, fold
from models.store.health import chain_problems, projection_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync import wire
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import embedded
from sync.engine import Engine
from sync.ledger import Ledger
from sync.server import admin, moving, people, uploads
from sync.server.central import CITY, Central
from sync.server.judge import judge
from sync.server.tables import UnitGrant
from sync.transport import HttpTransport

from .conftest import OTHER, QUICK, UNIT, MakeNotebook
from .test_push import enrol_by_hand, first_entry, push, setting

KINDS = [row.kind for row in access.TABLE]


@dataclass
class Seats:
    """A notebook in each of two counties, one of the city, and the server."""

    first: Notebook
    second: Notebook
    city: Notebook
    central: Central

    @property
    def books(self) -> tuple[Notebook, Notebook, Notebook]:
        return self.first, self.second, self.city

    def meet(self, *books: Notebook) -> None:
        for book in books or self.books:
            outcome = synchronise(book, pace=QUICK)
            assert outcome.ok, outcome.problems


@pytest.fixture
def seats(enrolled: MakeNotebook, central: Central) -> Seats:
    made = Seats(
        enrolled("负责人A", role="lead", units=(UNIT,)),
        enrolled("负责人B", role="lead", units=(OTHER,)),
        enrolled("市局C", role="city", units=(CITY, UNIT, OTHER)),
        central,
    )
    made.meet()
    return made


def units_here(book: Notebook) -> set[str]:
    with book:
        return {row.unit for row in EntryRow.select(EntryRow.unit).distinct()}


def entries_of(seat: Any, record: str) -> dict[str, bytes]:
    """Hash to body of all entries of a record."""
    with seat:
        return {each.hash.hex(): each.body for each in seat.journal.entries_of(record)}


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
    first_entry(device)
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


PHOTO = b"bytes of a photo of the outfall"


def case_of(seats: Seats) -> dict[str, str]:
    """A case of the first county, with steps, papers, an inspection and a photo; at the server already."""
    book = seats.first
    ids = {name: new_id() for name in ("site", "visit", "photo", "clue", "case", "start", "paper", "finding")}
    kept = book.vault.put_bytes(PHOTO)
    file = {"sha256": kept.sha256, "size": kept.size, "name": "排污口.jpg"}
    book.write(
        put("site", ids["site"], UNIT, name="示例化工"),
        put("inspection", ids["visit"], UNIT, site=ids["site"], site_name="示例化工", place="厂区"),
        put("finding", ids["finding"], UNIT, inspection=ids["visit"], text="偷排"),
        put("evidence", ids["photo"], UNIT, inspection=ids["visit"], title="照片"),
        attach("evidence", ids["photo"], UNIT, file),
        put("clue", ids["clue"], UNIT, description="废水外排", inspection=ids["visit"]),
        put("damage_case", ids["case"], UNIT, number="SH-1", title="示例案", clue=ids["clue"]),
        put("case_step", ids["start"], UNIT, case=ids["case"], step="start", on="2026-01-05"),
        put("case_paper", ids["paper"], UNIT, case=ids["case"], kind="start_approval", number="1号"),
    )
    book.write(put("damage_case", ids["case"], UNIT, title="示例化工损害案"))
    seats.meet(book)
    return ids | {"sha256": kept.sha256}


def test_a_transferred_case_arrives_with_its_whole_history_and_its_evidence(seats: Seats) -> None:
    ids = case_of(seats)
    parts = [ids[name] for name in ("clue", "case", "start", "paper")]
    beneath = [ids[name] for name in ("site", "visit", "photo", "finding")]
    seats.meet(seats.second)
    for record in (*parts, *beneath):
        assert entries_of(seats.second, record) == {}
    stranger = people.caller(seats.central, seats.second.device)
    with pytest.raises(Exception, match="not-found"):
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
