"""What is typed into a form is read as people write it, or refused: never taken as another value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RuleBroken
from models.registry.typed import read_cents, read_count, read_decimal, yuan


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
