"""Transferred complaints: their last day, the daily list, the publication, and who complained."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RuleBroken
from models.oversight.rounds import complaints, listings, queries, rules, sheets, verbs
from models.oversight.rounds.room import ROOM
from models.oversight.rounds.tables import TransferredComplaint
from models.registry import keeping
from models.store.change import put

pytestmark = pytest.mark.requirement("R083")
RESULT = {"result": "yes", "result_text": "夜间偷排属实，已立案。", "punished": "对企业立案处罚"}


def register(city, on_ground, number="D350600202111210001", **fields):
    given = {
        "round_id": on_ground,
        "number": number,
        "unit_code": "芗城区",
        "about": "某厂夜间排放废气",
        "matter": "air",
        "received_on": "2021-11-21",
        **fields,
    }
    return complaints.register(city, **given)


@pytest.fixture
def slip(city, on_ground):
    return register(city, on_ground, reporter_name="陈示例", reporter_contact="138-0013-8000")


def row_of(city, slip):
    return keeping.row_of(city, "transferred_complaint", slip)


def test_a_complaint_is_due_by_the_usual_limit_or_by_the_day_on_its_slip(city, on_ground, slip):
    assert rules.complaint_due(row_of(city, slip)) == date(2021, 12, 1)
    other = register(city, on_ground, "2", due_on="2021-11-25")
    assert rules.complaint_due(row_of(city, other)) == date(2021, 11, 25)
    assert {(due.record, due.due_on, due.mark) for due in queries.dues(city)} == {
        (slip, date(2021, 12, 1), "D"),
        (other, date(2021, 11, 25), "S"),
    }
    complaints.finish(city, other, on="2021-11-24", **RESULT)
    assert [due.record for due in queries.dues(city)] == [slip]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"due_on": "2021-11-20"}, "due_on"),
        ({"received_on": "2021-11-19"}, "received_on"),
        ({"received_on": "2999-01-01"}, "received_on"),
        ({"matter": "light"}, "matter"),
        ({"unit_code": "厦门"}, "unit_code"),
        ({"about": " "}, "about"),
        ({"handler": "nobody"}, "handler"),
        ({"about": "陈 示例反映排气", "reporter_name": "陈示例"}, "about"),
        ({"place": "电话１３８００１３８０００", "reporter_contact": "138 0013 8000"}, "place"),
    ],
)
def test_a_slip_with_wrong_data_is_refused(city, on_ground, fields, field):
    with pytest.raises(RuleBroken) as refused:
        register(city, on_ground, **fields)
    assert refused.value.field == field
    assert queries.complaints(city) == []


def test_a_number_is_taken_once_in_a_round(city, on_ground, slip):
    with pytest.raises(RuleBroken) as refused:
        register(city, on_ground)
    assert refused.value.field == "number"
    second = verbs.open_round(city, name="中央督察", level="central", began_on="2021-11-01")
    register(city, second)


def test_the_daily_list_has_what_was_received_due_overdue_and_finished(city, on_ground):
    late = register(city, on_ground, "1", due_on="2021-11-24")
    due = register(city, on_ground, "2", due_on="2021-11-25")
    new = register(city, on_ground, "3", received_on="2021-11-25")
    complaints.finish(city, due, on="2021-11-25", **RESULT)
    register(city, on_ground, "4", received_on="2021-11-26")

    def listed(day):
        return [(each.group, each.row.id) for each in queries.daily_list(city, date.fromisoformat(day))]

    assert listed("2021-11-24") == [("due", late)]
    assert listed("2021-11-25") == [("received", new), ("due", due), ("overdue", late), ("finished", due)]
    complaints.finish(city, late, on="2021-11-26", **RESULT)
    assert ("overdue", late) in listed("2021-11-25")
    assert ("overdue", late) not in listed("2021-11-26")
    assert ("finished", late) in listed("2021-11-26")


def test_the_daily_list_is_written_as_csv_without_who_complained(city, on_ground, tmp_path: Path):
    register(city, on_ground, "=1+1", reporter_name="陈示例", reporter_contact="13800138000")
    complaints.export_daily_list(city, on="2021-11-21", path=str(tmp_path))
    text = (tmp_path / "daily-2021-11-21.csv").read_text("utf-8-sig")
    head, line = csv.reader(io.StringIO(text))
    assert head[0] == "2021-11-21清单"
    assert line[0] == "当日收到"
    assert line[1] == "'=1+1"
    assert len(head) == len(line)
    assert "陈示例" not in text
    assert "13800138000" not in text
    with pytest.raises(RuleBroken):
        complaints.export_daily_list(city, on="2999-01-01", path=str(tmp_path))
    with pytest.raises(RuleBroken):
        complaints.export_daily_list(city, on="2021-11-21", path=str(city.path.parent))


def test_a_result_that_came_later_is_not_in_the_list_of_an_earlier_day(city, slip):
    complaints.finish(city, slip, on="2021-12-01", **RESULT)
    assert "属实" not in queries.daily_csv(city, date(2021, 11, 21))
    assert "属实" in queries.daily_csv(city, date(2021, 12, 1))


def test_it_is_finished_not_before_its_receipt_and_published_not_before_its_finish(city, slip):
    with pytest.raises(RuleBroken):
        complaints.publish(city, slip, on="2021-12-01")
    with pytest.raises(RuleBroken):
        complaints.finish(city, slip, on="2021-11-20", **RESULT)
    complaints.finish(city, slip, on="2021-11-21", **RESULT)
    with pytest.raises(RuleBroken):
        complaints.publish(city, slip, on="2021-11-20")
    complaints.publish(city, slip, on="2021-11-21", link="https://example.com/1")
    stood = [queries.complaint_state(row_of(city, slip), date(2021, 11, day)) for day in (20, 21)]
    assert stood == ["handling", "published"]
    with pytest.raises(RuleBroken):
        complaints.finish(city, slip, on="2021-11-22", **RESULT)
    with pytest.raises(RuleBroken):
        complaints.edit(city, slip, about="改写")


def test_it_is_overdue_the_day_after_its_last_day(city, slip):
    states = [queries.complaint_state(row_of(city, slip), date(2021, 12, day)) for day in (1, 2)]
    assert states == ["handling", "overdue"]


@pytest.mark.requirement("R089")
@pytest.mark.parametrize("words", ["经陈示例指认属实", "经陈 示 例指认", "电１３８－００１３－８０００核实"])
def test_words_for_the_public_do_not_name_who_complained(city, slip, words):
    with pytest.raises(RuleBroken) as refused:
        complaints.finish(city, slip, on="2021-11-22", result="yes", result_text=words)
    assert refused.value.field == "result_text"
    assert "陈" not in str(refused.value)
    with pytest.raises(RuleBroken):
        complaints.edit(city, slip, about=words)


@pytest.mark.requirement("R089")
def test_a_name_that_became_known_later_stops_the_publication(city, on_ground):
    slip = register(city, on_ground)
    complaints.finish(city, slip, on="2021-11-22", result="yes", result_text="经林示例指认属实")
    with pytest.raises(RuleBroken):
        complaints.note_reporter(city, slip, name="林示例")
    city.write(put("transferred_reporter", "0" * 32, "350602", of=slip, name="林示例"))
    with pytest.raises(RuleBroken) as refused:
        complaints.publish(city, slip, on="2021-11-23")
    assert refused.value.field == "result_text"


@pytest.mark.requirement("R089")
def test_who_complained_is_read_by_named_roles_and_who_wrote_it_down(city, slip, officers):
    assert queries.reporter(city, slip).name == "陈示例"
    city.write(put("officer", city.person, "350602", role="dispatcher"))
    assert queries.reporter(city, slip).name == "陈示例"
    city.person = officers[1]
    with pytest.raises(RuleBroken) as refused:
        queries.reporter(city, slip)
    assert "陈" not in str(refused.value)
    assert queries.has_reporter(city, slip)
    with pytest.raises(RuleBroken):
        complaints.note_reporter(city, slip, name="改名")
    with pytest.raises(RuleBroken):
        complaints.withdraw_reporter(city, slip, why="删")
    assert city.search("陈示例") == []


@pytest.mark.requirement("R089")
def test_who_complained_is_corrected_and_withdrawn_with_the_slip(city, slip):
    complaints.note_reporter(city, slip, name="陈示例二")
    assert queries.reporter(city, slip).name == "陈示例二"
    complaints.withdraw(city, slip, why="误登")
    assert queries.reporter(city, slip) is None
    assert queries.complaints(city) == []


DAYS = st.dates(date(2021, 1, 1), date(2021, 12, 31))


@given(DAYS, st.none() | st.integers(0, 60), st.none() | st.integers(0, 60), st.integers(-5, 80))
def test_every_open_complaint_is_in_time_due_or_overdue_and_no_other(received, term, finished, after):
    row = TransferredComplaint(
        received_on=received.isoformat(),
        due_on=None if term is None else (received + timedelta(days=term)).isoformat(),
        finished_on=None if finished is None else (received + timedelta(days=finished)).isoformat(),
    )
    on = received + timedelta(days=after)
    due = rules.complaint_due(row)
    assert due == received + timedelta(days=10 if term is None else term)
    opened = after >= 0 and (finished is None or finished > after)
    assert rules.open_at_end(row, on) == opened
    assert rules.open_at_start(row, on) == (after >= 0 and (finished is None or finished >= after))
    if opened:
        assert queries.complaint_state(row, on) == ("overdue" if due < on else "handling")


@pytest.mark.parametrize("odd", ["乱写", "9999-12-31", "0001-01-01", "", None])
def test_days_that_no_verb_wrote_stop_no_list_and_no_sheet(city, on_ground, odd):
    days = {"received_on": odd, "due_on": odd, "finished_on": None}
    city.write(put("transferred_complaint", "0190-odd", "350602", number="9", round=on_ground, **days))
    plan = {"begun_on": odd, "term_on": odd, "found_on": odd}
    city.write(put("rectification", "0190-plan", "350602", number="9", round=on_ground, **plan))
    assert [each for each in queries.dues(city) if each.record in ("0190-odd", "0190-plan")] == []
    assert all(queries.daily_csv(city, day) for day in (date.min, date(2021, 12, 1), date.max))
    for each in listings.LISTINGS:
        ids = ["0190-odd", "0190-plan", on_ground]
        assert len(each.lines(city, ids)) == 1
    assert sheets.complaint_sheet(city, "0190-odd").sections
    assert sheets.problem_sheet(city, "0190-plan").sections
    assert sheets.round_sheet(city, on_ground).sections


def test_the_list_of_the_last_day_of_time_is_made(city, on_ground):
    row = TransferredComplaint(received_on="2021-12-01", finished_on="2021-12-03")
    assert rules.open_at_end(row, date(2021, 12, 2))
    assert not rules.open_at_end(row, date(2021, 12, 3))
    assert not rules.open_at_end(row, date.max)


def test_sheets_and_forms_of_what_is_not_there_are_refused(city):
    for make in (sheets.round_sheet, sheets.problem_sheet, sheets.note_sheet, sheets.complaint_sheet):
        with pytest.raises(RuleBroken):
            make(city, "0190-none")
    for act in ROOM.acts:
        if act.preset is not None and act.subject and act.name != "note_reporter":
            with pytest.raises(RuleBroken):
                act.preset(city, "0190-none")


@pytest.mark.parametrize(
    "leak", ["陈 示例称有废气", "（陈示例）", "致电１３８００１３８０００", "身份证110101199003071234"]
)
def test_words_that_name_who_complained_are_refused_however_they_are_written(city, slip, leak):
    with pytest.raises(RuleBroken) as caught:
        complaints.edit(
            city,
            slip,
            number="D350602202111210001",
            about=leak,
            matter="air",
            received_on="2021-11-21",
        )
    assert caught.value.field == "about"
    assert leak not in caught.value.text()


def test_the_daily_list_is_never_written_over_another_file(city, on_ground, slip, tmp_path):
    kept = tmp_path / "precious.xlsx"
    kept.write_text("precious")
    with pytest.raises(RuleBroken) as caught:
        complaints.export_daily_list(city, on="2021-11-21", path=str(kept))
    assert caught.value.field == "path"
    assert kept.read_text() == "precious"
