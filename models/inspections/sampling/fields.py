"""What a sampling record asks for, by what is sampled: one table for forms, paper, seal and completeness."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.inspections.rules import SIGNATURES
from models.inspections.sampling import rules
from models.language import N_, translate
from models.law import limits
from models.rooms import Choices, Field

_FACTS = Path(__file__).parent / "fields.toml"
MUST, SHOULD, MAY = "must", "should", ""
"""The record is not sealed without it; it is asked for; it may be said."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of the record."""

    key: str
    label: str
    """msgid."""
    need: str = MAY
    kind: str = "text"
    """As in `models.rooms.Field`, and "moment" for a time of day."""
    choices: Choices = ()
    hint: str = ""
    """msgid."""

    @property
    def unit(self) -> str:
        """Unit of a measured value; empty where there is none."""
        bound = bounds().get(self.key)
        return bound.unit if bound is not None else ""

    @property
    def title(self) -> str:
        """The label with its unit, in the reader's language."""
        words = translate(self.label)
        return f"{words} ({self.unit})" if self.unit else words

    def form_field(self) -> Field:
        """As an act asks for it."""
        kind = "text" if self.kind in ("moment", "sample") else self.kind
        return Field(self.key, self.label, kind, hint=self.hint or self.unit, choices=self.choices)

    def words(self, value: Any) -> str:
        """A kept value as people say it, in the reader's language; without its unit."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return translate("Yes") if value else translate("No")
        if self.choices:
            return next((translate(words) for key, words in self.choices if key == value), str(value))
        return str(value)


@dataclass(frozen=True, slots=True)
class Bound:
    """The unit of a value, and what no instrument shows."""

    unit: str
    least: Decimal | None
    most: Decimal | None


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:
    with _FACTS.open("rb") as file:
        return tomllib.load(file)


@lru_cache(maxsize=1)
def bounds() -> dict[str, Bound]:
    """Units and bounds by field."""
    return {
        key: Bound(
            row["unit"],
            Decimal(row["least"]) if "least" in row else None,
            Decimal(row["most"]) if "most" in row else None,
        )
        for key, row in _facts()["field"].items()
    }


def late_ms() -> int:
    """From this long after its end on, a record counts as added afterwards."""
    return int(_facts()["late_minutes"]) * 60_000


def ahead_ms() -> int:
    """So much may a sampling lie ahead of the device's clock."""
    return int(_facts()["ahead_minutes"]) * 60_000


_WATERS: Choices = tuple((one.key, one.zh) for one in limits.waters())
_ZONES: Choices = tuple((zone, zone) for zone in limits.zones())

