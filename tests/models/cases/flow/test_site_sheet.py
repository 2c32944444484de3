"""A site among the cases: its sheet shows what happened there to who may read it, and it can be corrected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from models import rooms
from models.cases.damage.tables import DamageCase
from models.cases.flow.room import ROOM
from models.cases.flow.site_sheet import belonging, find_sites, site_lines, site_sheet
from models.cases.penalty.tables import PenaltyCase
from models.errors import RuleBroken
from models.inspections import verbs as inspections
from models.registry import keeping
from models.registry import verbs as registry
from models.registry.rules import credit_check_character
from models.store.change import new_id, put
from models.store.clock import Clock
from models.store.notebook import Notebook
from tests.models.cases.flow.world import Office

UNIT = "350602"


def credit(number: int) -> str:
    first = f"91{UNIT}MA{number:07d}"
    return first + credit_check_character(first)


CODE, OTHER = credit(3), credit(4)


def sections(book: Notebook, site: str) -> Mapping[str, tuple[rooms.Fact, ...]]:
    return {each.title: each.facts for each in site_sheet(book, site).sections}


def case(book: Notebook, kind: str = "damage_case", **fields: object) -> str:
    made = new_id()
    book.write(put(kind, made, UNIT, **fields))
    return made


def as_role(book: Notebook, role: str) -> None:
    person = new_id()
    book.write(put("officer", person, UNIT, name="示例人", unit_code=UNIT, role=role))
    book.person = person


@pytest.fixture
def site(notebook: Notebook) -> str:
    return registry.add_site(notebook, "示例企业03", code=CODE, address="示例路3号", water_grade="1")


def site_row(book: Notebook, site: str):
    return keeping.row_of(book, "site", site)


@pytest.mark.requirement("R046")
def test_a_sites_sheet_shows_how_it_performed_in_its_cases(notebook: Notebook, site: str):
    office = Office.of(notebook)
    made = office.to_agreement("2021-03-10", party="示例企业03", party_code=CODE)
    (fact,) = sections(notebook, site)["企业履约记录"]
    assert (fact.kind, fact.id) == ("damage_case", made)
    assert "2021-03-15" in fact.value
    assert site_sheet(notebook, site).state.part == "bad"  # its day of performance is long past


@pytest.mark.requirement("R046")
def test_a_site_is_marked_from_the_day_after_its_last_day_of_performance(notebook: Notebook, site: str):
    made = Office.of(notebook).to_agreement("2021-03-10", party="示例企业03", party_code=CODE)
    last = date.fromisoformat(keeping.row_of(notebook, "damage_case", made).perform_by)
    for days, part in ((-1, ""), (0, ""), (1, "bad")):
        notebook.clock = at_noon(date.fromordinal(last.toordinal() + days))
        assert site_sheet(notebook, site).state.part == part, days


def at_noon(on: date) -> Clock:
    ms = (on.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000 + 4 * 3_600_000
    return Clock(wall_ms=lambda: ms)


def test_a_sites_sheet_opens_its_inspections_penalties_clues_and_cases(
    notebook: Notebook, site: str, officers: tuple[str, str]
):
    first, second = officers
    visit = inspections.begin(notebook, site_id=site, first_officer=first, second_officer=second)
    planned = inspections.assign(notebook, site_id=site, first_officer=first, second_officer=None)
    penalty = case(notebook, "penalty_case", party="示例企业03", title="超标排放", filed_on="2021-03-01")
    clue = case(notebook, "clue", site=site, description="偷排", received_on="2021-03-02")
    damage = case(notebook, party_code=CODE, title="示例企业03污染案")
    shown = sections(notebook, site)
    opened = [(fact.kind, fact.id) for facts in shown.values() for fact in facts if fact.id]
    assert opened[:5] == [
        ("inspection", planned),
        ("inspection", visit),
        ("penalty_case", penalty),
        ("clue", clue),
        ("damage_case", damage),
    ]
    assert [fact.value for fact in shown["监管对象"]] == [CODE, "芗城区", "示例路3号", "1"]


@pytest.mark.requirement("R090")
@pytest.mark.parametrize(
    ("role", "hidden"),
    [("grid_worker", {"检查", "处罚案件", "损害赔偿案件", "线索"}), ("officer", set())],
)
def test_who_may_not_read_cases_sees_the_register_alone(
    notebook: Notebook, site: str, officers: tuple[str, str], role: str, hidden: set[str]
):
    first, second = officers
    inspections.begin(notebook, site_id=site, first_officer=first, second_officer=second)
    case(notebook, "penalty_case", site=site, title="超标排放")
    case(notebook, "clue", site=site)
    case(notebook, site=site, title="示例企业03污染案")
    every = {"检查", "处罚案件", "损害赔偿案件", "线索"}
    as_role(notebook, role)
    assert every - set(sections(notebook, site)) == hidden
    (line,) = site_lines(notebook, [site])
    texts = [cell if isinstance(cell, str) else cell.text for cell in line.cells]
    assert [bool(text) for text in texts[1:4]] == [not hidden] * 3


def test_a_case_is_of_a_site_by_reference_by_code_or_where_there_is_none_by_name(
    notebook: Notebook, site: str
):
    named = case(notebook, site=site, party="改名前的企业", party_code=OTHER)
    same_code = case(notebook, party="示例企业三", party_code=CODE.lower())
    same_name = case(notebook, party=" 示例企业03 ")
    case(notebook, party="示例企业03", party_code=OTHER)  # another company of that name
    case(notebook, party="示例企业04")
    case(notebook)
    gone = case(notebook, site=site)
    notebook.write(put("damage_case", gone, UNIT, voided="误录"))
    row = site_row(notebook, site)
    assert belonging(notebook, DamageCase, [row]) == {site: sorted([named, same_code, same_name])}
    assert belonging(notebook, PenaltyCase, [row]) == {site: []}


def test_a_site_without_a_code_has_the_cases_of_its_name(notebook: Notebook):
    made = registry.add_site(notebook, "示例企业05")
    found = case(notebook, party="示例企业05", party_code=OTHER)
    case(notebook, party="", party_code="")
    assert belonging(notebook, DamageCase, [site_row(notebook, made)]) == {made: [found]}


def test_sites_are_listed_and_found_and_the_counts_are_theirs(notebook: Notebook, site: str):
    other = registry.add_site(notebook, "另一企业")
    case(notebook, "penalty_case", site=site)
    case(notebook, site=site)
    case(notebook, site=site)
    assert set(find_sites(notebook, "")) == {site, other}
    assert find_sites(notebook, "slqy") == [site]
    assert find_sites(notebook, CODE) == [site]
    (line,) = site_lines(notebook, [site])
    texts = [cell if isinstance(cell, str) else cell.text for cell in line.cells]
    assert texts == ["示例企业03", "", "1", "2", "芗城区", CODE]


def test_a_site_is_corrected_and_withdrawn_by_acts_of_the_room(notebook: Notebook, site: str):
    edit, withdraw = (ROOM.act(name) for name in ("edit_site", "withdraw_site"))
    assert edit is not None
    assert withdraw is not None
    assert edit.preset is not None
    given = dict(edit.preset(notebook, site))
    assert (given["name"], given["code"]) == ("示例企业03", CODE)
    edit.run(notebook, site, **{**given, "phone": "0596-2000000"})
    row = site_row(notebook, site)
    assert (row.phone, row.code, row.water_grade) == ("0596-2000000", CODE, "1")
    with pytest.raises(RuleBroken) as broken:
        edit.run(notebook, site, **{**given, "code": "91350602"})
    assert broken.value.field == "code"
    with pytest.raises(RuleBroken):
        withdraw.run(notebook, site, why="  ")
    withdraw.run(notebook, site, why="重复登记")
    assert find_sites(notebook, "") == []
    with pytest.raises(RuleBroken):
        site_sheet(notebook, site)


@pytest.mark.requirement("R090")
def test_a_grid_worker_corrects_no_site(notebook: Notebook, site: str):
    as_role(notebook, "grid_worker")
    for name, values in (("edit_site", {"name": "改名"}), ("withdraw_site", {"why": "误"})):
        act = ROOM.act(name)
        assert act is not None
        with pytest.raises(RuleBroken):
            act.run(notebook, site, **values)
