"""The figures as others read them: JSON for `report city --json`, and the exact form that a seal keeps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from models.oversight.figures import AMOUNTS, CaseLine, Figures, UnitRow
from models.oversight.rules import official_name, plain
from models.registry.units import label_of

FIELDS_LEFT_OUT = "other"
"""Experts without one of the six named fields are in the total, not in the fields."""


def as_json(figures: Figures) -> dict[str, Any]:
    """All figures as JSON values: whole numbers where they are whole, rates as numbers."""
    converted: dict[str, Any] = _converted(_common(figures), _number)
    converted["lists"] = {name: [_case(line) for line in lines] for name, lines in figures.lists.items()}
    for row, raw in zip(figures.by_unit, converted["by_unit"], strict=True):
        raw["label"] = label_of(row.code)
    return converted


def as_record(figures: Figures) -> dict[str, Any]:
    """All figures within J1, for a seal: quantities and rates as decimal text, never a float."""
    converted: dict[str, Any] = _converted(_common(figures), plain)
    return converted


def _common(figures: Figures) -> dict[str, Any]:
    found = figures.experts
    return {
        "as_of": figures.as_of.isoformat(),
        "units": figures.units,
        "covered": figures.covered,
        "coverage": figures.coverage,
        "started": figures.started,
        "done": figures.done,
        "done_rate": figures.done_rate,
        "awaiting": figures.awaiting,
        "other": figures.other,
        "ranking": None
        if figures.ranking is None
        else {
            "as_of": figures.ranking.as_of,
            "place": figures.ranking.place,
            "source": figures.ranking.source,
        },
        "experts": {
            "total": found.total,
            **found.by_source,
            "fields": {name: count for name, count in found.by_field.items() if name != FIELDS_LEFT_OUT},
        },
        "bulletins": figures.bulletins,
        "restoration": {
            name: figures.restoration[name].quantity if name in figures.restoration else Decimal(0)
            for name in AMOUNTS
        },
        "restoration_approx": {
            name: figures.restoration[name].approx if name in figures.restoration else "=" for name in AMOUNTS
        },
        "bases": dict(figures.bases),
        "by_unit": [_unit(row) for row in figures.by_unit],
        "by_month": [
            {"month": row.month, "started": row.started, "done": row.done} for row in figures.by_month
        ],
    }


def _unit(row: UnitRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": official_name(row.code),
        "counted": row.counted,
        "started": row.started,
        "done": row.done,
        "done_rate": row.done_rate,
        "awaiting": row.awaiting,
        "other": row.other,
        "zero": row.zero,
        "first_case": row.first_case,
        "first_number": row.first_number,
        "first_on": row.first_on,
    }


def _case(line: CaseLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "number": line.number,
        "unit": line.unit,
        "stage": line.stage,
        "started_on": line.started_on,
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _converted(value: Any, decimal: Any) -> Any:
    if isinstance(value, Decimal):
        return decimal(value)
    if isinstance(value, dict):
        return {name: _converted(each, decimal) for name, each in value.items()}
    if isinstance(value, list):
        return [_converted(each, decimal) for each in value]
    return value
