"""A penalty case from its filing to its closing."""

from __future__ import annotations

import pytest

from models.cases.penalty import queries, rules, verbs
from models.errors import BadInput, RuleBroken
from models.inspections import verbs as inspections
from models.registry import verbs as registry
from models.registry.rules import credit_check_character
from models.store.change import put

CODE = "91350602MA0000003"
CODE += credit_check_character(CODE)


def refused(field: str, run, *args, **fields) -> RuleBroken:
    """The refusal that names a field."""
    with pytest.raises(RuleBroken) as caught:
        run(*args, **fields)
    assert caught.value.field == field
    assert caught.value.text()
    return caught.value


@pytest.mark.validity("V19")
def test_a_case_runs_from_its_filing_to_its_closing(notebook, desk, case):
    assert rules.state(desk.row(case)) == "filed"
    assert (desk.row(case).number or "").startswith("CF-350602-")
    desk.decided(case)
    verbs.note_payment(notebook, case, on="2026-09-30")
    desk.start(case)
    verbs.close(notebook, case, on="2026-10-08")
    assert rules.state(desk.row(case)) == "closed"
    assert queries.dues_of(notebook, case) == []


def test_a_case_without_a_day_of_filing_waits_for_it(notebook, desk):
    case = desk.file(filed_on=None)
    assert [each.key for each in queries.dues_of(notebook, case)] == ["case_filing"]
    verbs.put_on_file(notebook, case, on="2026-09-10", opinion="建议立案")
    assert desk.row(case).opinion == "建议立案"
    assert [each.key for each in queries.dues_of(notebook, case)] == ["penalty_decision"]
    refused("filed_on", verbs.put_on_file, notebook, case, on="2026-09-11")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"party": ""}, "party"),
        ({"found_on": "2026-13-01"}, "found_on"),
        ({"filed_on": "2026-08-31"}, "filed_on"),
        ({"occurred_on": "2026-09-02"}, "found_on"),
        ({"party_code": "91350602MA0000003X"}, "party_code"),
        ({"source": "rumour"}, "source"),
        ({"unit": "厦门市"}, "unit"),
        ({"site": "nothing"}, "site"),
    ],
)
def test_what_cannot_be_true_is_refused(desk, fields, field):
    refused(field, desk.file, **fields)


def test_a_day_after_today_is_refused_and_today_is_not(desk):
    refused("filed_on", desk.file, filed_on=desk.ahead(1))
    assert desk.file(filed_on=desk.ahead(0))


def test_two_cases_never_share_a_number(notebook, desk):
    first, second = desk.file(number="漳环罚立〔2026〕1号"), desk.file()
    assert "超标排放" in refused("number", desk.file, number="漳环罚立〔2026〕1号").text()
    refused("number", verbs.edit, notebook, second, number="漳环罚立〔2026〕1号")
    verbs.edit(notebook, first, number="漳环罚立〔2026〕1号")
    verbs.withdraw(notebook, first, why="重复登记")
    verbs.edit(notebook, second, number="漳环罚立〔2026〕1号")
    assert desk.row(second).number == "漳环罚立〔2026〕1号"


def test_a_citizen_number_is_a_code_of_a_party_too(desk):
    case = desk.file(party="示例人03", party_code="110105 19491231 002x")
    assert desk.row(case).party_code == "11010519491231002X"


def test_a_case_comes_out_of_an_inspection_with_its_site_and_findings(notebook, officers):
    site = registry.add_site(
        notebook, "示例印染企业03", code=CODE, address="漳州市芗城区示例路3号", legal_person="示例人03"
    )
    visit = inspections.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A,W"
    )
    inspections.find(notebook, visit, item="W03", text="废水总排口超标排放")
    case = verbs.file_from_inspection(notebook, visit, opinion="建议立案")
    row = queries.penalty_case(notebook, case)
    assert row is not None
    assert (row.title, row.party, row.party_code) == ("废水总排口超标排放", "示例印染企业03", CODE)
    assert (row.site, row.inspection, row.source) == (site, visit, "inspection")
    assert (row.party_person, row.party_address) == ("示例人03", "漳州市芗城区示例路3号")
    assert (row.lead_officer, row.helper_officer) == officers
    assert row.found_on == row.occurred_on
    assert row.found_on
    assert row.violated
    assert row.opinion == "建议立案"


def test_an_inspection_without_findings_needs_a_cause(notebook, officers):
    site = registry.add_site(notebook, "示例印染企业03")
    visit = inspections.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A"
    )
    refused("title", verbs.file_from_inspection, notebook, visit)
    assert verbs.file_from_inspection(notebook, visit, title="未批先建")
    refused("inspection", verbs.file_from_inspection, notebook, "nothing", title="未批先建")


