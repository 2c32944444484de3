"""Positions, lines and areas of the ODK data types as GeoJSON geometries (RFC 7946 §3.1).

ODK writes "latitude longitude altitude accuracy" with blanks between, GeoJSON [longitude, latitude,
altitude].
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from models.forms import values

TYPES = frozenset({"geopoint", "geotrace", "geoshape"})
"""The data types that are places."""

Geometry = dict[str, Any]


def geometry(kind: str, text: str, *, right_handed: bool = False) -> Geometry | None:
    """The geometry of an answer; None where the text is no place of that data type.

    A geopoint is a Point, a geotrace a LineString, a geoshape a Polygon of one ring that is closed. With
    `right_handed` the ring runs counterclockwise, as RFC 7946 §3.1.6 has it; else in the order of the answer.
    """
    if kind not in TYPES or not text or not values.fits(kind, text):
        return None
    if kind == "geopoint":
        return {"type": "Point", "coordinates": _position(text)}
    positions = [_position(each) for each in text.rstrip("; ").split(";")]
    if kind == "geotrace":
        return {"type": "LineString", "coordinates": positions}
    ring = [*positions[:-1], positions[0]]  # the same position, should its height differ
    if right_handed and _turns_right(ring):
        ring.reverse()
    return {"type": "Polygon", "coordinates": [ring]}


def accuracies(kind: str, text: str) -> dict[str, float]:
    """A geopoint's fourth part in metres, as {"accuracy": 5.0}; empty where it is not given."""
    parts = text.split()
    if kind != "geopoint" or len(parts) != 4 or not values.fits(kind, text):
        return {}
    return {"accuracy": float(parts[3])}


def _position(text: str) -> list[float]:
    """[longitude, latitude] in degrees, and metres of altitude where given."""
    numbers = [float(part) for part in text.split()]
    return [numbers[1], numbers[0], *numbers[2:3]]


def _turns_right(ring: list[list[float]]) -> bool:
    """Whether a closed ring runs clockwise: twice its area, with a sign (the shoelace formula)."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) < 0
