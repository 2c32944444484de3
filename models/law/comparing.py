"""A reading held against a limit: the same for water and for air."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from models.language import N_
from models.law import limit_data as data
from models.law.judgement import Judgement, Reason, multiple, plain, reason
from models.law.readings import Reading

CLOSE = N_("The value lies within one unit of its last digit ({unit}) of the limit.")


def compared(found: Judgement, reading: Reading, limit: str, parameter: data.Parameter) -> Judgement:
    """The judgement with its verdict, times over, and what has to be said of it.

    Comparison is by whole values; ≤ meets the limit (J1). A value below the detection limit meets it where
    the detection limit does, else nothing can be said (J3).

    Args:
        limit: as the table has it: "100", "6-9", "不得检出", "<0.5", ">3".
    """
    if limit == "不得检出":
        return _not_to_be_detected(found, reading)
    if reading.sign and parameter.no_multiple:
        why = reason(N_("{parameter} has no detection limit: write the value."), parameter=parameter.name)
        return replace(found, reasons=(why, *found.reasons))
    low, high, strict = bounds(limit)
    value = reading.value
    if reading.sign == "<" or value is None:
        return _below_detection(found, value, low, high)
    if reading.sign:
        return _beyond_range(found, reading, value, limit)
    found = replace(found, reasons=(*found.reasons, *_close(value, low, high)))
    too_high = high is not None and (value > high or (strict and value == high))
    too_low = low is not None and (value < low or (strict and value == low))
    if not too_high and not too_low:
        return replace(found, verdict="ok")
    times = ""
    if too_high and high is not None and value > high and not parameter.no_multiple:
        times = multiple(value, high)
    notes = found.reasons
    if parameter.no_multiple:
        why = reason(N_("No multiple is worked out for {parameter}."), "J2", parameter=parameter.name)
        notes = (why, *notes)
    if too_low and not parameter.no_multiple:
        notes = (reason(N_("The value is below the least required."), "J1"), *notes)
    return replace(found, verdict="over", times=times, reasons=notes)


def _close(value: Decimal, *limits: Decimal | None) -> tuple[Reason, ...]:
    """That one unit more or less of the last digit given would make another verdict, where it would."""
    exponent = value.as_tuple().exponent
    unit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    for limit in limits:
        if limit is not None and abs(value - limit) <= unit:
            return (reason(CLOSE, "J1", unit=format(unit, "f")),)
    return ()


def bounds(limit: str) -> tuple[Decimal | None, Decimal | None, bool]:
    """Least, most, and whether the bound itself fails: "6-9", "100", "<0.5", ">3"."""
    if limit[0] == "<":
        return None, Decimal(limit[1:]), True
    if limit[0] in ">≥":
        return Decimal(limit[1:]), None, limit[0] == ">"
    low, dash, high = limit.partition("-")
    return (Decimal(low), Decimal(high), False) if dash else (None, Decimal(limit), False)


def limit_text(limit: str, unit: str) -> str:
    """The limit with its sign and unit."""
    if not limit:
        return ""
    sign = "" if limit[0] in "<>≥" or "-" in limit or limit == "不得检出" else "≤"
    return f"{sign}{limit.replace('-', '–')} {unit if limit != '不得检出' else ''}".strip()


def shown(reading: Reading) -> str:
    """The reading as it is compared."""
    return reading.sign + (plain(reading.value) if reading.value is not None else "")


def _not_to_be_detected(found: Judgement, reading: Reading) -> Judgement:
    if reading.sign == "<":
        return replace(found, verdict="ok")
    if reading.value == 0:
        why = reason(
            N_("Zero is not a result of a laboratory: write ND, or the detection limit (<0.0001)."), "J3"
        )
        return replace(found, reasons=(why, *found.reasons))
    why = reason(N_("It must not be detected and was: no multiple is worked out."), "J1")
    return replace(found, verdict="over", reasons=(why, *found.reasons))


def _beyond_range(found: Judgement, reading: Reading, value: Decimal, limit: str) -> Judgement:
    """Of a value of which only the least is known: more than it (">"), or it or more ("≥")."""
    low, high, strict = bounds(limit)
    more = reading.sign == ">"
    if high is not None and (value > high or (value == high and (more or strict))):
        why = reason(N_("The value lies above the range of the method: the multiple is not known."), "J1")
        return replace(found, verdict="over", reasons=(why, *found.reasons))
    if low is not None and high is None and (value > low or (value == low and (more or not strict))):
        return replace(found, verdict="ok")
    if more:
        why = reason(
            N_("The method gave only “more than {value}”: measure again, diluted."), value=plain(value)
        )
    else:
        why = reason(
            N_("The method gave only “{value} or more”: measure again, diluted."), value=plain(value)
        )
    return replace(found, reasons=(why, *found.reasons))


def _below_detection(
    found: Judgement, limit: Decimal | None, low: Decimal | None, high: Decimal | None
) -> Judgement:
    """Of a value that was not detected; the limit is that of detection."""
    if limit is None:
        why = reason(N_("Not detected, but without detection limit: give it (such as <0.004)."), "J3")
        return replace(found, reasons=(why, *found.reasons))
    if low is not None and limit <= low:
        why = reason(N_("The value is below the least required."), "J1")
        return replace(found, verdict="over", reasons=(why, *found.reasons))
    if not low and high is not None and limit <= high:
        return replace(found, verdict="ok")
    why = reason(
        N_(
            "Not detected, but the detection limit {detection} lies above the limit {limit}: "
            "nothing can be said."
        ),
        "J3",
        detection=plain(limit),
        limit=plain(low or high or limit),
    )
    return replace(found, reasons=(why, *found.reasons))
