"""The key table: one row an action, no clash, only keys that every terminal delivers."""

from __future__ import annotations

import re

import pytest

from models.language import use_language
from models.pages import FOLDER
from tui.keys import action, bindings, clashes, effective, key_problem, shown, shown_keys
from tui.keys_page import PAGE
from tui.keytable import ACTIONS, PLACE_LABELS
from tui.places import PLACES

DELIVERED = re.compile(
    r"[a-z0-9]|f([1-9]|1[0-2])|up|down|left|right|home|end|pageup|pagedown|enter|escape|tab|question_mark|slash"
    r"|ctrl\+[a-gk-ln-y]|shift\+tab|left_square_bracket|right_square_bracket"
)


def test_every_id_is_there_once_and_names_a_known_place():
    ids = [row.id for row in ACTIONS]
    assert len(ids) == len(set(ids))
    assert {row.place for row in ACTIONS} <= set(PLACE_LABELS)
    assert {row.name for row in ACTIONS if row.place == "go"} <= set(PLACES)


def test_no_key_does_two_things_in_one_place():
    assert clashes({}) == []


def test_every_default_key_is_delivered_by_every_terminal():
    wrong = [(row.id, key) for row in ACTIONS for key in effective(row, {}) if not DELIVERED.fullmatch(key)]
    assert wrong == []


def test_letters_of_lists_mean_nothing_else_where_a_list_has_the_focus():
    lists = {key for row in ACTIONS if row.place in ("lists", "checklist") for key in effective(row, {})}
    clash = [
        (row.id, key)
        for row in ACTIONS
        if row.place not in ("lists", "checklist", "form", "go")
        for key in effective(row, {})
        if key in lists
    ]
    assert clash == []


def test_bindings_carry_the_id_for_the_keymap():
    assert {binding.id for binding in bindings("today")} == {
        row.id for row in ACTIONS if row.place == "today"
    }


def test_own_keys_replace_the_default_ones():
    row = action("today.start")
    assert effective(row, {"today.start": "w"}) == ["w"]
    assert shown_keys(row, {"today.start": "w"}) == "w"


@pytest.mark.parametrize("key", ["ctrl+i", "ctrl+m", "alt+x", "shift+up", "ctrl+enter"])
def test_a_key_that_terminals_swallow_is_refused_with_a_sentence(key):
    assert key_problem("today.start", key, {})


def test_a_key_in_use_is_refused_and_a_free_one_taken():
    assert "继续" in key_problem("today.start", "i", {})
    assert key_problem("today.start", "g", {})
    assert key_problem("today.start", "w", {}) == ""


def test_keys_are_shown_as_they_are_printed():
    assert [shown(key) for key in ("question_mark", "ctrl+p", "f5", "escape", "f")] == [
        "?",
        "Ctrl+P",
        "F5",
        "Esc",
        "f",
    ]
    use_language("en")
    assert shown("up") == "Up"


@pytest.mark.parametrize(("language", "name"), PAGE.files.items())
def test_the_page_of_keys_is_fresh(language, name):
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGE.text(language), "run: python -m tui.keys_page"
