"""Leniency, time limits and states of a penalty case, as pure rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from models import catalogue
from models.cases.penalty import rules
from models.cases.penalty.tables import Handover, PenaltyCase

DAYS = st.dates(date(2021, 1, 20), date(2027, 12, 31)).map(date.isoformat)


def dues(**fields: object) -> dict[str, date]:
    """The running limits of a case by key."""
    return {each.key: each.due_on for each in rules.deadlines(PenaltyCase(id="x", **fields)).dues}


@pytest.mark.requirement("R036")
@pytest.mark.parametrize(
    ("done", "suggested"),
    [("2026-09-19", True), ("2026-09-20", False), ("2026-09-21", False), (None, False)],
)
def test_leniency_needs_a_consultation_complete_before_the_day_of_the_notice(done, suggested):
    found = rules.leniency(PenaltyCase(notice_served_on="2026-09-20"), done)
    assert found.suggested is suggested
    assert bool(found.basis) is suggested


@pytest.mark.requirement("R036")
def test_the_same_day_says_that_a_person_must_give_the_reason():
    found = rules.leniency(PenaltyCase(notice_served_on="2026-09-20"), "2026-09-20")
    assert "同一日" in found.reason
    assert "说明理由" in found.reason


@pytest.mark.requirement("R036")
@given(DAYS, DAYS, st.integers(0, 10**12))
def test_leniency_never_changes_a_field(served, done, fine):
    case = PenaltyCase(notice_served_on=served, fine_cents=fine)
    before = dict(case.__data__)
    assert rules.leniency(case, done).suggested is (done < served)
    assert case.__data__ == before


@pytest.mark.requirement("R036")
@pytest.mark.parametrize(
    ("served", "basis"),
    [
        ("2021-07-14", "《行政处罚法》（2017年修正）第二十七条"),
        ("2021-07-15", "《行政处罚法》第三十二条"),
        ("2026-08-14", "《行政处罚法》第三十二条"),
        ("2026-08-15", "《行政处罚法》第三十二条；《生态环境法典》第一千零五十六条"),
    ],
)
def test_the_basis_of_leniency_is_that_of_the_day_of_the_notice(served, basis):
    assert rules.leniency(PenaltyCase(notice_served_on=served), "2021-01-20").basis == basis


@pytest.mark.requirement("R028", "R036")
def test_no_record_holds_a_sum_or_an_offset_of_fine_and_compensation():
    """Fines stand only in a penalty case; no record has both, and none a field that nets them."""
    for known in catalogue.kinds():
        names = set(known.table._meta.fields)
        if any(name.endswith("cents") for name in names):
            assert not {name for name in names if "offset" in name or "lenien" in name}
        if known.name != "penalty_case":
            assert not {name for name in names if name.startswith("fine")}
    penalty = set(PenaltyCase._meta.fields)
    assert {name for name in penalty if name.endswith("_cents")} == {"fine_cents", "confiscated_cents"}


def test_before_july_2023_the_decision_takes_three_months_and_after_it_ninety_days():
    assert dues(filed_on="2023-06-30")["penalty_decision"] == date(2023, 9, 30)
    assert dues(filed_on="2023-07-01")["penalty_decision"] == date(2023, 9, 29)


def test_days_not_counted_and_extended_lengthen_the_time_for_the_decision():
    plain = dues(filed_on="2026-09-07")["penalty_decision"]
    longer = dues(filed_on="2026-09-07", excluded_days=12, extended_days=30)["penalty_decision"]
    assert longer - plain == timedelta(days=42)


def test_filing_is_due_in_seven_working_days_before_july_2023_and_fifteen_days_after():
    # 2021-09-18 is worked; 2021-09-19 to 21 is the Mid-Autumn holiday
    assert dues(found_on="2021-09-13")["case_filing"] == date(2021, 9, 23)
    assert dues(found_on="2026-09-01")["case_filing"] == date(2026, 9, 16)


@pytest.mark.validity("V19")
def test_the_limits_end_with_what_they_wait_for():
    assert set(dues(found_on="2026-09-01")) == {"case_filing"}
    on_file = {"found_on": "2026-09-01", "filed_on": "2026-09-07"}
    assert set(dues(**on_file)) == {"penalty_decision"}
    noticed = {**on_file, "notice_served_on": "2026-09-21"}
    assert set(dues(**noticed)) == {"penalty_decision", "statement", "hearing_request"}
    assert set(dues(**noticed, waived_on="2026-09-22")) == {"penalty_decision"}
    done = {**noticed, "decided_on": "2026-10-09", "outcome": "penalty", "fine_cents": 1}
    assert set(dues(**done)) == {"penalty_service"}
    assert set(dues(**done, decision_served_on="2026-10-10")) == {"fine_payment"}
    assert dues(**done, decision_served_on="2026-10-10")["fine_payment"] == date(2026, 10, 25)
    assert dues(**done, decision_served_on="2026-10-10", paid_on="2026-10-11") == {}
    assert dues(**on_file, closed_on="2026-10-11") == {}


@pytest.mark.validity("V23", "V24")
def test_an_order_to_correct_is_due_after_the_report_and_a_check_after_the_order():
    assert dues(monitoring_report_on="2026-11-16")["correction_service"] == date(2026, 11, 19)
    assert dues(correction_served_on="2026-11-16")["review"] == date(2026, 12, 16)
    assert dues(correction_served_on="2026-11-16", reviewed_on="2026-11-20") == {}


@pytest.mark.validity("V26")
def test_the_notice_of_a_hearing_is_due_seven_working_days_before_it():
    assert dues(hearing_on="2026-11-25")["hearing_notice"] == date(2026, 11, 16)


def test_a_year_without_calendar_is_told_and_not_guessed():
    found = rules.deadlines(PenaltyCase(id="x", filed_on="2031-01-05", notice_served_on="2031-01-06"))
    assert [each.key for each in found.dues] == ["penalty_decision"]
    assert len(found.refused) == 2
    assert all("2031" in words for words in found.refused)


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({"occurred_on": "2026-09-01"}, date(2028, 9, 1)),
        ({"occurred_on": "2026-09-01", "ended_on": "2026-10-01"}, date(2028, 10, 1)),
        ({"occurred_on": "2026-09-01", "grave": True}, date(2031, 9, 1)),
        ({"occurred_on": "2021-07-14", "grave": True}, date(2023, 7, 14)),
    ],
)
@pytest.mark.validity("V21")
def test_limitation_runs_from_the_last_day_of_the_violation(fields, last):
    found = rules.limitation_ends(PenaltyCase(**fields))
    assert found is not None
    assert found.due_on == last
    assert dues(**fields)["limitation"] == last
    assert "limitation" not in dues(**fields, found_on="2026-10-02")


def test_the_state_follows_the_days_up_to_the_day_asked_for():
    case = PenaltyCase(
        filed_on="2026-09-07",
        notice_served_on="2026-09-20",
        decided_on="2026-10-09",
        decision_served_on="2026-10-10",
        paid_on="2026-10-20",
        closed_on="2026-10-21",
    )
    states = {day: rules.state(case, day) for day in ("2026-09-06", "2026-09-07", "2026-10-09", "2026-10-21")}
    assert list(states.values()) == ["found", "filed", "decided", "closed"]
    assert rules.state(case) == "closed"


@pytest.mark.requirement("R038")
def test_the_clue_is_to_be_checked_thirty_days_after_receipt_or_by_the_letter():
    assert rules.check_due(Handover(sent_on="2026-09-10")) == date(2026, 10, 10)
    assert rules.check_due(Handover(sent_on="2026-09-10", received_on="2026-09-14")) == date(2026, 10, 14)
    assert rules.check_due(Handover(sent_on="2026-09-10", due="2026-09-30")) == date(2026, 9, 30)


@given(st.dates(date(2022, 1, 1), date(2027, 1, 1)), st.integers(1, 5))
def test_a_penalty_repeats_within_the_years_before_and_never_on_the_day_itself(before, years):
    first = before + relativedelta(years=-years)
    day = timedelta(days=1)
    decided = {
        name: rules.repeats(on.isoformat(), before, years)
        for name, on in {
            "day before the period": first - day,
            "its first day": first,
            "the day before": before - day,
            "the day itself": before,
        }.items()
    }
    assert list(decided.values()) == [False, True, True, False]
    assert not rules.repeats(None, before, years)


@pytest.mark.requirement("R034")
def test_the_screening_is_demanded_from_the_day_of_the_citys_notice():
    assert rules.screening_required("2021-01-19") == ""
    assert "2021年1月20日" in rules.screening_required("2021-01-20")
