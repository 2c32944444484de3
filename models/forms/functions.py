"""The functions of expressions that need only their arguments' values (ODK XForms, "XPath Functions").

Where the specification leaves something open, it is as ODK Collect's engine (JavaRosa) has it: sum(), min()
and max() pass over blanks, substr() counts negative places from the end, round() takes halves upwards.
Functions of dates are in moments.py, those of positions in places.py.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import secrets
import uuid
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from models.errors import BadInput
from models.forms import moments, patterns, places, values
from models.forms.arguments import MANY, Clock, Function, flat, nodes, numbers, whole
from models.forms.tree import Node
from models.forms.values import NAN, NUMBERS, Value, to_number, to_text, to_truth
from models.language import N_

_LONGEST = 1_000_000  # characters that a function may produce
_INFINITY = Decimal("Infinity")


# --- text -------------------------------------------------------------------------------------------------


def _concat(_: Clock, arguments: list[Value]) -> Value:
    return "".join(map(to_text, flat(arguments)))[:_LONGEST]


def _join(_: Clock, arguments: list[Value]) -> Value:
    return to_text(arguments[0]).join(map(to_text, flat(arguments[1:])))[:_LONGEST]


def _substr(_: Clock, arguments: list[Value]) -> Value:
    text = to_text(arguments[0])
    start = whole(arguments[1])
    end = whole(arguments[2]) if len(arguments) == 3 else len(text)
    start = max(0, start + len(text) if start < 0 else start)
    end = max(0, end + len(text) if end < 0 else end)
    return text[start:end]


def _substring(_: Clock, arguments: list[Value]) -> Value:
    """XPath 1.0's, from 1 and by length; ODK has substr() instead."""
    text, start = to_text(arguments[0]), _rounded(to_number(arguments[1]))
    end = _INFINITY
    if len(arguments) == 3:
        end = NUMBERS.add(start, _rounded(to_number(arguments[2])))
    if start.is_nan() or end.is_nan():
        return ""
    last = Decimal(len(text) + 1)
    return text[int(min(max(start, Decimal(1)), last)) - 1 : int(max(min(end, last), Decimal(1))) - 1]


def _translate(_: Clock, arguments: list[Value]) -> Value:
    text, old, new = map(to_text, arguments)
    table: dict[int, str | None] = {}
    for place, character in enumerate(old):
        table.setdefault(ord(character), new[place] if place < len(new) else None)
    return text.translate(table)


def _regex(_: Clock, arguments: list[Value]) -> Value:
    return patterns.compiled(to_text(arguments[1])).fullmatch(to_text(arguments[0])) is not None


def _uuid(_: Clock, arguments: list[Value]) -> Value:
    if not arguments:
        return str(uuid.uuid4())
    length = max(0, min(whole(arguments[0]), 1000))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(secrets.choice(letters) for _place in range(length))


def _digest(_: Clock, arguments: list[Value]) -> Value:
    name = to_text(arguments[1])
    known = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}
    algorithm = known.get(name.upper().replace("-", ""))
    if algorithm is None:
        raise BadInput(N_("{name} is not a digest; use SHA-256."), name=name)
    encoding = to_text(arguments[2]).lower() if len(arguments) == 3 else "base64"
    if encoding not in {"base64", "hex"}:
        raise BadInput(N_("{name} is not an encoding; use hex or base64."), name=encoding)
    found = hashlib.new(algorithm, to_text(arguments[0]).encode(), usedforsecurity=False).digest()
    return found.hex() if encoding == "hex" else base64.b64encode(found).decode()


def _base64_bytes(text: str) -> bytes:
    """What is encoded; nothing where it is no base64."""
    text = text.strip().rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""


def _base64_decode(_: Clock, arguments: list[Value]) -> Value:
    return _base64_bytes(to_text(arguments[0])).decode("utf-8", "replace")


