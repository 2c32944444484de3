"""Complaints, who brought them, mediation with the four parties, hot spots."""

from __future__ import annotations

from datetime import date

import pytest

from models import catalogue
from models.community import complaints, patrols, privacy, queries, reports, verbs
from models.community.tables import Reporter
from models.community.work_sheets import complaint_sheet, mediation_sheet, reporter_sheet
from models.errors import RuleBroken
from models.law.deadlines import due, limit
from models.registry import access
from models.registry.keeping import row_of
from models.store.change import put
from tests.models.community.conftest import UNIT

SECRET = ("陈小明", "13800000000")


def complain(quarter, **values):
    given = {"about": "楼下餐馆油烟扰民", "received_on": quarter.today, "problem_class": "other"}
    return complaints.register_complaint(quarter.book, quarter.community, **{**given, **values})


def complain_named(quarter, **values):
    return complain(quarter, reporter_name=SECRET[0], reporter_contact=SECRET[1], **values)


@pytest.mark.requirement("R069")
def test_a_complaint_is_answered_then_revisited_then_closed(quarter):
    book = quarter.book
    record = complain_named(quarter, received_on=quarter.day(5))
    with pytest.raises(RuleBroken):
        complaints.revisit(book, record, on=quarter.today, satisfied=True)
    with pytest.raises(RuleBroken) as broken:
        complaints.close_complaint(book, record, on=quarter.today, result="已处理")
    assert broken.value.field == "first_reply_on"
    with pytest.raises(RuleBroken) as broken:
        complaints.reply(book, record, on=quarter.day(6), text="已受理")
    assert broken.value.field == "on"
    complaints.reply(book, record, on=quarter.day(4), text="已受理，将上门了解", handled_by="示例网格员")
    with pytest.raises(RuleBroken):
        complaints.reply(book, record, on=quarter.day(3), text="再次反馈")
    with pytest.raises(RuleBroken):
        complaints.revisit(book, record, on=quarter.day(5), satisfied=True)
    complaints.revisit(book, record, on=quarter.day(1), satisfied=False, text="仍有油烟")
    complaints.close_complaint(book, record, on=quarter.today, result="已装净化器")
    row = row_of(book, "complaint", record)
    assert (row.first_reply_on, row.satisfied, row.closed_on) == (quarter.day(4), False, quarter.today)
    with pytest.raises(RuleBroken):
        complaints.edit_complaint(book, record, place="示例路")


def test_an_anonymous_complaint_closes_without_a_reply(quarter):
    record = complain(quarter)
    complaints.close_complaint(quarter.book, record, on=quarter.today, result="已劝阻")
    assert row_of(quarter.book, "complaint", record).closed_on == quarter.today


@pytest.mark.requirement("R069")
def test_what_is_beyond_the_communitys_power_is_handed_over_once(quarter):
    record = complain(quarter)
    complaints.transfer(quarter.book, record, to="城市管理局", on=quarter.today)
    with pytest.raises(RuleBroken):
        complaints.transfer(quarter.book, record, to="另一部门", on=quarter.today)
    assert row_of(quarter.book, "complaint", record).transferred_to == "城市管理局"
    assert queries.dues(quarter.book), "the reply is still the community's"


@pytest.mark.requirement("R069", "R088")
def test_the_first_reply_is_due_in_working_days_until_it_is_given(quarter):
    record = complain(quarter, received_on="2026-09-29")
    found = limit("complaint_reply", date(2026, 9, 29))
    assert found is not None
    (one,) = queries.dues(quarter.book)
    assert (one.kind, one.record, one.key) == ("complaint", record, "complaint_reply")
    assert one.due_on == due(date(2026, 9, 29), found).due_on > date(2026, 10, 7), "across the National Day"
    complaints.reply(quarter.book, record, on=quarter.today, text="已受理")
    assert queries.dues(quarter.book) == []


@pytest.mark.requirement("R088")
def test_a_year_without_calendar_gives_no_guessed_day_and_the_sheet_says_so(quarter):
    record = complain(quarter, received_on="2014-03-03")
    assert queries.dues(quarter.book) == []
    values = [
        fact.value for section in complaint_sheet(quarter.book, record).sections for fact in section.facts
    ]
    assert any("2014" in value and "日历" in value for value in values)


