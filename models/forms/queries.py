"""What a command or a screen asks of forms: a description, a check, a filling without a screen, a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from models.errors import QingchaError
from models.forms.engine import MOST_ROUNDS, local_now
from models.forms.filling import Filling, NoSuchField
from models.forms.load import load, load_untrusted
from models.forms.model import Form
from models.forms.scope import of_field
from models.forms.unserved import unserved
from models.language import _

_SUFFIXES = {".xlsx", ".xlsm", ".md", ".xml"}


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One field of a form as a list shows it."""

    path: str
    kind: str
    label: str
    required: str
    relevant: str
    constraint: str


@dataclass(frozen=True, slots=True)
class Description:
    """A form at a glance."""

    id: str
    title: str
    version: str
    languages: tuple[str, ...]
    questions: int
    """Fields that a person answers."""
    repeats: int
    fields: tuple[QuestionRow, ...]
    problems: tuple[str, ...]
    """Expressions put aside, one sentence each in the reader's language."""
    unserved: tuple[str, ...]
    """What a terminal does in another way or not at all, one sentence each."""
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What `qingcha form check` found: a description, or why there is none."""

    path: str
    description: Description | None
    error: str

    @property
    def ok(self) -> bool:
        """Whether the form loads and every expression in it can be used."""
        return self.description is not None and not self.description.problems


@dataclass(frozen=True, slots=True)
class NodeState:
    """One field of a filling, as `qingcha form fill --json` prints it."""

    value: str
    relevant: bool
    required: bool
    valid: bool
    """Its answer is good, and there is one where one is required."""
    message: str
    choices: tuple[str, ...]
    rule: str = ""
    """Of an answer that is not valid: the form's expression that it breaks, or "required"."""
    row: int = 0
    """Of the question in the author's survey sheet; 0 where there is none."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form filled without a screen."""

    form: str
    nodes: Mapping[str, NodeState]
    errors: tuple[str, ...]
    """Answers that the form has no place for, and expressions that failed: one sentence each."""

    @property
    def complete(self) -> bool:
        """Whether everything that counts is valid."""
        return not self.errors and all(node.valid for node in self.nodes.values() if node.relevant)

    def wrong(self) -> list[str]:
        """What could not be set or is not valid: one sentence each, with the form's row and rule."""
        return [
            *self.errors,
            *(_sentence(path, each) for path, each in self.nodes.items() if each.relevant and not each.valid),
        ]


def _sentence(path: str, node: NodeState) -> str:
    told = f"{path}: {node.message}"
    if not node.rule:
        return told
    words = (
        _("{told} (row {row} of the survey sheet, rule: {rule})") if node.row else _("{told} (rule: {rule})")
    )
    return words.format(told=told, row=node.row, rule=node.rule)


def describe(form: Form, language: str = "") -> Description:
    """A form at a glance, with its texts in a language."""
    rows = tuple(
        QuestionRow(
            field.path,
            field.kind,
            field.label.plain(language or form.default_language, form.default_language) or field.name,
            field.required,
            field.relevant,
            field.constraint,
        )
        for field in form.root.walk()
        if field is not form.root
    )
    return Description(
        form.id,
        form.title,
        form.version,
        form.languages,
        sum(field.is_question for field in form.root.walk()),
        sum(field.kind == "repeat" for field in form.root.walk()),
        rows,
        tuple(problem.text() for problem in form.problems),
        tuple(notice.text() for notice in unserved(form)),
        form.warnings,
    )


def check(path: Path | str, *, trusted: bool = False, language: str = "") -> Checked:
    """Load a form and say what is in it, or in one sentence why it cannot be used. Raises nothing."""
    try:
        return Checked(str(path), describe((load if trusted else load_untrusted)(path), language), "")
    except QingchaError as error:
        return Checked(str(path), None, error.text())


def list_forms(folder: Path | str, *, language: str = "") -> tuple[Checked, ...]:
    """The forms in a folder, by name."""
    files = sorted(file for file in Path(folder).iterdir() if file.suffix.lower() in _SUFFIXES)
    return tuple(check(file, language=language) for file in files if not file.name.startswith(("~$", ".")))


