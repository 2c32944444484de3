"""Our quick reading of the shipped checklists against the forms that pyxform makes of them."""

from __future__ import annotations

import pytest

from models.forms.load import load
from models.inspections import items
from models.inspections.phrases import _stock
from models.language import use_language

ALL = "A,B,C,W,Q,S,N,M,E,T,L"


@pytest.mark.parametrize("code", ALL.split(","))
def test_the_items_are_the_forms_own(code: str) -> None:
    known = items.checklist(code)
    assert known is not None
    form = load(known.path)
    assert form.version == known.version
    questions = {name: field for name, field in form.names.items() if name in known.items}
    assert set(questions) == set(known.items)
    for name, (path,) in questions.items():
        label = form.fields[path].label
        assert label.plain("中文 (zh)") == known.items[name].zh
        assert label.plain("English (en)") == known.items[name].en
        assert form.fields[path].hint.plain("中文 (zh)") == known.items[name].how_zh
    coded = [name for name in form.names if len(name) == 3 and name[0] == code and name[1:].isdigit()]
    assert coded == list(known.items)


def test_numbers_of_items_and_key_items_are_those_of_the_catalogue() -> None:
    counted = {each.code: len(each.items) for each in items.checklists()}
    assert counted == dict(zip(ALL.split(","), (6, 9, 11, 21, 15, 15, 9, 8, 7, 13, 9), strict=True))
    stars = [item.code for item in items.items_of(ALL).values() if item.star]
    assert " ".join(stars) == (
        "A02 A06 B01 B06 C01 C04 W01 W02 W03 W04 W05 W12 W13 Q01 Q02 S01 S10 S11 M06 M07 E04 E07 "
        "T01 T02 T04 T05 T06 L01 L05"
    )


def test_values_are_measured_where_the_law_has_limits() -> None:
    found: dict[str, list[str]] = {}
    for item in items.items_of(ALL).values():
        found.setdefault(item.measure, []).append(item.code)
    assert found["noise"] == ["N01", "N03", "N06"]
    assert {"Q01", "Q08", "Q13"} <= set(found["air"])
    assert {"W01", "W02", "W14", "W16", "L05", "L09"} <= set(found["water"])


def test_every_item_has_both_languages_how_to_look_and_what_to_keep() -> None:
    for item in items.items_of(ALL).values():
        for text in (item.zh, item.how_zh, item.evidence_zh):
            assert any("一" <= letter <= "龥" for letter in text), item.code
        for text in (item.en, item.how_en, item.evidence_en):
            assert text, item.code
            assert not any("一" <= letter <= "龥" for letter in text), item.code


def test_titles_follow_the_readers_language() -> None:
    item = items.items_of("W")["W01"]
    assert (item.title, item.how, item.evidence) == (item.zh, item.how_zh, item.evidence_zh)
    use_language("en")
    assert (item.title, item.how, item.evidence) == (item.en, item.how_en, item.evidence_en)


def test_unknown_codes_are_left_out() -> None:
    assert next(iter(items.items_of("X,A,"))) == "A01"
    assert items.items_of(None) == {}


def test_lists_are_proposed_by_the_kind_of_site() -> None:
    assert items.proposed(None) == "A"
    assert items.proposed("印染") == "A,B,C,W,M"
    assert items.proposed("畜禽养殖") == "A,L"
    assert "G" not in items.proposed("小区")


def test_versions_are_read_as_they_are_written() -> None:
    assert items.read_versions("A:2026.11.1,W:2") == {"A": "2026.11.1", "W": "2"}
    assert items.read_versions("A,:3,W:,") == {}
    assert items.read_versions(None) == {}


def test_stock_phrases_name_items_that_there_are_and_every_group_has_some() -> None:
    known = items.items_of(ALL)
    named = [place for phrase, _letters in _stock() for place in phrase.places]
    coded = {place for place in named if len(place) == 3 and place[0].isupper()}
    assert coded <= set(known)
    assert {code[0] for code in coded} == set(ALL.split(","))
