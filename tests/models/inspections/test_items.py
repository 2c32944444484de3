"""Our quick reading of the shipped checklists against the forms that pyxform makes of them."""

from __future__ import annotations

from datetime import date

import pytest

from models.forms.load import load
from models.inspections import items
from models.language import use_language
from models.law import bases


@pytest.mark.parametrize("code", ["A", "C", "W", "N"])
def test_the_items_are_the_forms_own(code: str) -> None:
    known = items.checklist(code)
    assert known is not None
    form = load(known.path)
    questions = {name: field for name, field in form.names.items() if name in known.items}
    assert set(questions) == set(known.items)
    for name, (path,) in questions.items():
        label = form.fields[path].label
        assert label.plain("中文 (zh)") == known.items[name].zh
        assert label.plain("English (en)") == known.items[name].en
    coded = [name for name in form.names if len(name) == 3 and name[0] == code and name[1:].isdigit()]
    assert coded == list(known.items)


def test_numbers_of_items_and_key_items_are_those_of_the_catalogue() -> None:
    counted = {each.code: len(each.items) for each in items.checklists()}
    assert counted == {"A": 6, "C": 11, "W": 21, "N": 9}
    stars = [item.code for item in items.items_of("A,C,W,N").values() if item.star]
    assert stars == ["A02", "A06", "C01", "C04", "W01", "W02", "W03", "W04", "W05", "W12", "W13"]


def test_every_item_has_both_languages_and_a_basis_today() -> None:
    for item in items.items_of("A,C,W,N").values():
        assert item.zh
        assert item.en
        assert item.how_zh
        assert item.how_en
        assert bases.basis_text(item.basis_key, date(2026, 11, 23)), item.code


def test_titles_follow_the_readers_language() -> None:
    item = items.items_of("W")["W01"]
    assert item.title == item.zh
    use_language("en")
    assert item.title == item.en


def test_unknown_codes_are_left_out() -> None:
    assert next(iter(items.items_of("X,A,"))) == "A01"
    assert items.items_of(None) == {}