def test_no_penalty_without_a_notice(notebook, desk, case):
    found = refused(
        "notice_served_on", verbs.decide, notebook, case, on="2026-10-09", outcome="penalty", fine_cents=1
    )
    assert "第四十四条" in found.basis


@pytest.mark.validity("V27")
def test_no_penalty_while_the_party_may_still_speak(notebook, desk, case):
    """Notice on Monday 2026-09-14: five working days end on Sunday 2026-09-20, which is worked."""
    verbs.serve_notice(notebook, case, on="2026-09-14")
    last = rules.may_decide_after("2026-09-14")
    assert last is not None
    end = last.due_on.isoformat()
    decision = {"outcome": "penalty", "fine_cents": 1}
    assert end in refused("on", verbs.decide, notebook, case, on=end, **decision).text()
    day_after = last.due_on.replace(day=last.due_on.day + 1).isoformat()
    verbs.decide(notebook, case, on=day_after, **decision)
    assert desk.row(case).decided_on == day_after


@pytest.mark.validity("V27")
def test_who_gave_up_the_hearing_may_be_punished_at_once(notebook, desk, case):
    desk.ready(case)
    verbs.decide(notebook, case, on="2026-09-21", outcome="penalty", measures="警告")
    assert desk.row(case).measures == "警告"


@pytest.mark.validity("V26")
def test_a_hearing_that_was_asked_for_is_held_first(notebook, desk, case):
    verbs.serve_notice(notebook, case, on="2026-09-14")
    verbs.ask_hearing(notebook, case, on="2026-09-16")
    decision = {"outcome": "penalty", "fine_cents": 1}
    refused("on", verbs.decide, notebook, case, on="2026-11-18", **decision)
    late = refused("held_on", verbs.set_hearing, notebook, case, told_on="2026-11-09", held_on="2026-11-17")
    assert "2026-11-06" in late.text()
    verbs.set_hearing(notebook, case, told_on="2026-11-06", held_on="2026-11-17")
    refused("on", verbs.decide, notebook, case, on="2026-11-16", **decision)
    verbs.decide(notebook, case, on="2026-11-17", **decision)
    assert rules.state(desk.row(case)) == "decided"


def test_a_hearing_may_be_set_for_a_day_to_come(notebook, desk, case):
    verbs.serve_notice(notebook, case, on="2026-09-14")
    refused("hearing_asked_on", verbs.set_hearing, notebook, case, told_on="2026-11-06", held_on="2026-12-17")
    verbs.ask_hearing(notebook, case, on="2026-09-16")
    verbs.set_hearing(notebook, case, told_on="2026-11-06", held_on="2026-12-17")
    assert desk.row(case).hearing_on == "2026-12-17"
    with pytest.raises(BadInput):
        verbs.set_hearing(notebook, case, told_on="2026-11-06", held_on="2031-01-17")


@pytest.mark.validity("V21")
def test_a_violation_found_after_its_limitation_is_not_punished(notebook, desk):
    late = desk.file(occurred_on="2024-08-31")
    desk.ready(late)
    found = refused("outcome", verbs.decide, notebook, late, on="2026-09-22", outcome="penalty", fine_cents=1)
    assert "第三十六条" in found.basis
    verbs.decide(notebook, late, on="2026-09-22", outcome="unproved", note="已过追责期限")
    in_time = desk.file(occurred_on="2024-09-01")
    desk.ready(in_time)
    verbs.decide(notebook, in_time, on="2026-09-22", outcome="penalty", fine_cents=1)
    assert desk.row(in_time).outcome == "penalty"


def test_no_penalty_needs_its_reason_and_has_no_amount(notebook, desk, case):
    refused("note", verbs.decide, notebook, case, on="2026-09-22", outcome="minor")
    refused(
        "fine_cents", verbs.decide, notebook, case, on="2026-09-22", outcome="minor", note="x", fine_cents=1
    )
    verbs.decide(notebook, case, on="2026-09-22", outcome="minor", note="首次且及时改正")
    refused("decided_on", verbs.decide, notebook, case, on="2026-09-23", outcome="minor", note="再次")


def test_a_penalty_imposes_something_that_is_not_below_zero(notebook, desk, case):
    desk.ready(case)
    refused("measures", verbs.decide, notebook, case, on="2026-09-22", outcome="penalty")
    refused("fine_cents", verbs.decide, notebook, case, on="2026-09-22", outcome="penalty", fine_cents=-1)


@pytest.mark.validity("V23")
def test_an_order_to_correct_is_followed_by_a_check(notebook, desk, case):
    refused("correction_served_on", verbs.note_review, notebook, case, on="2026-09-20")
    verbs.note_report(notebook, case, on="2026-09-08")
    assert "correction_service" in {each.key for each in queries.dues_of(notebook, case)}
    verbs.serve_correction(notebook, case, on="2026-09-10", number="漳环责改〔2026〕1号")
    assert "review" in {each.key for each in queries.dues_of(notebook, case)}
    refused("on", verbs.note_review, notebook, case, on="2026-09-09")
    verbs.note_review(notebook, case, on="2026-10-09")
    assert not {"review", "correction_service"} & {each.key for each in queries.dues_of(notebook, case)}


