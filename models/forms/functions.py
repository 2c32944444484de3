"""The functions of expressions that need only their arguments' values (ODK XForms, "XPath Functions").

Where the specification leaves something open, it is as ODK Collect's engine (JavaRosa) has it: sum(), min()
and max() pass over blanks, substr() counts negative places from the end, round() takes halves upwards.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import secrets
import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

from models.errors import BadInput
from models.forms import values
from models.forms.tree import Node
from models.forms.values import NAN, NUMBERS, Value, to_number, to_text, to_truth
from models.language import N_


class Clock(Protocol):
    """What functions may ask of the world."""

    def now(self) -> datetime:
        """The present, with its offset."""

    def language(self) -> str:
        """The language of the texts that are shown."""

    def property(self, name: str) -> str:
        """A property of the device or officer ("username", "deviceid"); blank where not known."""

    def version(self) -> str:
        """The form's version."""


Function = Callable[[Clock, list[Value]], Value]

_LONGEST = 1_000_000  # characters that a function may produce


def _flat(arguments: list[Value]) -> list[values.Scalar]:
    found: list[values.Scalar] = []
    for each in arguments:
        if isinstance(each, list):
            found.extend(values.typed(node) for node in each)
        else:
            found.append(each)
    return found


def _numbers(arguments: list[Value]) -> list[Decimal]:
    return [number for each in _flat(arguments) if not (number := to_number(each)).is_nan()]


def _nodes(value: Value, name: str) -> list[Node]:
    if not isinstance(value, list):
        raise BadInput(N_("{name}() counts fields; it was given a value."), name=name)
    return value


def _whole(value: Value) -> int:
    number = to_number(value)
    if not number.is_finite():
        return 0
    return int(max(min(number, Decimal(10**9)), Decimal(-(10**9))))


# --- text -------------------------------------------------------------------------------------------------


def _concat(_: Clock, arguments: list[Value]) -> Value:
    return "".join(map(to_text, _flat(arguments)))[:_LONGEST]


def _join(_: Clock, arguments: list[Value]) -> Value:
    return to_text(arguments[0]).join(map(to_text, _flat(arguments[1:])))[:_LONGEST]


def _substr(_: Clock, arguments: list[Value]) -> Value:
    text = to_text(arguments[0])
    start = _whole(arguments[1])
    end = _whole(arguments[2]) if len(arguments) == 3 else len(text)
    start = max(0, start + len(text) if start < 0 else start)
    end = max(0, end + len(text) if end < 0 else end)
    return text[start:end]


def _translate(_: Clock, arguments: list[Value]) -> Value:
    text, old, new = map(to_text, arguments)
    table: dict[int, str | None] = {}
    for place, character in enumerate(old):
        table.setdefault(ord(character), new[place] if place < len(new) else None)
    return text.translate(table)


