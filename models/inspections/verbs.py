"""What officers do on a visit. Each verb checks its rules and writes in one transaction; there is no Save."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections import items as lists
from models.inspections import rules
from models.inspections.checking import checked
from models.inspections.completeness import refuse_incomplete
from models.inspections.evidence import hand_over, refuse_closed, take_in, take_in_kept
from models.inspections.form_filling import answer_form, begin_form
from models.inspections.form_logs import keep_log
from models.inspections.judging import judged
from models.inspections.queries import day_of, missing
from models.inspections.sealing import Sealed, amend_inspection, seal_inspection
from models.inspections.standards.queries import setting_of
from models.inspections.tables import Answer, Inspection
from models.inspections.writing import (
    FIXED,
    Undone,
    keep,
    open_inspection,
    refuse_unknown_item,
    refuse_who_may_not_inspect,
    take_away,
    tidy,
    undo,
)
from models.language import N_
from models.registry import access
from models.registry import queries as registry
from models.registry.keeping import allow_unit, row_of
from models.registry.numbers import free_number
from models.registry.rules import tidy_text
from models.registry.typed import read_day
from models.store.change import new_id, put

if TYPE_CHECKING:
    from models.store.seat import Seat

__all__ = [
    "Sealed",
    "Undone",
    "add_statement",
    "amend_inspection",
    "answer",
    "answer_form",
    "assign",
    "begin",
    "begin_form",
    "correct",
    "edit",
    "find",
    "finish",
    "hand_over",
    "keep_log",
    "measure",
    "note",
    "note_complainant",
    "refuse_closed",
    "seal_inspection",
    "start",
    "take_in",
    "take_in_kept",
    "undo",
    "withdraw",
    "withdraw_inspection",
]

_CORRECTABLE = ("answer", "finding", "measurement", "evidence", "statement", "custody")
_WITHDRAWABLE = (*_CORRECTABLE, "filled_form")


def begin(
    seat: Seat,
    *,
    site_id: str,
    first_officer: str,
    second_officer: str | None,
    checklists: Sequence[str] | str = ("A",),
    source: str = "routine",
    began_at: int | None = None,
    complainant: dict[str, str] | None = None,
    **fields: Any,
) -> str:
    """Start an inspection at a registered site.

    Args:
        site_id: record id of the site.
        first_officer: record id of an officer who may inspect.
        second_officer: record id of another one; None until known (the seal needs both, V01).
        checklists: codes of checklists, as "A,C,W".
        source: one of `rules.SOURCES`.
        began_at: ms since 1970 UTC; now unless given.
        complainant: name, contact and words of who reported, kept apart from the inspection.
        fields: any other field of `Inspection`.

    Returns:
        The inspection's record id.

    Raises:
        RuleBroken: no such site or officer, a grid worker, the same officer twice, an unknown checklist.
    """
    refuse_who_may_not_inspect(seat)
    moment = began_at if began_at is not None else seat.clock.wall_ms()
    return _make(
        seat,
        site_id,
        first_officer,
        second_officer,
        checklists,
        complainant,
        {"began_at": moment, "source": source, "recorder": first_officer, **fields},
    )


def assign(
    seat: Seat,
    *,
    site_id: str,
    first_officer: str,
    second_officer: str | None,
    checklists: Sequence[str] | str = ("A",),
    due: str | None = None,
    complainant: dict[str, str] | None = None,
    **fields: Any,
) -> str:
    """Prepare an inspection for two officers, who `start` it: a dispatcher's or head's verb.

    Args:
        due: the day by which, YYYY-MM-DD.

    Raises:
        RuleBroken: as `begin`, or the person may neither assign nor inspect, or may only assign and says
            more than a plan (`rules.PLANNED`).
    """
    role = registry.role_of(seat)
    if role is not None and not access.may_prepare(role.may, "inspection"):
        raise RuleBroken(
            N_("As {role} you cannot assign inspections."),
            field="role",
            basis=access.NO_GRID_WORKERS,
            role=role.label,
        )
    if not fields.keys() <= rules.PLANNED:
        refuse_who_may_not_inspect(seat)
    given = {"source": "assigned", "assigned": True, "due": due, **fields}
    return _make(seat, site_id, first_officer, second_officer, checklists, complainant, given)


def start(seat: Seat, inspection_id: str, *, began_at: int | None = None) -> None:
    """Begin an inspection that was assigned.

    Raises:
        RuleBroken: it was begun already, or may not be changed.
    """
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        if row.began_at is not None:
            raise RuleBroken(N_("{number} was begun already."), field="began_at", number=row.number)
        moment = began_at if began_at is not None else seat.clock.wall_ms()
        recorder = row.recorder or row.first_officer
        seat.write(
            put(
                "inspection",
                row.id,
                row.unit,
                began_at=moment,
                assigned=False,
                recorder=recorder,
                checklist_versions=lists.stamped(row.checklists or ""),
            )
        )


def _make(
    seat: Seat,
    site_id: str,
    first_officer: str,
    second_officer: str | None,
    checklists: Sequence[str] | str,
    complainant: dict[str, str] | None,
    fields: dict[str, Any],
) -> str:
    site = registry.site(seat, site_id)
    if site is None or site.voided is not None:
        raise RuleBroken(N_("There is no such site in the register."), field="site")
    unit = site.unit_code or site.unit
    allow_unit(seat, "inspection", unit)
    values = {
        "place": site.address or site.name,
        "legal_person": site.legal_person,
        # who was in charge on site is asked there: the register only knows who to call
        **fields,
        "site": site_id,
        "site_name": site.name,
        "site_code": site.code,
        "first_officer": first_officer,
        "second_officer": second_officer,
        "checklists": rules.joined(list(checklists) if not isinstance(checklists, str) else checklists),
        "state": "draft",
    }
    values = checked(seat, None, values)
    record = new_id()
    with seat.writing():
        values["number"] = free_number(seat, Inspection, unit)
        changes = [put("inspection", record, unit, **values)]
        if complainant:
            kept = tidy("complainant", {**complainant, "of": record})
            changes.append(put("complainant", new_id(), unit, **kept))
        seat.write(*changes)
    return record


def edit(seat: Seat, inspection_id: str, **fields: Any) -> None:
    """Set fields of the inspection; what it held stays in its history.

    Raises:
        RuleBroken: a value is not possible, or the inspection is sealed.
    """
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        values = checked(seat, row, fields)
        if "checklists" in values:
            _refuse_dropping_answers(row, str(values["checklists"] or ""))
        keep(seat, N_("Change of the record"), row, "inspection", row.id, **values)


def _refuse_dropping_answers(row: Inspection, kept: str) -> None:
    """A checklist with answers stays, so that no answer is sealed that nobody sees."""
    for code in (row.checklists or "").split(","):
        if code in kept.split(","):
            continue
        answered = Answer.select().where(
            Answer.inspection == row.id, Answer.checklist == code, Answer.voided.is_null()
        )
        if answered.where(Answer.result.is_null(False) | Answer.note.is_null(False)).exists():
            raise RuleBroken(
                N_("Checklist {code} has answers. Withdraw them before you leave it out."),
                field="checklists",
                code=code,
            )


def answer(
    seat: Seat, inspection_id: str, item: str, result: str | None, note: str | None = None, *, repeat: int = 1
) -> str:
    """Answer an item: "ok", "problem", "na", or None to take the answer back; a note stays unless given.

    Returns:
        The answer's record id, the same on every device.

    Raises:
        RuleBroken: the item is not in the inspection's checklists, or the inspection is sealed.
    """
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        code = _item_of(row, item)
        record = rules.child_id(row.id, "answer", f"{item}/{repeat}")
        fields: dict[str, Any] = {"result": result}
        if note is not None:
            fields["note"] = note
        known = row_of(seat, "answer", record)
        if known is None:
            fields = {"inspection": row.id, "checklist": code, "item": item, "repeat": repeat, **fields}
        values = tidy("answer", fields)
        if known is not None and known.voided is not None:
            values["voided"] = None
        keep(seat, N_("Answer to an item"), row, "answer", record, **values)
    return record


def note(seat: Seat, inspection_id: str, item: str, text: str, *, repeat: int = 1) -> str:
    """Note something at a checklist item; its answer stays as it is. Errors as `answer`."""
    with seat.writing():
        record = rules.child_id(inspection_id, "answer", f"{item}/{repeat}")
        known = row_of(seat, "answer", record)
        return answer(seat, inspection_id, item, known.result if known else None, text, repeat=repeat)


def _item_of(row: Inspection, item: str) -> str:
    """The checklist that holds the item."""
    for known in lists.lists_of(row):
        if item in known.items:
            return known.code
    raise RuleBroken(N_("Item {item} is in none of the chosen checklists."), field="item", item=item)


def find(
    seat: Seat,
    inspection_id: str,
    item: str | None,
    text: str,
    basis_key: str | None = None,
    severity: str = "normal",
    *,
    occurred_on: str | None = None,
) -> str:
    """Write down a finding. Returns its record id.

    Args:
        item: code of the checklist item it belongs to, or None.
        text: what is wrong, in words.
        basis_key: key of the legal basis; the item's own unless given.
        severity: "normal" or "key".
        occurred_on: day of the violation, YYYY-MM-DD, where it is not that of the visit; it chooses the law.

    Raises:
        RuleBroken: without words, for an unknown item, a day that is not possible, or a sealed inspection.
    """
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        if not tidy_text(text):
            raise RuleBroken(N_("Say what is wrong."), field="text")
        if item is not None:
            _item_of(row, item)
            if basis_key is None:
                basis_key = lists.visit_items(row)[item].basis_key or None
        values = tidy(
            "finding",
            {
                "inspection": row.id,
                "item": item,
                "text": text,
                "basis_key": basis_key,
                "severity": severity,
                "occurred_on": _act_day(row, occurred_on),
            },
        )
        record = new_id()
        keep(seat, N_("Finding"), row, "finding", record, **values)
    return record


def _act_day(visit: Inspection, text: str | None) -> str | None:
    """The day of a violation as it is kept; None for that of the visit."""
    if not (text or "").strip():
        return None
    day = read_day(str(text), "occurred_on")
    if day > day_of(visit).isoformat():
        raise RuleBroken(
            N_("The violation cannot lie after the visit of {day}."), field="occurred_on", day=day_of(visit)
        )
    return day


def measure(seat: Seat, inspection_id: str, **fields: Any) -> str:
    """Write down a measurement and its verdict (GB 8978, GB 12348 by `models.law.limits`). Returns its id.

    Args:
        fields: any field of `Measurement` but the verdict; `medium`, `parameter` and `value` are needed.

    Raises:
        RuleBroken: a field is missing or not possible, or the inspection is sealed.
    """
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        fields.setdefault("taken_at", seat.clock.wall_ms())
        values = tidy("measurement", {**fields, "inspection": row.id})
        refuse_unknown_item(row, fields.get("item"))
        values.update(judged(values, setting_of(seat, row.site)))
        record = new_id()
        keep(seat, N_("Measurement"), row, "measurement", record, **values)
    return record


def add_statement(seat: Seat, inspection_id: str, kind: str, text: str, **fields: Any) -> str:
    """Write down what the party or a witness stated. Returns the statement's id.

    Raises:
        RuleBroken: a value is not possible, or the inspection is sealed.
    """
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        values = tidy("statement", {**fields, "inspection": row.id, "kind": kind, "text": text})
        record = new_id()
        keep(seat, N_("Statement"), row, "statement", record, **values)
    return record


def note_complainant(seat: Seat, inspection_id: str, **fields: str) -> str:
    """Write down who reported (name, contact, words), apart from the inspection. Returns the record's id.

    Raises:
        RuleBroken: there is no such inspection, or the person may not write one.
    """
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        record = new_id()
        seat.write(put("complainant", record, row.unit, **tidy("complainant", {**fields, "of": row.id})))
    return record


def correct(seat: Seat, record_id: str, **fields: Any) -> None:
    """Correct a part of an unsealed visit; its history keeps the old value, a measurement is judged anew.

    Raises:
        RuleBroken: there is no such record, a value is not possible, or the inspection is sealed.
    """
    with seat.writing():
        kind, child = _child(seat, record_id, _CORRECTABLE)
        row = open_inspection(seat, child.inspection)
        fixed = FIXED | {"item", "checklist", "repeat"} if kind == "answer" else FIXED
        if fixed & set(fields):
            raise TypeError(f"set by verbs only: {', '.join(sorted(fixed & set(fields)))}")
        if "occurred_on" in fields:
            fields["occurred_on"] = _act_day(row, fields["occurred_on"])
        values = tidy(kind, fields)
        refuse_unknown_item(row, fields.get("item"))
        if kind == "measurement":
            held = {name: getattr(child, name) for name in child._meta.fields}
            if {"parameter", "medium"} & set(values):
                held["standard"] = None  # the old one was for the other parameter
            if "standard" in values:
                held["limit_source"] = None  # now a person picked it
            values.update(judged(held | values, setting_of(seat, row.site)))
        keep(seat, N_("Correction"), row, kind, record_id, **values)


def withdraw(seat: Seat, record_id: str, why: str) -> None:
    """Withdraw a part of an unsealed inspection, with a reason; it stays in the history.

    Raises:
        RuleBroken: without a reason, there is no such record, or the inspection is sealed.
    """
    with seat.writing():
        why = _reason(why)
        kind, child = _child(seat, record_id, _WITHDRAWABLE)
        take_away(seat, open_inspection(seat, child.inspection), kind, record_id, why)


def withdraw_inspection(seat: Seat, inspection_id: str, why: str) -> None:
    """Withdraw a whole unsealed inspection; it and its number stay in the history. Errors as `withdraw`."""
    with seat.writing():
        take_away(seat, open_inspection(seat, inspection_id), "inspection", inspection_id, _reason(why))


def _reason(why: str) -> str:
    why = tidy_text(why)
    if not why:
        raise RuleBroken(N_("Give the reason; what is withdrawn stays in the history with it."), field="why")
    return why


def _child(seat: Seat, record_id: str, kinds: Sequence[str]) -> tuple[str, Any]:
    for kind in kinds:
        row = row_of(seat, kind, record_id)
        if row is not None and row.inspection:
            return kind, row
    raise RuleBroken(N_("There is no such part of an inspection."), field="record")


def finish(seat: Seat, inspection_id: str) -> None:
    """End the visit: sets its end, now unless noted, and marks it ready to seal.

    Raises:
        RuleBroken: naming the first thing that is missing and where to put it.
    """
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        if row.ended_at is None:
            seat.write(put("inspection", row.id, row.unit, ended_at=seat.clock.wall_ms()))
        refuse_incomplete(missing(seat, inspection_id))
        seat.write(put("inspection", row.id, row.unit, state="ready"))
