"""A grid worker's account never makes an inspection record: by no verb, by no hand-made batch, on no replica.

国办发〔2024〕54号 forbids inspections by grid workers; theirs is the patrol.
"""

from __future__ import annotations

from typing import Any

import pytest

import models.inspections.tables as visit_tables
from models import catalogue
from models.errors import RuleBroken
from models.inspections import verbs
from models.inspections.tables import Inspection
from models.registry import queries
from models.registry.tables import Officer
from models.store import keys
from models.store.change import new_id, put
from models.store.health import chain_problems, projection_problems
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.server import admin, people
from sync.server.central import Central
from sync.server.tables import Account

from .by_hand import HandMade, enrol_by_hand, first_entry, push, seal_body, setting
from .conftest import PASSPHRASE, QUICK, UNIT, MakeNotebook

WORKERS = ["grid_worker", "grid_worker,officer", "lead,grid_worker", "dispatcher,grid_worker,city"]
PARTS = [known for known in catalogue.kinds() if known.table.__module__ == visit_tables.__name__]


def visit_rows(seat: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every kind of a visit."""
    with seat:
        return {known.name: list(known.table.select().order_by(known.table.id).tuples()) for known in PARTS}


def hand_made(device: HandMade, visit: str) -> list[Any]:
    """What a forger would send: new parts of all kinds, and every kind of entry on an officer's visit."""
    entries = []
    for known in PARTS:
        body = setting(**{known.parent or "of": visit, "place": "伪造", "text": "伪造", "note": "伪造"})
        entries.append(device.entry("set", known.name, new_id(), body))
        entries.append(device.entry("add", known.name, new_id(), body))
        entries.append(
            device.entry("attach", known.name, new_id(), {"sha256": "ab" * 32, known.parent or "of": visit})
        )
        entries.append(device.entry("void", known.name, visit, {"why": "伪造"}))
        entries.append(device.entry("amend", known.name, new_id(), {"seal": "cd" * 32, "why": "伪造"}))
        entries.append(device.entry("seal", known.name, visit, seal_body(device, [])))
    planned = setting(assigned=True, site_name="伪造", first_officer="x", state="draft")
    entries.append(device.entry("set", "inspection", new_id(), planned))
    # the visit's own id, called a kind that a grid worker may write
    entries.append(device.entry("set", "patrol", visit, setting(place="伪造", state="伪造")))
    return entries


@pytest.mark.requirement("R090", "R067")
@pytest.mark.parametrize("role", WORKERS)
def test_a_hand_made_batch_has_no_effect_on_the_server_or_any_replica(
    enrolled: MakeNotebook, central: Central, role: str
) -> None:
    officer, colleague = enrolled("执法员01"), enrolled("负责人01", role="lead")
    visit = new_id()
    officer.write(
        put("inspection", visit, UNIT, place="厂区"), put("finding", new_id(), UNIT, inspection=visit)
    )
    for book in (officer, colleague):
        assert synchronise(book, pace=QUICK).ok
    before = visit_rows(central)
    assert [len(rows) for name, rows in before.items() if rows] == [1, 1]

    device = enrol_by_hand(central, role=role)
    start = first_entry(device)
    forged = hand_made(device, visit)
    told = push(central, device, [start, *forged])
    assert told["acc"] == len(forged) + 1
    assert {each["q"] for each in told["results"]} >= {entry.parsed_head.q for entry in forged[:-1]}
    assert {each["type"] for each in told["results"] if each["q"] < forged[-1].parsed_head.q} == {"forbidden"}

    assert visit_rows(central) == before
    late = enrolled("执法员09")
    for book in (officer, colleague, late):
        assert synchronise(book, pace=QUICK).ok
        assert visit_rows(book) == before, "the same rows as before on every replica"
        with book:
            assert Inspection.get_by_id(visit).place == "厂区"
        assert chain_problems(book) == []
    central.recheck()


@pytest.mark.requirement("R090")
def test_a_notebook_begun_as_an_officers_obeys_the_grid_workers_account(
    central: Central, address: ServerAddress, notebook: Notebook, officers: tuple[str, str]
) -> None:
    first, second = officers
    site = new_id()
    notebook.write(put("site", site, UNIT, name="示例企业", unit_code=UNIT))
    old = verbs.begin(notebook, site_id=site, first_officer=first, second_officer=second)
    worker = admin.add_officer(central, "网格员01", role="grid_worker", unit_code=UNIT)
    enrol(notebook, address, admin.code(central, worker).code, pace=QUICK)

    made: list[Any] = [
        lambda: verbs.begin(notebook, site_id=site, first_officer=first, second_officer=second),
        lambda: verbs.assign(notebook, site_id=site, first_officer=first, second_officer=second),
    ]
    changed: list[Any] = [
        lambda: verbs.answer(notebook, old, "A01", "ok"),
        lambda: verbs.find(notebook, old, None, "示例"),
    ]

    def refused(attempts: list[Any]) -> None:
        for attempt in attempts:
            with pytest.raises(RuleBroken) as broken:
                attempt()
            assert broken.value.basis == "国办发〔2024〕54号"

    refused(made + changed)
    outcome = synchronise(notebook, pace=QUICK)
    assert outcome.ok, outcome.problems
    refused(made)
    assert notebook.person == worker
    role = queries.role_of(notebook)
    assert role is not None
    assert role.code == "grid_worker"
    with central:
        assert Inspection.select().count() == 0
    with notebook:
        assert Inspection.select().count() == 0, "what was begun before is put aside here too"
        assert Officer.get_by_id(worker).name == "网格员01"
    assert projection_problems(notebook) == []


@pytest.mark.requirement("R090")
def test_an_officer_who_becomes_a_grid_worker_stops_at_the_next_synchronisation(
    enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled("执法员01")
    assert synchronise(book, pace=QUICK).ok
    with central.writing():
        Account.update(role="grid_worker,officer").where(Account.officer == book.person).execute()
    assert synchronise(book, pace=QUICK).ok
    with pytest.raises(RuleBroken):
        verbs.begin(book, site_id="", first_officer=book.person, second_officer=None)


@pytest.mark.requirement("R090")
@pytest.mark.parametrize(
    "role", [None, "", "officer", "lead", "grid_worker,officer", "grid_worker,nobody", 5, ["officer"]]
)
def test_a_grid_worker_gives_themselves_no_other_role(central: Central, role: Any) -> None:
    device = enrol_by_hand(central, role="grid_worker")
    officer = people.caller(central, device.signer.device).officer
    chain = [first_entry(device), device.entry("set", "officer", officer, setting(role=role))]
    chain.append(device.entry("set", "officer", officer, setting(phone="13800000000")))
    told = push(central, device, chain)
    assert [(each["q"], each["type"]) for each in told["results"]] == [(2, "forbidden")]
    with central:
        row = Officer.get_by_id(officer)
    assert row.phone == "13800000000"
    assert not queries.may_inspect(row)


def test_an_account_of_more_rights_takes_the_record_of_a_notebook_begun_as_an_officers(
    central: Central, address: ServerAddress, notebook: Notebook
) -> None:
    lead = admin.add_officer(central, "负责人01", role="lead", unit_code=UNIT)
    enrol(notebook, address, admin.code(central, lead).code, pace=QUICK)
    outcome = synchronise(notebook, pace=QUICK)
    assert outcome.ok, outcome.problems
    assert outcome.put_aside == 0
    with central:
        assert Officer.get_by_id(notebook.person).name == "执法员01"


def test_a_notebook_without_a_record_of_its_person_takes_on_the_accounts(
    tmp_path: Any, central: Central, address: ServerAddress
) -> None:
    officer = admin.add_officer(central, "执法员01", unit_code=UNIT)
    book = Notebook.create(tmp_path / "book", PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST)
    try:
        enrol(book, address, admin.code(central, officer).code, pace=QUICK)
        assert book.person == officer
    finally:
        book.close()


# --- what is near it: plans of inspections, bulletins ---------------------------------------------


def plan(**more: Any) -> dict[str, Any]:
    return setting(
        assigned=True, site_name="示例企业", first_officer="x", state="draft", due="2026-11-30", **more
    )


@pytest.mark.parametrize("role", ["dispatcher", "county_head", "city"])
def test_who_may_assign_begins_an_inspection_as_a_plan_and_writes_no_more_of_it(
    central: Central, role: str
) -> None:
    device = enrol_by_hand(central, role=role)
    record = new_id()
    chain = [
        first_entry(device),
        device.entry("set", "inspection", record, plan()),
        device.entry("set", "inspection", record, plan(place="改")),
        device.entry("void", "inspection", record, {"why": "改"}),
        device.entry("set", "inspection", new_id(), plan(situation="偷排")),
        device.entry("set", "inspection", new_id(), setting(assigned=False, site_name="示例企业")),
        device.entry("add", "inspection", new_id(), plan()),
        device.entry("attach", "inspection", new_id(), {"assigned": True}),
        device.entry("seal", "inspection", record, {}),
    ]
    told = push(central, device, chain)
    assert [each["q"] for each in told["results"]] == [3, 4, 5, 6, 7, 8, 9]
    with central:
        assert [(row.id, row.site_name, row.voided) for row in Inspection.select()] == [
            (record, "示例企业", None)
        ]


def test_a_plan_of_a_dispatcher_arrives_and_its_officer_starts_it(enrolled: MakeNotebook) -> None:
    dispatcher, officer = enrolled("调度员01", role="dispatcher"), enrolled("执法员01")
    for book in (dispatcher, officer):
        assert synchronise(book, pace=QUICK).ok
    site = new_id()
    dispatcher.write(put("site", site, UNIT, name="示例企业", unit_code=UNIT))
    record = verbs.assign(
        dispatcher, site_id=site, first_officer=officer.person, second_officer=None, due="2026-11-30"
    )
    with pytest.raises(RuleBroken):
        verbs.assign(
            dispatcher, site_id=site, first_officer=officer.person, second_officer=None, situation="偷排"
        )
    for book in (dispatcher, officer):
        outcome = synchronise(book, pace=QUICK)
        assert (outcome.ok, outcome.put_aside) == (True, 0)
    verbs.start(officer, record)
    for book in (officer, dispatcher):
        outcome = synchronise(book, pace=QUICK)
        assert (outcome.ok, outcome.put_aside) == (True, 0)
    with dispatcher:
        row = Inspection.get_by_id(record)
        assert (row.assigned, row.number is not None) == (False, True)


def test_a_bulletin_is_sealed_by_whoever_may_write_it_and_stays_as_it_is(central: Central) -> None:
    maker, issuer, officer = (enrol_by_hand(central, role=role) for role in ("dispatcher", "city", "officer"))
    record, start = new_id(), first_entry(maker)
    made = maker.entry("set", "bulletin", record, setting(month="2021-04"))
    push(central, maker, [start, made])
    foreign = push(
        central,
        officer,
        [first_entry(officer), officer.entry("seal", "bulletin", record, seal_body(officer, [made]))],
    )
    assert [each["type"] for each in foreign["results"]] == ["forbidden"]
    issue = [first_entry(issuer), issuer.entry("seal", "bulletin", record, seal_body(issuer, [made]))]
    assert push(central, issuer, issue)["results"] == []
    late = push(central, maker, [maker.entry("set", "bulletin", record, setting(month="2021-05"))])
    assert [each["type"] for each in late["results"]] == ["sealed"]
