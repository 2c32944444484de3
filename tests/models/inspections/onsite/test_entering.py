"""What an on-site record lacks leads to the form in which it is entered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from models.inspections.onsite import interviews, measures, papers, services, sheets
from models.inspections.onsite.acts import ACTS
from models.rooms import Fact, Sheet
from models.store.change import put

from .test_measures import HOUR, SPOT, TAKEN, asked, taken


def lacks(sheet: Sheet) -> dict[str, Fact]:
    """Those of a sheet, by the words before the basis."""
    rules = [fact for section in sheet.sections for fact in section.facts if fact.label.startswith("V")]
    return {fact.value.split(" (")[0]: fact for fact in rules}


def opens(fact: Fact) -> bool:
    """Whether Enter on it finds a form with that field, on a record of that kind."""
    return any(
        (each.subject, each.name) == (fact.kind, fact.act) and fact.field in {one.key for one in each.fields}
        for each in ACTS
    )


def records(visit: Any) -> Iterator[tuple[str, Sheet]]:
    book = visit.notebook
    interview = interviews.begin(book, visit.id, person_name="示例人07")
    yield "interview", sheets.interview_sheet(book, interview)
    question = interviews.ask(book, interview, "你公司何时投产？")
    yield "question", sheets.interview_sheet(book, interview)
    interviews.correct(book, question, question="你公司何时投产？", answer="2020年。")
    measure = asked(visit)
    for paper in ("seal_approval", "seal_decision"):
        yield paper, sheets.paper_sheet(book, papers.draw_up(book, measure, paper))
    yield "service", sheets.service_sheet(book, services.begin(book, visit.id))


def test_every_lack_of_a_begun_record_opens_its_form(visit: Any) -> None:
    seen = {name: lacks(sheet) for name, sheet in records(visit)}
    assert all(seen[name] for name in ("interview", "question", "seal_decision", "service"))
    shut = [(name, words) for name, found in seen.items() for words, fact in found.items() if not opens(fact)]
    assert shut == []
    acts = {fact.act for found in seen.values() for fact in found.values()}
    assert {"ask", "correct_question", "end_interview", "approve_measure", "take_measure"} <= acts
    assert {"add_paper", "edit_service"} <= acts


def test_what_was_done_on_the_spot_is_corrected_and_not_done_again(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit)
    measures.edit(book, measure, keeping=None)
    paper = papers.draw_up(book, measure, "seal_decision")
    (fact,) = [each for each in lacks(sheets.paper_sheet(book, paper)).values() if each.field == "keeping"]
    assert (fact.kind, fact.id, fact.act) == ("measure", measure, "edit_spot")


@pytest.mark.parametrize("part", ["name", "quantity"])
def test_a_lack_of_a_thing_is_of_the_thing(visit: Any, part: str) -> None:
    """A list that another version or laptop wrote may hold a thing without name or quantity."""
    book, measure = visit.notebook, taken(visit)
    thing = measures.items_of(book, measure)[0]
    book.write(put("measure_item", thing.id, thing.unit, **{part: None}))
    paper = papers.draw_up(book, measure, "seal_decision")
    (fact,) = [
        each for each in lacks(sheets.paper_sheet(book, paper)).values() if each.kind == "measure_item"
    ]
    assert (fact.id, fact.act, fact.field) == (thing.id, "correct_thing", "name")


def next_of(sheet: Sheet) -> str:
    return next((fact.act for section in sheet.sections for fact in section.facts if fact.part == "good"), "")


def test_a_measure_and_its_papers_tell_the_next_step(visit: Any) -> None:
    book, measure = visit.notebook, asked(visit)
    steps = [next_of(sheets.measure_sheet(book, measure))]
    measures.approve(book, measure, approver="示例负责人", at=TAKEN - HOUR)
    steps.append(next_of(sheets.measure_sheet(book, measure)))
    measures.take(book, measure, at=TAKEN, **SPOT)
    steps.append(next_of(sheets.measure_sheet(book, measure)))
    measures.add_item(book, measure, "水泵", "2", unit_of_quantity="台")
    paper = papers.draw_up(book, measure, "seal_decision")
    steps.append(next_of(sheets.paper_sheet(book, paper)))
    papers.issue(book, paper, on="2026-09-01")
    steps.append(next_of(sheets.paper_sheet(book, paper)))
    services.of_paper(book, paper)
    steps.append(next_of(sheets.paper_sheet(book, paper)))
    assert steps == ["approve_measure", "take_measure", "draw_up", "issue", "serve_paper", ""]
