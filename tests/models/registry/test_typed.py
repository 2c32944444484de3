"""What is typed into a form is read as people write it, or refused: never taken as another value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RuleBroken
from models.registry import typed
from models.registry.typed import read_cents, read_count, read_decimal, yuan
from models.rooms import Field


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1234.5", 123_450),
        ("1,234.50", 123_450),
        ("\uffe51\uff0c234\uff0c567", 123_456_700),
        ("3.2万", 3_200_000),
        ("3.2万元", 3_200_000),
        ("1.5亿", 15_000_000_000),
        (" 0 ", 0),
    ],
)
def test_amounts_as_people_write_them(text: str, cents: int) -> None:
    assert read_cents(text, "money") == cents


@pytest.mark.parametrize(
    "text",
    [
        "3.2万万",
        "1,2",
        "1,23,456",
        "12,34",
        "万",
        "-5",
        "1e9",
        "12.345",
        "1.2.3",
        "",
        "元",
        "3元5",
        ",5",
        "5,",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        read_cents(text, "money")
    assert refused.value.field == "money"


@pytest.mark.parametrize("text", ["1,2,3", "3万万", "1234567890123456", "½", "3,5"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken):
        read_decimal(text, "quantity")


def test_a_count_is_whole() -> None:
    assert read_count("1,358,800", "count") == read_count("135.88万", "count") == 1_358_800
    with pytest.raises(RuleBroken):
        read_count("3.5", "count")


@given(st.integers(0, 10**14))
def test_what_is_shown_reads_back(cents: int) -> None:
    assert read_cents(yuan(cents), "money") == cents


@given(st.text(alphabet="0123456789,.万亿- ", max_size=12))
def test_a_value_is_taken_only_where_its_digits_say_it(text: str) -> None:
    try:
        found = Decimal(read_decimal(text, "quantity"))
    except RuleBroken:
        return
    plain = text.replace(" ", "").replace(",", "")
    times = {"万": 10**4, "亿": 10**8}.get(plain[-1], 1)
    assert plain.count("万") + plain.count("亿") <= 1
    assert found == Decimal(plain.rstrip("万亿")) * times


@pytest.mark.parametrize(
    "text", ["2026-11-23 14:20", "2026/11/23 14:20", "2026-11-23T14:20", " 2026-11-23 14：20 "]
)
def test_a_moment_is_a_minute_in_china(text: str) -> None:
    assert typed.read_moment(text, "at") == 1_795_414_800_000
    field = Field("at", "At", "moment")
    assert typed.shown(field, 1_795_414_800_000) == "2026-11-23 14:20"


@pytest.mark.parametrize(
    "text", ["", "14", "25:00", "2026-11-23", "2026-02-30 10:00", "昨天", "0001-01-01 00:00"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        typed.read_moment(text, "at")
    assert refusal.value.field == "at"


@given(st.integers(0, 4_000_000_000))
def test_a_moment_that_is_shown_reads_back(minutes: int) -> None:
    moment = minutes % 60_000_000 * 60_000
    shown = typed.shown(Field("at", "At", "moment"), moment)
    assert typed.read_moment(shown, "at") == moment
