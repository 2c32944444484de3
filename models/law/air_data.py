"""The tables of exhaust air (GB 16297-1996 表2, GB 13271-2014 表1 to 表3) as rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from models.law.limit_data import FOLDER

GAS, RATE = "mg/m3", "kg/h"
"""Units of concentrations and of rates in these tables."""
ZONES = ("2", "3")
"""环境空气质量功能区 of the rates: 二级 in zone 2, 三级 in zone 3."""


@dataclass(frozen=True)
class AirRow:
    """A row of GB 16297-1996 表2: one pollutant for one use."""

    parameter: str
    category: str
    concentration: str
    """mg/m³; empty where the table states it in another way (see `note`)."""
    rates: dict[str, tuple[tuple[Decimal, Decimal], ...]]
    """By zone: heights in m, rising, with kg/h."""
    boundary: str
    """周界外浓度最高点; empty where it is judged by eye (see `note`)."""
    boundary_unit: str
    least_height: Decimal
    """No stack of it may be lower, m."""
    note: str


@dataclass(frozen=True)
class BoilerRow:
    """A row of GB 13271-2014: one pollutant and fuel, mg/m³ by table, and the reference oxygen, per cent."""

    parameter: str
    fuel: str
    limits: dict[str, str]
    oxygen: Decimal


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@lru_cache(maxsize=1)
def air_rows() -> tuple[AirRow, ...]:
    """Every row of GB 16297-1996 表2."""
    return tuple(
        AirRow(
            row["parameter"],
            row["category"],
            row["concentration"],
            {zone: tuple(_rates(row["rates"], place)) for place, zone in enumerate(ZONES)},
            row["boundary"],
            row["boundary_unit"],
            Decimal(row["least_height"]),
            row["note"],
        )
        for row in _rows("gb16297.csv")
    )


def _rates(text: str, place: int) -> Iterator[tuple[Decimal, Decimal]]:
    """The rates in "15:2.6/3.5 20:4.3/6.6", those before or after the strokes."""
    for part in text.split():
        height, _colon, both = part.partition(":")
        yield Decimal(height), Decimal(both.split("/")[place])


@lru_cache(maxsize=1)
def boiler_rows() -> tuple[BoilerRow, ...]:
    """Every row of GB 13271-2014."""
    return tuple(
        BoilerRow(
            row["parameter"],
            row["fuel"],
            {f"表{number}": row[f"table{number}"] for number in (1, 2, 3)},
            Decimal(row["oxygen"]),
        )
        for row in _rows("gb13271.csv")
    )