COMMON: tuple[Asked, ...] = (
    Asked("began_at", N_("Sampling began"), MUST, "moment", hint=N_("14:05, or 2027-06-30 14:05")),
    Asked("ended_at", N_("Sampling ended"), MUST, "moment", hint=N_("14:05, or 2027-06-30 14:05")),
    Asked("sampler_unit", N_("Sampled by (office)"), MUST),
    Asked("first_officer", N_("First officer"), kind="officer"),
    Asked("second_officer", N_("Second officer"), kind="officer"),
    Asked("point", N_("Sampling point"), MUST, hint=N_("name, as 总排口")),
    Asked("symbol", N_("Kind of point"), MUST, "choice", rules.SYMBOL_WORDS),
    Asked("location", N_("Where the point is"), SHOULD),
    Asked("latitude", N_("Latitude"), SHOULD, hint=N_("decimal degrees, as 24.5130")),
    Asked("longitude", N_("Longitude"), SHOULD, hint=N_("decimal degrees, as 117.6460")),
    Asked("method", N_("Norm of sampling"), MUST, hint=N_("number of the norm that was followed")),
    Asked("instrument", N_("Instrument and model"), MUST),
    Asked("instrument_number", N_("Number of the instrument"), SHOULD),
    Asked("weather", N_("Weather"), MUST),
    Asked("production", N_("State of production"), MUST, "long"),
    Asked("treatment", N_("State of the treatment"), MUST, "long"),
    Asked("abnormal", N_("What was unusual"), MAY, "long"),
)
OWN: dict[str, tuple[Asked, ...]] = {
    "water": (
        Asked("sampled", N_("Instant or composite"), MUST, "choice", rules.SAMPLED),
        Asked("portions", N_("Portions mixed"), kind="count", hint=N_("of a composite sample")),
        Asked("interval", N_("Interval between portions"), hint=N_("of a composite sample")),
        Asked("outlet", N_("Which outlet"), MUST, "choice", rules.OUTLETS),
        Asked("discharge_to", N_("Where it flows to"), MUST),
        Asked("water", N_("Receiving water"), SHOULD, "choice", _WATERS),
        Asked("flow", N_("Flow"), SHOULD),
        Asked("ph", N_("pH on site"), SHOULD),
        Asked("temperature", N_("Temperature of the water"), SHOULD),
        Asked("colour", N_("Colour on site")),
        Asked("transparency", N_("Transparency")),
        Asked("conductivity", N_("Conductivity")),
        Asked("calibration", N_("Calibration of the instrument"), SHOULD),
    ),
    "air": (
        Asked("outlet_number", N_("Number of the outlet"), MUST),
        Asked("section", N_("Place of the section"), MUST),
        Asked("stack", N_("Height of the stack"), SHOULD),
        Asked("load", N_("Load"), MUST),
        Asked("gas_temperature", N_("Temperature of the gas"), SHOULD),
        Asked("gas_pressure", N_("Pressure of the gas"), SHOULD),
        Asked("humidity", N_("Humidity of the gas"), SHOULD),
        Asked("velocity", N_("Velocity of the gas"), SHOULD),
        Asked("dry_flow", N_("Dry flow at standard conditions"), SHOULD),
        Asked("oxygen", N_("Oxygen of the gas"), SHOULD),
        Asked("volume", N_("Volume sampled"), SHOULD),
        Asked("calibration", N_("Calibration of the instrument"), SHOULD),
    ),
    "solid": (
        Asked("solid_kind", N_("Kind of waste or soil"), MUST),
        Asked("depth", N_("Depth"), MUST, hint=N_("cm, as 0-20; of a heap: from its surface")),
        Asked("surroundings", N_("Surroundings"), MUST, "long"),
    ),
    "noise": (
        Asked("period", N_("Day or night"), MUST, "choice", rules.PERIODS),
        Asked("zone", N_("Acoustic zone"), SHOULD, "choice", _ZONES),
        Asked("sound_source", N_("Source of the noise and its state"), MUST),
        Asked("calibrator", N_("Calibrator: model and number"), MUST),
        Asked("calibration_before", N_("Calibration before"), MUST),
        Asked("calibration_after", N_("Calibration after"), MUST),
        Asked("leq", N_("Equivalent level LAeq"), MUST),
        Asked("l10", "L10"),
        Asked("l50", "L50"),
        Asked("l90", "L90"),
        Asked("background", N_("Background level"), SHOULD),
        Asked("air_temperature", N_("Temperature of the air")),
        Asked("wind", N_("Wind"), MUST),
        Asked("rain", N_("Rain or thunder"), MUST, "flag"),
    ),
}
SIGNING: tuple[Asked, ...] = (
    Asked("signed", N_("Signature of the party"), MUST, "choice", tuple(SIGNATURES.items())),
    Asked("signer", N_("Who signed for the party")),
    Asked("refusal_reason", N_("Reason for not signing")),
    Asked("witness_name", N_("Witness")),
    Asked("witness_id", N_("Witness's citizen number")),
)
OF_SAMPLE: tuple[Asked, ...] = (
    Asked("name", N_("Name of the sample"), MUST, hint=N_("as 废水, 底泥")),
    Asked("role", N_("Kind of sample"), MUST, "choice", rules.ROLE_WORDS),
    Asked("parallel_of", N_("Parallel of"), kind="sample", hint=N_("number of the sample")),
    Asked("items", N_("To be measured"), MUST, hint=N_("joined by 、, as 化学需氧量、氨氮")),
    Asked("container", N_("Container"), MUST, hint=N_("by what is measured; of a parallel as its sample")),
    Asked(
        "preservation", N_("Preserved by"), MUST, hint=N_("by what is measured; of a parallel as its sample")
    ),
    Asked("bottles", N_("Bottles"), MUST, "count"),
    Asked("amount", N_("Amount"), hint=N_("as 500 mL")),
    Asked("taken_at", N_("Taken at"), MUST, "moment", hint=N_("14:05, or 2027-06-30 14:05")),
    Asked("hold_hours", N_("To be at the laboratory within (h)"), SHOULD, hint=N_("as its method has it")),
    Asked("note", N_("Remark"), MAY, "long"),
)


def fields_of(matter: str) -> tuple[Asked, ...]:
    """Every field of a sampling record of that matter, in the order of the form."""
    return (*COMMON, *OWN.get(matter, ()), *SIGNING)


def named(matter: str) -> dict[str, Asked]:
    """The same by key."""
    return {each.key: each for each in fields_of(matter)}
