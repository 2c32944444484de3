"""Codes, certificates and texts of the registers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.registry import rules

FIRST_SEVENTEEN = st.tuples(
    st.text(rules.CREDIT_ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(rules.CREDIT_ALPHABET, min_size=9, max_size=9),
).map("".join)


def test_the_published_credit_code_checks() -> None:
    assert rules.is_credit_code("91350100M000100Y43")  # the example of GB 32100-2015


@given(FIRST_SEVENTEEN)
def test_a_code_with_its_check_character_is_one(first: str) -> None:
    assert rules.is_credit_code(first + rules.credit_check_character(first))


@given(FIRST_SEVENTEEN, st.integers(0, 17), st.sampled_from(rules.CREDIT_ALPHABET))
def test_one_wrong_character_is_always_noticed(first: str, place: int, other: str) -> None:
    code = first + rules.credit_check_character(first)
    wrong = code[:place] + other + code[place + 1 :]
    assert rules.is_credit_code(wrong) == (wrong == code)


@given(FIRST_SEVENTEEN, st.integers(0, 15))
def test_two_neighbours_swapped_are_always_noticed(first: str, place: int) -> None:
    code = first + rules.credit_check_character(first)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert rules.is_credit_code(swapped) == (swapped == code)


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_outside_the_alphabet_are_refused(letter: str) -> None:
    assert not rules.is_credit_code("9135" + letter + "0100M00100Y43")


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("11010519491231002X", True),  # the example of GB 11643-1999
        ("440524188001010014", True),
        ("11010519491231002x", False),
        ("110105194912310021", False),
        ("11010519490231002X", False),  # 31 February
        ("1101051949123100２X", False),
        ("", False),
    ],
)
def test_citizen_numbers(number: str, valid: bool) -> None:
    assert rules.is_resident_id(number) is valid


@given(st.text())
def test_tidy_text_is_stable_nfc_and_shows_every_hidden_character(text: str) -> None:
    tidy = rules.tidy_text(text)
    assert rules.tidy_text(tidy) == tidy
    assert unicodedata.is_normalized("NFC", tidy)
    tidy.encode()  # no half surrogate pair is left
    assert all(character == "\n" or unicodedata.category(character) != "Cc" for character in tidy)


def test_control_characters_become_visible_instead_of_vanishing() -> None:
    assert rules.tidy_text("a\x1b[31mb\u202ec\ud800") == "a␛[31mb\ufffdc\ufffd"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_exported_cell_begins_a_formula(start: str) -> None:
    assert rules.guarded_cell(start + "cmd|' /C calc'!A0").startswith("'")
    assert rules.guarded_cell("示例企业03") == "示例企业03"


@pytest.mark.parametrize(
    ("text", "bound", "fits"),
    [
        ("117.656", 180, True),
        ("-90", 90, True),
        ("90.000", 90, True),
        ("90.0001", 90, False),
        ("1e2", 180, False),
        ("NaN", 180, False),
        ("１１７", 180, False),
    ],
)
def test_degrees_are_plain_decimals_in_range(text: str, bound: int, fits: bool) -> None:
    assert rules.is_degree(text, bound) is fits


def test_headers_are_compared_without_marks_and_hints() -> None:
    assert rules.folded_header(" 统一社会信用代码（18位）* ") == rules.folded_header("统一社会信用代码")
    assert rules.folded_header("Credit Code") == "creditcode"
