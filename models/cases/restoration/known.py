"""The record that a sheet or a form is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.language import N_
from models.registry.keeping import row_of

if TYPE_CHECKING:
    from models.store.seat import Seat


def known_row(seat: Seat, kind: str, record_id: str) -> Any:
    """The row of a record, withdrawn or not.

    Raises:
        RuleBroken: this notebook does not have it.
    """
    row = row_of(seat, kind, record_id)
    if row is None:
        raise RuleBroken(N_("There is no such record here. Choose one from the list."), field=kind)
    return row
