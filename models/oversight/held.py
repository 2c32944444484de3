"""Of which units this notebook holds the records: what a bulletin of the whole city may be drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import RuleBroken
from models.language import N_, listed
from models.oversight import rules
from models.registry import units
from models.registry.units import label_of
from models.store.database import run

if TYPE_CHECKING:
    from models.store.seat import Seat


def granted(seat: Seat) -> frozenset[str] | None:
    """Codes of the units whose records the server gives this notebook; None where it has no server.

    A notebook without one holds all that there is.
    """
    if seat.meta("sync_tables") is None:
        return None
    with seat:
        # the table is that of synchronisation, which lies above the models and writes it at each exchange
        row = run("SELECT units FROM sync_server WHERE id = 1").fetchone()
    if row is None:
        return None
    return frozenset(rules.current_code(code) for code in str(row[0]).split(",") if code)


def not_held(seat: Seat) -> tuple[str, ...]:
    """Codes of the city and the county-level units whose records are not here, in the bureau's order."""
    here = granted(seat)
    if here is None:
        return ()
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