def _extract_signed(_: Clock, arguments: list[Value]) -> Value:
    """The text behind an Ed25519 signature of 64 bytes; blank where the key did not sign it."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # 15 ms, rarely asked for

    signed, key = (_base64_bytes(to_text(each)) for each in arguments)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed[:64], signed[64:])
    except (ValueError, InvalidSignature):
        return ""
    return signed[64:].decode("utf-8", "replace")


def _normalize_space(_: Clock, arguments: list[Value]) -> Value:
    # XML's white space: a full-width or protected blank is a character.
    return re.sub(r"[ \t\n\x0b\f\r]+", " ", to_text(arguments[0])).strip(" ")


def _before(_: Clock, arguments: list[Value]) -> Value:
    text, mark = map(to_text, arguments)
    return text.partition(mark)[0] if mark and mark in text else ""


def _after(_: Clock, arguments: list[Value]) -> Value:
    text, mark = map(to_text, arguments)
    return text.partition(mark)[2] if mark and mark in text else "" if mark else text


# --- choices ----------------------------------------------------------------------------------------------


def _selected(_: Clock, arguments: list[Value]) -> Value:
    # As in ODK Collect: nothing is chosen where nothing is; choices side by side are found together.
    return f" {to_text(arguments[1]).strip()} " in f" {' '.join(to_text(arguments[0]).split())} "


def _selected_at(_: Clock, arguments: list[Value]) -> Value:
    chosen, place = to_text(arguments[0]).split(), whole(arguments[1])
    return chosen[place] if 0 <= place < len(chosen) else ""


def _checklist(_: Clock, arguments: list[Value]) -> Value:
    least, most = whole(arguments[0]), whole(arguments[1])
    count = sum(map(to_truth, flat(arguments[2:])))
    return (least < 0 or count >= least) and (most < 0 or count <= most)


def _weighted_checklist(_: Clock, arguments: list[Value]) -> Value:
    rest = arguments[2:]
    if len(rest) == 2:
        marks, weights = flat(rest[:1]), flat(rest[1:])
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
    if not isinstance(arguments[0], list):
        raise BadInput(N_("The function {name}() is given the wrong values."), name="sum")
    total = Decimal(0)
    for number in numbers(arguments):
        total = NUMBERS.add(total, number)
    return total


def _max(_: Clock, arguments: list[Value]) -> Value:
    return max(numbers(arguments), default=NAN)


def _min(_: Clock, arguments: list[Value]) -> Value:
    return min(numbers(arguments), default=NAN)


def _count(_: Clock, arguments: list[Value]) -> Value:
    return Decimal(len(nodes(arguments[0], "count")))


def _count_non_empty(_: Clock, arguments: list[Value]) -> Value:
    # What holds other nodes is not empty, as in ODK Collect.
    found = nodes(arguments[0], "count-non-empty")
    return Decimal(sum(1 for node in found if node.text or node.holds))


def _to_whole(rounding: str) -> Function:
    def run(_: Clock, arguments: list[Value]) -> Value:
        number = to_number(arguments[0])
        return number.to_integral_value(rounding) if number.is_finite() else number

    return run


def _rounded(number: Decimal, places: int = 0) -> Decimal:
    """XPath rounds a half towards positive infinity: 2.5 to 3, -2.5 to -2."""
    if not number.is_finite():
        return number
    upwards = ROUND_HALF_DOWN if number < 0 else ROUND_HALF_UP
    found = number.quantize(Decimal(1).scaleb(-places), upwards, context=NUMBERS)
    return number if found.is_nan() else found


def _round(_: Clock, arguments: list[Value]) -> Value:
    number = to_number(arguments[0])
    digits = whole(arguments[1]) if len(arguments) == 2 else 0
    return NAN if number.is_finite() and abs(digits) > 30 else _rounded(number, digits)


def _abs(_: Clock, arguments: list[Value]) -> Value:
    return NUMBERS.abs(to_number(arguments[0]))


def _sqrt(_: Clock, arguments: list[Value]) -> Value:
    return NUMBERS.sqrt(to_number(arguments[0]))


def _pow(_: Clock, arguments: list[Value]) -> Value:
    base, exponent = to_number(arguments[0]), to_number(arguments[1])
    return Decimal(1) if base == 0 and exponent == 0 else NUMBERS.power(base, exponent)


def _by_float(function: Callable[..., float]) -> Function:
    """Transcendental functions have no exact value, so they are taken as doubles."""

    def run(_: Clock, arguments: list[Value]) -> Value:
        try:
            return Decimal(repr(function(*(float(to_number(each)) for each in arguments))))
        except OverflowError:
            return _INFINITY
        except ValueError:
            return NAN

    return run


def _log(function: Callable[[float], float]) -> Function:
    return _by_float(lambda x: function(x) if x != 0 else -math.inf)


def _random(_: Clock, arguments: list[Value]) -> Value:
    return Decimal(secrets.randbits(53)) / Decimal(2**53)


_MODULUS = 2_147_483_647


def seed_of(value: Value) -> float:
    """The seed in a value, as in ODK Collect: of text that is no number the first 8 bytes of its SHA-256."""
    number = to_number(value)
    if number.is_nan():
        text = values.scalar(value)
        if not isinstance(text, str) or not text:
            return 0.0
        return float(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True))
    return float(int(max(min(number, Decimal(2**63 - 1)), Decimal(-(2**63)))))


def shuffle(found: list[Node], seed: float) -> list[Node]:
    """The inside-out Fisher-Yates shuffle with the Park-Miller generator, as randomize() is specified."""
    state = int(math.fmod(seed, _MODULUS))
    if state <= 0:
        state += _MODULUS - 1
    shuffled: list[Node] = []
    for place, node in enumerate(found):
        state = state * 16_807 % _MODULUS
        other = int((state - 1) / (_MODULUS - 1) * (place + 1))
        if other == place:
            shuffled.append(node)
        else:
            shuffled.append(shuffled[other])
            shuffled[other] = node
    return shuffled


FUNCTIONS: dict[str, tuple[int, int, Function]] = {
    **moments.FUNCTIONS,
    **places.FUNCTIONS,
    "true": (0, 0, lambda clock, _: True),
    "false": (0, 0, lambda clock, _: False),
    "boolean": (1, 1, lambda clock, a: to_truth(a[0])),
    "not": (1, 1, lambda clock, a: not to_truth(a[0])),
    "boolean-from-string": (1, 1, lambda clock, a: to_text(a[0]).lower() in {"true", "1"}),
    "number": (1, 1, lambda clock, a: to_number(a[0])),
    "string": (1, 1, lambda clock, a: to_text(a[0])),
    "concat": (0, MANY, _concat),
    "join": (1, MANY, _join),
    "substr": (2, 3, _substr),
    "substring": (2, 3, _substring),
    "substring-before": (2, 2, _before),
    "substring-after": (2, 2, _after),
    "translate": (3, 3, _translate),
    "contains": (2, 2, lambda clock, a: to_text(a[1]) in to_text(a[0])),
    "starts-with": (2, 2, lambda clock, a: to_text(a[0]).startswith(to_text(a[1]))),
    "ends-with": (2, 2, lambda clock, a: to_text(a[0]).endswith(to_text(a[1]))),
    "string-length": (1, 1, lambda clock, a: Decimal(len(to_text(a[0])))),
    "normalize-space": (1, 1, _normalize_space),
    "regex": (2, 2, _regex),
    "uuid": (0, 1, _uuid),
    "digest": (2, 3, _digest),
    "base64-decode": (1, 1, _base64_decode),
    "extract-signed": (2, 2, _extract_signed),
    "selected": (2, 2, _selected),
    "is-selected": (2, 2, _selected),
    "selected-at": (2, 2, _selected_at),
    "count-selected": (1, 1, lambda clock, a: Decimal(len(to_text(a[0]).split()))),
    "checklist": (2, MANY, _checklist),
    "weighted-checklist": (2, MANY, _weighted_checklist),
    "count": (1, 1, _count),
    "count-non-empty": (1, 1, _count_non_empty),
    "sum": (1, 1, _sum),
    "max": (1, MANY, _max),
    "min": (1, MANY, _min),
    "int": (1, 1, _to_whole(ROUND_DOWN)),
    "floor": (1, 1, _to_whole(ROUND_FLOOR)),
    "ceiling": (1, 1, _to_whole(ROUND_CEILING)),
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
    "log": (1, 1, _log(math.log)),
    "log10": (1, 1, _log(math.log10)),
    "version": (0, 0, lambda clock, _: clock.version()),
    "property": (1, 1, lambda clock, a: clock.property(to_text(a[0]))),
    "depend": (1, MANY, lambda clock, a: values.scalar(a[0])),
}
