"""What decides which limit applies to a sample: what its sampling record says, then the register of sites."""

from __future__ import annotations

from typing import Any

from models.inspections.standards.queries import proposed
from models.law import limits

_OUTLET = {"workshop": "车间排口", "total": "总排口"}
"""As the rule of the outlet (J7) reads it out of a point's name."""


def context_of(sampling: Any, site: Any) -> dict[str, Any]:
    """The fields of a measurement that follow from where and how its sample was taken.

    Args:
        site: the row of the register; None for a place that it does not have.
    """
    matter = sampling.matter or ""
    found: dict[str, Any] = {
        "sampling": sampling.id,
        "medium": matter,
        "point": point_of(sampling),
        "taken_at": sampling.ended_at if sampling.ended_at is not None else sampling.began_at,
    }
    if matter == "water":
        found |= {
            "sampled": sampling.sampled,
            "temperature": sampling.temperature,
            **proposed(site, matter),
        }
        if sampling.water:
            found |= {"water": sampling.water, "grade": None}
    elif matter == "air":
        known = proposed(site, matter)
        found |= {**known, "stack": sampling.stack or known.get("stack"), "oxygen": sampling.oxygen}
    elif matter == "noise":
        found |= {
            name: getattr(sampling, name)
            for name in (
                "zone",
                "period",
                "background",
                "calibration_before",
                "calibration_after",
                "wind",
                "rain",
                "weather",
            )
        }
        found["source_of_noise"] = sampling.sound_source
        found["zone"] = found["zone"] or proposed(site, matter).get("zone")
    found["instrument"] = sampling.instrument
    return found


def point_of(sampling: Any) -> str:
    """The name of the point, with its outlet in words where the name does not tell it."""
    name, outlet = sampling.point or "", sampling.outlet or ""
    if sampling.matter != "water" or outlet not in _OUTLET or limits.outlet_of(name) == outlet:
        return name
    return f"{name}（{_OUTLET[outlet]}）" if name else _OUTLET[outlet]
