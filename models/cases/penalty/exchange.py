"""Penalty cases out to a file and in from one, for the bureau's case-review system (案件审查系统, R037).

No connection is assumed. Headers and words are data (`exchange.toml`). What a file says is checked cell by
cell; taking the same file in again changes nothing.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.cases.penalty import queries, rules
from models.cases.penalty.shape import Shape, shape
from models.cases.penalty.tables import PenaltyCase, Screening
from models.cases.penalty.writing import KIND, checked, keep
from models.errors import BadInput, RuleBroken, reason_of
from models.language import N_, listed
from models.registry import keeping, sheets, typed
from models.registry.files import put_out
from models.registry.imports import RowError
from models.registry.rules import folded_header, guarded_cell, tidy_text
from models.registry.units import unit, unit_named

if TYPE_CHECKING:
    from models.store.seat import Seat

_MONEY = ("fine_cents", "confiscated_cents")
_FORMULA = N_("The cell holds a formula. Copy the column and paste it as values, then try again.")


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import read, what it wrote, and what was wrong."""

    rows: int
    made: int
    changed: int
    unchanged: int
    errors: tuple[RowError, ...]
    unknown_columns: tuple[str, ...] = ()
    held_open: tuple[str, ...] = ()
    """Numbers of cases that are closed in the file, and stay open here until they are screened (R035)."""

    @property
    def written(self) -> int:
        """Cases made or changed."""
        return self.made + self.changed


@dataclass(slots=True)
class _Row:
    """A good row, ready to be written."""

    number: int
    fields: dict[str, Any]
    home: str
    there: PenaltyCase | None
    held_open: bool