@pytest.mark.requirement("R089")
def test_who_brought_it_is_read_by_few_and_found_by_nobody(quarter, become):
    book = quarter.book
    become("grid_worker")
    record = complain_named(quarter)
    (reporter,) = privacy.reporter_ids(book, record)
    assert privacy.reporter(book, record).name == SECRET[0], "who wrote it down"
    for role, reads in (
        ("grid_worker", False),
        ("officer", False),
        ("dispatcher", False),
        ("city_admin", False),
        ("lead", True),
        ("legal", True),
        ("county_head", True),
        ("city", True),
    ):
        become(role)
        sheet = complaint_sheet(book, record)
        shown = f"{sheet}"
        assert (SECRET[0] in shown) == reads, role
        assert SECRET[1] not in shown
        if reads:
            assert SECRET[1] in f"{reporter_sheet(book, reporter)}"
        else:
            for ask in (
                lambda: privacy.reporter(book, record),
                lambda: reporter_sheet(book, reporter),
            ):
                with pytest.raises(RuleBroken) as broken:
                    ask()
                assert "一百四十六" in broken.value.basis
    assert not access.may_read({"patrol", "see_community"}, "reporter")
    for secret in SECRET:
        assert book.search(secret) == []
    known = catalogue.kind("reporter")
    assert known is not None
    assert known.search == ()


@pytest.mark.requirement("R089")
def test_no_words_of_a_complaint_name_who_brought_it(quarter, become):
    book = quarter.book
    for values in (
        {"about": "陈小明反映油烟"},
        {"about": "油烟，电话13800000000"},
        {"place": "陈小明家楼下"},
    ):
        with pytest.raises(RuleBroken) as broken:
            complain_named(quarter, **values)
        assert broken.value.field in values
    with book:
        assert Reporter.select().count() == 0, "nothing was written"
    record = complain_named(quarter)
    become("grid_worker")  # one who may not read it is stopped all the same
    for attempt in (
        lambda: complaints.edit_complaint(book, record, about="陈小明的投诉"),
        lambda: complaints.reply(book, record, on=quarter.today, text="已电告陈小明"),
        lambda: complaints.close_complaint(book, record, on=quarter.today, result="陈小明满意"),
    ):
        with pytest.raises(RuleBroken):
            attempt()


@pytest.mark.requirement("R089")
def test_a_reporter_is_written_down_later_once_and_goes_with_the_complaint(quarter):
    book = quarter.book
    record = complain(quarter)
    assert not row_of(book, "complaint", record).real_name
    reporter = complaints.name_reporter(book, record, name="林大山", contact="示例信箱")
    assert row_of(book, "complaint", record).real_name
    with pytest.raises(RuleBroken):
        complaints.name_reporter(book, record, name="另一人")
    complaints.withdraw_complaint(book, record, why="重复登记")
    assert row_of(book, "reporter", reporter).voided == "重复登记"
    other = complain(quarter, about="林大山家油烟")
    with pytest.raises(RuleBroken):
        complaints.name_reporter(book, other, name="林大山")


def test_a_complaint_that_was_reported_is_not_withdrawn(quarter):
    record = complain(quarter)
    reports.report_complaint(quarter.book, record, from_grid=quarter.grid)
    with pytest.raises(RuleBroken):
        complaints.withdraw_complaint(quarter.book, record, why="误录")


CAME = {"owners": "came", "owners_committee": "came", "government": "came", "departments": "came"}


def settle(quarter, **values):
    given = {
        "on": quarter.today,
        "parties": "3栋业主陈小明、示例物业公司",
        "demand": "陈小明要求3栋楼道清运垃圾",
        **CAME,
    }
    return complaints.mediate(quarter.book, quarter.community, **{**given, **values})


@pytest.mark.requirement("R072", "R068")
@pytest.mark.parametrize("party", list(CAME))
def test_each_of_the_four_parties_came_or_is_said_why_not(quarter, party):
    with pytest.raises(RuleBroken) as broken:
        settle(quarter, **{party: ""})
    assert broken.value.field == party
    with pytest.raises(RuleBroken) as broken:
        settle(quarter, **{party: "absent", f"{party}_reason": "  "})
    assert broken.value.field == f"{party}_reason"
    record = settle(quarter, **{party: "absent", f"{party}_reason": "已通知未到"})
    sheet = mediation_sheet(quarter.book, record)
    (four,) = [section for section in sheet.sections if len(section.facts) == 4]
    assert sum("已通知未到" in fact.value for fact in four.facts) == 1
    with pytest.raises(RuleBroken):
        complaints.edit_mediation(quarter.book, record, **{f"{party}_reason": ""})


@pytest.mark.requirement("R072")
def test_an_agreement_has_words(quarter):
    with pytest.raises(RuleBroken) as broken:
        settle(quarter, result="agreed")
    assert broken.value.field == "agreement"
    settle(quarter, result="failed")


