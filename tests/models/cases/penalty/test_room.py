"""The room: what its lists, sheets and acts say and do."""

from __future__ import annotations

import inspect

import pytest

from models.cases.penalty import queries, verbs
from models.cases.penalty.room import ROOM
from models.errors import RuleBroken
from models.registry.typed import typed
from models.rooms import room
from models.store.change import put

TO = "350603"


def lines(notebook, name: str, text: str = "") -> list[tuple[str, tuple[str, ...]]]:
    """The rows of a list as text."""
    (listing,) = [each for each in ROOM.listings if each.name == name]
    found = listing.lines(notebook, listing.find(notebook, text))
    return [
        (row.id, tuple(cell if isinstance(cell, str) else cell.text for cell in row.cells)) for row in found
    ]


def words(notebook, kind: str, record: str) -> str:
    """All that a sheet says, in one text."""
    sheet = ROOM.sheets[kind](notebook, record)
    facts = [f"{fact.label} {fact.value}" for section in sheet.sections for fact in section.facts]
    return "\n".join([sheet.title, sheet.state.text, *facts])


def why_not(notebook, name: str, record: str) -> str:
    """Why an act cannot be done now."""
    act = ROOM.act(name)
    assert act is not None
    assert act.why_not is not None
    return act.why_not(notebook, record)


def test_the_room_is_found_by_its_name():
    assert room("penalties") is ROOM


def test_every_list_has_one_column_that_takes_the_rest_and_as_many_cells(notebook, desk, case):
    desk.start(desk.file())
    verbs.hand_over(notebook, queries.cases(notebook)[0].id, to_unit=TO, sent_on="2026-09-10")
    for listing in ROOM.listings:
        assert [column.width for column in listing.columns].count(0) == 1
        fixed = sum(column.width + 1 for column in listing.columns if column.from_width <= 76)
        assert fixed <= 60
        found = lines(notebook, listing.name)
        assert found
        assert {len(cells) for _id, cells in found} == {len(listing.columns)}


def test_every_act_asks_for_what_its_verb_takes():
    for act in ROOM.acts:
        takes = inspect.signature(act.run).parameters
        open_ended = any(each.kind is each.VAR_KEYWORD for each in takes.values())
        keys = {field.key for field in act.fields}
        named = {name for name, each in takes.items() if each.kind is each.KEYWORD_ONLY}
        assert open_ended or keys == named, act.name
        needed = {name for name in named if takes[name].default is inspect.Parameter.empty}
        assert needed <= {field.key for field in act.fields if field.required}, act.name


def test_the_lists_show_state_screening_and_what_waits(notebook, desk, case):
    ((_, cells),) = lines(notebook, "cases")
    assert cells[:4] == ("示例印染企业03", "已立案", "未筛查", "2026-12-06")
    assert [record for record, _ in lines(notebook, "unscreened")] == [case]
    assert lines(notebook, "unscreened", "别的") == []
    desk.start(case)
    assert lines(notebook, "unscreened") == []
    handover = verbs.hand_over(notebook, case, to_unit=TO, sent_on="2026-09-10")
    verbs.remind(notebook, handover, on="2026-09-12", text="请签收")
    ((record, row),) = lines(notebook, "not_received", "龙文")
    assert (record, row[0], row[1], row[4]) == (handover, "2026-09-10", "龙文区", "1")
    assert lines(notebook, "cases", "slyr")[0][0] == case
    assert ROOM.summary is not None
    assert ROOM.summary(notebook) == "在办 1 件 · 未筛查 0 件 · 未签收移送 1 件"


