"""A form from a file: .xlsx and .md (XLSForm, through pyxform), or .xml (an ODK XForm as it is).

`load` is for the checklists that are shipped, `load_untrusted` for what somebody brings: it reads in a child
process with limits on memory and time. pyxform takes 0.5 s and 60 MB to import, so it is imported only here,
when a spreadsheet is read; a form that is opened often is better kept as the XForm that `to_xform` gives.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from models.errors import BadInput
from models.forms import guard
from models.forms.explained import explained
from models.forms.lists import lists_beside
from models.forms.model import Form, ItemList
from models.forms.sheets import (
    SHEETS,
    entity_rows,
    odd_columns,
    straighten,
    survey_rows,
    unnamed_prefix,
    without_stand_ins,
)
from models.forms.xform import read_xform
from models.language import N_
from models.registry import bounded

SECONDS = 30
"""Wall-clock time that an untrusted file may take."""
MEMORY = 1536 * 1024 * 1024
"""Bytes of address space for it, Python and pyxform included."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A spreadsheet made into an XForm document."""

    xform: str
    warnings: tuple[str, ...]
    """What pyxform remarked (English)."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """Where each field stands in the survey sheet."""
    entity_rows: Mapping[str, int] = field(default_factory=dict)
    """Where each list stands in the entities sheet."""
    odd_columns: tuple[tuple[str, str], ...] = ()
    """Columns of the survey sheet that nothing reads: as written, as likely meant."""
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
    form = replace(
        read_xform(
            converted.xform,
            converted.warnings,
            lists=converted.lists,
            rows=converted.rows,
            entity_rows=converted.entity_rows,
        ),
        odd_columns=converted.odd_columns,
    )
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
        column = unnamed_prefix(book)
        if column:
            raise BadInput(
                N_("{file}, sheet {sheet}, row {row}, column {column}: {reason}"),
                file=file.name,
                sheet="survey",
                row="1",
                column=column,
                reason=BadInput(N_("The settings sheet names no namespace for its prefix.")),
            )
        survey = workbook_to_json(
            workbook_dict=book, form_name=None, fallback_form_name=file.stem, warnings=warnings
        )
        xform = create_survey_element_from_dict(survey).to_xml(
            validate=False, pretty_print=False, warnings=warnings
        )
    except BadInput:
        raise
    except PyXFormError as error:
        problem = explained(error, file, data, book)
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
    return Converted(
        without_stand_ins(xform),
        tuple(warnings),
        survey_rows(book),
        entity_rows=entity_rows(book),
        odd_columns=odd_columns(book),
    )


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
