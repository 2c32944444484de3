"""The time limits that begin on an inspection."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from models import dues
from models.cases.penalty import queries as penalties
from models.cases.penalty import verbs as cases
from models.errors import BadInput
from models.inspections import queries, terms, verbs
from models.law.parameters import PARAMETERS, parameter
from models.registry.days import day_of
from tests.models.inspections.conftest import Visit

DAY = 86_400_000


def ms(year: int, month: int, day: int, hour: int = 0) -> int:
    """A time in China as ms since the epoch."""
    return int((datetime(year, month, day, hour, tzinfo=UTC) - timedelta(hours=8)).timestamp() * 1000)


@pytest.mark.validity("V25")
@pytest.mark.parametrize(
    ("grade", "hours"), [("ordinary", 4), ("larger", 4), ("major", 2), ("extraordinary", 2), ("unknown", 2)]
)
def test_an_incident_is_reported_in_four_hours_or_two(grade: terms.Grade, hours: int) -> None:
    known = ms(2026, 11, 23, 23)
    assert terms.incident(known, grade).due_at == known + hours * 3_600_000


def test_filing_is_decided_in_seven_working_days_before_july_2023_and_fifteen_after() -> None:
    assert terms.filing(date(2023, 6, 30)).kind == "working_days"
    assert terms.filing(date(2023, 6, 30), extended=True) == terms.filing(date(2023, 6, 30))
    assert terms.filing(date(2026, 11, 1)).due_on == date(2026, 11, 16)
    assert terms.filing(date(2026, 11, 1), extended=True).due_on == date(2026, 12, 1)


def test_a_monitor_that_failed_is_told_of_in_twelve_hours_and_mended_in_five_working_days() -> None:
    told, mended = terms.monitor_failure(ms(2026, 11, 23, 20))
    assert told.due_at == ms(2026, 11, 24, 8)
    assert mended.due_on == date(2026, 11, 30)


def test_what_was_not_in_force_is_no_limit() -> None:
    with pytest.raises(BadInput, match="2021-01-01"):
        terms.term("public_service", date(2021, 1, 1))
    with pytest.raises(BadInput):
        terms.term("nothing", date(2021, 1, 1))


@pytest.mark.validity("V25")
def test_an_unreported_incident_is_counted_down_until_the_visit_is_sealed(visit: Visit) -> None:
    verbs.edit(visit.notebook, visit.id, checklists="A,W,E")
    assert terms.dues(visit.notebook) == []
    verbs.answer(visit.notebook, visit.id, "E04", "problem", "池水外溢未报告")
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    (found,) = terms.dues(visit.notebook)
    assert (found.kind, found.record) == ("inspection", visit.id)
    assert found.due_on == day_of((row.began_at or 0) + 2 * 3_600_000)
    assert found in dues.dues(visit.notebook)
    verbs.answer(visit.notebook, visit.id, "E04", "ok")
    assert terms.dues(visit.notebook) == []


@pytest.mark.validity("V20")
def test_what_an_inspection_found_is_filed_or_not_within_fifteen_days(visit: Visit) -> None:
    assert penalties.unfiled(visit.notebook) == []
    verbs.find(visit.notebook, visit.id, "W01", "超标")
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    (found,) = penalties.unfiled(visit.notebook)
    assert found.due_on == queries.day_of(row) + timedelta(days=15)
    assert (found.key, found.record) == ("case_filing", visit.id)
    assert found in dues.dues(visit.notebook)
    cases.file_from_inspection(visit.notebook, visit.id)
    assert penalties.unfiled(visit.notebook) == []


def test_a_value_over_its_limit_counts_and_a_withdrawn_finding_or_an_old_visit_does_not(visit: Visit) -> None:
    finding = verbs.find(visit.notebook, visit.id, "W01", "超标")
    verbs.withdraw(visit.notebook, finding, "写错")
    assert penalties.unfiled(visit.notebook) == []
    verbs.measure(
        visit.notebook, visit.id, medium="water", parameter="COD", value="240", grade="1", category="其他"
    )
    assert len(penalties.unfiled(visit.notebook)) == 1
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    verbs.edit(visit.notebook, visit.id, began_at=(row.began_at or 0) - 45 * DAY)
    assert len(penalties.unfiled(visit.notebook)) == 1
    verbs.edit(visit.notebook, visit.id, began_at=(row.began_at or 0) - 46 * DAY)
    assert penalties.unfiled(visit.notebook) == []


def test_for_how_long_that_is_told_is_a_parameter(visit: Visit, tmp_path: Path) -> None:
    verbs.find(visit.notebook, visit.id, "W01", "超标")
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    verbs.edit(visit.notebook, visit.id, began_at=(row.began_at or 0) - 40 * DAY)
    assert len(penalties.unfiled(visit.notebook)) == 1
    for key in ("filing_told_days", "filing_look_back_days"):
        (tmp_path / "parameters.toml").write_text(f"[{key}]\n[[{key}.versions]]\nvalue = 20\n", "utf-8")
        PARAMETERS.use(tmp_path)
        try:
            assert penalties.unfiled(visit.notebook) == []
        finally:
            PARAMETERS.use()
    for key in ("filing_told_days", "filing_look_back_days", "adult_years"):
        found = parameter(key, date(2026, 9, 1))
        assert found is not None
        assert found.basis
        assert found.mark in ("M", "D")
