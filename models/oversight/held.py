"""Of which units this notebook holds the records: what a bulletin of the whole city may be drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import RuleBroken
from models.language import N_, listed
from models.oversight import rules
from models.registry import units
from models.registry.queries import granted_units
from models.registry.units import label_of

if TYPE_CHECKING:
    from models.store.seat import Seat


def not_held(seat: Seat) -> tuple[str, ...]:
    """Codes of the city and the county-level units whose records are not here, in the bureau's order."""
    granted = granted_units(seat)
    if granted is None:
        return ()  # one without a server holds all that there is
    here = {rules.current_code(code) for code in granted}
    wanted = (rules.city().code, *(unit.code for unit in units.county_level()))
    return tuple(code for code in wanted if code not in here)


def why_not_whole(seat: Seat) -> RuleBroken | None:
    """What forbids speaking for the whole city from this notebook; None where nothing does."""
    missing = not_held(seat)
    if not missing:
        return None
    return RuleBroken(
        N_(
            "This notebook does not hold the records of {units}: its figures are not the city's. "
            "Ask the administrator to grant these units, and synchronise."
        ),
        field="month",
        units=listed(label_of(code) for code in missing),
    )
