"""All running time limits of a seat, from every area that has some; what Today counts down.

Like `models.areas` it stands above the areas; they are imported when it is asked.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from models.errors import NotebookLocked, StoreRefused
from models.law.due import Due
from models.registry import keeping

if TYPE_CHECKING:
    from models.store.seat import Seat

_log = logging.getLogger(__name__)
AREAS = (
    "models.planning.queries",
    "models.inspections.terms",
    "models.inspections.onsite.queries",
    "models.inspections.sampling.dues",
    "models.cases.flow.dues",
    "models.cases.penalty.queries",
    "models.cases.restoration.queries",
    "models.cases.fund.queries",
    "models.community.queries",
    "models.oversight.queries",
    "models.oversight.rounds.queries",
)
"""Modules with a `dues(seat)`."""


def dues(seat: Seat) -> list[Due]:
    """Every time limit that runs, the nearest first; of kinds that who is unlocked may read."""
    found: list[Due] = []
    for area in AREAS:
        try:
            found += import_module(area).dues(seat)
        except (NotebookLocked, StoreRefused):
            raise
        except Exception:
            # one record that no verb of ours wrote must not hide the deadlines of all other areas
            _log.exception("the deadlines of %s cannot be told", area)
    seen = {kind: keeping.may_see(seat, kind) for kind in {each.kind for each in found}}
    return sorted((each for each in found if seen[each.kind]), key=lambda each: (each.due_on, each.about))
