"""A visit with all that its record needs, through the verbs that an inspector's keys call."""

from __future__ import annotations

from models.inspections import verbs
from models.inspections.items import items_of
from models.store.seat import Seat


def fill(seat: Seat, visit: str, checklists: str = "A,W") -> None:
    """Answer every item and write what the law asks of the record."""
    for item in items_of(checklists):
        verbs.answer(seat, visit, item, "ok")
    verbs.edit(
        seat,
        visit,
        shown_certificates=True,
        told_rights=True,
        avoidance="none",
        situation="现场检查时，该单位正常生产。",
        present=True,
        contact_name="示例人03",
        signed="signed",
        approval_number="示例批〔2026〕1号",
        notice_number="示例通〔2026〕1号",
    )
