"""A unit is taken from an account (R13): its notebook sends what it has, drops others', keeps its own."""

from __future__ import annotations

import pytest

from models.cases.damage import transfer
from models.errors import RuleBroken
from models.registry import keeping
from models.registry.tables import Site
from models.store.change import new_id, put
from models.store.health import chain_problems, projection_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync import outcome as says
from sync.client import synchronise
from sync.ledger import Ledger
from sync.queries import received_units
from sync.server import admin
from sync.server.central import CITY, Central

from .conftest import OTHER, QUICK, UNIT, MakeNotebook, add_sites, meet


def warned(book: Notebook) -> list[str]:
    """What a synchronisation warns of."""
    return [each.msgid for each in meet(book).warnings]


def of_unit(book: Notebook, unit: str, *, own: bool) -> int:
    with book:
        return EntryRow.select().where(EntryRow.unit == unit, EntryRow.own == own).count()


def grant(central: Central, book: Notebook, *units: str) -> None:
    admin.grant(central, book.person, units, reading=[CITY])


def test_what_others_wrote_in_a_unit_taken_away_is_forgotten_and_own_work_stays(
    enrolled: MakeNotebook, central: Central
) -> None:
    book, other = enrolled("执法员01", units=(UNIT, OTHER)), enrolled("执法员02", units=(OTHER,))
    theirs = add_sites(other, 30, OTHER)
    ours = add_sites(book, 3, OTHER)
    meet(other)
    meet(book)
    book.write(put("site", theirs[0], OTHER, name="我所改"))
    late = add_sites(book, 2, OTHER)
    grant(central, book, UNIT)
    before = of_unit(book, OTHER, own=True)
    assert says.UNITS_TAKEN in warned(book)
    with book:
        assert book.journal.unsent()[0] == 0, "sent first: nothing unsent is lost"
        assert {row.id for row in Site.select()} == set(ours), "what came too late is put aside"
        aside = {row.record for row in EntryRow.select().where(EntryRow.problem == "unit")}
    assert aside == {*late, theirs[0]}
    assert of_unit(book, OTHER, own=True) >= before
    assert received_units(book).keys() == {UNIT, CITY}
    assert book.search("示例企业30") == []
    with central:
        assert Site.select().count() == 33, "the server keeps all"
    assert projection_problems(book) == []
    assert chain_problems(book) == []
    with pytest.raises(RuleBroken):
        keeping.make(book, "site", OTHER, {"name": "示例"})
    assert says.UNITS_TAKEN not in warned(book), "said once"
    grant(central, book, UNIT, OTHER)
    meet(book)
    with book:
        assert {row.id for row in Site.select()} == {*theirs, *ours}, "granted again, it comes whole"
    assert projection_problems(book) == []


def test_a_stop_before_the_forgetting_is_made_good_and_a_unit_given_back_meanwhile_stays(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, other = enrolled("执法员01", units=(UNIT, OTHER)), enrolled("执法员02", units=(OTHER,))
    theirs = add_sites(other, 5, OTHER)
    meet(other)
    meet(book)
    grant(central, book, UNIT)
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "leave_units", lambda self: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            synchronise(book, pace=QUICK)
    assert Ledger(book).leaving() == [OTHER]
    grant(central, book, UNIT, OTHER)
    meet(book)
    assert Ledger(book).leaving() == []
    with book:
        assert {row.id for row in Site.select()} == set(theirs)
    grant(central, book, UNIT)
    meet(book)
    assert of_unit(book, OTHER, own=False) == 0


def test_a_case_that_went_to_a_unit_that_is_kept_stays_though_its_old_unit_is_taken(
    enrolled: MakeNotebook, central: Central
) -> None:
    lead = enrolled("负责人A", role="lead", units=(UNIT,))
    book = enrolled("负责人B", role="lead", units=(UNIT, OTHER))
    case, step, alone = new_id(), new_id(), new_id()
    lead.write(
        put("damage_case", case, UNIT, number="SH-1", title="示例案"),
        put("case_step", step, UNIT, case=case, step="start", on="2026-01-05"),
        put("site", alone, UNIT, name="示例企业"),
    )
    transfer.transfer(lead, case, to_unit=OTHER, on="2026-02-01", reason="管辖")
    meet(lead)
    meet(book)
    grant(central, book, OTHER)
    meet(book)
    with book:
        records = {row.record for row in EntryRow.select().where(EntryRow.unit == UNIT, ~EntryRow.own)}
    assert records >= {case, step}
    assert alone not in records
    assert projection_problems(book) == []
