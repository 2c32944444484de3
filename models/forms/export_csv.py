"""A filled form as tables of CSV (RFC 4180), with the columns of ODK Central and Briefcase.

One table for the form, one for each repeat; KEY names a row, PARENT_KEY the row that a round belongs to.
Central's columns about the sending (SubmissionDate, SubmitterID and so on) are left out: nothing was sent.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain

from models.forms import values
from models.forms.export_tree import Entry, column_name, key_of
from models.forms.geometry import TYPES
from models.forms.model import Field

Table = list[list[str]]
"""Rows of cells; the first is the header."""

_STARTS_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PARTS = ("Latitude", "Longitude", "Altitude", "Accuracy")


def tables(root: Entry) -> dict[str, Table]:
    """The tables by the path of their repeat, the form's own first by the root's; groups are in the names.

    A geopoint is four columns. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    found: dict[str, Table] = {}
    _add_headers(root.field, root.field, found)
    _add_row(root, key_of(root), root, "", found)
    return found


def table_names(root: Field, stem: str) -> dict[str, str]:
    """File names by the path of the table's repeat: "stem.csv", "stem-points.csv".

    Repeats of one name in different groups get "~1", "~2", as in Central; so do names that a disk may take
    for one (Windows looks at no capitals).
    """
    repeats = [each for each in root.walk() if each.kind == "repeat"]
    found = {root.path: f"{stem}.csv"}
    for field in repeats:
        alike = [each.path for each in repeats if each.name.casefold() == field.name.casefold()]
        number = f"~{alike.index(field.path) + 1}" if len(alike) > 1 else ""
        found[field.path] = f"{stem}-{field.name}{number}.csv"
    return found


def csv_bytes(rows: Table, *, bom: bool = False) -> bytes:
    """UTF-8 with CRLF; the mark that Excel knows UTF-8 by where `bom`."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig" if bom else "utf-8", "replace")


def guarded(text: str) -> str:
    """Text with an apostrophe before it where it would start a formula and is no number."""
    return f"'{text}" if _STARTS_FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _add_headers(field: Field, root: Field, found: dict[str, Table]) -> None:
    header: list[str] = []
    found[field.path] = [header]
    for each in _of_table(field):
        name = column_name(each, field)
        if each.kind == "repeat":
            _add_headers(each, root, found)
        elif each.type == "geopoint":
            header += [f"{name}-{part}" for part in _PARTS]
        else:
            header.append(name)
    header += ["KEY"] if field is root else ["PARENT_KEY", "KEY"]


def _add_row(root: Entry, instance_id: str, row: Entry, parent: str, found: dict[str, Table]) -> None:
    key = instance_id + row.path[len(root.path) :]
    cells: list[str] = []
    found[row.field.path].append(cells)
    for entry in row.row():
        text = entry.text if entry.relevant else ""
        if entry.field.kind == "repeat":
            _add_row(root, instance_id, entry, key, found)
        elif entry.field.type == "geopoint":
            # what is no position is still shown, in the first of the columns
            parts = text.split() if values.fits("geopoint", text) else [guarded(text)]
            cells += [*parts, "", "", "", ""][:4]
        elif entry.field.type in TYPES and values.fits(entry.field.type, text):
            cells.append(text)  # southern latitudes begin with a minus
        else:
            cells.append(guarded(text))
    cells += [guarded(key)] if row is root else [guarded(parent), guarded(key)]


def _of_table(field: Field) -> Iterator[Field]:
    """The fields of a table and the repeats in it; groups are opened."""
    return chain.from_iterable(_of_table(c) if c.kind == "group" else (c,) for c in field.children)
