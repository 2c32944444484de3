"""The monthly bulletin (调度通报, R019-R020): drafted from the records, sealed in the moment it is issued.

A draft says what is known now of the last day of its month. An issued bulletin keeps what was known then, in
its record and in the sealed bytes, though cases move later; it is never changed.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.restoration.days import past_day
from models.errors import RuleBroken
from models.inspections import canonical
from models.language import N_
from models.law.parameters import parameter
from models.oversight import rules, scores, wording
from models.oversight.figures import Figures, city_figures, issued_months, standings_on
from models.oversight.first_cases import FirstCase, first_cases, issues, zero_case_warnings
from models.oversight.held import why_not_whole
from models.oversight.published import as_record
from models.oversight.tables import Bulletin
from models.oversight.tasks import TaskLine, task_lines
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import today
from models.registry.numbers import device_tag
from models.registry.sealing import Sealed, frame, seal_of, seal_record, tidied
from models.registry.units import county_level
from models.store.change import new_id, put
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Place, Seat

SCHEMA = "qingcha-bulletin-1"
FIRST_MONTH = "bulletin_from_month"


@dataclass(frozen=True, slots=True)
class Paper:
    """A bulletin as it is read and printed: drafted now, or as it was issued."""

    id: str
    """Record id of an issued one; the month of a draft."""
    month: str
    count: int
    """第几期 of its year."""
    title: str
    as_of: str
    table: dict[str, Any]
    """See `table`."""
    text: str
    social: str
    number: str = ""
    issued_on: str = ""
    issuer: str = ""
    seal: Sealed | None = None


def table(seat: Seat, month: str) -> dict[str, Any]:
    """All that a bulletin tabulates, as of the last day of its month, within J1.

    Keys: `month`, `as_of`, `figures` (`published.as_record`), `units` (one row for each of the units),
    `departments` (one for each city department), `tasks`, `first_cases`, `warnings`, `issues`.
    """
    return _tabulated(seat, month)[0]


def _tabulated(seat: Seat, month: str) -> tuple[dict[str, Any], Figures]:
    as_of = rules.last_day(month)
    found = standings_on(seat, as_of)
    figures = city_figures(seat, as_of, found)
    tasks = task_lines(seat, as_of, year=as_of.year)
    raised = issues(seat, as_of)
    points = scores.totals(seat, as_of.year, as_of)
    open_issues = Counter(each.unit for each in raised if not each.solved)
    lines = [line for each in figures.lists.values() for line in each]
    started = Counter(line.unit for line in lines if _in(line.started_on, month))
    done = Counter(line.unit for line in figures.lists["done"] if _in(line.done_on, month))
    content = {
        "month": month,
        "as_of": as_of.isoformat(),
        "figures": as_record(figures),
        "units": [
            {
                "code": unit.code,
                "name": unit.name,
                "started": figures.unit(unit.code).started,
                "started_in_month": started[unit.code],
                "done": figures.unit(unit.code).done,
                "done_in_month": done[unit.code],
                "awaiting": figures.unit(unit.code).awaiting,
                "other": figures.unit(unit.code).other,
                "done_rate": rules.plain(figures.unit(unit.code).done_rate),
                "score": rules.plain(points[unit.code]) if unit.code in points else None,
                "issues_open": open_issues[unit.code],
                **_work(unit.code, tasks),
            }
            for unit in county_level()
        ],
        "departments": [
            {"code": unit.code, "name": unit.name, **_work(unit.code, tasks)} for unit in rules.departments()
        ],
        "tasks": [
            {
                "lead": line.lead,
                "title": line.task.title,
                "due_on": line.task.due_on,
                "done_on": line.task.done_on if line.state == "done" else None,
                "state": line.state,
                "progress": line.latest,
            }
            for line in tasks
        ],
        "first_cases": [_first(each) for each in first_cases(seat, as_of, found)],
        "warnings": [
            {"unit": each.unit, "days_left": each.days_left}
            for each in zero_case_warnings(seat, as_of, found)
        ],
        "issues": [
            {
                "unit": each.unit,
                "case": each.case_number,
                "stage": each.row.stage,
                "text": each.row.text,
                "person": each.row.person,
                "raised_on": each.row.raised_on,
                "solved_on": each.row.solved_on if each.solved else None,
            }
            for each in raised
        ],
    }
    return content, figures


def _in(day: str, month: str) -> bool:
    return day[:7] == month


def _work(code: str, tasks: list[TaskLine]) -> dict[str, Any]:
    """What a unit or department does by the task table."""
    leads = [line for line in tasks if line.lead == code]
    states = Counter(line.state for line in leads)
    told = [report for line in tasks for report in line.reports if report.reporter == code]
    latest = max(told, key=lambda report: (report.on or "", report.id), default=None)
    return {
        "tasks": len(leads),
        "tasks_done": states["done"],
        "tasks_overdue": states["overdue"],
        "supports": sum(code in line.supporting for line in tasks),
        "progress": str(latest.text or "") if latest is not None else "",
    }


def _first(each: FirstCase) -> dict[str, Any]:
    case = each.standing.case
    return {
        "unit": each.unit,
        "case": case.number,
        "started_on": each.standing.started_on,
        "stage": each.standing.at.stage,
        "section": case.guiding_section,
        "person": case.guiding_person,
        "records": len(each.guidance),
        "missing": list(each.missing),
    }


def draft(seat: Seat, month: str, social: str = "") -> Paper:
    """The bulletin of a month as it would be issued now; nothing is written.

    Raises:
        RuleBroken: it is no month.
    """
    month = rules.read_month(month)
    content, figures = _tabulated(seat, month)
    return Paper(
        id=month,
        month=month,
        count=count_of(month),
        title=wording.title(month, count_of(month)),
        as_of=content["as_of"],
        table=content,
        text=wording.text(figures, content, social),
        social=social,
    )


def count_of(month: str) -> int:
    """第几期: which bulletin of its year a month's is."""
    return rules.bulletin_count(month, first_month(rules.last_day(month)) or month)


