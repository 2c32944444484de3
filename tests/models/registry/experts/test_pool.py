"""The pool: who may be in it, as of which day, and how it is searched."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RuleBroken
from models.registry import units
from models.registry.experts import distance, queries, rules, verbs
from models.store.change import put
from models.store.notebook import Notebook
from tests.models.registry.experts.conftest import an_expert

FIELDS = [key for key, _words in rules.FIELDS if key != "other"]


def refused(field: str) -> pytest.RaisesExc[RuleBroken]:
    """That a rule names the field."""
    return pytest.raises(RuleBroken, check=lambda error: error.field == field)


@pytest.mark.requirement("R047", "R048", "R049", "R050")
def test_seventy_four_experts_are_forty_three_and_thirty_one_in_six_fields(city: Notebook):
    for number in range(43):
        an_expert(city, f"法院专家{number:02}", title="工程师", fields=FIELDS[number % 6])
    for number in range(31):
        an_expert(city, f"系统专家{number:02}", source="system", fields="environment,water")

    found = queries.composition(city, date(2021, 11, 30))

    assert found.total == 74
    assert found.by_source == {"court": 43, "system": 31}
    assert found.fields_covered == 6
    assert found.by_field["environment"] == 31 + sum(number % 6 == 3 for number in range(43))
    assert found.by_field["other"] == 0


@pytest.mark.requirement("R047")
def test_the_pool_is_the_citys_whoever_enters_an_expert(city: Notebook):
    row = queries.expert(city, an_expert(city, unit_code="诏安县"))

    assert row is not None
    assert (row.unit, row.unit_code) == ("350600", "350624")


@pytest.mark.requirement("R049")
@pytest.mark.parametrize(
    ("title", "taken"),
    [("助理工程师", False), ("工程师", False), ("高级工程师", True), ("正高级工程师", True), ("教授", True)],
)
def test_one_of_the_authorities_own_is_a_senior_engineer_or_higher(city: Notebook, title: str, taken: bool):
    if taken:
        assert an_expert(city, source="system", title=title)
    else:
        with refused("title_grade"):
            an_expert(city, source="system", title=title)


@pytest.mark.requirement("R048")
def test_the_courts_own_may_have_any_title(city: Notebook):
    row = queries.expert(city, an_expert(city, title="助理工程师"))

    assert row is not None
    assert row.title_grade == "assistant"


@pytest.mark.requirement("R049")
def test_a_correction_cannot_lower_one_of_the_authorities_own(city: Notebook):
    expert = an_expert(city, source="system")

    with refused("title_grade"):
        verbs.edit(city, expert, title="工程师")
    verbs.edit(city, expert, source="court", title="工程师")

    row = queries.expert(city, expert)
    assert row is not None
    assert row.title_grade == "engineer"


@pytest.mark.parametrize(
    ("title", "grade"),
    [
        ("水利高级工程师", "senior"),
        ("教授级高级工程师", "professor"),
        ("正高级工程师（环保）", "professor"),
        ("副教授", "senior"),
        ("教授", "professor"),
        ("副研究员", "senior"),
        ("助理研究员", "engineer"),
        ("助理工程师", "assistant"),
        ("总经理", None),
    ],
)
def test_a_title_tells_its_grade(title: str, grade: str | None):
    found = rules.grade_of(title)

    assert (found.key if found else None) == grade


def test_a_grade_that_is_not_the_titles_is_refused_and_an_unknown_title_needs_one(city: Notebook):
    with refused("title_grade"):
        an_expert(city, title="工程师", title_grade="senior")
    with refused("title_grade"):
        an_expert(city, title="首席专家")
    assert an_expert(city, title="首席专家", title_grade="professor")


@pytest.mark.requirement("R050")
@pytest.mark.parametrize("fields", ["", ",", "mining", "forestry,mining"])
def test_an_expert_has_one_field_at_least_and_only_known_ones(city: Notebook, fields: str):
    with refused("fields"):
        an_expert(city, fields=fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("employer", " "),
        ("title", ""),
        ("source", "friends"),
        ("unit_code", "厦门市"),
        ("employer_code", "91350602MA0000000"),
        ("entered_on", "2999-01-01"),
        ("entered_on", "2021-02-30"),
    ],
)
def test_what_is_missing_or_impossible_is_named(city: Notebook, field: str, value: str):
    with refused(field):
        an_expert(city, **{field: value})


def test_nobody_stands_in_the_pool_twice_but_may_come_again(city: Notebook):
    first = an_expert(city)
    with refused("name"):
        an_expert(city)
    other = an_expert(city, employer="示例水利设计院")
    with refused("name"):
        verbs.edit(city, other, employer="示例林业科学研究所")

    verbs.retire(city, first, on="2021-06-01", why="退休")

    assert an_expert(city, entered_on="2022-01-01") != first


@pytest.mark.requirement("R047")
@pytest.mark.parametrize(
    ("day", "there"),
    [("2019-12-31", 0), ("2020-01-01", 1), ("2021-05-31", 1), ("2021-06-01", 0), ("2021-06-02", 0)],
)
def test_the_pool_is_taken_as_of_a_day(city: Notebook, day: str, there: int):
    verbs.retire(city, an_expert(city), on="2021-06-01", why="调离")

    assert queries.composition(city, date.fromisoformat(day)).total == there


def test_leaving_needs_a_reason_and_a_possible_day(city: Notebook):
    expert = an_expert(city)
    with refused("on"):
        verbs.retire(city, expert, on="2019-12-31", why="调离")
    with refused("on"):
        verbs.retire(city, expert, on="2999-01-01", why="调离")
    with refused("why"):
        verbs.retire(city, expert, on="2021-06-01", why=" ")
    verbs.retire(city, expert, on="2021-06-01", why="调离")
    with refused("on"):
        verbs.retire(city, expert, on="2021-07-01", why="调离")
    with refused("entered_on"):
        verbs.edit(city, expert, entered_on="2021-06-02")


def test_an_officer_of_a_county_may_not_change_the_pool(notebook: Notebook):
    with refused("role"):
        an_expert(notebook)
    assert queries.find(notebook) == []


def test_a_withdrawn_record_is_gone_from_the_pool(city: Notebook):
    expert = an_expert(city)
    verbs.withdraw(city, expert, why="重复录入")

    assert queries.experts(city, date(2021, 1, 1)) == []
    with refused("expert"):
        verbs.edit(city, expert, name="专家02")


@pytest.mark.requirement("R051")
def test_the_nearest_of_a_field_come_first(city: Notebook):
    far = an_expert(city, "专家远", unit_code="350624", fields="water,forestry")
    near = an_expert(city, "专家近", unit_code="350603", fields="water")
    here = an_expert(city, "专家本地", unit_code="350602", fields="water")
    an_expert(city, "专家林", unit_code="350602", fields="forestry")

    found = queries.find(city, "", field="water", near="350602")

    assert [each.expert.id for each in found] == [here, near, far]
    assert found[0].km == 0
    assert found[1].km is not None
    assert 0 < found[1].km < 5


def test_experts_are_found_by_words_and_initials_and_who_left_comes_last(city: Notebook):
    senior = an_expert(city, "林木01")
    professor = an_expert(city, "林木02", title="教授", employer="示例大学")
    left = an_expert(city, "林木03", title="教授", employer="示例学院")
    an_expert(city, "水工01", employer="示例设计院")
    verbs.retire(city, left, on="2021-06-01", why="退休")

    found = queries.find(city, "林木")

    assert [each.expert.id for each in found] == [professor, senior, left]
    assert [each.here for each in found] == [True, True, False]
    assert {each.expert.id for each in queries.find(city, "lm")} >= {senior, professor, left}
    assert [each.expert.id for each in queries.find(city, "示例大学")] == [professor]


@given(st.sampled_from(units.county_level()), st.sampled_from(units.county_level()))
def test_distance_is_the_same_both_ways_and_zero_only_at_home(one: units.Unit, other: units.Unit):
    there, back = distance.kilometres(one.code, other.code), distance.kilometres(other.code, one.code)

    assert there is not None
    assert there == pytest.approx(back)
    assert (there < 0.001) == (one.code == other.code)
    assert there < 200  # the city is no larger


def test_distances_are_those_on_the_map():
    # 芗城 to 诏安 on a plane: 0.799° north (88.8 km), 0.480° east at 24.1° north (48.7 km), so 101.3 km
    assert distance.kilometres("350602", "350624") == pytest.approx(101.3, abs=0.5)
    assert distance.kilometres("350625", "350605") == 0  # an old code is the same place
    assert distance.kilometres("350602", "110000") is None
    assert distance.kilometres("ZZLYJ", "350600") == 0  # a department sits in its city


@given(st.sampled_from(units.county_level()), st.integers(1, 16))
def test_the_nearest_counties_grow_with_their_number(near: units.Unit, count: int):
    found = distance.nearest(near.code, count)

    assert len(found) == len(set(found)) == count
    assert found[0] == near.code
    assert found == distance.nearest(near.code, 16)[:count]
    assert all(distance.within(near.code, count, code) for code in found)
    assert all(distance.within(near.code, 16, each.code) for each in units.county_level())


def test_within_one_county_only_those_at_home_remain():
    assert distance.within("350602", 1, "350602")
    assert not distance.within("350602", 1, "350603")
    assert distance.within("350602", 2, "350600")  # the city's own seat lies between the two


@given(
    st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2021, 1, 1))),
    st.one_of(st.none(), st.dates(date(2021, 1, 2), date(2022, 1, 1))),
    st.dates(date(2019, 6, 1), date(2022, 6, 1)),
)
def test_in_the_pool_is_from_the_first_day_until_the_day_of_leaving(
    entered: date | None, left: date | None, on: date
):
    person = SimpleNamespace(
        entered_on=entered.isoformat() if entered else None,
        left_on=left.isoformat() if left else None,
        active=left is None,
    )

    assert rules.in_pool(person, on) == ((not entered or entered <= on) and (not left or on < left))


def test_one_made_inactive_elsewhere_without_a_day_is_not_in_the_pool(city: Notebook):
    expert = an_expert(city)
    city.write(put("expert", expert, "350600", active=False))

    assert queries.experts(city, date(2021, 1, 1)) == []
