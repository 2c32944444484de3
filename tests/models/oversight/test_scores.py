"""Scoring of the units by the city: an editable pack, suggestions from the records, sheets that add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from models.errors import BadInput, RuleBroken
from models.oversight import rules, scores, scoring, verbs
from models.oversight.room import ROOM
from models.oversight.tables import Score
from models.registry import keeping
from models.registry.units import county_level
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.models.oversight.conftest import closed, started

YEAR_END = date(2021, 12, 31)


def suggested(city: Notebook, unit: str, as_of: date = YEAR_END) -> dict[str, Decimal]:
    """Suggested points of a unit for 2021, by indicator."""
    found = scores.suggestions(city, 2021, as_of)[unit]
    return {key: each.points for key, each in found.items()}


@pytest.mark.requirement("R014")
def test_each_of_the_sixteen_units_has_a_sheet_of_the_year(city: Notebook) -> None:
    sheets = scores.sheets(city, 2021)
    assert [sheet.unit for sheet in sheets] == [unit.code for unit in county_level()]
    assert len(sheets) == 16
    assert {sheet.pack.total for sheet in sheets} == {Decimal(100)}
    assert {sheet.open for sheet in sheets} == {10}
    assert scoring.pack(2021).mark == "D", "the original rules are not public"


@pytest.mark.requirement("R014")
def test_points_are_given_with_reason_and_evidence_and_add_up(city: Notebook) -> None:
    verbs.score(city, "350602:2021:organisation", points="10", on="2022-01-10", evidence="会议纪要")
    record = verbs.score(
        city, "350602:2021:files", points="3.5", on="2022-01-10", reason="1卷缺送达回证", evidence="评查表"
    )
    sheet = scores.sheet(city, "350602", 2021)
    assert (sheet.total, sheet.open) == (Decimal("13.5"), 8)
    row = keeping.row_of(city, "score", record)
    assert (row.unit, row.points, row.reason, row.evidence) == ("350602", "3.5", "1卷缺送达回证", "评查表")
    assert scores.totals(city, 2021) == {"350602": Decimal("13.5")}
    assert scores.totals(city, 2021, date(2022, 1, 9)) == {}


def test_points_given_again_replace_the_old_on_the_same_record(city: Notebook) -> None:
    first = verbs.score(city, "350602:2021:reports", points="5", on="2022-01-10")
    again = verbs.score(city, first, points="4", on="2022-01-11", reason="缺1次")
    assert again == first == rules.score_id("350602", 2021, "reports")
    with city:
        assert Score.select().count() == 1
    assert scores.sheet(city, "350602", 2021).total == Decimal(4)


def test_points_withdrawn_can_be_given_anew(city: Notebook) -> None:
    verbs.score(city, "350602:2021:reports", points="5", on="2022-01-10")
    verbs.withdraw_score(city, "350602:2021:reports", why="评错单位")
    assert scores.sheet(city, "350602", 2021).open == 10
    verbs.score(city, "350602:2021:reports", points="2", on="2022-01-12", reason="缺3次")
    assert scores.sheet(city, "350602", 2021).total == Decimal(2)


@pytest.mark.parametrize(
    ("sheet", "points", "on", "reason", "field"),
    [
        ("350602:2021:reports", "5.1", "2022-01-10", "", "points"),
        ("350602:2021:reports", "4", "2022-01-10", " ", "reason"),
        ("350602:2021:reports", "4.25", "2022-01-10", "缺", "points"),
        ("350602:2021:reports", "-1", "2022-01-10", "缺", "points"),
        ("350602:2021:reports", "5", "2099-01-10", "", "on"),
        ("350602:2021:reports", "5", "2020-12-31", "", "on"),
        ("350602:2021:nothing", "5", "2022-01-10", "", "indicator"),
        ("350602:2019:reports", "5", "2022-01-10", "", "year"),
        ("350600:2021:reports", "5", "2022-01-10", "", "unit"),
    ],
)
def test_what_cannot_be_given_is_refused_by_its_field(
    city: Notebook, sheet: str, points: str, on: str, reason: str, field: str
) -> None:
    with pytest.raises(RuleBroken) as caught:
        verbs.score(city, sheet, points=points, on=on, reason=reason)
    assert caught.value.field == field


def test_an_officer_does_not_score(notebook: Notebook) -> None:
    with pytest.raises(RuleBroken) as caught:
        verbs.score(notebook, "350602:2021:reports", points="5", on="2022-01-10")
    assert caught.value.field == "role"


@pytest.mark.requirement("R014", "R017")
def test_a_unit_without_a_case_in_the_year_gets_nothing_for_it(city: Notebook) -> None:
    started(city, "350602", "2020-12-31")
    assert suggested(city, "350602")["zero_case"] == 0
    started(city, "350602", "2021-12-31")
    assert suggested(city, "350602")["zero_case"] == 20
    assert suggested(city, "350602", date(2021, 12, 30))["zero_case"] == 0


@pytest.mark.parametrize(("done", "points"), [(0, "0"), (1, "7.5"), (2, "15"), (5, "15")])
def test_the_share_done_gives_points_in_proportion_up_to_the_target(
    city: Notebook, done: int, points: str
) -> None:
    for count in range(5):
        if count < done:
            closed(city, "350602", "2021-03-01", "2021-04-01")
        else:
            started(city, "350602", "2021-03-01")
    assert suggested(city, "350602")["done_rate"] == Decimal(points)


def test_a_clue_checked_on_its_last_day_costs_nothing_and_a_day_later_one_point(city: Notebook) -> None:
    clue = new_id()
    city.write(put("clue", clue, "350602", received_on="2021-03-01", checked_on="2021-03-31"))
    assert suggested(city, "350602")["clues"] == 15
    city.write(put("clue", clue, "350602", checked_on="2021-04-01"))
    assert suggested(city, "350602")["clues"] == 14
    assert suggested(city, "350602", date(2021, 3, 31))["clues"] == 15, "on its last day it was still in time"
    city.write(put("clue", new_id(), "350602", received_on="2021-03-01"))
    assert suggested(city, "350602", date(2021, 4, 1))["clues"] == 13
    assert suggested(city, "350603")["clues"] == 15


def test_a_penalty_case_without_a_screening_costs_a_point(city: Notebook) -> None:
    case = new_id()
    city.write(put("penalty_case", case, "350602", number="CF-1", filed_on="2021-11-20"))
    assert suggested(city, "350602")["screening"] == 9
    city.write(
        put("screening", new_id(), "350602", penalty_case=case, result="no", on="2021-12-01", reason="无损害")
    )
    assert suggested(city, "350602")["screening"] == 10
    assert suggested(city, "350602", date(2021, 11, 30))["screening"] == 9


@pytest.mark.requirement("R021")
def test_a_first_case_without_guidance_records_gets_nothing(city: Notebook) -> None:
    case = started(city, "350602", "2021-03-01")
    assert suggested(city, "350602")["first_case"] == 0
    city.write(
        put("case_guidance", new_id(), "350602", case=case, stage="start", on="2021-03-05", person="专家")
    )
    assert suggested(city, "350602")["first_case"] == 5


def test_overdue_tasks_cost_points_but_never_more_than_there_are(city: Notebook) -> None:
    for count in range(6):
        verbs.add_task(
            city,
            year=2021,
            title=f"任务{count}",
            lead="350602",
            set_on="2021-02-02",
            due_on=f"2021-0{count + 3}-01",
        )
    assert suggested(city, "350602", date(2021, 3, 1))["tasks"] == 10
    assert suggested(city, "350602", date(2021, 3, 2))["tasks"] == 8
    assert suggested(city, "350602")["tasks"] == 0


@pytest.mark.requirement("R014")
def test_what_follows_from_the_records_is_given_at_once_and_only_where_nothing_is(city: Notebook) -> None:
    started(city, "350602", "2021-03-01")
    verbs.score(city, "350602:2021:clues", points="1", on="2022-01-10", reason="台账缺失")
    verbs.score_computed(city, "350602:2021", on="2022-01-10")
    sheet = scores.sheet(city, "350602", 2021)
    given = {line.rule.key: line.points for line in sheet.lines}
    assert given["clues"] == Decimal(1)
    assert given["zero_case"] == Decimal(20)
    assert given["done_rate"] == Decimal(0)
    assert given["organisation"] is None
    with pytest.raises(RuleBroken):
        verbs.score_computed(city, "350602:2021", on="2022-01-10")


@pytest.mark.requirement("R014")
def test_the_bureaus_own_rules_replace_ours_by_year(tmp_path: Path) -> None:
    (tmp_path / "scoring.toml").write_text(
        '[[pack]]\nyear = 2022\ntotal = "5"\nzh = "漳州细则"\nmark = "S"\n'
        '[[pack.indicator]]\nkey = "all"\nzh = "总体"\npoints = "5"\n',
        "utf-8",
    )
    scoring.PACKS.use(tmp_path)
    try:
        assert scoring.pack(2021).total == Decimal(100)
        assert scoring.pack(2022).title == "漳州细则"
        assert scoring.pack(2030).indicator("总体").key == "all"
        assert [pack.year for pack in scoring.packs()] == [2022, 2021]
    finally:
        scoring.PACKS.use()


_HEAD = '[[pack]]\nyear = 2022\ntotal = "5"\n'
_ONE = f'{_HEAD}[[pack.indicator]]\nkey = "a"\n'
_FIVE = f'{_ONE}points = "5"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x", "TOML"),
        ("[[pack]]\n", "year"),
        (_HEAD, "indicator"),
        (f'{_ONE}points = "4"\n', "5"),
        (f"{_ONE}points = 5\n", "points"),
        (f'{_ONE}points = "NaN"\n', "points"),
        (f'{_FIVE}computed = "luck"\n', "luck"),
        (f'{_FIVE}computed = "clues"\n', "each"),
        (f'{_FIVE}computed = "done_rate"\n', "target"),
        (f'{_FIVE}[[pack.indicator]]\nkey = "a"\npoints = "5"\n', "indicator"),
    ],
)
def test_a_file_of_rules_that_is_wrong_is_refused_and_ours_stay(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "scoring.toml").write_text(text, "utf-8")
    with pytest.raises(BadInput, match=words):
        scoring.PACKS.use(tmp_path)
    assert scoring.pack(2022).total == Decimal(100)


@pytest.mark.parametrize(
    ("decided_on", "late"), [("2021-06-05", False), ("2021-07-30", True)], ids=["in time", "too late"]
)
@pytest.mark.parametrize("outcome", ["marine", "elsewhere"])
def test_a_clue_passed_on_in_time_is_not_late(
    city: Notebook, outcome: str, decided_on: str, late: bool
) -> None:
    city.write(
        put("clue", new_id(), "350602", received_on="2021-06-01", outcome=outcome, decided_on=decided_on)
    )
    assert bool(scores.late_clues(city, 2021, YEAR_END)) is late


@pytest.mark.parametrize(
    "which", ["350602:99999999999", "350602:0", "350602:99999", "350602:２０２１", "350600:2021", "", "none"]
)
def test_what_is_no_sheet_is_refused(city: Notebook, which: str) -> None:
    with pytest.raises(RuleBroken):
        ROOM.sheets["score_sheet"](city, which)


@pytest.mark.parametrize(
    "fields",
    [{"year": 461168601842}, {"year": None}, {"indicator": None}, {"indicator": "zzz"}, {"points": "乱写"}],
)
def test_points_that_no_verb_wrote_stop_no_list(city: Notebook, fields: dict[str, object]) -> None:
    odd = verbs.score(city, "350602:2021:files", points="5", on="2022-01-10")
    city.write(put("score", odd, "350602", **fields))  # type: ignore[arg-type]
    scores_of = next(each for each in ROOM.listings if each.name == "scores")
    assert scores_of.lines(city, scores_of.find(city, ""))
    if "points" not in fields:
        with pytest.raises(RuleBroken):
            ROOM.sheets["score_line"](city, odd)
