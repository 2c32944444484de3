"""A laboratory's file read into results: which column is what, and every cell that cannot be as an error."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from models.errors import BadInput, RuleBroken
from models.language import N_, listed
from models.registry import sheets, typed
from models.registry.imports import RowError
from models.registry.rules import folded_header, guarded_cell, tidy_line

_COLUMNS = Path(__file__).parent / "lab_columns.toml"
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


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    """Folded header to "row.field" or "report.field"."""
    with _COLUMNS.open("rb") as file:
        kept = tomllib.load(file)
    return {
        folded_header(alias): f"{part}.{name}"
        for part, names in kept.items()
        for name, aliases in names.items()
        for alias in aliases
    }


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
        found = _row(number, cells, fields, titles, above)
        if isinstance(found, RowError):
            errors.append(found)
            continue
        missing = [each for each in REPORT_NEEDED if not found.report.get(each)]
        missing_row = "method" if not found.method else ""
        if missing or missing_row:
            first = f"report.{missing[0]}" if missing else "row.method"
            errors.append(
                RowError(
                    number,
                    named.get(first, ""),
                    "",
                    N_("{what} is missing: a result without it proves nothing (V12)."),
                    {"what": _known_as(first)},
                )
            )
            continue
        results.append(found)
    if not results and not errors:
        raise BadInput(N_("{name} has a header but no rows."), name=path.name)
    unknown = tuple(title for name, title in zip(fields, titles, strict=True) if title and name is None)
    return LabFile(tuple(results), tuple(errors), named, unknown)


def _known_as(field_name: str) -> str:
    """The first header by which a field is known (Chinese data)."""
    return next((alias for alias, name in _first_aliases().items() if name == field_name), field_name)


@lru_cache(maxsize=1)
def _first_aliases() -> dict[str, str]:
    with _COLUMNS.open("rb") as file:
        kept = tomllib.load(file)
    return {aliases[0]: f"{part}.{name}" for part, names in kept.items() for name, aliases in names.items()}


def _head(
    table: Sequence[tuple[int, list[sheets.Cell]]], name: str
) -> tuple[int, list[str | None], list[str]]:
    """The place of the header row, the field of each column, its header.

    Raises:
        BadInput: there is none, or two columns mean the same.
    """
    if not table:
        raise BadInput(N_("{name} is empty."), name=name)
    aliases = _aliases()
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
        N_("No row of {file} has the headers {headers}. They may stand in any order and under usual names."),
        file=name,
        headers=listed(_known_as(f"row.{each}") for each in _NEEDED),
    )


def _above(table: Sequence[tuple[int, list[sheets.Cell]]]) -> tuple[dict[str, str], list[RowError]]:
    """The report's particulars above the table: "报告编号：X" in one cell, or in two beside each other."""
    found: dict[str, str] = {}
    errors: list[RowError] = []
    for number, cells in table:
        texts = [cell.text for cell in cells]
        for at, text in enumerate(texts):
            label, sign, rest = unicodedata.normalize("NFKC", text).partition(":")
            name = _aliases().get(folded_header(label), "")
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
) -> LabResult | RowError:
    row: dict[str, str] = {}
    report = dict(above)
    for name, title, cell in zip(fields, titles, cells, strict=False):
        if name is None or not cell.text:
            continue
        if cell.fault:
            return RowError(number, title, cell.text, cell.fault)
        text = _unguarded(cell.text)
        part, _dot, key = name.partition(".")
        if part == "row":
            row[key] = _plain_number(text) if key in ("value", "detection_limit") else tidy_line(text)
            continue
        errors: list[RowError] = []
        _particular(report, errors, number, title, key, text)
        if errors:
            return errors[0]
    named = {name: title for name, title in zip(fields, titles, strict=True) if name}
    for key, words in (
        ("sample", N_("The sample number is missing.")),
        ("parameter", N_("What was measured is missing.")),
        ("value", N_("The result is missing. Where nothing was detected, write ND or <0.004.")),
    ):
        if not row.get(key):
            return RowError(number, named.get(f"row.{key}", ""), "", words)
    return LabResult(
        number,
        row["sample"],
        row["parameter"],
        row["value"],
        row.get("unit", ""),
        row.get("detection_limit", ""),
        row.get("method", ""),
        row.get("instrument", ""),
        report,
    )


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
