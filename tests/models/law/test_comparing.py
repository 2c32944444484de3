"""A reading against a limit, case by case: verdict, multiple, and each thing that has to be said of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.law.comparing import CLOSE, bounds, compared, limit_text, shown
from models.law.judgement import Judgement, multiple, pack_reasons, plain, reason, unpack_reasons, whole
from models.law.limit_data import Parameter
from models.law.readings import Reading, read_value

FOUND = Judgement("undecidable", "GB 0", "表1", "", "", reasons=(reason("before", "J0"),))
COD = Parameter("COD", "化学需氧量", "COD", no_multiple=False)
PH = Parameter("pH", "酸碱度", "pH", no_multiple=True)
BEFORE = ("before", "J0")
ABOVE_RANGE = "The value lies above the range of the method: the multiple is not known."
AGAIN = "The method gave only “more than {value}”: measure again, diluted."
OR_MORE = "The method gave only “{value} or more”: measure again, diluted."
NO_LIMIT = "Not detected, but without detection limit: give it (such as <0.004)."
NOTHING = (
    "Not detected, but the detection limit {detection} lies above the limit {limit}: nothing can be said."
)
LEAST = "The value is below the least required."
NO_MULTIPLE = "No multiple is worked out for {parameter}."
NO_DETECTION = "{parameter} has no detection limit: write the value."
DETECTED = "It must not be detected and was: no multiple is worked out."
ZERO = "Zero is not a result of a laboratory: write ND, or the detection limit (<0.0001)."


def told(found: Judgement) -> list[tuple[str, str]]:
    return [(each.msgid, each.rule) for each in found.reasons]


@pytest.mark.parametrize(
    ("value", "limit", "verdict", "times", "said"),
    [
        ("98", "100", "ok", "", [BEFORE]),
        ("99", "100", "ok", "", [BEFORE, (CLOSE, "J1")]),
        ("100", "100", "ok", "", [BEFORE, (CLOSE, "J1")]),
        ("100.0", "100", "ok", "", [BEFORE, (CLOSE, "J1")]),
        ("101", "100", "over", "0.01", [BEFORE, (CLOSE, "J1")]),
        ("102", "100", "over", "0.02", [BEFORE]),
        ("240", "100", "over", "1.4", [BEFORE]),
        ("0.49", "<0.5", "ok", "", [BEFORE, (CLOSE, "J1")]),
        ("0.48", "<0.5", "ok", "", [BEFORE]),
        ("0.50", "<0.5", "over", "", [BEFORE, (CLOSE, "J1")]),
        ("0.6", "<0.5", "over", "0.2", [BEFORE, (CLOSE, "J1")]),
        ("3", ">3", "over", "", [(LEAST, "J1"), BEFORE, (CLOSE, "J1")]),
        ("3.2", ">3", "ok", "", [BEFORE]),
        ("2.8", ">3", "over", "", [(LEAST, "J1"), BEFORE]),
        ("3", "≥3", "ok", "", [BEFORE, (CLOSE, "J1")]),
        ("2.8", "≥3", "over", "", [(LEAST, "J1"), BEFORE]),
        ("5.8", "6-9", "over", "", [(LEAST, "J1"), BEFORE]),
        ("6.0", "6-9", "ok", "", [BEFORE, (CLOSE, "J1")]),
        ("9.0", "6-9", "ok", "", [BEFORE, (CLOSE, "J1")]),
        ("7.5", "6-9", "ok", "", [BEFORE]),
        ("18", "6-9", "over", "1", [BEFORE]),
        ("<100", "100", "ok", "", [BEFORE]),
        ("<101", "100", "undecidable", "", [(NOTHING, "J3"), BEFORE]),
        ("ND", "100", "undecidable", "", [(NO_LIMIT, "J3"), BEFORE]),
        ("<3", ">3", "over", "", [(LEAST, "J1"), BEFORE]),
        ("<4", ">3", "undecidable", "", [(NOTHING, "J3"), BEFORE]),
        ("<5", "6-9", "over", "", [(LEAST, "J1"), BEFORE]),
        ("<6", "6-9", "over", "", [(LEAST, "J1"), BEFORE]),
        ("<7", "6-9", "undecidable", "", [(NOTHING, "J3"), BEFORE]),
        ("<7", "0-9", "ok", "", [BEFORE]),
        ("<3", "≥3", "over", "", [(LEAST, "J1"), BEFORE]),
        (">101", "100", "over", "", [(ABOVE_RANGE, "J1"), BEFORE]),
        (">100", "100", "over", "", [(ABOVE_RANGE, "J1"), BEFORE]),
        ("≥101", "100", "over", "", [(ABOVE_RANGE, "J1"), BEFORE]),
        ("≥100", "100", "undecidable", "", [(OR_MORE, ""), BEFORE]),
        ("≥0.5", "<0.5", "over", "", [(ABOVE_RANGE, "J1"), BEFORE]),
        ("≥3", ">3", "undecidable", "", [(OR_MORE, ""), BEFORE]),
        ("≥3", "≥3", "ok", "", [BEFORE]),
        ("≥3.1", ">3", "ok", "", [BEFORE]),
        ("≥7", "6-9", "undecidable", "", [(OR_MORE, ""), BEFORE]),
        (">50", "100", "undecidable", "", [(AGAIN, ""), BEFORE]),
        (">3", ">3", "ok", "", [BEFORE]),
        (">4", ">3", "ok", "", [BEFORE]),
        (">2", ">3", "undecidable", "", [(AGAIN, ""), BEFORE]),
        (">7", "6-9", "undecidable", "", [(AGAIN, ""), BEFORE]),
        (">9.1", "6-9", "over", "", [(ABOVE_RANGE, "J1"), BEFORE]),
        ("<0.01", "不得检出", "ok", "", [BEFORE]),
        ("ND", "不得检出", "ok", "", [BEFORE]),
        ("0", "不得检出", "undecidable", "", [(ZERO, "J3"), BEFORE]),
        ("0.001", "不得检出", "over", "", [(DETECTED, "J1"), BEFORE]),
        (">5", "不得检出", "over", "", [(DETECTED, "J1"), BEFORE]),
    ],
)
def test_a_reading_against_a_limit(
    value: str, limit: str, verdict: str, times: str, said: list[tuple[str, str]]
) -> None:
    found = compared(FOUND, read_value(value), limit, COD)
    assert (found.verdict, found.times, told(found)) == (verdict, times, said)


@pytest.mark.parametrize(
    ("value", "verdict", "said"),
    [
        ("7.2", "ok", [BEFORE]),
        ("10.2", "over", [(NO_MULTIPLE, "J2"), BEFORE]),
        ("5.2", "over", [(NO_MULTIPLE, "J2"), BEFORE]),
        ("<5", "undecidable", [(NO_DETECTION, ""), BEFORE]),
        (">10", "undecidable", [(NO_DETECTION, ""), BEFORE]),
        ("ND", "undecidable", [(NO_DETECTION, ""), BEFORE]),
    ],
)
def test_what_has_no_multiple_has_no_detection_limit_either(
    value: str, verdict: str, said: list[tuple[str, str]]
) -> None:
    found = compared(FOUND, read_value(value), "6-9", PH)
    assert (found.verdict, found.times, told(found)) == (verdict, "", said)


def test_what_is_said_names_the_numbers() -> None:
    def said(value: str, limit: str, parameter: Parameter = COD) -> str:
        return compared(FOUND, read_value(value), limit, parameter).lines()[0]

    assert "“more than 50”" in said(">50", "100")
    assert "“50 or more”" in said("≥50", "100")
    assert "the detection limit 7 lies above the limit 6" in said("<7", "6-9")
    assert "the detection limit 101 lies above the limit 100" in said("<101.0", "100")
    assert "the detection limit 4 lies above the limit 3" in said("<4", ">3")
    assert said("<5", "6-9", PH).startswith("pH has no detection limit")
    assert said("10", "6-9", PH).startswith("No multiple is worked out for pH")
    near = compared(FOUND, read_value("100.09"), "100.1", COD).reasons[1]
    assert (near.msgid, dict(near.params)) == (CLOSE, {"unit": "0.01"})
    assert dict(compared(FOUND, read_value("1.1×10²"), "100", COD).reasons[1].params) == {"unit": "10"}


@pytest.mark.parametrize(
    ("limit", "wanted"),
    [
        ("100", (None, Decimal(100), False)),
        ("6-9", (Decimal(6), Decimal(9), False)),
        ("<0.5", (None, Decimal("0.5"), True)),
        ("<12", (None, Decimal(12), True)),
        (">12", (Decimal(12), None, True)),
        (">3", (Decimal(3), None, True)),
        ("≥3", (Decimal(3), None, False)),
    ],
)
def test_the_bounds_of_a_limit(limit: str, wanted: tuple[Decimal | None, Decimal | None, bool]) -> None:
    assert bounds(limit) == wanted


@pytest.mark.parametrize(
    ("limit", "unit", "text"),
    [
        ("", "mg/L", ""),
        ("100", "mg/L", "≤100 mg/L"),
        ("6-9", "", "6–9"),
        ("<0.5", "mg/L", "<0.5 mg/L"),
        (">3", "mg/L", ">3 mg/L"),
        ("≥3", "mg/L", "≥3 mg/L"),
        ("不得检出", "mg/L", "不得检出"),
    ],
)
def test_a_limit_is_written_with_its_sign_and_unit(limit: str, unit: str, text: str) -> None:
    assert limit_text(limit, unit) == text


def test_a_reading_is_shown_as_it_is_compared() -> None:
    assert shown(Reading(Decimal("1.50"))) == "1.5"
    assert shown(Reading(Decimal("0.004"), "<")) == "<0.004"
    assert shown(Reading(None, "<")) == "<"
    assert shown(Reading(Decimal(24000), ">")) == ">24000"


@pytest.mark.parametrize(
    ("value", "limit", "times"),
    [
        ("240", "100", "1.4"),
        ("100.5", "100", "0.005"),
        ("101.5", "100", "0.02"),
        ("102.5", "100", "0.02"),
        ("103.5", "100", "0.04"),
        ("100.0001", "100", "0.000001"),
        ("1100", "100", "10"),
        ("0.2", "0.1", "1"),
        ("100", "100", "0"),
        ("999999999999E+9", "0.000000000001", f"{999_999_999_999 * 10**21 - 1}"),
    ],
)
def test_a_multiple_has_two_decimals_half_to_even_and_is_never_nothing(
    value: str, limit: str, times: str
) -> None:
    assert multiple(Decimal(value), Decimal(limit)) == times


def test_reasons_are_kept_as_text_that_a_person_can_read() -> None:
    told = (reason("超标 {times} 倍", "J1", times="1.4"), reason("x"))
    assert pack_reasons(told) == '[["超标 {times} 倍", "J1", [["times", "1.4"]]], ["x", "", []]]'
    assert unpack_reasons(pack_reasons(told)) == told
    assert unpack_reasons("") == ()


def test_numbers_are_written_plainly_and_levels_rounded_half_to_even() -> None:
    assert [plain(Decimal(text)) for text in ("1.50", "100", "1E+2", "0.0", "10.0")] == [
        "1.5",
        "100",
        "100",
        "0",
        "10",
    ]
    assert [whole(Decimal(text)) for text in ("57.5", "58.5", "58.4", "58.6")] == [58, 58, 58, 59]
