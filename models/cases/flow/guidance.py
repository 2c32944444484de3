"""Guidance of a unit's first case (R021) and difficulties in any case (问题单, R033)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.cases.damage import queries as damage
from models.cases.damage.clues import refuse_day
from models.cases.damage.opening import open_case
from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping

if TYPE_CHECKING:
    from models.store.seat import Seat


def raise_issue(seat: Seat, case_id: str, *, text: str, person: str, raised_on: str) -> str:
    """Write down a difficulty in a case (问题单). Returns its record id. Errors as `open_case`."""
    with seat.writing():
        case, at = open_case(seat, case_id)
        refuse_day(seat, raised_on, "raised_on")
        values = {
            "case": case_id,
            "stage": at.stage,
            "text": keeping.need_text(text, "text"),
            "person": keeping.need_text(person, "person"),
            "raised_on": raised_on,
        }
        return keeping.make(seat, "case_issue", case.unit, keeping.tidy("case_issue", values))


def solve_issue(seat: Seat, issue_id: str, *, on: str, solution: str) -> None:
    """Note how a difficulty was solved.

    Raises:
        RuleBroken: it is solved already, or the day lies before it was raised.
    """
    keeping.allow(seat, "case_issue")
    with seat.writing():
        row = keeping.standing(seat, "case_issue", issue_id)
        if row.solved_on:
            raise RuleBroken(N_("It was solved on {day} already."), field="on", day=row.solved_on)
        refuse_day(seat, on, "on", not_before=row.raised_on)
        values = {"solved_on": on, "solution": keeping.need_text(solution, "solution")}
        keeping.change(seat, row, "case_issue", keeping.tidy("case_issue", values))


def guide(seat: Seat, case_id: str, *, on: str, person: str, question: str, advice: str) -> str:
    """Write down guidance in a case (R021: a unit's first case is guided throughout). Returns its record id.

    Raises:
        RuleBroken: something is missing, or the person may not.
    """
    keeping.allow(seat, "case_guidance")
    with seat.writing():
        case = keeping.standing(seat, "damage_case", case_id)
        at = damage.progress_of(seat, case_id)
        refuse_day(seat, on, "on", not_before=at.entered_on_first("start"))
        values = {
            "case": case_id,
            "stage": at.stage,
            "on": on,
            "person": keeping.need_text(person, "person"),
            "question": keeping.need_text(question, "question"),
            "advice": keeping.need_text(advice, "advice"),
        }
        return keeping.make(seat, "case_guidance", case.unit, keeping.tidy("case_guidance", values))


def appoint_guides(seat: Seat, case_id: str, *, section: str, person: str) -> None:
    """Name the section and the expert that guide a unit's first case (R021). Errors as `guide`."""
    keeping.allow(seat, "case_guidance")
    with seat.writing():
        case = keeping.standing(seat, "damage_case", case_id)
        values = {
            "guiding_section": keeping.need_text(section, "section"),
            "guiding_person": keeping.need_text(person, "person"),
        }
        keeping.change(seat, case, "damage_case", keeping.tidy("damage_case", values))
