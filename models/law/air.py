"""Judging exhaust air by GB 16297-1996 and GB 13271-2014: rules J8, J12 to J16 and J22 on exact decimals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from models.errors import BadInput
from models.language import N_, listed
from models.law import air_rules, comparing
from models.law import limit_data as data
from models.law.air_data import GAS, RATE, ZONES, AirRow, BoilerRow, air_rows, boiler_rows
from models.law.graded import graded_parameters, is_graded
from models.law.judgement import Judgement, Reason, Sample, not_limited, plain, reason
from models.law.readings import Reading, converted, family_of, read_number, read_value

AIR = "GB 16297-1996"
BOILERS = "GB 13271-2014"
_ZONE_NAMES = {"2": "二级", "3": "三级"}
_FUELS = {"coal": "煤", "oil": "油", "gas": "气", "燃煤": "煤", "燃油": "油", "燃气": "气"}
_BOUNDARY = ("boundary", "fugitive", "周界", "厂界", "无组织")
_FIGURES = 3
"""Significant figures of a worked-out rate as it is shown; the comparison takes it whole."""


def is_of_air(sample: Sample, parameter: data.Parameter | None) -> bool:
    """Whether a sample that names no standard is of exhaust air: by its unit, stack, fuel, or pollutant."""
    if family_of(sample.unit) in {"gas", "rate"} or sample.stack or sample.fuel or sample.oxygen:
        return True
    in_water = any(parameter is not None and row.parameter == parameter.name for row in data.rows())
    return not in_water and bool(_limiting(parameter))


def air_standard(fuel: str, parameter: str) -> str:
    """The standard where none is named: of boilers where there is a fuel, else the first that limits it."""
    return BOILERS if fuel else next(iter(_limiting(data.parameter_named(parameter, "air"))), AIR)


def _limiting(parameter: data.Parameter | None) -> list[str]:
    """The standards of air that limit a pollutant, the general one first; a boiler's is told by its fuel."""
    graded = (
        one.code for one in data.all_standards().values() if one.medium == "air" and is_graded(one.code)
    )
    found = [AIR] if parameter in air_parameters(AIR) else []
    return [*found, *(code for code in graded if parameter in graded_parameters(code))]


def air_categories(parameter: str) -> list[str]:
    """The uses that the table tells apart; empty where one limit holds for all."""
    found = data.parameter_named(parameter, "air")
    names = [row.category for row in air_rows() if found is not None and row.parameter == found.name]
    return [] if names == [data.EVERYTHING] else names


def air_parameters(standard: str) -> list[data.Parameter]:
    """The pollutants that a standard limits, in its order."""
    rows: tuple[AirRow | BoilerRow, ...] = boiler_rows() if standard == BOILERS else air_rows()
    return [data.all_parameters()[name] for name in dict.fromkeys(row.parameter for row in rows)]


def judge_air(sample: Sample) -> Judgement:
    """Judge a concentration, a rate of emission, or a concentration at the boundary.

    Raises:
        BadInput: for a value, unit, height, zone, fuel or table that cannot be read.
    """
    reading = read_value(sample.value, sample.detection_limit)
    parameter = data.parameter_named(sample.parameter, "air")
    found = Judgement("undecidable", sample.standard, "", "", "")
    if parameter is None or parameter not in air_parameters(sample.standard):
        return not_limited(sample.standard, sample.parameter)
    if sample.standard == BOILERS:
        return _judge_boiler(sample, reading, parameter, found)
    found = replace(found, clause="表2")
    (table,) = data.all_standards()[AIR].tables
    if sample.built is not None and sample.built < (table.since or date.min):
        why = N_("Sources built before 1997-01-01 are limited by 表1, which is not kept here: look it up.")
        return replace(found, reasons=(reason(why, "J8"),))
    row, stops = _row(parameter, sample)
    if row is None:
        return replace(found, reasons=stops)
    found = replace(found, clause=_clause("表2", row.category), reasons=(*stops, *_average(sample)))
    if sample.hourly is False:
        why = N_("The limits are means of one hour: take samples for an hour, or four at equal intervals.")
        return replace(found, reasons=(reason(why, "J12"), *found.reasons))
    if family_of(sample.unit) == "rate":
        return _judge_rate(sample, reading, parameter, row, found)
    at_boundary = any(word in data.folded(sample.point) for word in _BOUNDARY)
    limit, unit = (row.boundary, row.boundary_unit) if at_boundary else (row.concentration, GAS)
    if at_boundary:
        found = replace(found, clause=f"{found.clause} 无组织")
    if row.note:
        found = replace(
            found, reasons=(*found.reasons, reason(N_("Note of the table: {note}"), note=row.note))
        )
    if not limit:
        why = N_("The table states this limit in words: judge by its note.")
        return replace(found, reasons=(reason(why, "J16" if at_boundary else "J1"), *found.reasons))
    if at_boundary:
        why = N_("Compared at the highest point outside the boundary, within 10 m downwind.")
        found = replace(found, reasons=(*found.reasons, reason(why, "J16")))
    reading = converted(reading, sample.unit or unit, unit)
    found = _with_limit(found, limit, limit, reading, unit)
    return comparing.compared(found, reading, limit, parameter)


