"""All expressions of a form, compiled, and the graph of what must be reckoned anew after which change.

Rules whose results others may read (relevant, calculation, rounds of a repeat) and the cheap flags (required,
read-only) are kept up to date, in topological order. Rules that only the screen asks for (constraint,
choices, texts) are evaluated when asked; the graph tells which of them a change touches.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from models.errors import BadInput, QingchaError
from models.forms.compile import Compiler
from models.forms.model import (
    Action,
    Branch,
    ChoiceSource,
    Field,
    Form,
    ItemList,
    Output,
    Problem,
    Text,
)
from models.forms.parser import parse, unfiltered, unparse
from models.forms.scope import Compiled, Read, is_within
from models.forms.search import check_columns
from models.forms.tree import Node
from models.language import N_

LAZY = 1 << 30
"""The rank of a rule that is evaluated only when asked."""


@dataclass(slots=True, eq=False)
class Rule:
    """One expression of one field, at its place in the order of evaluation."""

    path: str
    """The field at whose instances it is evaluated; for "rounds" the one that the repeat lies in."""
    target: str
    """The field that it tells something about."""
    aspect: str
    compiled: Compiled
    rank: int = LAZY


class Waiting(NamedTuple):
    """A rule that waits for an event, and the anchor that limits which of its instances are meant."""

    rule: Rule
    anchor: str


_KEPT = ("relevant", "calculation", "required", "read_only")
_PRODUCES = {"relevant": "relevant", "calculation": "value", "rounds": "rounds"}


class Logic:
    """A form's rules. Built once a form; shared by all its fillings, and never changed by them."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._problems: list[Problem] = []
        self._compiler = Compiler(form)
        self.rules: dict[tuple[str, str], Rule] = {}
        """By target and aspect."""
        self.outputs: dict[tuple[str, str], Compiled | None] = {}
        """By field and expression; None where it is put aside."""
        self.all_choices: dict[str, Compiled] = {}
        """By question: its list without the filter, for when the filter fails; none for a list not read."""
        self.actions: list[tuple[Action, Compiled]] = []
        for field in form.fields.values():
            self._add_field(field)
        for action in form.actions:
            self._add_action(action)
        self.at: Mapping[str, list[Rule]] = self._by_path()
        """The kept rules to evaluate at a new instance of a field."""
        self.waiting: Mapping[tuple[str, str], list[Waiting]] = self._by_event()
        self._order()
        self.problems = tuple(self._problems)
        self._list_roots: dict[str, Node] = {}
        self._columns: dict[tuple[Node, str, str], dict[str, list[Node]]] = {}
        self._lists: dict[str, ItemList] = {each.name: each for each in form.lists}

    # --- compiling ----------------------------------------------------------------------------------------

    def _compile(self, source: str, home: str, path: str, aspect: str) -> Compiled | None:
        try:
            return self._compiler.compile(source, home)
        except QingchaError as error:
            self._problems.append(self.form.problem(path, aspect, source, error))
        except RecursionError:
            reason = BadInput(
                N_("The expression {expression} is nested too deeply."), expression=source[:120]
            )
            self._problems.append(self.form.problem(path, aspect, source, reason))
        return None

    def _add(self, target: str, aspect: str, source: str, *, path: str | None = None) -> None:
        compiled = self._compile(source, target, target, aspect) if source else None
        if compiled is not None:
            self.rules[target, aspect] = Rule(path or target, target, aspect, compiled)

    def _add_field(self, field: Field) -> None:
        for aspect in _KEPT:
            self._add(field.path, aspect, getattr(field, aspect))
        if field.kind == "repeat":
            self._add(field.path, "rounds", field.count, path=field.path.rsplit("/", 1)[0])
        self._add(field.path, "constraint", field.constraint)
        if field.choices is not None and field.choices.nodes:
            self._add_choices(field, field.choices)
        for aspect in ("label", "hint", "constraint_message", "required_message"):
            reads: set[Read] = set()
            for expression in _outputs(getattr(field, aspect)):
                compiled = self.output(field.path, expression, aspect)
                reads |= compiled.reads if compiled is not None else set()
            if reads:
                texts = Compiled("", lambda env: "", frozenset(reads))
                self.rules[field.path, aspect] = Rule(field.path, field.path, aspect, texts)

    def _add_choices(self, field: Field, source: ChoiceSource) -> None:
        """The choices of a question, with the filter and without."""
        column = ""
        try:
            tree = parse(source.nodes)
            column = "" if source.searched else "type"  # not the filter then, but the list is wrong
            whole = self._compiler.compile(unparse(unfiltered(tree)), field.path)
            if source.searched:
                check_columns(source, self.form.lists)
        except QingchaError as error:
            problem = self.form.problem(field.path, "choices", source.nodes, error)
            self._problems.append(replace(problem, column=column or problem.column))
            return
        self.all_choices[field.path] = whole
        self._add(field.path, "choices", source.nodes)

    def output(self, path: str, expression: str, aspect: str = "label") -> Compiled | None:
        """The expression of an output shown at a field; compiled at its first use."""
        key = (path, expression)
        if key not in self.outputs:
            self.outputs[key] = self._compile(expression, path, path, aspect)
        return self.outputs[key]

    def _add_action(self, action: Action) -> None:
        if action.target not in self.form.fields:
            return
        compiled = self._compile(action.value.strip() or "''", action.target, action.target, action.event)
        if compiled is not None:
            self.actions.append((action, compiled))

    # --- the graph ----------------------------------------------------------------------------------------

    def _kept_rules(self) -> Iterator[Rule]:
        return (rule for rule in self.rules.values() if rule.aspect in _KEPT or rule.aspect == "rounds")

    def _by_path(self) -> dict[str, list[Rule]]:
        found: dict[str, list[Rule]] = defaultdict(list)
        for rule in self._kept_rules():
            found[rule.path].append(rule)
        return dict(found)

    def _by_event(self) -> dict[tuple[str, str], list[Waiting]]:
        found: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
        for rule in self.rules.values():
            for read in sorted(rule.compiled.reads):
                found[read.event, read.path].append(Waiting(rule, read.anchor))
        return dict(found)

    def _followers(self, rule: Rule) -> Iterator[Rule]:
        """The kept rules that must come after a rule."""
        event = _PRODUCES.get(rule.aspect)
        if event is None:
            return
        for waiting in self.waiting.get((event, rule.target), ()):
            if waiting.rule.aspect in _KEPT or waiting.rule.aspect == "rounds":
                yield waiting.rule
        if rule.aspect == "rounds":
            for path, rules in self.at.items():
                if is_within(path, rule.target):
                    yield from rules

    def _order(self) -> None:
        """Give each kept rule its rank: after all that it reads, else in the order of the form.

        Raises:
            BadInput: rules wait for each other in a circle; the sentence names the fields.
        """
        kept = list(self._kept_rules())
        place = {id(rule): index for index, rule in enumerate(kept)}
        followers = [list({place[id(after)]: None for after in self._followers(rule)}) for rule in kept]
        awaited = [0] * len(kept)
        for after in followers:
            for index in after:
                awaited[index] += 1
        ready = [index for index, count in enumerate(awaited) if count == 0]
        heapq.heapify(ready)
        rank = 0
        while ready:
            index = heapq.heappop(ready)
            kept[index].rank = rank
            rank += 1
            for after_index in followers[index]:
                awaited[after_index] -= 1
                if awaited[after_index] == 0:
                    heapq.heappush(ready, after_index)
        if rank < len(kept):
            left = {index for index, count in enumerate(awaited) if count > 0}
            names = [kept[index].target for index in _circle(left, followers)]
            fields = " → ".join(dict.fromkeys(name.split("/", 2)[-1] for name in names))
            rows = [str(row) for row in dict.fromkeys(self.form.rows.get(name, 0) for name in names) if row]
            if rows:
                raise BadInput(
                    N_(
                        "These fields depend on each other in a circle: {fields} (rows {rows} of the survey "
                        "sheet). Break it at one of them."
                    ),
                    fields=fields,
                    rows=", ".join(rows),
                )
            raise BadInput(
                N_("These fields depend on each other in a circle: {fields}. Break it at one of them."),
                fields=fields,
            )

    # --- lists --------------------------------------------------------------------------------------------

    def list_root(self, name: str) -> Node:
        """A list as nodes: an outer node without a name, the list's root in it, its rows in that."""
        if name not in self._list_roots:
            found = self._lists[name]
            outer = Node(name, "", None)
            if found.tree is not None:
                outer.add(_grown(found.tree))
                self._list_roots[name] = outer
                return outer
            root = Node(found.root, "", outer)
            outer.add(root)
            root.make_room(found.row)
            for item in found.items:
                row = Node(found.row, "", root)
                for column, text in item.columns:
                    row.add(Node(column, "", row, text=text))
                root.add(row)
            self._list_roots[name] = outer
        return self._list_roots[name]

    def lookup(self, parent: Node, row: str, column: str, *, kept: bool = True) -> Mapping[str, list[Node]]:
        """The rows under a node of a list by the text of a column; made at the first use, and `kept`."""
        key = (parent, row, column)
        if not kept or key not in self._columns:
            found: dict[str, list[Node]] = defaultdict(list)
            for node in parent.children.get(row, ()):
                cells = node.children.get(column)
                found[cells[0].text if cells else ""].append(node)  # a cell that is not there is blank
            if not kept:
                return found
            self._columns[key] = dict(found)
        return self._columns[key]


def _grown(branch: Branch) -> Node:
    """An element of a list as a node, with its attributes and all within it."""
    node = Node(branch.name, "", None, text=branch.text)
    for name, text in branch.attributes:
        node.add(Node(name, "", node, text=text))
    for each in branch.within:
        node.add(_grown(each))
    return node


def _outputs(text: Text) -> Iterator[str]:
    seen: set[str] = set()
    for _language, pieces in text.variants:
        for piece in pieces:
            if isinstance(piece, Output) and piece.expression not in seen:
                seen.add(piece.expression)
                yield piece.expression


def _circle(left: set[int], followers: list[list[int]]) -> list[int]:
    """One circle among the rules that could not be ordered."""
    leads_on = {index: [after for after in followers[index] if after in left] for index in left}
    # Rules that only wait for a circle are no part of it.
    shrunk = True
    while shrunk:
        dead = [index for index, after in leads_on.items() if not after]
        shrunk = bool(dead)
        for index in dead:
            del leads_on[index]
        leads_on = {index: [a for a in after if a in leads_on] for index, after in leads_on.items()}
    trail: list[int] = []
    at = min(leads_on)
    while at not in trail:
        trail.append(at)
        at = leads_on[at][0]
    return [*trail[trail.index(at) :], at]
