"""The nodes that expressions walk over: a filling's own tree, and the items of a form's lists."""

from __future__ import annotations

from collections.abc import Iterator

_NO_CHILDREN: dict[str, list[Node]] = {}
ATTRIBUTE = "@"
"""Begins the name of an attribute's node, which hangs among the children of its element."""


class Node:
    """One element of an instance; its children by name, several where a repeat has several rounds."""

    __slots__ = (
        "children",
        "index",
        "name",
        "numeric",
        "own_relevant",
        "parent",
        "read_only",
        "required",
        "surplus",
        "text",
        "where",
    )

    def __init__(
        self, name: str, where: str, parent: Node | None, *, text: str = "", numeric: bool = False
    ) -> None:
        self.name = name
        self.where = where
        """The path of its field in the form, without counts; empty for an item of a list."""
        self.parent = parent
        self.text = text
        self.numeric = numeric
        self.children: dict[str, list[Node]] = _NO_CHILDREN
        self.index = 0
        """Place among the rounds of its repeat, from 0."""
        self.own_relevant = True
        self.required = False
        self.read_only = False
        self.surplus: dict[str, list[Node]] = _NO_CHILDREN
        """Rounds beyond a repeat's count, kept aside with their answers until the count rises again."""

    def make_room(self, name: str) -> None:
        """Give a repeat without rounds its place among the children."""
        if self.children is _NO_CHILDREN:
            self.children = {}
        self.children.setdefault(name, [])

    def add(self, child: Node) -> None:
        """Hang a child under this node, as the last of its name."""
        if self.children is _NO_CHILDREN:
            self.children = {}
        rounds = self.children.setdefault(child.name, [])
        child.index = len(rounds)
        child.parent = self
        rounds.append(child)

    def cut(self, child: Node) -> None:
        """Take a child away; the rounds after it move up."""
        rounds = self.children[child.name]
        rounds.remove(child)
        child.parent = None
        for index, each in enumerate(rounds):
            each.index = index

    def set_aside(self, child: Node) -> None:
        """Cut a round but keep it for later."""
        self.cut(child)
        if self.surplus is _NO_CHILDREN:
            self.surplus = {}
        self.surplus.setdefault(child.name, []).insert(0, child)

    def bring_back(self, name: str) -> Node | None:
        """Hang the round that was set aside last under this node again; None where there is none."""
        kept = self.surplus.get(name)
        if not kept:
            return None
        child = kept.pop(0)
        self.add(child)
        return child

    @property
    def elements(self) -> Iterator[Node]:
        """The children that are no attributes, in document order."""
        return (
            each
            for name, rounds in self.children.items()
            if not name.startswith(ATTRIBUTE)
            for each in rounds
        )

    @property
    def holds(self) -> bool:
        """Whether it holds other elements."""
        return next(self.elements, None) is not None

    @property
    def top(self) -> Node:
        """The node that has nothing above it."""
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    @property
    def relevant(self) -> bool:
        """Whether this node and all above it are relevant."""
        node: Node | None = self
        while node is not None:
            if not node.own_relevant:
                return False
            node = node.parent
        return True

    def up_to(self, where: str) -> Node:
        """This node or the one above it that belongs to the field `where`."""
        node = self
        while node.where != where and node.parent is not None:
            node = node.parent
        return node

    def walk(self) -> Iterator[Node]:
        """This node and all below it, attributes too, in document order."""
        yield self
        for rounds in self.children.values():
            for each in rounds:
                yield from each.walk()


def in_order(nodes: list[Node]) -> list[Node]:
    """Nodes in the order of their document; those of several documents stay grouped as they came."""
    if len(nodes) < 2:
        return nodes
    tops: dict[Node, int] = {}
    places: dict[Node, dict[str, int]] = {}

    def place(node: Node) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        at = node
        while at.parent is not None:
            names = places.get(at.parent)
            if names is None:
                names = places[at.parent] = {name: index for index, name in enumerate(at.parent.children)}
            found.append((names.get(at.name, 0), at.index))
            at = at.parent
        found.append((tops.setdefault(at, len(tops)), 0))
        return found[::-1]

    return sorted(nodes, key=place)
