"""What is asked for so that a value can be judged, and what a record says where it was not given.

A reason of "undecidable" speaks to who types: "Give the grade". On paper it is a statement: "The grade is not
known". Reasons are kept with their msgid, so those that are kept already read so, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models.language import N_, filled
from models.law.judgement import Reason


@dataclass(frozen=True, slots=True)
class Asked:
    """What a prompt asks for."""

    fields: tuple[str, ...]
    """Fields of a measurement that would answer it; the one that is most often known first."""
    statement: str
    """msgid of what a record says instead, with the same parameters."""


def fields_asked(reasons: Iterable[Reason]) -> list[str]:
    """The fields of a measurement that these reasons ask for, each once, in their order."""
    asked = (PROMPTS.get(each.msgid) for each in reasons)
    return list(dict.fromkeys(name for each in asked if each is not None for name in each.fields))


def statement(reason: Reason) -> str:
    """The reason as a record states it, in the reader's language."""
    asked = PROMPTS.get(reason.msgid)
    return filled(asked.statement if asked is not None else reason.msgid, dict(reason.params))


_ROWS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "Give the grade (1, 2, 3) or the receiving water.",
        ("water", "grade"),
        N_("Neither the grade of the standard nor the receiving water is known."),
    ),
    (
        (
            "By {given} the verdict is not the one by {by_water}. Choose which holds: the grade or the "
            "receiving water."
        ),
        ("water", "grade"),
        N_("By {given} the verdict is not the one by {by_water}; which of them holds is not known."),
    ),
    (
        "Give the grade: {known}.",
        ("grade",),
        N_("The grade of the standard is not known ({known})."),
    ),
    (
        "Choose the category for {parameter}: {known}.",
        ("category",),
        N_("Which category the limit of {parameter} is taken from is not known ({known})."),
    ),
    (
        "“{category}” is not a category of {table} for {parameter}. Choose: {known}.",
        ("category",),
        N_("{table} has no category “{category}” for {parameter} ({known})."),
    ),
    (
        (
            "First-class pollutants are judged at the outlet of the workshop or of its treatment. "
            "State where the sample was taken."
        ),
        ("point",),
        N_(
            "First-class pollutants are judged at the outlet of the workshop or of its treatment; "
            "where the sample was taken is not noted."
        ),
    ),
    (
        (
            "Over the limit even at the total outlet, though diluted there; the limit applies at "
            "the workshop's outlet. Sample there."
        ),
        ("point",),
        N_(
            "Over the limit even at the total outlet, though diluted there; the limit applies at "
            "the workshop's outlet."
        ),
    ),
    (
        (
            "First-class pollutants are judged at the outlet of the workshop or of its treatment, "
            "not at the total outlet, where they are diluted. Sample there."
        ),
        ("point",),
        N_(
            "First-class pollutants are judged at the outlet of the workshop or of its treatment, "
            "not at the total outlet, where they are diluted."
        ),
    ),
    (
        "Second-class pollutants are judged at the unit's total outlet, not at a workshop. Sample there.",
        ("point",),
        N_("Second-class pollutants are judged at the unit's total outlet, not at a workshop."),
    ),
    (
        "State whether the sample is instant or composite: the limits are daily averages.",
        ("sampled",),
        N_("Whether the sample is instant or composite is not noted; the limits are daily averages."),
    ),
    (
        "Instant sample: give the date of sampling for its legal basis.",
        ("taken_at",),
        N_("Instant sample, of which the date of sampling is not noted."),
    ),
    (
        "State whether the value is the mean of an hour: the limits are.",
        ("hourly",),
        N_("Whether the value is the mean of an hour, as the limits are, is not noted."),
    ),
    (
        "The limits are means of one hour: take samples for an hour, or four at equal intervals.",
        ("hourly",),
        N_("The limits are means of one hour, and the value is none."),
    ),
    (
        "Give the height of the stack (stack) and the zone of air quality (zone: 2 or 3).",
        ("stack", "zone"),
        N_("The height of the stack, or the zone of air quality, is not known."),
    ),
    (
        "State whether the stack is 5 m higher than the buildings within 200 m (clear): else half.",
        ("clear",),
        N_(
            "Whether the stack is 5 m higher than the buildings within 200 m is not noted; where "
            "it is not, half the rate holds."
        ),
    ),
    (
        "Give the fuel: {known}.",
        ("fuel",),
        N_("The fuel of the boiler is not known ({known})."),
    ),
    (
        "Give the table: 表1 for boilers in use, 表2 for new ones, 表3 where special limits hold.",
        ("table_id",),
        N_("Which table holds for the boiler (in use, new, special limits) is not known."),
    ),
    (
        "Give the oxygen measured (oxygen): the limit holds at {reference} %.",
        ("oxygen",),
        N_("The oxygen measured is not noted; the limit holds at {reference} %."),
    ),
    (
        "Give the temperature of the water: at 12 ℃ and below it is another limit.",
        ("temperature",),
        N_("The temperature of the water is not noted; at 12 ℃ and below another limit holds."),
    ),
    (
        "Give the building date (built): it decides the limit.",
        ("built",),
        N_("When it was built, which decides the limit, is not known."),
    ),
    (
        "Give the acoustic zone, 0 to 4.",
        ("zone",),
        N_("The acoustic zone is not known."),
    ),
    (
        "Give the period (day, night) or the time of measurement.",
        ("period", "taken_at"),
        N_("Neither the period nor the time of measurement is noted."),
    ),
    (
        "The time of measurement lies in the other period: day is {begins}–{ends}. Correct one.",
        ("taken_at", "period"),
        N_("The time of measurement lies in the other period than the one noted: day is {begins}–{ends}."),
    ),
    (
        "{standard} was in force only up to {day}: give the date of measurement.",
        ("taken_at",),
        N_("{standard} was in force only up to {day}, and the date of measurement is not noted."),
    ),
    (
        "Calibration before and after is not recorded: enter both values.",
        ("calibration_before", "calibration_after"),
        N_("Calibration before and after is not recorded."),
    ),
    (
        "Weather is not recorded: enter wind and whether it rained.",
        ("wind", "rain"),
        N_("Weather is not recorded."),
    ),
    (
        "Over the limit as measured: measure the background to correct it.",
        ("background",),
        N_("Over the limit as measured; the background, by which it is corrected, was not measured."),
    ),
    (
        "The background is less than {least} dB below the measured level: lower it and measure again.",
        ("background",),
        N_("The background is less than {least} dB below the measured level."),
    ),
    (
        "Octave bands are limited in rooms only: give the kind of room, A or B.",
        ("room",),
        N_("Octave bands are limited in rooms only, and the kind of room is not noted."),
    ),
    (
        "Indoors the octave bands {bands} Hz are limited, too: enter their levels.",
        ("bands",),
        N_("Indoors the octave bands {bands} Hz are limited, too; their levels are not noted."),
    ),
    (
        "Bands without a level: {bands} Hz.",
        ("bands",),
        N_("Bands without a level: {bands} Hz."),
    ),
    (
        "Not detected, but without detection limit: give it (such as <0.004).",
        ("detection_limit",),
        N_("Not detected, and the detection limit is not noted."),
    ),
    (
        "Zero is not a result of a laboratory: write ND, or the detection limit (<0.0001).",
        ("value", "detection_limit"),
        N_("Zero is noted, which is not a result of a laboratory."),
    ),
    (
        "The method gave only “more than {value}”: measure again, diluted.",
        ("value",),
        N_("The method gave only “more than {value}”."),
    ),
    (
        "The method gave only “{value} or more”: measure again, diluted.",
        ("value",),
        N_("The method gave only “{value} or more”."),
    ),
    (
        "The permit limits {parameter} at {outlets} only: say at which outlet this was taken.",
        ("point",),
        N_("The permit limits {parameter} at {outlets} only; at which outlet this was taken is not noted."),
    ),
    (
        "There are several limits for this ({limits}): withdraw those that do not hold.",
        ("standard",),
        N_("There are several limits for this ({limits}), which say different things."),
    ),
    (
        "{standard} ({title}) is local and stricter; its figures are not here: fill in local_limits.csv.",
        ("standard",),
        N_("{standard} ({title}) is local and stricter; its figures were not at hand."),
    ),
    (
        (
            "{standard} is the standard of this industry ({industry}) and comes before the "
            "general one; its figures are not kept here: look them up there."
        ),
        ("standard",),
        N_(
            "{standard} is the standard of this industry ({industry}) and comes before the "
            "general one; its figures were not at hand."
        ),
    ),
    (
        "{table} is kept here only in part, without this row for {parameter}: look it up in the standard.",
        ("standard",),
        N_("The limit of {parameter} in {table} was not at hand."),
    ),
    (
        "Sources built before 1997-01-01 are limited by 表1, which is not kept here: look it up.",
        ("built",),
        N_("Sources built before 1997-01-01 are limited by 表1, whose figures were not at hand."),
    ),
    (
        "The limits of {standard} are not kept here: look them up in the standard.",
        ("standard",),
        N_("The limits of {standard} were not at hand."),
    ),
    (
        "The table states this limit in words: judge by its note.",
        (),
        N_("The table states this limit in words."),
    ),
    (
        "No limits of solid waste or soil are kept here: take them from the standard that applies.",
        (),
        N_("The limits of solid waste and soil were not at hand."),
    ),
)
"""Prompt, fields, statement."""
PROMPTS = {prompt: Asked(fields, words) for prompt, fields, words in _ROWS}
"""By the msgid of the prompt."""