@pytest.mark.requirement("R035", "R036", "R038")
def test_the_sheet_shows_the_compensation_beside_the_penalty(notebook, desk, case):
    assert "赔偿启动条件筛查 未筛查" in words(notebook, "penalty_case", case)
    screening = desk.start(case)
    handover = verbs.hand_over(notebook, case, to_unit=TO, sent_on="2026-09-10", letter_number="漳环移1号")
    reminder = verbs.remind(notebook, handover, on="2026-09-12", text="请签收")
    verbs.serve_notice(notebook, case, on="2026-09-20")
    desk.damage_case(
        *(("start", "2026-09-08"), ("investigation", "2026-09-09"), ("assessment", "2026-09-10")),
        *(("consultation", "2026-09-11"), ("agreement", "2026-09-19")),
        penalty_case=case,
        title="示例河道损害案",
    )
    said = words(notebook, "penalty_case", case)
    for part in ("启动赔偿", "龙文区", "示例河道损害案", "可以考虑从轻", "第三十二条", "第六十条"):
        assert part in said
    sheet = ROOM.sheets["penalty_case"](notebook, case)
    opened = {(fact.kind, fact.id) for section in sheet.sections for fact in section.facts if fact.kind}
    assert {("screening", screening), ("handover", handover)} <= opened
    assert "河道水质明显下降" in words(notebook, "screening", screening)
    said = words(notebook, "handover", handover)
    for part in ("漳环移1号", "请签收", "未签收", "2026-10-10"):
        assert part in said
    assert "请签收" in words(notebook, "reminder", reminder)


def test_a_limit_that_cannot_be_counted_is_told_on_the_sheet(notebook, desk, case):
    notebook.write(put("penalty_case", case, "350602", hearing_on="2031-01-17"))
    assert "2031" in words(notebook, "penalty_case", case)


def test_acts_say_why_they_cannot_be_done(notebook, desk, case):
    assert "先办理" in why_not(notebook, "serve_decision", case)
    assert "没有赔偿启动条件筛查" in why_not(notebook, "close", case)
    assert "筛查" in why_not(notebook, "hand_over", case)
    assert why_not(notebook, "serve_notice", case) == ""
    desk.decided(case)
    assert "撤回" in why_not(notebook, "serve_notice", case)
    assert why_not(notebook, "note_payment", case) == ""
    desk.start(case)
    assert why_not(notebook, "close", case) == ""
    assert why_not(notebook, "hand_over", case) == ""
    handover = verbs.hand_over(notebook, case, to_unit=TO, sent_on="2026-09-10")
    assert "尚未签收" in why_not(notebook, "hand_over", case)
    assert why_not(notebook, "sign_receipt", handover) == ""
    verbs.sign_receipt(notebook, handover, on="2026-09-12", receiver="示例人05")
    assert "示例人05" in why_not(notebook, "sign_receipt", handover)
    assert "示例人05" in why_not(notebook, "withdraw_handover", handover)
    assert why_not(notebook, "remind", handover) == ""


def test_what_a_form_shows_first_can_be_given_back_unchanged(notebook, desk, case):
    act = ROOM.act("edit")
    assert act is not None
    assert act.preset is not None
    shown = act.preset(notebook, case)
    raw = {field.key: str(shown[field.key]) for field in act.fields if shown.get(field.key) is not None}
    before = desk.row(case).changed_at
    act.run(notebook, case, **typed(act, raw))
    assert desk.row(case).changed_at == before


def test_a_case_is_filed_and_screened_by_what_is_typed(notebook):
    act, screen = ROOM.act("file"), ROOM.act("screen")
    assert act is not None
    assert screen is not None
    raw = {"title": "未批先建", "party": "企业", "found_on": "2026/9/1", "source": "现场检查"}
    case = act.run(notebook, **typed(act, raw))
    raw = {"result": "不涉及生态环境损害", "reason": "仅手续不全", "on": "20260902"}
    screen.run(notebook, case, **typed(screen, raw))
    found = queries.screening_of(notebook, case)
    assert found is not None
    assert (found.result, found.person) == ("not_applicable", "执法员01")


def test_sheets_of_what_is_not_there_and_forms_that_show_it_are_refused(notebook):
    for sheet in ROOM.sheets.values():
        with pytest.raises(RuleBroken):
            sheet(notebook, "0190-none")
    edit = next(act for act in ROOM.acts if act.name == "edit")
    with pytest.raises(RuleBroken):
        edit.preset(notebook, "0190-none")
