"""Charts of the city's figures as values, and as text for whoever has no screen.

The screen draws `Bar`s in its colours; text draws the pieces of a bar with `GLYPHS`, whose cells have one
width in every terminal font (block elements do not, in Chinese fonts).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from models.oversight.figures import Figures, MonthRow
from models.registry.units import label_of

GLYPHS = {"good": "#", "strong": "=", "": "-"}
"""Part of a piece to its sign: done, awaiting performance, otherwise in hand."""
MONTHS = 12
"""Months that a trend shows."""
_LEAST = 10
"""Cells of the longest bar at least; a narrower chart would say nothing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its number, how it is meant, and what it is made of."""

    label: str
    number: int
    part: str = ""
    """"", "good", "bad", "warn" or "strong"."""
    pieces: tuple[tuple[int, str], ...] = ()
    """(number, part), which add up to the number; none where it is of one piece."""


def by_unit(figures: Figures) -> list[Bar]:
    """Started cases of each unit, made of done, awaiting performance and the rest; zero is bad."""
    return [
        Bar(
            label_of(row.code),
            row.started,
            "bad" if row.zero else "",
            ((row.done, "good"), (row.awaiting, "strong"), (row.other, "")),
        )
        for row in figures.by_unit
    ]


def started_by_month(figures: Figures, last: int = MONTHS) -> list[Bar]:
    """Cases started in each of the last months."""
    return [Bar(row.month, row.started) for row in _last(figures, last)]


def done_by_month(figures: Figures, last: int = MONTHS) -> list[Bar]:
    """Cases done in each of the last months."""
    return [Bar(row.month, row.done, "good") for row in _last(figures, last)]


def _last(figures: Figures, last: int) -> Sequence[MonthRow]:
    return figures.by_month[-last:] if last > 0 else ()


def bars(rows: Sequence[Bar], width: int) -> list[str]:
    """The bars as lines of text: label, number, bar; the longest takes what the width leaves.

    A number above zero has at least one sign. Labels are never cut: a chart too narrow for them and ten signs
    grows wider.
    """
    if not rows:
        return []
    label_width = max(_cells(row.label) for row in rows)
    number_width = max(len(str(row.number)) for row in rows)
    room = max(_LEAST, width - label_width - number_width - 2)
    most = max(row.number for row in rows)
    return [
        f"{row.label}{' ' * (label_width - _cells(row.label))} {row.number:>{number_width}} "
        f"{_drawn(row, most, room)}".rstrip()
        for row in rows
    ]


def _drawn(row: Bar, most: int, room: int) -> str:
    if row.number <= 0 or most <= 0:
        return ""
    length = max(1, row.number * room // most)
    pieces = row.pieces or ((row.number, "good"),)
    drawn, before = "", 0
    for number, part in pieces:
        before += number
        end = length * before // row.number  # from the sum so far, so that the pieces end with the bar
        drawn += GLYPHS.get(part, GLYPHS[""]) * (end - len(drawn))
    return drawn


def _cells(text: str) -> int:
    """Terminal cells of a text (Unicode UAX #11: wide and full-width take two)."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
