"""What a restoration must fulfil: modes, quantities, species, guidance. Pure functions, no database."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from dateutil.rrule import MONTHLY, rrule

from models.errors import BadInput, RuleBroken
from models.language import N_, current_language, translate
from models.law.parameters import Parameter, parameter
from models.packs import UNKNOWN, PackFile, read_toml
from models.registry.rules import is_degree, tidy_text
from models.registry.typed import read_decimal
from models.rooms import Choices

_HERE = Path(__file__).parent

MODES: Choices = (
    ("in_place", N_("In place")),
    ("fish_release", N_("Fish release")),
    ("replanting", N_("Replanting")),
    ("watershed", N_("Small-watershed works")),
)
"""修复模式 (R052): one in place, three elsewhere."""
OFF_SITE = ("fish_release", "replanting", "watershed")
BASE_TYPES: Choices = (
    ("fish_release", N_("Release site")),
    ("replanting", N_("Replanting base")),
    ("watershed", N_("Watershed base")),
)
"""Each serves the mode of its name."""
BASE_STATES: Choices = (
    ("planned", N_("Base planned")),
    ("under_construction", N_("Base under construction")),
    ("built", N_("Base built")),
    ("closed", N_("Base given up")),
)
TAGS: Choices = (
    ("mountain", N_("Facing mountains")),
    ("river", N_("On a river")),
    ("sea", N_("By the sea")),
)
"""面山、临江、濒海 (R057)."""
WHAT: Choices = (
    ("fish_fry", N_("Fish fry")),
    ("snails", N_("Snails")),
    ("river_water_m3", N_("River water treated")),
    ("channel_m", N_("Flood channel dredged")),
    ("replanting_yuan", N_("Spent on replanting")),
    ("trees", N_("Trees planted")),
    ("area_m2", N_("Area restored")),
    ("carbon_t", N_("Carbon sink bought")),
    ("other", N_("Another quantity")),
)
"""What is counted (R008-R012; carbon: R080)."""
UNITS: dict[str, str] = {
    "fish_fry": "尾",
    "snails": "粒",
    "river_water_m3": "m³",
    "channel_m": "m",
    "replanting_yuan": "元",
    "trees": "株",
    "area_m2": "m²",
    "carbon_t": "tCO2e",
}
"""The unit of each as it is kept; another quantity brings its own."""
_UNIT_WORDS = {
    "尾": N_("fry"),
    "粒": N_("snails"),
    "m³": N_("cubic metres"),
    "m": N_("metres"),
    "元": N_("yuan"),
    "株": N_("trees"),
    "m²": N_("square metres"),
    "tCO2e": N_("tonnes of CO₂e"),
}
LIVE = ("fish_fry", "snails")
"""What is released alive."""
_COUNTED = ("fish_fry", "snails", "trees")
"""What has no parts."""
APPROX: Choices = (("=", N_("exactly")), ("余", N_("more than")), ("约", N_("about")))
"""近似符 (R008)."""
ORIGINS: Choices = (
    ("native", N_("Native species")),
    ("alien", N_("Alien species")),
    ("hybrid", N_("Hybrid")),
    ("gmo", N_("Genetically modified")),
)
DEPARTMENTS: Choices = (
    ("fisheries", N_("Marine fisheries department")),
    ("forestry", N_("Forestry department")),
    ("water", N_("Water resources department")),
    ("nature", N_("Natural resources department")),
    ("agriculture", N_("Agriculture department")),
    ("ecology", N_("Ecology and environment department")),
    ("other", N_("Another department")),
)
FOLLOW_UPS_MOST = 120
"""Follow-ups of one schedule; aftercare by law and contract runs for years, not for lifetimes."""
MONTHS_MOST = 60


# -- quantities ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of quantities of one unit."""

    quantity: Decimal
    unit: str
    approx: str
    """ "约" where a part of it is about, else "余" where a part is more than, else "="."""

    @property
    def text(self) -> str:
        """It in words, as 30万余尾."""
        return amount_text(self.quantity, self.unit, self.approx)

    def __add__(self, other: Total) -> Total:
        """The sum of two of the same unit, no surer than the less sure of them.

        Raises:
            ValueError: they are of two units.
        """
        if other.unit != self.unit:
            raise ValueError(other.unit)
        approx = next((each for each in ("约", "余") if each in (self.approx, other.approx)), "=")
        return Total(self.quantity + other.quantity, self.unit, approx)


def amount_text(quantity: Decimal, unit: str, approx: str = "=") -> str:
    """A quantity in the reader's language: 30万余尾, 135.88万粒; over 300,000 fry, 1,358,800 snails."""
    words = translate(_UNIT_WORDS.get(unit, unit))
    template = {
        "余": translate(N_("over {number} {unit}")),
        "约": translate(N_("about {number} {unit}")),
    }.get(approx, translate(N_("{number} {unit}")))
    return template.format(number=number_text(quantity), unit=words)


