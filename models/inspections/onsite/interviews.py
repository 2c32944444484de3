"""What officers do in an interview: begin, ask, write down the answer, correct, seal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections.completeness import refuse_incomplete
from models.inspections.known import Missing
from models.inspections.onsite import interview_rules as rules
from models.inspections.onsite import writing
from models.inspections.onsite.tables import Interview, Question
from models.inspections.rules import AVOIDANCE
from models.language import N_
from models.registry import keeping
from models.registry.sealing import Sealed
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

SCHEMA = "qingcha-interview-1"
LETTERS = "XW-"
CHOICES = {
    "avoidance": tuple(AVOIDANCE),
    "reading": tuple(rules.READINGS),
    "signed": tuple(rules.SIGNED),
    "person_gender": ("男", "女"),
}
PERSON = ("name", "age", "id_number", "duty", "relation", "phone", "address")
"""What an interview takes over from the visit of who was in charge on site."""


def begin(seat: Seat, inspection_id: str = "", *, unit: str = "", **fields: Any) -> str:
    """Begin an interview. Returns its record id.

    Args:
        inspection_id: the visit that it belongs to, whose officers and place it takes over; may be empty.
        unit: code of the unit, where it belongs to no visit; the seat's own unless given.
        fields: any field of `Interview`.

    Raises:
        RuleBroken: there is no such visit, the person may not inspect, or a value is not possible.
    """
    keeping.allow(seat, "interview")
    visit = writing.visit_of(seat, inspection_id)
    given: dict[str, Any] = {
        "began_at": seat.clock.wall_ms(),
        "recorder": seat.person if visit is None else visit.recorder or visit.first_officer,
        **writing.own_officers(seat, visit),
    }
    if visit is not None:
        given |= {"inspection": visit.id, "place": visit.place, "site_name": visit.site_name}
    given |= {name: value for name, value in fields.items() if value is not None}
    values = _checked(seat, given)
    where = visit.unit if visit is not None else unit or seat.unit
    with seat.writing():
        values["number"] = writing.own_number(seat, Interview, where, LETTERS)
        if values.get("count") is None:
            values["count"] = _times(seat, values) + 1
        return keeping.make(seat, "interview", where, values)


def _times(seat: Seat, values: dict[str, Any]) -> int:
    """How often this person was asked before, in the same visit or matter."""
    name, visit, title = (values.get(each) for each in ("person_name", "inspection", "case_title"))
    if not name or not (visit or title):
        return 0
    same = Interview.inspection == visit if visit else Interview.case_title == title
    with seat:
        return int(
            Interview.select().where(Interview.person_name == name, same, Interview.voided.is_null()).count()
        )


def edit(seat: Seat, interview_id: str, **fields: Any) -> None:
    """Set fields of an interview; what it held stays in its history.

    Raises:
        RuleBroken: a value is not possible, or the interview is sealed.
    """
    keeping.allow(seat, "interview")
    with seat.writing():
        row = keeping.standing(seat, "interview", interview_id)
        values = _checked(seat, fields, row)
        keeping.change(seat, row, "interview", values)


def ask(seat: Seat, interview_id: str, question: str, answer: str | None = None, *, after: str = "") -> str:
    """Write down a question, with its answer where it is known already. Returns the question's record id.

    Args:
        after: id of the question behind which it is put; else it comes last.

    Raises:
        RuleBroken: without words, for a question that is not there, or the interview is sealed.
    """
    keeping.allow(seat, "question")
    with seat.writing():
        row = _open(seat, interview_id)
        values = keeping.tidy(
            "question",
            {"interview": row.id, "question": keeping.need_text(question, "question"), "answer": answer},
        )
        values["place"] = _place(questions_of(seat, row.id), after)
        return keeping.make(seat, "question", row.unit, values)


def _place(rows: list[Question], after: str) -> int:
    """The place behind a question, half way to the next one; behind all where none is named."""
    places = [row.place or 0 for row in rows]
    if not after:
        return max(places, default=0) + rules.STEP
    at = next((index for index, row in enumerate(rows) if row.id == after), None)
    if at is None:
        raise RuleBroken(N_("There is no such record here. Choose one from the list."), field="after")
    if at + 1 == len(rows):
        return places[at] + rules.STEP
    between = (places[at] + places[at + 1]) // 2
    if between == places[at]:
        raise RuleBroken(
            N_("There is no room between these two questions. Put it at the end."), field="after"
        )
    return between


def correct(seat: Seat, question_id: str, **fields: Any) -> None:
    """Correct a question or its answer before the seal; the history keeps what stood there.

    Raises:
        RuleBroken: there is no such question, it would lose its words, or the interview is sealed.
    """
    keeping.allow(seat, "question")
    with seat.writing():
        row = keeping.standing(seat, "question", question_id)
        _open(seat, row.interview)
        if set(fields) - {"question", "answer"}:
            raise TypeError(f"not corrected: {', '.join(sorted(fields))}")
        if "question" in fields:
            keeping.need_text(fields["question"], "question")
        keeping.change(seat, row, "question", keeping.tidy("question", fields))


def take_out(seat: Seat, question_id: str, why: str) -> None:
    """Take a question out before the seal, with a reason; it stays in the history. Errors as `correct`."""
    row = keeping.standing(seat, "question", question_id)
    _open(seat, row.interview)
    keeping.withdraw(seat, "question", question_id, why)


def end(seat: Seat, interview_id: str, **fields: Any) -> None:
    """End the interview: its end, now unless given, and how the person read and signed it.

    Raises:
        RuleBroken: a value is not possible, or the interview is sealed.
    """
    row = _open(seat, interview_id)
    ended = fields.get("ended_at")
    if ended is None:
        ended = row.ended_at if row.ended_at is not None else seat.clock.wall_ms()
    edit(seat, interview_id, **{**fields, "ended_at": ended})


def withdraw(seat: Seat, interview_id: str, why: str) -> None:
    """Withdraw an unsealed interview with a reason; it and its number stay in the history."""
    keeping.withdraw(seat, "interview", interview_id, why)


def seal(seat: Seat, interview_id: str, *, host: str | None = None) -> Sealed:
    """Seal an interview whose record is complete; after it nothing of it changes.

    Raises:
        RuleBroken: naming the first thing that is missing, a conflict, or that it is sealed already.
    """
    keeping.allow(seat, "interview")
    with seat.writing():
        row = _open(seat, interview_id)
        keeping.allow_unit(seat, "interview", row.unit)
        refuse_incomplete(missing(seat, interview_id))
        asked = questions_of(seat, row.id)
        writing.refuse_conflicts([row, *asked])
        officers = writing.officers_of(seat, row)
        content = {
            "interview": writing.stated(row, ("number", *writing.OFFICERS)),
            "visit": writing.visit_number(seat, row.inspection),
            "interviewers": [
                writing.stated_officer(officers.get(each or ""))
                for each in (row.first_officer, row.second_officer)
            ],
            "recorder": writing.stated_officer(officers.get(row.recorder or "")),
            "questions": [
                {"id": each.id, "question": each.question, "answer": each.answer} for each in asked
            ],
        }
        covered = [row.id, *writing.child_ids(seat, Question, "interview", row.id)]
        return writing.seal(seat, SCHEMA, "interview", row, content, covered, host)


# -- reading -----------------------------------------------------------------------------------------------


def interview(seat: Seat, interview_id: str) -> Interview | None:
    """One interview; None where there is none."""
    with seat:
        return by_id(Interview, interview_id)


def questions_of(seat: Seat, interview_id: str) -> list[Question]:
    """The standing questions of an interview, in their order."""
    return writing.children(seat, Question, "interview", interview_id)


def missing(seat: Seat, interview_id: str) -> list[Missing]:
    """What the record of an interview still lacks.

    Raises:
        RuleBroken: there is no such interview.
    """
    row = keeping.standing(seat, "interview", interview_id)
    officers = writing.officers_of(seat, row)
    on = writing.day_of(row, "began_at")
    asked = questions_of(seat, row.id)
    return rules.missing_of(row, asked, officers, on, _meanwhile(seat, row, officers))


def _meanwhile(seat: Seat, row: Interview, officers: dict[str, Any]) -> list[tuple[str, str]]:
    """Interviews at the same time of which an officer of this one took part, too."""
    if row.began_at is None or row.ended_at is None:
        return []
    people = [each for each in (row.first_officer, row.second_officer) if each]
    with seat:
        others = Interview.select().where(
            Interview.id != row.id,
            Interview.voided.is_null(),
            Interview.began_at < row.ended_at,
            Interview.ended_at > row.began_at,
        )
        found = [
            (officers[each].name or "", other.number or "")
            for other in others
            for each in people
            if each in (other.first_officer, other.second_officer) and each in officers
        ]
    return sorted(set(found))


def _open(seat: Seat, interview_id: str) -> Interview:
    row: Interview = keeping.standing(seat, "interview", interview_id)
    keeping.refuse_sealed(row)
    return row


def _checked(seat: Seat, fields: dict[str, Any], row: Interview | None = None) -> dict[str, Any]:
    if row is not None and {"number", "inspection"} & set(fields):
        raise TypeError("set when it begins")
    values = keeping.tidy("interview", fields, CHOICES)
    writing.checked_people(seat, values, row)
    writing.checked_id_number(values, "person_id_number", "witness_id")
    if values.get("person_age") and rules.years_in(str(values["person_age"])) is None:
        raise RuleBroken(N_("Give the age in digits, as 17."), field="person_age")
    writing.refuse_future(seat, values, "began_at", "ended_at")
    pages = values.get("unsigned_pages")
    if isinstance(pages, str):
        numbers = [part for part in re.split(r"[,，、\s]+", pages) if part]
        if not all(part.isdecimal() and 0 < int(part) < 1000 for part in numbers):
            raise RuleBroken(N_("Give the numbers of the pages, as 2,3."), field="unsigned_pages")
        values["unsigned_pages"] = ",".join(dict.fromkeys(str(int(part)) for part in numbers))
    count = values.get("count")
    if isinstance(count, int) and not 1 <= count <= 99:
        raise RuleBroken(
            N_("Give 1 for the first interview of this person, 2 for the second."), field="count"
        )
    began, ended = (
        int(moment) if (moment := values.get(name, getattr(row, name, None))) is not None else None
        for name in ("began_at", "ended_at")
    )
    if began is not None and ended is not None and ended < began:
        raise RuleBroken(N_("The interview ends before it begins."), field="ended_at")
    return dict(values)


__all__ = [
    "ask",
    "begin",
    "correct",
    "edit",
    "end",
    "interview",
    "missing",
    "questions_of",
    "seal",
    "take_out",
    "withdraw",
]
