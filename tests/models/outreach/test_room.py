"""The room offers every list, sheet and act, in both languages."""

from __future__ import annotations

import pytest

from models.language import use_language
from models.outreach import exemplars, training, verbs
from models.outreach.room import ROOM
from models.registry import keeping
from models.registry.typed import shown, typed
from models.store.change import new_id, put

RECORDS = tuple(ROOM.sheets)


@pytest.fixture
def filled(played):
    """One record of each kind, by kind."""
    book = played.notebook
    base = verbs.open_base(
        book, name="示例基地", place="示例林场", opened_on="2021-12-03", founders="甲局、乙局"
    )
    activity = verbs.hold_activity(book, on="2021-12-04", form="visit", theme="参观", base=base, people=3)
    carbon = verbs.add_carbon_figure(book, base=base, year=2021, t_co2e="1.5")
    exemplar = exemplars.draft(book, played.id, restoration="已修复。")
    publicity = verbs.note_publicity(
        book, channel="tv", on="2021-12-05", title="报道", page="新闻", activity=activity
    )
    awareness = verbs.note_awareness(book, on="2021-12-31", percent="80", source="问卷")
    course = training.hold_training(
        book, kind="training", title="培训", on="2021-05-10", form="video", hours="4"
    )
    return {
        "education_base": base,
        "activity": activity,
        "carbon_figure": carbon,
        "exemplar": exemplar,
        "publicity": publicity,
        "awareness": awareness,
        "training": course,
        "attendance": training.attend(book, course, person=book.person),
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_list_shows_its_records_and_every_sheet_opens(notebook, filled, language):
    use_language(language)
    for listing in ROOM.listings:
        ids = listing.find(notebook, "")
        assert ids == [filled[listing.kind]]
        (line,) = listing.lines(notebook, ids)
        assert len(line.cells) == len(listing.columns)
        assert [column.width for column in listing.columns].count(0) == 1
    for kind, record in filled.items():
        sheet = ROOM.sheets[kind](notebook, record)
        assert sheet.title
        assert all(section.facts for section in sheet.sections)
    assert ROOM.summary(notebook)


def test_a_list_is_searched_by_words_and_leaves_out_what_was_withdrawn(notebook, filled):
    listing = ROOM.listings[0]
    assert listing.find(notebook, "示例林场") == [filled["education_base"]]
    assert listing.find(notebook, "没有这样的") == []
    keeping.withdraw(notebook, "education_base", filled["education_base"], "误登")
    assert listing.find(notebook, "") == []


@pytest.mark.requirement("R079")
def test_activities_are_found_by_the_community_and_the_base_that_their_row_names(notebook, filled):
    listing = next(each for each in ROOM.listings if each.name == "activities")
    places = {name: new_id() for name in ("青山社区", "绿水社区")}
    for name, place in places.items():
        notebook.write(put("community", place, notebook.unit, name=name))
    held = {
        name: verbs.hold_activity(
            notebook, on="2021-12-06", form="visit", theme="垃圾分类", community=place, people=3
        )
        for name, place in places.items()
    }
    assert listing.find(notebook, "青山社区") == [held["青山社区"]]
    assert listing.find(notebook, "lssq") == [held["绿水社区"]]
    assert listing.find(notebook, "示例基地") == [filled["activity"]]
    assert set(listing.find(notebook, "垃圾分类")) == set(held.values())
    keeping.withdraw(notebook, "activity", held["青山社区"], "误登")
    assert listing.find(notebook, "青山社区") == []


def test_a_report_is_found_by_the_activity_that_it_is_about(notebook, filled):
    listing = next(each for each in ROOM.listings if each.name == "publicity")
    assert listing.find(notebook, "参观") == [filled["publicity"]]


@pytest.mark.parametrize("kind", RECORDS)
def test_every_kind_can_be_corrected_from_its_form_and_withdrawn(notebook, filled, kind):
    edit, withdraw = ROOM.act(f"edit_{kind}"), ROOM.act(f"withdraw_{kind}")
    held = edit.preset(notebook, filled[kind])
    raw = {field.key: shown(field, held[field.key]) for field in edit.fields}
    edit.run(notebook, filled[kind], **typed(edit, raw))
    assert edit.preset(notebook, filled[kind]) == held
    withdraw.run(notebook, filled[kind], why="误登")
    assert keeping.row_of(notebook, kind, filled[kind]).voided == "误登"


def test_a_fact_of_a_sheet_opens_a_record_that_is_there(notebook, filled):
    opened = set()
    for kind, record in filled.items():
        for section in ROOM.sheets[kind](notebook, record).sections:
            for fact in section.facts:
                if fact.kind:
                    assert keeping.row_of(notebook, fact.kind, fact.id) is not None
                    opened.add(fact.kind)
    assert {"activity", "attendance", "carbon_figure", "publicity", "damage_case"} <= opened


def test_a_draft_from_a_case_shows_the_cleaned_text_first(notebook, played):
    act = ROOM.act("draft_from_case")
    assert act.why_not(notebook, played.id) == ""
    values = act.preset(notebook, played.id)
    assert "碧澄" not in "".join(values.values())
    raw = {field.key: values.get(field.key, "") for field in act.fields}
    exemplar = act.run(notebook, played.id, **typed(act, {**raw, "source": ""}))
    row = keeping.row_of(notebook, "exemplar", exemplar)
    assert (row.title, row.source) == (values["title"], None)
    assert act.why_not(notebook, played.id) != ""


def test_acts_say_why_they_cannot_be_done_now(notebook, played, filled):
    exemplar = filled["exemplar"]
    assert ROOM.act("report_exemplar").why_not(notebook, exemplar) == "尚未发布。"
    exemplars.edit(notebook, exemplar, significance="好。")
    exemplars.publish(notebook, exemplar, on="2021-12-01", publisher=played.head)
    assert ROOM.act("report_exemplar").why_not(notebook, exemplar) == ""
    assert "2021-12-01" in ROOM.act("publish_exemplar").why_not(notebook, exemplar)
    verbs.close_base(notebook, filled["education_base"], on="2022-01-01")
    assert "2022-01-01" in ROOM.act("close_base").why_not(notebook, filled["education_base"])


def test_names_of_acts_and_lists_are_each_there_once():
    for names in ([act.name for act in ROOM.acts], [one.name for one in ROOM.listings]):
        assert len(names) == len(set(names))
