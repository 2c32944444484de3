"""Measured values are read as laboratories write them, and refused where they could mean two things."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.law.readings import Reading, converted, family_of, read_value


@pytest.mark.parametrize(
    ("text", "value", "sign"),
    [
        ("240", "240", ""),
        (" 0.12 ", "0.12", ""),
        (".5", "0.5", ""),
        ("１２．５", "12.5", ""),
        ("2.4e4", "24000", ""),
        ("2.4×10^4", "24000", ""),
        ("2.4×10⁴", "24000", ""),
        ("3*10^-2", "0.03", ""),
        ("<0.004", "0.004", "<"),
        ("＜0.004", "0.004", "<"),
        ("0.5L", "0.5", "<"),
        ("0.5l", "0.5", "<"),
        ("ND(0.03)", "0.03", "<"),
        ("未检出（<0.03）", "0.03", "<"),
        (">24000", "24000", ">"),
        ("≥24000", "24000", "≥"),
        ("≧24000", "24000", "≥"),
        ("＞5", "5", ">"),
        ("nd(0.03)", "0.03", "<"),
        ("N.D.(0.03)", "0.03", "<"),
        ("n.d.(0.03)", "0.03", "<"),
        ("<12.5", "12.5", "<"),
        (">12.5", "12.5", ">"),
        ("12L", "12", "<"),
        ("1.1E+4", "11000", ""),
        ("1.1x10^-4", "0.00011", ""),
        ("1.1×10⁻⁴", "0.00011", ""),
        ("999999999999.999999999999", "999999999999.999999999999", ""),
    ],
)
def test_values_are_read(text, value, sign):
    assert read_value(text) == Reading(Decimal(value), sign)


@pytest.mark.parametrize("text", ["ND", "nd", "N.D.", "未检出", "低于检出限", "<DL", "<MDL"])
def test_not_detected_takes_the_detection_limit_given(text):
    assert read_value(text) == Reading(None, "<")
    assert read_value(text, "0.004") == read_value(text, "0.004L") == Reading(Decimal("0.004"), "<")


@pytest.mark.parametrize(
    ("value", "limit", "wanted"),
    [
        ("0.003", "0.004", Reading(Decimal("0.004"), "<")),
        ("0.004", "0.004", Reading(Decimal("0.004"))),
        ("0.005", "0.004", Reading(Decimal("0.005"))),
        ("0.003", "", Reading(Decimal("0.003"))),
        ("<0.01", "0.004", Reading(Decimal("0.01"), "<")),
        ("0.003", " <0.004 ", Reading(Decimal("0.004"), "<")),
        ("0.003", "<<0.004", Reading(Decimal("0.004"), "<")),
        ("0.003", "0 .004 L", Reading(Decimal("0.004"), "<")),
        ("0.003", "0.004l", Reading(Decimal("0.004"), "<")),
        ("0.003", "０．００４", Reading(Decimal("0.004"), "<")),
        ("L", "0.004", Reading(Decimal("0.004"), "<")),
    ],
)
def test_a_number_below_the_detection_limit_was_not_detected(value, limit, wanted):
    assert read_value(value, limit) == wanted


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        ("5⁴", "", "5⁴"),
        ("ND(x)", "", "ND(x)"),
        ("<x", "", "<x"),
        (">x", "", ">x"),
        ("≥x", "", "≥x"),
        ("xL", "", "xL"),
        ("五", "", "五"),
        ("5", "some", "some"),
        ("5", "-0.1", "-0.1"),
        ("5", "X5", "X5"),
        ("5", "5X", "5X"),
    ],
)
def test_what_is_refused_is_shown_as_it_was_written_with_how_to_write_it(value, limit, shown):
    with pytest.raises(BadInput) as refused:
        read_value(value, limit)
    assert refused.value.text() == (
        f"“{shown}” is not a measured value. Write a number (0.12), "
        "a value below the detection limit (<0.004, 0.004L), or ND."
    )


@pytest.mark.parametrize(
    ("unit", "family"),
    [
        ("mg/L", "concentration"),
        ("MG / l", "concentration"),
        ("µg/L", "concentration"),
        ("μg/L", "concentration"),
        ("mg/m³", "gas"),
        ("kg/h", "rate"),
        ("dB(A)", "level"),
        ("", "pure"),
        ("furlongs", ""),
        ("XXmg/L", ""),
    ],
)
def test_a_unit_is_of_a_kind(unit, family):
    assert family_of(unit) == family


def test_a_reading_in_another_unit_stays_what_it_was():
    """Below the detection limit, above the range of the method, or without any number."""
    for sign in ("", "<", ">", "≥"):
        assert converted(Reading(Decimal(600), sign), "μg/L", "mg/L") == Reading(Decimal("0.600"), sign)
    assert converted(Reading(None, "<"), "μg/L", "mg/L") == Reading(None, "<")
    assert converted(Reading(Decimal("0.12")), "g/L", "mg/L").value == 120
    assert converted(Reading(Decimal(2)), "g/s", "kg/h").value == Decimal("7.2")


@pytest.mark.parametrize(
    ("unit", "wanted", "said"),
    [
        ("furlongs", "mg/L", "The unit “furlongs” is not known. The limit is in mg/L."),
        ("furlongs", "", "The unit “furlongs” is not known. The limit is in –."),
        ("mg/m3", "mg/L", "A value in mg/m3 cannot be compared with a limit in mg/L. Correct the unit."),
        ("", "mg/L", "A value in – cannot be compared with a limit in mg/L. Correct the unit."),
        ("mg/L", "", "A value in mg/L cannot be compared with a limit in –. Correct the unit."),
    ],
)
def test_a_unit_of_another_kind_is_refused_with_both(unit, wanted, said):
    with pytest.raises(BadInput) as refused:
        converted(Reading(Decimal(1)), unit, wanted)
    assert refused.value.text() == said


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "1,234", "1，5", "abc", "1.2.3", "nan", "inf", "1e999", "1.1×104", "5⁴", "0x1F",
     "6.5-7.2", "<", "L5", "1" * 40, "一百", "<ND", "\x1b[31m5"],
)  # fmt: skip
def test_what_is_not_a_value_is_refused(text):
    with pytest.raises(BadInput):
        read_value(text)


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_text_is_read_or_refused(text, detection_limit):
    try:
        found = read_value(text, detection_limit)
    except BadInput:
        return
    assert found.value is None or (found.value.is_finite() and found.value >= 0)


@given(st.decimals(0, 10**9, places=6))
def test_units_there_and_back_lose_nothing(value):
    reading = Reading(value)
    assert converted(converted(reading, "mg/L", "μg/L"), "ug/L", "mg/L").value == value
    assert converted(reading, "个/100mL", "MPN/L").value == value * 10
