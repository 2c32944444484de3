"""The corpus is what it says it is, and the reader of terminal output sees every leak."""

from __future__ import annotations

import pytest

from tests.hostile.corpus import FAMILIES, HOSTILE, LONG, MARKER, sample
from tests.hostile.terminal import foreign, printed
from tui.quirks import UNSEEN, visible

FRAME = "\x1b[?2026h\x1b[3;1H\x1b[1;38;2;1;2;3;48;2;255;255;255m{text}\x1b[0m\x1b[1;1H\x1b[?2026l"


def test_the_corpus_holds_at_least_252_distinct_strings_in_named_families():
    assert len({each.text for each in HOSTILE}) == len(HOSTILE) >= 252
    assert len(FAMILIES) >= 30
    assert all(len(members) >= 5 for members in FAMILIES.values())
    assert max(len(each.text) for each in HOSTILE) == LONG


def test_every_string_bears_its_own_marker():
    assert all(each.marker in each.text for each in HOSTILE)
    assert all(set(MARKER.findall(each.text)) == {each.marker} for each in HOSTILE)


def test_a_sample_has_every_family_and_moves_through_it():
    assert len(sample()) == len(FAMILIES)
    moved = {each for shift in range(40) for each in sample(shift=shift)}
    assert moved == set(HOSTILE)


@pytest.mark.parametrize("each", [one for one in HOSTILE if UNSEEN.search(one.text)], ids=str)
def test_a_leak_of_any_string_is_seen(each):
    assert foreign(FRAME.format(text="正常") + FRAME.replace("{text}", each.text) + FRAME.format(text="正常"))


@pytest.mark.parametrize("each", HOSTILE, ids=str)
def test_the_visible_form_of_any_string_is_no_leak_and_is_one_cell_for_one_character(each):
    shown = visible(each.text)
    assert foreign(FRAME.replace("{text}", shown)) == []
    assert len(shown) == len(each.text)
    assert printed(FRAME.replace("{text}", shown)) == shown


def test_setting_up_the_terminal_is_allowed_at_the_ends_only():
    begin, end = "\x1b[?1049h\x1b[?1000h\x1b[?25l", "\x1b[?1049l\x1b[?25h"
    middle = FRAME.format(text="一")
    assert foreign(begin + middle + middle + end, modes=True) == []
    assert [each.what for each in foreign(begin + middle + end + middle, modes=True)] == [
        "\x1b[?1049l",
        "\x1b[?25h",
    ]
    assert foreign(begin + middle + end)
