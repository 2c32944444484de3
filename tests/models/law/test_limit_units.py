"""A unit is refused where no limit of the parameter could ever be compared with it, and only there."""

from __future__ import annotations

import pytest

from models.errors import BadInput
from models.law import limits
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
