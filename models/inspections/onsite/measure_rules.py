"""What the law demands of measures on the spot (V15-V17, V30): states, limits, what is missing. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.inspections.completeness import officers_missing
from models.inspections.known import Missing
from models.language import N_, translate
from models.law.deadlines import Deadline, due, limit
from models.law.due import Due, day_or_none
from models.registry.days import day_of

_FACTS = Path(__file__).parent / "measures.toml"

KINDS: dict[str, str] = {
    "inspect": N_("Administrative inspection"),
    "register": N_("Registration of evidence"),
    "seal": N_("Sealing up"),
    "seize": N_("Seizure"),
}
"""行政检查, 先行登记保存, 查封, 扣押."""
COERCIVE = ("seal", "seize")
"""行政强制措施 (行政强制法9)."""
ON_THINGS = ("register", *COERCIVE)
KEEPINGS = {"in_place": N_("Kept where it is"), "elsewhere": N_("Kept elsewhere")}
DISPOSITIONS = {
    "preserve": N_("Measures to preserve the evidence"),
    "appraise": N_("Sent to an appraisal"),
    "seize": N_("Sealed up or seized"),
    "release": N_("Released"),
}
"""The four ways in which registered evidence is dealt with within 7 working days (V15)."""
STATES = {
    "asked": N_("Asked for"),
    "approved": N_("Approved"),
    "taken": N_("Carried out"),
    "lapsed": N_("Lapsed"),
    "disposed": N_("Has been dealt with"),
    "released": N_("Released"),
}
LEAST_COPIES = 2
"""清单一式二份 (行政强制法24; 行政处罚法56)."""
MOST_TEST_DAYS = 3650

PAPERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "inspect_approval": (N_("Approval of an inspection"), ("inspect",)),
    "inspect_notice": (N_("Notice of an inspection"), ("inspect",)),
    "register_approval": (N_("Approval of the registration of evidence"), ("register",)),
    "register_notice": (N_("Notice of the registration of evidence"), ("register",)),
    "register_list": (N_("List of registered evidence"), ("register",)),
    "register_release": (N_("Release of registered evidence"), ("register",)),
    "seal_approval": (N_("Approval of sealing or seizure"), COERCIVE),
    "seal_decision": (N_("Decision on sealing or seizure"), COERCIVE),
    "seal_list": (N_("List of what is sealed or seized"), COERCIVE),
    "seal_extension": (N_("Extension of sealing or seizure"), COERCIVE),
    "seal_release": (N_("Release from sealing or seizure"), COERCIVE),
}
"""The papers: words, and the kinds of measure that they belong to."""
ON_THE_SPOT: dict[str, str] = {
    "told": N_("Reason, basis, rights told"),
    "present": N_("Party present"),
    "keeping": N_("Kept"),
    "signed": N_("Signature"),
}
"""What is noted of every measure as it is done (行政强制法18, 24): field to its words."""
LISTS = ("register_list", "seal_list")
FIXING = ("register_notice", "register_list", "seal_decision", "seal_list")
"""Papers that state the things: after one of them is issued, the things stay as they are."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One of the six grounds of sealing up and seizure (查封、扣押办法4)."""

    key: str
    zh: str
    required: bool
    """Whether the authority shall act, not only may."""


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:
    return tomllib.loads(_FACTS.read_text("utf-8"))


def grounds() -> tuple[Ground, ...]:
    """The six grounds."""
    return tuple(Ground(each["key"], each["zh"], each["required"]) for each in _facts()["ground"])


def grounds_of(joined: str | None) -> tuple[Ground, ...]:
    """The grounds of comma-joined keys, in their order; an unknown key is left out."""
    wanted = (joined or "").split(",")
    return tuple(each for each in grounds() if each.key in wanted)


def shall(row: Any) -> bool:
    """Whether sealing or seizure is a duty: grounds (4), (5), or grave pollution already (V17)."""
    return bool(row.grave) or any(each.required for each in grounds_of(row.grounds))


def basis(kind: str | None, on: date) -> str:
    """What a kind of measure rests on, as papers cite it, on a day."""
    found = _facts()["basis"]
    if kind in COERCIVE:
        return str(found["seal"] if on >= found["seal_code_from"] else found["seal_before"])
    return str(found.get(kind or "", ""))


def word_of(paper: str | None) -> str:
    """The word of a paper's number after 环; empty where none is known."""
    return str(_facts()["word"].get(paper or "", "")) if paper != "mark" else ""


