"""What several screens say in the same words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.inspections.rules import STATES
from models.language import N_, _, translate
from models.registry.days import local
from models.registry.keeping import row_of
from models.registry.units import label_of
from models.store.witness import Witnessed
from tui.widgets.choice import Choice
from tui.widgets.lines import Cell

if TYPE_CHECKING:
    from models.inspections.queries import InspectionRow

FIELDS: dict[str, str] = {
    "situation": N_("Situation on site"),
    "place": N_("Place of the visit"),
    "began_at": N_("Began"),
    "ended_at": N_("Ended"),
    "first_officer": N_("First officer"),
    "second_officer": N_("Second officer"),
    "recorder": N_("Recorder"),
    "source": N_("Source"),
    "checklists": N_("Checklists"),
    "checklist_versions": N_("Versions of the checklists"),
    "approval_number": N_("Approval number"),
    "notice_number": N_("Notice number"),
    "present": N_("Party present"),
    "contact_name": N_("Person in charge"),
    "contact_duty": N_("Duty"),
    "contact_relation": N_("Relation to the case"),
    "contact_age": N_("Age"),
    "contact_id_number": N_("Citizen number"),
    "contact_phone": N_("Phone"),
    "contact_address": N_("Address"),
    "legal_person": N_("Legal representative"),
    "others": N_("Others present"),
    "shown_certificates": N_("Certificates shown"),
    "told_rights": N_("Rights and duties told"),
    "avoidance": N_("Withdrawal of officers"),
    "avoidance_reason": N_("Reason for it"),
    "signed": N_("Signature"),
    "refusal_reason": N_("Reason for not signing"),
    "witness_name": N_("Witness"),
    "witness_id": N_("Witness's citizen number"),
    "result": N_("Answer"),
    "note": N_("Note"),
    "text": N_("What is wrong"),
    "severity": N_("Severity"),
    "value": N_("Value"),
    "point": N_("Point"),
    "purpose": N_("What it proves"),
}
"""Field of a record to its msgid, where something is said of a field outside its form."""


def site_choice(row: Any) -> Choice:
    """A site of the register in a picker."""
    return Choice(row.id, row.name or "", row.address or row.code or "")


def officer_choice(row: Any) -> Choice:
    """An officer of the register in a picker."""
    return Choice(row.id, row.name or "", f"{row.certificate or ''}  {label_of(row.unit_code or '')}")


def labelled(label: str, value: str) -> str:
    """A value behind what it is called, with the colon of the reader's language."""
    return _("{label}: {value}").format(label=label, value=value)


CONFLICT = N_("! conflict: settle it under Sync")
"""Said on a record of which two laptops wrote a field differently."""


def in_conflict(notebook: Any, kind: str, record_id: str) -> bool:
    """Whether a record has such a field."""
    row = row_of(notebook, kind, record_id)
    return row is not None and bool(row.conflicts)


def moment(ms: int | None) -> str:
    """A time as day and minute in China; empty for none."""
    if ms is None:
        return ""
    return f"{local(ms):%Y-%m-%d %H:%M}"


def between_words(between: Witnessed) -> str:
    """Between which of the server's times something was written (R12)."""
    if between.not_after is not None and moment(between.not_before) == moment(between.not_after):
        words = _("Written at {latest} by the server's clock.")
    elif between.not_after is None:
        words = _("Written after {earliest} by the server's clock.")
    elif between.not_before is None:
        words = _("Written before {latest} by the server's clock.")
    else:
        words = _("Written between {earliest} and {latest} by the server's clock.")
    return words.format(earliest=moment(between.not_before), latest=moment(between.not_after))


def short_moment(ms: int | None) -> str:
    """A time as month, day and minute in China."""
    return moment(ms)[5:]


def days_left(due: str | None, today: date) -> Cell:
    """How long until a day, with a sign where it is near or past."""
    if not due:
        return Cell("")
    try:
        left = (date.fromisoformat(due) - today).days
    except ValueError:
        return Cell(due)
    if left < 0:
        return Cell(_("! overdue: {days}").format(days=-left), "bad")
    if left == 0:
        return Cell(_("! today"), "bad")
    return Cell(_("days left: {days}").format(days=left), "warn" if left <= 3 else "quiet")


def state_cell(row: InspectionRow) -> Cell:
    """The state of an inspection in words."""
    if row.voided is not None:
        return Cell(_("Withdrawn"), "quiet")
    if row.assigned and row.began_at is None:
        return Cell(_("Assigned"), "warn")
    if row.conflicts:
        return Cell(_("! Conflict"), "bad")
    words = translate(STATES.get(row.state, row.state))
    return Cell(words, "good" if row.state == "sealed" else "strong" if row.state == "ready" else "")
