"""What the plan of spot checks and the yearly cap demand, and the closed lists: pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from models.errors import RuleBroken
from models.language import N_
from models.law.parameters import Parameter, parameter
from models.rooms import Choices

CLASSES: Choices = (
    ("special", N_("Special source")),
    ("key", N_("Key site")),
    ("general", N_("General site")),
    ("closed", N_("Closed")),
)
"""How closely a site is watched."""
CATEGORIES: Choices = (*CLASSES[:3], ("all", N_("All classes")))
"""What a draw is made of."""
SPECIAL: Choices = (
    ("punished", N_("Punished last year")),
    ("listed", N_("Under supervision or listed (督办、挂牌)")),
    ("credit", N_("Environmental credit: warned or bad")),
    ("risk", N_("Major environmental risk")),
    ("exposed", N_("Exposed in the media, or three complaints found true last year")),
)
"""What makes a special source: 福州闽清, 闽环保法〔2016〕3号 (S2)."""
SPECIAL_BASIS = "闽环保法〔2016〕3号（福州闽清）"
ORIGINS: Choices = (
    ("draw", N_("Draw by lot")),
    ("plan", N_("Plan of inspections")),
    ("complaint", N_("Complaint or report")),
    ("passed_on", N_("Passed on by others")),
    ("recheck", N_("Re-check after an order")),
    ("campaign", N_("Special campaign")),
)
"""Where an assignment comes from."""
SOURCE_OF: Mapping[str, str] = {
    "draw": "routine",
    "plan": "routine",
    "complaint": "complaint",
    "passed_on": "assigned",
    "recheck": "assigned",
    "campaign": "special",
}
"""Origin to the source that the inspection record states (`inspections.rules.SOURCES`)."""
FREE_SOURCES: Mapping[str, str] = {"complaint": "visits_free_complaint", "assigned": "visits_free_passed_on"}
"""Source of an inspection that nobody assigned, to the parameter that frees it from the cap."""
REPLIES: Choices = (("declined", N_("Declined")), ("handed_on", N_("Handed on")))
NOTICES: Choices = (("published", N_("Published")), ("annulled", N_("Annulled")))
STATES: Choices = (
    ("overdue", N_("Overdue")),
    ("declined", N_("Declined")),
    ("waiting", N_("Not begun")),
    ("begun", N_("Begun")),
    ("done", N_("Sealed")),
    ("recalled", N_("Recalled")),
    ("replaced", N_("Assigned anew")),
)
"""Where an assignment stands."""
DRAW_STATES: Choices = (
    ("frozen", N_("List frozen")),
    ("drawn", N_("Drawn")),
    ("annulled", N_("Annulled")),
    ("published", N_("Published")),
)
CAP_BASIS = "国办发〔2024〕54号"
_PERIOD = re.compile(r"(20\d\d)(?:-?[Qq]([1-4]))?")
_COUNTED = {"complaint": "complaint", "passed_on": "passed_on", "recheck": "recheck"}


def read_period(text: str) -> str:
    """A period as it is kept: "2026Q4" or "2026".

    Raises:
        RuleBroken: it is neither a quarter nor a year.
    """
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        raise RuleBroken(
            N_("“{value}” is no period: give a quarter as 2026Q4, or a year as 2026."),
            field="period",
            value=text,
        )
    return f"{found[1]}Q{found[2]}" if found[2] else found[1]


def quarter_of(on: date) -> str:
    """The quarter of a day."""
    return f"{on.year}Q{(on.month + 2) // 3}"


def covers(period: str, on: date) -> bool:
    """Whether a day lies in a period."""
    return period in (quarter_of(on), str(on.year))


def least(category: str, period: str, sites: int, officers: int, *, city: bool, on: date) -> tuple[int, str]:
    """How many sites the plan asks for in a period, and by which words.

    Args:
        sites: all sites of the category, also those drawn already.
        officers: officers with a certificate in the unit.
        city: whether the city draws, not a county.

    Returns:
        The number, and the basis with its mark; 0 and no words where no parameter is in force, or for a mixed
        draw.
    """
    level = "city" if city else "county"
    if category == "special":
        return _share(parameter("spot_special_percent", on), sites)
    if category == "key":
        return _share(parameter(f"spot_key_percent_{level}", on), sites)
    found = parameter(f"spot_general_per_officer_{level}", on) if category == "general" else None
    if found is None:
        return 0, ""
    whole = found.value * officers
    if "Q" in period:  # a year's number, spread over its quarters
        whole = -(-whole // 4)
    return min(whole, sites), f"{found.basis}[{found.mark}]"


def _share(found: Parameter | None, sites: int) -> tuple[int, str]:
    if found is None:
        return 0, ""
    return -(-sites * found.value // 100), f"{found.basis}[{found.mark}]"


def cap(category: str, on: date) -> Parameter | None:
    """How many counted inspections a site of a class may have in a year; None where no cap is in force."""
    return parameter(f"visits_most_{category}", on) if category in ("special", "key", "general") else None


def is_counted(origin: str, on: date, *, covert: bool) -> bool:
    """Whether an inspection of this origin counts towards the yearly cap."""
    names = [f"visits_free_{_COUNTED[origin]}"] if origin in _COUNTED else []
    names += ["visits_free_covert"] if covert else []
    return not any(found.value for name in names if (found := parameter(name, on)) is not None)


def source_is_counted(source: str | None, on: date) -> bool:
    """Whether an inspection that nobody assigned counts, by the source that its record states."""
    name = FREE_SOURCES.get(source or "")
    found = parameter(name, on) if name else None
    return found is None or not found.value


def number_after(number: str, steps: int) -> str:
    """The notice number so many after one: its last digits count on; itself where it has none.

    "漳环检通〔2026〕15号" and 2 give "漳环检通〔2026〕17号".
    """
    found = list(re.finditer(r"\d+", number))
    if not found or not steps:
        return number
    last = found[-1]
    counted = str(int(last.group()) + steps).zfill(len(last.group()))
    return f"{number[: last.start()]}{counted}{number[last.end() :]}"
