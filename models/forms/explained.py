"""What pyxform has against a form, as one sentence of ours with the author's own sheet, row and column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import BadInput
from models.forms.sheets import first_select, has_column, row_of, sheet_with_twice
from models.language import N_

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"[Oo]n the '([^']+)' sheet, (?:the '([^']+)' value is (?:invalid|problematic)\. )?")
_HEADERS = re.compile(r"Invalid headers provided for sheet: '([^']+)'\. ")


class _Reason(NamedTuple):
    """How one of pyxform's sentences reads here; {name} is the pattern's first group, {other} its second."""

    pattern: str
    msgid: str
    column: str = ""
    """Where the author finds it."""
    by: str = ""
    """Column of which the cell is {name} ("in parameters": holds it) in the row meant; where none is told."""
    sheet: str = "survey"


_TWICE = N_("The column {name} stands twice in a sheet.")
_NO_CHOICES = N_("The choices sheet is missing.")
_REASONS = (
    _Reason(
        r"Unknown question type '(select_one|select_multiple|rank|select_one_from_file|"
        r"select_multiple_from_file)'",
        N_("After {name} stands the name of a list."),
        "type",
        "type",
    ),
    _Reason(r"Unknown question type '([^']*)'", N_("The question type {name} is not known."), "type", "type"),
    _Reason(
        r"List name not in (?:external )?choices sheet: (\S+)",
        N_("The list {name} is not in the choices sheet."),
        "type",
    ),
    _Reason(r"should be a choices sheet", _NO_CHOICES, "type"),
    _Reason(
        r"'([^']*)' should end with one of the supported file extensions",
        N_("A list comes from a .csv, .xml or .geojson file: {name}."),
        "type",
    ),
    _Reason(r"with no name", N_("A question or group has no name."), "name"),
    _Reason(
        r"'name' value '([^']*)' is invalid.*must be unique within",
        N_("The name {name} is used twice in the same group."),
        "name",
    ),
    _Reason(
        r"'name' value '([^']*)' is invalid. Repeat names must (?:be )?unique",
        N_("The repeat {name} has the name of another repeat."),
        "name",
    ),
    _Reason(
        r"'name' value '([^']*)' is invalid. Repeat names must not be the same as the survey root",
        N_("A repeat may not be called {name}: so the whole form is called."),
        "name",
    ),
    _Reason(r"The name 'meta' is reserved", N_("The name meta is the form's own."), "name"),
    _Reason(
        r"Names must begin with a letter",
        N_("A name begins with a letter and holds only letters, digits, - _ and dots."),
    ),
    _Reason(r"must not begin with two underscores", N_("A name here does not begin with two underscores.")),
    _Reason(r"must not contain a period", N_("A name here holds no dot.")),
    _Reason(r"must not be 'name' or 'label'", N_("A name here is not name or label: these two are taken.")),
    _Reason(
        r"Unmatched '(?:begin|end)_\w+'.*name '(?!unknown')([^']*)'",
        N_("The group or repeat {name} is opened and not closed, or closed and not opened."),
        "type",
    ),
    _Reason(
        r"Unmatched '(?:begin|end)_\w+'",
        N_("Here is closed what is not open: groups and repeats are closed in the order of their nesting."),
        "type",
    ),
    _Reason(r"Choices must have a name", N_("A choice has no name."), "name"),
    _Reason(r"Choice names must be unique", N_("A choice is listed twice in the same list."), "name"),
    _Reason(
        r"Choice names with spaces cannot .* See \[([^]]*)\] in \[([^]]*)\]",
        N_("The choice “{name}” of the list {other} holds a blank; of several choices no name may."),
        "name",
        "name",
        "choices",
    ),
    _Reason(
        r"Headers that are different names for the same column were found: '([^']*)', '([^']*)'",
        N_("The columns {name} and {other} mean the same: keep one of them."),
    ),
    _Reason(r"headers were not found: '([^']*)'", N_("The column {name} is missing.")),
    _Reason(r"Duplicate column header: (.*)", _TWICE),
    _Reason(r"must have a sheet named 'survey'", N_("The survey sheet is missing.")),
    _Reason(r"not recognized as a supported type", N_("It holds no survey sheet or table.")),
    _Reason(
        r"element named '([^']*)' has no label", N_("The question {name} has no label."), "label", "name"
    ),
    _Reason(r"Missing calculation", N_("The calculation is missing."), "calculation"),
    _Reason(
        r"randomize must be set to true or false: '([^']*)'",
        N_("randomize is true or false, not {name}."),
        "parameters",
        "in parameters",
    ),
    _Reason(
        r"seed value must be a number",
        N_("The seed is a number or a ${{…}}."),
        "parameters",
    ),
    _Reason(
        r"Parameters must include randomize=true",
        N_("A seed needs randomize=true."),
        "parameters",
    ),
    _Reason(
        r"Parameters must be in the form of",
        N_("Parameters are written name=value, with blanks between."),
        "parameters",
    ),
    _Reason(
        r"accepted parameter keys for this question type are '([^']*)'.*parameter key\(s\): '([^']*)'",
        N_("The parameter {other} is not known here; there are {name}."),
        "parameters",
    ),
    _Reason(
        r"the parameter '([^']*)' must be a number",
        N_("The parameter {name} must be a number."),
        "parameters",
    ),
    _Reason(
        r"the parameter '([^']*)' must not be '0'", N_("The parameter {name} must not be 0."), "parameters"
    ),
    _Reason(
        r"the parameter '([^']*)' must not be larger than the range",
        N_("The parameter {name} is larger than from start to end."),
        "parameters",
    ),
    _Reason(
        r"the parameter '([^']*)' must be a multiple of 'step'",
        N_("The parameter {name} must be a multiple of step."),
        "parameters",
    ),
    _Reason(
        r"Reference variables must start with",
        N_("A reference is written ${{…}}, with the name of a question alone within."),
    ),
    _Reason(
        r"(?:find the name|names must be unique.*The name) '([^']*)'",
        N_("It refers to {name}, which is not the name of one field of the form."),
    ),
    _Reason(
        r"add an entities sheet and declare an entity",
        N_("save_to needs an entities sheet with the list that is saved to."),
    ),
    _Reason(
        r"entity list name '([^']*)' was not found on the entities sheet",
        N_("The list {name} is not in the entities sheet."),
    ),
    _Reason(
        r"entity list name '([^']*)' does not have a label",
        N_("The list {name} needs a label: an entity that is created has one."),
        "label",
    ),
    _Reason(
        r"entity list name '([^']*)' does not have an 'entity_id'",
        N_("The list {name} needs an entity_id: it says which entity is updated."),
        "entity_id",
    ),
    _Reason(
        r"entity list name '([^']*)' does not have an 'update_if'",
        N_("The list {name} needs an update_if: with entity_id and create_if it says when to update."),
        "update_if",
    ),
    _Reason(
        r"not supported by this version of pyxform: '([^']*)'", N_("The column {name} is not known here.")
    ),
    _Reason(r"at most one '#'", N_("save_to is a property, or list#property.")),
    _Reason(r"'save_to' names must be prefixed", N_("With several lists save_to is list#property.")),
    _Reason(
        r"save_to property '([^']*)' is already assigned by row '([^']*)'",
        N_("The property {name} is saved by row {other} already."),
    ),
    _Reason(r"can't be saved as entity properties", N_("Only questions are saved, no groups or repeats.")),
    _Reason(r"Entity lists must have a name", N_("An entity list has no name.")),
    _Reason(r"must not have any duplicate names", N_("A list stands twice in the entities sheet.")),
)


def explained(error: Any, file: Path, data: bytes, book: Any) -> BadInput:
    """pyxform's error as one sentence, with the place that it names or that is found by the name in it.

    Args:
        data: the file's content.
        book: pyxform's sheets; None where it could not read them.
    """
    text = " ".join(str(error).split())
    row, sheet, headers = _ROW.search(text), _SHEET.search(text), _HEADERS.search(text)
    number = row[1] if row else "1" if headers else ""
    named = sheet[1] if sheet else headers[1] if headers else "survey" if row else ""
    column = (sheet[2] or "") if sheet else ""
    reason: BadInput | str = _HEADERS.sub("", _SHEET.sub("", _ROW.sub("", text))).strip()[:300]
    for known in _REASONS:
        match = re.search(known.pattern, text)
        if match is None:
            continue
        name, other = (*match.groups(), "", "")[:2]
        reason, column = BadInput(known.msgid, name=name, other=other), column or known.column
        if known.msgid is _NO_CHOICES:
            number, named = str(first_select(book) or ""), "survey"
            if book is not None and book.choices and not has_column(book, "choices", "list_name"):
                reason, number, named, column = _missing("list_name"), "1", "choices", "list_name"
        elif known.msgid is _TWICE:
            named = sheet_with_twice(data, file.suffix.lower(), name)
            number = "1" if named else ""
        elif not number and known.by:
            found = row_of(book, known.by.removeprefix("in "), name, known.sheet, within=" " in known.by)
            number, named = str(found or ""), known.sheet if found else named
        break
    return _placed(file.name, named, number, column, reason)


def _missing(column: str) -> BadInput:
    return BadInput(N_("The column {name} is missing."), name=column)


def _placed(file: str, sheet: str, row: str, column: str, reason: BadInput | str) -> BadInput:
    if sheet == "entities" and column == "dataset":
        column = "list_name"  # as pyxform calls it within
    places = {"file": file, "sheet": sheet, "row": row, "column": column, "reason": reason}
    if row and column:
        return BadInput(N_("{file}, sheet {sheet}, row {row}, column {column}: {reason}"), **places)
    if row:
        return BadInput(N_("{file}, sheet {sheet}, row {row}: {reason}"), **places)
    if sheet:
        return BadInput(N_("{file}, sheet {sheet}: {reason}"), **places)
    return BadInput(N_("The form in {file} cannot be read: {reason}"), **places)
