"""The fields of a measurement, with their choices from the limits that are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from models.inspections.standards.queries import proposed
from models.language import N_
from models.law import limits
from models.law.limit_data import Parameter
from tui.screens.inspection_form import YES_NO
from tui.widgets.choice import Choice
from tui.widgets.form import FormField
from tui.widgets.picker import among

if TYPE_CHECKING:
    from models.registry.tables import Site

MEDIA = (("water", N_("Water")), ("air", N_("Exhaust air")), ("noise", N_("Noise")))
GAS_UNITS = ("mg/m3", "μg/m3", "kg/h", "g/s")
FUELS = (("煤", N_("Coal")), ("油", N_("Oil")), ("气", N_("Gas")))
UNITS = ("mg/L", "μg/L", "无量纲", "倍", "个/L", "MPN/L", "Bq/L")
"""Units of water values offered; any other may be written in the value's report."""
CARRIED = {
    "water": ("point", "sampled", "water", "grade", "built", "category", "standard"),
    "air": ("point", "stack", "clear", "hourly", "zone", "fuel", "oxygen", "table_id", "built", "standard"),
    "noise": (
        "zone", "period", "calibration_before", "calibration_after", "wind", "rain", "weather", "instrument",
        "background", "source_of_noise", "standard",
    ),
}  # fmt: skip
"""What a new measurement takes over from the one before of the same medium."""

OF_SITE = frozenset(["water", "grade", "built", "category", "zone", "stack"])
"""Fields that the register keeps of a site and a measurement takes over."""


def of_site(site: Site | None, medium: str) -> Any:
    """What the register knows of a site's limits, in the shape of a measurement before; None for nothing."""
    if site is None:
        return None
    return SimpleNamespace(medium=medium, **proposed(site, medium))


def fields_of(medium_now: str, categories: Callable[[str], Sequence[Choice]]) -> Sequence[FormField]:
    """The fields of a measurement in water or of noise, the needed ones first."""
    standards = tuple((one.code, f"{one.code} {one.title}") for one in limits.standards(medium_now))
    standard = FormField(
        "standard",
        N_("Standard"),
        kind="choice",
        hint=N_("the usual one"),
        choices=(("", N_("the usual one")), *standards),
    )
    medium = FormField("medium", N_("Medium"), kind="choice", choices=MEDIA)
    if medium_now == "noise":
        zones = tuple((zone, zone) for zone in limits.zones())
        return (
            FormField("value", N_("Level, dB(A)"), required=True, kind="number"),
            FormField("point", N_("Point"), hint=N_("1 m outside the east boundary")),
            FormField("zone", N_("Acoustic zone"), kind="choice", choices=zones),
            FormField(
                "period",
                N_("Period"),
                kind="choice",
                hint=N_("by the time"),
                choices=(("", N_("by the time")), ("day", N_("Daytime")), ("night", N_("Night-time"))),
            ),
            FormField("background", N_("Background, dB(A)"), kind="number"),
            FormField("calibration_before", N_("Calibration before"), kind="number"),
            FormField("calibration_after", N_("Calibration after"), kind="number"),
            FormField("wind", N_("Wind, m/s"), kind="number"),
            FormField("rain", N_("Rain or thunder"), kind="choice", choices=YES_NO),
            FormField("taken_at", N_("Measured at"), hint=N_("Empty: now")),
            FormField("source_of_noise", N_("Source of the noise")),
            FormField("instrument", N_("Instrument")),
            FormField(
                "level_kind",
                N_("Kind of level"),
                kind="choice",
                choices=(
                    ("", N_("Equivalent level")),
                    ("frequent", N_("Highest, frequent")),
                    ("occasional", N_("Highest, occasional")),
                ),
            ),
            FormField("indoors", N_("Measured indoors"), kind="choice", choices=YES_NO),
            FormField("room", N_("Room type"), kind="choice", choices=(("", "-"), ("A", "A"), ("B", "B"))),
            FormField("bands", N_("Octave bands, dB"), hint="31.5:70, 63:58, 125:47, 250:38, 500:33"),
            standard,
            FormField("weather", N_("Weather")),
            medium,
        )
    category = FormField(
        "category",
        N_("Category"),
        kind="pick",
        query=categories,
        hint=N_("Only where the table asks for it"),
    )
    known = (
        FormField("detection_limit", N_("Detection limit"), kind="number"),
        FormField("built", N_("Approved on"), hint=N_("Day of the environmental approval, 2005-06-30")),
    )
    taken_at = FormField("taken_at", N_("Sampled at"), hint=N_("Empty: now"))
    last = (standard, FormField("instrument", N_("Instrument")), medium)
    if medium_now == "air":
        return (
            _parameter(air_parameters_by, N_("Type SO2, or pinyin initials")),
            FormField("value", N_("Value"), required=True, kind="number", hint=N_("240, <3, ND")),
            _unit(GAS_UNITS, N_("kg/h: a rate")),
            category,
            FormField("point", N_("Point"), hint=N_("with 无组织 in it: outside the boundary")),
            FormField("hourly", N_("Mean of an hour"), kind="choice", choices=YES_NO),
            FormField("stack", N_("Height of the stack, m"), kind="number"),
            FormField("clear", N_("5 m above all within 200 m"), kind="choice", choices=YES_NO),
            _one_of("zone", N_("Zone of air quality"), [(zone, zone) for zone in limits.AIR_ZONES]),
            _one_of("fuel", N_("Fuel of the boiler"), FUELS),
            FormField("oxygen", N_("Oxygen measured, %"), kind="number"),
            _one_of("table_id", N_("Table for boilers"), _tables(limits.BOILERS)),
            *known,
            taken_at,
            *last,
        )
    return (
        _parameter(parameters_by, N_("Type COD, or pinyin initials")),
        FormField(
            "value",
            N_("Value"),
            required=True,
            kind="number",
            hint=N_("As the report has it: 240, <0.004, ND"),
        ),
        category,
        _unit(UNITS, N_("that of the limit")),
        FormField("point", N_("Point"), kind="pick", query=points_by),
        _one_of("sampled", N_("Sample"), [("instant", N_("Instant")), ("composite", N_("Composite"))]),
        _one_of("water", N_("Receiving water"), [(one.key, one.title) for one in limits.waters()]),
        _one_of("grade", N_("Grade"), [(grade, grade) for grade in limits.grades()], none=N_("by the water")),
        *known,
        FormField("temperature", N_("Temperature of the water, ℃"), kind="number"),
        taken_at,
        FormField(
            "mixed", N_("Mixed waste water"), hint=N_("limit:discharge:output, as 100:2.5:300, 150:4:80")
        ),
        _one_of("table_id", N_("Table"), _tables("GB 8978-1996"), none=N_("by the date")),
        *last,
    )


