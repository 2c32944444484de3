"""The experts' room: every act can be done from its form, every record has a sheet."""

from __future__ import annotations

import pytest

from models.cases.assessment import queries
from models.cases.assessment.room import ROOM
from models.cases.assessment.sheets import sections
from models.language import use_language
from models.registry.typed import shown, typed
from models.rooms import Sheet
from models.store.change import put
from tests.models.cases.assessment.conftest import SAID, Assessment


def words(sheet: Sheet) -> str:
    """All that a sheet says."""
    facts = [f"{fact.label}={fact.value}" for section in sheet.sections for fact in section.facts]
    return "\n".join([sheet.title, sheet.state.text, *facts])


def test_a_draw_and_an_opinion_are_made_from_what_was_typed(assessment: Assessment):
    draw_act, opine_act = ROOM.act("draw_experts"), ROOM.act("opine")
    assert draw_act is not None
    assert opine_act is not None
    assert draw_act.why_not is not None
    assert opine_act.why_not is not None
    assert draw_act.why_not(assessment.book, assessment.case) == ""
    raw = {"on": "2021年4月5日", "count": "3", "field": "水利", "seed": "种子"}
    draw = draw_act.run(assessment.book, assessment.case, **typed(draw_act, raw))

    assert opine_act.why_not(assessment.book, draw) == ""
    said = {key: str(value) for key, value in SAID.items()}
    said |= {"total_cents": "10万", "restoration_mode": "增殖放流", "no_conflict": "是", "signed": "是"}
    opinion = opine_act.run(assessment.book, draw, **typed(opine_act, said))

    assert "已有专家意见" in opine_act.why_not(assessment.book, draw)
    row = queries.opinion(assessment.book, opinion)
    assert row is not None
    assert (row.total_cents, row.restoration_mode) == (10_000_000, "fish_release")


def test_who_may_not_is_told_before_filling_in_a_form(assessment: Assessment):
    draw = assessment.draw()
    add, opine = ROOM.act("add"), ROOM.act("opine")
    assert add is not None
    assert opine is not None
    assert add.why_not is not None
    assert opine.why_not is not None
    refusals = {}
    for role in ("city", "officer", "expert", "grid_worker"):
        assessment.book.write(put("officer", assessment.book.person, assessment.book.unit, role=role))
        refusals[role] = (bool(add.why_not(assessment.book, "")), bool(opine.why_not(assessment.book, draw)))

    assert refusals == {
        "city": (False, False),
        "officer": (True, False),
        "expert": (True, False),
        "grid_worker": (True, True),
    }


def test_the_beginning_in_the_room_does_the_same_as_on_the_case(assessment: Assessment):
    act = ROOM.act("draw")
    assert act is not None
    raw = {"case": assessment.case, "on": "2021-04-05", "count": "3", "seed": "种子"}

    draw = act.run(assessment.book, **typed(act, raw))

    row = queries.draw(assessment.book, draw)
    assert row is not None
    assert row.case == assessment.case


def test_experts_are_named_from_single_fields(assessment: Assessment):
    act = ROOM.act("name_experts")
    assert act is not None
    raw = {
        "on": "2021-04-05",
        "reason": "专业所限",
        "expert_1": assessment.experts[4],
        "expert_3": assessment.experts[2],
    }

    draw = act.run(assessment.book, assessment.case, **typed(act, raw))

    row = queries.draw(assessment.book, draw)
    assert row is not None
    assert queries.chosen(row) == (assessment.experts[4], assessment.experts[2])


@pytest.mark.requirement("R051")
def test_the_sheet_of_a_draw_says_who_was_kept_out_and_how_to_repeat_it(assessment: Assessment):
    draw = assessment.draw(declared="专家01：亲属")
    row = queries.draw(assessment.book, draw)
    assert row is not None

    sheet = ROOM.sheets["expert_draw"](assessment.book, draw)

    assert sheet.state.part == "good"
    assert "专家01=声明有利害关系：亲属" in words(sheet)
    assert row.list_hash is not None
    assert row.list_hash in words(sheet)
    opened = {fact.id for section in sheet.sections for fact in section.facts if fact.kind == "expert"}
    assert opened == set(assessment.experts)


def test_every_record_has_a_sheet_in_both_languages(assessment: Assessment):
    draw = assessment.draw()
    opinion = assessment.opine(draw)
    experts = queries.experts_of(assessment.book, [opinion])[opinion]
    records = {
        "expert": experts[0].expert or "",
        "expert_draw": draw,
        "opinion": opinion,
        "opinion_expert": experts[0].id,
    }
    assert set(records) == set(ROOM.sheets)
    for language in ("zh", "en"):
        use_language(language)
        for kind, record in records.items():
            sheet = ROOM.sheets[kind](assessment.book, record)
            assert sheet.state.part == "good"
            assert all(fact.value for section in sheet.sections for fact in section.facts)
    assert "100,000.00" in words(ROOM.sheets["opinion"](assessment.book, opinion))
    assert "示例印染企业03污染案" in words(ROOM.sheets["expert"](assessment.book, records["expert"]))
    assert [len(section.facts) for section in sections(assessment.book, assessment.case)] == [1, 1]


def test_the_lists_have_a_cell_for_every_column_and_find_by_the_words_of_the_case(assessment: Assessment):
    assessment.opine(assessment.draw())
    later = assessment.draw(on="2021-04-25", count=2, reason="复核")
    for listing in ROOM.listings:
        assert [column.width for column in listing.columns].count(0) == 1
        ids = listing.find(assessment.book, "")
        lines = listing.lines(assessment.book, ids)
        assert [line.id for line in lines] == ids
        assert all(len(line.cells) == len(listing.columns) for line in lines)
        assert listing.find(assessment.book, "没有这样的词") == []
    draws = ROOM.listings[1]
    assert draws.find(assessment.book, "")[0] == later
    assert len(draws.find(assessment.book, "示例印染")) == 2
    assert ROOM.summary is not None
    assert "专家 9 人" in ROOM.summary(assessment.book)


def test_what_a_form_shows_first_can_be_sent_back_unchanged(assessment: Assessment):
    draw = assessment.draw()
    opinion = assessment.opine(draw)
    expert = queries.experts_of(assessment.book, [opinion])[opinion][0]
    records = {"expert": assessment.experts[0], "opinion": opinion, "opinion_expert": expert.id}
    for act in ROOM.acts:
        if act.preset is None or act.subject not in records or act.name == "retire":
            continue
        values = act.preset(assessment.book, records[act.subject])
        raw = {field.key: shown(field, values.get(field.key)) for field in act.fields}
        act.run(assessment.book, records[act.subject], **typed(act, raw))
    row = queries.opinion(assessment.book, opinion)
    assert row is not None
    assert {name: getattr(row, name) for name in SAID} == SAID
