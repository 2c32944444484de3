"""The rows of a filled form, and how a question and its answer read: nothing here touches a widget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.forms.filling import Filling
from models.forms.model import EVIDENCE, Field
from models.forms.styling import unstyled
from models.forms.tree import Node
from models.inspections.form_words import answer_words, choice_words
from models.language import N_, _
from tui.widgets.choice import Choice
from tui.widgets.lines import Cell

ADD = "#add"
"""Ends the key of the row that adds a round to a repeat."""
CHOSEN = frozenset({"select_one", "select_multiple", "rank"})
"""Kinds answered by choosing."""
TYPED = frozenset(
    {"text", "integer", "decimal", "range", "date", "time", "dateTime", "barcode"}
    | {"geopoint", "geotrace", "geoshape"}
)
"""Kinds answered by typing."""
BY_DIGIT = 9
"""Choices at most that a digit chooses; more are searched."""
STILL = frozenset({"group", "round", "add", "note"})
"""Kinds of row that take no answer."""
HINTS = {
    "integer": N_("a whole number"),
    "decimal": N_("a number"),
    "date": N_("a date such as 2026-03-05"),
    "time": N_("a time such as 14:30"),
    "dateTime": N_("date and time such as 2026-03-05 14:30"),
    "geopoint": N_("latitude and longitude in degrees, with a blank between"),
    "geotrace": N_("positions with semicolons between"),
    "geoshape": N_("positions with semicolons between, the first again at the end"),
}
"""What to type, by kind."""
WRITE = N_("type the answer")
"""What to do where there is nothing special to type."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    key: str
    """The path; with `ADD` behind it for the row that adds a round."""
    kind: str
    """A kind of question, or "note", "group", "round", "add"."""
    depth: int

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.kind not in STILL

    @property
    def path(self) -> str:
        """The path of the question, group or round; of the repeat for an "add" row."""
        return self.key.removesuffix(ADD)


def rows_of(filling: Filling) -> dict[str, Row]:
    """What a person sees of a form now, by key: what is relevant, in the form's order."""
    root = filling.root
    found = _within(filling, filling.form.root, root, f"/{root.name}", 0)
    return {row.key: row for row in found}


def _within(filling: Filling, field: Field, node: Node, path: str, depth: int) -> Iterator[Row]:
    for child in field.children:
        nodes = node.children.get(child.name, [])
        if child.kind == "repeat":
            yield from _rounds(filling, child, nodes, f"{path}/{child.name}", depth)
            continue
        for each in nodes:
            inner = f"{path}/{child.name}"
            if not each.own_relevant:
                continue
            if child.kind == "group":
                below = list(_within(filling, child, each, inner, depth + bool(child.label)))
                if child.label and below:
                    yield Row(inner, "group", depth)
                yield from below
            elif child.is_question or child.kind == "note":
                yield Row(inner, child.kind, depth)


def _rounds(filling: Filling, field: Field, nodes: list[Node], path: str, depth: int) -> Iterator[Row]:
    for number, each in enumerate(nodes, 1):
        if each.own_relevant:
            yield Row(f"{path}[{number}]", "round", depth)
            yield from _within(filling, field, each, f"{path}[{number}]", depth + 1)
    open_to_more = not field.is_fixed and (not nodes or nodes[0].own_relevant)
    if open_to_more:
        yield Row(path + ADD, "add", depth)


def question_of(filling: Filling, row: Row) -> str:
    """The words of a row, in the filling's language."""
    if row.kind == "add":
        field = filling.form.fields[_without_counts(row.path)]
        name = field.label.plain(filling.language, filling.form.default_language) or field.name
        return _("+ add: {name}").format(name=unstyled(name))
    if row.kind == "round":
        repeat, _slash, number = row.path[:-1].rpartition("[")
        field = filling.form.fields[_without_counts(repeat)]
        name = field.label.plain(filling.language, filling.form.default_language) or field.name
        return f"{unstyled(name)} {number}"
    return " ".join(unstyled(filling.label(row.path)).split())


def _without_counts(path: str) -> str:
    return "/".join(part.partition("[")[0] for part in path.split("/"))


def answer_of(filling: Filling, row: Row, files: Mapping[str, str]) -> str:
    """The answer as it reads.

    Args:
        files: names of pieces of evidence, by record id.
    """
    if not row.asks:
        return ""
    return answer_words(filling, row.path, filling.value(row.path), files)


def cells_of(filling: Filling, row: Row, files: Mapping[str, str]) -> tuple[Cell, Cell, Cell]:
    """Sign, question, answer."""
    indent = "  " * row.depth
    words = indent + question_of(filling, row)
    if row.kind in ("group", "round"):
        return Cell(""), Cell(words, "strong"), Cell("")
    if row.kind in ("note", "add"):
        return Cell(""), Cell(words, "quiet"), Cell("")
    if filling.error(row.path) is not None:
        return Cell("!", "bad"), Cell(words), Cell(answer_of(filling, row, files), "bad")
    if filling.value(row.path):
        return Cell("✓", "good"), Cell(words), Cell(answer_of(filling, row, files))
    return Cell("*" if filling.required(row.path) else "·", "warn"), Cell(words), Cell("")


def more_of(filling: Filling, row: Row) -> list[str]:
    """What stands under the question under the cursor: its hint, its choices, how it is answered."""
    if row.kind == "add":
        return [_("Enter adds one more.")]
    lines = [unstyled(hint)] if row.kind != "round" and (hint := filling.hint(row.path)) else []
    if row.kind in CHOSEN:
        choices = filling.choices(row.path)
        given = filling.value(row.path).split()
        if not by_digit(filling, row):
            lines.append(_("Enter searches among {count} choices.").format(count=len(choices)))
        else:
            for number, choice in enumerate(choices, 1):
                sign = ">" if choice.value in given else " "
                lines.append(f"{sign}{number} {choice_words(filling, row.path, choice.value)}")
    elif row.kind in EVIDENCE:
        lines.append(_("Enter chooses a piece of evidence of this visit, or takes a file in."))
    elif row.kind == "acknowledge":
        lines.append(_("Space confirms."))
    elif row.kind == "range":
        asked = dict(filling.field(row.path).parameters)
        if "start" in asked and "end" in asked:
            lines.append(f"{asked['start']} – {asked['end']}")
        for tick in filling.field(row.path).ticks:
            words = tick.label.plain(filling.language, filling.form.default_language)
            lines.append(f"{tick.value}  {unstyled(words)}")
    return lines


def by_digit(filling: Filling, row: Row) -> bool:
    """Whether a digit chooses: of few choices, and where their order is not the answer."""
    return row.kind != "rank" and len(filling.choices(row.path)) <= BY_DIGIT


def choices_of(filling: Filling, row: Row) -> list[Choice]:
    """The choices of a question, as a picker takes them."""
    return [
        Choice(choice.value, choice_words(filling, row.path, choice.value))
        for choice in filling.choices(row.path)
    ]


def in_order(filling: Filling, row: Row, values: Sequence[str]) -> list[str]:
    """Chosen values in the order in which the form lists them; those it does not list last."""
    order = {choice.value: at for at, choice in enumerate(filling.choices(row.path))}
    return sorted(values, key=lambda value: order.get(value, len(order)))
