"""The made-up facts of the city's demo, read from the tables beside this module."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

_HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table."""
    with (_HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def later(day: str, days: int) -> str:
    """The day so many days later (earlier for a negative number)."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
