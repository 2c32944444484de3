"""Limits on a spreadsheet before anything parses it.

A 33 KB zip can unpack to 5 GB, and a 0.5 MB XLSForm can become an XForm of 0.5 GB: sizes are looked at first,
cells counted while streaming, and texts measured before they are multiplied.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from models.errors import BadInput, reason_of
from models.forms.model import Item
from models.language import N_

MOST_BYTES = 10 * 1024 * 1024
"""Of the file as it lies on the disk."""
MOST_UNPACKED = 64 * 1024 * 1024
"""Of all parts of an .xlsx together."""
MOST_PARTS = 2_000
MOST_CELLS = 400_000
MOST_ROWS = 60_000
MOST_TEXT = 8_000_000
"""Characters in all cells together, each cell counted in full however often its string is shared."""
MOST_XFORM = 48_000_000
"""Characters of the XForm that pyxform makes."""
_CHUNK = 1 << 20


def read_bytes(path: Path) -> bytes:
    """The file's content.

    Raises:
        BadInput: there is no such file, or it is too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(
            N_("The file {file} cannot be opened: {reason}"),
            file=path.name,
            reason=reason_of(error),
        ) from error
    if len(data) > MOST_BYTES:
        raise BadInput(
            N_("The file {file} is larger than {most} MB; a form is never so large."),
            file=path.name,
            most=MOST_BYTES // 1024 // 1024,
        )
    return data


def check_xlsx(data: bytes, name: str) -> None:
    """Look at an .xlsx without parsing it.

    Raises:
        BadInput: it is no spreadsheet, or would unpack to more than the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            packed = sum(part.compress_size for part in parts)
            unpacked = sum(part.file_size for part in parts)
            # More packed bytes than the file has means parts that overlap.
            if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or packed > len(data):
                raise BadInput(
                    N_("The file {file} would unpack to more than a form needs; it was not opened."),
                    file=name,
                )
            if any(part.flag_bits & 1 for part in parts):
                raise BadInput(
                    N_("The file {file} is protected by a password. Save it without one."), file=name
                )
            cells = rows = 0
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    found = _count(archive, part)
                    rows, cells = rows + found[0], cells + found[1]
                    _check_counts(rows, cells, name)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, EOFError) as error:
        raise BadInput(N_("The file {file} is not an .xlsx spreadsheet."), file=name) from error
    except (ValueError, RuntimeError) as error:  # an odd name or compression in a damaged directory
        raise BadInput(N_("The file {file} is not an .xlsx spreadsheet."), file=name) from error


def _count(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """Rows and cells of a sheet, by their tags."""
    rows = cells = read = 0
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            read += len(chunk)
            if read > MOST_UNPACKED:
                break
            block = tail + chunk
            rows += block.count(b"<row") - tail.count(b"<row")
            cells += block.count(b"<c ") + block.count(b"<c>") - tail.count(b"<c ") - tail.count(b"<c>")
            tail = block[-4:]
    return rows, cells


def _check_counts(rows: int, cells: int, name: str) -> None:
    if rows > MOST_ROWS or cells > MOST_CELLS:
        raise BadInput(
            N_("The file {file} has more than {rows} rows or {cells} cells; take out what is no form."),
            file=name,
            rows=MOST_ROWS,
            cells=MOST_CELLS,
        )


def check_items(items: Sequence[Item], name: str) -> None:
    """Measure a list from a file beside a form.

    Raises:
        BadInput: too many rows or cells.
    """
    _check_counts(len(items), sum(len(item.columns) for item in items), name)


def check_elements(top: Element, name: str) -> None:
    """Measure the elements of a list in XML.

    Raises:
        BadInput: too many.
    """
    _check_counts(len(top), sum(1 for _each in top.iter()), name)


def check_sheets(sheets: Iterable[Iterable[Mapping[str, object]]], name: str) -> None:
    """Measure the parsed sheets before they are made into a form.

    Raises:
        BadInput: too many rows, cells, or characters.
    """
    rows = cells = characters = 0
    for sheet in sheets:
        for row in sheet:
            rows += 1
            cells += len(row)
            characters += sum(len(value) for value in row.values() if isinstance(value, str))
        _check_counts(rows, cells, name)
        if characters > MOST_TEXT:
            raise BadInput(
                N_("The file {file} holds more than {most} characters of text."), file=name, most=MOST_TEXT
            )