# -- time --------------------------------------------------------------------------------------------------


def taken_on(row: Any) -> date | None:
    """The day on which the measure was taken, in China."""
    return day_of(row.taken_at) if isinstance(row.taken_at, int) else None


def ends(row: Any) -> Deadline | None:
    """The last day of a measure on things; None where it was not taken, or is no such measure.

    Raises:
        BadInput: no holiday calendar is kept for a year that it reaches.
    """
    day = taken_on(row)
    if day is None or row.kind not in ON_THINGS:
        return None
    if row.kind == "register":
        rule = limit("registered_evidence", day)
        return due(day, rule) if rule is not None else None
    rule = limit("sealing", day)
    if rule is None:
        return None
    end = due(day, rule)
    more = _days(row.test_days) + (_days(row.extended_days) if row.extended_on else 0)
    return Deadline(end.due_on + timedelta(days=more), None, end.kind, end.basis, end.mark)


def most_extension(on: date) -> int:
    """Days by which a sealing or seizure can be extended at most (行政强制法25)."""
    rule = limit("sealing_extension", on)
    return rule.amount if rule is not None else 0


def _days(value: int | None) -> int:
    return value if isinstance(value, int) and 0 <= value <= MOST_TEST_DAYS else 0


def approval_due(row: Any) -> Deadline | None:
    """Until when the approval of an urgent measure must be there: 24 hours; None where none is owed."""
    if not row.urgent or row.taken_at is None or row.kind not in ON_THINGS:
        return None
    rule = limit("seal_approval", day_of(row.taken_at))
    return due(row.taken_at, rule) if rule is not None else None


def state(row: Any, on: date) -> str:
    """Where a measure stands at the end of a day: one of `STATES`; what is not ended in time lapses."""
    if row.released_on:
        return "released"
    if row.disposition:
        return "released" if row.disposition == "release" else "disposed"
    if row.taken_at is not None:
        end = quiet_end(row)
        return "lapsed" if end is not None and on > end.due_on else "taken"
    return "approved" if row.approved_at is not None else "asked"


def quiet_end(row: Any) -> Deadline | None:
    """As `ends`; None where the calendar of a year is missing."""
    try:
        return ends(row)
    except BadInput:
        return None


def dues(row: Any, served: bool) -> list[Due]:
    """The time limits that run in a measure.

    Args:
        served: whether the release was served.
    """
    found = []
    about = f"{row.number or ''} {row.party or ''}".strip()

    def add(key: str, start: int | date | None, end: Deadline | None = None) -> None:
        if start is None:
            return
        rule = limit(key, start if isinstance(start, date) else day_of(start))
        if rule is None:
            return
        try:
            last = end or due(start, rule)
        except BadInput:  # a year without calendar: the measure's sheet says so
            return
        found.append(Due(key, "measure", row.id, about, rule.title, last.due_on, last.basis, last.mark))

    over = bool(row.released_on or row.disposition)
    if row.urgent and row.approved_at is None:
        add("seal_approval", row.taken_at)
    if not over and row.kind in ON_THINGS and (end := quiet_end(row)) is not None:
        add("registered_evidence" if row.kind == "register" else "sealing", taken_on(row), end)
    if row.kind in COERCIVE:
        if row.release_asked_on and not row.released_on:
            add("sealing_release_check", day_or_none(row.release_asked_on))
        if row.released_on and not served:
            add("sealing_release_service", day_or_none(row.released_on))
    return found


# -- what is missing ---------------------------------------------------------------------------------------


def missing_of(
    paper: str, row: Any, items: Sequence[Any], officers: Mapping[str, Any], on: date
) -> list[Missing]:
    """What a paper of a measure still lacks before it may be issued."""
    found = [*_asked(row, on)]
    if paper.endswith("_approval"):
        return found
    found += _approved(row, on)
    if paper == "inspect_notice":
        return [*found, *officers_missing(row, officers, on)]
    found += officers_missing(row, officers, on)
    found += _taken(row, items, on)
    early = too_early(paper, row)
    if early:
        rule, field = _TOLD_OF[paper]
        found.append(Missing(rule, early, field, basis=basis(row.kind, on)))
    return found


_TOLD_OF = {
    "seal_extension": ("V16", "extended_on"),
    "seal_release": ("V16", "released_on"),
    "register_release": ("V15", "disposition"),
}
"""Rule and field of what a paper tells of."""


