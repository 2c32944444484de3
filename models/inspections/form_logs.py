"""The logs of how forms were filled in, for those that have an audit question."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from models.forms.audit import Audit, AuditLog, audit_of, whole
from models.forms.brought import form_of
from models.forms.model import Form
from models.inspections.tables import FilledForm, FormLog, Inspection
from models.inspections.writing import open_inspection
from models.registry import keeping
from models.registry.queries import officer
from models.store.change import new_id, put
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat


def begin_log(seat: Seat, filled_id: str, form: Form, value: Callable[[str], str | None]) -> AuditLog | None:
    """The log of a session that begins; None where the form asks for none.

    Args:
        value: as `AuditLog` takes it.
    """
    audit = audit_of(form)
    if audit is None:
        return None
    return AuditLog(
        audit,
        value,
        now=seat.clock.wall_ms,
        elapsed=lambda: seat.clock.mono_ms() / 1000,
        user=_name(seat),
        resumed=bool(_lines(seat, filled_id)),
    )


def keep_log(seat: Seat, filled_id: str, lines: str) -> None:
    """Keep the lines of a session, as one entry.

    Raises:
        RuleBroken: there is no such filled form, or the visit is sealed.
    """
    if not lines:
        return
    with seat.writing():
        filled = keeping.standing(seat, "filled_form", filled_id)
        visit = open_inspection(seat, filled.inspection)
        seat.write(put("form_log", new_id(), visit.unit, inspection=visit.id, filled=filled_id, lines=lines))


def finalize_logs(seat: Seat, inspection_id: str) -> None:
    """Note that the forms of a visit are final: it is being sealed. Only forms that were logged."""
    with seat:
        found = FilledForm.select().where(FilledForm.inspection == inspection_id, FilledForm.voided.is_null())
        rows = list(found.order_by(FilledForm.made_at, FilledForm.id))
        visit = by_id(Inspection, inspection_id)
    for row in rows:
        if visit is None or not _lines(seat, row.id):
            continue
        audit = audit_of(form_of(seat, row.form or ""))
        if audit is not None:
            log = AuditLog(audit, lambda _path: None, now=seat.clock.wall_ms, user=_name(seat))
            log.finalize()
            fields = {"inspection": visit.id, "filled": row.id, "lines": log.take()}
            seat.write(put("form_log", new_id(), visit.unit, **fields))


def _name(seat: Seat) -> str:
    person = officer(seat, seat.person) if seat.person else None
    return (person.name or "") if person is not None else ""


def audit_csv(seat: Seat, filled_id: str, audit: Audit | None) -> str:
    """The whole log of a filled form; "" where there is none."""
    lines = _lines(seat, filled_id) if audit is not None else ""
    return whole(audit, lines) if audit is not None and lines else ""


def audit_digest(seat: Seat, filled_id: str, audit: Audit | None) -> str | None:
    """SHA-256 of the whole log, lower-case hex; None where there is none."""
    text = audit_csv(seat, filled_id, audit)
    return hashlib.sha256(text.encode()).hexdigest() if text else None


def _lines(seat: Seat, filled_id: str) -> str:
    with seat:
        found = FormLog.select().where(FormLog.filled == filled_id, FormLog.voided.is_null())
        return "".join(row.lines or "" for row in found.order_by(FormLog.made_at, FormLog.id))
