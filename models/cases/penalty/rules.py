"""What the law demands of a penalty case: states, time limits, leniency. Pure functions, no database."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta

from models.errors import BadInput, RuleBroken
from models.language import N_, _
from models.law.deadlines import Deadline, due, limit
from models.law.due import Due, day_or_none
from models.law.parameters import parameter

if TYPE_CHECKING:
    from models.cases.penalty.tables import Handover, PenaltyCase

_HERE = Path(__file__).parent

SOURCES: dict[str, str] = {
    "inspection": N_("On-site inspection"),
    "monitor": N_("Automatic monitoring"),
    "complaint": N_("Complaint or tip"),
    "transfer": N_("Transferred by another body"),
    "superior": N_("Assigned by a superior"),
    "incident": N_("Incident"),
    "other": N_("Another source"),
}
"""案件来源."""
OUTCOMES: dict[str, str] = {
    "penalty": N_("Penalty"),
    "minor": N_("No penalty: minor and put right"),
    "unproved": N_("No penalty: not established"),
    "elsewhere": N_("Transferred elsewhere"),
    "crime": N_("Transferred as a suspected crime"),
    "not_filed": N_("Not filed"),
    "revoked": N_("Filing revoked"),
}
"""行政处罚法57: penalty, none, or transfer; and cases that were not filed or whose filing was revoked."""
RESULTS: dict[str, str] = {
    "start": N_("Start compensation"),
    "not_start": N_("No compensation: statutory ground"),
    "not_applicable": N_("No damage to the environment"),
}
"""Results of a screening."""
STATES: dict[str, str] = {
    "found": N_("Not filed yet"),
    "filed": N_("On file"),
    "noticed": N_("Notice served"),
    "decided": N_("Decided"),
    "served": N_("Decision served"),
    "paid": N_("Fine paid"),
    "closed": N_("Case closed"),
}
"""Where a penalty case stands."""
EVENTS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "filing": (
        N_("Filing"),
        ("filed_on",),
        ("notice_served_on", "decided_on"),
    ),
    "correction": (
        N_("Order to correct"),
        ("correction_served_on", "correction_number", "monitoring_report_on"),
        ("reviewed_on",),
    ),
    "review": (N_("Follow-up check"), ("reviewed_on",), ()),
    "notice": (
        N_("Penalty notice"),
        ("notice_served_on", "notice_number"),
        ("waived_on", "hearing_asked_on", "decided_on"),
    ),
    "waiver": (N_("Waiver"), ("waived_on",), ("decided_on",)),
    "hearing": (
        N_("Hearing"),
        ("hearing_asked_on", "hearing_told_on", "hearing_on"),
        ("decided_on",),
    ),
    "decision": (
        N_("Penalty decision"),
        (
            "decided_on",
            "decision_number",
            "outcome",
            "measures",
            "decision_note",
            "fine_cents",
            "confiscated_cents",
        ),
        ("decision_served_on",),
    ),
    "service": (N_("Service of the decision"), ("decision_served_on",), ("paid_on",)),
    "payment": (N_("Payment of the fine"), ("paid_on",), ()),
    "closing": (N_("Closing of the case"), ("closed_on", "close_note"), ()),
}
"""What can be taken back: its words, its fields, and the fields of what follows it and goes first."""
ORDER: tuple[tuple[str, str], ...] = (
    ("occurred_on", "ended_on"),
    ("occurred_on", "found_on"),
    ("found_on", "filed_on"),
    ("filed_on", "notice_served_on"),
    ("filed_on", "decided_on"),
    ("monitoring_report_on", "correction_served_on"),
    ("correction_served_on", "reviewed_on"),
    ("notice_served_on", "waived_on"),
    ("notice_served_on", "hearing_asked_on"),
    ("hearing_asked_on", "hearing_told_on"),
    ("hearing_told_on", "hearing_on"),
    ("notice_served_on", "decided_on"),
    ("waived_on", "decided_on"),
    ("hearing_asked_on", "decided_on"),
    ("decided_on", "decision_served_on"),
    ("decision_served_on", "paid_on"),
    ("found_on", "closed_on"),
    ("filed_on", "closed_on"),
    ("decided_on", "closed_on"),
    ("paid_on", "closed_on"),
)
"""Which day may not lie before which."""
DAYS: dict[str, str] = {
    "occurred_on": N_("Violation on"),
    "ended_on": N_("Violation ended on"),
    "found_on": N_("Found on"),
    "filed_on": N_("Filed on"),
    "monitoring_report_on": N_("Monitoring report on"),
    "correction_served_on": N_("Order to correct served on"),
    "reviewed_on": N_("Follow-up check on"),
    "notice_served_on": N_("Penalty notice served on"),
    "waived_on": N_("Waived on"),
    "hearing_asked_on": N_("Hearing asked for on"),
    "hearing_told_on": N_("Hearing notified on"),
    "hearing_on": N_("Hearing on"),
    "decided_on": N_("Penalty decided on"),
    "decision_served_on": N_("Decision served on"),
    "paid_on": N_("Fine paid on"),
    "closed_on": N_("Case closed on"),
}
"""The days of a case with their words."""

MOST_DAYS = 3650
"""Days by which the time for a decision can be lengthened at most: more is a slip of the hand."""


@dataclass(frozen=True, slots=True)
class Leniency:
    """Whether leniency may be considered; never an amount, and nothing that changes the fine."""

    suggested: bool
    reason: str
    """In the reader's language."""
    basis: str
    """Article; empty where nothing is suggested."""


