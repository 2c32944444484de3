"""What is known of a visit, and one thing that it lacks: the words that all checks of a visit share."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.language import translate


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing, and where to put it."""

    rule: str
    """Rule of the catalogue (`models.inspections.validity`), or "item", "list", "finding", "limit",
    "form"."""
    msgid: str
    field: str
    """Field of the inspection, or of `record` where that is set; an item's code for unanswered items, a
    path in a filled form for its questions."""
    record: str = ""
    """Id of the child record to jump to; empty for the inspection itself or an item."""
    item: str = ""
    """Code of the checklist item to jump to."""
    basis: str = ""
    """The legal basis in words; empty where the rule is the bureau's own."""
    blocking: bool = True
    """Whether the record may not be sealed without it; otherwise it is advice."""
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    kind: str = ""
    """Kind of `record` where that has a screen of its own: interview, measure, sampling."""

    @property
    def text(self) -> str:
        """The sentence in the reader's language."""
        return translate(self.msgid).format(**self.params)


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a visit: rows of the tables, or anything with their attributes."""

    inspection: Any
    officers: Mapping[str, Any]
    """Officer rows by id."""
    on: date
    """The day of the visit in China."""
    items: Mapping[str, str]
    """Items of the chosen checklists: code to title, in order."""
    answers: Sequence[Any]
    findings: Sequence[Any]
    measurements: Sequence[Any]
    evidence: Sequence[Any]
    statements: Sequence[Any]
    unknown_lists: Sequence[tuple[str, str]] = ()
    """(code, version) of checklists that this program does not have."""
    key_items: frozenset[str] = frozenset()
    """Codes of the key items (★) of the chosen checklists."""
