"""Sampling 采样 of one visit: its records with their samples, the reports, and what can be done."""

from __future__ import annotations

from models import rooms
from models.language import _
from tui import acting
from tui.acting import Offer
from tui.screens.history import past_lines
from tui.screens.sheet import SheetScreen


class VisitSamplingScreen(SheetScreen):
    """All sampling of an inspection, as one sheet.

    Args:
        inspection_id: which one.
    """

    def __init__(self, inspection_id: str) -> None:
        super().__init__("inspection", inspection_id)

    def heading(self) -> str:
        """What it is about."""
        return _("Sampling")

    def read_sheet(self) -> rooms.Sheet:
        """The visit's sampling."""
        from models.inspections.sampling.sheets import visit_sheet

        return visit_sheet(self.notebook, self.record_id)

    def read_offers(self) -> list[Offer]:
        """What is done to a visit in the room of sampling."""
        room = rooms.room("sampling")
        acts = [(room, act) for act in room.acts_on("inspection")]
        return acting.offers(self.notebook, acts, self.record_id)

    def read_past(self) -> list[str]:
        """What was changed in its sampling records, record by record."""
        from models.inspections.sampling.queries import of_visit

        records = of_visit(self.notebook, self.record_id)
        return [line for each in records for line in past_lines(self.notebook, "sampling", each.id)]