def state(case: PenaltyCase, as_of: str = "9999-12-31") -> str:
    """Where a case stands at the end of a day, by its legal dates: one of `STATES`."""
    for name, day in (
        ("closed", case.closed_on),
        ("paid", case.paid_on),
        ("served", case.decision_served_on),
        ("decided", case.decided_on),
        ("noticed", case.notice_served_on),
        ("filed", case.filed_on),
    ):
        if day and day <= as_of:
            return name
    return "found"


def leniency(case: PenaltyCase, consultation_done_on: str | None) -> Leniency:
    """Whether leniency may be considered because consultation was complete before the penalty notice.

    Strictly before: on the same day is not before (R036). It is a suggestion to whoever decides.

    Args:
        consultation_done_on: day on which the agreement was signed; None while there is none.
    """
    served = case.notice_served_on
    if consultation_done_on is None:
        return Leniency(False, _("There is no signed compensation agreement of this case."), "")
    if served is None:
        return Leniency(
            True,
            _(
                "Consultation was complete on {done} and the penalty notice is not served yet: where it is "
                "served on a later day, leniency may be considered. The fine is decided by people."
            ).format(done=consultation_done_on),
            _leniency_basis(consultation_done_on),
        )
    if consultation_done_on < served:
        return Leniency(
            True,
            _(
                "Consultation was complete on {done}, before the penalty notice was served on {served}: "
                "leniency may be considered. The fine is decided by people."
            ).format(done=consultation_done_on, served=served),
            _leniency_basis(served),
        )
    if consultation_done_on == served:
        reason = _(
            "Consultation was complete on {done}, the day on which the penalty notice was served: the same "
            "day is not before. Whoever still considers leniency gives the reason."
        )
    else:
        reason = _(
            "Consultation was complete on {done}, after the penalty notice was served on {served}: no "
            "leniency on this ground."
        )
    return Leniency(False, reason.format(done=consultation_done_on, served=served), "")


def _leniency_basis(on: str) -> str:
    day = day_or_none(on)
    if day is None:
        return ""
    for first, last, basis in _leniency_versions():
        if first <= day <= last:
            return basis
    return ""


@lru_cache(maxsize=1)
def _leniency_versions() -> tuple[tuple[date, date, str], ...]:
    raw = tomllib.loads((_HERE / "leniency.toml").read_text("utf-8"))["version"]
    return tuple((row.get("from", date.min), row.get("until", date.max), row["basis"]) for row in raw)


def screening_required(on: str) -> str:
    """The basis of the screening that every penalty case must carry when it is handled on that day.

    Empty before the city's notice of 2021-01-20 (R034).
    """
    day = day_or_none(on)
    found = parameter("penalty_screening", day if day is not None else date.max)  # of no day: today's demand
    return found.basis if found is not None and found.value else ""


def limitation_ends(case: PenaltyCase) -> Deadline | None:
    """Last day on which the violation may be found and be punished (行政处罚法36); None without its day."""
    day = day_or_none(case.ended_on or case.occurred_on)
    if day is None:
        return None
    rule = limit("limitation", day)
    if rule is None:
        return None
    longer = parameter("limitation_grave_years", day) if case.grave else None
    if longer is not None:
        return Deadline(day + relativedelta(years=longer.value), None, "years", longer.basis, longer.mark)
    return due(day, rule)


def filing_lacks(case: PenaltyCase) -> list[RuleBroken]:
    """V20: what stands against opening a case (生态环境行政处罚办法 2023 art. 19), one sentence each.

    First evidence and a punishable act stand in the act, in words or by its inspection; whether the office
    has the power is decided by the unit that the case belongs to; the limitation is counted.
    """
    found = []
    if not (case.act or case.inspection or case.title):
        found.append(RuleBroken(N_("Say what was done, and by which evidence."), field="act"))
    last = limitation_ends(case)
    seen = day_or_none(case.found_on)
    if last is not None and seen is not None and seen > last.due_on:
        found.append(
            RuleBroken(
                N_(
                    "The violation was found on {found}, after its limitation of {last}: no case is opened. "
                    "Note that it is not filed."
                ),
                field="on",
                basis=last.basis,
                found=seen.isoformat(),
                last=last.due_on.isoformat(),
            )
        )
    return found


def summary_allowed(fine_cents: int, *, unit: bool, on: date) -> bool:
    """V22: whether a fine lies within the summary procedure (行政处罚法51); a warning is a fine of nothing.

    Args:
        fine_cents: the fine, integer cents.
        unit: whether the party is a unit and no citizen.
        on: the day of the decision.
    """
    most = parameter("summary_unit_cents" if unit else "summary_individual_cents", on)
    return most is not None and 0 <= fine_cents <= most.value


