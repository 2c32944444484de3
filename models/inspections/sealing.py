"""Sealing a visit: its exact bytes, their hash, the device's signature, and what comes after.

The bytes are J1 (`canonical`), kept in the vault under their hash. The seal is one entry of the inspection:
the seal line, its signature and the hashes of all entries that it covers. After it, nothing of the visit
changes; what is corrected or added later is an amendment: a new record, sealed itself, that names the seal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from models.errors import RuleBroken
from models.inspections import canonical, rules
from models.inspections.amending import changes_of, count_of, write_amendment
from models.inspections.checking import checked
from models.inspections.completeness import refuse_incomplete
from models.inspections.form_filling import sealed_forms
from models.inspections.form_logs import finalize_logs
from models.inspections.items import lists_of
from models.inspections.queries import finding_basis, missing
from models.inspections.sampling.sealing import stated_of_visit
from models.inspections.tables import (
    Answer,
    Custody,
    Evidence,
    FilledForm,
    Finding,
    FormAnswer,
    FormLog,
    Inspection,
    Measurement,
    Statement,
)
from models.inspections.writing import open_inspection, refuse_who_may_not_inspect
from models.language import N_
from models.registry.numbers import device_tag
from models.registry.rules import tidy_text
from models.registry.sealing import Sealed, frame, seal_of, seal_record, sealed_bytes, tidied
from models.registry.tables import Officer
from models.store.change import put
from models.store.lookup import by_id
from models.store.seat import Place

if TYPE_CHECKING:
    from models.store.seat import Seat

__all__ = ["Sealed", "amend_inspection", "inspection_record", "seal_inspection", "seal_of", "sealed_bytes"]

SCHEMA = "qingcha-inspection-1"
CHILDREN = (Answer, Finding, Measurement, Evidence, Custody, Statement, FilledForm, FormAnswer, FormLog)

_NOT_IN_RECORD = {
    "id",
    "unit",
    "made_at",
    "changed_at",
    "device",
    "conflicts",
    "sealed",
    "voided",
    "initials",
}


def seal_inspection(seat: Seat, inspection_id: str, *, host: str | None = None) -> Sealed:
    """Seal an inspection whose record is complete.

    Args:
        seat: the notebook.
        inspection_id: what to seal.
        host: address of the server that the QR code leads to; else the seat's `verify_host` note, else none.

    Raises:
        RuleBroken: something the record needs is missing, it has an unsettled conflict, or is sealed already.
    """
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        if row.ended_at is None or row.state != "ready":
            ended = row.ended_at if row.ended_at is not None else seat.clock.wall_ms()
            seat.write(put("inspection", row.id, row.unit, ended_at=ended, state="ready"))
        refuse_incomplete(missing(seat, inspection_id))
        finalize_logs(seat, inspection_id)
        row = open_inspection(seat, inspection_id)
        children = _children(seat, row.id)
        _refuse_conflicts(row, children)

        def record(place: Place, moment: int) -> bytes:
            return canonical.encode(tidied(inspection_record(seat, row, children, place, moment)))

        evidence = [each for each in children["evidence"] if each.voided is None]
        covered = [row.id, *_child_ids(seat, row.id)]
        return seal_record(
            seat,
            "inspection",
            row.id,
            row.unit,
            row.number,
            row.site_code,
            covered,
            len(evidence),
            record,
            host,
        )


def amend_inspection(
    seat: Seat, inspection_id: str, why: str, *, host: str | None = None, **fields: Any
) -> Sealed:
    """Correct or add to a sealed inspection by a new sealed record that names its seal.

    Args:
        why: the reason.
        fields: fields of the inspection with what they should have said; none for a mere addition.

    Raises:
        RuleBroken: the inspection is not sealed (correct it instead), there is no reason, or a value is not
            possible.
    """
    refuse_who_may_not_inspect(seat)
    with seat.writing():
        row = by_id(Inspection, inspection_id)
        if row is None or not row.sealed:
            raise RuleBroken(
                N_("This inspection is not sealed yet. Correct it directly."), field="inspection"
            )
        why = tidy_text(why)
        if not why:
            raise RuleBroken(N_("Give the reason for the amendment."), field="why")
        values = checked(seat, row, fields)
        count = count_of(seat, row.id) + 1
        suffix = f"-B{count}" if seat.device == row.device else f"-B{count}{device_tag(seat.device)}"
        return write_amendment(seat, row, f"{row.number}{suffix}", changes_of(row, values), why, host)


def _children(seat: Seat, inspection_id: str) -> dict[str, list[Any]]:
    with seat:
        return {
            table._meta.table_name: list(
                table.select().where(table.inspection == inspection_id).order_by(table.id)
            )
            for table in CHILDREN
        }


def _child_ids(seat: Seat, inspection_id: str) -> list[str]:
    with seat:
        ids: list[str] = []
        for table in CHILDREN:
            query: Any = table.select(table.id).where(table.inspection == inspection_id).order_by(table.id)
            ids += [record for (record,) in query.tuples()]
        return ids


def _refuse_conflicts(row: Inspection, children: dict[str, list[Any]]) -> None:
    count = row.conflicts + sum(each.conflicts for rows in children.values() for each in rows)
    if count:
        raise RuleBroken(
            N_("Fields written differently on two laptops: {count}. Settle them first, under Sync."),
            field="conflicts",
            count=count,
        )


def inspection_record(
    seat: Seat, row: Inspection, children: dict[str, list[Any]], place: Place, moment: int
) -> dict[str, Any]:
    """What is sealed of an inspection, within J1: times in ms, measured values as decimal strings."""
    standing = {kind: [each for each in rows if each.voided is None] for kind, rows in children.items()}
    samplings = stated_of_visit(seat, row.id)
    people = [row.first_officer, row.second_officer]
    with seat:
        officers = {each.id: each for each in Officer.select().where(Officer.id.in_(people))}
    skipped = {
        "site",
        "site_name",
        "site_code",
        "place",
        "first_officer",
        "second_officer",
        "number",
        "state",
    }
    return {
        **frame(seat, SCHEMA, row.id, row.number, place, moment),
        "after": place.after,
        "site": {"code": row.site_code, "id": row.site, "name": row.site_name, "place": row.place},
        "inspectors": [_inspector(officers[each]) for each in people if each],
        "visit": _fields(row, skipped | {"assigned", "due"}),
        "answers": [_fields(each, {"inspection"}) for each in standing["answer"]],
        "findings": [_found(each, row) for each in standing["finding"]],
        "measurements": [_measured(each) for each in standing["measurement"]],
        "evidence": [_evidence(index, each) for index, each in enumerate(standing["evidence"])],
        "custody": [_fields(each, {"inspection"}) for each in standing["custody"]],
        "statements": [_fields(each, {"inspection"}) for each in standing["statement"]],
        "forms": sealed_forms(seat, row.id),
        "checklists": [
            {
                "code": known.code,
                "version": known.version,
                "items": [{"code": each.code, "title": each.zh} for each in known.items.values()],
            }
            for known in lists_of(row)
        ],
        "demo": bool(seat.demo),
        "supersedes": None,
        **({"samplings": samplings} if samplings else {}),
    }


def _fields(row: Any, without: set[str]) -> dict[str, Any]:
    """A row's own fields that hold something, and its id."""
    own = {
        name: getattr(row, name)
        for name in row._meta.sorted_field_names
        if name not in _NOT_IN_RECORD and name not in without and getattr(row, name) is not None
    }
    return {"id": row.id, **own}


