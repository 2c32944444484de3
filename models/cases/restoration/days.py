"""Legal dates as the verbs of restoration and fund take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.cases.damage.clues import refuse_day
from models.registry.typed import read_day

if TYPE_CHECKING:
    from models.store.seat import Seat


def past_day(seat: Seat, text: str, field: str, *, not_before: str | None = None) -> str:
    """A legal date as it is kept.

    Raises:
        RuleBroken: it is no date, lies after today, or before the day that it follows.
    """
    day = read_day(text, field)
    refuse_day(seat, day, field, not_before=not_before)
    return day
