"""How far units lie from each other: between the seats of their governments, over the globe."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from models.registry import units

EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""


def seat_of(code: str | None) -> tuple[float, float] | None:
    """Longitude and latitude of a unit's seat, for a department that of its city; None where not kept."""
    found = units.unit(code or "")
    if found is None:
        return None
    if found.longitude:
        return float(found.longitude), float(found.latitude)
    return next((place for parent in found.parents if (place := seat_of(parent))), None)


def kilometres(one: str | None, other: str | None) -> float | None:
    """Great-circle distance between the seats of two units; None where one is not known."""
    here, there = seat_of(one), seat_of(other)
    if here is None or there is None:
        return None
    (east_1, north_1), (east_2, north_2) = (tuple(map(radians, place)) for place in (here, there))
    half = sin((north_2 - north_1) / 2) ** 2 + cos(north_1) * cos(north_2) * sin((east_2 - east_1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def nearest(near: str, count: int) -> tuple[str, ...]:
    """The county-level units nearest to a unit, itself first where it is one of them."""
    ranked = sorted(
        (kilometres(near, each.code) or 0.0, place, each.code)
        for place, each in enumerate(units.county_level())
    )
    return tuple(code for _km, _place, code in ranked[:count])


def within(near: str, count: int, code: str | None) -> bool:
    """Whether a unit's seat is no farther from `near` than the `count` nearest county-level units."""
    bound = max((kilometres(near, each) or 0.0 for each in nearest(near, count)), default=0.0)
    away = kilometres(near, code)
    return away is not None and away <= bound
