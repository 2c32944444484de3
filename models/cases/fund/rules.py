"""What the fund's books must fulfil: three ledgers, one subject, restoration uses only. Pure, no database."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from models.errors import RuleBroken
from models.language import N_, listed, translate
from models.registry.typed import MOST_CENTS, yuan
from models.rooms import Choices

_HERE = Path(__file__).parent

LEDGERS: Choices = (
    ("fine", N_("Fines and confiscations")),
    ("compensation", N_("Compensation money")),
    ("self_restoration", N_("Restored by the party itself")),
)
"""三本账: 罚没、赔偿金、自行修复投入 (R027)."""
MONEY = ("fine", "compensation")
"""The ledgers that hold money; only they have a balance."""
MONEY_LEDGERS: Choices = LEDGERS[:2]
SOURCES: Choices = (
    ("fine", N_("Fine")),
    ("confiscated", N_("Confiscation")),
    ("agreed", N_("Compensation agreed")),
    ("judged", N_("Compensation by judgment")),
    ("other", N_("Another income")),
)
"""来源 (R024)."""
FINE_SOURCES: Choices = (*SOURCES[:2], SOURCES[4])
COMPENSATION_SOURCES: Choices = SOURCES[2:]
_LEDGER_OF = {"fine": "fine", "confiscated": "fine", "agreed": "compensation", "judged": "compensation"}
_USES: Choices = (
    ("restoration", N_("Restoration works")),
    ("substitute_restoration", N_("Substitute restoration works")),
    ("assessment", N_("Investigation and assessment")),
    ("plan", N_("Drawing up the plan")),
    ("monitoring", N_("Monitoring and aftercare")),
    ("acceptance", N_("Acceptance and evaluation")),
)
DIRECTIONS: Choices = (("in", N_("Income")), ("out", N_("Spending")))
EARMARKED = "《漳州市生态环境损害赔偿资金管理办法（试行）》（专款专用）"
APART = "财资环〔2020〕6号第二条；不得以罚代赔"


class Entry(Protocol):
    """What the books need of an entry; `tables.FundEntry` is one."""

    id: str
    ledger: str | None
    direction: str | None
    cents: int | None
    on: str | None


def signed(entry: Entry) -> int:
    """What an entry adds to the balance of its ledger; a party's own restoration adds nothing to any."""
    if entry.ledger not in MONEY:
        return 0
    return -(entry.cents or 0) if entry.direction == "out" else entry.cents or 0


def balance(entries: Iterable[Entry], ledger: str, as_of: str = "9999-12-31") -> int:
    """The money in a ledger at the end of a day, in cents."""
    return sum(signed(each) for each in entries if each.ledger == ledger and (each.on or "") <= as_of)


def daily(entries: Iterable[Entry], ledger: str) -> list[tuple[str, int]]:
    """The balance of a ledger at the end of each day on which something moved, by day."""
    moved: dict[str, int] = defaultdict(int)
    for each in entries:
        if each.ledger == ledger:
            moved[each.on or ""] += signed(each)
    days = sorted(moved)
    return list(zip(days, accumulate(moved[day] for day in days), strict=True))


def spendable(entries: Iterable[Entry], ledger: str, on: str) -> int:
    """What may leave a ledger on a day so that its balance is below zero on none: the least from then on."""
    days = daily(entries, ledger)
    at = next((cents for day, cents in reversed(days) if day <= on), 0)
    return min([at, *(cents for day, cents in days if day > on)])


def refuse_overdraft(entries: Iterable[Entry], ledger: str, on: str, cents: int) -> None:
    """Refuse to take more out of a ledger than it holds on that day and on every day after (R026).

    Raises:
        RuleBroken: with what may be spent.
    """
    most = spendable(entries, ledger, on)
    if cents > most:
        raise RuleBroken(
            N_("This ledger can spend {most} yuan on {day}: what it holds then and on every later day."),
            field="cents",
            basis=EARMARKED,
            most=yuan(max(most, 0)),
            day=on,
        )


def refuse_shortfall(before: Iterable[Entry], after: Iterable[Entry], ledger: str) -> None:
    """Refuse a withdrawal or correction that leaves a ledger below zero on a day, lower than it was.

    Raises:
        RuleBroken: naming the first such day.
    """
    held, left = daily(before, ledger), daily(after, ledger)
    for day in sorted({day for day, _cents in (*held, *left)}):
        was, now = (next((cents for on, cents in reversed(some) if on <= day), 0) for some in (held, left))
        if now < 0 and now < was:
            raise RuleBroken(
                N_(
                    "On {day} this ledger would be {cents} yuan below zero, as it was spent. Nothing changed."
                ),
                field="cents",
                basis=EARMARKED,
                day=day,
                cents=yuan(-now),
            )


def ledger_of(source: str, ledger: str | None) -> str:
    """The ledger that money of a source goes to; another income says which.

    Raises:
        RuleBroken: the source belongs to another ledger, or none is said.
    """
    fitting = _LEDGER_OF.get(source)
    if fitting is None and ledger not in MONEY:
        raise RuleBroken(N_("Say into which ledger this income goes."), field="ledger")
    if fitting is not None and ledger not in (None, fitting):
        raise RuleBroken(
            N_("Fines and compensation are kept apart: this income belongs to the other ledger."),
            field="ledger",
            basis=APART,
        )
    return fitting or str(ledger)


def refuse_use(purpose: str) -> None:
    """Refuse to spend on what is no restoration use (R026).

    Raises:
        RuleBroken: naming the uses.
    """
    if purpose not in uses():
        raise RuleBroken(
            N_("The fund may be spent on these only: {uses}."),
            field="purpose",
            basis=EARMARKED,
            uses=listed(translate(words) for _key, words in USES),
        )


def refuse_amount(cents: int) -> None:
    """Refuse an amount that is none.

    Raises:
        RuleBroken: it is not above zero, or beyond any amount.
    """
    if not 0 < cents <= MOST_CENTS:
        raise RuleBroken(N_("Give an amount of money above zero."), field="cents")


def voucher_key(voucher: str | None) -> str:
    """A voucher's number made comparable: full-width signs plain, no spaces or hyphens, one case."""
    return re.sub(r"[\s\-‐-―]", "", unicodedata.normalize("NFKC", voucher or "")).casefold()


# -- data ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """By which rule the fund may be spent on something."""

    basis: str
    mark: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A rule by which the fund is kept (R023)."""

    key: str
    title: str
    issuers: tuple[str, ...]
    date: date
    trial: bool
    """试行."""
    says: tuple[str, ...]
    note: str
    mark: str


@lru_cache(maxsize=1)
def uses() -> dict[str, Use]:
    """The rule of each use that is allowed, by key."""
    raw = tomllib.loads((_HERE / "uses.toml").read_text("utf-8"))
    return {key: Use(row["basis"], row["mark"]) for key, row in raw.items()}


@lru_cache(maxsize=1)
def instruments() -> tuple[Instrument, ...]:
    """The rules of the fund, the city's own first."""
    raw = tomllib.loads((_HERE / "rules.toml").read_text("utf-8"))
    return tuple(
        Instrument(
            row["key"],
            row["title"],
            tuple(row["issuers"]),
            row["date"],
            row["trial"],
            tuple(row["says"]),
            row["note"],
            row["mark"],
        )
        for row in raw["instrument"]
    )


@lru_cache(maxsize=1)
def subject() -> str:
    """The subject (科目) of every income of the fund (R025)."""
    return str(tomllib.loads((_HERE / "rules.toml").read_text("utf-8"))["subject"])


USES: Choices = tuple(each for each in _USES if each[0] in uses())
"""What the fund may be spent on."""
