"""J1 against the reference implementation of RFC 8785."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.inspections import canonical

LIMIT = canonical.INTEGER_LIMIT
TEXT = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(c) for c in range(32)]))
    | st.just("一行\n二行")
).map(lambda text: unicodedata.normalize("NFC", text))
KEY = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=12)
LEAF = st.none() | st.booleans() | st.integers(-LIMIT, LIMIT) | TEXT
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEY, inner, max_size=5), max_leaves=25
)


@given(VALUE)
def test_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)


@given(VALUE)
def test_decoding_gives_the_value_back(value: Any) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        {"a": [0.5]},
        float("nan"),
        LIMIT + 1,
        -LIMIT - 1,
        "\ud800",
        "tab\there",
        "e\u0301",
        {"键": 1},
        {"A": 1},
        {1: "a"},
        {"": 1},
        {"a": b"bytes"},
        {"a": {1, 2}},
    ],
)
def test_what_is_outside_j1_is_refused_with_its_place(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^\$"):
        canonical.encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1.0}',
        b'{"a":-0}',
        b'{"a":1}\n',
        b'{"a":"\\u4e2d"}',
        b'{"a":1,"a":1}',
        b'{"a":NaN}',
        b"\xff",
        b"",
        b"[" * 5000,
    ],
)
def test_bytes_that_are_not_their_own_canonical_form_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- several parsers, one kind of answer
        canonical.decode(data)


def test_depth_and_size_have_limits() -> None:
    deep: Any = 1
    for _ in range(canonical.DEPTH_LIMIT - 1):
        deep = [deep]
    assert canonical.encode(deep)
    with pytest.raises(ValueError, match="too deep"):
        canonical.encode([deep])
    with pytest.raises(BadInput, match="1 MiB"):
        canonical.encode("字" * canonical.SIZE_LIMIT)
    longest = "x" * (canonical.SIZE_LIMIT - 2)
    assert canonical.decode(canonical.encode(longest)) == longest
    with pytest.raises(BadInput, match="1 MiB"):
        canonical.encode(longest + "x")
    with pytest.raises(ValueError, match="1 MiB"):
        canonical.decode(b'"' + longest.encode() + b'x"')


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, {"b": 0.5}]}, r"\$\.a\[1\]\.b: float"),
        ({"a": ["", "\x00"]}, r"\$\.a\[1\]: a control"),
        ({"a": {"b": "e\u0301"}}, r"\$\.a\.b: not in NFC"),
        ([0, 1, LIMIT + 1], r"\$\[2\]: the number"),
        ({"a": {"B": 1}}, r"\$\.a: the key 'B'"),
        ((1, (2, b"")), r"\$\[1\]\[1\]: bytes"),
    ],
)
def test_the_place_of_what_is_outside_j1_is_said(value: Any, place: str) -> None:
    with pytest.raises(ValueError, match=f"^{place}"):
        canonical.encode(value)


def test_depth_counts_in_objects_too() -> None:
    deep: Any = 1
    for _ in range(canonical.DEPTH_LIMIT - 1):
        deep = {"a": deep}
    assert canonical.decode(canonical.encode(deep)) == deep
    with pytest.raises(ValueError, match="too deep"):
        canonical.encode({"a": deep})
    with pytest.raises(ValueError, match="too deep"):
        canonical.decode(b'{"a":' + canonical.encode(deep) + b"}")


def test_signs_that_no_record_holds_are_refused_and_all_others_kept() -> None:
    for number in [*range(0x20), *range(0xD800, 0xE000, 0x80), 0xDFFF]:
        if number != 0x0A:
            with pytest.raises(ValueError, match="control character"):
                canonical.encode(chr(number))
    assert canonical.encode("\n \x7f中") == '"\\n \x7f中"'.encode()
    assert (
        canonical.encode([True, None, False, -LIMIT, LIMIT]) == f"[true,null,false,{-LIMIT},{LIMIT}]".encode()
    )