@pytest.mark.requirement("R034", "R035")
def test_no_case_is_closed_without_its_screening(notebook, desk, case):
    desk.decided(case)
    verbs.note_payment(notebook, case, on="2026-09-30")
    found = refused("screening", verbs.close, notebook, case, on="2026-10-08")
    assert "2021年1月20日" in found.basis
    verbs.screen(notebook, case, result="not_applicable", reason="仅台账不全", on="2026-10-08")
    refused("screening", verbs.close, notebook, case, on="2026-10-07")
    verbs.close(notebook, case, on="2026-10-08")
    assert desk.row(case).closed_on == "2026-10-08"


def test_a_fine_is_paid_before_the_case_is_closed_or_its_end_explained(notebook, desk, case):
    verbs.screen(notebook, case, result="not_applicable", reason="仅台账不全", on="2026-09-08")
    refused("decided_on", verbs.close, notebook, case, on="2026-10-08")
    desk.ready(case)
    verbs.decide(notebook, case, on="2026-09-22", outcome="penalty", fine_cents=5_000_000)
    refused("decision_served_on", verbs.close, notebook, case, on="2026-10-08")
    verbs.serve_decision(notebook, case, on="2026-09-23")
    refused("note", verbs.close, notebook, case, on="2026-10-08")
    verbs.close(notebook, case, on="2026-10-08", note="法院裁定终结执行")
    refused("closed_on", verbs.note_payment, notebook, case, on="2026-10-09")
    refused("closed_on", verbs.edit, notebook, case, title="另一案由")


def test_only_a_fine_can_be_paid(notebook, desk, case):
    desk.ready(case)
    verbs.decide(notebook, case, on="2026-09-22", outcome="penalty", measures="警告")
    verbs.serve_decision(notebook, case, on="2026-09-23")
    refused("paid_on", verbs.note_payment, notebook, case, on="2026-09-30")


def test_a_step_is_taken_back_after_what_follows_it(notebook, desk, case):
    desk.decided(case)
    refused("event", verbs.take_back, notebook, case, event="notice", why="送达有误")
    refused("event", verbs.take_back, notebook, case, event="decision", why="送达有误")
    refused("why", verbs.take_back, notebook, case, event="service", why=" ")
    for event in ("service", "decision", "waiver", "notice"):
        verbs.take_back(notebook, case, event=event, why="送达有误")
    row = desk.row(case)
    assert rules.state(row) == "filed"
    assert (row.fine_cents, row.outcome, row.notice_number) == (None, None, None)
    assert "送达有误" in (row.taken_back or "")
    refused("event", verbs.take_back, notebook, case, event="notice", why="送达有误")
    refused("event", verbs.take_back, notebook, case, event="lunch", why="送达有误")


def test_a_closing_can_be_taken_back(notebook, desk, case):
    verbs.screen(notebook, case, result="not_applicable", reason="仅台账不全", on="2026-09-08")
    verbs.decide(notebook, case, on="2026-09-22", outcome="minor", note="首次且及时改正")
    verbs.close(notebook, case, on="2026-09-23")
    verbs.take_back(notebook, case, event="closing", why="尚需复查")
    verbs.edit(notebook, case, title="另一案由")
    assert desk.row(case).title == "另一案由"


def test_days_not_counted_need_a_reason(notebook, desk, case):
    refused("reason", verbs.exclude_days, notebook, case, reason="", excluded_days=3)
    refused("excluded_days", verbs.exclude_days, notebook, case, reason="监测", excluded_days=-3)
    verbs.exclude_days(notebook, case, reason="监测", excluded_days=3)
    (only,) = queries.dues_of(notebook, case)
    assert only.due_on.isoformat() == "2026-12-09"


def test_a_grid_worker_files_no_case(notebook, desk):
    notebook.write(put("officer", notebook.person, notebook.unit, role="grid_worker"))
    refused("role", desk.file)


def test_a_case_from_which_something_came_is_not_withdrawn(notebook, desk, case):
    desk.start(case)
    refused("penalty_case", verbs.withdraw, notebook, case, why="误登记")
    linked = desk.file()
    desk.damage_case(penalty_case=linked)
    refused("penalty_case", verbs.withdraw, notebook, linked, why="误登记")


def test_a_field_of_another_verb_is_a_mistake_of_the_caller(notebook, desk, case):
    with pytest.raises(TypeError):
        verbs.edit(notebook, case, fine_cents=1)
    with pytest.raises(TypeError):
        desk.file(decided_on="2026-09-22")
