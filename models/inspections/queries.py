"""What screens, papers and reports ask about visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from peewee import fn

from models.errors import BadInput, RuleBroken
from models.inspections.basis import basis_caution, basis_text, law_changed
from models.inspections.completeness import missing_of
from models.inspections.form_filling import lacking_of
from models.inspections.items import lists_of, unknown_versions, visit_items
from models.inspections.known import Known, Missing
from models.inspections.onsite import of_visit as onsite
from models.inspections.phrases import Phrase, phrases
from models.inspections.sampling import queries as sampling
from models.inspections.tables import (
    Amendment,
    Answer,
    Complainant,
    Custody,
    Evidence,
    Finding,
    Inspection,
    Measurement,
    Statement,
)
from models.language import N_
from models.law.due import day_or_none
from models.registry import keeping
from models.registry.days import day_start, local
from models.registry.queries import role_of
from models.registry.tables import Officer
from models.store.database import here
from models.store.journal import Past
from models.store.lookup import by_id
from models.store.redacting import FileOut, files_out_of

if TYPE_CHECKING:
    from models.store.seat import Seat

__all__ = [
    "InspectionRow",
    "Item",
    "Missing",
    "Phrase",
    "Section",
    "Sheet",
    "Today",
    "act_day",
    "amendments_of",
    "basis_caution",
    "basis_text",
    "complainant",
    "custody_of",
    "day_of",
    "evidence_of",
    "finding_basis",
    "history",
    "history_of_visit",
    "inspection",
    "inspection_ids",
    "inspection_rows",
    "law_changed",
    "missing",
    "phrases",
    "sheet",
    "today",
]

_TODAY_LIMIT = 50
_FOUND_LIMIT = 1000
"""Hits of a text filter at most, the newest: nobody scrolls further than a longer word takes to type."""


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """One line of the list."""

    id: str
    number: str
    site_name: str
    unit: str
    state: str
    """"draft", "ready" or "sealed"."""
    source: str
    began_at: int | None
    changed_at: int
    first_officer: str
    second_officer: str
    checklists: str
    conflicts: int
    voided: str | None
    assigned: bool
    due: str | None


@dataclass(frozen=True, slots=True)
class Today:
    """The first screen."""

    drafts: list[InspectionRow]
    """Begun and not sealed, last changed first."""
    assigned: list[InspectionRow]
    """Assigned and not begun, by due day; an officer's own."""
    unsent: int
    """Own entries without a receipt."""
    unsent_bytes: int
    sealed_today: int
    open_count: int
    """All inspections begun and not sealed; `drafts` holds the first of them."""


@dataclass(frozen=True, slots=True)
class Item:
    """One checklist item with its answer."""

    code: str
    title: str
    how: str
    evidence: str
    """Which evidence to keep; empty where the list says none."""
    star: bool
    basis_text: str
    """The basis in force on the day of the visit, or why there is none."""
    result: str | None
    note: str | None
    answer: str | None
    """Record id of the answer."""
    evidence_count: int
    finding_count: int


@dataclass(frozen=True, slots=True)
class Section:
    """One checklist of the visit."""

    code: str
    title: str
    items: list[Item]

    @property
    def answered(self) -> int:
        """How many items have an answer."""
        return sum(1 for item in self.items if item.result)

    @property
    def problems(self) -> int:
        """How many items show a problem."""
        return sum(1 for item in self.items if item.result == "problem")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole visit, as the inspection screen and the papers show it."""

    inspection: Inspection
    sections: list[Section]
    measurements: list[Measurement]
    findings: list[Finding]
    evidence: list[Evidence]
    statements: list[Statement]
    officers: dict[str, Officer]
    """Officer rows by record id: first, second and recorder."""

    @property
    def items(self) -> list[Item]:
        """The items of all sections in order."""
        return [item for section in self.sections for item in section.items]


def inspection(seat: Seat, inspection_id: str) -> Inspection | None:
    """One inspection's row."""
    with seat:
        return by_id(Inspection, inspection_id)


def today(seat: Seat) -> Today:
    """Drafts to go on with, what was assigned, and what has not been sent."""
    start = day_start(seat.clock.wall_ms())
    with seat:
        standing = _stands() & Inspection.sealed.is_null()
        open_ = standing & Inspection.began_at.is_null(False)
        drafts = Inspection.select().where(open_).order_by(Inspection.changed_at.desc()).limit(_TODAY_LIMIT)
        waiting = (
            Inspection.select()
            .where(standing & Inspection.began_at.is_null() & Inspection.assigned & _theirs(seat))
            .order_by(Inspection.due.is_null(), Inspection.due, Inspection.id)
            .limit(_TODAY_LIMIT)
        )
        lately = Inspection.select().where(Inspection.voided.is_null(), Inspection.changed_at >= start)
        sealed = lately.where(Inspection.sealed.is_null(False))
        entries, size = seat.journal.unsent()
        return Today(
            drafts=[_line(row) for row in drafts],
            assigned=[_line(row) for row in waiting],
            unsent=entries,
            unsent_bytes=size,
            sealed_today=sealed.count(),
            open_count=Inspection.select().where(open_).count(),
        )


