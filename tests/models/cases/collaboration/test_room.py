"""What the cases' room takes in: acts from their forms, sheets, sections."""

from __future__ import annotations

import pytest

from models.cases.collaboration import queries
from models.cases.collaboration.room import ACTS, SHEETS, sections
from models.language import use_language
from models.registry.typed import shown, typed
from tests.models.cases.collaboration.conftest import Case

BY_NAME = {act.name: act for act in ACTS}


@pytest.mark.requirement("R040", "R041")
def test_both_are_entered_from_what_was_typed(case: Case):
    case.reach("assessment")
    deliberate, supervise = BY_NAME["deliberate"], BY_NAME["supervise"]

    held = deliberate.run(
        case.book,
        case.id,
        **typed(
            deliberate,
            {"stage": "专家评估", "held_on": "2021-04-15", "invited": "自然资源部门、乡镇（街道）"},
        ),
    )
    letter = supervise.run(
        case.book,
        case.id,
        **typed(
            supervise,
            {"authority": "检察院", "stage": "专家评估", "way": "邀请函", "on": "2021-04-15"},
        ),
    )

    row, act = queries.deliberation(case.book, held), queries.supervision(case.book, letter)
    assert row is not None
    assert act is not None
    assert (row.stage, row.invited) == ("assessment", "natural_resources,town")
    assert (act.authority, act.way) == ("procuratorate", "invitation")


def test_the_form_proposes_the_stage_and_who_must_be_invited(case: Case):
    deliberate = BY_NAME["deliberate"]
    assert deliberate.preset is not None
    assert deliberate.why_not is not None
    assert "尚未启动" in deliberate.why_not(case.book, case.id)
    case.reach("consultation")

    assert deliberate.why_not(case.book, case.id) == ""
    found = deliberate.preset(case.book, case.id)
    assert (found["stage"], found["invited"]) == ("consultation", "natural_resources,town")


def test_what_a_form_shows_first_can_be_sent_back_unchanged(case: Case):
    case.reach("assessment")
    records = {"deliberation": case.deliberate(signed=True), "supervision": case.supervise(came=True)}
    for kind, name in (("deliberation", "edit_deliberation"), ("supervision", "edit_supervision")):
        act = BY_NAME[name]
        assert act.preset is not None
        values = act.preset(case.book, records[kind])
        raw = {field.key: shown(field, values.get(field.key)) for field in act.fields}
        act.run(case.book, records[kind], **typed(act, raw))
        assert act.preset(case.book, records[kind]) == values


@pytest.mark.requirement("R040", "R041", "R045")
def test_the_sheets_say_who_is_missing_and_open_every_record(case: Case):
    case.reach("performance")
    held = case.deliberate("performance", invited="town", came="", held_on="2021-06-02")
    letter = case.supervise("court", "performance", on="2021-06-02")
    for language in ("zh", "en"):
        use_language(language)
        found = sections(case.book, case.id)
        opened = {fact.id for section in found for fact in section.facts if fact.id}
        assert opened == {held, letter}
        assert len(found) == 5
        assert SHEETS["deliberation"](case.book, held).state.part == "warn"
        assert SHEETS["supervision"](case.book, letter).sections
    use_language("zh")
    missing = [fact.value for fact in sections(case.book, case.id)[0].facts]
    assert "尚未邀请检察院监督本案。" in missing
    assert "履行：尚未邀请自然资源部门参与会商。请发出邀请，已邀请的请补录。" in missing
    sheet = SHEETS["deliberation"](case.book, held)
    facts = {fact.label: fact.value for section in sheet.sections for fact in section.facts}
    assert facts["未邀请"] == "自然资源部门"
    assert sheet.state.text == "未到会：乡镇（街道）"
