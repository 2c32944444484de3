"""Text on paper: nothing hidden, nothing wider than its line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.documents.text import cells, one_line, visible, wrap

any_text = st.text(st.characters(), max_size=200)


@given(any_text)
def test_nothing_that_hides_or_reorders_is_left(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert unicodedata.is_normalized("NFC", shown)
    assert not [
        character
        for character in shown
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
    ]
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff"
    )
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("photo\u202egpj.exe", "photo�gpj.exe"),
        ("\x1b[31m红", "␛[31m红"),
        ("a\x00b\x7f", "a␀b␡"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("列\t列", "列    列"),
        ("e\u0301", "é"),
        ("\ud800", "�"),
        ("零\u200b宽", "零�宽"),
        ("示例企业03（有限公司）", "示例企业03（有限公司）"),
    ],
)
def test_hidden_characters_get_a_visible_stand_in(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_keeps_everything_on_one_line() -> None:
    assert one_line("一\n二\r\n三") == "一 二 三"


@given(any_text, st.integers(2, 120))
def test_no_wrapped_line_is_too_wide_and_no_character_is_lost(text: str, width: int) -> None:
    shown = visible(text)
    lines = wrap(shown, width)
    # a stack of marks has no width and clings to its letter: it alone never makes a line too wide
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(shown.split())


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("废水处理设施运行中。", 10, ["废水处理设", "施运行中。"]),
        ("废水处理设施，运行", 12, ["废水处理设", "施，运行"]),
        ("排口（总排口）", 6, ["排口", "（总排", "口）"]),
        ("执行 GB 8978-1996 表4", 12, ["执行 GB", "8978-1996 表", "4"]),
        ("", 10, [""]),
        ("一\n\n二", 10, ["一", "", "二"]),
        ("A" * 12, 5, ["AAAAA", "AAAAA", "AA"]),
    ],
)
def test_lines_break_where_chinese_printing_breaks_them(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines


def test_wide_letters_count_two_cells() -> None:
    assert cells("中a，é") == 2 + 1 + 2 + 1
