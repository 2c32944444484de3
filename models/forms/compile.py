"""Syntax trees made into closures, with what each of them reads.

An expression is compiled once for its place in the form. Names are looked up then, so an unknown name or
function is a problem when the form is loaded; a path becomes "so many up, then these names down". What it
reads is recorded as events, each with its anchor: the deepest field whose one instance both the reader and
what is read lie in. A change then reaches just the readers within that instance (logic.py, engine.py).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from models.errors import BadInput
from models.forms import values
from models.forms.functions import FUNCTIONS
from models.forms.lists import file_of
from models.forms.model import Field, Form
from models.forms.parser import (
    Binary,
    Call,
    Expr,
    Filter,
    Literal,
    Negate,
    Number,
    Path,
    Step,
    parse,
    unparse,
)
from models.forms.scope import Compiled, Env, Made, Read, Run, Scope, depth, is_within, shallower
from models.forms.special import SPECIAL
from models.forms.tree import ATTRIBUTE, Node, in_order
from models.forms.values import NUMBERS, Value
from models.language import N_

LONG_CHAIN = 20
"""Operators in a row from which a loop is used."""


@dataclass(slots=True)
class Compiler:
    """Compiles the expressions of one form."""

    form: Form
    fields: Mapping[str, Field] = field(init=False)
    lists: frozenset[str] = field(init=False)
    missing: dict[str, str] = field(init=False)
    """Lists whose files are not beside the form."""
    reads: set[Read] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.fields = self.form.fields
        self.lists = frozenset(each.name for each in self.form.lists)
        self.missing = {each.name: file_of(each.source) for each in self.form.lists if not each.here}

    def compile(self, source: str, home: str) -> Compiled:
        """The expression of the field `home`.

        Raises:
            BadInput: it cannot be read, or uses a name or function that does not exist here.
        """
        self.reads = set()
        made = self.make(parse(source), Scope(home, home))
        return Compiled(source, made.run, frozenset(self.reads))

    def know_list(self, name: str) -> None:
        """Make sure that there is such a list.

        Raises:
            BadInput: there is none, or its file is not beside the form.
        """
        if name in self.missing:
            raise BadInput(
                N_("The list {name} is in the file {file}, which is not there: put it beside the form."),
                name=self.missing[name].rpartition(".")[0] or name,
                file=self.missing[name],
            )
        if name not in self.lists:
            raise BadInput(N_("There is no list named {name}."), name=name)

    # --- expressions --------------------------------------------------------------------------------------

    def make(self, tree: Expr, scope: Scope) -> Made:
        match tree:
            case Number(number):
                return Made(lambda env: number)
            case Literal(text):
                return Made(lambda env: text)
            case Negate(operand):
                run = self.make(operand, scope).run
                return Made(lambda env: values.negated(values.to_number(run(env))))
            case Binary("|"):
                return self._union(tree, scope)
            case Binary() if _length(tree) > LONG_CHAIN:
                return self._chain(tree, scope)
            case Binary(operator, left, right):
                maker = _BINARY[operator]
                return Made(maker(self.make(left, scope).run, self.make(right, scope).run))
            case Path():
                return self.path(tree, scope)
            case Filter(operand, predicates):
                return self._filter(self.make(operand, scope), predicates, scope, unparse(operand))
            case Call():
                return self.call(tree, scope)

    def _chain(self, tree: Binary, scope: Scope) -> Made:
        """`a or b or c or …` by a loop: hundreds of operators must not become hundreds of nested calls."""
        links: list[tuple[str, Run]] = []
        left: Expr = tree
        while isinstance(left, Binary) and left.operator != "|":
            links.insert(0, (left.operator, self.run(left.right, scope)))
            left = left.left
        first = self.run(left, scope)

        def run(env: Env) -> Value:
            value = first(env)
            for operator, right in links:
                value = _BINARY[operator](lambda _env, so_far=value: so_far, right)(env)  # type: ignore[misc]
            return value

        return Made(run)

    def run(self, tree: Expr, scope: Scope) -> Run:
        return self.make(tree, scope).run

    def nodes(self, tree: Expr, scope: Scope) -> Made:
        made = self.make(tree, scope)
        if made.places is None:
            raise BadInput(N_("{expression} must name fields, not give a value."), expression=unparse(tree))
        return made

    def _union(self, tree: Binary, scope: Scope) -> Made:
        parts: list[Made] = []
        rest: Expr = tree
        while isinstance(rest, Binary) and rest.operator == "|":
            parts.insert(0, self.nodes(rest.right, scope))
            rest = rest.left
        parts.insert(0, self.nodes(rest, scope))

        def run(env: Env) -> Value:
            found: dict[Node, None] = {}
            for part in parts:
                value = part.run(env)
                assert isinstance(value, list)
                found.update(dict.fromkeys(value))
            return in_order(list(found))

        places = tuple(place for part in parts for place in part.places or ())
        return Made(run, places, min((part.anchor for part in parts), key=depth))

    def call(self, tree: Call, scope: Scope) -> Made:
        name, arguments = tree.name, tree.arguments
        special = SPECIAL.get(name)
        if special is not None and (made := special(self, arguments, scope)) is not None:
            return made
        known = FUNCTIONS.get(name)
        if known is None:
            raise BadInput(N_("The function {name}() is not supported."), name=name)
        least, most, function = known
        if not least <= len(arguments) <= most:
            raise BadInput(
                N_("The function {name}() does not take as many values as it is given: {count}."),
                name=name,
                count=len(arguments),
            )
        runs = [self.run(each, scope) for each in arguments]
        if len(runs) == 1:
            only = runs[0]
            return Made(lambda env: function(env.host, [only(env)]))
        return Made(lambda env: function(env.host, [run(env) for run in runs]))

    # --- paths --------------------------------------------------------------------------------------------

    def path(self, tree: Path, scope: Scope) -> Made:
        steps = tree.steps
        if tree.start == "/":
            made, steps = self._from_root(steps, scope)
        elif tree.start == "":
            made = Made(_context_node, _places(scope.place), scope.place or "")
        elif isinstance(tree.start, Call) and tree.start.name == "current":
            made = Made(_home_node, (scope.home,), scope.home)
        else:
            assert not isinstance(tree.start, str)
            made = self.nodes(tree.start, scope)
        run, places, anchor = made.run, made.places or (), made.anchor
        in_list = not places
        moves: list[Callable[[list[Node], Env], list[Node]]] = []
        for step in steps:
            if not in_list:
                places = tuple(dict.fromkeys(p for each in places for p in self._stepped(each, step)))
                if not places:
                    raise BadInput(N_("{path} is not in the form."), path=_written(tree))
                if step.axis == "parent" and depth(places[0]) < depth(anchor):
                    anchor = min(places, key=depth)
            inner = Scope(places[0] if places else None, scope.home, shallower(anchor, scope.pinned))
            moves.append(self._move(step, inner, in_list))
            for other in places[1:] if step.predicates else ():
                # The same names in another group: run alike, but read elsewhere.
                with contextlib.suppress(BadInput):
                    self._move(step, Scope(other, scope.home, inner.pinned), in_list)
        if not in_list:
            self.read(places, anchor, scope)

        def walk(env: Env) -> Value:
            nodes = run(env)
            assert isinstance(nodes, list)
            for move in moves:
                nodes = move(nodes, env)
            if len(nodes) == 1:
                return nodes if in_list or nodes[0].relevant else []
            return nodes if in_list else [node for node in nodes if node.relevant]

        # The bare context node is never filtered: a constraint's "." is what was just typed.
        return Made(walk if steps or tree.start == "/" else run, places, anchor)

    def _from_root(self, steps: tuple[Step, ...], scope: Scope) -> tuple[Made, tuple[Step, ...]]:
        """Absolute paths bind to the same round of the repeats that they share with the context."""
        root = self.form.root.path
        if not steps:
            return Made(_root_node, (root,), root), ()
        if steps[0].axis == "descendant-or-self":
            return Made(_root_node, (root,), root), steps
        if steps[0].axis != "child" or steps[0].test not in {root[1:], "*"}:
            raise BadInput(N_("{path} is not in the form."), path=_written(Path("/", steps)))
        if steps[0].predicates:
            return Made(_root_node, (root,), root), (Step("self", "*", steps[0].predicates), *steps[1:])
        shared, place = 1, root
        while (
            scope.place is not None
            and shared < len(steps) - 1
            and steps[shared].axis == "child"
            and not steps[shared].predicates
            and is_within(scope.place, f"{place}/{steps[shared].test}")
        ):
            place = f"{place}/{steps[shared].test}"
            shared += 1
        if scope.place is None or place == root:
            return Made(_root_node, (root,), root), steps[1:]
        ups = depth(scope.place) - depth(place)
        return Made(lambda env: [_up(env.node, ups)], (place,), place), steps[shared:]

    def _stepped(self, place: str, step: Step) -> tuple[str, ...]:
        if step.axis == "attribute":
            named = f"{place}/{ATTRIBUTE}{step.test.rsplit(':', 1)[-1]}"
            own = (each.path for each in self.fields[place].attributes)
            return tuple(path for path in own if step.test == "*" or path == named)
        if step.axis == "child":
            if step.test == "*":
                return tuple(each.path for each in self.fields[place].children)
            inner = f"{place}/{step.test.rsplit(':', 1)[-1]}"
            return (inner,) if inner in self.fields else ()
        if step.axis == "parent":
            above = place.rsplit("/", 1)[0]
            return (above,) if above and step.test in {"*", above.rsplit("/", 1)[-1]} else ()
        if step.axis == "self":
            return (place,) if step.test in {"*", place.rsplit("/", 1)[-1]} else ()
        return tuple(each.path for each in self.fields[place].walk() if each.kind != "attribute")

    def _move(self, step: Step, scope: Scope, in_list: bool) -> Callable[[list[Node], Env], list[Node]]:
        test, axis = step.test.rsplit(":", 1)[-1], step.axis
        if axis == "attribute" and test != "*":
            axis, test = "child", ATTRIBUTE + test
        if axis == "child" and test != "*":
            plain: Callable[[Node], list[Node]] = lambda node: node.children.get(test, [])  # noqa: E731
        elif axis == "child":
            plain = lambda node: list(node.elements)  # noqa: E731
        elif axis == "attribute":
            plain = lambda node: [c for n, each in node.children.items() if n[0] == ATTRIBUTE for c in each]  # noqa: E731
        elif axis == "parent":
            plain = lambda node: [up] if (up := node.parent) and test in {"*", up.name} else []  # noqa: E731
        elif axis == "self":
            plain = lambda node: [node] if test in {"*", node.name} else []  # noqa: E731
        else:
            plain = lambda node: [each for each in node.walk() if each.name[:1] != ATTRIBUTE]  # noqa: E731
        if not step.predicates:
            return lambda nodes, env: (
                plain(nodes[0])
                if len(nodes) == 1
                else list(dict.fromkeys(c for n in nodes for c in plain(n)))
            )
        predicates = list(step.predicates)
        indexed = self._indexed(predicates[0], scope) if in_list and axis == "child" and test != "*" else None
        tests = [self.run(each, scope) for each in predicates]

        def move(nodes: list[Node], env: Env) -> list[Node]:
            found: list[Node] = []
            for node in nodes:
                rest = tests
                candidates: list[Node] | None = None
                if indexed is not None:
                    column, wanted = indexed
                    value = wanted(env)
                    several = isinstance(value, list) and len(value) > 1  # then any of them will do
                    value = values.scalar(value)
                    if isinstance(value, str) and not several:
                        candidates = env.host.lookup(node, test, column).get(value, [])
                        rest = tests[1:]
                if candidates is None:
                    candidates = plain(node)
                for run in rest:
                    candidates = _kept(candidates, run, env)
                found.extend(candidates)
            return found

        return move

    def _indexed(self, predicate: Expr, scope: Scope) -> tuple[str, Run] | None:
        """`column = value` over a list, where the value does not hang on the row: looked up, not searched."""
        if not isinstance(predicate, Binary) or predicate.operator != "=":
            return None
        for column, wanted in ((predicate.left, predicate.right), (predicate.right, predicate.left)):
            if (
                isinstance(column, Path)
                and column.start == ""
                and len(column.steps) == 1
                and column.steps[0].axis in {"child", "attribute"}
                and not column.steps[0].predicates
                and column.steps[0].test != "*"
                and _stands_alone(wanted)
            ):
                mark = ATTRIBUTE if column.steps[0].axis == "attribute" else ""
                return mark + column.steps[0].test.rsplit(":", 1)[-1], self.run(wanted, scope)
        return None

    def _filter(self, made: Made, predicates: tuple[Expr, ...], scope: Scope, written: str) -> Made:
        if made.places is None:
            raise BadInput(N_("{expression} must name fields, not give a value."), expression=written)
        inner = Scope(
            made.places[0] if made.places else None, scope.home, shallower(made.anchor, scope.pinned)
        )
        tests = [self.run(each, inner) for each in predicates]

        def run(env: Env) -> Value:
            found = made.run(env)
            assert isinstance(found, list)
            for test in tests:
                found = _kept(found, test, env)
            return found

        return Made(run, made.places, made.anchor)

    # --- what is read -------------------------------------------------------------------------------------

    def read(self, places: tuple[str, ...], anchor: str, scope: Scope) -> None:
        anchor = shallower(anchor, scope.pinned)
        for place in places:
            self.reads.add(Read("value", place, anchor))
            outer = place
            while outer:
                known = self.fields[outer]
                above = outer.rsplit("/", 1)[0]
                if known.relevant:
                    self.reads.add(Read("relevant", outer, shallower(anchor, outer)))
                if known.kind == "repeat" and depth(outer) > depth(anchor):
                    self.reads.add(Read("rounds", outer, shallower(anchor, above)))
                outer = above

    def read_rounds(self, place: str) -> None:
        """A position changes when rounds come or go."""
        while place:
            above = place.rsplit("/", 1)[0]
            if self.fields[place].kind == "repeat":
                self.reads.add(Read("rounds", place, above))
                return
            place = above


def _length(tree: Expr) -> int:
    """How many operators lean on each other's left side."""
    length = 0
    while isinstance(tree, Binary) and tree.operator != "|":
        length, tree = length + 1, tree.left
    return length


