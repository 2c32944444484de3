"""What several screens say in the same words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from models.inspections.rules import STATES
from models.language import _, translate
from tui.widgets.lines import Cell

if TYPE_CHECKING:
    from models.inspections.queries import InspectionRow

CHINA = timezone(timedelta(hours=8))


def moment(ms: int | None) -> str:
    """A time as day and minute in China; empty for none."""
    if ms is None:
        return ""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


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
        return Cell(_("! {days} days late").format(days=-left), "bad")
    if left == 0:
        return Cell(_("! today"), "bad")
    return Cell(_("{days} days left").format(days=left), "warn" if left <= 3 else "quiet")


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
