"""Every field of every kind of record has words of its own, as history, Sync and `admin redact` say them."""

from __future__ import annotations

import pytest

import models.areas  # noqa: F401
from models import catalogue, rooms
from models.language import use_language
from models.store.records import Record
from tui.fieldnames import OWN, SET_BY_VERBS
from tui.kinds import KINDS
from tui.screens.common import FIELDS
from tui.screens.history import label_of
from tui.written_by import WRITTEN_BY

OURS = [each.name for each in catalogue.kinds() if each.table.__module__.startswith("models.")]
"""Not those that other tests make up."""
IN_EVERY_LANGUAGE = {"L10", "L50", "L90", "SHA-256", "SM3", "tCO₂e"}


def fields_of(kind: str) -> list[str]:
    """The fields that entries set: initials are made of others."""
    known = catalogue.kind(kind)
    assert known is not None
    common = {*Record._meta.fields, "initials"}
    return [name for name in known.table._meta.fields if name not in common]


@pytest.fixture(params=["zh", "en"])
def language(request):
    use_language(request.param)
    yield request.param
    use_language("zh")


@pytest.mark.parametrize("kind", OURS)
def test_every_field_has_words_and_no_two_have_the_same(kind, language):
    labels = {name: label_of(kind, name) for name in fields_of(kind)}
    assert [name for name, words in labels.items() if words == name] == []
    assert [words for words in labels.values() if list(labels.values()).count(words) > 1] == []
    if language == "zh":
        latin = {words for words in labels.values() if not any(ord(each) > 0x2E80 for each in words)}
        assert latin <= IN_EVERY_LANGUAGE


@pytest.mark.parametrize(
    ("kind", "field", "chinese", "english"),
    [
        ("evidence", "purpose", "证明对象", "What it proves"),
        ("evidence", "form", "原件或者复制件", "Original or copy"),
        ("evidence", "name", "文件名", "File name"),
        ("custody", "action", "流转环节", "Custody event"),
        ("custody", "to", "交给谁", "To whom"),
        ("statement", "text", "内容", "Words"),
        ("officer", "certificate", "执法证号", "Certificate number"),
        ("inspection", "signed", "签名", "Signature"),
        ("meeting", "count", "第几次会议", "Which meeting"),
        ("case_issue", "person", "责任人", "Who solves it"),
        ("measurement", "period", "昼间或夜间", "Day or night"),
    ],
)
def test_a_field_is_called_as_in_its_own_form_and_not_as_in_another_kinds(kind, field, chinese, english):
    use_language("en")
    assert label_of(kind, field) == english
    use_language("zh")
    assert label_of(kind, field) == chinese


def test_forms_and_words_are_those_of_kinds_and_fields_that_there_are():
    acts = {f"{room.name}.{act.name}": act for room in map(rooms.room, rooms.MODULES) for act in room.acts}
    for kind, keys in WRITTEN_BY.items():
        for key in keys:
            assert {field.key for field in acts[key].fields} & set(fields_of(kind)), (kind, key)
            assert acts[key].subject != kind, (kind, key)
    assert [(kind, name) for kind, own in OWN.items() for name in own if name not in fields_of(kind)] == []
    every = {name for each in OURS for name in fields_of(each)}
    assert sorted({*SET_BY_VERBS, *FIELDS} - every) == []
    assert set(OURS) - KINDS.keys() == set()
