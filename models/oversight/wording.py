"""The words of the monthly bulletin: an official paper, Chinese whoever reads it; from `dispatch.toml`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.oversight import rules
from models.oversight.figures import Figures

_HERE = Path(__file__).parent


def title(month: str, count: int) -> str:
    """The title of a month's bulletin."""
    return str(_words()["title"].format(year=month[:4], count=count))


def text(figures: Figures, content: dict[str, Any], social: str = "") -> str:
    """The words of a bulletin, in Chinese: an official paper."""
    words = _words()
    month = str(content["month"])
    this = next((row for row in figures.by_month if row.month == month), None)
    lines = [
        words["opening"].format(
            day=_day(figures.as_of),
            city=rules.city().name,
            units=figures.units,
            covered=figures.covered,
            coverage=rules.percent(figures.coverage),
            started=figures.started,
            done=figures.done,
            rate=rules.percent(figures.done_rate),
            awaiting=figures.awaiting,
            other=figures.other,
        )
        + _ranked(figures),
        words["month"].format(started=this.started if this else 0, done=this.done if this else 0),
        _zero(figures, content),
        _environment(figures),
        *([words["social"].format(text=social)] if social else []),
        words["experts"].format(total=figures.experts.total),
        *_tasks(content),
        *_guidance(content),
        *_issues(content),
    ]
    return "\n".join(lines)


def _ranked(figures: Figures) -> str:
    if figures.ranking is None:
        return ""
    return _words()["ranking"].format(
        place=figures.ranking.place,
        day=_day(date.fromisoformat(figures.ranking.as_of)),
        source=figures.ranking.source,
    )


def _zero(figures: Figures, content: dict[str, Any]) -> str:
    words = _words()
    found = [words["zero_none"]]
    if figures.zero_units:
        found = [words["zero"].format(names=_names(figures.zero_units))]
    if content["warnings"]:
        found.append(
            words["warning"].format(
                year=figures.as_of.year,
                days=content["warnings"][0]["days_left"],
                names=_names(each["unit"] for each in content["warnings"]),
            )
        )
    return "".join(found)


def _environment(figures: Figures) -> str:
    words = _words()
    amounts = [
        what + quantity(total.quantity, words["units"][name], total.approx)
        for name, what in words["amounts"].items()
        if (total := figures.restoration.get(name)) is not None and total.quantity
    ]
    return str(
        words["environment"].format(amounts="，".join(amounts)) if amounts else words["environment_none"]
    )


def quantity(number: Decimal, unit: str, approx: str) -> str:
    """A quantity as the city's papers write it: 30万余尾, 135.88万粒, 约300米."""
    shown = f"{rules.plain(number / 10_000)}万" if number >= 10_000 else rules.plain(number)
    return f"{'约' if approx == '约' else ''}{shown}{'余' if approx == '余' else ''}{unit}"


def _tasks(content: dict[str, Any]) -> list[str]:
    words = _words()
    if not content["tasks"]:
        return []
    states = Counter(each["state"] for each in content["tasks"])
    found = [words["tasks"].format(all=len(content["tasks"]), done=states["done"], overdue=states["overdue"])]
    late = [
        words["tasks_late_one"].format(
            lead=rules.official_name(each["lead"]), title=each["title"], day=each["due_on"]
        )
        for each in content["tasks"]
        if each["state"] == "overdue"
    ]
    return [*found, words["tasks_late"].format(list="；".join(late))] if late else found


def _guidance(content: dict[str, Any]) -> list[str]:
    words, firsts = _words(), content["first_cases"]
    if not firsts:
        return []
    lacking = [each["unit"] for each in firsts if each["missing"]]
    if not lacking:
        return [words["guidance_full"].format(count=len(firsts))]
    return [words["guidance"].format(count=len(firsts), lacking=len(lacking), names=_names(lacking))]


def _issues(content: dict[str, Any]) -> list[str]:
    words, raised = _words(), content["issues"]
    if not raised:
        return []
    still = [each for each in raised if not each["solved_on"]]
    return [
        words["issues"].format(open=len(still), solved=len(raised) - len(still)),
        *(
            words["issues_one"].format(
                unit=rules.official_name(each["unit"]), number=each["case"], text=each["text"]
            )
            for each in still
        ),
    ]


def _names(codes: Iterable[str]) -> str:
    return "、".join(rules.official_name(code) for code in codes)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return tomllib.loads((_HERE / "dispatch.toml").read_text("utf-8"))