def _written(tree: Path) -> str:
    """A path as people write it."""
    marks = {"parent": "..", "self": ".", "descendant-or-self": "", "attribute": ATTRIBUTE}
    inner = "/".join(
        marks.get(step.axis, "") + (step.test if step.axis in {"child", "attribute"} else "")
        for step in tree.steps
    )
    return f"{tree.start}{inner}" if isinstance(tree.start, str) else f"{unparse(tree.start)}/{inner}"


def _places(place: str | None) -> tuple[str, ...]:
    return () if place is None else (place,)


def _context_node(env: Env) -> Value:
    return [env.node]


def _home_node(env: Env) -> Value:
    return [env.current]


def _root_node(env: Env) -> Value:
    return [env.host.root]


def _up(node: Node, levels: int) -> Node:
    for _level in range(levels):
        node = node.parent or node
    return node


def _kept(nodes: list[Node], run: Run, env: Env) -> list[Node]:
    inner = Env(env.host, env.node, env.current, 0, len(nodes))
    kept: list[Node] = []
    for position, node in enumerate(nodes, 1):
        inner.node, inner.position = node, position
        value = run(inner)
        if value == position if isinstance(value, Decimal) else values.to_truth(value):
            kept.append(node)
    return kept


def _stands_alone(tree: Expr) -> bool:
    """Whether an expression has the same value whichever row it is evaluated in."""
    match tree:
        case Literal():
            return True
        case Path(start, steps):
            if start == "/" or (isinstance(start, Call) and start.name == "current"):
                return not any(step.predicates for step in steps)
            return False
    return False


