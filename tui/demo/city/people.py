"""Who works in the demo's city: a head and two officers in each unit, the city's own, the pool of experts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.registry import verbs as registry
from models.registry.experts import verbs as experts
from models.registry.units import county_level
from tui.demo.city.rows import rows

if TYPE_CHECKING:
    from models.store.seat import Seat

_ENTERED = "2021-01-20"
"""When the pool was set up."""


@dataclass(frozen=True, slots=True)
class Team:
    """Who handles the cases of a unit: record ids of officers."""

    head: str
    lead: str
    helper: str


def enter_people(seat: Seat) -> dict[str, Team]:
    """Enter heads and officers of every unit; the team by code of unit."""
    teams = {}
    for number, unit in enumerate(county_level(), 1):
        first = registry.add_officer(seat, f"分局负责人{number:02d}", unit_code=unit.code, role="county_head")
        lead = registry.add_officer(
            seat, f"承办员{number:02d}甲", unit_code=unit.code, certificate=f"闽E9{number:02d}001"
        )
        helper = registry.add_officer(
            seat, f"承办员{number:02d}乙", unit_code=unit.code, certificate=f"闽E9{number:02d}002"
        )
        teams[unit.code] = Team(first, lead, helper)
    registry.add_officer(seat, "市局负责人", unit_code="350600", role="city")
    return teams


def enter_experts(seat: Seat) -> None:
    """The pool of 74: 43 of the court's technical experts and 31 of the environmental authorities' own."""
    for row in rows("experts"):
        experts.add(
            seat,
            name=row["name"],
            employer=row["employer"],
            title=row["title"],
            fields=row["fields"],
            source=row["source"],
            unit_code=row["unit"],
            entered_on=_ENTERED,
        )
