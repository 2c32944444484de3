"""Answers being given to a form: what a screen, a command or a test fills it in through.

Importing this costs nothing of pyxform; only loading a form from a spreadsheet does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from models.errors import BadInput
from models.forms import values
from models.forms.engine import MOST_ROUNDS, PART, Engine, local_now
from models.forms.model import EVIDENCE, Choice, Field, Form, Problem
from models.forms.tree import Node
from models.language import N_, _

Answer = str | int | Decimal | bool | date | datetime | Iterable[str] | None
"""What `set` takes; it is kept as text. A list of values is a select_multiple's or a rank's."""


class NoSuchField(BadInput):
    """A path leads nowhere, as the form and its rounds are now."""

    def __init__(self, path: str) -> None:
        super().__init__(N_("The form has no field {path}."), path=path)


@dataclass(frozen=True, slots=True)
class Missing:
    """A required question without an answer."""

    path: str
    message: str
    """In the form's words, or ours, in the language that is shown."""


class Filling:
    """A form with its answers. Every answer is kept as typed; what is wrong with one is said, never raised.

    For one thread at a time; the form may be shared.

    Paths are "/data/group/question", rounds of repeats numbered from 1 ("/data/points[2]/value"). A field's
    bare name serves where only one field has it.

    Raises:
        BadInput: the form's expressions depend on each other in a circle.
    """

    def __init__(
        self,
        form: Form,
        answers: Mapping[str, str] | None = None,
        *,
        language: str = "",
        clock: Callable[[], datetime] = local_now,
        properties: Mapping[str, str] | None = None,
        last_saved: Mapping[str, str] | None = None,
    ) -> None:
        """Begin a new filling (`answers` None: defaults are set), or go on with one that was kept.

        Args:
            last_saved: the answers of the filling before it, for `${last-saved#name}`.
        """
        self.form = form
        self.changed: tuple[str, ...] = ()
        """The paths that the last change had recomputed, or whose texts, choices or check it touched."""
        self.unknown: dict[str, str] = {}
        """Kept answers that this version of the form has no place for: given back by `answers`."""
        self._engine = Engine(
            form, clock, language or form.default_language, properties or {}, last_saved or {}
        )
        engine = self._engine
        engine.root = engine.build(form.root, None, with_defaults=answers is None)
        if answers is None:
            for path, text in form.given:
                with contextlib.suppress(NoSuchField):  # the rounds of a count are made later, alike
                    self._node(path).text = text
        if answers is not None:
            self._restore(answers)
        engine.wake(engine.root)
        engine.settle(new_rounds=False)
        engine.forget_new_rounds()
        if answers is None:
            self._first_load()
        self._take_changed()

    # --- changing -----------------------------------------------------------------------------------------

    def set(self, path: str, value: Answer) -> None:
        """Give an answer. Text typed with full-width digits or as 2026年3月5日 is put right, else kept as is.

        Raises:
            BadInput: there is no such field, or it is a group, a note, or calculated by the form.
        """
        node = self._node(path)
        field = self.form.fields[node.where]
        if field.kind in {"group", "repeat", "note", "attribute"}:
            raise BadInput(N_("{path} takes no answer."), path=path)
        if field.calculation:
            raise BadInput(N_("{path} is calculated by the form; it cannot be set."), path=path)
        text = _as_text(field, value)
        if text != node.text:
            self._engine.put(node, text)
            self._engine.settle()
            self._engine.act("value-changed", node.where, node)
            self._engine.settle()
        self._take_changed()

    def add(self, path: str) -> str:
        """Add a round to a repeat ("/data/points", or a name); answers the new round's path.

        Raises:
            BadInput: there is no such repeat, or its number of rounds is set by the form.
        """
        parent, repeat = self._repeat(path)
        if len(parent.children[repeat.name]) >= MOST_ROUNDS:
            raise BadInput(
                N_("{path} has {most} rounds already; more cannot be added."), path=path, most=MOST_ROUNDS
            )
        node = self._engine.add_round(repeat, parent)
        self._engine.settle()
        self._take_changed()
        return self._engine.path(node)

    def remove(self, path: str) -> None:
        """Take a round away ("/data/points[2]"); the ones after it move up.

        Raises:
            BadInput: there is no such round, or the number of rounds is set by the form.
        """
        node = self._node(path)
        if self.form.fields[node.where].kind != "repeat" or self.form.fields[node.where].is_fixed:
            raise BadInput(N_("{path} is not a round that can be removed."), path=path)
        self._engine.cut_round(node)
        self._engine.settle()
        self._take_changed()

    def finish(self) -> None:
        """Note the time as the form's end (ODK XForms, "Preload Attributes"); again, it is a later one."""
        for field in self.form.fields.values():
            if field.preload == "timestamp end":
                for node in self._engine.instances(field.path, self._engine.root):
                    self._engine.put(node, values.moment_text(self._engine.now()))
        self._engine.settle()
        self._take_changed()

    @property
    def language(self) -> str:
        """The language that texts are shown in where none is asked for; setting it reckons anew."""
        return self._engine.shown_language

    @language.setter
    def language(self, name: str) -> None:
        self._engine.shown_language = name
        self._engine.wake(self._engine.root, only=("jr:choice-name", "jr:itext", "format-date"))
        self._engine.settle()
        self._take_changed()

    # --- asking -------------------------------------------------------------------------------------------

    def field(self, path: str) -> Field:
        """What the form says about a path."""
        return self.form.fields[self._node(path).where]

    def value(self, path: str) -> str:
        """The answer as it is kept; "" where there is none."""
        return self._node(path).text

    def visible(self, path: str) -> bool:
        """Whether the field and all groups around it are relevant."""
        return self._node(path).relevant

    def required(self, path: str) -> bool:
        """Whether an answer must be given (while the field is visible)."""
        return self._node(path).required

    def read_only(self, path: str) -> bool:
        """Whether a person may not change it here: it, or a group around it (XForms 1.1 §6.1.2)."""
        node: Node | None = self._node(path)
        if node is not None and self.form.fields[node.where].calculation:
            return True
        while node is not None and not node.read_only:
            node = node.parent
        return node is not None

    def choices(self, path: str) -> tuple[Choice, ...]:
        """The choices that the filter leaves now."""
        return self._engine.choices(self._node(path))

    def choice_label(self, path: str, value: str, language: str = "") -> str:
        """A choice's text; the value itself where it has none."""
        node = self._node(path)
        for choice in self._engine.choices(node):
            if choice.value == value:
                return self._engine.rendered(choice.label, node, language or self.language) or value
        return value

    def label(self, path: str, language: str = "") -> str:
        """The field's text in a language ("zh" or "中文 (zh)"), else in the form's first; else its name."""
        node = self._node(path)
        field = self.form.fields[node.where]
        return self._engine.rendered(field.label, node, language or self.language) or field.name

    def hint(self, path: str, language: str = "") -> str:
        """The field's hint; "" where there is none."""
        node = self._node(path)
        return self._engine.rendered(self.form.fields[node.where].hint, node, language or self.language)

    def error(self, path: str) -> str | None:
        """What is wrong with an answer, in one sentence; None where nothing is, or nothing is answered."""
        return self._error(self._node(path))

    def errors(self) -> dict[str, str]:
        """All that is wrong with answers, by path, in the order of the form."""
        return {
            self._engine.path(node): found
            for node in self._engine.root.walk()
            if node.text and (found := self._error(node)) is not None
        }

    def missing(self) -> tuple[Missing, ...]:
        """The required questions that are visible and not answered, in the order of the form."""
        found = []
        for node in self._engine.root.walk():
            if node.required and not node.text and self.form.fields[node.where].is_question and node.relevant:
                message = self.form.fields[node.where].required_message
                words = self._engine.rendered(message, node, self.language) or _("This must be answered.")
                found.append(Missing(self._engine.path(node), words))
        return tuple(found)

    def paths(self) -> tuple[str, ...]:
        """Every field and round that there is now, in the order of the form, visible or not."""
        return tuple(self._engine.path(node) for node in self._engine.root.walk())

    @property
    def root(self) -> Node:
        """All answers as a tree, for what reads all of them; it is changed through the methods here alone."""
        return self._engine.root

    def rounds(self, path: str) -> tuple[str, ...]:
        """The paths of a repeat's rounds."""
        parent, repeat = self._repeat(path, counted=True)
        return tuple(self._engine.path(node) for node in parent.children[repeat.name])

    def answers(self, *, relevant_only: bool = False) -> dict[str, str]:
        """Every value that is not blank, by path: what a record keeps. Hidden answers are kept too.

        With `relevant_only` just what counts: the answers to visible fields, as a submission has them.
        """
        root = self._engine.root
        if relevant_only:
            return {self._engine.path(node): node.text for node in root.walk() if node.text and node.relevant}
        return {**dict(self._kept(root, f"/{root.name}")), **self.unknown}

    def problems(self) -> tuple[Problem, ...]:
        """The expressions that could not be used: put aside at loading, or failing just now."""
        failing = tuple(
            self.form.problem(path, aspect, source, reason)
            for (path, aspect), (source, reason) in self._engine.problems.items()
        )
        return self.form.problems + failing

    def _kept(self, node: Node, path: str) -> Iterator[tuple[str, str]]:
        """Values with their paths, those of rounds set aside among them."""
        field = self.form.fields[node.where]
        if node.text and not (field.kind == "attribute" and node.text == field.default):
            yield path, node.text
        for name, rounds in node.children.items():
            is_repeat = self.form.fields[f"{node.where}/{name}"].kind == "repeat"
            for number, child in enumerate([*rounds, *node.surplus.get(name, ())], 1):
                inner = f"{path}/{name}[{number}]" if is_repeat else f"{path}/{name}"
                found = list(self._kept(child, inner))
                # A round that holds nothing yet is still a round.
                yield from found or ([(inner, "")] if is_repeat else [])

    # --- within -------------------------------------------------------------------------------------------

    def _take_changed(self) -> None:
        engine = self._engine
        found: dict[str, None] = {}
        for node, target in engine.changed:
            if node.top is engine.root:
                path = engine.path(node)
                found[path if target == node.where else f"{path}/{target.rsplit('/', 1)[-1]}"] = None
        engine.changed = {}
        self.changed = tuple(found)

    def _error(self, node: Node) -> str | None:
        field = self.form.fields[node.where]
        if not node.text or not node.relevant or not (field.is_question or field.kind == "calculate"):
            return None
        if field.kind not in EVIDENCE and not values.fits(field.type, node.text):
            return _(_WRONG_TYPE.get(field.type, _WRONG))
        if field.is_question and self._is_listed(field):
            known = {choice.value for choice in self._engine.choices(node)}
            given = [node.text] if field.kind == "select_one" else node.text.split()
            for each in given:
                if each not in known:
                    return _("{value} is not among the choices.").format(value=each)
        if field.kind == "range" and (words := out_of_range(dict(field.parameters), node.text)):
            return words
        rule = self._engine.logic.rules.get((node.where, "constraint"))
        if rule is not None:
            value = self._engine.run(rule.compiled, node, "constraint")
            if value is not None and not values.to_truth(value):
                words = self._engine.rendered(field.constraint_message, node, self.language)
                return words or _("This value is not allowed here.")
        return None

    def _is_listed(self, field: Field) -> bool:
        """Whether the question's list is known; one from a file is not, and any value may be in it."""
        source = field.choices
        return source is not None and (not source.nodes or field.path in self._engine.logic.all_choices)

    def _node(self, path: str) -> Node:
        engine = self._engine
        if not path.startswith("/"):
            known = self.form.names.get(path, ())
            nodes = engine.instances(known[0], engine.root) if len(known) == 1 else []
            if len(nodes) == 1:
                return nodes[0]
            path = f"{self.form.root.path}/{path or '?'}"
        node: Node | None = None
        for place, part in enumerate(path.strip("/").split("/")):
            match = PART.fullmatch(part)
            if match is None:
                break
            if place == 0:
                node = engine.root if match[1] == engine.root.name else None
            elif node is not None:
                rounds = node.children.get(match[1], ())
                at = int(match[2] or 1) - 1
                node = rounds[at] if 0 <= at < len(rounds) else None
            if node is None:
                break
        else:
            if node is not None:
                return node
        raise NoSuchField(path)

    def _repeat(self, path: str, *, counted: bool = False) -> tuple[Node, Field]:
        if not path.startswith("/"):
            known = self.form.names.get(path, ())
            path = known[0] if len(known) == 1 else f"{self.form.root.path}/{path}"
        outer, _slash, name = path.rstrip("/").rpartition("/")
        parent = self._node(outer) if outer else self._engine.root
        repeat = self.form.fields.get(f"{parent.where}/{name}")
        if repeat is None or repeat.kind != "repeat" or (repeat.is_fixed and not counted):
            raise BadInput(N_("{path} is not a repeat that rounds can be added to."), path=path)
        return parent, repeat

    def _first_load(self) -> None:
        engine = self._engine
        for field in self.form.fields.values():
            if field.preload:
                for node in engine.instances(field.path, engine.root):
                    engine.put(node, self._preloaded(field.preload, node.text))
        engine.settle(new_rounds=False)
        engine.act("first-load", "", engine.root)
        engine.settle()

    def _preloaded(self, preload: str, text: str) -> str:
        kind, _blank, what = preload.partition(" ")
        if preload == "timestamp start":
            return values.moment_text(self._engine.now())
        if preload == "date today":
            return self._engine.now().date().isoformat()
        if kind == "uid":
            return f"uuid:{uuid4()}"
        if kind == "property":
            return self._engine.property(what) or text
        return text

    def _restore(self, answers: Mapping[str, str]) -> None:
        """Put kept answers into the tree, making the rounds that they name. Nothing wakes yet."""
        for path, text in answers.items():
            node = self._engine.place(self._engine.root, path)
            if node is None:
                self.unknown[path] = text
            elif text:
                node.text = text


