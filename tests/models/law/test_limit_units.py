"""A unit is refused where no limit of the parameter could ever be compared with it, and only there."""

from __future__ import annotations

import pytest

from models.errors import BadInput
from models.law import limits
from models.law.air_data import air_rows, boiler_rows
from models.law.limit_units import limit_units, refuse_foreign_unit
from models.law.readings import family_of

LIMITED = [(one.name, medium) for medium in ("water", "air") for one in limits.parameters_in(medium)]


@pytest.mark.parametrize(("parameter", "medium"), LIMITED)
def test_whatever_is_limited_has_units_that_are_known_and_taken(parameter: str, medium: str) -> None:
    units = limit_units(parameter, medium)
    assert units
    for unit in units:
        assert family_of(unit)
        refuse_foreign_unit(unit, parameter, medium)


@pytest.mark.parametrize(
    ("parameter", "medium", "units"),
    [
        ("汞", "air", ["mg/m3", "kg/h"]),
        ("汞", "water", ["mg/L"]),
        ("氟化物", "air", ["mg/m3", "kg/h", "μg/m3"]),
        ("油烟", "air", ["mg/m3"]),
        ("油烟", "water", []),
        ("COD", "air", []),
        ("自定", "air", []),
    ],
)
def test_the_units_of_a_parameter_are_those_of_its_medium(
    parameter: str, medium: str, units: list[str]
) -> None:
    assert limit_units(parameter, medium) == units


def test_a_boiler_is_limited_in_nothing_that_other_exhaust_is_not() -> None:
    assert {row.parameter for row in boiler_rows()} <= {row.parameter for row in air_rows()}


@pytest.mark.parametrize(
    ("unit", "parameter", "medium"),
    [
        ("mg/千克", "氨氮", "water"),
        ("mg/m3", "氨氮", "water"),
        ("mg/L", "pH", "water"),
        ("mg/L", "粪大肠菌群数", "water"),
        ("mg/L", "颗粒物", "air"),
        ("公斤", "SO2", "air"),
    ],
)
def test_a_foreign_unit_is_refused_by_name(unit: str, parameter: str, medium: str) -> None:
    with pytest.raises(BadInput) as refused:
        refuse_foreign_unit(unit, parameter, medium)
    assert unit in refused.value.text()


@pytest.mark.parametrize(
    ("unit", "parameter", "medium", "own"),
    [
        ("", "氨氮", "water", ()),
        ("ug/L", "氨氮", "water", ()),
        ("kg/h", "SO2", "air", ()),
        ("mg/m3", "SO2", "air", ()),
        ("μS/cm", "电导率", "water", ()),
        ("kg/h", "COD", "water", ("kg/h",)),
        ("mg/kg", "氨氮", "solid", ()),
    ],
)
def test_any_other_is_taken(unit: str, parameter: str, medium: str, own: tuple[str, ...]) -> None:
    refuse_foreign_unit(unit, parameter, medium, own)
