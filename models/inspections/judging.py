"""A measurement's verdict by the limits in force, as the fields that keep it (`models.law.limits`)."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.errors import RuleBroken
from models.inspections.standards.queries import NOWHERE, Setting
from models.language import N_
from models.law import limits
from models.law.choosing import choose
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
    "bands",
    "mixed",
)
"""Fields that a sample names as the table does."""


_FOUND = frozenset(["permit", "local", "industry", "general"])
"""Sources of a limit that nobody picked: at the next judging the order is asked anew."""


def picked_standard(row: Any) -> str:
    """The standard that a person picked for a measurement; empty where the order of limits found it."""
    return "" if getattr(row, "limit_source", None) in _FOUND else str(getattr(row, "standard", None) or "")


def judge(values: dict[str, Any], setting: Setting = NOWHERE) -> limits.Judgement:
    """The judgement of a measurement's values where they were taken: by the limit that comes first there.

    Raises:
        BadInput: a value cannot be read; says what to write.
    """
    if values.get("medium") == "solid":
        return limits.of_solid()
    chosen = bool(values.get("standard")) and values.get("limit_source") not in _FOUND
    sample = sample_of(values if chosen else {**values, "standard": None})
    return choose(sample, setting.own, setting.industry, chosen=chosen)


def judged(values: dict[str, Any], setting: Setting = NOWHERE) -> dict[str, Any]:
    """The verdict fields for a measurement's values; the standard too, where none was chosen.

    Raises:
        RuleBroken: without a parameter or value. BadInput: a value cannot be read; says what to write.
    """
    if not values.get("value"):
        raise RuleBroken(N_("Give the measured value."), field="value")
    if not values.get("parameter") and values.get("medium") != "noise":
        raise RuleBroken(N_("Say what was measured."), field="parameter")
    found = judge(values, setting)
    chosen = values.get("standard") if found.source == "chosen" else None
    return {
        "parameter": values.get("parameter") or "噪声",
        "standard": chosen or found.standard or None,
        "limit_source": found.source or None,
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
        given["standard"] = given["standard"] or limits.air_standard(given["fuel"], given["parameter"])
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
