"""What is done to prove a service: name the papers, the way, who took them; seal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections.completeness import refuse_incomplete
from models.inspections.known import Missing
from models.inspections.onsite import measure_rules, papers, writing
from models.inspections.onsite import service_rules as rules
from models.inspections.onsite.tables import Measure, MeasurePaper, ServedPaper, Service
from models.language import N_, in_chinese
from models.registry import keeping
from models.registry.days import local
from models.registry.sealing import Sealed
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

SCHEMA = "qingcha-service-1"
LETTERS = "SD-"
STEP = 1000
CHOICES = {"method": tuple(rules.METHODS)}


def begin(seat: Seat, inspection_id: str = "", *, unit: str = "", **fields: Any) -> str:
    """Begin a proof of service. Returns its record id.

    Raises:
        RuleBroken: there is no such visit, the person may not, or a value is not possible.
    """
    keeping.allow(seat, "service")
    visit = writing.visit_of(seat, inspection_id)
    given: dict[str, Any] = dict(writing.own_officers(seat, visit))
    if visit is not None:
        given |= {"inspection": visit.id, "receiver": visit.site_name, "place": visit.place}
    given |= {name: value for name, value in fields.items() if value is not None}
    values = _checked(seat, given)
    where = visit.unit if visit is not None else unit or seat.unit
    with seat.writing():
        values["number"] = writing.own_number(seat, Service, where, LETTERS)
        return keeping.make(seat, "service", where, values)


def of_paper(seat: Seat, paper_id: str, **fields: Any) -> str:
    """Begin the service of a paper that was issued, to the party of its measure. Returns its record id.

    Raises:
        RuleBroken: there is no such paper, it was not issued, or a value is not possible.
    """
    paper: MeasurePaper = keeping.standing(seat, "measure_paper", paper_id)
    if not paper.sealed:
        raise RuleBroken(N_("Issue the paper first."), field="paper")
    measure: Measure = keeping.standing(seat, "measure", paper.measure or "")
    given = {
        "case_title": measure.case_title,
        "receiver": measure.party,
        "place": measure.party_address or measure.place,
        "first_officer": measure.first_officer,
        "second_officer": measure.second_officer,
        "served_at": seat.clock.wall_ms(),
    }
    given |= {name: value for name, value in fields.items() if value is not None}
    with seat.writing():
        service = begin(seat, measure.inspection or "", unit=measure.unit, **given)
        name = in_chinese(lambda: measure_rules.paper_words(paper.paper))
        number = papers.official_number(seat, paper.id) or paper.number or ""
        add_paper(seat, service, name, paper_number=number, copies=1, paper=paper.id)
    return service


def of_case(seat: Seat, case_id: str, **fields: Any) -> str:
    """Begin a service in a penalty case, to its party. Returns its record id. Errors as `begin`."""
    row = keeping.standing(seat, "penalty_case", case_id)
    title = "  ".join(part for part in (row.title, row.number) if part)
    given = {
        "case_title": title,
        "receiver": row.party,
        "place": row.party_address,
        "first_officer": row.lead_officer,
        "second_officer": row.helper_officer,
    }
    given |= {name: value for name, value in fields.items() if value is not None}
    return begin(seat, "", unit=row.unit, **given)


def edit(seat: Seat, service_id: str, **fields: Any) -> None:
    """Set fields of a proof of service. Errors as `begin`, or it is sealed."""
    keeping.allow(seat, "service")
    with seat.writing():
        row = _open(seat, service_id)
        keeping.change(seat, row, "service", _checked(seat, fields, row))


def add_paper(
    seat: Seat,
    service_id: str,
    name: str,
    *,
    paper_number: str | None = None,
    copies: int | None = None,
    paper: str | None = None,
) -> str:
    """Name one paper that is served. Returns the record id of that line.

    Raises:
        RuleBroken: without a name, or the proof is sealed.
    """
    keeping.allow(seat, "served_paper")
    with seat.writing():
        row = _open(seat, service_id)
        there = papers_of(seat, row.id)
        if copies is not None and not 1 <= copies <= 999:
            raise RuleBroken(N_("Give {least} to {most}."), field="copies", least=1, most=999)
        values = keeping.tidy(
            "served_paper",
            {
                "service": row.id,
                "place": max((each.place or 0 for each in there), default=0) + STEP,
                "name": keeping.need_text(name, "name"),
                "paper_number": paper_number,
                "copies": copies or 1,
                "paper": paper,
            },
        )
        return keeping.make(seat, "served_paper", row.unit, values)


def drop_paper(seat: Seat, line_id: str, why: str) -> None:
    """Take a paper off an unsealed proof, with a reason."""
    row: ServedPaper = keeping.standing(seat, "served_paper", line_id)
    _open(seat, row.service or "")
    keeping.withdraw(seat, "served_paper", line_id, why)


def withdraw(seat: Seat, service_id: str, why: str) -> None:
    """Withdraw an unsealed proof of service with a reason."""
    keeping.withdraw(seat, "service", service_id, why)


def seal(seat: Seat, service_id: str, *, host: str | None = None) -> Sealed:
    """Seal a complete proof of service.

    Raises:
        RuleBroken: naming the first thing that is missing, a conflict, or that it is sealed already.
    """
    keeping.allow(seat, "service")
    with seat.writing():
        row = _open(seat, service_id)
        keeping.allow_unit(seat, "service", row.unit)
        refuse_incomplete(missing(seat, service_id))
        served = papers_of(seat, row.id)
        writing.refuse_conflicts([row, *served])
        officers = writing.officers_of(seat, row)
        content = {
            "service": writing.stated(row, ("number", *writing.OFFICERS)),
            "visit": writing.visit_number(seat, row.inspection),
            "servers": [
                writing.stated_officer(officers.get(each or ""))
                for each in (row.first_officer, row.second_officer)
            ],
            "papers": [writing.stated(each, ("service", "place")) for each in served],
        }
        covered = [row.id, *writing.child_ids(seat, ServedPaper, "service", row.id)]
        return writing.seal(seat, SCHEMA, "service", row, content, covered, host)


# -- reading -----------------------------------------------------------------------------------------------


def service(seat: Seat, service_id: str) -> Service | None:
    """One proof of service; None where there is none."""
    with seat:
        return by_id(Service, service_id)


def papers_of(seat: Seat, service_id: str) -> list[ServedPaper]:
    """The papers that are served, in their order."""
    return writing.children(seat, ServedPaper, "service", service_id)


def missing(seat: Seat, service_id: str) -> list[Missing]:
    """What a proof of service still lacks.

    Raises:
        RuleBroken: there is no such proof.
    """
    row = keeping.standing(seat, "service", service_id)
    officers = writing.officers_of(seat, row)
    return rules.missing_of(row, papers_of(seat, row.id), officers, writing.day_of(row, "served_at"))


def _open(seat: Seat, service_id: str) -> Service:
    row: Service = keeping.standing(seat, "service", service_id)
    keeping.refuse_sealed(row)
    return row


def _checked(seat: Seat, fields: dict[str, Any], row: Service | None = None) -> dict[str, Any]:
    values: dict[str, Any] = keeping.tidy("service", fields, CHOICES)
    writing.checked_people(seat, values, row)
    writing.refuse_future(seat, values, "served_at")
    moment = values.get("served_at")
    if isinstance(moment, int) and local(moment).year < 2000:
        raise RuleBroken(N_("Give the day of the service."), field="served_at")
    return values