def _and(left: Run, right: Run) -> Run:
    return lambda env: values.to_truth(left(env)) and values.to_truth(right(env))


def _or(left: Run, right: Run) -> Run:
    return lambda env: values.to_truth(left(env)) or values.to_truth(right(env))


def _arithmetic(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Run, Run], Run]:
    def make(left: Run, right: Run) -> Run:
        return lambda env: operation(values.to_number(left(env)), values.to_number(right(env)))

    return make


_BINARY: dict[str, Callable[[Run, Run], Run]] = {
    "and": _and,
    "or": _or,
    "=": lambda left, right: lambda env: values.equal(left(env), right(env)),
    "!=": lambda left, right: lambda env: values.unequal(left(env), right(env)),
    "<": lambda left, right: lambda env: values.less(left(env), right(env), False),
    "<=": lambda left, right: lambda env: values.less(left(env), right(env), True),
    ">": lambda left, right: lambda env: values.less(right(env), left(env), False),
    ">=": lambda left, right: lambda env: values.less(right(env), left(env), True),
    "+": _arithmetic(NUMBERS.add),
    "-": _arithmetic(NUMBERS.subtract),
    "*": _arithmetic(NUMBERS.multiply),
    "div": _arithmetic(NUMBERS.divide),
    "mod": _arithmetic(NUMBERS.remainder),
}