def number_text(quantity: Decimal) -> str:
    """A number as it is read here: in 万 with two places at most in Chinese, else with grouped digits."""
    ten_thousands = quantity.scaleb(-4).normalize()
    places = -int(ten_thousands.as_tuple().exponent)
    if current_language() == "zh" and quantity >= 10_000 and places <= 2:
        return f"{ten_thousands:,f}万"
    return f"{quantity.normalize():,f}"


def checked_amount(what: str, quantity: str, unit: str | None, approx: str) -> dict[str, Any]:
    """Quantity, unit and mark as they are kept.

    Raises:
        RuleBroken: the quantity is none, is zero or has parts where there are none, or its unit is missing.
    """
    text = read_decimal(quantity, "quantity")
    number = Decimal(text)
    if number <= 0:
        raise RuleBroken(N_("Give a quantity above zero."), field="quantity")
    if what in _COUNTED and number != number.to_integral_value():
        raise RuleBroken(N_("These are counted in whole numbers."), field="quantity")
    if what == "replanting_yuan" and number != number.quantize(Decimal("0.01")):
        raise RuleBroken(N_("Yuan have two decimal places at most."), field="quantity")
    known = UNITS.get(what)
    given = tidy_text(unit or "")
    if known is None and not given:
        raise RuleBroken(N_("Say in which unit it is counted."), field="quantity_unit")
    if known is not None and given not in ("", known):
        raise RuleBroken(
            N_("This is counted in {unit}: convert it, or enter it as another quantity."),
            field="quantity_unit",
            unit=known,
        )
    return {"quantity": text, "quantity_unit": known or given, "approx": approx}


def percent(text: str, field: str) -> str:
    """A percentage as decimal text.

    Raises:
        RuleBroken: it is none from 0 to 100.
    """
    value = read_decimal(text.removesuffix("%"), field)
    if Decimal(value) > 100:
        raise RuleBroken(N_("Give per cent from 0 to 100."), field=field)
    return value


# -- species -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpeciesRule:
    """A ban of a release."""

    origins: tuple[str, ...]
    in_force: date | None
    until: date | None
    basis: str
    mark: str


def refuse_species(species: str | None, origin: str | None, on: date) -> None:
    """Refuse what may not be released alive on that day.

    Raises:
        RuleBroken: species or origin is missing, or the origin that is given or that the name tells is banned
            (法典797, 湿地保护法55, 增殖放流管理规定10).
    """
    name = tidy_text(species or "")
    if not name:
        raise RuleBroken(N_("Name the species that is released."), field="species")
    if origin is None:
        raise RuleBroken(N_("Say whether the species is native here."), field="origin")
    known = known_origin(name)
    banned = next((rule for each in (known, origin) if each and (rule := ban(each, on))), None)
    if banned is None:
        return
    if known and origin == "native":
        raise RuleBroken(
            N_("{species} is no native species but: {origin}. It may not be released; choose another."),
            field="species",
            basis=banned.basis,
            species=name,
            origin=translate(dict(ORIGINS)[known]),
        )
    raise RuleBroken(
        N_("Alien species and hybrids may not be released into waters. Choose a native species."),
        field="origin",
        basis=banned.basis,
    )


def known_origin(species: str) -> str | None:
    """The origin that a name itself tells: "hybrid", "alien" or None."""
    _, names = _species()
    return next((origin for origin, some in names.items() if any(each in species for each in some)), None)


def ban(origin: str, on: date) -> SpeciesRule | None:
    """The rule that bans releases of that origin on a day; None where there is none."""
    for rule in _species()[0]:
        begun = rule.in_force is None or rule.in_force <= on
        if origin in rule.origins and begun and (rule.until is None or on <= rule.until):
            return rule
    return None


@lru_cache(maxsize=1)
def _species() -> tuple[tuple[SpeciesRule, ...], dict[str, tuple[str, ...]]]:
    raw = tomllib.loads((_HERE / "species.toml").read_text("utf-8"))
    found = tuple(
        SpeciesRule(tuple(row["origins"]), row.get("from"), row.get("until"), row["basis"], row["mark"])
        for row in raw["rule"]
    )
    return found, {origin: tuple(raw[origin]["names"]) for origin in ("hybrid", "alien")}


# -- guidance ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Guide:
    """The department that must guide a mode."""

    department: str
    basis: str
    mark: str

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return translate(dict(DEPARTMENTS)[self.department])