def first_month(on: date) -> str | None:
    """The first month that has a bulletin, by the parameter in force; None where none is in force."""
    found = parameter(FIRST_MONTH, on)
    return rules.read_month(str(found.value)) if found is not None else None


def next_month(seat: Seat) -> str | None:
    """The month whose bulletin is to be issued next; it may not have ended yet."""
    first = first_month(today(seat))
    if first is None:
        return None
    issued = issued_months(seat)
    last = max([first, *issued])
    return next(each for each in [*rules.months(first, last), rules.month_after(last)] if each not in issued)


def why_not_issue(seat: Seat, month: str, on: str) -> RuleBroken | None:
    """What forbids issuing a month's bulletin on a day; None where nothing does."""
    part = why_not_whole(seat)
    if part is not None:
        return part
    last = rules.last_day(month)
    first = first_month(last)
    if first is None or month < first:
        return RuleBroken(
            N_("Bulletins begin with {first}; none is issued for {month}."),
            field="month",
            first=first or "-",
            month=month,
        )
    issued = issued_months(seat)
    if month in issued:
        return RuleBroken(
            N_("The bulletin of {month} was issued on {day} and stays as it is."),
            field="month",
            month=month,
            day=issued[month].issued_on,
        )
    missing = [each for each in rules.months(first, month) if each not in issued and each != month]
    if missing:
        return RuleBroken(
            N_("The bulletin of {missing} is to be issued first."), field="month", missing=missing[0]
        )
    if on < last.isoformat():
        return RuleBroken(
            N_("{month} has not ended: issue its bulletin on {day} or later."),
            field="on",
            month=month,
            day=last.isoformat(),
        )
    before = issued.get(rules.month_before(month))
    if before is not None and on < str(before.issued_on):
        return RuleBroken(
            N_("The bulletin before it was issued on {day}; this one comes later."),
            field="on",
            day=before.issued_on,
        )
    return None


def issue(
    seat: Seat, month: str, *, on: str, text: str = "", social: str = "", host: str | None = None
) -> str:
    """Issue the bulletin of a month and seal it; it is never changed afterwards.

    Args:
        month: 2021-11.
        on: day of issue; the last of the month or later.
        text: its words; those of the draft unless given.
        social: the social benefits, as part of the drafted words.
        host: address of the server that its QR code leads to.

    Returns:
        Its record id.

    Raises:
        RuleBroken: the month has not ended, lies before the first, has its bulletin, or follows one that is
            missing (it names which); or this notebook does not hold the records of all units.
    """
    keeping.allow(seat, "bulletin")
    month = rules.read_month(month)
    on = past_day(seat, on, "on")
    with seat.writing():
        refusal = why_not_issue(seat, month, on)
        if refusal is not None:
            raise refusal
        paper = draft(seat, month, social)
        record, city = new_id(), rules.city().code
        keeping.allow_unit(seat, "bulletin", city)
        number = f"TB-{month.replace('-', '')}-{device_tag(seat.device)}"
        values = keeping.tidy(
            "bulletin",
            {
                "month": month,
                "number": number,
                "count": paper.count,
                "as_of": paper.as_of,
                "text": text.strip() or paper.text,
                "social": social,
                "issued_on": on,
                "issued_by": seat.person,
            },
        )
        content = tidied(paper.table)
        seat.write(
            put("bulletin", record, city, **values, figures=canonical.encode(content).decode()),
        )

        def sealed(place: Place, moment: int) -> bytes:
            stated = {
                **frame(seat, SCHEMA, record, number, place, moment),
                "bulletin": {
                    name: value for name, value in values.items() if value is not None and name != "number"
                },
                "tables": content,
                "issuer": _issuer(seat, seat.person),
                "demo": bool(seat.demo),
                "supersedes": None,
            }
            return canonical.encode(tidied(stated))

        seal_record(seat, "bulletin", record, city, number, None, [record], 0, sealed, host)
    return record


def doubles(seat: Seat, paper: Paper) -> list[Bulletin]:
    """Further bulletins for the month of one: two laptops issued it without knowing of each other."""
    with seat:
        rows = Bulletin.select().where(
            Bulletin.month == paper.month, Bulletin.voided.is_null(), Bulletin.sealed.is_null(False)
        )
        return [row for row in rows.order_by(Bulletin.issued_on, Bulletin.id) if row.id != paper.id]


def _issuer(seat: Seat, person: str) -> str:
    row = registry.officer(seat, person) if person else None
    return str(row.name or "") if row is not None else ""


def paper(seat: Seat, which: str) -> Paper:
    """A bulletin by its record id as it was issued, or by its month: as issued, else as drafted now.

    Raises:
        RuleBroken: it is neither.
    """
    with seat:
        row = by_id(Bulletin, which)
    if row is None or not row.sealed:
        month = rules.read_month(which)
        row = issued_months(seat).get(month)
        if row is None:
            return draft(seat, month)
    return Paper(
        id=row.id,
        month=str(row.month),
        count=int(row.count or 0),
        title=wording.title(str(row.month), int(row.count or 0)),
        as_of=str(row.as_of),
        table=json.loads(row.figures or "{}"),
        text=str(row.text or ""),
        social=str(row.social or ""),
        number=str(row.number or ""),
        issued_on=str(row.issued_on or ""),
        issuer=_issuer(seat, str(row.issued_by or "")),
        seal=seal_of(seat, row.id),
    )
