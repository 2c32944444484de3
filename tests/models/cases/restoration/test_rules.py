"""Quantities, species, guidance, days of restoration: the rules alone."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cases.restoration import rules
from models.cases.restoration.rules import Total
from models.errors import BadInput, RuleBroken
from models.language import use_language
from models.registry.typed import read_decimal


@pytest.mark.requirement("R008", "R009", "R010", "R011", "R012")
@pytest.mark.parametrize(
    ("quantity", "unit", "approx", "zh", "en"),
    [
        ("300000", "尾", "余", "30万余尾", "over 300,000 fry"),
        ("1358800", "粒", "=", "135.88万粒", "1,358,800 snails"),
        ("80000", "m³", "余", "8万余立方米", "over 80,000 cubic metres"),
        ("300", "m", "余", "300余米", "over 300 metres"),
        ("100000", "元", "余", "10万余元", "over 100,000 yuan"),
        ("20000", "尾", "约", "约2万尾", "about 20,000 fry"),
        ("9999", "株", "=", "9,999株", "9,999 trees"),
        ("312345", "尾", "余", "312,345余尾", "over 312,345 fry"),
        ("3.50", "m²", "=", "3.5平方米", "3.5 square metres"),
        ("7", "车", "=", "7车", "7 车"),
    ],
)
def test_a_quantity_reads_as_people_write_it(quantity: str, unit: str, approx: str, zh: str, en: str) -> None:
    assert rules.amount_text(Decimal(quantity), unit, approx) == zh
    use_language("en")
    assert rules.amount_text(Decimal(quantity), unit, approx) == en


@pytest.mark.requirement("R009")
def test_snails_typed_in_ten_thousands_are_kept_to_the_last_one() -> None:
    kept = rules.checked_amount("snails", "135.88万", None, "=")
    assert kept == {"quantity": "1358800", "quantity_unit": "粒", "approx": "="}


@given(st.integers(1, 10**9), st.sampled_from(["fish_fry", "area_m2", "channel_m"]))
def test_what_is_shown_in_chinese_reads_back_to_the_same_quantity(number: int, what: str) -> None:
    words = rules.number_text(Decimal(number))
    assert read_decimal(words, "quantity") == str(number)


@pytest.mark.parametrize(
    ("what", "quantity", "unit", "field"),
    [
        ("fish_fry", "0", None, "quantity"),
        ("fish_fry", "12.5", None, "quantity"),
        ("replanting_yuan", "10.001", None, "quantity"),
        ("area_m2", "viel", None, "quantity"),
        ("area_m2", "3", "亩", "quantity_unit"),
        ("other", "3", "", "quantity_unit"),
    ],
)
def test_a_quantity_that_cannot_be_is_refused(what: str, quantity: str, unit: str | None, field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.checked_amount(what, quantity, unit, "=")
    assert refused.value.field == field


@given(
    st.lists(
        st.tuples(st.decimals(0, 10**6, places=2), st.sampled_from(["=", "余", "约"])), min_size=1, max_size=8
    )
)
def test_a_sum_is_exact_in_its_number_and_no_surer_than_its_parts(parts: list[tuple[Decimal, str]]) -> None:
    totals = [Total(number, "m", approx) for number, approx in parts]
    whole = totals[0]
    for each in totals[1:]:
        whole = whole + each
    assert whole.quantity == sum(number for number, _ in parts)
    marks = {approx for _, approx in parts}
    assert whole.approx == ("约" if "约" in marks else "余" if "余" in marks else "=")


def test_sums_of_two_units_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="m"):
        Total(Decimal(1), "尾", "=") + Total(Decimal(1), "m", "=")


@pytest.mark.parametrize(
    ("origin", "on", "basis"),
    [
        ("alien", date(2021, 5, 1), "农业部令2009年第20号"),
        ("alien", date(2022, 5, 31), "农业部令2009年第20号"),
        ("alien", date(2022, 6, 1), "湿地保护法"),
        ("alien", date(2026, 8, 14), "湿地保护法"),
        ("alien", date(2026, 8, 15), "生态环境法典"),
        ("hybrid", date(2026, 8, 14), "农业部令2009年第20号"),
        ("hybrid", date(2026, 8, 15), "生态环境法典"),
        ("gmo", date(2026, 8, 15), "农业部令2009年第20号"),
    ],
)
def test_alien_and_hybrid_species_are_refused_by_the_rule_of_the_day(
    origin: str, on: date, basis: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.refuse_species("示例鱼", origin, on)
    assert basis in refused.value.basis
    assert refused.value.field == "origin"


def test_native_species_may_be_released_on_any_day() -> None:
    for on in (date(2021, 5, 1), date(2022, 6, 1), date(2026, 8, 15)):
        rules.refuse_species("鲢", "native", on)


def test_before_there_was_a_rule_nothing_was_banned() -> None:
    rules.refuse_species("示例鱼", "alien", date(2009, 4, 30))
    with pytest.raises(RuleBroken):
        rules.refuse_species("示例鱼", "alien", date(2009, 5, 1))


@pytest.mark.parametrize("species", ["尼罗罗非鱼", "福寿螺苗", "杂交鳢"])
def test_a_species_whose_name_tells_it_is_not_native_cannot_be_entered_as_native(species: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.refuse_species(species, "native", date(2026, 9, 1))
    assert refused.value.field == "species"
    assert species in refused.value.text()


def test_species_and_origin_must_be_said() -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.refuse_species(" ", "native", date(2021, 5, 1))
    assert refused.value.field == "species"
    with pytest.raises(RuleBroken) as refused:
        rules.refuse_species("鲢", None, date(2021, 5, 1))
    assert refused.value.field == "origin"


@pytest.mark.requirement("R042", "R043", "R044")
def test_each_mode_elsewhere_has_its_guiding_department() -> None:
    found = {mode: rules.guide_of(mode) for mode, _words in rules.MODES}
    assert {mode: guide.department if guide else None for mode, guide in found.items()} == {
        "in_place": None,
        "fish_release": "fisheries",
        "replanting": "forestry",
        "watershed": "water",
    }
    assert found["watershed"] is not None
    assert found["watershed"].mark == "D"  # the seed does not say it: the bureau may change it


@pytest.mark.requirement("R044")
def test_the_bureau_may_name_another_department_for_a_mode(tmp_path: Path) -> None:
    (tmp_path / "departments.toml").write_text('[watershed]\ndepartment = "agriculture"\n', "utf-8")
    rules.GUIDES.use(tmp_path)
    try:
        changed, kept = rules.guide_of("watershed"), rules.guide_of("replanting")
        assert changed is not None
        assert kept is not None
        assert (changed.department, kept.department) == ("agriculture", "forestry")
        (tmp_path / "departments.toml").write_text('[watershed]\ndepartment = "navy"\n', "utf-8")
        with pytest.raises(BadInput, match="navy"):
            rules.GUIDES.use(tmp_path)
    finally:
        rules.GUIDES.use()


def test_only_advice_of_those_who_came_guides() -> None:
    def record(department: str, came: bool | None, opinion: str | None) -> SimpleNamespace:
        return SimpleNamespace(department=department, came=came, opinion=opinion)

    assert rules.guided("in_place", [])
    assert not rules.guided("fish_release", [])
    assert not rules.guided("fish_release", [record("forestry", True, "可行")])
    assert not rules.guided("fish_release", [record("fisheries", False, "可行")])
    assert not rules.guided("fish_release", [record("fisheries", True, " ")])
    assert rules.guided("fish_release", [record("forestry", True, "可行"), record("fisheries", True, "可行")])


@given(st.dates(date(2021, 1, 1), date(2027, 12, 31)), st.integers(1, 14), st.integers(1, 12))
def test_follow_ups_fall_on_the_same_day_of_the_month_or_on_its_last(
    first: date, every: int, times: int
) -> None:
    days = rules.follow_up_days(first, every, times)
    assert len(days) == times
    assert days[0] == first
    for count, day in enumerate(days):
        months = first.year * 12 + first.month - 1 + count * every
        assert day.year * 12 + day.month - 1 == months
        assert day.day == min(first.day, monthrange(day.year, day.month)[1])


def test_the_thirty_first_of_january_is_followed_by_the_end_of_february() -> None:
    assert rules.follow_up_days(date(2027, 1, 31), 1, 3) == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
    ]


@pytest.mark.parametrize(("every", "times", "field"), [(0, 1, "every_months"), (61, 1, "every_months")])
def test_an_interval_that_cannot_be_is_refused(every: int, times: int, field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.follow_up_days(date(2027, 1, 1), every, times)
    assert refused.value.field == field


@pytest.mark.parametrize("times", [0, 121])
def test_a_number_of_follow_ups_that_cannot_be_is_refused(times: int) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.follow_up_days(date(2027, 1, 1), 1, times)
    assert refused.value.field == "times"


@pytest.mark.requirement("R053", "R054")
def test_a_base_is_what_its_days_say() -> None:
    base = SimpleNamespace(
        planned_on="2021-01-05", begun_on="2021-03-01", built_on="2021-10-20", closed_on="2023-01-01"
    )
    states = {
        "2021-01-04": "",
        "2021-01-05": "planned",
        "2021-02-28": "planned",
        "2021-03-01": "under_construction",
        "2021-10-19": "under_construction",
        "2021-10-20": "built",
        "2022-12-31": "built",
        "2023-01-01": "closed",
    }
    assert {day: rules.base_state(base, day) for day in states} == states


@pytest.mark.parametrize(
    ("latitude", "longitude", "field"),
    [
        ("91", "117", "latitude"),
        ("24.5", "181", "longitude"),
        ("24.5", None, "longitude"),
        (None, "117", "latitude"),
    ],
)
def test_a_position_that_is_none_is_refused(latitude: str | None, longitude: str | None, field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.refuse_position(latitude, longitude)
    assert refused.value.field == field