def _parameter(query: Callable[[str], Sequence[Choice]], hint: str) -> FormField:
    return FormField("parameter", N_("Parameter"), kind="pick", required=True, query=query, hint=hint)


def _unit(units: Sequence[str], hint: str) -> FormField:
    choices = (("", N_("that of the limit")), *((unit, unit) for unit in units))
    return FormField("unit_of_value", N_("Unit of the value"), kind="choice", hint=hint, choices=choices)


def _one_of(name: str, label: str, choices: Sequence[tuple[str, str]], none: str = "") -> FormField:
    """A choice that may stay open, with the word for that."""
    return FormField(name, label, kind="choice", hint=none, choices=(("", none or "-"), *choices))


def _tables(standard: str) -> list[tuple[str, str]]:
    return [(one.name, f"{one.name} {one.title}") for one in limits.tables(standard)]


def air_parameters_by(text: str) -> list[Choice]:
    """Pollutants of exhaust air by letters, Chinese name or pinyin initials."""
    return list(among([_named(one) for one in limits.parameters_in("air")])(text))


def parameters_by(text: str) -> list[Choice]:
    """Water parameters by letters, Chinese name or pinyin initials; the usual ones first."""
    found = limits.parameters_in("water")
    usual = ["COD", "氨氮", "pH", "SS", "BOD5", "磷酸盐", "石油类", "色度"]
    ordered = sorted(found, key=lambda one: usual.index(one.name) if one.name in usual else len(usual))
    return list(among([_named(one) for one in ordered])(text))


def _named(one: Parameter) -> Choice:
    """Symbol and name, once where they are the same."""
    return Choice(one.name, " ".join(dict.fromkeys(filter(None, (one.name, one.title)))))


def points_by(text: str) -> list[Choice]:
    """The two outlets that the tables know, and whatever is typed."""
    names = ["总排口", "车间排口", "雨水排口", "污水处理设施出口"]
    if text.strip() and text.strip() not in names:
        names.append(text.strip())
    return [Choice(name, name) for name in names if text.strip() in name] or [Choice(text, text)]
