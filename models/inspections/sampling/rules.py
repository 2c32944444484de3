"""Closed lists of sampling with their names, and the rules that need no database."""

from __future__ import annotations

from models.language import N_
from models.law import limit_data
from models.rooms import Choices

MATTERS: dict[str, str] = {
    "water": N_("Waste water"),
    "air": N_("Exhaust gas"),
    "solid": N_("Solid waste or soil"),
    "noise": N_("Noise at the boundary"),
}
"""The four kinds of sampling record."""
MATTER_WORDS: Choices = tuple(MATTERS.items())
SYMBOLS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "waste_water": ("★", N_("Waste water point"), ("water",)),
    "surface_water": ("☆", N_("Water of the environment"), ("water",)),
    "exhaust": ("◎", N_("Exhaust gas point"), ("air",)),
    "ambient_air": ("○", N_("Air of the environment"), ("air",)),
    "boundary_noise": ("▲", N_("Noise at the boundary, point"), ("noise",)),
    "sensitive_noise": ("△", N_("Sensitive point for noise"), ("noise",)),
    "solid": ("■", N_("Solid matter point"), ("solid",)),
}
"""Signs of sampling points in a sketch, their names, and for which matters they stand."""
SYMBOL_WORDS: Choices = tuple((key, words) for key, (_sign, words, _matters) in SYMBOLS.items())
USUAL_SYMBOL = {
    "water": "waste_water",
    "air": "exhaust",
    "solid": "solid",
    "noise": "boundary_noise",
}
SAMPLED: Choices = (("instant", N_("Instant sample")), ("composite", N_("Composite sample")))
OUTLETS: Choices = (
    ("total", N_("Total outlet of the unit")),
    ("workshop", N_("Outlet of a workshop or its treatment")),
    ("rain", N_("Rain water outlet")),
    ("other", N_("Another place")),
)
PERIODS: Choices = (("day", N_("Daytime")), ("night", N_("Night-time")))
ROLES: dict[str, str] = {
    "ordinary": N_("Ordinary sample"),
    "parallel": N_("Parallel sample"),
    "field_blank": N_("Field blank"),
    "spare": N_("Spare sample"),
}
ROLE_WORDS: Choices = tuple(ROLES.items())
CONDITIONS: dict[str, str] = {
    "whole": N_("Whole, seal and label in order"),
    "broken": N_("Seal broken or another one"),
    "leaking": N_("Leaking or broken bottle"),
    "label": N_("Label missing or unreadable"),
    "expired": N_("Held longer than allowed"),
}
"""In what state a sample came."""
CONDITION_WORDS: Choices = tuple(CONDITIONS.items())
CUSTODY_STEPS = ("collected", "bagged", "handed", "received", "opened")


def symbol_of(key: str | None) -> str:
    """The sign of a kind of point; empty for none."""
    return SYMBOLS[key][0] if key in SYMBOLS else ""


def first_class(items: str | None) -> list[str]:
    """Those of the items that are first-class pollutants of GB 8978-1996 表1, by their names there (J7)."""
    limited = {row.parameter for row in limit_data.rows() if row.table == "表1"}
    found = (limit_data.parameter_named(each) for each in split(items))
    return [each.name for each in found if each is not None and each.name in limited]


def same_items(items: str | None, others: str | None) -> bool:
    """Whether both name the same items, under whatever names: COD is 化学需氧量."""
    one, other = ({limit_data.parameter_key(each) for each in split(text)} for text in (items, others))
    return one == other


def split(items: str | None) -> list[str]:
    """Items as a list, from 化学需氧量、氨氮 or with commas and semicolons."""
    text = items or ""
    for mark in "，,；;/\n":
        text = text.replace(mark, "、")
    return list(dict.fromkeys(part.strip() for part in text.split("、") if part.strip()))
