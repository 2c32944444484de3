"""A day by which somebody must act, as Today and a case's sheet show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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


def day_or_none(text: str | None) -> date | None:
    """A kept day; None for none, and for what no verb of ours wrote: another version's, or a forger's."""
    try:
        return date.fromisoformat(text) if text else None
    except (ValueError, TypeError):
        return None
