"""Measured values are read as laboratories write them, and refused where they could mean two things."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.law.readings import Reading, converted, read_value


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
        ("≥24000", "24000", ">"),
    ],
)
def test_values_are_read(text, value, sign):
    assert read_value(text) == Reading(Decimal(value), sign)


@pytest.mark.parametrize("text", ["ND", "nd", "N.D.", "未检出", "低于检出限", "<DL", "<MDL"])
def test_not_detected_takes_the_detection_limit_given(text):
    assert read_value(text) == Reading(None, "<")
    assert read_value(text, "0.004") == read_value(text, "0.004L") == Reading(Decimal("0.004"), "<")


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
