"""A form from a file: .xlsx and .md (XLSForm, through pyxform), or .xml (an ODK XForm as it is).

`load` is for the checklists that are shipped, `load_untrusted` for what somebody brings: it reads in a child
process with limits on memory and time. pyxform takes 0.5 s and 60 MB to import, so it is imported only here,
when a spreadsheet is read; a form that is opened often is better kept as the XForm that `to_xform` gives.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from models.errors import BadInput
from models.forms import guard
from models.forms.lists import lists_beside
from models.forms.model import Form, ItemList
from models.forms.sheets import SHEETS, first_select, row_of, straighten, survey_rows
from models.forms.xform import read_xform
from models.language import N_
from models.registry import bounded

SECONDS = 30
"""Wall-clock time that an untrusted file may take."""
MEMORY = 1536 * 1024 * 1024
"""Bytes of address space for it, Python and pyxform included."""

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"[Oo]n the '([^']+)' sheet, (?:the '([^']+)' value is invalid\. )?")


@dataclass(frozen=True, slots=True)
class Converted:
    """A spreadsheet made into an XForm document."""

    xform: str
    warnings: tuple[str, ...]
    """What pyxform remarked (English)."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """Where each field stands in the survey sheet."""
    lists: tuple[ItemList, ...] = ()
    """What the form looks up in files beside it."""


def load(path: Path | str) -> Form:
    """The form in a file that is trusted.

    Raises:
        BadInput: the file cannot be read as a form; one sentence with sheet, row and column where known. Also
            where its expressions depend on each other in a circle. A broken expression is no error: it is put
            aside and listed in `Form.problems`.
    """
    return finished(to_xform(path))


def load_untrusted(path: Path | str) -> Form:
    """The form in a file from outside, converted in a child process with limits.

    Raises:
        BadInput: as `load`; or it takes too long or too much memory.
    """
    return finished(convert_untrusted(path))


def convert_untrusted(path: Path | str) -> Converted:
    """The XForm document of a file from outside, made in a child process with limits.

    Raises:
        BadInput: as `load_untrusted`.
    """
    file = Path(path)
    answer = bounded.ask("models.forms.child", file, seconds=SECONDS, most=guard.MOST_XFORM * 4)
    if answer.code is None:
        raise BadInput(
            N_("The file {file} takes longer than {seconds} s to read; it is no usable form."),
            file=file.name,
            seconds=SECONDS,
        )
    try:
        found = msgspec.json.decode(answer.data)
    except msgspec.DecodeError as error:
        raise BadInput(
            N_("The file {file} could not be read within the limits of memory and time (code {code})."),
            file=file.name,
            code=answer.code,
        ) from error
    if "msgid" in found:
        raise bounded.error_again(found)
    return msgspec.convert(found, Converted)


def to_xform(path: Path | str) -> Converted:
    """The XForm document of a form file.

    Raises:
        BadInput: as `load`.
    """
    file = Path(path)
    converted = _converted(file)
    return replace(converted, lists=lists_beside(converted.xform, file.parent))


def _converted(file: Path) -> Converted:
    data = guard.read_bytes(file)
    suffix = file.suffix.lower()
    if suffix == ".xml":
        try:
            return Converted(data.decode("utf-8-sig"), ())
        except UnicodeDecodeError as error:
            raise BadInput(N_("The file {file} is not UTF-8 text."), file=file.name) from error
    if suffix in {".xlsx", ".xlsm"}:
        guard.check_xlsx(data, file.name)
    elif suffix != ".md":
        raise BadInput(N_("{file} is no form: give an .xlsx, .md or .xml file."), file=file.name)
    return _convert(data, suffix, file)


def finished(converted: Converted) -> Form:
    """The form of a converted document, its expressions compiled.

    Raises:
        BadInput: the document is no form, or its expressions depend on each other in a circle.
    """
    form = read_xform(converted.xform, converted.warnings, lists=converted.lists, rows=converted.rows)
    _ = form.logic  # compiled now, so that a circle is an error of loading
    return form


def _convert(data: bytes, suffix: str, file: Path) -> Converted:
    # 0.5 s and 60 MB, most of it openpyxl and xlrd: never at start-up.
    from pyxform.builder import create_survey_element_from_dict
    from pyxform.errors import PyXFormError
    from pyxform.xls2json import workbook_to_json
    from pyxform.xls2json_backends import get_xlsform

    warnings: list[str] = []
    book: Any = None
    try:
        book = get_xlsform(io.BytesIO(data), file_type=suffix)
        sheets = [sheet for name in SHEETS if (sheet := getattr(book, name)) is not None]
        guard.check_sheets(sheets, file.name)
        straighten(book)
        survey = workbook_to_json(
            workbook_dict=book, form_name=None, fallback_form_name=file.stem, warnings=warnings
        )
        xform = create_survey_element_from_dict(survey).to_xml(
            validate=False, pretty_print=False, warnings=warnings
        )
    except BadInput:
        raise
    except PyXFormError as error:
        problem = _explained(error, file, book)
        if suffix == ".md":  # who writes tables by hand sees how they look
            words = N_("{problem}\nThe tables of a form in Markdown look like this:\n{example}")
            problem = BadInput(words, problem=problem, example=MARKDOWN)
        raise problem from error
    except MemoryError as error:
        raise BadInput(N_("The file {file} needs more memory than there is."), file=file.name) from error
    except Exception as error:  # pyxform and openpyxl raise nearly anything on damaged files
        raise BadInput(
            N_("The file {file} cannot be read as a form: {reason}"),
            file=file.name,
            reason=" ".join(f"{type(error).__name__} {error}".split())[:200],
        ) from error
    if len(xform) > guard.MOST_XFORM:
        raise BadInput(
            N_("The form in {file} grows to more than {most} characters."),
            file=file.name,
            most=guard.MOST_XFORM,
        )
    return Converted(xform, tuple(warnings), survey_rows(book))


MARKDOWN = """\
| survey  |                  |       |            |
|         | type             | name  | label      |
|         | text             | place | 检查地点   |
|         | select_one yesno | smell | 有无异味   |
| choices |                  |       |            |
|         | list_name        | name  | label      |
|         | yesno            | yes   | 有         |
|         | yesno            | no    | 无         |"""
"""A form as it is written in Markdown (its labels are data)."""

# --- pyxform's errors ---------------------------------------------------------------------------------------

_NO_CHOICES = N_("The choices sheet is missing.")
_REASONS = (
    (r"Unknown question type '([^']*)'", "type", N_("The question type {name} is not known.")),
    (r"List name not in choices sheet: (\S+)", "type", N_("The list {name} is not in the choices sheet.")),
    (r"should be a choices sheet", "type", _NO_CHOICES),
    (r"with no name", "name", N_("A question or group has no name.")),
    (
        r"'name' value '([^']*)' is invalid.*must be unique within",
        "name",
        N_("The name {name} is used twice in the same group."),
    ),
    (
        r"Names must begin with a letter",
        "name",
        N_("A name begins with a letter and holds only letters, digits, - _ and dots."),
    ),
    (
        r"Unmatched '(?:begin|end)_\w+'.*name '([^']*)'",
        "type",
        N_("The group or repeat {name} is opened and not closed, or closed and not opened."),
    ),
    (r"Choices must have a name", "name", N_("A choice has no name.")),
    (r"Choice names must be unique", "name", N_("A choice is listed twice in the same list.")),
    (r"headers were not found: '([^']*)'", "", N_("The column {name} is missing.")),
    (r"must have a sheet named 'survey'", "", N_("The survey sheet is missing.")),
    (r"not recognized as a supported type", "", N_("It holds no survey sheet or table.")),
    (r"element named '([^']*)' has no label", "label", N_("The question {name} has no label.")),
    (
        r"(?:find the name|names must be unique.*The name) '([^']*)'",
        "",
        N_("It refers to {name}, which is not the name of one field of the form."),
    ),
)


def _explained(error: Any, file: Path, book: Any) -> BadInput:
    """pyxform's error as one sentence, with the place that it names or that is found by the name in it."""
    text = " ".join(str(error).split())
    row, sheet = _ROW.search(text), _SHEET.search(text)
    number = row[1] if row else ""
    sheet_name, column = (sheet[1], sheet[2] or "") if sheet else ("survey" if row else "", "")
    reason: BadInput | str = _SHEET.sub("", _ROW.sub("", text)).strip()[:300]
    for pattern, where, msgid in _REASONS:
        match = re.search(pattern, text)
        if match:
            name = match[1] if match.groups() else ""
            reason, column = BadInput(msgid, name=name), column or where
            if msgid is _NO_CHOICES:
                number, sheet_name = str(first_select(book) or ""), "survey"
            if not number and where and name:
                found = row_of(book, "name" if where == "label" else where, name)
                number, sheet_name = str(found or ""), "survey" if found else sheet_name
            break
    places = {"file": file.name, "sheet": sheet_name, "row": number, "column": column, "reason": reason}
    if number and column:
        return BadInput(N_("{file}, sheet {sheet}, row {row}, column {column}: {reason}"), **places)
    if number:
        return BadInput(N_("{file}, sheet {sheet}, row {row}: {reason}"), **places)
    if sheet_name:
        return BadInput(N_("{file}, sheet {sheet}: {reason}"), **places)
    return BadInput(N_("The form in {file} cannot be read: {reason}"), **places)
