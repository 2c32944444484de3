"""Every limit of compensation, complaints and the fund: its last day, and the days around it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.errors import BadInput
from models.law.deadlines import due, limit, limit_keys, work_calendar
from models.law.due import Due

CASES = [
    # key, day of the violation, day it runs from, last day
    ("clue_check", "2021-03-01", "2021-03-01", "2021-03-31"),
    (
        "clue_check",
        "2021-09-20",
        "2021-09-20",
        "2021-10-20",
    ),  # holidays count
    ("consultation", "2021-03-01", "2021-07-15", "2021-10-13"),
    ("consultation", "2026-08-14", "2026-08-14", "2026-11-12"),
    ("consultation", "2026-08-15", "2026-08-15", "2026-11-13"),
    ("judicial_confirmation", "2021-03-01", "2021-01-31", "2021-03-02"),
    ("court_notice", "2021-03-01", "2021-02-01", "2021-03-03"),
    ("compensation_suit", "2026-08-14", "2026-08-20", "2029-08-20"),
    ("compensation_suit", "2026-08-15", "2026-08-20", "2031-08-20"),
    ("compensation_suit", "2026-08-15", "2028-02-29", "2033-02-28"),
    # five working days over National Day 2021: 10-09 is worked, 10-08 too
    ("handover_receipt", "2021-09-29", "2021-09-29", "2021-10-12"),
    # over Spring Festival 2026, with the Saturday 02-28 worked
    ("handover_receipt", "2026-02-12", "2026-02-12", "2026-02-26"),
    ("complaint_reply", "2021-12-30", "2021-12-30", "2022-01-07"),
    ("complaint_reply", "2026-09-24", "2026-09-24", "2026-10-09"),
    ("fund_remittance", "2021-09-24", "2021-09-24", "2021-10-20"),
    ("transferred_complaint", "2021-11-25", "2021-11-25", "2021-12-05"),
]


@pytest.mark.requirement("R029", "R088")
@pytest.mark.parametrize(("key", "violated", "start", "last"), CASES)
def test_the_last_day_and_the_days_before_and_after_it(key: str, violated: str, start: str, last: str):
    rule = limit(key, date.fromisoformat(violated))
    assert rule is not None
    found = due(date.fromisoformat(start), rule)
    assert found.due_on.isoformat() == last
    running = Due(key, "damage_case", "id", "about", rule.title, found.due_on, rule.basis, rule.mark)
    assert running.days_left(found.due_on - timedelta(days=1)) == 1
    assert running.days_left(found.due_on) == 0
    assert running.days_left(found.due_on + timedelta(days=1)) == -1


def test_every_limit_of_these_is_tried_here():
    tried = {key for key, *_rest in CASES}
    ours = {
        "clue_check",
        "consultation",
        "judicial_confirmation",
        "court_notice",
        "compensation_suit",
        "handover_receipt",
        "complaint_reply",
        "fund_remittance",
        "transferred_complaint",
    }
    assert tried == ours
    assert ours <= set(limit_keys())


@pytest.mark.requirement("R088")
@pytest.mark.parametrize("key", ["handover_receipt", "complaint_reply", "fund_remittance"])
def test_working_days_into_a_year_without_a_calendar_are_refused_not_guessed(key: str):
    after_all = date(max(work_calendar().years), 12, 30)
    rule = limit(key, after_all)
    assert rule is not None
    with pytest.raises(BadInput, match=str(after_all.year + 1)):
        due(after_all, rule)


@pytest.mark.parametrize("year", [2020, 2021, 2022, 2023, 2024, 2025, 2026])
def test_each_calendar_works_the_days_that_make_up_for_its_holidays(year: int):
    """Every day that is worked on a weekend is one, and no holiday of the list is."""
    calendar = work_calendar()
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    days = [day for day in days if day.year == year]
    worked = [day for day in days if calendar.is_worked(day)]
    made_up = [day for day in worked if day.weekday() >= 5]
    off = [day for day in days if day.weekday() < 5 and not calendar.is_worked(day)]
    assert 240 <= len(worked) <= 255
    assert 1 <= len(made_up) <= 9
    assert len(off) >= 11
    assert not calendar.is_worked(date(year, 10, 1))
