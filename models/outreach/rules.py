"""Closed lists and pure rules of outreach."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from models.errors import RuleBroken
from models.language import N_, translate
from models.registry.units import unit_named
from models.rooms import Choices

THEMES: Choices = (("peak", N_("Peak of carbon emissions")), ("neutral", N_("Carbon neutrality")))
"""碳达峰、碳中和: tags of themes, no targets (R081)."""
FORMS: Choices = (
    ("lecture", N_("Lecture")),
    ("visit", N_("Guided visit")),
    ("planting", N_("Tree planting")),
    ("release", N_("Release of fish fry")),
    ("exhibition", N_("Exhibition")),
    ("law", N_("Law in public")),
    ("competition", N_("Competition")),
    ("online", N_("Held online")),
    ("other", N_("Another form")),
)
"""科普形式."""
CHANNELS: Choices = (
    ("wechat", N_("WeChat account of Zhangzhou's ecology and environment")),
    ("peoples_daily", N_("App of the People's Daily")),
    ("tv", N_("Zhangzhou Television")),
    ("cen", N_("China Environment News")),
    ("other", N_("Another channel")),
)
"""The four channels of R059, and any other."""
FOUR_CHANNELS = ("wechat", "peoples_daily", "tv", "cen")
KINDS: Choices = (("meeting", N_("Meeting of units")), ("training", N_("Training course")))
TRAINING_FORMS: Choices = (("video", N_("By video")), ("on_site", N_("On site")))
PARTS: tuple[tuple[str, str], ...] = (
    ("source", N_("Source of the clue")),
    ("investigation", N_("Investigation and assessment")),
    ("consultation", N_("Consultation")),
    ("restoration", N_("Restoration")),
    ("significance", N_("Significance")),
)
"""The parts of an exemplary case in the MEE's form, in their order."""
MOST_HOURS = 240
"""Hours of a training: thirty days of eight."""
MOST_PEOPLE = 10_000_000
FIRST_YEAR = 2000


def values(choices: Choices) -> tuple[str, ...]:
    """The values of a closed list."""
    return tuple(value for value, _ in choices)


def listed(text: str) -> list[str]:
    """Names that were typed one after the other, each once: joined by 、 or commas, or one a line."""
    parts = (part.strip() for part in re.split(r"[、,，;；\n]", text))
    return list(dict.fromkeys(part for part in parts if part))


def founders(text: str) -> str:
    """The founders as they are kept, joined by 、.

    Raises:
        RuleBroken: there are fewer than two (R078: 共同成立).
    """
    names = listed(text)
    if len(names) < 2:
        raise RuleBroken(
            N_("Name at least two bodies that founded it together, joined by 、."), field="founders"
        )
    return "、".join(names)


def unit_code(text: str | None, own: str) -> str:
    """The code of a unit given by code or name; the own one for none.

    Raises:
        RuleBroken: it is no unit of Zhangzhou.
    """
    if not text:
        return own
    found = unit_named(text)
    if found is None:
        raise RuleBroken(
            N_("“{value}” is no unit of Zhangzhou. Give its name or code, such as 芗城区 or 350602."),
            field="unit_code",
            value=text,
        )
    return found.code


def statistical_code(text: str | None) -> str | None:
    """A statistical code of 6, 9 or 12 digits.

    Raises:
        RuleBroken: it is none.
    """
    if not text:
        return None
    code = re.sub(r"\s", "", text)
    if not re.fullmatch(r"\d{6}(\d{3}){0,2}", code, re.ASCII):
        raise RuleBroken(
            N_("“{value}” is no statistical code: 6, 9 or 12 digits."), field="statistical", value=text
        )
    return code


def decimal_between(text: str, field: str, low: int, high: int, *, above: bool = False) -> str:
    """A decimal number within bounds, as decimal text; `above`: it must be more than the lower bound.

    Raises:
        RuleBroken: it is none.
    """
    if not re.fullmatch(r"\d{1,15}(\.\d{1,8})?", text, re.ASCII):
        raise RuleBroken(
            N_("“{value}” is no number: give it in digits, as 2 or 3.5."), field=field, value=text
        )
    value = Decimal(text)
    if value > high or value < low or (above and value == low):
        raise RuleBroken(
            N_("{value} does not lie between {low} and {high}."), field=field, value=text, low=low, high=high
        )
    return format(value.normalize(), "f")


def refuse_year(year: int, today: date) -> None:
    """Refuse a year before 2000 or after this one.

    Raises:
        RuleBroken: it is one.
    """
    if not FIRST_YEAR <= year <= today.year:
        raise RuleBroken(
            N_("The year lies between {first} and {last}."), field="year", first=FIRST_YEAR, last=today.year
        )


def refuse_people(people: int | None) -> None:
    """Refuse a number of people that cannot be.

    Raises:
        RuleBroken: it is negative or larger than the province.
    """
    if people is not None and not 0 <= people <= MOST_PEOPLE:
        raise RuleBroken(N_("So many people cannot have come."), field="people")


def refuse_link(link: str | None) -> None:
    """Refuse a link that no browser opens.

    Raises:
        RuleBroken: it does not begin with http:// or https://.
    """
    if link and not re.fullmatch(r"https?://[^\s/]+\S*", link.strip()):
        raise RuleBroken(
            N_("“{value}” is no link: it begins with https://. Put what is no link under page."),
            field="link",
            value=link,
        )


def part_title(name: str) -> str:
    """The heading of a part of an exemplary case, in the reader's language."""
    return translate(dict(PARTS)[name])