def _asked(row: Any, on: date) -> Iterable[Missing]:
    rule = "V30" if row.kind == "inspect" else "V15" if row.kind == "register" else "V16"
    rests_on = basis(row.kind, on)
    for name, question in (
        ("party", N_("Who is the party?")),
        ("reason", N_("What is the reason?")),
        ("place", N_("Where is it?")),
        ("first_officer", N_("Two officers are needed; name the other one.")),
        ("second_officer", N_("Two officers are needed; name the other one.")),
    ):
        if not getattr(row, name):
            yield Missing(rule, question, name, basis=rests_on)
    if row.kind == "inspect" and not row.planned_from:
        yield Missing(rule, N_("On which days is the inspection?"), "planned_from", basis=rests_on)
    if row.kind in COERCIVE and not grounds_of(row.grounds) and not row.grave:
        yield Missing("V17", N_("Which of the six grounds is it?"), "grounds", basis=rests_on)


def _approved(row: Any, on: date) -> Iterable[Missing]:
    if row.approved_at is not None:
        return
    rests_on = basis(row.kind, on)
    if row.kind in ON_THINGS and row.urgent and row.taken_at is not None:
        yield Missing(
            "V15" if row.kind == "register" else "V16",
            N_("The approval of this urgent measure is still to come, within 24 hours."),
            "approved_at",
            basis=rests_on,
            blocking=False,
        )
        return
    yield Missing(
        "V30" if row.kind == "inspect" else "V16",
        N_("A head has to approve it first."),
        "approved_at",
        basis=rests_on,
    )


def _taken(row: Any, items: Sequence[Any], on: date) -> Iterable[Missing]:
    rule, rests_on = ("V15" if row.kind == "register" else "V16"), basis(row.kind, on)
    if row.taken_at is None:
        yield Missing(rule, N_("Note when it was done on the spot."), "taken_at", basis=rests_on)
        return
    if not items:
        yield Missing(rule, N_("Count the things on the spot and list them."), "items", basis=rests_on)
    for each in items:
        if not each.name or not each.quantity:
            yield Missing(
                rule, N_("A thing of the list has no name or no quantity."), "name", each.id, basis=rests_on
            )
    if row.told is not True:
        words = N_("Note that reason, basis, rights and remedies were told on the spot.")
        yield Missing(rule, words, "told", basis=rests_on)
    if row.present is None:
        yield Missing(rule, N_("Was anyone of the party present?"), "present", basis=rests_on)
    if not row.signed:
        yield Missing(rule, N_("Did the party sign, refuse, or was nobody there?"), "signed", basis=rests_on)
    if row.signed == "refused" and not row.refusal_reason:
        yield Missing(rule, N_("Note why the party refused to sign."), "refusal_reason", basis=rests_on)
    if row.signed in ("refused", "absent") and not row.witness_name:
        words = N_("Name a witness, or note that there is none, since the party did not sign.")
        yield Missing(rule, words, "witness_name", basis=rests_on)
    if (row.copies or 0) < LEAST_COPIES:
        yield Missing(
            rule, N_("The list is made in two copies; one is given on the spot."), "copies", basis=rests_on
        )
    if not row.keeping:
        yield Missing(rule, N_("Is it kept where it is, or elsewhere?"), "keeping", basis=rests_on)
    if row.keeping == "elsewhere" and not (row.keep_place and row.keeper):
        yield Missing(rule, N_("Where is it kept, and by whom?"), "keep_place", basis=rests_on)


def paper_words(paper: str | None) -> str:
    """A paper in the reader's language; its name where this version does not know it."""
    known = PAPERS.get(paper or "")
    return translate(known[0]) if known is not None else paper or ""


def too_early(paper: str, row: Any) -> str:
    """Why a paper is not drawn up yet, as a msgid: what it tells of was not noted; empty where it was."""
    if paper == "seal_extension" and not row.extended_on:
        return N_("Extend the time first.")
    released = row.released_on or (paper == "register_release" and row.disposition == "release")
    if paper in ("register_release", "seal_release") and not released:
        return N_("Note the release first.")
    return ""


def papers_now(row: Any) -> tuple[str, ...]:
    """The papers that a measure can have as it stands."""
    return tuple(each for each in papers_of(row.kind) if not too_early(each, row))


def papers_of(kind: str | None) -> tuple[str, ...]:
    """The papers of a kind of measure, in the order of the procedure."""
    return tuple(name for name, (_words, kinds) in PAPERS.items() if kind in kinds)
