"""Limits: judging a measured value, and the lists from which a person picks standard, table and category.

Which standard applies comes before every judgement: the limits of the pollutant permit, then the local
standard, then the industry's, then the general ones kept here (生态环境法典181, 1103).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from models.errors import BadInput
from models.language import N_, listed
from models.law import limit_data as data
from models.law.air import BOILERS, air_categories, air_parameters, air_standard, is_of_air, judge_air
from models.law.air_data import ZONES as AIR_ZONES
from models.law.comparing import CLOSE
from models.law.graded import graded_parameters, grades_of, is_graded, judge_graded
from models.law.judgement import (
    Judgement,
    Reason,
    Sample,
    not_limited,
    pack_reasons,
    reason,
    unpack_reasons,
)
from models.law.limit_data import Parameter, Standard, Table, Water
from models.law.noise import judge_noise
from models.law.readings import Reading, converted, read_value
from models.law.water import STANDARD as WATER_STANDARD
from models.law.water import grade_for, judge_water, outlet_of, table_for

__all__ = [
    "AIR_ZONES",
    "BOILERS",
    "Judgement",
    "Parameter",
    "Reason",
    "Sample",
    "Standard",
    "Table",
    "Water",
    "air_categories",
    "air_standard",
    "categories",
    "grade_for",
    "grades",
    "judge",
    "medium_of",
    "of_solid",
    "outlet_of",
    "pack_reasons",
    "parameters",
    "parameters_in",
    "standards",
    "table_for",
    "tables",
    "unpack_reasons",
    "waters",
    "with_flips",
    "zones",
]

NOISE = "噪声"
"""Name under which noise levels are measured."""
VERDICTS = {"ok": N_("meets the limit"), "over": N_("over the limit"), "undecidable": N_("cannot be judged")}


def judge(sample: Sample) -> Judgement:
    """Judge one measured value by the standard's limit; "undecidable" always comes with its reasons.

    Where one unit more or less of the value's last digit would make another verdict, a reason says so.

    Raises:
        BadInput: for a value, unit or name that cannot be read, saying what to write instead.
    """
    return with_flips(sample, _judged(sample), _judged)


def with_flips(sample: Sample, found: Judgement, again: Callable[[Sample], Judgement]) -> Judgement:
    """The judgement, saying so where the last digit given decides it.

    Args:
        again: judges the sample with another value.
    """
    try:
        reading = read_value(sample.value)
    except BadInput:
        return found
    if reading.value is None or reading.sign:
        return found
    exponent = reading.value.as_tuple().exponent
    unit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    near = [value for value in (reading.value - unit, reading.value + unit) if value >= 0]
    told = {each.msgid for each in found.reasons}
    for value in near:
        try:
            other = again(replace(sample, value=format(value, "f"))).verdict
        except BadInput:
            continue
        if other != found.verdict and CLOSE not in told:
            same = not sample.unit or found.unit in ("", sample.unit)
            shown = unit if same else converted(Reading(unit), sample.unit, found.unit).value or unit
            why = reason(CLOSE, "J1", unit=format(shown, "f"))
            return replace(found, reasons=(*found.reasons, why))
    return found


def medium_of(sample: Sample) -> str:
    """ "water", "air" or "noise", as the sample's parameter and circumstances tell."""
    return _standard_of(replace(sample, standard="")).medium


def _judged(sample: Sample) -> Judgement:
    standard = _standard_of(sample)
    if is_graded(standard.code):
        return judge_graded(replace(sample, standard=standard.code))
    if standard.medium == "water":
        return judge_water(sample)
    if standard.medium == "air":
        return judge_air(replace(sample, standard=standard.code))
    parameter = data.parameter_named(sample.parameter)
    if parameter is not None and parameter.name != NOISE:
        return not_limited(standard.code, sample.parameter)
    return judge_noise(replace(sample, standard=standard.code))


def of_solid() -> Judgement:
    """What is said of solid waste and soil, for which no limits are kept here."""
    none = reason(
        N_("No limits of solid waste or soil are kept here: take them from the standard that applies.")
    )
    return Judgement("undecidable", "", "", "", "", reasons=(none,))


def _standard_of(sample: Sample) -> Standard:
    if sample.standard:
        wanted = data.folded(sample.standard)
        for one in data.all_standards().values():
            if wanted == data.folded(one.code):
                return one
        raise BadInput(
            N_("The standard “{standard}” is not kept here. Use one of: {known}."),
            standard=sample.standard,
            known=listed(data.all_standards()),
        )
    parameter = data.parameter_named(sample.parameter)
    if parameter is not None and parameter.name == NOISE:
        return data.all_standards()["GB 12348-2008"]
    if is_of_air(sample, parameter):
        return data.all_standards()[air_standard(sample.fuel, sample.parameter)]
    return data.all_standards()[WATER_STANDARD]


def standards(medium: str = "") -> list[Standard]:
    """The standards kept here, of one medium ("water", "air", "noise") or all."""
    return [one for one in data.all_standards().values() if medium in ("", one.medium)]


def tables(standard: str) -> list[Table]:
    """The tables of a standard; none for an unknown one."""
    found = data.all_standards().get(standard)
    return list(found.tables) if found else []


def parameters(standard: str, table: str = "") -> list[Parameter]:
    """The parameters of a standard, of one table or all, in the table's order."""
    found = data.all_standards().get(standard)
    if found is None:
        return []
    if found.medium == "noise":
        return [data.all_parameters()[NOISE]]
    if is_graded(standard):
        return graded_parameters(standard, table)
    if found.medium == "air":
        return air_parameters(standard)
    names = dict.fromkeys(row.parameter for row in data.rows() if table in ("", row.table))
    return [data.all_parameters()[name] for name in names]


def grades() -> list[str]:
    """The grades of all water standards, those of GB 8978-1996 first."""
    graded = (grades_of(one.code) for one in standards("water") if is_graded(one.code))
    return list(dict.fromkeys(["1", "2", "3", *(each for some in graded for each in some)]))


def parameters_in(medium: str) -> list[Parameter]:
    """What any standard of a medium limits, in the order of the standards."""
    found = (each for one in standards(medium) for each in parameters(one.code))
    return list({each.name: each for each in found}.values())


def categories(table: str, parameter: str) -> list[str]:
    """The 适用范围 to choose from; empty where one limit holds for all."""
    found = data.parameter_named(parameter)
    names = [
        row.category
        for row in data.rows()
        if found is not None and row.table == table and row.parameter == found.name
    ]
    return [] if names == [data.EVERYTHING] else names


def waters() -> list[Water]:
    """The receiving waters, each with its grade (J9)."""
    return list(data.waters().values())


def zones() -> list[str]:
    """The acoustic zones."""
    return list(dict.fromkeys(row.zone for row in data.noise_rows() if row.zone))