def out_of_range(asked: Mapping[str, str], text: str) -> str:
    """What is wrong with a number that a range does not offer ("Body Attributes", start, end, step)."""
    start, end, step = (values.to_number(asked.get(name, "")) for name in ("start", "end", "step"))
    value = values.to_number(text)
    if not (start.is_finite() and end.is_finite()):
        return ""
    if not min(start, end) <= value <= max(start, end):
        words = _("This is not between {low} and {high}.")
        return words.format(low=asked["start"], high=asked["end"])
    if step.is_finite() and step != 0 and (value - start) % step != 0:
        return _("This is no step of {step} from {start}.").format(step=asked["step"], start=asked["start"])
    return ""


_WRONG = N_("This is not a valid value.")
_WRONG_TYPE = {
    "int": N_("This is not a whole number."),
    "decimal": N_("This is not a number."),
    "date": N_("This is not a date such as 2026-03-05."),
    "time": N_("This is not a time such as 14:30."),
    "dateTime": N_("This is not a date with time such as 2026-03-05T14:30."),
    "geopoint": N_("This is not a position: latitude and longitude in degrees, with a blank between."),
    "geotrace": N_("This is not a line: at least two positions, with semicolons between."),
    "geoshape": N_("This is not an area: at least three positions and the first again, with semicolons."),
    "boolean": N_("This is neither true nor false."),
}


def _as_text(field: Field, value: Answer) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        if field.kind == "acknowledge":  # "Body Elements", trigger: OK when confirmed, else nothing
            return "OK" if value else ""
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return values.to_text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return values.moment_text(value if value.tzinfo else value.astimezone())
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return " ".join(value)
    return values.tidy(field.type, value)
