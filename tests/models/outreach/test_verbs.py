"""Bases, activities, carbon figures, publicity, awareness, meetings and trainings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from models.errors import RuleBroken
from models.outreach import exemplars, queries, training, verbs
from models.outreach.room import ROOM
from models.outreach.rules import CHANNELS, FOUR_CHANNELS, THEMES
from models.registry import keeping
from models.rooms import label
from models.store.change import new_id, put

NOON = date(2021, 12, 3)


def base(notebook, **fields):
    given = {
        "name": "龙海林下双碳实践教育基地",
        "place": "龙海林下国有林场",
        "opened_on": "2021-12-03",
        "founders": "漳州市生态环境局、漳州市林业局",
        "unit_code": "龙海区",
        "statistical": "350604405",
        "themes": "peak,neutral",
        **fields,
    }
    return verbs.open_base(notebook, **given)


@pytest.mark.requirement("R077")
def test_a_base_counts_from_the_day_of_its_opening_on(notebook):
    base(notebook)
    assert queries.bases(notebook, date(2021, 11, 30)) == []
    assert queries.bases(notebook, date(2021, 12, 2)) == []
    found = queries.bases(notebook, NOON)
    assert [(row.name, row.unit, row.statistical, row.opened_on) for row in found] == [
        ("龙海林下双碳实践教育基地", "350604", "350604405", "2021-12-03")
    ]


def test_a_base_that_was_closed_counts_until_the_day_before(notebook):
    own = base(notebook)
    verbs.close_base(notebook, own, on="2024-01-01")
    assert len(queries.bases(notebook, date(2023, 12, 31))) == 1
    assert queries.bases(notebook, date(2024, 1, 1)) == []
    with pytest.raises(RuleBroken):
        verbs.close_base(notebook, own, on="2021-12-02")


@pytest.mark.requirement("R078")
@pytest.mark.parametrize("founders", ["漳州市生态环境局", "漳州市林业局、漳州市林业局", "、，", ""])
def test_a_base_has_two_founders_at_least(notebook, founders):
    with pytest.raises(RuleBroken) as refused:
        base(notebook, founders=founders)
    assert refused.value.field == "founders"


@pytest.mark.requirement("R078")
def test_founders_are_kept_one_after_the_other(notebook):
    own = base(notebook, founders="漳州市生态环境局, 漳州市林业局\n龙海区林业局")
    assert keeping.row_of(notebook, "education_base", own).founders == (
        "漳州市生态环境局、漳州市林业局、龙海区林业局"
    )


@pytest.mark.requirement("R081")
def test_the_two_goals_are_tags_of_themes(notebook):
    assert [label(THEMES, value) for value, _words in THEMES] == ["碳达峰", "碳中和"]
    with pytest.raises(RuleBroken) as refused:
        base(notebook, themes="peak,zero")
    assert refused.value.field == "themes"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"statistical": "35060440"}, "statistical"),
        ({"unit_code": "厦门市"}, "unit_code"),
        ({"opened_on": "2999-01-01"}, "opened_on"),
        ({"place": " "}, "place"),
    ],
)
def test_a_base_with_wrong_data_is_refused(notebook, fields, field):
    with pytest.raises(RuleBroken) as refused:
        base(notebook, **fields)
    assert refused.value.field == field


def test_no_two_bases_bear_one_name_but_a_withdrawn_one_frees_it(notebook):
    own = base(notebook)
    with pytest.raises(RuleBroken):
        base(notebook)
    verbs.edit_base(notebook, own, note="福建省首个")
    keeping.withdraw(notebook, "education_base", own, "误登")
    base(notebook)


@pytest.mark.requirement("R079")
def test_activities_are_counted_by_base_and_people_as_of_a_day(notebook):
    own = base(notebook)
    for on, people in (("2021-12-03", 60), ("2022-03-12", 120)):
        verbs.hold_activity(notebook, on=on, form="planting", theme="义务植树", base=own, people=people)
    verbs.hold_activity(notebook, on="2021-12-05", form="law", theme="普法", place="市民广场", people=5)
    assert queries.people_reached(notebook, date(2021, 12, 2)) == 0
    assert queries.people_reached(notebook, date(2021, 12, 3)) == 60
    assert queries.people_reached(notebook, date(2022, 3, 12)) == 185
    assert queries.people_reached(notebook, base=own) == 180
    by_base = queries.activities_by_base(notebook, date(2021, 12, 31))
    assert {key: len(rows) for key, rows in by_base.items()} == {own: 1, "": 1}
    assert keeping.row_of(notebook, "activity", by_base[own][0].id).unit == "350604"


@pytest.mark.requirement("R079")
def test_an_activity_is_held_while_its_base_is_open_and_somewhere(notebook):
    own = base(notebook)
    verbs.close_base(notebook, own, on="2022-01-01")
    for on in ("2021-12-02", "2022-01-01"):
        with pytest.raises(RuleBroken) as refused:
            verbs.hold_activity(notebook, on=on, form="visit", theme="参观", base=own)
        assert refused.value.field == "on"
    verbs.hold_activity(notebook, on="2021-12-31", form="visit", theme="参观", base=own)
    with pytest.raises(RuleBroken) as refused:
        verbs.hold_activity(notebook, on="2021-12-31", form="visit", theme="参观")
    assert refused.value.field == "place"


def test_a_grid_worker_may_hold_an_activity_but_open_no_base(notebook):
    notebook.write(put("officer", notebook.person, "350602", role="grid_worker"))
    verbs.hold_activity(notebook, on="2021-12-31", form="law", theme="宣传", place="示例社区")
    with pytest.raises(RuleBroken):
        base(notebook)


@pytest.mark.requirement("R080")
def test_carbon_is_kept_with_method_and_certificate_and_counts_once_verified(notebook):
    own = base(notebook)
    figure = verbs.add_carbon_figure(
        notebook, base=own, year=2021, t_co2e="1250.50", method="AR-CM-001-V01", verifier="示例核证公司"
    )
    assert queries.carbon_verified(notebook) == 0
    verbs.edit_carbon_figure(notebook, figure, certificate="FJ-0001", verified_on="2022-02-01")
    assert queries.carbon_verified(notebook, date(2022, 1, 31)) == 0
    assert queries.carbon_verified(notebook, date(2022, 2, 1)) == Decimal("1250.5")


@pytest.mark.requirement("R080")
def test_only_certified_carbon_of_a_restoration_substitutes_it(notebook):
    restoration = new_id()
    notebook.write(put("restoration", restoration, "350602", number="XF-1"))
    whole = {"method": "AR-CM-001-V01", "certificate": "FJ-1", "verified_on": "2022-02-01"}
    for missing in whole:
        some = {name: value for name, value in whole.items() if name != missing}
        with pytest.raises(RuleBroken) as refused:
            verbs.add_carbon_figure(
                notebook, restoration=restoration, year=2022, t_co2e="3", substitute=True, **some
            )
        assert refused.value.field == missing
    verbs.add_carbon_figure(
        notebook, restoration=restoration, year=2022, t_co2e="3", substitute=True, **whole
    )
    with pytest.raises(RuleBroken) as refused:
        verbs.add_carbon_figure(
            notebook, base=base(notebook), year=2022, t_co2e="3", substitute=True, **whole
        )
    assert refused.value.field == "substitute"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"t_co2e": "0"}, "t_co2e"),
        ({"t_co2e": "-1"}, "t_co2e"),
        ({"year": 1999}, "year"),
        ({"year": 2999}, "year"),
        ({"verified_on": "2021-12-31", "certificate": "1"}, "verified_on"),
        ({"verified_on": "2022-01-01"}, "certificate"),
        ({"restoration": "x"}, "base"),
    ],
)
def test_a_carbon_figure_with_wrong_data_is_refused(notebook, fields, field):
    own = base(notebook)
    with pytest.raises(RuleBroken) as refused:
        verbs.add_carbon_figure(notebook, **{"base": own, "year": 2022, "t_co2e": "1", **fields})
    assert refused.value.field == field


@pytest.mark.requirement("R059")
def test_the_four_channels_are_counted_those_without_reports_too(notebook):
    words = dict(CHANNELS)
    assert [label(CHANNELS, each) for each in FOUR_CHANNELS if each in words] == [
        "漳州生态环境微信公众号",
        "人民日报客户端",
        "漳州电视台",
        "中国环境报",
    ]
    for on, channel in (("2021-06-05", "tv"), ("2021-11-30", "wechat"), ("2021-12-01", "tv")):
        verbs.note_publicity(
            notebook, channel=channel, on=on, title="漳州模式", event="六五环境日", page="新闻"
        )
    counted = queries.publicity_by_channel(notebook, date(2021, 11, 30))
    assert counted == {"wechat": 1, "peoples_daily": 0, "tv": 1, "cen": 0, "other": 0}


@pytest.mark.requirement("R059")
def test_a_case_is_reported_from_its_publication_on_and_its_title_names_nobody(played):
    exemplar = exemplars.draft(played.notebook, played.id, restoration="已修复。")
    report = {"channel": "cen", "title": "漳州探索生态赔偿", "page": "3版", "exemplar": exemplar}
    with pytest.raises(RuleBroken) as refused:
        verbs.note_publicity(played.notebook, on="2021-12-02", **report)
    assert refused.value.field == "exemplar"
    exemplars.edit(played.notebook, exemplar, significance="有示范意义。")
    exemplars.publish(played.notebook, exemplar, on="2021-12-01", publisher=played.head)
    with pytest.raises(RuleBroken):
        verbs.note_publicity(played.notebook, on="2021-11-30", **report)
    with pytest.raises(RuleBroken) as refused:
        verbs.note_publicity(played.notebook, on="2021-12-01", **{**report, "title": "碧澄印染被追责"})
    assert refused.value.field == "title"
    verbs.note_publicity(played.notebook, on="2021-12-01", **report)
    assert [row.title for row in queries.publicity_of(played.notebook, exemplar=exemplar)] == [
        "漳州探索生态赔偿"
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"page": None}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"channel": "other"}, "other_channel"),
        ({"other_channel": "福建日报"}, "other_channel"),
        ({"event": None}, "exemplar"),
        ({"channel": "radio"}, "channel"),
    ],
)
def test_a_report_with_wrong_data_is_refused(notebook, fields, field):
    given = {"channel": "tv", "on": "2021-12-01", "title": "报道", "page": "新闻", "event": "环境日"}
    with pytest.raises(RuleBroken) as refused:
        verbs.note_publicity(notebook, **{**given, **fields})
    assert refused.value.field == field


@pytest.mark.requirement("R060")
def test_awareness_is_entered_by_hand_and_never_computed(notebook):
    assert queries.awareness(notebook) is None
    verbs.note_awareness(notebook, on="2021-06-30", percent="100", source="问卷", asked=500)
    verbs.note_awareness(notebook, on="2021-12-31", percent="85.50", source="问卷")
    assert queries.awareness(notebook, date(2021, 12, 30)).percent == "100"
    assert queries.awareness(notebook).percent == "85.5"
    for wrong in ("100.01", "-1", "八成", ""):
        with pytest.raises(RuleBroken) as refused:
            verbs.note_awareness(notebook, on="2021-12-31", percent=wrong, source="问卷")
        assert refused.value.field == "percent"
    with pytest.raises(RuleBroken) as refused:
        verbs.note_awareness(notebook, on="2021-12-31", percent="1", source=" ")
    assert refused.value.field == "source"


@pytest.mark.requirement("R016")
def test_the_video_conference_is_kept_with_form_units_and_minutes(notebook):
    own = training.hold_training(
        notebook,
        kind="meeting",
        title="生态环境损害赔偿制度改革推进视频会议",
        on="2021-02-02",
        form="video",
        units="芗城区，龙文区、龙海区、芗城区",
        minutes="部署任务分解。",
    )
    assert queries.trainings(notebook, last=date(2021, 2, 1)) == []
    row = queries.trainings(notebook, last=date(2021, 2, 2), kind="meeting")[0]
    assert (row.id, row.form, row.units, row.minutes) == (
        own,
        "video",
        "芗城区、龙文区、龙海区",
        "部署任务分解。",
    )


@pytest.mark.requirement("R018")
def test_trainings_with_the_hours_of_each_person(notebook, officers):
    first, second = officers
    morning = training.hold_training(
        notebook,
        kind="training",
        title="磋商实务",
        on="2021-05-10",
        form="on_site",
        hours="4",
        material="讲义",
    )
    later = training.hold_training(
        notebook, kind="training", title="评估实务", on="2021-09-10", form="video", hours="3.5"
    )
    training.attend(notebook, morning, person=first)
    training.attend(notebook, morning, person=second, hours="1.5")
    training.attend(notebook, later, person=first)
    training.attend(notebook, later, name="外聘人员", unit_code="龙文区", hours="2")
    assert {(each.name, str(each.hours), each.trainings) for each in queries.hours_per_person(notebook)} == {
        ("执法员01", "7.5", 2),
        ("执法员02", "1.5", 1),
        ("外聘人员", "2", 1),
    }
    spring = queries.hours_per_person(notebook, last=date(2021, 5, 10))
    assert [(each.name, str(each.hours)) for each in spring] == [("执法员01", "4"), ("执法员02", "1.5")]
    keeping.withdraw(notebook, "training", later, "误登")
    assert len(queries.hours_per_person(notebook)) == 2


@pytest.mark.requirement("R018")
def test_nobody_attends_twice_or_more_hours_than_there_were(notebook, officers):
    own = training.hold_training(
        notebook, kind="training", title="实务", on="2021-05-10", form="on_site", hours="4"
    )
    attendance = training.attend(notebook, own, person=officers[0], hours="4")
    with pytest.raises(RuleBroken, match="已在名单"):
        training.attend(notebook, own, person=officers[0])
    with pytest.raises(RuleBroken) as refused:
        training.attend(notebook, own, person=officers[1], hours="4.01")
    assert refused.value.field == "hours"
    with pytest.raises(RuleBroken):
        training.edit_training(notebook, own, hours="3")
    training.edit_attendance(notebook, attendance, hours="3")
    training.edit_training(notebook, own, hours="3")


def test_what_is_still_to_come_has_neither_minutes_nor_attendance(notebook, officers):
    given = {"kind": "training", "title": "明年培训", "on": "2999-01-01", "form": "video", "hours": "8"}
    with pytest.raises(RuleBroken):
        training.hold_training(notebook, minutes="纪要", **given)
    own = training.hold_training(notebook, **given)
    with pytest.raises(RuleBroken):
        training.attend(notebook, own, person=officers[0])


def test_a_training_needs_hours_and_a_meeting_does_not(notebook):
    given = {"title": "会", "on": "2021-02-02", "form": "video"}
    training.hold_training(notebook, kind="meeting", **given)
    with pytest.raises(RuleBroken) as refused:
        training.hold_training(notebook, kind="training", **given)
    assert refused.value.field == "hours"


def test_what_no_verb_wrote_stops_no_sum_and_no_list(notebook):
    held = new_id()
    notebook.write(
        put(
            "training",
            held,
            "350602",
            kind="training",
            title="示例",
            on="2021-05-01",
            form="video",
            hours="乱写",
        ),
        put("attendance", new_id(), "350602", training=held, name="甲", hours="乱写"),
        put("carbon_figure", new_id(), "350602", t_co2e="1e", verified_on="2021-05-01"),
    )
    assert queries.carbon_verified(notebook) == 0
    assert [each.hours for each in queries.hours_per_person(notebook)] == [0]
    with pytest.raises(RuleBroken):
        training.attend(notebook, held, name="乙", hours="2")


def test_a_sheet_or_form_of_what_is_not_there_is_refused(notebook):
    for kind, sheet in ROOM.sheets.items():
        with pytest.raises(RuleBroken):
            sheet(notebook, "none")
        edit = ROOM.act(f"edit_{kind}")
        if edit is not None and edit.preset is not None:
            with pytest.raises(RuleBroken):
                edit.preset(notebook, "none")