def export_cases(seat: Seat, ids: Iterable[str], target: Path) -> int:
    """Write cases into a new .csv or .json file; the number of cases.

    CSV bears the mark by which spreadsheet programs know UTF-8, and no cell that they take for a formula.

    Raises:
        BadInput: the file's name ends otherwise, or as `files.put_out`.
        RuleBroken: there is no such case, or the person may not read cases.
    """
    if not keeping.may_see(seat, KIND):
        raise RuleBroken(N_("Your role does not read cases."), field="role")
    if target.suffix.lower() not in (".csv", ".json"):
        raise BadInput(N_("{name}: give a name that ends in .csv or .json."), name=target.name)
    known, done = shape(), queries.screened(seat)
    titles = [headers[0] for headers in known.columns.values()] + list(known.only_written.values())
    rows = [_written(keeping.standing(seat, KIND, each), done.get(each), known) for each in ids]
    if target.suffix.lower() == ".json":
        body = {known.json_key: [dict(zip(titles, row, strict=True)) for row in rows]}
        data = (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()
    else:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(titles)
        writer.writerows([[_guarded(cell) for cell in row] for row in rows])
        data = text.getvalue().encode("utf-8-sig")
    put_out(seat, target, data)
    return len(rows)


def import_cases(seat: Seat, file: Path, *, good_rows: bool = False) -> Taken:
    """Take cases in from a .csv, .xlsx or .json file: all rows or none, unless `good_rows` is asked for.

    A case is known by its number: one that is here gets what the file says otherwise, where an empty cell
    says nothing; a new one is entered. A second time nothing changes.

    Raises:
        BadInput: the file cannot be read, holds no rows, or has no column for the number.
        RuleBroken: the role may not.
    """
    keeping.allow(seat, KIND)
    known = shape()
    titles, table = _table(file, known)
    fields = _fields(titles, known, file.name)
    with seat.writing():
        good, errors, count = _checked_rows(seat, titles, fields, table, known)
        if not count:
            raise BadInput(N_("{name} has a header but no rows."), name=file.name)
        made = changed = 0
        if not errors or good_rows:
            for row in good:
                if row.there is None:
                    keeping.make(seat, KIND, row.home, checked(seat, row.fields))
                    made += 1
                else:
                    changed += keep(seat, row.there, row.fields)
        else:
            good = []
    passed_over = {folded_header(each) for each in known.only_written.values()}
    unknown = [
        title
        for title, name in zip(titles, fields, strict=True)
        if title and name is None and folded_header(title) not in passed_over
    ]
    return Taken(
        rows=count,
        made=made,
        changed=changed,
        unchanged=len(good) - made - changed,
        errors=tuple(errors),
        unknown_columns=tuple(unknown),
        held_open=tuple(str(row.fields["number"]) for row in good if row.held_open),
    )


def _written(row: PenaltyCase, screening: Screening | None, known: Shape) -> list[str]:
    cells = []
    for name in known.columns:
        if name == "unit":
            home = unit(row.unit)
            cells.append(home.name if home is not None else row.unit)
            continue
        value = getattr(row, name)
        if name in _MONEY:
            cells.append("" if value is None else typed.yuan(value).replace(",", ""))
        elif name in known.values:
            cells.append(known.words(name, value or ""))
        else:
            cells.append(value or "")
    said = {
        "screening_result": known.words("screening_result", screening.result or "") if screening else "",
        "screening_reason": (screening.reason or "") if screening else "",
        "screened_on": (screening.on or "") if screening else "",
    }
    return cells + [said[name] for name in known.only_written]


def _checked_rows(
    seat: Seat, titles: list[str], fields: list[str | None], table: sheets.Rows, known: Shape
) -> tuple[list[_Row], list[RowError], int]:
    good: list[_Row] = []
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    count = 0
    for number, cells in table:
        count += 1
        found = _row(seat, number, cells, titles, fields, known)
        if isinstance(found, RowError):
            errors.append(found)
            continue
        key = str(found.fields["number"])
        if key in seen:
            errors.append(
                RowError(
                    number,
                    titles[fields.index("number")],
                    key,
                    N_("{value} stands in row {row} already. Keep one of the two rows."),
                    {"value": key, "row": seen[key]},
                )
            )
            continue
        seen[key] = number
        good.append(found)
    return good, errors, count


def _row(
    seat: Seat,
    number: int,
    cells: list[sheets.Cell],
    titles: list[str],
    fields: list[str | None],
    known: Shape,
) -> _Row | RowError:
    texts: dict[str, str] = {}
    for title, name, cell in zip(titles, fields, cells, strict=False):
        if name is None or not cell.text:
            continue
        if cell.fault:
            return RowError(number, title, cell.text, cell.fault)
        text = cell.text
        if name in _MONEY and "万元" in title and re.fullmatch(r"[\d.,]+", text):
            text += "万"
        texts[name] = text
    try:
        return _values(seat, number, texts, known)
    except RuleBroken as error:
        title = titles[fields.index(error.field)] if error.field in fields else ""
        return RowError(number, title, texts.get(error.field, ""), error.msgid, error.params)


def _values(seat: Seat, number: int, texts: dict[str, str], known: Shape) -> _Row:
    """The fields of a row, and the case that it is about.

    Raises:
        RuleBroken: naming the field that is wrong.
    """
    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name == "unit":
            continue
        if name in _MONEY:
            values[name] = typed.read_cents(text, name)
        elif name.endswith("_on"):
            values[name] = typed.read_day(text, name)
        elif name in known.values:
            values[name] = known.value(name, text)
            if values[name] is None:
                words = [each[0] for each in known.values[name].values()]
                raise RuleBroken(
                    N_("“{value}” is none of the choices here: {choices}."),
                    field=name,
                    value=text,
                    choices=listed(words),
                )
        else:
            values[name] = tidy_text(text)
    values["number"] = keeping.need_text(values.get("number"), "number")
    there = queries.by_number(seat, values["number"])
    if there is not None and there.voided is not None:
        raise RuleBroken(
            N_("{number} was withdrawn here: {why}"), field="number", number=there.number, why=there.voided
        )
    home = _home(seat, texts.get("unit"), there)
    if there is None:
        for name in ("title", "party"):
            keeping.need_text(values.get(name), name)
    checked(seat, values, there)
    held_open = _unscreened(seat, values.get("closed_on"), there)
    if held_open:
        del values["closed_on"]
    return _Row(number, values, home, there, held_open)


def _unscreened(seat: Seat, closed_on: str | None, there: PenaltyCase | None) -> bool:
    """Whether a closing must wait for the screening that every case carries (R035)."""
    if not closed_on or not rules.screening_required(closed_on):
        return False
    return there is None or (not there.closed_on and queries.screening_of(seat, there.id) is None)


def _home(seat: Seat, text: str | None, there: PenaltyCase | None) -> str:
    if not text:
        return there.unit if there is not None else seat.unit
    found = unit_named(text)
    if found is None:
        raise RuleBroken(
            N_("“{value}” is no unit of Zhangzhou. Give its name or code, such as 芗城区 or 350602."),
            field="unit",
            value=text,
        )
    if there is not None and found.code != there.unit:
        raise RuleBroken(
            N_("{number} belongs to another unit here: {unit}."),
            field="unit",
            number=there.number,
            unit=there.unit,
        )
    return found.code


def _fields(titles: list[str], known: Shape, name: str) -> list[str | None]:
    aliases = {
        folded_header(alias): field for field, headers in known.columns.items() for alias in (*headers, field)
    }
    fields = [aliases.get(folded_header(title)) if title else None for title in titles]
    if "number" not in fields:
        raise BadInput(
            N_("No column of {file} is the case number. The first row must be headers, such as {headers}."),
            file=name,
            headers=listed(headers[0] for headers in list(known.columns.values())[:4]),
        )
    for each in fields:
        if each is not None and fields.count(each) > 1:
            same = [title for title, found in zip(titles, fields, strict=True) if found == each]
            raise BadInput(
                N_("The columns {columns} of {file} mean the same. Keep one of them."),
                columns=listed(same),
                file=name,
            )
    return fields


def _table(file: Path, known: Shape) -> tuple[list[str], sheets.Rows]:
    if file.suffix.lower() == ".json":
        return _json_table(file, known)
    table = sheets.rows(file)
    header = next(table, None)
    if header is None:
        raise BadInput(N_("{name} is empty."), name=file.name)
    return [cell.text for cell in header[1]], ((at, [_plain(cell) for cell in cells]) for at, cells in table)


def _guarded(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula; `_plain` gives the text again."""
    return "'" + text if guarded_cell(text.lstrip("'")).startswith("'") else text


def _plain(cell: sheets.Cell) -> sheets.Cell:
    """The cell without the guard of an export; one that would act as a formula is at fault."""
    if cell.fault is None and cell.text[:1] in ("=", "＝"):
        return sheets.Cell(cell.text, _FORMULA)
    if cell.text.startswith("'") and guarded_cell(cell.text.lstrip("'")).startswith("'"):
        return sheets.Cell(cell.text[1:], cell.fault)
    return cell


def _json_table(file: Path, known: Shape) -> tuple[list[str], sheets.Rows]:
    """The cases of a JSON file as a table; row numbers count the cases from 1."""
    try:
        if file.stat().st_size > sheets.FILE_LIMIT:
            raise BadInput(N_("{name} is larger than 20 MB. Split it."), name=file.name)
        text = sheets.decoded(file.read_bytes(), file.name)
    except OSError as error:
        raise BadInput(
            N_("{name} cannot be read: {reason}."), name=file.name, reason=reason_of(error)
        ) from error
    wrong = BadInput(
        N_("{name} is no JSON file of cases: a list of objects, one for each case, is needed."),
        name=file.name,
    )
    try:
        # numbers stay as they are written: no float ever holds money
        body = json.loads(text, parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise wrong from error
    found = body.get(known.json_key) if isinstance(body, dict) else body
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise wrong
    if len(found) > sheets.ROW_LIMIT:
        raise BadInput(
            N_("{name} has more than {most} rows. Split it."), name=file.name, most=sheets.ROW_LIMIT
        )
    titles = list(dict.fromkeys(title for each in found for title in each))
    if len(titles) > sheets.COLUMN_LIMIT:
        raise BadInput(N_("{name} has more than {most} columns."), name=file.name, most=sheets.COLUMN_LIMIT)
    if not found:
        raise BadInput(N_("{name} is empty."), name=file.name)
    rows = ((at, [_json_cell(each.get(title)) for title in titles]) for at, each in enumerate(found, 1))
    return titles, rows


def _json_cell(value: Any) -> sheets.Cell:
    if value is None:
        return sheets.Cell("")
    if not isinstance(value, str):
        return sheets.Cell(str(value)[:40], N_("Text is needed here."))
    return sheets.Cell(value.strip())


def _refuse_constant(text: str) -> None:
    raise ValueError(text)
