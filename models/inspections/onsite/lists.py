"""How the lists of the room of on-site papers read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from models.inspections.onsite import (
    measure_rules,
    papers,
    queries,
    service_rules,
)
from models.inspections.onsite.tables import (
    Interview,
    Measure,
    MeasurePaper,
    Service,
)
from models.language import _, listed_long, translate
from models.listing import lines, rows_of
from models.registry.days import local, today
from models.rooms import Cell, Line

if TYPE_CHECKING:
    from models.store.seat import Seat

_NEAR = 3
"""Days before a limit that are shown as near."""


def moment(ms: int | None) -> str:
    """Day and minute in China; empty for none."""
    return "" if ms is None else f"{local(ms):%Y-%m-%d %H:%M}"


def sealed_cell(row: Any) -> Cell:
    """Whether a record is sealed, a draft, or in conflict."""
    if row.conflicts:
        return Cell(_("! Conflict"), "bad")
    return Cell(_("Sealed"), "good") if row.sealed else Cell(_("Draft"), "warn")


def urgency(left: int) -> str:
    """How a day is shown that is so many days away."""
    return "bad" if left < 0 else "warn" if left <= _NEAR else ""


# -- lists -------------------------------------------------------------------------------------------------


def interview_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """State, who was asked, when, matter, number."""

    def cells(row: Interview) -> tuple[Cell | str, ...]:
        return (
            sealed_cell(row),
            Cell(row.person_name or _("not named yet"), "strong"),
            moment(row.began_at),
            row.case_title or row.site_name or "",
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows_of(seat, Interview, ids), cells)


def measure_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Kind, state, party, last day, number."""
    now = today(seat)

    def cells(row: Measure) -> tuple[Cell | str, ...]:
        known = measure_rules.state(row, now)
        part = {"lapsed": "bad", "taken": "warn", "released": "quiet", "disposed": "quiet"}.get(known, "")
        end = measure_rules.quiet_end(row) if known in ("taken", "lapsed") else None
        return (
            translate(measure_rules.KINDS.get(row.kind or "", row.kind or "")),
            Cell(translate(measure_rules.STATES[known]), part),
            Cell(row.party or "", "strong"),
            Cell(end.due_on.isoformat(), urgency((end.due_on - now).days)) if end is not None else "",
            row.reason or "",
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows_of(seat, Measure, ids), cells)


def paper_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """State, paper, party, official number, own number."""
    rows = rows_of(seat, MeasurePaper, ids)
    of = rows_of(seat, Measure, [row.measure for row in rows.values()])

    def cells(row: MeasurePaper) -> tuple[Cell | str, ...]:
        measure = of.get(row.measure or "")
        return (
            sealed_cell(row),
            Cell(measure_rules.paper_words(row.paper), "strong"),
            measure.party or "" if measure is not None else "",
            papers.official_number(seat, row.id),
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows, cells)


def service_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """State, receiver, when, way, number."""

    def cells(row: Service) -> tuple[Cell | str, ...]:
        return (
            sealed_cell(row),
            Cell(row.receiver or "", "strong"),
            moment(row.served_at),
            translate(service_rules.METHODS.get(row.method or "", row.method or "")),
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows_of(seat, Service, ids), cells)


def running_ids(seat: Seat, text: str) -> list[str]:
    """Measures on things that are in force."""
    return queries.find_running(seat, text, today(seat))


def summary(seat: Seat) -> str:
    """How many measures are in force, how many have lapsed."""
    now = today(seat)
    found = queries.measures(seat, running_ids(seat, ""))
    lapsed = sum(1 for row in found if measure_rules.state(row, now) == "lapsed")
    words = _("measures: {running} in force · {lapsed} lapsed").format(
        running=len(found) - lapsed, lapsed=lapsed
    )
    double = papers.doubled(seat)
    if double:
        words += " · " + _("! one number on several papers: {numbers}").format(numbers=listed_long(double))
    return words
