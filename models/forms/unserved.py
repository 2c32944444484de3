"""What a form asks for that a terminal cannot do: named when it is brought, while the rest of it works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.errors import BadInput
from models.forms.audit import audit_of
from models.forms.model import Field, Form, Problem
from models.forms.parser import Binary, Call, Expr, Literal, Negate, Path, Step, parse
from models.language import N_

_DRAWING = N_("A terminal cannot draw: a picture made elsewhere is taken in as a file.")
_MAP = N_("A terminal shows no map: the coordinates are typed in.")
_RECORDING = N_("A terminal records no sound: a recording made elsewhere is taken in as a file.")
_PROGRAM = N_("No other program is called: the answer is typed in.")
_PLACE = N_("The place is not measured: this computer has no positioning; it stays blank.")
_BACKGROUND = N_("No sound is recorded in the background; it stays blank.")
_LOGGED_PLACE = N_("The log of filling in says no place: this computer has no positioning.")
_ODD_COLUMN = N_("Nothing reads this column. Is {meant} meant?")
_NO_ROWS = N_("The list {name} has no {wanted}, it has {found}: there is nothing to choose.")
_NO_COLUMN = N_("No row of the list {name} has the column {column}.")
_PICTURE = N_("Choices are listed, not shown on a picture or map.")

_APPEARANCES: tuple[tuple[frozenset[str], frozenset[str], str], ...] = (
    (frozenset({"image"}), frozenset({"draw", "signature", "annotate"}), _DRAWING),
    (frozenset({"geopoint"}), frozenset({"maps", "placement-map"}), _MAP),
    (frozenset({"geotrace", "geoshape"}), frozenset(), _MAP),
    (frozenset({"select_one", "select_multiple"}), frozenset({"image-map", "map"}), _PICTURE),
)
"""Kind of question, appearances (none: whichever it has), and what is said."""
_ACTIONS = {"setgeopoint": _PLACE, "recordaudio": _BACKGROUND}


def unserved(form: Form) -> tuple[Problem, ...]:
    """What of a form is served in another way or not at all, or cannot be meant, in the order of the form."""
    found = [notice for field in form.root.walk() for notice in _of_field(form, field)]
    found += [
        Problem(form.root.path, written, "", BadInput(_ODD_COLUMN, meant=meant), 1)
        for written, meant in form.odd_columns
    ]
    audit = audit_of(form)
    if audit is not None and audit.places:
        row = form.rows.get(f"{form.root.path}/audit", 0)
        found.append(Problem(audit.path, "parameters", "location-priority", BadInput(_LOGGED_PLACE), row))
    found += [
        Problem(path, "type", name, BadInput(_ACTIONS[name]), form.rows.get(path, 0))
        for name, path in form.foreign
    ]
    return tuple(found)


def _filtered(form: Form, field: Field) -> Iterator[Problem]:
    """Columns that a choice filter asks for and that no row of the list has: it leaves no choice, or all."""
    source = field.choices
    if source is None or not source.nodes or source.searched or field.path not in form.logic.all_choices:
        return
    tree = parse(source.nodes)
    while isinstance(tree, Call) and tree.name == "randomize":
        tree = tree.arguments[0]
    match tree:
        case Path(
            Call("instance", (Literal(name),)), (Step(test=top), Step(test=row, predicates=predicates))
        ):
            items = next((each for each in form.lists if each.name == name), None)
            if items is None or not items.items:
                return
            if (top, row) != (items.root, items.row) and "*" not in {top, row}:
                words = {"name": items.name, "wanted": f"{top}/{row}", "found": f"{items.root}/{items.row}"}
                reason = BadInput(_NO_ROWS, **words)
                yield replace(form.problem(field.path, "choices", source.nodes, reason), column="type")
                return
            columns = {column for item in items.items for column, _text in item.columns}
            for column in dict.fromkeys(each for test in predicates for each in _own_columns(test)):
                if column not in columns:
                    reason = BadInput(_NO_COLUMN, name=items.name, column=column)
                    yield form.problem(field.path, "choices", source.nodes, reason)


def _own_columns(tree: Expr) -> Iterator[str]:
    """The columns of its own row that a filter reads."""
    match tree:
        case Path("", (Step("child", name), *_rest)) if name != "*":
            yield name.rsplit(":", 1)[-1]
        case Binary(_operator, left, right):
            yield from _own_columns(left)
            yield from _own_columns(right)
        case Negate(operand):
            yield from _own_columns(operand)
        case Call(_name, arguments):
            for each in arguments:
                yield from _own_columns(each)


def _of_field(form: Form, field: Field) -> Iterator[Problem]:
    words = set(field.appearance.split())
    row = form.rows.get(field.path, 0)
    for kinds, appearances, sentence in _APPEARANCES:
        if field.kind in kinds and (words & appearances or not appearances):
            yield Problem(field.path, "appearance", field.appearance, BadInput(sentence), row)
    yield from _filtered(form, field)
    if field.kind == "audio":
        yield Problem(field.path, "type", field.kind, BadInput(_RECORDING), row)
    if any(word.startswith(("ex:", "printer:")) for word in words):
        yield Problem(field.path, "appearance", field.appearance, BadInput(_PROGRAM), row)