def inspection_ids(
    seat: Seat,
    text: str = "",
    state: str | None = None,
    unit: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> list[str]:
    """Ids of the inspections that a filter leaves, newest first; withdrawn ones only by state "voided".

    Args:
        text: part of the site's name, its pinyin initials, its code, the number, or words of the record.
        state: "draft", "ready", "sealed", "assigned" or "voided".
        unit: code of a unit.
        since: began at or after, ms since 1970 UTC.
        until: began before, ms since 1970 UTC.
    """
    with seat:
        where = [Inspection.voided.is_null() if state != "voided" else Inspection.voided.is_null(False)]
        if state in ("assigned", "draft", "ready"):
            where = [_stands()]
        if state == "assigned":
            where += [Inspection.sealed.is_null(), Inspection.began_at.is_null()]
        elif state in ("draft", "ready"):
            where += [Inspection.sealed.is_null(), Inspection.state == state]
        if unit is not None:
            where.append(Inspection.unit == unit)
        if since is not None:
            where.append(Inspection.began_at >= since)
        if until is not None:
            where.append(Inspection.began_at < until)
        query = Inspection.select(Inspection.id).where(*where)
        query = query.order_by(Inspection.began_at.desc(), Inspection.id.desc())
        if text.strip():
            found = [record for _, record in seat.search(text, kinds=("inspection",), limit=_FOUND_LIMIT)]
            query = query.where(Inspection.id.in_(found))
        ids = _ids(query)
        if state == "sealed":
            # most are: leaving the few others out is much quicker than reading that of each
            others = set(_ids(Inspection.select(Inspection.id).where(Inspection.sealed.is_null())))
            ids = [record for record in ids if record not in others]
    return ids


def by_number(seat: Seat, number: str) -> str:
    """The id of the inspection with that record number.

    Raises:
        BadInput: there is none.
    """
    with seat:
        row = Inspection.get_or_none(Inspection.number == number.strip().upper())
    if row is None:
        raise BadInput(N_("There is no inspection with the number {number}."), number=number)
    return str(row.id)


def files_of_number(seat: Seat, number: str) -> list[str]:
    """SHA-256 of the evidence of the inspection with that record number. Errors as `by_number`."""
    inspection = by_number(seat, number)
    with seat:
        rows = Evidence.select(Evidence.sha256).where(Evidence.inspection == inspection)
        return [row.sha256 for row in rows if row.sha256]


def inspection_rows(seat: Seat, ids: Sequence[str]) -> list[InspectionRow]:
    """The lines of some inspections, in the order of the ids; unknown ids are left out."""
    with seat:
        found = {row.id: _line(row) for row in Inspection.select().where(Inspection.id.in_(list(ids)))}
    return [found[each] for each in ids if each in found]


def _line(row: Inspection) -> InspectionRow:
    return InspectionRow(
        id=row.id,
        number=row.number or "",
        site_name=row.site_name or "",
        unit=row.unit,
        state=row.standing,
        source=row.source or "",
        began_at=row.began_at,
        changed_at=row.changed_at,
        first_officer=row.first_officer or "",
        second_officer=row.second_officer or "",
        checklists=row.checklists or "",
        conflicts=row.conflicts,
        voided=row.voided,
        assigned=bool(row.assigned),
        due=row.due,
    )


def sheet(seat: Seat, inspection_id: str) -> Sheet:
    """A whole visit.

    Raises:
        RuleBroken: there is no such inspection.
    """
    with seat:
        row = _row(inspection_id)
        answers = {each.item: each for each in _standing(Answer, inspection_id)}
        findings = _standing(Finding, inspection_id)
        evidence = _standing(Evidence, inspection_id)
        measurements = _standing(Measurement, inspection_id)
        statements = _standing(Statement, inspection_id)
        officers = _officers(row)
    found, shown = Counter(each.item for each in findings), Counter(each.item for each in evidence)
    on = day_of(row)
    sections = []
    for known in lists_of(row):
        items = []
        for each in known.items.values():
            answer = answers.get(each.code)
            items.append(
                Item(
                    code=each.code,
                    title=each.title,
                    how=each.how,
                    evidence=each.evidence,
                    star=each.star,
                    basis_text=basis_text(each.basis_key, on),
                    result=answer.result if answer else None,
                    note=answer.note if answer else None,
                    answer=answer.id if answer else None,
                    evidence_count=shown[each.code],
                    finding_count=found[each.code],
                )
            )
        sections.append(Section(known.code, known.title, items))
    return Sheet(row, sections, measurements, findings, evidence, statements, officers)


def day_of(row: Inspection) -> date:
    """The day of the visit in China; of its making while it has not begun."""
    return local(row.began_at if row.began_at is not None else row.made_at).date()


def act_day(finding: Finding, visit: Inspection) -> date:
    """The day of the violation that a finding tells of: that of the visit unless it names its own."""
    return day_or_none(finding.occurred_on) or day_of(visit)


def finding_basis(finding: Finding, visit: Inspection) -> str:
    """The legal basis of a finding as of the day of the violation; empty where it names none."""
    return basis_text(finding.basis_key, act_day(finding, visit)) if finding.basis_key else ""


def missing(seat: Seat, inspection_id: str) -> list[Missing]:
    """What the record still lacks, each with its field and its basis on the day of the visit.

    Raises:
        RuleBroken: there is no such inspection.
    """
    with seat:
        row = _row(inspection_id)
        asked = visit_items(row)
        known = Known(
            inspection=row,
            officers=_officers(row),
            on=day_of(row),
            items={code: item.title for code, item in asked.items()},
            answers=_standing(Answer, inspection_id),
            findings=_standing(Finding, inspection_id),
            measurements=_standing(Measurement, inspection_id),
            evidence=_standing(Evidence, inspection_id),
            statements=_standing(Statement, inspection_id),
            unknown_lists=unknown_versions(row),
            key_items=frozenset(code for code, item in asked.items() if item.star),
        )
    found = [
        replace(each, basis=basis_text(each.rule, known.on)) if each.rule.startswith("V") else each
        for each in (*missing_of(known), *sampling.missing_of_visit(seat, inspection_id))
    ]
    return [*found, *lacking_of(seat, inspection_id), *onsite.missing_of_visit(seat, inspection_id)]


def evidence_of(seat: Seat, inspection_id: str) -> list[Evidence]:
    """The evidence of a visit, in the order of its taking in."""
    with seat:
        return _standing(Evidence, inspection_id)


def files_out(seat: Seat, evidence: Iterable[Evidence]) -> dict[str, FileOut]:
    """Which of some pieces lost their file to an order, by record id."""
    with seat:
        return files_out_of(seat.journal, {row.id: row.sha256 for row in evidence})


def custody_of(seat: Seat, evidence_id: str) -> list[Custody]:
    """The custody events of one piece of evidence, in the order of their time."""
    with seat:
        events = Custody.select().where(Custody.evidence == evidence_id, Custody.voided.is_null())
        return list(events.order_by(Custody.at, Custody.id))


def amendments_of(seat: Seat, inspection_id: str) -> list[Amendment]:
    """The amendments of a sealed visit, in order."""
    with seat:
        return list(Amendment.select().where(Amendment.of == inspection_id).order_by(Amendment.number))


def complainant(seat: Seat, inspection_id: str) -> Complainant | None:
    """Who reported what led to the visit: for named roles, and for who wrote it down.

    Raises:
        RuleBroken: for anyone else (生态环境法典 arts. 51, 146).
    """
    with seat:
        row = Complainant.get_or_none(Complainant.of == inspection_id, Complainant.voided.is_null())
    if row is not None:
        keeping.refuse_unread(seat, "complainant", row.id)
    return row


def history(seat: Seat, record_id: str) -> list[Past]:
    """Every change to a record, in order, with what it replaced.

    Raises:
        RuleBroken: who is unlocked may not read such a record, and did not write it.
    """
    return keeping.past(seat, record_id)


def history_of_visit(seat: Seat, inspection_id: str, item: str | None = None) -> list[Past]:
    """The changes of a visit and its parts, or of what belongs to one item, in order. Errors as `history`."""
    keeping.refuse_unread(seat, "inspection", inspection_id)
    with seat:
        ids = [] if item else [inspection_id]
        for table in (Answer, Finding, Measurement, Evidence, Statement):
            parts = table.select(table.id).where(table.inspection == inspection_id)
            if item and hasattr(table, "item"):
                parts = parts.where(table.item == item)
            elif item:
                continue
            ids += _ids(parts)
        lines = [line for record in ids for line in seat.journal.history(record)]
    return sorted(lines, key=lambda line: (line.time, line.hash))


def _theirs(seat: Seat) -> Any:
    """Of what is assigned: what is given to who is unlocked; all for who assigns, approves or only reads."""
    role = role_of(seat)
    if role is None or "inspect" not in role.may or {"assign", "approve"} & role.may:
        return True
    return (Inspection.first_officer == seat.person) | (Inspection.second_officer == seat.person)


def _stands() -> Any:
    """Not withdrawn; as an expression, so that the index over `sealed` is used: few visits are open."""
    return fn.COALESCE(Inspection.voided, "") == ""


def _ids(query: Any) -> list[str]:
    sql, params = query.sql()  # past Peewee's cursor wrapper, which costs more than the reading
    return [record for (record,) in here.execute_sql(sql, params)]


def _row(inspection_id: str) -> Inspection:
    row = by_id(Inspection, inspection_id)
    if row is None:
        raise RuleBroken(N_("There is no such inspection."), field="inspection")
    return row


def _standing(table: Any, inspection_id: str) -> list[Any]:
    query = table.select().where(table.inspection == inspection_id, table.voided.is_null())
    return list(query.order_by(table.id))


def _officers(row: Inspection) -> dict[str, Officer]:
    ids: Iterable[str] = {each for each in (row.first_officer, row.second_officer, row.recorder) if each}
    return {each.id: each for each in Officer.select().where(Officer.id.in_(list(ids)))}
