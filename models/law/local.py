"""Local standards (DB35): their titles, and the figures that the bureau fills in.

The figures of Fujian's standards could not be read, so `limit_tables/local_limits.csv` has a header and no
row. A file of that name in the bureau's packs folder is read beside it: standard, clause, medium, parameter,
category, limit, unit, from, until, source. A row without its source is refused.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadInput
from models.language import N_
from models.law import limit_data as data
from models.packs import PackFile

if TYPE_CHECKING:
    from models.law.choosing import OwnLimit

COLUMNS = (
    "standard",
    "clause",
    "medium",
    "parameter",
    "category",
    "limit",
    "unit",
    "from",
    "until",
    "source",
)
_MEDIA = ("water", "air", "noise")


@dataclass(frozen=True, slots=True)
class LocalLimit:
    """One row of a local standard."""

    own: OwnLimit
    text_source: str
    """Where the bureau read it."""


def _read(paths: tuple[Path, ...]) -> tuple[LocalLimit, ...]:
    return tuple(row for path in paths for row in read_local(path))


def read_local(path: Path) -> list[LocalLimit]:
    """The rows of a file of local limits.

    Raises:
        BadInput: naming the file, the row and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            N_("{file} is no CSV file in UTF-8: {error}"), file=path.name, error=str(error)
        ) from error
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise BadInput(N_("{file}: the column {name} is missing."), file=path.name, name=missing[0])
    return [
        _row(path, number, row)
        for number, row in enumerate(reader, 2)
        if any((value or "").strip() for value in row.values() if isinstance(value, str))
    ]


def _row(path: Path, number: int, row: dict[str, Any]) -> LocalLimit:
    from models.law.choosing import OwnLimit, checked_limit
    from models.law.readings import family_of

    told = {name: (row.get(name) or "").strip() for name in COLUMNS}

    def wrong(name: str) -> BadInput:
        return BadInput(
            N_("{file}, row {row}: “{value}” cannot stand under {name}."),
            file=path.name,
            row=number,
            value=told[name],
            name=name,
        )

    for name in ("standard", "clause", "parameter", "limit", "source"):
        if not told[name]:
            raise wrong(name)
    if told["medium"] not in _MEDIA:
        raise wrong("medium")
    if not family_of(told["unit"]):
        raise wrong("unit")
    try:
        limit = checked_limit(told["limit"])
    except BadInput as error:
        raise wrong("limit") from error
    days: dict[str, date | None] = {}
    for name in ("from", "until"):
        try:
            days[name] = date.fromisoformat(told[name]) if told[name] else None
        except ValueError as error:
            raise wrong(name) from error
    own = OwnLimit(
        "local",
        told["standard"],
        told["parameter"],
        limit,
        told["unit"],
        "",
        told["category"] or data.EVERYTHING,
        told["clause"],
        told["medium"],
        days["from"],
        days["until"],
    )
    return LocalLimit(own, told["source"])


LOCAL_LIMITS = PackFile(_read, data.FOLDER / "local_limits.csv")
"""The bureau's rows beside ours, of which there are none."""


def local_limits() -> tuple[LocalLimit, ...]:
    """All rows of local standards in use."""
    return LOCAL_LIMITS()
