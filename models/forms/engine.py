"""A filling's tree, kept up to date by dependency.

After a change only the rules that wait for it are evaluated, each once, in rank order; what they change in
turn wakes the next. Nothing else of the form is looked at, however long it is.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from models.errors import BadInput, QingchaError
from models.forms import values
from models.forms.lists import LAST_SAVED
from models.forms.model import Choice, ChoiceSource, Field, Form, Output, Text, language_code
from models.forms.scope import Compiled, Env, common_part
from models.forms.search import choices_in, file_of
from models.forms.tree import Node
from models.forms.values import Value
from models.language import N_

PART = re.compile(r"([^\[\]/]+)(?:\[(\d{1,9})\])?")
"""A part of a path: a name, and the number of a round."""
MOST_ROUNDS = 2_000
"""Rounds of one repeat; a count beyond that is a slip, or an attack."""


def local_now() -> datetime:
    """The present with the offset of this computer."""
    return datetime.now().astimezone()


class Engine:
    """The live instance of a form: implements `scope.Host`, and keeps every rule's result true."""

    def __init__(
        self,
        form: Form,
        clock: Callable[[], datetime],
        language: str,
        properties: Mapping[str, str],
        last_saved: Mapping[str, str],
    ) -> None:
        self.form = form
        self.logic = form.logic
        self.shown_language = language
        self.changed: dict[tuple[Node, str], None] = {}
        """What the last change evaluated or touched: node (for rounds, the one around) and field."""
        self.problems: dict[tuple[str, str], tuple[str, QingchaError]] = {}
        """Expressions that failed when evaluated, by instance path and aspect."""
        self._clock = clock
        self._properties = properties
        self._due: dict[int, tuple[str, dict[Node, None]]] = {}
        self._ranks: list[int] = []
        self._choices: dict[Node, tuple[Choice, ...]] = {}
        self._by_rank = {rule.rank: rule for rules in self.logic.at.values() for rule in rules}
        self._fresh: list[Node] = []
        self.root = Node(form.root.name, form.root.path, None)
        self._last_saved: dict[str, Node] = {
            each.name: self._former(last_saved) for each in form.lists if each.source == LAST_SAVED
        }

    # --- what expressions ask (scope.Host) ----------------------------------------------------------------

    def now(self) -> datetime:
        """The present, with its offset."""
        return self._clock()

    def language(self) -> str:
        """The code of the language that is shown."""
        return language_code(self.shown_language)

    def property(self, name: str) -> str:
        """A property of the device or officer."""
        return self._properties.get(name, "")

    def version(self) -> str:
        """The form's version."""
        return self.form.version

    def list_root(self, name: str) -> Node:
        """The outer node of a list."""
        return self._last_saved.get(name) or self.logic.list_root(name)

    def _former(self, answers: Mapping[str, str]) -> Node:
        """The filling before this one as a list's nodes; blank where there was none."""
        outer = Node("", "", None)
        outer.add(self.build(self.form.root, outer, with_defaults=False))
        for path, text in answers.items():
            node = self.place(outer.children[self.form.root.name][0], path)
            if node is not None:
                node.text = text
        return outer

    def lookup(self, parent: Node, row: str, column: str) -> Mapping[str, list[Node]]:
        """The rows of a list by the text in a column."""
        return self.logic.lookup(parent, row, column, kept=parent.top not in self._last_saved.values())

    def text(self, text_id: str) -> str:
        """A text by its id, in the language that is shown."""
        found = self.form.text_by_id.get(text_id)
        return found.plain(self.shown_language, self.form.default_language) if found else ""

    def choice_label(self, path: str, node: Node, value: str) -> str:
        """The label of a choice of the question at `path`."""
        for choice in self.choices(node):
            if choice.value == value:
                return self.rendered(choice.label, node, self.shown_language)
        return ""

    # --- the tree -----------------------------------------------------------------------------------------

    def build(self, field: Field, parent: Node | None, *, with_defaults: bool) -> Node:
        """A new node for a field with all below it; repeats within get their first rounds."""
        node = Node(
            field.name,
            field.path,
            parent,
            text=field.default if with_defaults else "",
            numeric=field.type in {"int", "decimal"},
        )
        for attribute in field.attributes:  # what stands in the form stands in every instance
            node.add(Node(attribute.name, attribute.path, node, text=attribute.default))
        for child in field.children:
            if child.kind == "repeat":
                node.make_room(child.name)
                rounds = child.rounds if with_defaults and not child.count else 0
                for _round in range(rounds):
                    node.add(self.build(child, node, with_defaults=with_defaults))
            else:
                node.add(self.build(child, node, with_defaults=with_defaults))
        return node

    def place(self, root: Node, path: str) -> Node | None:
        """The node of a path below a root, made with the rounds that it names; None where none can be."""
        node = root
        parts = [PART.fullmatch(part) for part in path.strip("/").split("/")]
        if parts[0] is None or parts[0][1] != node.name:
            return None
        for part in parts[1:]:
            field = self.form.fields.get(f"{node.where}/{part[1]}") if part is not None else None
            if field is None or part is None:
                return None
            at = int(part[2] or 1)
            rounds = node.children[field.name]
            if field.kind == "repeat":
                if not 1 <= at <= MOST_ROUNDS:
                    return None
                while len(rounds) < at:
                    node.add(self.build(field, node, with_defaults=False))
            elif at != 1:
                return None
            node = rounds[at - 1]
        return node

    def instances(self, where: str, base: Node) -> list[Node]:
        """The nodes of a field within a node."""
        nodes = [base]
        for name in where[len(base.where) :].split("/")[1:]:
            nodes = [child for node in nodes for child in node.children.get(name, ())]
        return nodes

    def path(self, node: Node) -> str:
        """A node's own path: rounds of repeats are numbered from 1."""
        parts: list[str] = []
        at: Node | None = node
        while at is not None:
            is_round = at.parent is not None and self.form.fields[at.where].kind == "repeat"
            parts.append(f"{at.name}[{at.index + 1}]" if is_round else at.name)
            at = at.parent
        return "/" + "/".join(reversed(parts))

    # --- keeping it true ----------------------------------------------------------------------------------

    def put(self, node: Node, text: str) -> None:
        """Give a node a value and wake what waits for it (run `settle` after)."""
        if node.text != text:
            node.text = text
            self._fire("value", node.where, node)

    def wake(self, node: Node, *, only: tuple[str, ...] = ("",)) -> None:
        """Have every rule in a node evaluated, or those that use one of some functions."""
        for each in node.walk():
            for rule in self.logic.at.get(each.where, ()):
                if any(name in rule.compiled.source for name in only):
                    self._push(rule.rank, rule.path, each)

    def add_round(self, repeat: Field, parent: Node, *, with_defaults: bool = True) -> Node:
        """A new last round of a repeat (run `settle` after)."""
        node = self.build(repeat, parent, with_defaults=with_defaults)
        parent.add(node)
        self.wake(node)
        self._fresh.append(node)
        # The first rounds of repeats within come with it, and are new as it is.
        within = (each for each in node.walk() if each is not node)
        self._fresh += [each for each in within if self.form.fields[each.where].kind == "repeat"]
        self._fire("rounds", repeat.path, parent)
        return node

    def cut_round(self, node: Node, *, aside: bool = False) -> None:
        """Take a round away (run `settle` after)."""
        parent = node.parent
        assert parent is not None
        if aside:
            parent.set_aside(node)
        else:
            parent.cut(node)
        self._fire("rounds", node.where, parent)

    def _push(self, rank: int, path: str, node: Node) -> None:
        due = self._due.get(rank)
        if due is None:
            self._due[rank] = due = (path, {})
            heapq.heappush(self._ranks, rank)
        due[1][node] = None

    def _fire(self, event: str, where: str, node: Node) -> None:
        for rule, anchor in self.logic.waiting.get((event, where), ()):
            base = node.up_to(anchor)
            if rule.rank in self._by_rank:
                for each in self.instances(rule.path, base):
                    self._push(rule.rank, rule.path, each)
            else:
                for each in self.instances(rule.path, base):
                    self.changed[each, rule.target] = None
                    if rule.aspect == "choices":
                        self._choices.pop(each, None)

    def settle(self, *, new_rounds: bool = True) -> None:
        """Evaluate all that is due, and what that makes due, until nothing is; then new rounds' defaults."""
        while True:
            while self._ranks:
                rank = heapq.heappop(self._ranks)
                _path, nodes = self._due.pop(rank)
                for node in nodes:
                    if node.top is self.root:
                        self._evaluate(rank, node)
            if not self._fresh or not new_rounds:
                return
            fresh, self._fresh = self._fresh, []
            for node in fresh:
                self.act("new-repeat", node.where, node)

    def act(self, event: str, trigger: str, base: Node) -> None:
        """Carry out the form's actions for an event at a node; each settles before the next."""
        for action, compiled in self.logic.actions:
            if action.event != event or (trigger and action.trigger != trigger):
                continue
            common = common_part(action.target, base.where)
            for target in self.instances(action.target, base.up_to(common)):
                value = self.run(compiled, target, event)
                if value is not None:
                    self.put(target, self._as_text(target, value))
                    self.settle(new_rounds=False)

    def forget_new_rounds(self) -> None:
        """Rounds made so far are not new: their defaults come otherwise, or were given long ago."""
        self._fresh.clear()

    def run(self, compiled: Compiled, node: Node, aspect: str, *, parent: Node | None = None) -> Value | None:
        """The value of an expression at a node; None where it fails, which is then among the problems."""
        key = (self.path(node if parent is None else parent), aspect) if self.problems else None
        try:
            value = compiled.run(Env(self, node, node))
        except QingchaError as error:
            reason = error
        except (ArithmeticError, ValueError, TypeError, RecursionError, AssertionError, MemoryError) as error:
            reason = BadInput(
                N_("The expression {expression} fails: {reason}"),
                expression=compiled.source[:120],
                reason=type(error).__name__,
            )
        else:
            if key is not None:
                self.problems.pop(key, None)
            return value
        self.problems[self.path(node if parent is None else parent), aspect] = (compiled.source, reason)
        return None

    def _evaluate(self, rank: int, node: Node) -> None:
        rule = self._by_rank[rank]
        self.changed[node, rule.target] = None
        if rule.aspect == "rounds":
            repeat = self.form.fields[rule.target]
            # The count belongs to the repeat, but must be known before it has any round.
            stand_in = Node(repeat.name, repeat.path, node)
            self._set_rounds(repeat, node, self.run(rule.compiled, stand_in, "rounds", parent=node))
            return
        value = self.run(rule.compiled, node, rule.aspect)
        if rule.aspect == "relevant":
            relevant = True if value is None else values.to_truth(value)
            if relevant != node.own_relevant:
                node.own_relevant = relevant
                self._fire("relevant", rule.target, node)
        elif rule.aspect == "calculation":
            self.put(node, "" if value is None else self._as_text(node, value))
        elif rule.aspect == "required":
            node.required = value is not None and values.to_truth(value)
        else:
            node.read_only = value is not None and values.to_truth(value)

    def _set_rounds(self, repeat: Field, parent: Node, value: Value | None) -> None:
        number = values.to_number(value) if value is not None else Decimal(0)
        wanted = int(number) if number.is_finite() and number > 0 else 0
        if wanted > MOST_ROUNDS:
            reason = BadInput(
                N_("{count} rounds are asked for; there are at most {most}."), count=wanted, most=MOST_ROUNDS
            )
            self.problems[f"{self.path(parent)}/{repeat.name}", "rounds"] = (repeat.count, reason)
            wanted = MOST_ROUNDS
        rounds = parent.children[repeat.name]
        while len(rounds) > wanted:
            self.cut_round(rounds[-1], aside=True)
        while len(rounds) < wanted:
            node = parent.bring_back(repeat.name)
            if node is None:
                self.add_round(repeat, parent)
            else:
                self.wake(node)
                self._fire("rounds", repeat.path, parent)

    def _as_text(self, node: Node, value: Value) -> str:
        return values.kept(value, self.form.fields[node.where].type)

    # --- what is evaluated when asked ---------------------------------------------------------------------

    def choices(self, node: Node) -> tuple[Choice, ...]:
        """The choices of a question as its filter leaves them now."""
        known = self._choices.get(node)
        if known is None:
            known = self._choices[node] = tuple(self._find_choices(node))
        return known

    def _find_choices(self, node: Node) -> Iterator[Choice]:
        source = self.form.fields[node.where].choices
        if source is None:
            return
        if not source.nodes:
            yield from source.written
            return
        rule = self.logic.rules.get((node.where, "choices"))
        found = self.run(rule.compiled, node, "choices") if rule is not None else None
        whole = self.logic.all_choices.get(node.where)
        if found is None and whole is not None:
            found = whole.run(Env(self, node, node)) if not source.searched else None
        if source.searched:
            yield from self._searched(source, found, node)
            return
        seen: set[str] = set()
        for item in found if isinstance(found, list) else ():
            value = _cell(item, source.value)
            if value and value not in seen:
                seen.add(value)
                words = _cell(item, source.label)
                known = self.form.text_by_id.get(words) if source.label_is_id else None
                yield Choice(value, known or Text((("", (words,)),)))

    def _searched(self, source: ChoiceSource, found: Value | None, node: Node) -> Iterator[Choice]:
        """What a search() found as choices, each value once."""
        seen: set[str] = set()
        try:
            for choice in choices_in(source, found if isinstance(found, list) else [], file_of(source)):
                if choice.value and choice.value not in seen:
                    seen.add(choice.value)
                    yield choice
        except BadInput as error:
            self.problems[self.path(node), "choices"] = (source.nodes, error)

    def rendered(self, text: Text, node: Node, language: str) -> str:
        """A text in a language, with the values of its outputs."""
        found: list[str] = []
        for piece in text.pieces(language, self.form.default_language):
            if isinstance(piece, Output):
                compiled = self.logic.output(node.where, piece.expression)
                value = self.run(compiled, node, "label") if compiled is not None else None
                found.append("…" if value is None else values.to_text(value))
            else:
                found.append(piece)
        return "".join(found).strip()


def _cell(item: Node, path: str) -> str:
    """The text of an item's column, or of a node that a short path leads to ("./name")."""
    node = item
    for name in path.split("/"):
        if name != ".":
            rounds = node.children.get(name)
            if not rounds:
                return ""
            node = rounds[0]
    return node.text
