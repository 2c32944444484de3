"""How much a penalty article allows: ranges as data, and what two of them say of which law is lighter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

WHOM = {"": "", "unit": "对单位", "individual": "对个人", "person": "对责任人员"}
"""Whom a range is for: anyone who did it, units, individuals, or those responsible in a unit."""
UNITS = {
    "yuan": ("", "元", "罚款"),
    "yuan_per_m2": ("每平方米", "元", "罚款"),
    "yuan_per_m": ("每米", "元", "罚款"),
    "yuan_each": ("每次", "元", "罚款"),
    "investment_percent": ("建设项目总投资额", "%", "罚款"),
    "replant_times": ("补种", "倍", ""),
    "detention_days": ("拘留", "日", ""),
}
"""What a range counts: words before the numbers, their unit, words after them."""
Compared = Literal["same", "lower", "higher", "mixed"]


@dataclass(frozen=True, slots=True)
class PenaltyRange:
    """One range of one penalty article, both ends included."""

    least: int | None
    """In whole units; None where the article sets no least."""
    most: int
    unit: str = "yuan"
    """One of `UNITS`."""
    whom: str = ""
    """One of `WHOM`."""
    of: str = ""
    """What it is for, where an article has several (Chinese data)."""

    @property
    def text(self) -> str:
        """As papers write it: 情节严重的：对单位10万元以上100万元以下罚款."""
        before, _unit, after = UNITS[self.unit]
        least = f"{self._amount(self.least)}以上" if self.least is not None else ""
        of = f"{self.of}：" if self.of else ""
        return f"{of}{WHOM[self.whom]}{before}{least}{self._amount(self.most)}以下{after}"

    def _amount(self, number: int) -> str:
        unit = UNITS[self.unit][1]
        if unit == "元" and number >= 10_000:
            return f"{Decimal(number).scaleb(-4).normalize():f}万元"
        return f"{number}{unit}"


def words(ranges: Sequence[PenaltyRange]) -> str:
    """All ranges of an article in one line."""
    return "；".join(each.text for each in ranges)


def compared(then: Sequence[PenaltyRange], now: Sequence[PenaltyRange]) -> Compared | None:
    """Whether the fines of a later law lie lower or higher than those of a former one; None where unknown.

    Only fines in yuan for whoever did it are held against each other, by the least and the most that any of
    the article's cases allows. It is a hint for the legal reviewer, who weighs the case that applies.
    """
    ends = [_ends(each) for each in (then, now)]
    if ends[0] is None or ends[1] is None:
        return None
    (least_then, most_then), (least_now, most_now) = ends[0], ends[1]
    if (least_then, most_then) == (least_now, most_now):
        return "same"
    if least_now <= least_then and most_now <= most_then:
        return "lower"
    if least_now >= least_then and most_now >= most_then:
        return "higher"
    return "mixed"


def _ends(ranges: Sequence[PenaltyRange]) -> tuple[int, int] | None:
    fines = [each for each in ranges if each.unit == "yuan" and each.whom != "person"]
    if not fines:
        return None
    return min(each.least or 0 for each in fines), max(each.most for each in fines)
