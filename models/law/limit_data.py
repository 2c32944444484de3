"""The limit tables, read once from `limit_tables/`: standards, rows, parameters and their aliases."""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.language import current_language

FOLDER = Path(__file__).parent / "limit_tables"
EVERYTHING = "一切"
OTHERS = "其他"


@dataclass(frozen=True)
class Table:
    """One table of a standard."""

    name: str
    zh: str
    en: str
    point: str
    """Where its pollutants are sampled: "workshop", "total" or empty."""
    partial: bool
    """Only some of its rows are kept here."""
    since: date | None
    until: date | None
    """Building dates it applies to, both included."""

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return self.zh if current_language() == "zh" else self.en


@dataclass(frozen=True)
class Standard:
    """A discharge standard whose tables are kept here."""

    code: str
    medium: str
    """"water", "air" or "noise"."""
    zh: str
    en: str
    in_force: date
    repealed: date | None
    """Last day in force; None while in force."""
    mark: str
    """Provenance of the numbers: S, S2, M, L or D."""
    tables: tuple[Table, ...]

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return self.zh if current_language() == "zh" else self.en


@dataclass(frozen=True)
class Row:
    """A row of a water table: one parameter for one 适用范围, by grade."""

    table: str
    parameter: str
    category: str
    unit: str
    grades: tuple[str, str, str]
    note: str


@dataclass(frozen=True)
class NoiseRow:
    """A row of a noise table, in dB(A)."""

    standard: str
    table: str
    zone: str
    room: str
    day: Decimal
    night: Decimal


@dataclass(frozen=True)
class Parameter:
    """A parameter and its names."""

    name: str
    zh: str
    en: str
    no_multiple: bool
    in_air: str = ""
    """Name under which the tables of air limit it; empty where it is the same or they do not."""

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.zh if current_language() == "zh" else self.en


@dataclass(frozen=True)
class Water:
    """A receiving water and the grade it gives (J9); grade 0: no new outlet may be made there."""

    key: str
    zh: str
    en: str
    grade: int

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.zh if current_language() == "zh" else self.en


@dataclass(frozen=True)
class Industry:
    """An industry with standards of its own."""

    key: str
    zh: str
    en: str
    standards: dict[str, str]
    """By medium: number of the standard, whether its tables are kept here or not."""

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.zh if current_language() == "zh" else self.en


@dataclass(frozen=True)
class LocalStandard:
    """A local standard that is known by its title."""

    code: str
    zh: str
    industry: str
    medium: str
    parameters: tuple[str, ...]
    """What it is about in every industry; empty for one of an industry."""


@dataclass(frozen=True)
class NoiseRules:
    """Numbers of the noise rules J17 to J20, in dB(A), m/s and times of day in China."""

    corrections: tuple[tuple[Decimal, Decimal, Decimal], ...]
    """From, to (both included) and what is added."""
    no_correction_above: Decimal
    calibration: Decimal
    wind: Decimal
    indoor_boundary: Decimal
    frequent: Decimal
    occasional: Decimal
    day_begins: time
    night_begins: time


