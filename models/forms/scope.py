"""What compiling and running expressions share: the place of an expression, what it reads, and its host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from models.forms.arguments import Clock
from models.forms.tree import Node
from models.forms.values import Value


class Host(Clock, Protocol):
    """What an expression asks of the filling that it is evaluated in."""

    root: Node

    def list_root(self, name: str) -> Node:
        """The outer node of a list."""

    def lookup(self, parent: Node, row: str, column: str) -> Mapping[str, list[Node]]:
        """The rows of a list by the text in a column."""

    def choice_label(self, path: str, node: Node, value: str) -> str:
        """The label of a choice of the question at `path`, in the filling's language."""

    def text(self, text_id: str) -> str:
        """A text by its id, in the filling's language."""


class Env:
    """Where an expression is evaluated: the context node, and the node that the expression belongs to."""

    __slots__ = ("current", "host", "node", "position", "size")

    def __init__(self, host: Host, node: Node, current: Node, position: int = 0, size: int = 0) -> None:
        self.host = host
        self.node = node
        self.current = current
        self.position = position
        self.size = size


Run = Callable[[Env], Value]


class Read(NamedTuple):
    """An event that an expression waits for: "value", "relevant" or "rounds" of a field, and its anchor."""

    event: str
    path: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to run."""

    source: str
    run: Run
    reads: frozenset[Read]


@dataclass(frozen=True, slots=True)
class Made:
    """A compiled part of an expression, and the fields that its nodes belong to."""

    run: Run
    places: tuple[str, ...] | None = None
    """Fields that the nodes belong to, where the value is nodes; empty for items of a list."""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a part of an expression stands, as far as the form alone tells."""

    place: str | None
    """Field of the context node; None where it is an item of a list."""
    home: str
    """Field that the expression belongs to: current()."""
    pinned: str | None = None
    """Inside a predicate: no anchor may lie deeper than this."""


def depth(path: str) -> int:
    """How deep a field lies: the root is 1."""
    return path.count("/")


def shallower(one: str, other: str | None) -> str:
    """The one of two fields that lies less deep; the first where there is no other."""
    return one if other is None or depth(one) <= depth(other) else other


def common_part(one: str, other: str) -> str:
    """The deepest field that both lie in."""
    while not is_within(other, one):
        one = one.rsplit("/", 1)[0]
    return one


def of_field(path: str) -> str:
    """The path of an instance's field: without the numbers of rounds."""
    return "/".join(part.partition("[")[0] for part in path.split("/"))


def is_within(path: str, outer: str) -> bool:
    """Whether a field is the other, or lies in it."""
    return path == outer or path.startswith(outer + "/")
