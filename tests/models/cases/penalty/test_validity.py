"""The named rules V20, V22 and V23 in penalty cases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models.cases.penalty import rules, sheets, verbs
from models.cases.penalty.tables import PenaltyCase
from models.errors import RuleBroken


@pytest.mark.validity("V20")
def test_no_case_is_opened_on_what_was_found_after_its_limitation(notebook: Any, desk: Any) -> None:
    late = desk.file(filed_on=None, occurred_on="2023-01-05", found_on="2026-09-01")
    with pytest.raises(RuleBroken) as refused:
        verbs.put_on_file(notebook, late, on="2026-09-03")
    assert refused.value.field == "on"
    assert "2025-01-05" in refused.value.text()
    assert desk.row(late).filed_on is None
    verbs.decide(notebook, late, on="2026-09-03", outcome="not_filed", note="超过追责期限")
    going_on = desk.file(
        filed_on=None, occurred_on="2023-01-05", ended_on="2026-08-30", found_on="2026-09-01"
    )
    verbs.put_on_file(notebook, going_on, on="2026-09-03")
    assert desk.row(going_on).filed_on == "2026-09-03"


@pytest.mark.validity("V20")
def test_a_case_says_what_was_done() -> None:
    assert [each.field for each in rules.filing_lacks(PenaltyCase(found_on="2026-09-01"))] == ["act"]
    assert rules.filing_lacks(PenaltyCase(act="私设暗管", found_on="2026-09-01")) == []


@pytest.mark.validity("V22")
@pytest.mark.parametrize(
    ("fine", "unit", "allowed"),
    [
        (0, False, True),
        (20_000, False, True),
        (20_001, False, False),
        (300_000, True, True),
        (300_001, True, False),
        (-1, True, False),
    ],
)
def test_the_summary_procedure_is_for_small_fines(fine: int, unit: bool, allowed: bool) -> None:
    assert rules.summary_allowed(fine, unit=unit, on=date(2026, 9, 1)) is allowed


@pytest.mark.validity("V22")
def test_before_the_law_of_2021_no_such_limit_is_kept() -> None:
    assert not rules.summary_allowed(0, unit=True, on=date(2021, 7, 14))


def words(notebook: Any, case: str) -> str:
    """All that the sheet of a case says."""
    sheet = sheets.case_sheet(notebook, case)
    return "\n".join(f"{fact.label} {fact.value}" for section in sheet.sections for fact in section.facts)


@pytest.mark.validity("V22")
def test_the_sheet_says_which_procedure_the_fine_belongs_to(notebook: Any, desk: Any, case: str) -> None:
    desk.decided(case)
    row = desk.row(case)
    assert row.fine_cents > 300_000
    assert "普通程序" in words(notebook, case)


@pytest.mark.validity("V23")
def test_daily_fines_run_from_the_day_after_the_order_until_it_was_checked(
    notebook: Any, desk: Any, case: str
) -> None:
    assert rules.daily_fines_from(desk.row(case)) is None
    verbs.serve_correction(notebook, case, on="2026-09-10", number="漳环责改〔2026〕1号")
    assert rules.daily_fines_from(desk.row(case)) == date(2026, 9, 11)
    assert "2026-09-11" in words(notebook, case)
    verbs.note_review(notebook, case, on="2026-09-20")
    assert "2026-09-11" not in words(notebook, case)