def folded(name: str) -> str:
    """A name as names are compared: without case, spaces, hyphens and brackets; 其它 is 其他."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("≥", ">=").replace("其它", OTHERS)
    return re.sub(r"[\s_\-‐–—()\[\]{}【】]", "", plain).replace(";", ",")


@lru_cache(maxsize=1)
def _standards_file() -> dict[str, Any]:
    with (FOLDER / "standards.toml").open("rb") as file:
        return tomllib.load(file)


@lru_cache(maxsize=1)
def all_standards() -> dict[str, Standard]:
    """Every standard by its code."""
    found = {}
    for row in _standards_file()["standard"]:
        tables = tuple(
            Table(
                name,
                table["zh"],
                table["en"],
                table.get("point", ""),
                table.get("partial", False),
                table.get("from"),
                table.get("until"),
            )
            for name, table in row["tables"].items()
        )
        found[row["code"]] = Standard(
            row["code"],
            row["medium"],
            row["zh"],
            row["en"],
            row["in_force"],
            row.get("repealed"),
            row["mark"],
            tables,
        )
    return found


@lru_cache(maxsize=1)
def waters() -> dict[str, Water]:
    """Every receiving water by its key."""
    rows = _standards_file()["water"]
    return {row["key"]: Water(row["key"], row["zh"], row["en"], row["grade"]) for row in rows}


@lru_cache(maxsize=1)
def industries() -> dict[str, Industry]:
    """Every industry by its key."""
    return {
        row["key"]: Industry(
            row["key"],
            row["zh"],
            row["en"],
            {medium: row[medium] for medium in ("water", "air", "noise") if medium in row},
        )
        for row in _standards_file()["industry"]
    }


def industry_named(name: str) -> Industry | None:
    """The industry of that key or name; None for an unknown one."""
    wanted = folded(name)
    return next(
        (one for one in industries().values() if wanted in map(folded, (one.key, one.zh, one.en))), None
    )


@lru_cache(maxsize=1)
def local_standards() -> tuple[LocalStandard, ...]:
    """The local standards whose titles are known."""
    return tuple(
        LocalStandard(
            row["code"], row["zh"], row["industry"], row["medium"], tuple(row.get("parameters", ()))
        )
        for row in _standards_file()["local"]
    )


def local_standard_of(industry: str, medium: str, parameter: str) -> LocalStandard | None:
    """The local standard of an industry, or of a parameter in every industry; None where none is known."""
    fitting = [one for one in local_standards() if one.medium == medium]
    of_trade = [one for one in fitting if industry and one.industry == industry]
    return next(iter(of_trade or [one for one in fitting if parameter in one.parameters]), None)


def order_basis(on: date | None) -> str:
    """Why a permit comes first, as it is cited for a sample of that day."""
    order = _standards_file()["order"]
    return str(order["basis"] if on is not None and on >= order["from"] else order["before"])


@lru_cache(maxsize=1)
def _water_names() -> dict[str, str]:
    return {
        folded(name): row["key"]
        for row in _standards_file()["water"]
        for name in (row["key"], row["zh"], row["en"], *row["aliases"])
    }


def water_named(name: str) -> Water | None:
    """The receiving water of that key or name; None for an unknown one."""
    key = _water_names().get(folded(name))
    return waters()[key] if key else None


@lru_cache(maxsize=1)
def noise_rules() -> NoiseRules:
    """The numbers of J17 to J20."""
    noise = _standards_file()["noise"]
    return NoiseRules(
        corrections=tuple(
            (Decimal(row["from"]), Decimal(row["to"]), Decimal(row["dB"]))
            for row in _standards_file()["correction"]
        ),
        no_correction_above=Decimal(noise["no_correction_above"]),
        calibration=Decimal(noise["calibration"]),
        wind=Decimal(noise["wind"]),
        indoor_boundary=Decimal(noise["indoor_boundary"]),
        frequent=Decimal(noise["frequent"]),
        occasional=Decimal(noise["occasional"]),
        day_begins=noise["day_begins"],
        night_begins=noise["night_begins"],
    )


def lowest_stack() -> Decimal:
    """J13: below this height in m the rate is halved."""
    return Decimal(_standards_file()["air"]["lowest_stack"])


def cold_up_to() -> Decimal:
    """J21: the temperature of the water in ℃ up to which the limits in brackets hold."""
    return Decimal(_standards_file()["graded"]["cold_up_to"])


def grade_by_water(standard: str, water: str) -> str:
    """J10: the grade that a receiving water gives in a standard with grades; empty where it gives none."""
    return str(_standards_file()["graded"]["by_water"].get(standard, {}).get(water, ""))


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """Every row of the water tables (GB 8978-1996)."""
    with (FOLDER / "gb8978.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Row(
                row["table"],
                row["parameter"],
                row["category"],
                row["unit"],
                (row["grade1"], row["grade2"], row["grade3"]),
                row["note"],
            )
            for row in csv.DictReader(file)
        )


@lru_cache(maxsize=1)
def noise_rows() -> tuple[NoiseRow, ...]:
    """Every row of the noise tables."""
    with (FOLDER / "noise.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            NoiseRow(
                row["standard"],
                row["table"],
                row["zone"],
                row["room"],
                Decimal(row["day"]),
                Decimal(row["night"]),
            )
            for row in csv.DictReader(file)
        )


@lru_cache(maxsize=1)
def _parameters_file() -> dict[str, Any]:
    with (FOLDER / "parameters.toml").open("rb") as file:
        return tomllib.load(file)


@lru_cache(maxsize=1)
def all_parameters() -> dict[str, Parameter]:
    """Every parameter by its name in the tables."""
    return {
        row["name"]: Parameter(
            row["name"], row["zh"], row["en"], row.get("no_multiple", False), row.get("in_air", "")
        )
        for row in _parameters_file()["parameter"]
    }


@lru_cache(maxsize=1)
def parameter_names() -> dict[str, str]:
    """Every name and alias, folded, with the parameter's name in the tables."""
    return {
        folded(alias): row["name"]
        for row in _parameters_file()["parameter"]
        for alias in (row["name"], row["zh"], row["en"], *row["aliases"])
    }


@lru_cache(maxsize=1)
def absent_names() -> dict[str, tuple[str, str, bool]]:
    """Names that people look for in vain, folded.

    Each with the proper name, what is limited instead, and whether the standard has it after all.
    """
    return {
        folded(alias): (row["name"], row["instead"], row.get("unread", False))
        for row in _parameters_file()["absent"]
        for alias in (row["name"], *row["aliases"])
    }


def parameter_named(name: str, medium: str = "") -> Parameter | None:
    """The parameter of that name or alias; in air 汞 is 汞及其化合物. None for an unknown one."""
    name_of_table = parameter_names().get(folded(name))
    if not name_of_table:
        return None
    found = all_parameters()[name_of_table]
    return all_parameters()[found.in_air] if medium == "air" and found.in_air else found


def parameter_key(name: str) -> str:
    """A name by which all names of one parameter are the same, in whatever medium: COD and 化学需氧量."""
    known = parameter_named(name, "air")
    return known.name if known is not None else folded(name)


def category_names(category: str) -> list[str]:
    """The trades that a 适用范围 names, with and without brackets: 染料/洗毛 → 染料/洗毛, 染料, 洗毛."""
    names = [category, *category.split("/")]
    return list(dict.fromkeys([*names, *(re.sub(r"\([^)]*\)", "", name) for name in names)]))