def guide_of(mode: str | None) -> Guide | None:
    """The department that must guide a restoration of this mode (R042-R044); None where none must."""
    return GUIDES().get(mode or "")


def load_departments(path: Path) -> dict[str, Guide]:
    """Read a file of departments by mode.

    Raises:
        BadInput: naming the file, the mode and what is wrong.
    """
    raw = read_toml(path)
    for mode, row in raw.items():
        department = row.get("department") if isinstance(row, dict) else None
        if mode not in dict(MODES) or department not in dict(DEPARTMENTS):
            raise BadInput(UNKNOWN, file=path.name, key=mode, what=department)
    return {
        mode: Guide(row["department"], str(row.get("basis", "")), str(row.get("mark", "M")))
        for mode, row in raw.items()
    }


def _read_guides(paths: tuple[Path, ...]) -> dict[str, Guide]:
    return {mode: guide for path in paths for mode, guide in load_departments(path).items()}


GUIDES = PackFile(_read_guides, _HERE / "departments.toml")
"""Which department guides which mode; the bureau's replace ours mode by mode."""


def guided(mode: str | None, guidance: Iterable[Any]) -> bool:
    """Whether the right department came and said what it advises, as standing guidance records tell."""
    need = guide_of(mode)
    return need is None or any(
        row.department == need.department and row.came and tidy_text(row.opinion or "") for row in guidance
    )


def reason_needed(mode: str | None, planned_on: str) -> Parameter | None:
    """The rule by which a restoration of this mode must say why not in place; None where none asks."""
    if mode not in OFF_SITE:
        return None
    found = parameter("off_site_reason", date.fromisoformat(planned_on))
    return found if found is not None and found.value else None


# -- days and states -----------------------------------------------------------------------------


def base_state(base: Any, as_of: str) -> str:
    """What a base was at the end of a day: one of `BASE_STATES`; empty before it was planned.

    A day that a source does not tell is left empty: what is built needs no first day of building.
    """
    for name, state in (
        ("closed_on", "closed"),
        ("built_on", "built"),
        ("begun_on", "under_construction"),
        ("planned_on", "planned"),
    ):
        day = getattr(base, name)
        if day and day <= as_of:
            return state
    return ""


STATES: Choices = (
    ("planned", N_("Restoration planned")),
    ("under_way", N_("Restoration under way")),
    ("finished", N_("Restoration finished")),
)


def state(row: Any, as_of: str = "9999-12-31") -> str:
    """What a restoration was at the end of a day: one of `STATES`; empty before it was planned."""
    for name, found in (("finished_on", "finished"), ("begun_on", "under_way"), ("planned_on", "planned")):
        day = getattr(row, name)
        if day and day <= as_of:
            return found
    return ""


def refuse_disorder(days: Iterable[tuple[str, str | None]]) -> None:
    """Refuse days, given as (field, day) in the order that they must have, that do not have it.

    Raises:
        RuleBroken: naming the first that lies before one it follows.
    """
    last = ""
    for field, day in days:
        if not day:
            continue
        if day < last:
            raise RuleBroken(
                N_("{day} is before {earlier}, the day that it follows."), field=field, day=day, earlier=last
            )
        last = day


def refuse_position(latitude: str | None, longitude: str | None) -> None:
    """Refuse a position that is none, or half of one.

    Raises:
        RuleBroken: naming the field.
    """
    for text, bound, field in ((latitude, 90, "latitude"), (longitude, 180, "longitude")):
        if text and not is_degree(text, bound):
            raise RuleBroken(
                N_("“{value}” is no position: give decimal degrees, as 24.5130."), field=field, value=text
            )
    if bool(latitude) != bool(longitude):
        raise RuleBroken(
            N_("Give both latitude and longitude, or neither."), field="longitude" if latitude else "latitude"
        )


def follow_up_days(first: date, every_months: int, times: int) -> list[date]:
    """The days of follow-ups: the first and every so many months after it.

    A day that a month does not have becomes its last one: 31 January is followed by 28 February.

    Raises:
        RuleBroken: an interval or number of times that is not possible.
    """
    if not 1 <= every_months <= MONTHS_MOST:
        raise RuleBroken(N_("Give months from 1 to {most}."), field="every_months", most=MONTHS_MOST)
    if not 1 <= times <= FOLLOW_UPS_MOST:
        raise RuleBroken(N_("Give times from 1 to {most}."), field="times", most=FOLLOW_UPS_MOST)
    days = rrule(
        MONTHLY,
        dtstart=datetime.combine(first, time()),
        interval=every_months,
        count=times,
        bymonthday=range(min(first.day, 28), first.day + 1),
        bysetpos=-1,
    )
    return [each.date() for each in days]
