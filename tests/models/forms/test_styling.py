"""Labels are read without the signs of their styling; what is no styling stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.forms.styling import unstyled


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**负责人**姓名", "负责人姓名"),
        ("__Name__ of *the* _keeper_", "Name of the keeper"),
        ("# Store\n### Tanks", "Store\nTanks"),
        ("[law](https://example.org/a) applies", "law applies"),
        ('<span style="color:red">Red</span> and <font color="#f58a1f">orange</font>', "Red and orange"),
        ("***both***", "both"),
        (r"\*not\* \_these\_ \# x", "*not* _these_ # x"),
        ("snake_case_name and a_b", "snake_case_name and a_b"),
        ("2 * 3 * 4 = 24", "2 * 3 * 4 = 24"),
        ("pH < 6 或 > 9", "pH < 6 或 > 9"),
        ("#1 tank", "#1 tank"),
        ("[1] see note", "[1] see note"),
        ("**", "**"),
    ],
)
def test_styling_goes_and_nothing_else(written: str, read: str) -> None:
    assert unstyled(written) == read


@given(st.text(alphabet=st.characters(exclude_characters="*_#[<\\")))
def test_a_text_without_signs_is_itself(text: str) -> None:
    assert unstyled(text) == text


@given(st.text(alphabet="*_#[]()<>\\ab \n", max_size=200))
def test_any_signs_are_borne(text: str) -> None:
    assert len(unstyled(text)) <= len(text)
