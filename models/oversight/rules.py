"""Rates, months and ids of oversight: pure functions."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from models.errors import RuleBroken
from models.inspections.rules import child_id
from models.language import N_
from models.registry import units
from models.registry.typed import read_decimal

LEVELS: dict[str, str] = {"city": N_("City"), "county": N_("County")}
_PLACES = Decimal("0.0001")


class FiguresDisagree(RuleBroken):
    """The classes of the cases do not add up to the cases started (R007)."""


def ratio(part: int, whole: int) -> Decimal:
    """The share, rounded half up to four places; zero of nothing is zero."""
    return (Decimal(part) / Decimal(whole)).quantize(_PLACES, ROUND_HALF_UP) if whole else Decimal(0)


def plain(value: Decimal) -> str:
    """A decimal without needless zeros: 0.4400 is 0.44."""
    return format(value.normalize(), "f")


def percent(value: Decimal) -> str:
    """A share as people read it: 0.44 is 44%, 0.3333 is 33.33%."""
    return f"{plain(value * 100)}%"


def reconcile(started: int, done: int, awaiting: int, other: int) -> None:
    """Check that every started case is in exactly one of the three classes.

    Raises:
        FiguresDisagree: the three do not add up; nothing may be published.
    """
    if started != done + awaiting + other:
        raise FiguresDisagree(
            N_("Cases started: {started}, but {done} + {awaiting} + {other} were counted."),
            field="started",
            started=started,
            done=done,
            awaiting=awaiting,
            other=other,
        )


def read_points(text: str) -> Decimal:
    """Points of zero or more, to a tenth.

    Raises:
        RuleBroken: they are no number, or finer than a tenth.
    """
    points = Decimal(read_decimal(text, "points"))
    if points != points.quantize(Decimal("0.1")):
        raise RuleBroken(N_("Points are given to a tenth."), field="points")
    return points


def parts(text: str) -> list[str]:
    """The parts of a list as people write it, joined by commas or 、."""
    return [part.strip() for part in re.split(r"[,，、]", text) if part.strip()]


def read_month(text: str) -> str:
    """A month as it is kept, from 2021-11, 202111, 2021/11, 2021年11月.

    Raises:
        RuleBroken: it is no month.
    """
    folded = re.sub(r"[年/.]", "-", unicodedata.normalize("NFKC", text)).replace("月", "").strip()
    found = re.fullmatch(r"(\d{4})-?(\d{1,2})", folded, re.ASCII)
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        raise RuleBroken(N_("“{value}” is no month: give it as 2021-11."), field="month", value=text)
    return f"{found[1]}-{int(found[2]):02d}"


def is_month(text: str) -> bool:
    """Whether the text is a month as it is kept."""
    return re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII) is not None


def day_in(text: str | None) -> date | None:
    """A day as it is kept; None for what no verb of ours wrote."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.isoformat() == text else None


def last_day(month: str) -> date:
    """The last day of a month as it is kept."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])


def month_after(month: str) -> str:
    """The month after one."""
    return _month(_count(month) + 1)


def month_before(month: str) -> str:
    """The month before one."""
    return _month(_count(month) - 1)


def months(first: str, last: str) -> list[str]:
    """The months from the first to the last, both included; none where the last lies before."""
    return [_month(count) for count in range(_count(first), _count(last) + 1)]


def _month(count: int) -> str:
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def _count(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def bulletin_count(month: str, first: str) -> int:
    """第几期: the count of a month's bulletin in its year, where the first of all was that of `first`."""
    opening = int(first[5:]) if first[:4] == month[:4] else 1
    return int(month[5:]) - opening + 1


def days_to_year_end(on: date) -> int:
    """Days until 31 December: 0 on that day."""
    return (date(on.year, 12, 31) - on).days


def score_id(unit: str, year: int, indicator: str) -> str:
    """The id of the points of a unit for an indicator of a year, the same on every device."""
    stamp = int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000
    return child_id(f"{stamp:012x}", "score", f"{unit}:{year}:{indicator}")


def current_code(code: str) -> str:
    """The code in force of a unit that an older record names by an earlier one (350681 is Longhai)."""
    found = units.unit(code)
    return found.code if found else code


def city() -> units.Unit:
    """The city itself, which bulletins and rankings belong to."""
    return next(each for each in units.units() if each.kind == "city")


def departments() -> list[units.Unit]:
    """The city's departments, which are dispatched too (R020)."""
    return [each for each in units.units() if each.kind == "department"]


def official_name(code: str) -> str:
    """A unit's Chinese name, as papers bear it; the code itself where it is none of ours."""
    found = units.unit(code)
    return found.name if found else code
