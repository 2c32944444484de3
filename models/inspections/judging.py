"""A measurement's verdict by the limits in force, as the fields that keep it (`models.law.limits`)."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.errors import RuleBroken
from models.language import N_
from models.law import limits
from models.registry.days import local

_SAME = (
    "parameter",
    "value",
    "detection_limit",
    "standard",
    "grade",
    "water",
    "category",
    "point",
    "zone",
    "period",
    "background",
    "calibration_before",
    "calibration_after",
    "wind",
    "room",
    "temperature",
    "stack",
    "oxygen",
    "fuel",
)
"""Fields that a sample names as the table does."""


def judged(values: dict[str, Any]) -> dict[str, Any]:
    """The verdict fields for a measurement's values; the standard too, where none was chosen.

    Raises:
        RuleBroken: without a parameter or value. BadInput: a value cannot be read; says what to write.
    """
    if not values.get("value"):
        raise RuleBroken(N_("Give the measured value."), field="value")
    if not values.get("parameter") and values.get("medium") != "noise":
        raise RuleBroken(N_("Say what was measured."), field="parameter")
    found = limits.judge(sample_of(values)) if values.get("medium") != "solid" else limits.of_solid()
    return {
        "parameter": values.get("parameter") or "噪声",
        "standard": values.get("standard") or found.standard or None,
        "verdict": found.verdict,
        "times": found.times or None,
        "excess": found.excess or None,
        "compared": found.result or None,
        "limit_text": found.limit_text or None,
        "clause": found.clause or None,
        "reasons": limits.pack_reasons(found.reasons),
    }


def sample_of(values: dict[str, Any]) -> limits.Sample:
    """A measurement's values as the limits take them; a screen judges what is being typed by this, too."""
    given: dict[str, Any] = {name: values.get(name) or "" for name in _SAME}
    if values.get("medium") == "noise":
        given["parameter"] = given["parameter"] or "噪声"
    if values.get("medium") == "air":
        given["standard"] = given["standard"] or limits.air_standard(given["fuel"])
    moment = values.get("taken_at")
    taken = local(moment) if moment is not None else None
    built = values.get("built")
    return limits.Sample(
        **given,
        unit=values.get("unit_of_value") or "",
        table=values.get("table_id") or "",
        sampling=values.get("sampled") or "",
        sampled=taken.date() if taken else None,
        taken_at=taken.time() if taken else None,
        built=_day(built) if built else None,
        rain=values.get("rain"),
        clear=values.get("clear"),
        hourly=values.get("hourly"),
        kind=values.get("level_kind") or "",
        indoors=bool(values.get("indoors")),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleBroken(
            N_("“{value}” is no date: give it as 2027-06-30."), field="built", value=text
        ) from None
