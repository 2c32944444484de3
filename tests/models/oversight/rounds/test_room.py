"""The supervision room offers every list, sheet and act, in both languages."""

from __future__ import annotations

import pytest

from models.language import use_language
from models.oversight.rounds import complaints, verbs
from models.oversight.rounds.room import ROOM
from models.registry import keeping
from models.registry.typed import shown, typed
from models.store.change import put
from tests.models.oversight.rounds.test_complaints import RESULT, register
from tests.models.oversight.rounds.test_rectification import PLAN


@pytest.fixture
def filled(city, on_ground):
    """One record of each kind, by kind."""
    problem = verbs.add_problem(
        city,
        round_id=on_ground,
        number="1",
        problem="排污口不规范",
        unit_code="龙海区",
        found_on="2021-12-10",
    )
    verbs.set_plan(city, problem, **PLAN)
    verbs.begin(city, problem, on="2022-01-10")
    slip = register(city, on_ground, reporter_name="陈示例", reporter_contact="13800138000")
    return {
        "round": on_ground,
        "rectification": problem,
        "rectification_note": verbs.note_progress(city, problem, on="2022-02-01", text="完成排查"),
        "transferred_complaint": slip,
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_list_shows_its_records_and_every_sheet_opens(city, filled, language):
    use_language(language)
    for listing in ROOM.listings:
        ids = listing.find(city, "")
        assert ids == [filled[listing.kind]]
        (line,) = listing.lines(city, ids)
        assert len(line.cells) == len(listing.columns)
        assert [column.width for column in listing.columns].count(0) == 1
    for kind, record in filled.items():
        sheet = ROOM.sheets[kind](city, record)
        assert sheet.title
        for section in sheet.sections:
            assert section.facts
            for fact in section.facts:
                assert not fact.kind or keeping.row_of(city, fact.kind, fact.id) is not None
    assert ROOM.summary(city)


@pytest.mark.requirement("R083")
def test_the_daily_list_of_another_day_is_asked_for_by_its_date(city, filled):
    daily = next(listing for listing in ROOM.listings if listing.name == "daily")
    slip = filled["transferred_complaint"]
    assert daily.find(city, "2021-11-21") == [slip]
    assert daily.find(city, "2021年11月22日") == []
    assert daily.find(city, "20211201") == [slip]
    assert daily.find(city, "夜间排放") == [slip]
    assert daily.find(city, "没有这样的") == []


@pytest.mark.requirement("R089")
def test_a_sheet_hides_who_complained_from_who_may_not_read_it(city, filled, officers):
    def words():
        sheet = ROOM.sheets["transferred_complaint"](city, filled["transferred_complaint"])
        return " ".join(fact.value for section in sheet.sections for fact in section.facts)

    assert "陈示例" in words()
    city.person = officers[1]
    assert "陈示例" not in words()
    assert "13800138000" not in words()
    assert ROOM.act("note_reporter").why_not(city, filled["transferred_complaint"]) != ""


@pytest.mark.parametrize(
    ("act", "kind"),
    [("edit_round", "round"), ("edit_problem", "rectification"), ("edit_complaint", "transferred_complaint")],
)
def test_a_form_with_what_is_kept_changes_nothing(city, filled, act, kind):
    edit = ROOM.act(act)
    held = edit.preset(city, filled[kind])
    raw = {field.key: shown(field, held[field.key]) for field in edit.fields}
    edit.run(city, filled[kind], **typed(edit, raw))
    assert edit.preset(city, filled[kind]) == held


@pytest.mark.requirement("R082")
def test_a_problem_goes_its_way_by_the_acts_of_the_room(city, filled):
    problem = filled["rectification"]
    for name, raw in (
        ("note_progress", {"on": "2022-03-01", "text": "过半"}),
        ("complete_rectification", {"on": "2022-05-01", "text": "完成"}),
        ("send_back_rectification", {"on": "2022-05-10", "text": "不足"}),
        ("extend_rectification", {"on": "2022-05-11", "text": "同意", "term_on": "2022-08-31"}),
        ("complete_rectification", {"on": "2022-08-01", "text": "完成"}),
        ("accept_rectification", {"on": "2022-08-10", "by": "漳州市生态环境局", "acceptance": "通过"}),
        ("sign_off_rectification", {"on": "2022-08-20", "by": "省督察办"}),
    ):
        act = ROOM.act(name)
        assert act.why_not(city, problem) == ""
        act.run(city, problem, **typed(act, raw))
    for name in ("note_progress", "accept_rectification", "sign_off_rectification", "set_plan"):
        assert ROOM.act(name).why_not(city, problem) != ""
    sheet = ROOM.sheets["rectification"](city, problem)
    assert sheet.state.text == "已销号"


def test_a_slip_is_finished_and_published_by_the_acts_of_the_room(city, filled):
    slip = filled["transferred_complaint"]
    assert ROOM.act("publish_complaint").why_not(city, slip) == "尚未办结。"
    finish = ROOM.act("finish_complaint")
    finish.run(city, slip, **typed(finish, {"on": "2021-11-25", **RESULT, "result": "属实"}))
    assert finish.preset(city, slip)["result"] == "yes"
    assert ROOM.act("publish_complaint").why_not(city, slip) == ""
    complaints.publish(city, slip, on="2021-11-26")
    assert "2021-11-26" in finish.why_not(city, slip)


def test_a_sheet_stands_without_the_round_that_another_unit_keeps(city, filled):
    city.write(put("rectification", filled["rectification"], "350604", round="gone"))
    sheet = ROOM.sheets["rectification"](city, filled["rectification"])
    assert sheet.sections[0].facts[0].kind == ""


def test_names_of_acts_and_lists_are_each_there_once():
    for names in ([act.name for act in ROOM.acts], [one.name for one in ROOM.listings]):
        assert len(names) == len(set(names))
