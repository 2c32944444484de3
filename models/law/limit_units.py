"""The units in which a parameter is limited, and a unit that no limit of it can be compared with."""

from __future__ import annotations

from collections.abc import Iterable

from models.law import limit_data as data
from models.law.air_data import GAS, RATE, air_rows
from models.law.graded import graded_rows
from models.law.readings import Reading, converted, family_of


def limit_units(parameter: str, medium: str) -> list[str]:
    """The units that any table here limits the parameter in, in a medium; none where none limits it.

    Args:
        medium: "water", "air" or "noise".
    """
    named = data.parameter_named(parameter, medium)
    if named is None:
        return []
    found = [
        row.unit
        for row in graded_rows()
        if row.parameter == named.name and data.all_standards()[row.standard].medium == medium
    ]
    if medium == "water":
        found += [row.unit for row in data.rows() if row.parameter == named.name]
    elif medium == "air":
        own = [row for row in air_rows() if row.parameter == named.name]
        if own:  # reported by either; what a boiler is limited in is among them
            found += (GAS, RATE)
        found += [row.boundary_unit for row in own if row.boundary_unit]
    return list(dict.fromkeys(found))


def refuse_foreign_unit(unit: str, parameter: str, medium: str, own: Iterable[str] = ()) -> None:
    """Refuse a unit that cannot be converted into one that the parameter is limited in (J4).

    A unit that is not given is that of the limit; what nothing limits may have any.

    Args:
        own: further units that it is limited in, as a permit's.

    Raises:
        BadInput: naming the unit, and the one of the limit.
    """
    units = [*own, *limit_units(parameter, medium)]
    if unit and units and family_of(unit) not in set(map(family_of, units)):
        converted(Reading(None), unit, units[0])