def _inspector(officer: Officer) -> dict[str, Any]:
    """One of the two, whom the register knows: else the record was not complete."""
    return {
        "id": officer.id,
        "name": officer.name,
        "certificate": officer.certificate,
        "unit": officer.unit_code,
    }


def _found(row: Any, visit: Inspection) -> dict[str, Any]:
    """A finding with its basis in words, as it was in force on the day of the violation."""
    return {**_fields(row, {"inspection"}), "basis": finding_basis(row, visit)}


def _measured(row: Any) -> dict[str, Any]:
    fields = _fields(row, {"inspection"})
    fields["reasons"] = msgspec.json.decode(row.reasons) if row.reasons else []
    return fields


def _evidence(index: int, row: Any) -> dict[str, Any]:
    """One evidence item; the plain verifier of a package reads `path` and `sha256` side by side, so all
    else stands in `about`, before them in the order of keys."""
    apart = {"inspection", "sha256", "sm3", "size", "mime", "claim_time", "claim_time_source", "note"}
    return {
        "about": _fields(row, apart),
        "path": f"data/e{index:03d}{rules.suffix_of(row.mime)}" if row.sha256 else None,
        "sha256": row.sha256,
        "sm3": row.sm3,
        "bytes": row.size,
        "media": row.mime,
        "captured": {"value": row.claim_time, "source": row.claim_time_source},
        "note": row.note,
    }
