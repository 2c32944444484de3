"""What a visit is reminded of beside its record: open interviews, measures without approval, paper or end."""

from __future__ import annotations

from typing import Any

import pytest

from models.inspections import queries, verbs
from models.inspections.onsite import interviews, measures, papers
from models.language import in_chinese

from .test_measures import HOUR, SPOT, TAKEN, asked, taken


def beside(visit: Any, kind: str) -> list[Any]:
    found = [each for each in queries.missing(visit.notebook, visit.id) if each.kind == kind]
    assert not any(each.blocking for each in found)  # no law makes the visit's seal wait for them
    assert all(each.basis and each.record for each in found)
    return found


def words(visit: Any, kind: str) -> list[str]:
    return in_chinese(lambda: [each.text for each in beside(visit, kind)])


@pytest.mark.validity("V04")
def test_an_open_interview_is_a_remark_of_the_visit_until_it_is_sealed(visit: Any) -> None:
    assert beside(visit, "interview") == []
    interview = interviews.begin(visit.notebook, visit.id, person_name="示例人09")
    (said,) = words(visit, "interview")
    assert "示例人09" in said
    assert "未完成" in said
    assert [each.record for each in beside(visit, "interview")] == [interview]
    interviews.withdraw(visit.notebook, interview, "重复")
    assert beside(visit, "interview") == []


@pytest.mark.validity("V15", "V16")
def test_a_measure_is_remarked_step_by_step_until_its_papers_are_issued(visit: Any) -> None:
    book = visit.notebook
    measure = asked(visit)
    assert ["尚未批准" in each for each in words(visit, "measure")] == [True]
    now = book.clock.wall_ms()
    measures.approve(book, measure, approver="示例负责人", at=now - HOUR)
    assert ["现场实施" in each for each in words(visit, "measure")] == [True]
    measures.take(book, measure, at=now - HOUR // 2, **SPOT)
    measures.add_item(book, measure, "水泵", "2", unit_of_quantity="台")
    assert ["尚未制发" in each for each in words(visit, "measure")] == [True, True]
    for paper in ("seal_decision", "seal_list"):
        papers.issue(book, papers.draw_up(book, measure, paper))
    assert words(visit, "measure") == []


@pytest.mark.validity("V15", "V16")
def test_an_urgent_measure_names_the_end_of_its_twenty_four_hours(visit: Any) -> None:
    book = visit.notebook
    measure = asked(visit, "register")
    measures.take(book, measure, at=TAKEN, urgent=True, asked_how="微信", **SPOT)
    assert any("2026-09-02 10:00" in each for each in words(visit, "measure"))


@pytest.mark.validity("V15", "V16")
def test_what_lapsed_is_said_with_its_day(visit: Any) -> None:
    book = visit.notebook
    taken(visit, when=book.clock.wall_ms() - 40 * 24 * HOUR)
    assert any("届满" in each for each in words(visit, "measure"))


def test_the_visit_is_sealed_with_open_interviews_and_measures(visit: Any) -> None:
    visit.fill()
    interviews.begin(visit.notebook, visit.id, person_name="示例人09")
    asked(visit)
    assert len(beside(visit, "interview")) + len(beside(visit, "measure")) == 2
    verbs.seal_inspection(visit.notebook, visit.id)
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row.sealed
