"""The rules by which the city scores its units (R014): an editable pack a year.

The original rules are not public, so that ours bear the mark D; the bureau's own `scoring.toml` replaces the
pack of each year that it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from models.errors import BadInput, RuleBroken
from models.language import N_, current_language
from models.packs import MISSING, UNKNOWN, PackFile, read_toml

_HERE = Path(__file__).parent
COMPUTED = ("zero_case", "done_rate", "clues", "screening", "first_case", "tasks")
"""What may follow from the records; `scores.suggestions` knows how."""
_EACH = ("clues", "screening", "tasks")
"""Of these, what takes points for each occurrence."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line of the rules."""

    key: str
    zh: str
    en: str
    points: Decimal
    rule_zh: str
    rule_en: str
    evidence_zh: str
    evidence_en: str
    computed: str
    """One of `COMPUTED`; empty where a person judges alone."""
    each: Decimal
    """Points for each occurrence."""
    target: int
    """For "done_rate": per cent from which all points are given."""

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.zh if current_language() == "zh" else self.en

    @property
    def rule(self) -> str:
        """How points are deducted, in the reader's language."""
        return self.rule_zh if current_language() == "zh" else self.rule_en

    @property
    def evidence(self) -> str:
        """What proves it, in the reader's language."""
        return self.evidence_zh if current_language() == "zh" else self.evidence_en


@dataclass(frozen=True, slots=True)
class Pack:
    """The rules of a year."""

    year: int
    zh: str
    en: str
    source: str
    mark: str
    """Provenance: S, S2, M, L or D."""
    total: Decimal
    indicators: tuple[Indicator, ...]

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.zh if current_language() == "zh" else self.en

    def indicator(self, key: str) -> Indicator:
        """One indicator.

        Raises:
            RuleBroken: these rules do not have it.
        """
        for each in self.indicators:
            if key in (each.key, each.zh, each.en):
                return each
        raise RuleBroken(
            N_("The rules of {year} have no indicator “{key}”."), field="indicator", year=self.year, key=key
        )


def pack(year: int) -> Pack:
    """The rules of a year: its own, else the last before it.

    Raises:
        RuleBroken: none are kept.
    """
    found = [each for kept, each in sorted(PACKS().items()) if kept <= year]
    if not found:
        raise RuleBroken(
            N_("No scoring rules are kept for {year}. Put them into a file scoring.toml."),
            field="year",
            year=year,
        )
    return found[-1]


def packs() -> list[Pack]:
    """All packs, the latest first."""
    return [each for _, each in sorted(PACKS().items(), reverse=True)]


def load_packs(path: Path) -> dict[int, Pack]:
    """Read a file of packs, by year.

    Raises:
        BadInput: naming the file, the key and what is wrong.
    """
    found: dict[int, Pack] = {}
    for row in read_toml(path).get("pack", []):
        one = _pack(row, path)
        found[one.year] = one
    return found


def _read(paths: tuple[Path, ...]) -> dict[int, Pack]:
    return {year: one for path in paths for year, one in load_packs(path).items()}


PACKS = PackFile(_read, _HERE / "scoring.toml")
"""Rules by year; the bureau's replace ours year by year."""


def _pack(row: dict[str, Any], path: Path) -> Pack:
    year = row.get("year")
    if type(year) is not int:
        raise BadInput(MISSING, file=path.name, key="pack", what="year")
    indicators = tuple(_indicator(each, path, year) for each in row.get("indicator", []))
    keys = [each.key for each in indicators]
    if len(set(keys)) < len(keys) or not keys:
        raise BadInput(UNKNOWN, file=path.name, key=str(year), what="indicator")
    total = _points(row, "total", path, str(year))
    if total != sum(each.points for each in indicators):
        raise BadInput(
            N_("{file}, {key}: the points of the indicators do not add up to {total}."),
            file=path.name,
            key=str(year),
            total=str(total),
        )
    return Pack(
        year=year,
        zh=str(row.get("zh", year)),
        en=str(row.get("en", row.get("zh", year))),
        source=str(row.get("source", "")),
        mark=str(row.get("mark", "M")),
        total=total,
        indicators=indicators,
    )


def _indicator(row: dict[str, Any], path: Path, year: int) -> Indicator:
    key, computed, target = row.get("key"), row.get("computed", ""), row.get("target", 0)
    if not isinstance(key, str) or not key.isidentifier() or not key.isascii():
        raise BadInput(MISSING, file=path.name, key=str(year), what="key")
    if computed not in ("", *COMPUTED) or type(target) is not int:
        what = computed if type(target) is int else target
        raise BadInput(UNKNOWN, file=path.name, key=key, what=what)
    if computed == "done_rate" and not 0 < target <= 100:
        raise BadInput(MISSING, file=path.name, key=key, what="target")
    zh, en = str(row.get("zh", key)), str(row.get("en", row.get("zh", key)))
    return Indicator(
        key=key,
        zh=zh,
        en=en,
        points=_points(row, "points", path, key),
        rule_zh=str(row.get("rule_zh", "")),
        rule_en=str(row.get("rule_en", row.get("rule_zh", ""))),
        evidence_zh=str(row.get("evidence_zh", "")),
        evidence_en=str(row.get("evidence_en", row.get("evidence_zh", ""))),
        computed=computed,
        each=_points(row, "each", path, key) if computed in _EACH else Decimal(0),
        target=target,
    )


def _points(row: dict[str, Any], name: str, path: Path, key: str) -> Decimal:
    """A number of points above zero, written as text so that it is exact."""
    try:
        points = Decimal(row[name]) if isinstance(row.get(name), str) else Decimal(0)
    except InvalidOperation:
        points = Decimal(0)
    if not points.is_finite() or points <= 0:
        raise BadInput(MISSING, file=path.name, key=key, what=name)
    return points
