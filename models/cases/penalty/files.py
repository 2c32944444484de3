"""The exchange by file as a person does it: a path to write to or to read, and a list of what was wrong."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from models.cases.penalty import queries
from models.cases.penalty.exchange import Taken, export_cases, import_cases
from models.errors import RuleBroken
from models.language import N_, _
from models.registry.files import write_or_refuse
from models.registry.keeping import need_text
from models.registry.rules import guarded_cell

if TYPE_CHECKING:
    from models.store.seat import Seat

_SHOWN = 3
"""Errors named in the sentence; the file beside the list has them all."""


def give_out(seat: Seat, *, path: str, since: str | None = None, until: str | None = None) -> None:
    """Write the cases put on file in some days, or all, into a new file.

    Args:
        path: ends in .csv or .json.
        since: first day of filing, YYYY-MM-DD.
        until: last day.

    Raises:
        RuleBroken: there is no such case, or the person may not. BadInput: as `export_cases`.
    """
    target = Path(need_text(path, "path")).expanduser()
    rows = queries.cases(seat)
    if since or until:
        rows = [row for row in rows if row.filed_on and (since or "") <= row.filed_on <= (until or "9999")]
    if not rows:
        raise RuleBroken(N_("There is no penalty case in these days."), field="since")
    export_cases(seat, [row.id for row in rows], target)


def give_out_one(seat: Seat, case_id: str, *, path: str) -> None:
    """Write one case into a new file.

    Raises:
        RuleBroken: there is no such case, or the person may not. BadInput: as `export_cases`.
    """
    export_cases(seat, [case_id], Path(need_text(path, "path")).expanduser())


def take_in(seat: Seat, *, path: str, good_rows: bool = False) -> None:
    """Take a file of cases in; what is wrong in it is written as a list beside it.

    Raises:
        RuleBroken: rows are wrong and nothing was taken in, or the person may not.
        BadInput: as `import_cases`.
    """
    file = Path(need_text(path, "path")).expanduser()
    taken = import_cases(seat, file, good_rows=good_rows)
    if not taken.errors:
        return
    problems = _write_problems(file, taken)
    if taken.written or taken.unchanged:
        return
    raise RuleBroken(
        N_("Nothing of {name} was taken in. Rows that are wrong: {count}. {errors} All of them: {problems}"),
        field="path",
        count=len(taken.errors),
        name=file.name,
        errors=" ".join(
            _("Row {row}, {column}: {what}").format(row=each.row, column=each.column, what=each.message)
            for each in taken.errors[:_SHOWN]
        ),
        problems=problems.name,
    )


def _write_problems(file: Path, taken: Taken) -> Path:
    target = file.with_name(file.stem + "-" + _("problems") + ".csv")
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_("Row"), _("Column"), _("What it holds"), _("What is wrong with it")])
    for each in taken.errors:
        cells = (str(each.row), each.column, each.value, each.message)
        writer.writerow([guarded_cell(cell) for cell in cells])
    write_or_refuse(target, text.getvalue().encode("utf-8-sig"))
    return target