@lru_cache(256)
def pattern(expression: str) -> re.Pattern[str]:
    """A regular expression, read once.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        return re.compile(expression)
    except (re.error, RecursionError, OverflowError) as error:
        raise BadInput(
            N_("The pattern {pattern} cannot be read: {reason}"), pattern=expression, reason=str(error)
        ) from error


def _regex(_: Clock, arguments: list[Value]) -> Value:
    return pattern(to_text(arguments[1])).fullmatch(to_text(arguments[0])) is not None


def _uuid(_: Clock, arguments: list[Value]) -> Value:
    if not arguments:
        return str(uuid.uuid4())
    length = max(0, min(_whole(arguments[0]), 1000))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(secrets.choice(letters) for _place in range(length))


def _digest(_: Clock, arguments: list[Value]) -> Value:
    name = to_text(arguments[1])
    known = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
    if name not in known:
        raise BadInput(N_("{name} is not a digest; use SHA-256."), name=name)
    found = hashlib.new(known[name], to_text(arguments[0]).encode(), usedforsecurity=False).digest()
    hexadecimal = len(arguments) == 3 and to_text(arguments[2]) == "hex"
    return found.hex() if hexadecimal else base64.b64encode(found).decode()


def _base64_decode(_: Clock, arguments: list[Value]) -> Value:
    try:
        return base64.b64decode(to_text(arguments[0])).decode("utf-8", "replace")
    except ValueError:
        return ""


def _before(_: Clock, arguments: list[Value]) -> Value:
    text, mark = map(to_text, arguments)
    return text.partition(mark)[0] if mark and mark in text else ""


def _after(_: Clock, arguments: list[Value]) -> Value:
    text, mark = map(to_text, arguments)
    return text.partition(mark)[2] if mark and mark in text else "" if mark else text


# --- choices ----------------------------------------------------------------------------------------------


def _selected(_: Clock, arguments: list[Value]) -> Value:
    return to_text(arguments[1]).strip() in to_text(arguments[0]).split()


def _selected_at(_: Clock, arguments: list[Value]) -> Value:
    chosen, place = to_text(arguments[0]).split(), _whole(arguments[1])
    return chosen[place] if 0 <= place < len(chosen) else ""


def _checklist(_: Clock, arguments: list[Value]) -> Value:
    least, most = _whole(arguments[0]), _whole(arguments[1])
    count = sum(map(to_truth, _flat(arguments[2:])))
    return (least < 0 or count >= least) and (most < 0 or count <= most)


def _weighted_checklist(_: Clock, arguments: list[Value]) -> Value:
    rest = arguments[2:]
    if len(rest) == 2:
        marks, weights = _flat(rest[:1]), _flat(rest[1:])
    else:
        marks, weights = [values.scalar(v) for v in rest[::2]], [values.scalar(v) for v in rest[1::2]]
    if len(marks) != len(weights):
        raise BadInput(N_("weighted-checklist() needs one weight for each mark."))
    total = Decimal(0)
    for mark, weight in zip(marks, weights, strict=True):
        if to_truth(mark):
            total = NUMBERS.add(total, to_number(weight))
    least, most = to_number(arguments[0]), to_number(arguments[1])
    return not (least.is_nan() or most.is_nan() or total.is_nan()) and least <= total <= most


# --- numbers ----------------------------------------------------------------------------------------------


def _sum(_: Clock, arguments: list[Value]) -> Value:
    total = Decimal(0)
    for number in _numbers(arguments):
        total = NUMBERS.add(total, number)
    return total


def _max(_: Clock, arguments: list[Value]) -> Value:
    return max(_numbers(arguments), default=NAN)


def _min(_: Clock, arguments: list[Value]) -> Value:
    return min(_numbers(arguments), default=NAN)


def _count(_: Clock, arguments: list[Value]) -> Value:
    return Decimal(len(_nodes(arguments[0], "count")))


def _count_non_empty(_: Clock, arguments: list[Value]) -> Value:
    return Decimal(sum(1 for node in _nodes(arguments[0], "count-non-empty") if node.text))


def _int(_: Clock, arguments: list[Value]) -> Value:
    number = to_number(arguments[0])
    return number.to_integral_value("ROUND_DOWN") if number.is_finite() else number


def _round(_: Clock, arguments: list[Value]) -> Value:
    number = to_number(arguments[0])
    places = _whole(arguments[1]) if len(arguments) == 2 else 0
    if not number.is_finite():
        return number
    if abs(places) > 30:
        return NAN
    # XPath rounds a half towards positive infinity: 2.5 to 3, -2.5 to -2.
    upwards = ROUND_HALF_DOWN if number < 0 else ROUND_HALF_UP
    found = number.quantize(Decimal(1).scaleb(-places), upwards, context=NUMBERS)
    return number if found.is_nan() else found


def _abs(_: Clock, arguments: list[Value]) -> Value:
    return NUMBERS.abs(to_number(arguments[0]))


def _sqrt(_: Clock, arguments: list[Value]) -> Value:
    return NUMBERS.sqrt(to_number(arguments[0]))


def _pow(_: Clock, arguments: list[Value]) -> Value:
    return NUMBERS.power(to_number(arguments[0]), to_number(arguments[1]))


def _by_float(function: Callable[..., float]) -> Function:
    """Transcendental functions have no exact value, so they are taken as doubles."""

    def run(_: Clock, arguments: list[Value]) -> Value:
        try:
            return Decimal(repr(function(*(float(to_number(each)) for each in arguments))))
        except (ValueError, OverflowError):
            return NAN

    return run


def _random(_: Clock, arguments: list[Value]) -> Value:
    return Decimal(secrets.randbits(53)) / Decimal(2**53)


# --- dates ------------------------------------------------------------------------------------------------


def _moment(value: Value, with_time: bool) -> date | datetime | None:
    value = values.scalar(value)
    if isinstance(value, str):
        if not value:
            return None
        moment = values.read_moment(value)
        if moment is None:
            number = to_number(value)
            moment = None if number.is_nan() else values.from_days(number, with_time)
    else:
        number = to_number(value)
        if number.is_nan():
            return None
        moment = values.from_days(number, with_time)
    if moment is None:
        raise BadInput(N_("{value} is not a date."), value=to_text(value))
    if isinstance(moment, datetime) and not with_time:
        return moment.astimezone().date()
    return moment


def _date(_: Clock, arguments: list[Value]) -> Value:
    moment = _moment(arguments[0], with_time=False)
    return "" if moment is None else values.moment_text(moment)


def _date_time(_: Clock, arguments: list[Value]) -> Value:
    moment = _moment(arguments[0], with_time=True)
    return "" if moment is None else values.moment_text(_local(moment))


def _local(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day).astimezone()


def _decimal_date_time(_: Clock, arguments: list[Value]) -> Value:
    value = values.scalar(arguments[0])
    if isinstance(value, Decimal):
        return value
    moment = _moment(value, with_time=True)
    return "" if moment is None else values.days(_local(moment))


def _decimal_time(_: Clock, arguments: list[Value]) -> Value:
    value = values.scalar(arguments[0])
    if isinstance(value, Decimal):
        return NUMBERS.subtract(value, value.to_integral_value(ROUND_FLOOR)) if value.is_finite() else value
    text = to_text(value)
    if not text:
        return ""
    time = values.read_time(text)
    if time is None:
        moment = _moment(value, with_time=True)
        if moment is None:
            return ""
        time = _local(moment).astimezone().time()
    milliseconds = (time.hour * 3600 + time.minute * 60 + time.second) * 1000 + time.microsecond // 1000
    return NUMBERS.divide(Decimal(milliseconds), Decimal(86_400_000))


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_WEEKDAYS_ZH = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]


def _format_date(clock: Clock, arguments: list[Value]) -> Value:
    value = values.scalar(arguments[0])
    time = values.read_time(value) if isinstance(value, str) else None
    if time is not None:
        moment = datetime.combine(clock.now().date(), time)
    else:
        found = _moment(value, with_time=True)
        if found is None:
            return ""
        moment = _local(found)
    chinese = clock.language() == "zh"
    parts = {
        "Y": f"{moment.year:04}",
        "y": f"{moment.year % 100:02}",
        "m": f"{moment.month:02}",
        "n": str(moment.month),
        "b": f"{moment.month}月" if chinese else _MONTHS[moment.month - 1],
        "d": f"{moment.day:02}",
        "e": str(moment.day),
        "H": f"{moment.hour:02}",
        "h": str(moment.hour),
        "M": f"{moment.minute:02}",
        "S": f"{moment.second:02}",
        "3": f"{moment.microsecond // 1000:03}",
        "a": (_WEEKDAYS_ZH if chinese else _WEEKDAYS)[moment.weekday()],
        "%": "%",
    }
    return re.sub(r"%(.)", lambda match: parts.get(match[1], match[0]), to_text(arguments[1]))


# --- places -----------------------------------------------------------------------------------------------

_EARTH_RADIUS = 6_378_100.0
"""Metres, at the equator; the figure of ODK Collect's engine."""


