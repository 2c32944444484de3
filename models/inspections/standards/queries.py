"""What decides the limits at a site: its permit's own limits and what the register says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.inspections.standards.tables import PermitLimit
from models.law import limit_data
from models.law.choosing import LIMIT, OwnLimit
from models.law.due import day_or_none
from models.law.readings import family_of
from models.registry.tables import Site
from models.store.lookup import by_id, children

if TYPE_CHECKING:
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class Setting:
    """What comes before the tables at a site."""

    own: tuple[OwnLimit, ...] = ()
    industry: str = ""
    """Key of `limit_data.industries`."""


NOWHERE = Setting()
"""Of a place that the register does not know."""


def limits_of(seat: Seat, site_id: str) -> list[PermitLimit]:
    """The standing limits of a site's permits, in the order of their making."""
    with seat:
        return children(PermitLimit, "site", site_id)


def setting_of(seat: Seat, site_id: str | None) -> Setting:
    """The setting of a site."""
    if not site_id:
        return NOWHERE
    with seat:
        site = by_id(Site, site_id)
    if site is None:
        return NOWHERE
    known = limit_data.industry_named(site.industry) if site.industry else None
    own = tuple(_own(each) for each in limits_of(seat, site_id) if _readable(each))
    return Setting(own, known.key if known is not None else "")


def _readable(row: PermitLimit) -> bool:
    """Whether a limit can be compared with, as every one is that a verb of ours wrote."""
    return bool(row.parameter and LIMIT.fullmatch(row.limit or "") and family_of(row.unit_of_limit or ""))


def _own(row: PermitLimit) -> OwnLimit:
    return OwnLimit(
        "permit",
        row.permit_number or "",
        row.parameter or "",
        row.limit or "",
        row.unit_of_limit or "",
        row.outlet or "",
        "",
        "",
        row.medium or "",
        day_or_none(row.since),
        day_or_none(row.until),
    )


def proposed(site: Any, medium: str) -> dict[str, Any]:
    """What the register knows of a site that a measurement of a medium asks for."""
    if site is None:
        return {}
    if medium == "water":
        water = limit_data.water_named(site.receiving_water) if site.receiving_water else None
        return {
            "water": water.key if water is not None else None,
            "grade": None if water is not None else site.water_grade,
            "built": site.built,
            "category": site.category,
        }
    if medium == "air":
        return {
            "zone": site.air_zone,
            "stack": site.stack_height,
            "built": site.built,
            "category": site.category,
        }
    return {"zone": site.noise_zone}
