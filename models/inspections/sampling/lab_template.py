"""An empty table for a laboratory to fill: the headers that an import reads, and one example row."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from models.errors import BadInput
from models.inspections.sampling import lab_columns
from models.language import N_
from models.registry.files import new_or_refuse, write_or_refuse
from models.registry.rules import guarded_cell

_WIDTH = 18
"""Characters of a column of the .xlsx."""


def write_template(path: Path) -> Path:
    """Write the table as .xlsx or, for spreadsheet programs in UTF-8, as .csv. Returns where it is.

    Raises:
        BadInput: the name ends otherwise, a file of that name is there, or it cannot be written.
    """
    make = {".xlsx": _xlsx, ".csv": _csv}.get(path.suffix.lower())
    if make is None:
        raise BadInput(N_("{name} does not end in .xlsx or .csv."), name=path.name)
    new_or_refuse(path)
    rows = _rows()
    write_or_refuse(path, make(rows))
    return path


def _rows() -> list[list[str]]:
    titles, example = lab_columns.titles(), lab_columns.example()
    return [list(titles.values()), [guarded_cell(example[name]) for name in titles]]


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook  # 120 ms: only when it is written
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for at in range(1, len(rows[0]) + 1):
        column = sheet.column_dimensions[get_column_letter(at)]
        column.width = _WIDTH
        column.number_format = "@"  # text: a long number typed there keeps its digits
        for number in range(1, len(rows) + 1):
            sheet.cell(number, at).number_format = "@"
        sheet.cell(1, at).font = Font(bold=True)
        sheet.cell(2, at).font = Font(italic=True, color="808080")
    sheet.freeze_panes = "A2"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()
