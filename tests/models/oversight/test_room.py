"""Charts as values and text, and the room that screens and command line are made from."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language import use_language
from models.oversight import charts, dispatch, queries, verbs
from models.oversight.charts import Bar
from models.oversight.figures import city_figures
from models.oversight.room import ROOM
from models.registry.typed import typed
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.models.oversight.conftest import agreed, closed, damage_case, started


@pytest.fixture
def full(city: Notebook) -> Notebook:
    """A notebook with something in every list of the room."""
    case = closed(city, "350602", "2021-04-01", "2021-04-20")
    damage_case(city, "ZZSTJ")
    agreed(city, "350603", "2021-04-01", "2021-04-10")
    started(city, "350603", "2021-05-01")
    city.write(
        put("case_issue", new_id(), "350602", case=case, text="困难", raised_on="2021-04-02", person="某")
    )
    dispatch.issue(city, "2021-04", on="2021-04-30")
    task = verbs.add_task(
        city,
        year=2021,
        title="任务一",
        lead="漳州市林业局",
        supporting="350602",
        set_on="2021-02-02",
        due_on="2021-06-30",
    )
    verbs.report_task(city, task, on="2021-03-01", text="已部署")
    verbs.score(city, "350602:2021:organisation", points="10", on="2022-01-05")
    verbs.enter_ranking(city, as_of="2021-11-30", place=1, source="通报")
    return city


def test_every_list_has_one_free_column_and_as_many_cells_as_columns(full: Notebook) -> None:
    for listing in ROOM.listings:
        assert [column.width for column in listing.columns].count(0) == 1, listing.name
        ids = listing.find(full, "")
        assert ids, listing.name
        lines = listing.lines(full, ids)
        assert [line.id for line in lines] == ids, listing.name
        assert {len(line.cells) for line in lines} == {len(listing.columns)}, listing.name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_row_opens_a_sheet_whose_facts_open_sheets(full: Notebook, language: str) -> None:
    use_language(language)
    seen: set[tuple[str, str]] = set()
    todo = [(listing.kind, each) for listing in ROOM.listings for each in listing.find(full, "")]
    while todo:
        kind, record = todo.pop()
        if kind not in ROOM.sheets or (kind, record) in seen:
            continue
        seen.add((kind, record))
        sheet = ROOM.sheets[kind](full, record)
        assert sheet.title
        assert sheet.sections
        todo += [(fact.kind, fact.id) for section in sheet.sections for fact in section.facts if fact.kind]
    assert {kind for kind, _ in seen} == set(ROOM.sheets) - {"bulletin", "score"}


def test_records_that_a_search_finds_have_sheets_too(full: Notebook) -> None:
    issued = dispatch.paper(full, "2021-04")
    assert ROOM.sheets["bulletin"](full, issued.id).title == issued.title
    score = verbs.score(full, "350602:2021:files", points="5", on="2022-01-05")
    assert ROOM.sheets["score"](full, score).title == "案卷质量"


def test_lists_find_by_words(full: Notebook) -> None:
    by_name = {listing.name: listing for listing in ROOM.listings}
    assert by_name["board"].find(full, "芗城") == ["350602"]
    assert by_name["board"].find(full, "xiangcheng") == ["350602"]
    assert by_name["bulletins"].find(full, "2021-04") == ["2021-04"]
    assert by_name["scores"].find(full, "2021")[0] == "350602:2021"
    assert len(by_name["scores"].find(full, "芗城")) == 2, "of the year with points and of this year"
    assert by_name["tasks"].find(full, "林业")
    assert by_name["tasks"].find(full, "没有") == []


@pytest.mark.requirement("R007")
def test_the_citys_sheet_itemises_the_cases_behind_each_number(full: Notebook) -> None:
    sheet = ROOM.sheets["unit_board"](full, "350600")
    opened = [fact for section in sheet.sections for fact in section.facts if fact.kind == "damage_case"]
    assert len({fact.id for fact in opened}) == city_figures(full, queries.today(full)).started == 3


def test_who_may_not_read_cases_sees_numbers_but_no_case(full: Notebook) -> None:
    full.write(put("officer", full.person, "350600", role="grid_worker"))
    sheet = ROOM.sheets["unit_board"](full, "350600")
    assert not [fact for section in sheet.sections for fact in section.facts if fact.kind == "damage_case"]
    by_name = {listing.name: listing for listing in ROOM.listings}
    assert by_name["first_cases"].find(full, "") == by_name["issues"].find(full, "") == []


def test_the_summary_says_the_figures_of_today(full: Notebook) -> None:
    assert ROOM.summary is not None
    assert ROOM.summary(full) == "启动3件 · 办结1件（33.33%） · 待履行1件 · 其余在办1件 · 2/16个单位"


def do(city: Notebook, name: str, record: str, **raw: str) -> Any:
    """Do an act as a form does it: its preset, then what was typed."""
    act = ROOM.act(name)
    assert act is not None
    if act.why_not is not None and record:
        assert act.why_not(city, record) == ""
    preset = dict(act.preset(city, record)) if act.preset is not None else {}
    given_ = {key: str(value) for key, value in preset.items() if value not in (None, "")} | raw
    values = typed(act, given_)
    return act.run(city, record, **values) if act.subject else act.run(city, **values)


@pytest.mark.requirement("R015", "R019")
def test_every_act_runs_from_its_form(city: Notebook) -> None:
    started(city, "350602", "2021-04-02")
    do(city, "issue_bulletin", "2021-04", on="2021-04-30")
    task = do(city, "add_task", "", title="任务", lead="16")
    do(city, "edit_task", task, title="任务二")
    report = do(city, "report_task", task, text="进展")
    do(city, "withdraw_report", report, why="误")
    do(city, "finish_task", task)
    do(city, "reopen_task", task, why="未完成")
    do(city, "withdraw_task", task, why="误")
    do(city, "score", "350602:2021:zero_case")
    do(city, "withdraw_score", "350602:2021:zero_case", why="误")
    do(city, "score_computed", "350602:2021")
    ranking = do(city, "enter_ranking", "", as_of="2021-11-30", place="2", source="通报")
    do(city, "edit_ranking", ranking, place="1")
    do(city, "withdraw_ranking", ranking, why="误")
    ran = 14
    assert len(ROOM.acts) == ran


def test_what_cannot_be_done_now_says_why(full: Notebook) -> None:
    def why(name: str, record: str) -> str:
        act = ROOM.act(name)
        assert act is not None
        assert act.why_not is not None
        return act.why_not(full, record)

    assert "2021-04-30" in why("issue_bulletin", "2021-04")
    assert "2021-05" in why("issue_bulletin", "2021-06")
    assert why("issue_bulletin", "2021-05") == ""
    task = ROOM.listings[2].find(full, "")[0]
    assert why("reopen_task", task)
    assert not why("finish_task", task)
    assert why("withdraw_score", "350602:2021:files")
    verbs.score_computed(full, "350602:2021", on="2022-01-05")
    assert why("score_computed", "350602:2021")


def test_the_bars_of_the_units_are_made_of_the_three_classes(full: Notebook) -> None:
    found = {bar.label: bar for bar in charts.by_unit(city_figures(full, date(2021, 5, 31)))}
    assert found["龙文区"] == Bar("龙文区", 2, "", ((0, "good"), (1, "strong"), (1, "")))
    assert found["华安县"].part == "bad"
    assert [
        (bar.label, bar.number) for bar in charts.started_by_month(city_figures(full, date(2021, 5, 31)))
    ] == [
        ("2021-04", 2),
        ("2021-05", 1),
    ]
    assert sum(bar.number for bar in charts.done_by_month(city_figures(full, date(2021, 5, 31)))) == 1


def test_bars_are_drawn_one_below_the_other() -> None:
    rows = [Bar("芗城区", 10, "", ((5, "good"), (2, "strong"), (3, ""))), Bar("X", 1), Bar("龙文区", 0)]
    assert charts.bars(rows, 20) == [
        "芗城区 10 #####==---",
        "X       1 #",
        "龙文区  0",
    ]
    assert charts.bars([], 20) == []


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=20), st.integers(0, 120))
def test_a_bar_is_as_long_as_its_share_of_the_longest(numbers: list[int], width: int) -> None:
    drawn = charts.bars([Bar("a", number) for number in numbers], width)
    lengths = [line.count("#") for line in drawn]
    for number, length in zip(numbers, lengths, strict=True):
        assert (length > 0) == (number > 0)
    assert sorted(range(len(numbers)), key=lambda at: (numbers[at], lengths[at])) == sorted(
        range(len(numbers)), key=lambda at: (numbers[at], lengths[at], at)
    )
    assert max(map(len, drawn)) <= max(width, 10 + 1 + len(str(max(numbers))) + 2)


@given(st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500)), st.integers(20, 100))
def test_the_pieces_of_a_bar_end_with_it(pieces: tuple[int, int, int], width: int) -> None:
    total = sum(pieces)
    parts = tuple(zip(pieces, ("good", "strong", ""), strict=True))
    (whole,) = charts.bars([Bar("a", total, "", parts)], width)
    (plain,) = charts.bars([Bar("a", total)], width)
    assert len(whole) == len(plain)