def _points(arguments: list[Value]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for each in _flat(arguments):
        for part in to_text(each).split(";"):
            numbers = part.split()
            if len(numbers) >= 2:
                latitude, longitude = to_number(numbers[0]), to_number(numbers[1])
                if latitude.is_finite() and longitude.is_finite():
                    found.append((math.radians(float(latitude)), math.radians(float(longitude))))
    return found


def _distance(_: Clock, arguments: list[Value]) -> Value:
    points = _points(arguments)
    total = 0.0
    for (lat1, lon1), (lat2, lon2) in pairwise(points):
        half = math.sin((lat2 - lat1) / 2) ** 2
        half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        total += 2 * _EARTH_RADIUS * math.asin(math.sqrt(min(1.0, half)))
    return Decimal(repr(round(total, 2)))


def _area(_: Clock, arguments: list[Value]) -> Value:
    points = _points(arguments)
    if len(points) < 3:
        return Decimal(0)
    if points[0] != points[-1]:
        points.append(points[0])
    total = sum(
        (lon2 - lon1) * (2 + math.sin(lat1) + math.sin(lat2))
        for (lat1, lon1), (lat2, lon2) in pairwise(points)
    )
    return Decimal(repr(round(abs(total * _EARTH_RADIUS**2 / 2), 2)))


def shuffle(nodes: list[Node], seed: Decimal) -> list[Node]:
    """The inside-out Fisher-Yates shuffle with the Park-Miller generator, as randomize() is specified."""
    state = (int(seed) if seed.is_finite() else 0) % 2_147_483_647
    if state <= 0:
        state += 2_147_483_646
    found: list[Node] = []
    for place, node in enumerate(nodes):
        state = state * 16_807 % 2_147_483_647
        other = int((state - 1) / 2_147_483_646 * (place + 1))
        if other == place:
            found.append(node)
        else:
            found.append(found[other])
            found[other] = node
    return found


_MANY = 10_000

FUNCTIONS: dict[str, tuple[int, int, Function]] = {
    "true": (0, 0, lambda clock, _: True),
    "false": (0, 0, lambda clock, _: False),
    "boolean": (1, 1, lambda clock, a: to_truth(a[0])),
    "not": (1, 1, lambda clock, a: not to_truth(a[0])),
    "boolean-from-string": (1, 1, lambda clock, a: to_text(a[0]).lower() in {"true", "1"}),
    "number": (1, 1, lambda clock, a: to_number(a[0])),
    "string": (1, 1, lambda clock, a: to_text(a[0])),
    "concat": (0, _MANY, _concat),
    "join": (1, _MANY, _join),
    "substr": (2, 3, _substr),
    "substring-before": (2, 2, _before),
    "substring-after": (2, 2, _after),
    "translate": (3, 3, _translate),
    "contains": (2, 2, lambda clock, a: to_text(a[1]) in to_text(a[0])),
    "starts-with": (2, 2, lambda clock, a: to_text(a[0]).startswith(to_text(a[1]))),
    "ends-with": (2, 2, lambda clock, a: to_text(a[0]).endswith(to_text(a[1]))),
    "string-length": (1, 1, lambda clock, a: Decimal(len(to_text(a[0])))),
    "normalize-space": (1, 1, lambda clock, a: " ".join(to_text(a[0]).split())),
    "regex": (2, 2, _regex),
    "uuid": (0, 1, _uuid),
    "digest": (2, 3, _digest),
    "base64-decode": (1, 1, _base64_decode),
    "selected": (2, 2, _selected),
    "is-selected": (2, 2, _selected),
    "selected-at": (2, 2, _selected_at),
    "count-selected": (1, 1, lambda clock, a: Decimal(len(to_text(a[0]).split()))),
    "checklist": (2, _MANY, _checklist),
    "weighted-checklist": (4, _MANY, _weighted_checklist),
    "count": (1, 1, _count),
    "count-non-empty": (1, 1, _count_non_empty),
    "sum": (1, 1, _sum),
    "max": (1, _MANY, _max),
    "min": (1, _MANY, _min),
    "int": (1, 1, _int),
    "round": (1, 2, _round),
    "abs": (1, 1, _abs),
    "sqrt": (1, 1, _sqrt),
    "pow": (2, 2, _pow),
    "pi": (0, 0, lambda clock, _: Decimal("3.141592653589793")),
    "random": (0, 0, _random),
    "sin": (1, 1, _by_float(math.sin)),
    "cos": (1, 1, _by_float(math.cos)),
    "tan": (1, 1, _by_float(math.tan)),
    "asin": (1, 1, _by_float(math.asin)),
    "acos": (1, 1, _by_float(math.acos)),
    "atan": (1, 1, _by_float(math.atan)),
    "atan2": (2, 2, _by_float(math.atan2)),
    "exp": (1, 1, _by_float(math.exp)),
    "exp10": (1, 1, _by_float(lambda x: math.pow(10.0, x))),
    "log": (1, 1, _by_float(math.log)),
    "log10": (1, 1, _by_float(math.log10)),
    "today": (0, 0, lambda clock, _: clock.now().date().isoformat()),
    "now": (0, 0, lambda clock, _: values.moment_text(clock.now())),
    "date": (1, 1, _date),
    "date-time": (1, 1, _date_time),
    "decimal-date-time": (1, 1, _decimal_date_time),
    "decimal-time": (1, 1, _decimal_time),
    "format-date": (2, 2, _format_date),
    "format-date-time": (2, 2, _format_date),
    "distance": (1, _MANY, _distance),
    "area": (1, _MANY, _area),
    "enclosed-area": (1, _MANY, _area),
    "version": (0, 0, lambda clock, _: clock.version()),
    "property": (1, 1, lambda clock, a: clock.property(to_text(a[0]))),
    "depend": (1, _MANY, lambda clock, a: values.scalar(a[0])),
}
