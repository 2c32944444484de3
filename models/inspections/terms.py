"""The time limits that begin on an inspection, each by the version in force on the day on which it begins.

Those of registered evidence and of sealing are in `onsite.measure_rules`, beside their records. `dues` are
those that run in the visits of a seat.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from models.errors import BadInput
from models.inspections.tables import Answer, Inspection
from models.language import N_
from models.law.deadlines import Deadline, due, limit
from models.law.due import Due
from models.law.parameters import parameter
from models.registry.days import day_of

if TYPE_CHECKING:
    from models.store.seat import Seat

Grade = Literal["ordinary", "larger", "major", "extraordinary", "unknown"]
"""Grades of an incident (一般、较大、重大、特别重大); unknown where it cannot be told yet."""
INCIDENT = "E04"
"""The item of incidents: were they reported and acted upon?"""


def term(key: str, start: int | date) -> Deadline:
    """When a limit runs out that begins at a time (ms since the epoch) or on a day in China.

    Raises:
        BadInput: no such limit is kept or was in force, hours from a bare day, or a year without calendar.
    """
    day = start if isinstance(start, date) else day_of(start)
    rule = limit(key, day)
    if rule is None:
        raise BadInput(N_("No time limit “{key}” was in force on {day}."), key=key, day=day.isoformat())
    return due(start, rule)


def incident(known_at: int, grade: Grade = "unknown") -> Deadline:
    """V25: by when an incident is reported: 4 hours, 2 for a major one and where it cannot be told yet.

    Errors as `term`.
    """
    grave = grade in ("major", "extraordinary", "unknown")
    return term("major_incident_report" if grave else "incident_report", known_at)


def filing(found_on: date, *, extended: bool = False) -> Deadline:
    """V20: by when it is decided whether a case is opened on what was found. Errors as `term`.

    Args:
        extended: lengthened with approval, where the rule of the day allows it.
    """
    found = term("case_filing", found_on)
    more = parameter("filing_extension_days", found_on) if extended else None
    return replace(found, due_on=found.due_on + timedelta(days=more.value)) if more is not None else found


def monitor_failure(failed_at: int) -> tuple[Deadline, Deadline]:
    """M04: by when the failure of an automatic monitor is reported, and mended. Errors as `term`."""
    return term("monitor_failure_report", failed_at), term("monitor_repair", day_of(failed_at))


def dues(seat: Seat) -> list[Due]:
    """What runs in visits that are not sealed: an incident found unreported is reported by the officers."""
    with seat:
        rows = list(
            Inspection.select()
            .join(Answer, on=Answer.inspection == Inspection.id)
            .where(
                Inspection.voided.is_null(),
                Inspection.sealed.is_null(),
                Inspection.began_at.is_null(False),
                Answer.voided.is_null(),
                Answer.item == INCIDENT,
                Answer.result == "problem",
            )
            .distinct()
        )
    found = []
    for row in rows:
        known_at = row.began_at or row.made_at
        end = incident(known_at)
        rule = limit("major_incident_report", day_of(known_at))
        about = f"{row.number or ''} {row.site_name or ''}".strip()
        words = rule.title if rule is not None else ""
        found.append(
            Due("major_incident_report", "inspection", row.id, about, words, end.due_on, end.basis, end.mark)
        )
    return sorted(found, key=lambda each: (each.due_on, each.record))
