"""Reading a table out of a CSV or XLSX file as text, with limits that a hostile file cannot pass."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from models.errors import BadInput, reason_of
from models.language import N_
from models.registry import bounded

FILE_LIMIT = 20 * 1024 * 1024
"""Bytes of a file at most."""
UNPACKED_LIMIT = 200 * 1024 * 1024
"""Bytes of all parts of an XLSX, unpacked, at most."""
ROW_LIMIT = 20_000
COLUMN_LIMIT = 100
CELL_LIMIT = 2_000
"""Characters of a cell at most."""
SECONDS = 30
"""Time that a file from outside may take."""
MEMORY = 1024 * 1024 * 1024
"""Bytes of address space for reading it, Python included."""
ANSWER_LIMIT = 256 * 1024 * 1024
"""Bytes of all its cells."""
_SAFE_DIGITS = 15
"""Decimal digits that a spreadsheet's number holds; a longer code typed as a number has lost its end."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as text, and what is wrong with it as it stands in the file, if anything."""

    text: str
    fault: str | None = None
    """A msgid that says what is wrong and what to do."""


Rows = Iterator[tuple[int, list[Cell]]]
"""Row number as the spreadsheet shows it, and the row's cells; empty rows are left out."""


def rows(path: Path) -> Rows:
    """The rows of a .csv, .txt, .tsv or .xlsx file.

    Raises:
        BadInput: the file cannot be read, is of another kind, or is too large; says what to do.
    """
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise BadInput(N_("{name} is larger than 20 MB. Split it."), name=path.name)
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(
            N_("{name} cannot be read: {reason}."), name=path.name, reason=reason_of(error)
        ) from error
    if data.startswith(b"PK\x03\x04"):
        return _limited(path.name, _xlsx(path.name, data))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput(
            N_("{name} is of the old .xls kind or has a password. Save it as .xlsx or CSV."), name=path.name
        )
    return _limited(path.name, _csv(decoded(data, path.name)))


def rows_apart(path: Path) -> list[tuple[int, list[Cell]]]:
    """The rows of a file from outside, read in a child process with limits on memory and time.

    Raises:
        BadInput: as `rows`; or it takes too much of either.
    """
    answer = bounded.ask("models.registry.sheet_child", path, seconds=SECONDS, most=ANSWER_LIMIT)
    try:
        found = msgspec.json.decode(answer.data)
    except msgspec.DecodeError as error:
        raise BadInput(
            N_("{name} could not be read within the limits of memory and time. It was not taken in."),
            name=path.name,
        ) from error
    if isinstance(found, dict):
        raise bounded.error_again(found)
    return [(number, [Cell(text, fault) for text, fault in cells]) for number, cells in found]


def decoded(data: bytes, name: str) -> str:
    """The text of a CSV file: UTF-8 with or without mark, UTF-16 with mark, else GB18030 (which holds GBK).

    Raises:
        BadInput: it is none of these.
    """
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadInput(N_("{name} is no text file in UTF-8 or GBK. Save it as CSV or .xlsx."), name=name)


def _csv(text: str) -> Rows:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t，", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=False)
    number = 0
    try:
        for cells in reader:
            number = reader.line_num
            yield number, [Cell(cell.strip()) for cell in cells]
    except csv.Error as error:
        raise BadInput(
            N_("Row {row} of the file cannot be read: a quotation mark or a cell has no end."), row=number + 1
        ) from error


def _xlsx(name: str, data: bytes) -> Rows:
    import openpyxl  # 120 ms: only for an import

    _refuse_bomb(name, data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for number, cells in enumerate((visible or book.worksheets)[0].iter_rows(), start=1):
            yield number, [_cell(cell) for cell in cells[: COLUMN_LIMIT + 1]]
    except BadInput:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise BadInput(
            N_("{name} is damaged or no spreadsheet. Open it, save it anew as .xlsx and try again."),
            name=name,
        ) from error


def _refuse_bomb(name: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED_LIMIT:
                raise BadInput(N_("{name} unpacks to more than 200 MB. Split it."), name=name)
            for part in parts.infolist():
                if part.filename.endswith((".xml", ".rels")):
                    with parts.open(part) as file:
                        if b"<!DOCTYPE" in file.read(1024):
                            raise BadInput(
                                N_("{name} holds something that no spreadsheet needs. It was not read."),
                                name=name,
                            )
    except zipfile.BadZipFile as error:
        raise BadInput(
            N_("{name} is damaged or no spreadsheet. Open it, save it anew as .xlsx and try again."),
            name=name,
        ) from error


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return Cell("")
    if cell.data_type == "f":
        return Cell(
            str(value),
            N_("The cell holds a formula. Copy the column and paste it as values, then try again."),
        )
    if isinstance(value, datetime | date):
        return Cell(value.strftime("%Y-%m-%d"))
    if isinstance(value, bool):
        return Cell(str(value))
    if isinstance(value, int | float):
        text = repr(int(value)) if float(value).is_integer() else repr(value)
        if len(text.lstrip("-")) > _SAFE_DIGITS and float(value).is_integer():
            return Cell(
                text,
                N_("This was typed as a number and has lost its last digits. Format the column as text."),
            )
        return Cell(text)
    return Cell(str(value).strip())


def _limited(name: str, found: Rows) -> Rows:
    count = 0
    for number, cells in found:
        if not any(cell.text for cell in cells):
            continue
        count += 1
        if count > ROW_LIMIT:
            raise BadInput(N_("{name} has more than {most} rows. Split it."), name=name, most=ROW_LIMIT)
        if len(cells) > COLUMN_LIMIT and any(cell.text for cell in cells[COLUMN_LIMIT:]):
            raise BadInput(N_("{name} has more than {most} columns."), name=name, most=COLUMN_LIMIT)
        yield (
            number,
            [
                cell
                if len(cell.text) <= CELL_LIMIT
                else Cell(cell.text[:CELL_LIMIT], N_("The cell holds more than 2000 characters. Shorten it."))
                for cell in cells
            ],
        )
