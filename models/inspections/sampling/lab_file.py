"""A laboratory's file read into results: which column is what, and every cell that cannot be as an error."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from models.errors import BadInput, RuleBroken
from models.inspections.sampling import lab_columns
from models.language import N_, listed
from models.registry import sheets, typed
from models.registry.imports import RowError
from models.registry.rules import folded_header, guarded_cell, tidy_line

_HEADS_WITHIN = 30
"""Rows from the top among which the headers are looked for; above them stand the report's particulars."""
_NEEDED = ("sample", "parameter", "value")
REPORT_NEEDED = ("number", "laboratory", "cma", "reported_on")
"""Without these a result is nobody's (V12); the other particulars may be added to the report."""
_EXPONENT = re.compile(r"\d+(\.\d+)?[eE][+-]?\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class LabResult:
    """One row."""

    row: int
    """As the spreadsheet shows it, from 1."""
    sample: str
    parameter: str
    value: str
    unit: str
    detection_limit: str
    method: str
    instrument: str
    report: Mapping[str, str]
    """Particulars of its report by field of `LabReport`; days as YYYY-MM-DD."""


@dataclass(frozen=True, slots=True)
class LabFile:
    """What a file holds."""

    results: tuple[LabResult, ...]
    errors: tuple[RowError, ...]
    titles: Mapping[str, str]
    """Field to the header of its column, to name in errors."""
    unknown: tuple[str, ...] = field(default=())
    """Headers that nothing is taken from."""


def read_file(path: Path) -> LabFile:
    """Read a laboratory's CSV (UTF-8 or GB 18030) or XLSX file, in a process of its own.

    Raises:
        BadInput: the file cannot be read, or has no columns for sample number, item and result.
    """
    table = sheets.rows_apart(path)
    at, fields, titles = _head(table, path.name)
    above, faults = _above(table[:at])
    results: list[LabResult] = []
    errors: list[RowError] = list(faults)
    named = {name: title for name, title in zip(fields, titles, strict=True) if name}
    for number, cells in table[at + 1 :]:
        found, wrong = _row(number, cells, fields, titles, above)
        if found is not None:
            results.append(found)
        errors += wrong
    if not results and not errors:
        raise BadInput(N_("{name} has a header but no rows."), name=path.name)
    unknown = tuple(title for name, title in zip(fields, titles, strict=True) if title and name is None)
    return LabFile(tuple(results), tuple(errors), named, unknown)


def _head(
    table: Sequence[tuple[int, list[sheets.Cell]]], name: str
) -> tuple[int, list[str | None], list[str]]:
    """The place of the header row, the field of each column, its header.

    Raises:
        BadInput: there is none, or two columns mean the same.
    """
    if not table:
        raise BadInput(N_("{name} is empty."), name=name)
    aliases = lab_columns.aliases()
    for at, (_number, cells) in enumerate(table[:_HEADS_WITHIN]):
        titles = [cell.text for cell in cells]
        fields = [aliases.get(folded_header(title)) if title else None for title in titles]
        if not all(f"row.{each}" in fields for each in _NEEDED):
            continue
        for each in fields:
            if each is not None and fields.count(each) > 1:
                same = [title for title, one in zip(titles, fields, strict=True) if one == each]
                raise BadInput(
                    N_("The columns {columns} of {file} mean the same. Keep one of them."),
                    columns=listed(same),
                    file=name,
                )
        return at, fields, titles
    raise BadInput(
        N_(
            "No row of {file} has the headers {headers}. They may stand in any order and under usual names. "
            "qingcha lab template FILE.xlsx writes an empty table that has them."
        ),
        file=name,
        headers=listed(lab_columns.titles()[f"row.{each}"] for each in _NEEDED),
    )


def _above(table: Sequence[tuple[int, list[sheets.Cell]]]) -> tuple[dict[str, str], list[RowError]]:
    """The report's particulars above the table: "报告编号：X" in one cell, or in two beside each other."""
    found: dict[str, str] = {}
    errors: list[RowError] = []
    for number, cells in table:
        texts = [cell.text for cell in cells]
        for at, text in enumerate(texts):
            label, sign, rest = unicodedata.normalize("NFKC", text).partition(":")
            name = lab_columns.aliases().get(folded_header(label), "")
            if not name.startswith("report."):
                continue
            value = rest.strip()
            cell = cells[at]
            if not sign or not value:
                after = next((other for other in cells[at + 1 :] if other.text), None)
                value, cell = (after.text if after is not None else ""), after or cell
            if cell.fault:
                errors.append(RowError(number, label, cell.text, cell.fault))
            elif value:
                _particular(found, errors, number, label, name.removeprefix("report."), value)
    return found, errors


def _particular(
    found: dict[str, str], errors: list[RowError], number: int, title: str, name: str, text: str
) -> None:
    try:
        found[name] = _read_particular(name, text)
    except RuleBroken as broken:
        errors.append(RowError(number, title, text, broken.msgid, broken.params))


def _read_particular(name: str, text: str) -> str:
    if name == "reported_on":
        return typed.read_day(text.split()[0] if text.split() else text, name)
    if name == "stamped":
        return "1" if typed.read_flag(text.removeprefix("已").replace("盖章", "是"), name) else "0"
    return tidy_line(text)


def _row(
    number: int,
    cells: Sequence[sheets.Cell],
    fields: Sequence[str | None],
    titles: Sequence[str],
    above: Mapping[str, str],
) -> tuple[LabResult | None, list[RowError]]:
    """The result of a row, or all that is wrong with it; neither for the example of our template."""
    row: dict[str, str] = {}
    report = dict(above)
    errors: list[RowError] = []
    faulty: set[str] = set()
    for name, title, cell in zip(fields, titles, cells, strict=False):
        if name is None or not cell.text:
            continue
        if cell.fault:
            errors.append(RowError(number, title, cell.text, cell.fault))
            faulty.add(name)
            continue
        text = _unguarded(cell.text)
        part, _dot, key = name.partition(".")
        if part == "row":
            row[key] = _plain_number(text) if key in ("value", "detection_limit") else tidy_line(text)
            continue
        before = len(errors)
        _particular(report, errors, number, title, key, text)
        if len(errors) > before:
            faulty.add(name)
    if row.get("sample") == lab_columns.example()["row.sample"]:
        return None, []
    named = {name: title for name, title in zip(fields, titles, strict=True) if name}
    have = {*(f"row.{key}" for key, text in row.items() if text), *faulty}
    have |= {f"report.{key}" for key, text in report.items() if text}
    errors += _lacks(number, named, have)
    if errors:
        return None, errors
    return LabResult(
        number,
        row["sample"],
        row["parameter"],
        row["value"],
        row.get("unit", ""),
        row.get("detection_limit", ""),
        row["method"],
        row.get("instrument", ""),
        report,
    ), []


def _lacks(number: int, named: Mapping[str, str], have: set[str]) -> list[RowError]:
    """What a row lacks, with its report: cells to fill in, and columns that the file does not have."""
    found = [
        RowError(number, named.get(f"row.{key}", ""), "", words)
        for key, words in (
            ("sample", N_("The sample number is missing.")),
            ("parameter", N_("What was measured is missing.")),
            ("value", N_("The result is missing. Where nothing was detected, write ND or <0.004.")),
        )
        if f"row.{key}" not in have
    ]
    needed = ("row.method", *(f"report.{each}" for each in REPORT_NEEDED))
    lacking = [each for each in needed if each not in have]
    empty = [named[each] for each in lacking if each in named]
    if empty:
        words = N_("The cell is empty, and a result without it proves nothing (V12). Fill it in.")
        found.append(RowError(number, listed(empty), "", words))
    absent = [lab_columns.titles()[each] for each in lacking if each not in named]
    if absent:
        words = N_(
            "There is no such column, and a result without it proves nothing (V12). Add it; what holds for "
            "the whole report may stand above the table instead, as “{what}：…”."
        )
        what = lab_columns.titles()["report.number"]
        found.append(RowError(number, listed(absent), "", words, {"what": what}))
    return found


def _unguarded(text: str) -> str:
    """Without the apostrophe that guards a cell from spreadsheet programs."""
    return text[1:] if text.startswith("'") and guarded_cell(text[1:]) == text else text


def _plain_number(text: str) -> str:
    """A spreadsheet's 1e-05 as 0.00001; any other text as it is."""
    if not _EXPONENT.fullmatch(text.strip()):
        return tidy_line(text)
    try:
        return format(Decimal(text.strip()), "f")
    except InvalidOperation:
        return tidy_line(text)
