"""Exhaust air is judged by GB 16297-1996 and GB 13271-2014 (J8, J12 to J16, J22).

`worked_air.csv` holds examples reckoned by hand from the standards' own figures, each with its clause.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.law import air_rules
from models.law.air import air_categories
from models.law.air_data import air_rows
from models.law.checking_text import check_text
from models.law.limits import Sample, judge

with (Path(__file__).parent / "worked_air.csv").open(encoding="utf-8", newline="") as file:
    WORKED = list(csv.DictReader(file))


@pytest.mark.parametrize(
    "case", WORKED, ids=lambda case: " ".join((case["parameter"], case["value"], case["fields"]))
)
def test_worked_examples(case):
    fields = dict(pair.split("=", 1) for pair in case["fields"].split())
    text, found = check_text(case["parameter"], case["value"], **fields)
    assert (found.verdict, found.times) == (case["verdict"], case["times"]), text
    if case["limit"]:
        assert Decimal(found.limit) == Decimal(case["limit"]), text
    else:
        assert found.reasons, "it says why it cannot be judged"


def air(parameter: str, value: str, **fields):
    """Judge a sample of exhaust air."""
    return judge(Sample(parameter=parameter, value=value, **fields))


HEIGHTS = st.decimals(Decimal("0.5"), Decimal(200), places=1)


@given(st.sampled_from(air_rows()), st.sampled_from(["2", "3"]), HEIGHTS, HEIGHTS)
def test_j14_a_higher_stack_never_has_a_smaller_rate(row, zone, one, other):
    low, high = sorted((one, other))
    rates = row.rates[zone]
    assert air_rules.rate_at(low, rates) <= air_rules.rate_at(high, rates)


@given(st.sampled_from(air_rows()), st.sampled_from(["2", "3"]))
def test_j14_at_the_heights_of_the_table_the_rate_is_the_table_s(row, zone):
    for height, rate in row.rates[zone]:
        assert air_rules.rate_at(height, row.rates[zone]) == rate


def test_j15_two_stacks_as_one():
    assert air_rules.are_one(Decimal(30), Decimal(20), Decimal(15))
    assert not air_rules.are_one(Decimal(35), Decimal(20), Decimal(15))
    assert air_rules.equivalent_height(Decimal(30), Decimal(40)) ** 2 == pytest.approx(Decimal(1250))
    assert air_rules.equivalent_place(Decimal(10), Decimal(3), Decimal(1)) == Decimal("2.5")
    with pytest.raises(BadInput):
        air_rules.equivalent_place(Decimal(10), Decimal(0), Decimal(0))


def test_j15_the_equivalent_stack_stands_nearer_to_the_one_that_emits_more():
    assert air_rules.equivalent_place(Decimal(10), Decimal(1), Decimal(4)) == 8
    assert air_rules.equivalent_place(Decimal(10), Decimal("0.25"), Decimal("0.25")) == 5
    with pytest.raises(BadInput, match="emit nothing"):
        air_rules.equivalent_place(Decimal(10), Decimal(0), Decimal(0))
    height = air_rules.equivalent_height(Decimal(30), Decimal(40))
    assert str(height).startswith("35.3553390593273762200422181052424519642")
    place = air_rules.equivalent_place(Decimal(1), Decimal(2), Decimal(1))
    assert str(place).startswith("0." + "3" * 40)


def test_j11_what_flows_decides_and_something_must():
    third = air_rules.mixed([(Decimal(1), Decimal("0.1")), (Decimal(0), Decimal("0.2"))])
    assert str(third).startswith("0." + "3" * 40)
    for parts in ([], [(Decimal(100), Decimal(0))]):
        with pytest.raises(BadInput, match="needs the flow of its parts"):
            air_rules.mixed(parts)


@pytest.mark.parametrize("oxygen", ["-0.1", "21", "25"])
def test_j22_oxygen_outside_0_to_21_is_refused(oxygen):
    with pytest.raises(BadInput, match=f"The oxygen measured, {oxygen} %, must lie between 0 and 21"):
        air_rules.at_reference_oxygen(Decimal(100), Decimal(oxygen), Decimal(9))
    assert air_rules.at_reference_oxygen(Decimal(100), Decimal(0), Decimal("3.5")) * 21 == pytest.approx(
        Decimal(1750)
    )


def test_j22_oxygen_of_air_or_more_is_a_slip():
    assert air_rules.at_reference_oxygen(Decimal(100), Decimal(9), Decimal(9)) == 100
    for oxygen in ("21", "25"):
        with pytest.raises(BadInput):
            air("NOx", "100", fuel="gas", table="2", oxygen=oxygen)


def test_j11_mixed_waste_water():
    parts = [(Decimal(100), Decimal(3)), (Decimal(60), Decimal(1))]
    assert air_rules.mixed(parts) == 90
    with pytest.raises(BadInput):
        air_rules.mixed([(Decimal(100), Decimal(0))])


@given(st.decimals(Decimal("0.01"), Decimal(500), places=2))
def test_a_verdict_never_flips_within_one_unit_without_saying_so(value):
    unit = Decimal("0.01")
    here, next_one = (air("苯", format(v, "f"), unit="mg/m3") for v in (value, value + unit))
    if here.verdict != next_one.verdict:
        assert all("within one unit" in " ".join(each.lines()) for each in (here, next_one))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"unit": "kg/h", "stack": "0", "zone": "2"}, "higher than 0"),
        ({"unit": "kg/h", "stack": "20", "zone": "1"}, "no zone"),
        ({"unit": "mg/L"}, "cannot be compared"),
        ({"unit": "kg/h", "stack": "ND", "zone": "2"}, "not a number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(fields, message):
    with pytest.raises(BadInput, match=message):
        air("SO2", "3", standard="GB 16297-1996", category="使用", **fields)


def test_j14_one_height_in_a_table_gives_rates_below_at_and_above_it():
    rates = ((Decimal(20), Decimal(4)),)
    assert [air_rules.rate_at(Decimal(height), rates) for height in (10, 20, 40)] == [1, 4, 16]


def test_the_categories_of_a_pollutant_are_those_of_the_table():
    assert air_categories("SO2") == ["含硫化合物生产", "使用"]
    assert air_categories("二氧化硫") == air_categories("SO2")
    assert air_categories("苯") == air_categories("nothing that is known") == []


def test_what_the_standard_of_air_does_not_limit_is_not_judged():
    for name in ("COD", "nothing that is known"):
        found = air(name, "3", standard="GB 16297-1996")
        assert (found.verdict, found.standard) == ("undecidable", "GB 16297-1996")
        assert found.lines() == [f"GB 16297-1996 has no limit for {name}."]


RATE = {"unit": "kg/h", "category": "使用", "hourly": True, "clear": True, "standard": "GB 16297-1996"}


@pytest.mark.parametrize("missing", [{"stack": "20"}, {"zone": "2"}, {}])
def test_j14_a_rate_needs_stack_and_zone(missing):
    found = air("SO2", "3", **RATE, **missing)
    assert (found.verdict, found.limit) == ("undecidable", "")
    assert [each.rule for each in found.reasons] == ["J14"]


@pytest.mark.parametrize(
    ("stack", "clear", "limit", "rules"),
    [
        ("20", True, "≤4.3 kg/h", []),
        ("20", False, "≤2.15 kg/h", ["J13"]),
        ("20", None, "≤2.15–4.3 kg/h", ["J13"]),
        ("10", True, "≤0.578 kg/h", ["J13", "J14"]),
        ("10", False, "≤0.289–0.578 kg/h", ["J13", "J13", "J14"]),
        ("10", None, "≤0.289–0.578 kg/h", ["J13", "J13", "J14"]),
        ("25", True, "≤9.65 kg/h", ["J14"]),
        ("200", True, "≤680 kg/h", ["J14"]),
    ],
)
def test_j13_and_j14_what_makes_a_rate_smaller_and_where_it_lies(stack, clear, limit, rules):
    found = air("SO2", "0.01", **(RATE | {"clear": clear}), stack=stack, zone="二类区")
    assert (found.verdict, found.limit_text, found.unit, found.result) == ("ok", limit, "kg/h", "0.01")
    assert [each.rule for each in found.reasons if each.rule != "J1"] == rules
    assert found.clause.endswith(f"{stack} m 二级")


def test_j13_where_both_limits_say_the_same_the_verdict_stands_and_else_it_is_open():
    fields = RATE | {"clear": None, "stack": "20", "zone": "3"}
    assert (air("SO2", "9", **fields).verdict, air("SO2", "9", **fields).limit) == ("over", "6.6")
    assert (air("SO2", "3", **fields).verdict, air("SO2", "3", **fields).limit) == ("ok", "3.3")
    between = air("SO2", "5", **fields)
    assert (between.verdict, between.limit, between.limit_text) == ("undecidable", "", "≤3.3–6.6 kg/h")


BOILER = {"standard": "GB 13271-2014", "fuel": "gas", "table": "2", "oxygen": "3.5"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fuel": ""}, "Give the fuel: 煤, 油, 气."),
        ({"fuel": "木柴"}, "GB 13271-2014 has no limit for NOx of this fuel (木柴)."),
        ({"table": ""}, "Give the table: 表1"),
        ({"oxygen": ""}, "Give the oxygen measured (oxygen): the limit holds at 3.5 %."),
    ],
)
def test_j22_what_a_boiler_must_say_of_itself(change, said):
    found = air("NOx", "150", **(BOILER | change))
    assert found.verdict == "undecidable"
    assert found.lines()[0].startswith(said)


def test_j22_a_table_that_is_none_is_refused_and_small_words_are_read():
    with pytest.raises(BadInput, match=r"has no table “4” here\. Use one of: 表1, 表2, 表3"):
        air("NOx", "150", **(BOILER | {"table": "4"}))
    for fuel in ("GAS", "气", "燃气", " gas "):
        assert air("NOx", "150", **(BOILER | {"fuel": fuel, "table": "表 2"})).clause == "表2 燃气"


@pytest.mark.parametrize(
    ("value", "oxygen", "verdict", "result"),
    [
        ("200", "3.5", "ok", "200"),
        ("150", "7.5", "ok", "194"),
        ("160", "7.5", "over", "207"),
        ("0", "7.5", "ok", "0"),
        ("<3", "7.5", "ok", "<3.89"),
        ("ND", "7.5", "undecidable", "<"),
    ],
)
def test_j22_what_was_measured_is_reckoned_to_the_reference_oxygen(value, oxygen, verdict, result):
    found = air("NOx", value, **(BOILER | {"oxygen": oxygen}))
    assert (found.verdict, found.result, found.limit_text) == (verdict, result, "≤200 mg/m3")
    assert any(f"Reckoned to 3.5 % oxygen from {oxygen} %" in line for line in found.lines())


def test_the_medium_follows_from_unit_stack_fuel_or_pollutant():
    assert air("苯", "0.3").standard == "GB 8978-1996"
    assert air("苯", "0.3", unit="mg/m3").standard == "GB 16297-1996"
    assert air("颗粒物", "130").standard == "GB 16297-1996"
    assert air("颗粒物", "30", fuel="gas").standard == "GB 13271-2014"


def test_fields_are_read_as_they_are_typed():
    _text, found = check_text("COD", "240", grade="1", category="其他", built="2005-06-30")
    assert found.clause.startswith("表4")
    with pytest.raises(BadInput, match="no day"):
        check_text("COD", "240", built="yesterday")
    with pytest.raises(BadInput, match="yes or no"):
        check_text("SO2", "1", unit="kg/h", clear="perhaps")
