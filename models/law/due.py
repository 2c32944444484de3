"""A day by which somebody must act, as Today and a case's sheet show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_FIRST_YEAR, _LAST_YEAR = 1000, 9000
"""Years between which a limit can be counted on from a day without leaving the calendar."""


def day_or_none(text: str | None) -> date | None:
    """A day as it is kept, YYYY-MM-DD; None for what is no day and for what lies at the ends of time.

    What no verb of ours wrote (a record made by hand, or by a later program) must stop no list and no limit.
    """
    try:
        day = date.fromisoformat(text or "")
    except (TypeError, ValueError):
        return None
    written = day.isoformat() == text  # not 20270630 and not 2027-W26-3, which do not sort as days do
    return day if written and _FIRST_YEAR <= day.year <= _LAST_YEAR else None


@dataclass(frozen=True, slots=True)
class Due:
    """One running time limit of one record."""

    key: str
    """Key of the limit (`deadlines.toml`), or a name of its own."""
    kind: str
    """Kind of the record that it belongs to."""
    record: str
    about: str
    """What it is about: number or name of the record."""
    what: str
    """What is to be done, in the reader's language."""
    due_on: date
    basis: str
    """Article, as papers cite it."""
    mark: str = ""
    """Provenance of the basis: S, S2, M, L or D."""

    def days_left(self, today: date) -> int:
        """Days until it runs out: 0 on its last day, negative when it has passed."""
        return (self.due_on - today).days
