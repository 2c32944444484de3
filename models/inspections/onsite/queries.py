"""What screens ask about interviews, measures, papers and service; the time limits that run."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.inspections.onsite import measure_rules, service_rules
from models.inspections.onsite.tables import (
    Interview,
    Measure,
    MeasurePaper,
    PaperNumber,
    Question,
    ServedPaper,
    Service,
)
from models.law.due import Due
from models.listing import find, matching
from models.registry.days import day_of

if TYPE_CHECKING:
    from models.store.seat import Seat


def find_interviews(seat: Seat, text: str) -> list[str]:
    """Ids of interviews that a text finds, by their own words or those of a question; the latest first."""
    found = find(seat, Interview, "interview", text, (Interview.began_at.desc(), Interview.id.desc()))
    if not text.strip():
        return found
    with seat:
        asked = Question.select(Question.interview).where(
            Question.id.in_(matching(seat, text, "question")), Question.voided.is_null()
        )
        rows = Interview.select(Interview.id).where(
            Interview.id.in_([row.interview for row in asked]), Interview.voided.is_null()
        )
        return list(dict.fromkeys([*found, *(row.id for row in rows)]))


def find_measures(seat: Seat, text: str) -> list[str]:
    """Ids of measures that a text finds; the latest first."""
    return find(seat, Measure, "measure", text, (Measure.made_at.desc(), Measure.id.desc()))


def find_running(seat: Seat, text: str, on: date) -> list[str]:
    """Ids of measures on things that are in force or lapsed and not ended, the first to end first."""
    rows = measures(seat, find_measures(seat, text))
    open_ones = [row for row in rows if measure_rules.state(row, on) in ("taken", "lapsed")]

    def last(row: Measure) -> date:
        end = measure_rules.quiet_end(row)
        return end.due_on if end is not None else date.max

    return [row.id for row in sorted(open_ones, key=lambda row: (last(row), row.id)) if row.kind != "inspect"]


def find_papers(seat: Seat, text: str) -> list[str]:
    """Ids of papers of measures that a text finds, by number, official number or party; the latest first."""
    order = (MeasurePaper.made_at.desc(), MeasurePaper.id.desc())
    found = find(seat, MeasurePaper, "measure_paper", text, order, {"measure": "measure"})
    if not text.strip():
        return found
    with seat:
        rows = PaperNumber.select().where(
            PaperNumber.id.in_(matching(seat, text, "paper_number")), PaperNumber.voided.is_null()
        )
        return list(dict.fromkeys([*(row.of for row in rows if row.of), *found]))


def find_services(seat: Seat, text: str) -> list[str]:
    """Ids of proofs of service that a text finds; the latest first."""
    return find(seat, Service, "service", text, (Service.made_at.desc(), Service.id.desc()))


def measures(seat: Seat, ids: list[str]) -> list[Measure]:
    """Rows of measures, in the order of the ids."""
    with seat:
        rows = {row.id: row for row in Measure.select().where(Measure.id.in_(ids))}
    return [rows[each] for each in ids if each in rows]


def of_visit(seat: Seat, inspection_id: str) -> dict[str, list[Any]]:
    """What belongs to a visit and stands, by kind: "interview", "measure", "service"; in order of making."""
    tables: dict[str, Any] = {"interview": Interview, "measure": Measure, "service": Service}
    found = {}
    with seat:
        for kind, table in tables.items():
            rows = table.select().where(table.inspection == inspection_id, table.voided.is_null())
            found[kind] = list(rows.order_by(table.made_at, table.id))
    return found


def services_of_paper(seat: Seat, paper_id: str) -> list[Service]:
    """The standing proofs of service of a paper."""
    with seat:
        lines = ServedPaper.select(ServedPaper.service).where(
            ServedPaper.paper == paper_id, ServedPaper.voided.is_null()
        )
        rows = Service.select().where(
            Service.id.in_([row.service for row in lines]), Service.voided.is_null()
        )
        return list(rows.order_by(Service.made_at, Service.id))


def release_served(seat: Seat, measure_id: str) -> bool:
    """Whether a proof of service of the release of a measure is sealed."""
    with seat:
        rows = MeasurePaper.select(MeasurePaper.id).where(
            MeasurePaper.measure == measure_id,
            MeasurePaper.paper.in_(("seal_release", "register_release")),
            MeasurePaper.voided.is_null(),
        )
        ids = [row.id for row in rows]
    return any(each.sealed for paper in ids for each in services_of_paper(seat, paper))


def dues(seat: Seat) -> list[Due]:
    """The running time limits of all measures, the nearest first."""
    with seat:
        rows = list(Measure.select().where(Measure.voided.is_null(), Measure.taken_at.is_null(False)))
    found = [each for row in rows for each in dues_of(seat, row)]
    return sorted(found, key=lambda each: (each.due_on, each.record))


def dues_of(seat: Seat, row: Measure) -> list[Due]:
    """The time limits that run in one measure."""
    served = bool(row.released_on) and release_served(seat, row.id)
    return measure_rules.dues(row, served)


def served_on(row: Service) -> date | None:
    """The day on which a service counts; of a public notice when its time has run."""
    if not isinstance(row.served_at, int):
        return None
    end = service_rules.effective(row)
    return end.due_on if end is not None else day_of(row.served_at)