def _with_limit(found: Judgement, limit: str, text: str, reading: Reading, unit: str) -> Judgement:
    shown = comparing.limit_text(text, unit)
    return replace(found, limit=limit, limit_text=shown, result=comparing.shown(reading), unit=unit)


def _clause(table: str, category: str) -> str:
    return table if category == data.EVERYTHING else f"{table} {category}"


def _average(sample: Sample) -> tuple[Reason, ...]:
    if sample.hourly is not None:
        return ()
    return (reason(N_("State whether the value is the mean of an hour: the limits are."), "J12"),)


def _row(parameter: data.Parameter, sample: Sample) -> tuple[AirRow | None, tuple[Reason, ...]]:
    rows = {row.category: row for row in air_rows() if row.parameter == parameter.name}
    if len(rows) == 1:
        return next(iter(rows.values())), ()
    wanted = data.folded(sample.category)
    for category, row in rows.items():
        if wanted and wanted in data.folded(category):
            return row, ()
    why = N_("Choose the category for {parameter}: {known}.")
    if family_of(sample.unit) == "rate" and len({str(row.rates) for row in rows.values()}) == 1:
        return replace(next(iter(rows.values())), category=data.EVERYTHING), ()  # one rate for all of them
    return None, (reason(why, parameter=parameter.name, known=listed(rows)),)


# --- rates ------------------------------------------------------------------------------------------------


def _judge_rate(
    sample: Sample, reading: Reading, parameter: data.Parameter, row: AirRow, found: Judgement
) -> Judgement:
    zone = data.folded(sample.zone).translate(str.maketrans("二三", "23")).rstrip("类級级區区")
    if not sample.stack or not zone:
        why = N_("Give the height of the stack (stack) and the zone of air quality (zone: 2 or 3).")
        return replace(found, reasons=(reason(why, "J14"), *found.reasons))
    if zone not in ZONES:
        raise BadInput(N_("“{zone}” is no zone with a rate of emission. Use 2 or 3."), zone=sample.zone)
    height = read_number(sample.stack)
    if height < row.least_height and row.least_height > data.lowest_stack():
        why = N_("A stack that emits {parameter} must not be lower than {least} m: it has no rate.")
        low = reason(why, "J13", parameter=parameter.name, least=plain(row.least_height))
        return replace(found, reasons=(low, *found.reasons))
    reading = converted(reading, sample.unit, RATE)
    rates = row.rates[zone]
    least, most, strict = _strict(air_rules.rate_at(height, rates), height, sample.clear)
    worked_out = most not in [rate for _height, rate in rates]
    found = replace(
        found,
        clause=f"{found.clause} {plain(height)} m {_ZONE_NAMES[zone]}",
        reasons=(*found.reasons, *strict, *_how(height, rates)),
    )
    if least == most:
        found = _with_limit(found, plain(most), _figures(most) if worked_out else plain(most), reading, RATE)
        return comparing.compared(found, reading, plain(most), parameter)
    text = f"{_figures(least)}-{_figures(most)}"
    found = replace(found, limit_text=f"≤{text.replace('-', '–')} {RATE}", result=comparing.shown(reading))
    found = replace(found, unit=RATE)
    strictest = comparing.compared(found, reading, plain(least), parameter)
    mildest = comparing.compared(found, reading, plain(most), parameter)
    if strictest.verdict == mildest.verdict:
        return replace(mildest, limit=plain(most if mildest.verdict == "over" else least))
    return found