def fill(
    form: Form,
    script: Mapping[str, object],
    *,
    language: str = "",
    clock: Callable[[], datetime] = local_now,
    last_saved: Mapping[str, object] | None = None,
) -> Filled:
    """Fill a form by a script of answers, path or name to value, in its order; rounds are added as named.

    A value is text, a number, true or false, a list for select_multiple, null to clear, or what lies within
    a group (an object) or a repeat (a list of objects). What cannot be set is one entry among the errors, and
    the rest goes on; a round that another answer's count makes is waited for.

    Args:
        last_saved: the script of the filling before this one.
    """
    filling, errors = answered(form, script, language=language, clock=clock, last_saved=last_saved)
    return state(filling, errors)


def answered(
    form: Form,
    script: Mapping[str, object],
    *,
    language: str = "",
    clock: Callable[[], datetime] = local_now,
    last_saved: Mapping[str, object] | None = None,
) -> tuple[Filling, list[str]]:
    """The filling that `fill` makes, and the sentences on what could not be set."""
    before = _followed(Filling(form, clock=clock), last_saved, []).answers() if last_saved else None
    filling = Filling(form, language=language, clock=clock, last_saved=before)
    errors: list[str] = []
    return _followed(filling, script, errors), errors


_ROUND = object()
"""Stands for no answer: there is a round, whatever is said of it."""


def _followed(filling: Filling, script: Mapping[str, object], errors: list[str]) -> Filling:
    """The filling with the script's answers; what cannot be set is told."""
    left = list(_flat(script))
    while left:
        waiting: list[tuple[str, object]] = []
        for path, value in left:
            try:
                _make_rounds(filling, path)
                if value is _ROUND:
                    filling.field(path)  # there it is, or nothing of that name is
                else:
                    filling.set(path, _answer(value))
            except NoSuchField:
                waiting.append((path, value))
            except QingchaError as error:
                errors.append(error.text())
        if len(waiting) == len(left):
            errors += [NoSuchField(path).text() for path, _value in waiting]
            break
        left = waiting
    return filling


def _flat(script: Mapping[str, object], around: str = "") -> Iterator[tuple[str, object]]:
    for key, value in script.items():
        path = f"{around}/{key}" if around else key
        if isinstance(value, Mapping):
            yield from _flat(value, path)
        elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            for number, each in enumerate(value, 1):
                yield from _flat(each, f"{path}[{number}]") if each else [(f"{path}[{number}]", _ROUND)]
        else:
            yield path, value


def state(filling: Filling, errors: list[str] | None = None) -> Filled:
    """Every field of a filling as it is now."""
    wrong = filling.errors()
    missing = {each.path: each.message for each in filling.missing()}
    nodes: dict[str, NodeState] = {}
    for path in filling.paths():
        field = filling.field(path)
        message = wrong.get(path) or missing.get(path, "")
        rule = field.constraint if path in wrong else "required" if path in missing else ""
        nodes[path] = NodeState(
            filling.value(path),
            filling.visible(path),
            filling.required(path),
            not message,
            message,
            tuple(choice.value for choice in filling.choices(path)) if field.choices else (),
            rule,
            filling.form.rows.get(field.path, 0),
        )
    found = [*(errors or []), *(problem.text() for problem in filling.problems())]
    return Filled(filling.form.id, nodes, tuple(found))


def _answer(value: object) -> str | list[str] | bool | int | Decimal | None:
    if value is None or isinstance(value, bool | str | int | Decimal):
        return value
    if isinstance(value, float):
        return Decimal(repr(value))  # as JSON gives it; kept as text from here on
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return str(value)


def _make_rounds(filling: Filling, path: str) -> None:
    """Add the rounds that a path names and that are not there yet."""
    path = path if path.startswith("/") else f"{filling.form.root.path}/{path}"
    at = path.find("[")
    while at >= 0:
        end = path.find("]", at)
        number = path[at + 1 : end]
        if end < 0 or not number.isdecimal():
            return
        repeat = path[:at]
        field = filling.form.fields.get(of_field(repeat))
        if field is None or field.kind != "repeat" or int(number) > MOST_ROUNDS:
            return
        while not field.is_fixed and len(filling.rounds(repeat)) < int(number):
            filling.add(repeat)
        at = path.find("[", end)
