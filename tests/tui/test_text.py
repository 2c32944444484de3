"""Words on the screen: wrapped as Chinese wraps, cut by cells, nothing raw."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.helpers import HOSTILE
from tui.quirks import UNSEEN, visible
from tui.text import NO_LINE_END, NO_LINE_START, fit, fit_right, plain, without_unseen, wrap

anything = st.text(st.characters(codec=None), max_size=200)
chinese = st.text("排水口超标监测值，。；：！？（）《》“” A12.5mg/L", max_size=300)


@given(chinese, st.integers(12, 90))
def test_no_line_of_prose_begins_with_a_closing_mark_or_ends_with_an_opening_one(text, width):
    lines = wrap(text, width)
    runs = "[" + re.escape("".join(NO_LINE_START | NO_LINE_END)) + "]{4,}"
    if re.search(runs, text):
        return  # a run of marks longer than a line can only be cut somewhere
    for line in lines[1:]:
        assert not line or line[0] not in NO_LINE_START, lines
    for line in lines[:-1]:
        assert not line or line[-1] not in NO_LINE_END, lines


@given(anything, st.integers(4, 90))
def test_wrapping_loses_nothing_but_spaces_and_fits(text, width):
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    whole = visible(text.replace("\n", "")).replace(" ", "")
    assert "".join(lines).replace(" ", "") == whole


@given(anything, st.integers(0, 60))
def test_a_fitted_line_has_exactly_its_width(text, width):
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit_right(text, width)) == width


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_made_visible(text):
    assert not UNSEEN.search(visible(text))
    assert len(visible(text)) == len(text)
    assert not UNSEEN.search(without_unseen(text))


def test_brackets_stay_brackets():
    assert plain("[bold]x[/]").plain == "[bold]x[/]"
    assert plain("[bold]x[/]").spans == []


def test_a_long_text_is_cut_between_wide_characters():
    assert fit("排水口超标", 7) == "排水.. "
    assert fit("排水口", 6) == "排水口"