@pytest.mark.requirement("R072", "R089")
def test_the_public_version_is_without_personal_data_and_stays(quarter):
    book = quarter.book
    complaint = complain(quarter, reporter_name="王芳芳", reporter_contact="wff@example.cn")
    record = settle(quarter, complaint=complaint)
    with pytest.raises(RuleBroken):
        complaints.publish_mediation(book, record, on=quarter.today, text="示例")
    agreement = "示例物业公司每日清运；陈小明、王芳芳（13800000000）到3栋2单元501室监督"
    with pytest.raises(RuleBroken) as broken:
        complaints.edit_mediation(book, record, result="agreed", agreement=agreement)
    assert broken.value.field == "agreement"
    book.write(
        put("mediation", record, UNIT, result="agreed", agreement=agreement)
    )  # as it was written before
    public = privacy.public_text(book, record)
    for secret in ("陈小明", "王芳芳", "13800000000", "501室", "示例物业公司"):
        assert secret not in public
    assert "每日清运" in public
    assert "示例社区" in public
    for leak in ("陈小明同意", "请找王芳芳", "电话13800000000"):
        with pytest.raises(RuleBroken) as broken:
            complaints.publish_mediation(book, record, on=quarter.today, text=leak)
        assert broken.value.field == "text"
    complaints.publish_mediation(book, record, on=quarter.today, text=public)
    assert privacy.public_text(book, record) == row_of(book, "mediation", record).public == public
    for late in (
        lambda: complaints.edit_mediation(book, record, demand="另改"),
        lambda: complaints.publish_mediation(book, record, on=quarter.today, text="另改"),
    ):
        with pytest.raises(RuleBroken):
            late()


@pytest.mark.requirement("R075", "R071")
def test_hot_spots_rank_communities_by_what_was_found_in_the_period(quarter):
    book = quarter.book
    other = verbs.add_community(book, name="示例二社区", street="东铺头街道")
    for ago in (10, 5, 0):
        complain(quarter, received_on=quarter.day(ago), problem_class="sewage")
    complain(quarter, problem_class="greening")
    complaint = complaints.register_complaint(
        book, other, about="绿地被占", received_on=quarter.today, problem_class="greening"
    )
    found = patrols.patrol(
        book,
        grid=quarter.grid,
        on=quarter.today,
        whom="resident",
        item="G05",
        outcome="dissuaded",
        result="混投",
    )
    patrols.patrol(book, grid=quarter.grid, on=quarter.today, whom="resident")
    reports.report_patrol(book, found)
    settle(quarter, complaint=complain(quarter, problem_class="other"), problem_class="other")
    first, last = date.fromisoformat(quarter.day(5)), date.fromisoformat(quarter.today)
    top, second = queries.hot_spots(book, first, last)
    assert (top.community.id, top.total, top.worst) == (quarter.community, 5, "sewage")
    assert top.by_class == {"sewage": 2, "greening": 1, "waste_sorting": 1, "other": 1}
    assert (second.community.id, second.total) == (other, 1)
    complaints.withdraw_complaint(book, complaint, why="误录")
    assert len(queries.hot_spots(book, first, last)) == 1
    assert queries.hot_spots(book, date(2020, 1, 1), date(2020, 12, 31)) == []


@pytest.mark.requirement("R089")
def test_nothing_that_comes_from_a_complaint_tells_who_brought_it(quarter):
    book = quarter.book
    complaint = complain(quarter, reporter_name="王芳芳女士", reporter_contact="0596-2012345")
    with pytest.raises(RuleBroken) as broken:
        complaints.edit_complaint(book, complaint, about="王 芳芳反映油烟")
    assert broken.value.params["value"] == "王 芳芳"
    with pytest.raises(RuleBroken) as broken:
        complaints.transfer(book, complaint, to="请与（王芳芳）联系", on=quarter.today)
    assert broken.value.field == "transferred_to"
    for leak in ("王－芳芳家有油烟", "请回电２０１２３４５", "油烟，电话138 0013 8000"):
        with pytest.raises(RuleBroken) as broken:
            reports.report_complaint(book, complaint, from_grid=quarter.grid, what=leak)
        assert broken.value.field == "what"
        with pytest.raises(RuleBroken) as broken:
            settle(quarter, complaint=complaint, demand=leak)
        assert broken.value.field == "demand"
    report = reports.report_complaint(book, complaint, from_grid=quarter.grid, what="油烟扰民")
    reports.receive(book, report, by="街道网格员")
    with pytest.raises(RuleBroken):
        reports.pass_on(book, report, what="王芳芳家有油烟")
    with pytest.raises(RuleBroken) as broken:
        reports.close(book, report, on=quarter.today, result="已告知王芳芳同志")
    assert broken.value.field == "result"
    reports.close(book, report, on=quarter.today, result="已整改")
