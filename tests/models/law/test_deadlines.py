"""Deadlines count hours, days, working days, months and years, and refuse years they do not know."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.law.deadlines import WorkCalendar, due, limit, limit_keys, load_limits, work_calendar
from models.registry.days import day_of


def ms(year: int, month: int, day: int, hour: int = 0) -> int:
    """A time in China as ms since the epoch."""
    return int((datetime(year, month, day, hour, tzinfo=UTC) - timedelta(hours=8)).timestamp() * 1000)


@pytest.mark.requirement("R088")
@pytest.mark.parametrize(
    ("start", "last"),
    [
        (date(2026, 9, 24), date(2026, 10, 12)),  # Mid-Autumn, National Day, Saturday 10-10 worked
        (date(2026, 2, 13), date(2026, 3, 2)),  # Spring Festival, Saturdays 02-14 and 02-28 worked
        (date(2026, 11, 23), date(2026, 12, 2)),
        (date(2025, 9, 30), date(2025, 10, 16)),  # Saturday 2025-10-11 worked
        (date(2025, 1, 25), date(2025, 2, 10)),  # Sunday 2025-01-26 and Saturday 02-08 worked
    ],
)
def test_registered_evidence_is_decided_in_seven_working_days(start, last):
    assert due(start, limit("registered_evidence", start)).due_on == last


@pytest.mark.requirement("R088")
def test_working_days_into_a_year_without_calendar_are_refused():
    start = date(2026, 12, 28)
    with pytest.raises(BadInput, match="2027"):
        due(start, limit("registered_evidence", start))
    with pytest.raises(BadInput, match="2019"):
        work_calendar().is_worked(date(2019, 12, 31))


@pytest.mark.requirement("R088")
def test_the_last_countable_day_is_still_counted():
    assert work_calendar().add(date(2026, 12, 24), 5) == date(2026, 12, 31)


def test_a_notice_is_counted_back_from_the_hearing():
    hearing = date(2026, 10, 12)
    assert due(hearing, limit("hearing_notice", hearing)).due_on == date(2026, 9, 24)


def test_hours_run_from_the_moment_over_midnight():
    taken = ms(2026, 11, 23, 22)
    found = due(taken, limit("seal_approval", date(2026, 11, 23)))
    assert found.due_at == ms(2026, 11, 24, 22)
    assert found.due_on == date(2026, 11, 24)
    assert not found.late(ms(2026, 11, 24, 22))
    assert found.late(ms(2026, 11, 24, 22) + 1)


def test_hours_from_a_bare_day_are_refused():
    with pytest.raises(BadInput, match="time of day"):
        due(date(2026, 11, 23), limit("seal_approval", date(2026, 11, 23)))


def test_a_day_begins_in_china_not_in_greenwich():
    assert day_of(ms(2026, 11, 23, 0)) == date(2026, 11, 23)
    assert day_of(ms(2026, 11, 23, 0) - 1) == date(2026, 11, 22)
    found = due(ms(2026, 11, 23, 1), limit("review", date(2026, 11, 23)))
    assert found.due_on == date(2026, 12, 23)
    assert not found.late(ms(2026, 12, 23, 23))
    assert found.late(ms(2026, 12, 24, 0))


def test_months_and_years_end_on_the_same_day_or_the_months_last():
    assert due(date(2022, 11, 30), limit("penalty_decision", date(2022, 11, 30))).due_on == date(2023, 2, 28)
    assert due(date(2024, 2, 29), limit("records_kept", date(2024, 2, 29))).due_on == date(2029, 2, 28)


def test_the_limit_of_the_day_applies():
    assert (limit("case_filing", date(2023, 6, 30)).amount, limit("case_filing", date(2023, 6, 30)).kind) == (
        7,
        "working_days",
    )
    assert (limit("case_filing", date(2023, 7, 1)).amount, limit("case_filing", date(2023, 7, 1)).kind) == (
        15,
        "days",
    )
    assert limit("statement", date(2022, 1, 1)) is None


def test_an_unknown_limit_is_refused():
    with pytest.raises(BadInput, match="tea_break"):
        limit("tea_break", date(2026, 1, 1))


def test_every_limit_has_a_basis_a_mark_and_a_name():
    for key in limit_keys():
        found = limit(key, date(2026, 8, 15))
        assert found is not None, key
        assert found.basis.startswith("《") or found.mark == "D", key
        assert found.mark in ("S", "S2", "M", "L", "D")
        assert found.title == found.en != key


@pytest.mark.requirement("R088")
@given(st.dates(date(2025, 1, 2), date(2026, 10, 31)), st.integers(1, 30))
def test_working_days_end_on_a_worked_day_and_count_exactly(start, count):
    calendar = work_calendar()
    last = calendar.add(start, count)
    assert calendar.is_worked(last)
    days = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]
    assert sum(map(calendar.is_worked, days)) == count


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[2027]\noff = ["2026-01-01"]\n', "not a day or range of that year"),
        ('[2027]\noff = ["2027-01-09/2027-01-01"]\n', "not a day or range of that year"),
        ('[2027]\noff = ["1 January"]\n', "not a day or range of that year"),
        ("[soon]\noff = []\n", "not a year"),
        ("[2027\n", "not a readable TOML"),
    ],
)
def test_a_faulty_calendar_is_refused(tmp_path, text, said):
    path = tmp_path / "holidays.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        WorkCalendar.of(path)


@pytest.mark.requirement("R088")
def test_a_bureau_can_add_the_next_year(tmp_path):
    path = tmp_path / "2027.toml"
    path.write_text('[2027]\noff = ["2027-01-01/2027-01-03"]\n', encoding="utf-8")
    calendar = WorkCalendar.of(path)
    assert calendar.years == [2027]
    assert not calendar.is_worked(date(2027, 1, 1))
    assert calendar.is_worked(date(2027, 1, 4))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[limits.x]\n", "versions"),
        ('[[limits.x.versions]]\namount = 0\nkind = "days"\n', "amount"),
        ('[[limits.x.versions]]\namount = 3\nkind = "moons"\n', "moons"),
    ],
)
def test_a_faulty_file_of_limits_is_refused(tmp_path, text, said):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        load_limits(path)
