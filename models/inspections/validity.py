"""The thirty named rules V01-V30 of a lawful inspection: what each says, on what it rests, where it is held.

A rule that a record must keep is a check of its own (`completeness`, `evidence_rules`, `terms`, the rules of
penalty cases); here are their register, and the few checks that need nothing but what is given to them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.language import N_, current_language
from models.law import bases

_FILE = Path(__file__).with_suffix(".toml")
NUMBERS = tuple(f"V{number:02}" for number in range(1, 31))


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a key and a name in both languages."""

    key: str
    zh: str
    en: str

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.en if current_language() == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the thirty."""

    number: str
    zh: str
    en: str
    kinds: tuple[str, ...]
    """Kinds of record that it bears on."""
    enforced: tuple[str, ...]
    """Where it is held, as "module:name"."""
    reason: str
    """Why nothing of it is held here; empty where something is."""
    contents: tuple[Named, ...]
    """What a paper must state by it."""

    @property
    def title(self) -> str:
        """The rule in the reader's language."""
        return self.en if current_language() == "en" else self.zh

    def basis(self, on: date) -> str:
        """The legal basis on a day in one line, or why there is none."""
        return bases.basis_text(self.number, on)


def rules() -> dict[str, Rule]:
    """All thirty by number, in order."""
    return _rules()


def rule(number: str) -> Rule:
    """One rule.

    Raises:
        BadInput: there is no such rule.
    """
    found = _rules().get(number)
    if found is None:
        raise BadInput(N_("There is no rule {number}: they are V01 to V30."), number=number)
    return found


def content_lacks(number: str, given: Mapping[str, Any]) -> list[Named]:
    """What a paper does not state though its rule wants it: V12 a monitoring report, V24 an order to correct.

    Args:
        given: by key of the contents, what the paper says; empty, blank and False count as nothing.

    Raises:
        BadInput: there is no such rule, or a key is none of its contents.
    """
    wanted = rule(number).contents
    for key in given:
        if key not in {each.key for each in wanted}:
            raise BadInput(N_("Rule {number} knows no “{key}”."), number=number, key=key)
    return [each for each in wanted if not str(given.get(each.key) or "").strip()]


def prevailing(manual: str | None, automatic: str | None, *, lawful: bool = True) -> str | None:
    """V13: of two values of one time, the one to go by (生态环境行政处罚办法 2023 art. 30).

    Args:
        manual: measured on site, decimal text; None where nothing was.
        automatic: of the automatic monitor; None where it is flagged as invalid or there is none.
        lawful: whether the one on site was measured as the rules want.
    """
    return manual if manual is not None and lawful else automatic


@lru_cache(maxsize=1)
def _rules() -> dict[str, Rule]:
    raw = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        number: Rule(
            number,
            row["zh"],
            row["en"],
            tuple(row["kinds"]),
            tuple(row["enforced"]),
            row.get("reason", ""),
            tuple(Named(each["key"], each["zh"], each["en"]) for each in row.get("contents", ())),
        )
        for number, row in raw.items()
    }
