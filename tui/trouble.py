"""Errors that nobody foresaw: noted in a log file that holds no word of any record."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

LOG_NAME = "trouble.log"
LIMIT = 1_000_000
"""Bytes; a fuller log is begun anew, with the old one kept beside it."""


def note_trouble(folder: Path, error: BaseException) -> None:
    """Append the kind of the error and where in the code it arose.

    The error's own words and all values are left out: they may quote a record.
    """
    lines = [time.strftime("%Y-%m-%dT%H:%M:%S%z"), *_frames(error), ""]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOG_NAME
        if path.exists() and path.stat().st_size > LIMIT:
            path.replace(path.with_suffix(".old.log"))
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        return  # a full disk must not make a second error of the first


def _frames(error: BaseException) -> list[str]:
    lines: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}")
        lines += [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(link.__traceback__)
        ]
        link = link.__cause__ or link.__context__
    return lines
