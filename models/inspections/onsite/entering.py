"""What comes next with an on-site record, and where what it lacks is entered: the act, and its field."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from models.inspections.known import Missing
from models.inspections.onsite.acts import ACTS

if TYPE_CHECKING:
    from models.rooms import Act
    from models.store.seat import Seat

_OF_PART = {"interview": "question", "measure": "measure_item", "service": "served_paper"}
"""Kind of the parts of a record, which a lack may be of."""
_ELSEWHERE = {
    ("interview", "question"): ("ask", "question"),
    ("measure", "approved_at"): ("approve_measure", "at"),
    ("measure", "taken_at"): ("take_measure", "at"),
    ("measure", "items"): ("add_thing", "name"),
    ("measure", "extended_on"): ("extend_measure", "days"),
    ("measure", "released_on"): ("release", "on"),
    ("service", "papers"): ("add_paper", "name"),
}
"""Act and field of what stands under another name than the lack has."""


def where(seat: Seat, kind: str, record_id: str, lack: Missing) -> tuple[str, str, str, str]:
    """Kind and id of the record, act and field; the last two are empty where nothing can be done now.

    Args:
        kind: of the record that lacks it: "interview", "measure" or "service".
    """
    if lack.record:
        kind, record_id = _OF_PART[kind], lack.record
    named, field = _ELSEWHERE.get((kind, lack.field), ("", lack.field))
    for act in ACTS:
        fits = act.subject == kind and act.name == (named or act.name) and _asks(act, field)
        if fits and (act.why_not is None or not act.why_not(seat, record_id)):
            return kind, record_id, act.name, field
    return kind, record_id, "", ""


_COURSE = {
    "measure": ("approve_measure", "take_measure", "draw_up"),
    "measure_paper": ("issue", "serve_paper"),
}
"""Acts in the order of the procedure."""


def next_act(seat: Seat, kind: str, record_id: str, done: Collection[str] = ()) -> Act | None:
    """The first act of the procedure that can be done now; None where none is due.

    Args:
        done: acts that are behind it, though they could be done again.
    """
    acts = {act.name: act for act in ACTS if act.subject == kind}
    for name in _COURSE[kind]:
        act = acts[name]
        if name not in done and (act.why_not is None or not act.why_not(seat, record_id)):
            return act
    return None


def _asks(act: Act, field: str) -> bool:
    return any(each.key == field for each in act.fields)
