"""What the functions of expressions have in common: the world they may ask, and their arguments read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from models.errors import BadInput
from models.forms import values
from models.forms.tree import Node
from models.forms.values import Value, to_number
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

MANY = 10_000
"""Arguments of a function that takes any number of them."""


def flat(arguments: list[Value]) -> list[values.Scalar]:
    """The values of all arguments, those of each node of a node set among them."""
    found: list[values.Scalar] = []
    for each in arguments:
        if isinstance(each, list):
            found.extend(values.typed(node) for node in each)
        else:
            found.append(each)
    return found


def numbers(arguments: list[Value]) -> list[Decimal]:
    """The numbers among the values; what is none is passed over."""
    return [number for each in flat(arguments) if not (number := to_number(each)).is_nan()]


def nodes(value: Value, name: str) -> list[Node]:
    """The nodes of an argument that must be a node set.

    Raises:
        BadInput: it is a value; the sentence names the function.
    """
    if not isinstance(value, list):
        raise BadInput(N_("{name}() counts fields; it was given a value."), name=name)
    return value


def whole(value: Value) -> int:
    """A place or count: cut to a whole number, 0 for no number, as in Java."""
    number = to_number(value)
    if number.is_nan():
        return 0
    return int(max(min(number, Decimal(10**9)), Decimal(-(10**9))))