def daily_fines_from(case: PenaltyCase) -> date | None:
    """V23: the day from which daily fines run where correction is refused: that after the order's service.

    None while no order was served (环境保护主管部门实施按日连续处罚办法17).
    """
    served = day_or_none(case.correction_served_on)
    return served + timedelta(days=1) if served is not None else None


def may_decide_after(notice_served_on: str) -> Deadline | None:
    """Last day of statement, defence and request for a hearing; a penalty may be decided after it.

    None where the notice bears no day.

    Raises:
        BadInput: no holiday calendar is kept for a year that it reaches.
    """
    day = day_or_none(notice_served_on)
    if day is None:
        return None
    ends = [due(day, rule) for key in ("statement", "hearing_request") if (rule := limit(key, day))]
    return max(ends, key=lambda end: end.due_on, default=None)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The running time limits of a case."""

    dues: tuple[Due, ...]
    refused: tuple[str, ...]
    """Why a limit could not be counted, in the reader's language."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """A limit that runs from one day of the case until another is there."""

    key: str
    begins: str
    ends: tuple[str, ...]
    when: Callable[[Any], bool] = lambda case: True


_CLOCKS = (
    _Clock("case_filing", "found_on", ("filed_on", "decided_on")),
    _Clock("correction_service", "monitoring_report_on", ("correction_served_on",)),
    _Clock("review", "correction_served_on", ("reviewed_on",)),
    _Clock("penalty_decision", "filed_on", ("decided_on",)),
    _Clock("statement", "notice_served_on", ("waived_on", "decided_on")),
    _Clock("hearing_request", "notice_served_on", ("waived_on", "hearing_asked_on", "decided_on")),
    _Clock("hearing_notice", "hearing_on", ("hearing_told_on", "decided_on")),
    _Clock("penalty_service", "decided_on", ("decision_served_on",), lambda case: case.outcome == "penalty"),
    _Clock("fine_payment", "decision_served_on", ("paid_on",), lambda case: bool(case.fine_cents)),
)
"""When a limit of `law/deadlines.toml` runs; its version is that of the day on which it begins."""


def deadlines(case: PenaltyCase) -> Deadlines:
    """The time limits that run in a case, the nearest first; none once it is closed."""
    dues: list[Due] = []
    refused: list[str] = []
    if case.closed_on:
        return Deadlines((), ())
    about = f"{case.number or ''} {case.title or case.party or ''}".strip()
    for clock in _CLOCKS:
        begins = day_or_none(getattr(case, clock.begins))
        if begins is None or any(getattr(case, name) for name in clock.ends) or not clock.when(case):
            continue
        rule = limit(clock.key, begins)
        if rule is None:
            continue
        try:
            end = due(begins, rule)
        except BadInput as error:
            refused.append(f"{rule.title}: {error.text()}")
            continue
        due_on = end.due_on
        if clock.key == "penalty_decision":
            due_on += timedelta(days=_added(case.excluded_days) + _added(case.extended_days))
        dues.append(Due(clock.key, "penalty_case", case.id, about, rule.title, due_on, end.basis, end.mark))
    if not case.found_on and (end_of := limitation_ends(case)) is not None:
        begun = day_or_none(case.ended_on or case.occurred_on)
        rule = limit("limitation", begun) if begun is not None else None
        words = rule.title if rule is not None else ""
        dues.append(
            Due("limitation", "penalty_case", case.id, about, words, end_of.due_on, end_of.basis, end_of.mark)
        )
    return Deadlines(tuple(sorted(dues, key=lambda each: each.due_on)), tuple(refused))


def _added(days: int | None) -> int:
    """Days that lengthen a limit; what no verb lets in lengthens nothing."""
    return days if days is not None and 0 <= days <= MOST_DAYS else 0


def receipt_due(handover: Handover) -> Due | None:
    """By when the receiving unit should sign for a hand-over; None once it has.

    Raises:
        BadInput: no holiday calendar is kept for a year that it reaches.
    """
    day = day_or_none(handover.sent_on)
    if handover.received_on or day is None:
        return None
    rule = limit("handover_receipt", day)
    if rule is None:
        return None
    end = due(day, rule)
    about = f"{handover.letter_number or handover.case_number or ''} {handover.party or ''}".strip()
    return Due(
        "handover_receipt", "handover", handover.id, about, rule.title, end.due_on, end.basis, end.mark
    )


def check_due(handover: Handover) -> date | None:
    """核查截止日: the day that the letter sets, else by the limit from receipt or, until then, sending."""
    if (set_on := day_or_none(handover.due)) is not None:
        return set_on
    day = day_or_none(handover.received_on or handover.sent_on)
    if day is None:
        return None
    rule = limit("clue_check", day)
    return due(day, rule).due_on if rule is not None else None


def repeats(decided_on: str | None, before: date, years: int) -> bool:
    """Whether a penalty was decided within some years before a day: the day itself is not before it."""
    first = before - relativedelta(years=years)
    return bool(decided_on) and first.isoformat() <= str(decided_on) < before.isoformat()
