"""What an interview record must hold (V04): closed lists, and what is missing. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from models.inspections.completeness import officers_missing
from models.inspections.known import Missing
from models.language import N_
from models.law.parameters import parameter

STEP = 1000
"""Between the places of two questions, so that others can be put in between."""
READINGS = {"read": N_("Read it himself or herself"), "read_out": N_("It was read out")}
SIGNED = {"signed": N_("Signed each page"), "refused": N_("Refused to sign")}
BASIS = "《行政处罚法》第五十五条"
"""询问应当制作笔录, two officers (V01, V04)."""
WITHDRAWAL = "《行政处罚法》第四十三条"
NO_ANSWER = "（未作回答）"
"""What the paper says where a question got no answer."""

_NEEDED = (
    ("case_title", N_("What is the matter (案由)?")),
    ("began_at", N_("When did the interview begin?")),
    ("ended_at", N_("When did the interview end?")),
    ("place", N_("Where was the person asked?")),
    ("recorder", N_("Who wrote the record?")),
    ("person_name", N_("Who was asked?")),
    ("person_gender", N_("Of which sex is the person asked?")),
    ("person_relation", N_("What has the person asked to do with the matter?")),
    ("shown_certificates", N_("Note that the certificates were shown and confirmed.")),
    (
        "told_rights",
        N_("Note that the duty to answer truthfully and the right to ask for withdrawal were told."),
    ),
    ("avoidance", N_("Does the person ask for the withdrawal of an officer?")),
    ("alone", N_("Was the person asked alone?")),
    ("reading", N_("Did the person read the record, or was it read out?")),
    ("signed", N_("Did the person sign each page, or refuse?")),
)
_ASKED_AS_TRUE = ("shown_certificates", "told_rights")


def age_on(row: Any, day: date) -> int | None:
    """The age of who is asked on a day: by the citizen number, else as it was noted; None where unknown."""
    number = row.person_id_number or ""
    if len(number) == 18 and number[6:14].isdecimal():
        try:
            born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError:
            born = None
        if born is not None and born <= day:
            return relativedelta(day, born).years
    return years_in(row.person_age or "")


def years_in(text: str) -> int | None:
    """The first number of an age as it was noted (17岁, 约40-45); None where it has no digit."""
    found = re.search(r"\d{1,3}", text)
    return int(found[0]) if found else None


def missing_of(
    row: Any,
    questions: Sequence[Any],
    officers: Mapping[str, Any],
    on: date,
    meanwhile: Sequence[tuple[str, str]] = (),
) -> list[Missing]:
    """What the record still lacks, in the order of the form.

    Args:
        on: the day of the interview in China.
        meanwhile: officer's name and number of another interview of theirs at the same time.
    """
    return [
        *officers_missing(row, officers, on),
        *_parts(row),
        *_person(row, on),
        *_questions(questions),
        *_signature(row),
        *(
            Missing(
                "V04",
                N_("{name} was in interview {number} at the same time. Check the times of both."),
                "began_at",
                basis=BASIS,
                blocking=False,
                params={"name": name, "number": number},
            )
            for name, number in meanwhile
        ),
    ]


def _parts(row: Any) -> Iterable[Missing]:
    for name, question in _NEEDED:
        value = getattr(row, name)
        if value is None or value == "" or (name in _ASKED_AS_TRUE and value is not True):
            yield Missing("V04", question, name, basis=WITHDRAWAL if name == "avoidance" else BASIS)
    if row.began_at and row.ended_at and row.ended_at < row.began_at:
        yield Missing("V04", N_("The interview ends before it begins."), "ended_at")
    if row.avoidance == "asked" and not row.avoidance_reason:
        yield Missing(
            "V02", N_("What reason is given for the withdrawal?"), "avoidance_reason", basis=WITHDRAWAL
        )
    if row.alone is False and not row.others:
        yield Missing("V04", N_("Who else was there, and why was the person not asked alone?"), "others")


def _person(row: Any, on: date) -> Iterable[Missing]:
    if not row.person_age and not row.person_id_number:
        yield Missing("V04", N_("How old is the person asked?"), "person_age", basis=BASIS)
    if not row.person_id_number:
        yield Missing(
            "V04",
            N_("No citizen number is noted; say in a question how the person proved who they are."),
            "person_id_number",
            blocking=False,
        )
    age, adult = age_on(row, on), parameter("adult_years", on)
    if age is not None and adult is not None and age < adult.value and not row.guardian_name:
        yield Missing(
            "V04",
            N_("The person is {age} years old: a guardian must be present. Name the guardian."),
            "guardian_name",
            params={"age": age},
        )
    if row.guardian_name and not row.guardian_relation:
        yield Missing("V04", N_("What is the guardian to the person?"), "guardian_relation")


def _questions(questions: Sequence[Any]) -> Iterable[Missing]:
    if not questions:
        yield Missing("V04", N_("Nothing was asked yet."), "question", basis=BASIS)
    for place, each in enumerate(questions, 1):
        if not each.question:
            yield Missing(
                "V04", N_("Question {place} has no words."), "question", each.id, params={"place": place}
            )
        if not each.answer:
            yield Missing(
                "V04",
                N_("Question {place} has no answer. Write down also a silence."),
                "answer",
                each.id,
                params={"place": place},
            )


def _signature(row: Any) -> Iterable[Missing]:
    partly = row.signed == "signed" and row.unsigned_pages
    if row.signed == "refused" or partly:
        if not row.refusal_reason:
            yield Missing("V04", N_("Note why the person did not sign."), "refusal_reason", basis=BASIS)
        if not row.witness_name:
            yield Missing(
                "V04",
                N_("Name a witness, or note that there is none, since the person did not sign every page."),
                "witness_name",
                basis=BASIS,
            )
