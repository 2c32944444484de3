"""Closed lists of routine inspections (督察), and where a problem stands: pure, over dated records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from models.errors import BadInput, RuleBroken
from models.language import N_, _, listed, translate
from models.law.deadlines import due, limit
from models.law.due import day_or_none
from models.law.parameters import parameter
from models.rooms import Choices

LEVELS: Choices = (("central", N_("Central inspection")), ("province", N_("Provincial inspection")))
SOURCES: Choices = (
    ("phone", N_("By telephone")),
    ("letter", N_("By letter")),
    ("web", N_("Over the internet")),
    ("visit", N_("In person")),
    ("other", N_("In another way")),
)
MATTERS: Choices = (
    ("water", N_("Water")),
    ("air", N_("Air")),
    ("noise", N_("Noise")),
    ("soil", N_("Soil")),
    ("waste", N_("Waste")),
    ("ecology", N_("Damage to nature")),
    ("other", N_("Another matter")),
)
RESULTS: Choices = (
    ("yes", N_("Substantiated")),
    ("partly", N_("Partly substantiated")),
    ("no", N_("Not substantiated")),
)
NOTES: Choices = (
    ("progress", N_("Progress")),
    ("completed", N_("Reported as completed")),
    ("returned", N_("Acceptance refused")),
    ("term", N_("Term made longer")),
)
STATES: Choices = (
    ("open", N_("Plan wanted")),
    ("going", N_("Being rectified")),
    ("completed", N_("Waiting for acceptance")),
    ("accepted", N_("Accepted")),
    ("signed_off", N_("Signed off")),
)
"""Where a problem stands, in their order."""
ELEMENTS: tuple[tuple[str, str], ...] = (
    ("body", N_("Body that implements it")),
    ("goal", N_("Goal of the rectification")),
    ("term_on", N_("Term of the rectification")),
    ("measures", N_("Key measures")),
    ("acceptance_unit", N_("Unit that accepts it")),
)
"""The five elements of a plan: 实施主体、目标、时限、重点措施、验收单位 (生态环境法典29)."""
COMPLAINT_LIMIT = "transferred_complaint"


class Note(Protocol):
    """What `state` needs of a note; `tables.RectificationNote` is one."""

    id: str
    kind: str | None
    on: str | None


class Problem(Protocol):
    """What `state` needs of a problem; `tables.Rectification` is one."""

    begun_on: str | None
    term_on: str | None
    accepted_on: str | None
    signed_off_on: str | None


class Complaint(Protocol):
    """What the day by which a complaint is due needs of it; `tables.TransferredComplaint` is one."""

    received_on: str | None
    due_on: str | None
    finished_on: str | None


def values(choices: Choices) -> tuple[str, ...]:
    """The values of a closed list."""
    return tuple(value for value, _words in choices)


def state(row: Problem, notes: Iterable[Note], as_of: date) -> str:
    """Where a problem stood at the end of a day, by legal dates: one of `STATES`.

    Args:
        notes: those of the problem that were not withdrawn, in any order.
    """
    day = as_of.isoformat()
    if not row.begun_on or row.begun_on > day:
        return "open"
    if row.signed_off_on and row.signed_off_on <= day:
        return "signed_off"
    if row.accepted_on and row.accepted_on <= day:
        return "accepted"
    told = [each for each in notes if each.kind in ("completed", "returned") and (each.on or "") <= day]
    last = max(told, key=lambda each: (each.on or "", each.id), default=None)
    return "completed" if last is not None and last.kind == "completed" else "going"


def light(row: Problem, notes: Iterable[Note], as_of: date) -> str:
    """The colour of a problem: "good" signed off, "bad" past its term, "warn" soon due, "" in time.

    The term is kept if the work was reported as completed by it; who accepts may take longer.
    """
    at = state(row, notes, as_of)
    if at == "signed_off":
        return "good"
    term = day_or_none(row.term_on)
    if at in ("completed", "accepted") or term is None or at == "open":
        return ""
    left = (term - as_of).days
    if left < 0:
        return "bad"
    warning = parameter("rectification_warning_days", as_of)
    return "warn" if warning is not None and left <= warning.value else ""


def missing_elements(row: object) -> list[str]:
    """Keys of the elements that a plan still lacks."""
    return [name for name, _title in ELEMENTS if not getattr(row, name)]


def elements_basis(on: date) -> tuple[str, str]:
    """The rule that asks for the five elements, as of a day, and how sure its source is."""
    rule = parameter("rectification_elements", on)
    return (rule.basis, rule.mark) if rule is not None else ("", "")


def refuse_incomplete(row: object, on: date) -> None:
    """Refuse to set a plan going without all five elements, or where who does the work also accepts it.

    Raises:
        RuleBroken: naming all that is missing.
    """
    titles = dict(ELEMENTS)
    if missing := missing_elements(row):
        raise RuleBroken(
            N_("The plan lacks: {what}. All five elements are needed."),
            field=missing[0],
            basis=elements_basis(on)[0],
            what=listed(translate(titles[name]) for name in missing),
        )
    if same_body(getattr(row, "body", ""), getattr(row, "acceptance_unit", "")):
        raise RuleBroken(
            N_("Who does the work cannot accept it. Name another unit for the acceptance."),
            field="acceptance_unit",
            basis=elements_basis(on)[0],
        )


def same_body(one: str, other: str) -> bool:
    """Whether two names mean one body: spaces do not count, and the name of the city may be left out."""
    short = ["".join(name.split()).removeprefix("福建省").removeprefix("漳州市") for name in (one, other)]
    return short[0] == short[1]


def complaint_due(row: Complaint) -> date | None:
    """Last day for handling a transferred complaint: the day on its slip, else by the limit.

    None where neither the slip nor the receipt bears a day, or no limit can be counted from it.
    """
    if (set_on := day_or_none(row.due_on)) is not None:
        return set_on
    received = day_or_none(row.received_on)
    rule = limit(COMPLAINT_LIMIT, received) if received is not None else None
    if received is None or rule is None:
        return None
    try:
        return due(received, rule).due_on
    except BadInput:  # working days of a year without calendar
        return None


def due_basis(row: Complaint) -> tuple[str, str]:
    """Why it is due on that day, and how sure that is: the slip itself, or the limit's source and mark."""
    if day_or_none(row.due_on) is not None:
        return _("the day on the slip"), "S"
    received = day_or_none(row.received_on)
    rule = limit(COMPLAINT_LIMIT, received) if received is not None else None
    return (rule.basis, rule.mark) if rule is not None else ("", "")


def open_at_start(row: Complaint, on: date) -> bool:
    """Whether it was received by a day and not finished before it."""
    return (row.received_on or "9") <= on.isoformat() and not (
        row.finished_on and row.finished_on < on.isoformat()
    )


def open_at_end(row: Complaint, on: date) -> bool:
    """Whether it was received by a day and not finished on it or before."""
    day = on.isoformat()
    return (row.received_on or "9") <= day and not (row.finished_on and row.finished_on <= day)
