"""What a visit lacks of the interviews and measures that stand beside it: remarks, which stop no seal.

Each of them is a record of its own with a seal of its own and may come weeks after the visit; V04 and V15 to
V17 bind it, not the record of the inspection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from models.inspections.known import Missing
from models.inspections.onsite import interview_rules, measure_rules, queries, writing
from models.inspections.onsite.tables import MeasurePaper, Question
from models.language import N_, Words
from models.registry.days import local, today

if TYPE_CHECKING:
    from models.store.seat import Seat

_RULES = {"inspect": "V30", "register": "V15", "seal": "V16", "seize": "V16"}


def missing_of_visit(seat: Seat, inspection_id: str) -> list[Missing]:
    """Interviews not sealed; measures not approved, not noted as done, without their papers, or lapsed."""
    beside = queries.of_visit(seat, inspection_id)
    on = today(seat)
    found = [_interview(seat, row) for row in beside["interview"] if not row.sealed]
    for row in beside["measure"]:
        found += _measure(row, _issued(seat, row), on)
    return found


def _interview(seat: Seat, row: Any) -> Missing:
    asked = writing.children(seat, Question, "interview", row.id)
    officers = writing.officers_of(seat, row)
    lacks = interview_rules.missing_of(row, asked, officers, writing.day_of(row, "began_at"))
    count = sum(1 for each in lacks if each.blocking)
    words = N_("The interview of {name} is complete, and not sealed yet.")
    params = {"name": row.person_name or row.number or ""}
    if count:
        words = N_("The interview of {name} is not finished; things that are missing: {count}.")
        params["count"] = str(count)
    return Missing(
        "V04",
        words,
        "interview",
        row.id,
        kind="interview",
        basis=interview_rules.BASIS,
        blocking=False,
        params=params,
    )


def _issued(seat: Seat, row: Any) -> set[str]:
    """The papers of a measure that were issued."""
    with seat:
        rows = list(
            MeasurePaper.select().where(MeasurePaper.measure == row.id, MeasurePaper.voided.is_null())
        )
    return {each.paper or "" for each in rows if each.sealed}


def _measure(row: Any, issued: set[str], on: date) -> Iterable[Missing]:
    named = {
        "kind": Words(measure_rules.KINDS.get(row.kind or "", row.kind or "")),
        "number": row.number or "",
    }

    def remark(words: str, field: str, **more: Any) -> Missing:
        return Missing(
            _RULES.get(row.kind or "", "V16"),
            words,
            field,
            row.id,
            kind="measure",
            basis=measure_rules.basis(row.kind, on),
            blocking=False,
            params={**named, **more},
        )

    state = measure_rules.state(row, on)
    due = measure_rules.approval_due(row) if row.approved_at is None else None
    if due is not None and due.due_at is not None:
        until = f"{local(due.due_at):%Y-%m-%d %H:%M}"
        yield remark(
            N_("{kind} {number}: urgent, and its approval is still to come, until {until}."),
            "approved_at",
            until=until,
        )
    elif state == "asked":
        yield remark(N_("{kind} {number}: asked for, and not approved by a head."), "approved_at")
    elif state == "approved" and row.kind in measure_rules.ON_THINGS:
        yield remark(N_("{kind} {number}: approved, and not noted as done on the spot."), "taken_at")
    if state == "lapsed":
        end = measure_rules.quiet_end(row)
        day = end.due_on.isoformat() if end is not None else ""
        yield remark(
            N_("{kind} {number}: its time ended on {day}, and it was neither dealt with nor released."),
            "released_on",
            day=day,
        )
    if state == "taken":
        for paper in _owed(row.kind, issued):
            yield remark(
                N_("{kind} {number}: the paper “{paper}” is not issued."),
                "paper",
                paper=Words(measure_rules.PAPERS[paper][0]),
            )


def _owed(kind: str | None, issued: set[str]) -> Sequence[str]:
    """The papers that are given on the spot, of those that were not issued."""
    own = measure_rules.papers_of(kind)
    return [each for each in measure_rules.FIXING if each in own and each not in issued]