def _strict(
    rate: Decimal, height: Decimal, clear: bool | None
) -> tuple[Decimal, Decimal, tuple[Reason, ...]]:
    """The least and the most that the limit may be, and what made it so (J13)."""
    told: list[Reason] = []
    if height < data.lowest_stack():
        rate = air_rules.halved(rate)
        told.append(reason(N_("The stack is lower than 15 m: the rate is half (§7.4)."), "J13"))
    half = air_rules.halved(rate)
    if clear is None:
        why = N_("State whether the stack is 5 m higher than the buildings within 200 m (clear): else half.")
        return half, rate, (*told, reason(why, "J13"))
    if clear:
        return rate, rate, tuple(told)
    if told:
        why = N_("Nor 5 m higher than the buildings within 200 m: whether that halves it again is open.")
        return half, rate, (*told, reason(why, "J13"))
    why = N_("Not 5 m higher than the buildings within 200 m: the rate is half (§7.1).")
    return half, half, (reason(why, "J13"),)


def _how(height: Decimal, rates: air_rules.Rates) -> tuple[Reason, ...]:
    if height in [each for each, _rate in rates]:
        return ()
    if rates[0][0] < height < rates[-1][0]:
        return (reason(N_("The rate lies between two heights of the table (appendix B1)."), "J14"),)
    return (reason(N_("The rate lies beyond the heights of the table (appendix B2, B3)."), "J14"),)


def _figures(number: Decimal) -> str:
    places = Decimal(1).scaleb(number.adjusted() - _FIGURES + 1)
    return plain(number.quantize(places, ROUND_HALF_EVEN))


# --- boilers ----------------------------------------------------------------------------------------------


def _judge_boiler(sample: Sample, reading: Reading, parameter: data.Parameter, found: Judgement) -> Judgement:
    fuel = _FUELS.get(data.folded(sample.fuel), sample.fuel.strip())
    rows = {row.fuel: row for row in boiler_rows() if row.parameter == parameter.name}
    if not fuel:
        why = N_("Give the fuel: {known}.")
        return replace(found, reasons=(reason(why, known=listed(rows)),))
    if fuel not in rows:
        why = N_("{standard} has no limit for {parameter} of this fuel ({fuel}).")
        told = reason(why, standard=BOILERS, parameter=parameter.name, fuel=fuel)
        return replace(found, reasons=(told,))
    row, table = rows[fuel], f"表{data.folded(sample.table).removeprefix('表')}"
    if not sample.table:
        why = N_("Give the table: 表1 for boilers in use, 表2 for new ones, 表3 where special limits hold.")
        return replace(found, reasons=(reason(why, "J8"),))
    if table not in row.limits:
        raise BadInput(
            N_("{standard} has no table “{table}” here. Use one of: {known}."),
            standard=BOILERS,
            table=sample.table,
            known=listed(row.limits),
        )
    found = replace(found, clause=f"{table} 燃{fuel}")
    if not sample.oxygen:
        why = N_("Give the oxygen measured (oxygen): the limit holds at {reference} %.")
        return replace(found, reasons=(reason(why, "J22", reference=plain(row.oxygen)),))
    reading = converted(reading, sample.unit or GAS, GAS)
    if reading.value is not None:
        value = air_rules.at_reference_oxygen(reading.value, read_number(sample.oxygen), row.oxygen)
        reading = replace(reading, value=value)
    why = N_("Reckoned to {reference} % oxygen from {measured} %.")
    told = reason(why, "J22", reference=plain(row.oxygen), measured=sample.oxygen)
    limit = row.limits[table]
    found = _with_limit(replace(found, reasons=(told,)), limit, limit, reading, GAS)
    if reading.value is not None:
        found = replace(found, result=reading.sign + _figures(reading.value) if reading.value else "0")
    return comparing.compared(found, reading, limit, parameter)
