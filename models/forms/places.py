"""The functions of positions (ODK XForms, "Geographic Functions"), reckoned as ODK Collect does."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise

from models.errors import BadInput
from models.forms import values
from models.forms.arguments import MANY, Clock, Function, flat
from models.forms.values import Value, to_text
from models.language import N_

_RADIUS = 6_378_100.0
"""Of the Earth at the equator, in metres; the figure of ODK Collect's engine."""
_DEGREE = 2 * math.pi * _RADIUS / 360
"""Metres in one degree of latitude."""

Point = tuple[float, float]
"""Latitude and longitude, in degrees."""


def _points(arguments: list[Value], name: str) -> list[Point]:
    """The positions of points, lines and shapes, one after the other; what is blank is passed over."""
    found: list[Point] = []
    for each in flat(arguments):
        for part in to_text(each).split(";"):
            if not part.strip():
                continue
            if not values.is_point(part):
                raise BadInput(N_("{name}() is given {value}, which is no position."), name=name, value=part)
            latitude, longitude = part.split()[:2]
            found.append((float(latitude), float(longitude)))
    return found


def _rounded(metres: float) -> Decimal:
    # To the centimetre, or its square: what a receiver cannot know is not shown.
    return Decimal(repr(round(metres, 2)))


def _distance(_: Clock, arguments: list[Value]) -> Value:
    total = 0.0
    for one, two in pairwise(_points(arguments, "distance")):
        (lat1, lon1), (lat2, lon2) = map(math.radians, one), map(math.radians, two)
        half = math.sin((lat2 - lat1) / 2) ** 2
        half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        total += 2 * _RADIUS * math.asin(math.sqrt(min(1.0, half)))
    return _rounded(total)


def _area(_: Clock, arguments: list[Value]) -> Value:
    """The triangles from the first point to each side, on a plane that is true there."""
    points = _points(arguments, "area")
    if len(points) < 3:
        return Decimal(0)
    lat0, lon0 = points[0]
    plane = [
        ((lon - lon0) * _DEGREE * math.cos(math.radians(lat)), (lat - lat0) * _DEGREE)
        for lat, lon in points[1:]
    ]
    return _rounded(abs(sum(y1 * x2 - x1 * y2 for (x1, y1), (x2, y2) in pairwise(plane))) / 2)


def _geofence(_: Clock, arguments: list[Value]) -> Value:
    """Whether a point lies in a closed shape: a ray from it crosses an odd number of sides."""
    point, shape = _points(arguments[:1], "geofence"), _points(arguments[1:], "geofence")
    if len(point) != 1 or len(shape) < 4 or shape[0] != shape[-1]:
        return False
    latitude, longitude = point[0]
    inside = False
    for (lat1, lon1), (lat2, lon2) in pairwise(shape):
        if (lat1 > latitude) != (lat2 > latitude):
            crossing = (lon1 - lon2) * (latitude - lat2) / (lat1 - lat2) + lon2
            inside ^= longitude < crossing
    return inside


def _side(one: Point, two: Point, point: Point) -> int:
    """On which side of a line a point lies: -1, 1, or 0 for on it."""
    turn = (two[0] - one[0]) * (point[1] - one[1]) - (two[1] - one[1]) * (point[0] - one[0])
    return (turn > 0) - (turn < 0)


def _on(point: Point, side: tuple[Point, Point]) -> bool:
    one, two = side
    within = all(min(a, b) <= x <= max(a, b) for a, b, x in zip(one, two, point, strict=True))
    return within and _side(one, two, point) == 0


def _meet(one: tuple[Point, Point], two: tuple[Point, Point], connected: bool) -> bool:
    """Whether two sides have a point in common, other than the one at which they are connected."""
    (a, b), (c, d) = one, two
    if _on(a, two) or _on(d, one):
        return True
    if connected:
        return False
    across = _side(c, d, a) * _side(c, d, b) < 0 and _side(a, b, c) * _side(a, b, d) < 0
    return across or _on(b, two) or _on(c, one)


def _intersects(_: Clock, arguments: list[Value]) -> Value:
    """Whether a line or shape crosses or touches itself; that a shape ends where it begins does not count."""
    points = _points(arguments, "intersects")
    sides = [(one, two) for one, two in pairwise(points) if one != two]
    last = len(sides) - 1
    closed = last > 1 and points[0] == points[-1]
    return any(
        _meet(sides[i], sides[j], j == i + 1)
        for i in range(last)
        for j in range(i + 1, last + 1)
        if not (closed and i == 0 and j == last)
    )


FUNCTIONS: dict[str, tuple[int, int, Function]] = {
    "distance": (1, MANY, _distance),
    "area": (1, MANY, _area),
    "enclosed-area": (1, MANY, _area),
    "geofence": (2, 2, _geofence),
    "intersects": (1, 1, _intersects),
}
