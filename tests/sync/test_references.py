"""What names another record: of whose unit it may be, and who may claim an id that can be computed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import catalogue
from models.cases.damage import queries as damage
from models.cases.damage.tables import CaseStep, Clue
from models.cases.penalty import verbs as penalty
from models.cases.penalty.tables import Handover, Reminder
from models.errors import RuleBroken
from models.oversight import rules as oversight
from models.oversight.tables import Score
from models.registry.experts import queries as pool
from models.registry.experts import verbs as experts
from models.registry.queries import granted_units
from models.store.change import new_id, put
from models.store.entry import Entry
from models.store.notebook import Notebook
from models.store.records import columns
from sync.client import synchronise
from sync.server import admin, people
from sync.server.central import Central

from .by_hand import HandMade, enrol_by_hand, first_entry, push, setting
from .conftest import OTHER, QUICK, UNIT, MakeNotebook

OWNED = [kind for kind in catalogue.kinds() if kind.owner]


def results(told: dict[str, Any]) -> list[tuple[int, str]]:
    return [(each["q"], each["type"]) for each in told["results"]]


def made(device: HandMade, kind: str, record: str, unit: str = UNIT, **fields: Any) -> Entry:
    return device.entry("set", kind, record, setting(**fields), unit)


@pytest.fixture
def neighbour(central: Central) -> HandMade:
    """A device of an officer of the other county, enrolled."""
    device = enrol_by_hand(central, units=(OTHER,))
    push(central, device, [first_entry(device)])
    return device


@pytest.fixture
def device(central: Central) -> HandMade:
    """A device of an officer of this county, enrolled."""
    device = enrol_by_hand(central)
    push(central, device, [first_entry(device)])
    return device


def test_the_kinds_that_belong_to_a_case_name_it_as_their_owner() -> None:
    assert {kind.name for kind in OWNED} >= {
        "case_step", "case_paper", "meeting", "loss", "case_issue", "case_guidance", "screening", "reminder",
        "restoration", "restoration_amount", "restoration_guidance", "restoration_visit", "fund_entry",
        "expert_draw", "opinion", "deliberation", "supervision",
    }  # fmt: skip
    for kind in OWNED:
        assert kind.owner in columns(kind.table), kind.name
        assert not kind.parent, f"{kind.name}: a parent gives the unit already"


@pytest.mark.parametrize("kind", OWNED, ids=lambda kind: kind.name)
def test_nobody_adds_to_a_record_of_another_county(
    central: Central, neighbour: HandMade, kind: catalogue.RecordKind
) -> None:
    owner, hostile = new_id(), new_id()
    push(central, neighbour, [made(neighbour, "damage_case", owner, OTHER, number="SH-1")])
    lead = enrol_by_hand(central, role="lead,county_head")  # who may write all of these kinds
    told = push(central, lead, [first_entry(lead), made(lead, kind.name, hostile, **{kind.owner: owner})])
    assert results(told) == [(2, "unit")]
    with central:
        assert kind.table.get_or_none(kind.table.id == hostile) is None


def test_a_step_made_by_hand_does_not_end_the_case_of_another_county(
    central: Central, device: HandMade, neighbour: HandMade
) -> None:
    case = new_id()
    push(
        central,
        neighbour,
        [
            made(neighbour, "damage_case", case, OTHER, number="SH-1"),
            made(neighbour, "case_step", new_id(), OTHER, case=case, step="start", on="2025-01-01"),
        ],
    )
    told = push(
        central,
        device,
        [made(device, "case_step", new_id(), case=case, step="terminated", on="2025-02-01")],
    )
    assert results(told) == [(2, "unit")]
    assert damage.progress_of(central, case).condition == "open"


def test_a_step_is_not_moved_to_the_case_of_another_county(
    central: Central, device: HandMade, neighbour: HandMade
) -> None:
    own, foreign, step = new_id(), new_id(), new_id()
    push(central, neighbour, [made(neighbour, "damage_case", foreign, OTHER, number="SH-1")])
    push(
        central,
        device,
        [made(device, "damage_case", own, number="SH-2"), made(device, "case_step", step, case=own)],
    )
    told = push(central, device, [made(device, "case_step", step, case=foreign)])
    assert results(told) == [(4, "unit")]
    with central:
        assert CaseStep.get_by_id(step).case == own


def test_a_step_that_comes_before_its_case_is_kept_and_counts_only_in_its_own_unit(
    central: Central, device: HandMade, neighbour: HandMade
) -> None:
    case = new_id()
    told = push(
        central, device, [made(device, "case_step", new_id(), case=case, step="terminated", on="2025-02-01")]
    )
    assert results(told) == [], "the order of arrival is free"
    start = made(neighbour, "case_step", new_id(), OTHER, case=case, step="start", on="2025-01-01")
    told = push(central, neighbour, [start])
    assert results(told) == []
    assert damage.steps(central, case) == [], "of a case that is not here nothing is known"
    push(central, neighbour, [made(neighbour, "damage_case", case, OTHER, number="SH-1")])
    assert damage.progress_of(central, case).condition == "open"
    assert [row.step for row in damage.steps(central, case)] == ["start"]
    assert [row.step for row in damage.steps_of(central, [case])[case]] == ["start"]


def ready_to_hand_over(book: Notebook) -> str:
    """A penalty case whose screening says that a damage case is to be started."""
    case = penalty.file(
        book,
        title="超标",
        party="甲厂",
        found_on="2026-02-01",
        occurred_on="2026-02-01",
        filed_on="2026-02-03",
    )
    penalty.screen(book, case, result="start", ground="serious", reason="超标", on="2026-02-05", person="甲")
    return case


def test_what_is_handed_over_by_who_holds_both_units_has_its_effect(
    central: Central, enrolled: MakeNotebook
) -> None:
    book = enrolled(units=(UNIT, OTHER))
    case = ready_to_hand_over(book)
    handover = penalty.hand_over(book, case, to_unit=OTHER, sent_on="2026-02-06", sender="甲")
    penalty.remind(book, handover, on="2026-02-20", text="请尽快签收", by="甲")
    outcome = synchronise(book, pace=QUICK)
    assert outcome.ok
    assert not outcome.warnings
    with central:
        assert Handover.get_by_id(handover).unit == OTHER
        assert Reminder.get(Reminder.handover == handover).unit == OTHER
        assert [row.unit for row in Clue.select().where(Clue.voided.is_null())] == [OTHER]


def test_nobody_hands_over_to_a_branch_whose_unit_their_account_is_not_granted(
    central: Central, enrolled: MakeNotebook
) -> None:
    book = enrolled("执法员01")
    case = ready_to_hand_over(book)
    with pytest.raises(RuleBroken) as refusal:
        penalty.hand_over(book, case, to_unit=OTHER, sent_on="2026-02-06", sender="甲")
    assert refusal.value.field == "to_unit"
    assert "龙文区" in refusal.value.text()
    with book:
        assert [(row.unit, row.voided) for row in Clue.select()] == [(UNIT, None)]
        assert Handover.select().count() == 0
    admin.grant(central, book.person, [UNIT, OTHER])
    assert synchronise(book, pace=QUICK).ok
    assert granted_units(book) == {UNIT, OTHER}
    assert penalty.hand_over(book, case, to_unit=OTHER, sent_on="2026-02-06", sender="甲")


def test_a_notebook_without_a_server_knows_of_no_grants(central: Central) -> None:
    assert granted_units(central) is None


def test_an_id_that_can_be_computed_is_not_claimed_by_a_record_of_another_kind(
    central: Central, enrolled: MakeNotebook, neighbour: HandMade
) -> None:
    score = oversight.score_id(UNIT, 2026, "zero_case")
    push(central, neighbour, [made(neighbour, "patrol", score, OTHER, place="某处")])
    city = enrolled("调度员", role="dispatcher", units=(UNIT, "350600"))
    city.write(put("score", score, UNIT, points="0"))
    city.write(put("score", score, UNIT, points="5"))
    outcome = synchronise(city, pace=QUICK)
    assert outcome.ok
    assert not outcome.warnings
    for seat in (city, central):
        with seat:
            assert [(row.id, row.unit) for row in Score.select()] == [(score, UNIT)]


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        ("officer", {"350600", UNIT}),
        ("expert", {"350600", UNIT}),
        ("grid_worker,lead", {"350600", UNIT}),
        ("grid_worker", {UNIT}),
    ],
)
def test_the_city_is_granted_beside_the_own_unit_but_to_who_is_a_grid_worker_only(
    central: Central, role: str, granted: set[str]
) -> None:
    device = enrol_by_hand(central, role=role)
    assert set(people.caller(central, device.signer.device).units) == granted


def test_the_experts_of_the_city_reach_an_officer_of_a_county(enrolled: MakeNotebook) -> None:
    city = enrolled("调度员", role="dispatcher", units=("350600",))
    added = experts.add(
        city,
        name="专家甲",
        employer="某研究所",
        title="高级工程师",
        fields="environment",
        source="court",
        unit_code=UNIT,
        entered_on="2020-01-01",
    )
    assert synchronise(city, pace=QUICK).ok
    county = enrolled("执法员A")
    assert synchronise(county, pace=QUICK).ok
    assert [row.id for row in pool.experts(county, date(2026, 6, 1))] == [added]
