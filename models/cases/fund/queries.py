"""What screens, statements and the case ask of the fund's books, as of any day by legal date.

A seat knows the entries that it holds: a laptop with the records of one unit answers for those.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from peewee import fn

from models.cases.fund import rules
from models.cases.fund.tables import FundEntry
from models.errors import BadInput, RuleBroken
from models.language import N_, _, listed
from models.law.deadlines import due, limit, work_calendar
from models.law.due import Due
from models.registry import units as facts
from models.registry.days import today
from models.registry.typed import yuan
from models.rooms import label
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

_MONTH = re.compile("(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")
_NUMBER = re.compile("[0-9]{1,4}")
_GAPS_FROM = "2000-01"
"""Months without entries are listed from this one on: a slip of the pen in a year makes no thousand rows."""


@dataclass(frozen=True, slots=True)
class Negative:
    """A ledger that holds less than nothing: two laptops spent the same money, each unaware of the other."""

    ledger: str
    since: str
    """First day on which it is below zero."""
    cents: int
    """Its lowest balance."""


@dataclass(frozen=True, slots=True)
class LedgerMonth:
    """A money ledger in a month, in cents."""

    ledger: str
    opening: int
    ins: dict[str, int]
    """By source."""
    outs: dict[str, int]
    """By use."""
    closing: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The books of a month. The ledgers stand beside each other: there is no sum of them (R027)."""

    month: str
    """YYYY-MM."""
    unit: str
    """Code of the unit it is about; empty for all."""
    ledgers: tuple[LedgerMonth, ...]
    """Fines, then compensation."""
    self_value: int
    """What parties restored themselves in the month: value, no money."""
    self_until: int
    """The same from the beginning to the end of the month."""
    entries: tuple[FundEntry, ...]
    """Of the month, by day."""


def entry(seat: Seat, entry_id: str) -> FundEntry | None:
    """One entry; None where there is none."""
    with seat:
        return by_id(FundEntry, entry_id)


def entries(seat: Seat, *, unit: str | None = None, ledger: str | None = None) -> list[FundEntry]:
    """The standing entries by day, of one unit (its old codes too) or one ledger where it is named."""
    with seat:
        query = FundEntry.select().where(FundEntry.voided.is_null())
        if ledger:
            query = query.where(FundEntry.ledger == ledger)
        rows = list(query.order_by(FundEntry.on, FundEntry.id))
    return rows if unit is None else [row for row in rows if _present(row.unit) == _present(unit)]


def entries_of(seat: Seat, case_id: str) -> list[FundEntry]:
    """The standing entries of a damage case or penalty case, by day."""
    with seat:
        rows = FundEntry.select().where(FundEntry.case == case_id, FundEntry.voided.is_null())
        return list(rows.order_by(FundEntry.on, FundEntry.id))


def balances(seat: Seat, as_of: date) -> dict[str, int]:
    """The money in each money ledger at the end of a day, in cents: "fine" and "compensation".

    One below zero is given as it is; `negatives` names it.
    """
    rows = _amounts(seat)
    return {ledger: rules.balance(rows, ledger, as_of.isoformat()) for ledger in rules.MONEY}


def self_restoration_value(seat: Seat, as_of: date, unit: str | None = None) -> int:
    """What parties spent on restoring themselves by the end of a day, in cents: value, never money here."""
    day = as_of.isoformat()
    rows = entries(seat, unit=unit, ledger="self_restoration")
    return sum(row.cents or 0 for row in rows if (row.on or "") <= day)


def negatives(seat: Seat) -> list[Negative]:
    """The ledgers that are below zero on a day. No verb does that; two laptops that were apart may."""
    rows = _amounts(seat)
    found = []
    for ledger in rules.MONEY:
        below = [(day, cents) for day, cents in rules.daily(rows, ledger) if cents < 0]
        if below:
            found.append(Negative(ledger, below[0][0], min(cents for _day, cents in below)))
    return found


def _amounts(seat: Seat) -> list[Any]:
    """What `rules` adds up of the standing entries, without the rest of their rows: there may be many."""
    with seat:
        fields = (FundEntry.id, FundEntry.ledger, FundEntry.direction, FundEntry.cents, FundEntry.on)
        return list(FundEntry.select(*fields).where(FundEntry.voided.is_null()).namedtuples())


def doubled(seat: Seat) -> dict[str, list[FundEntry]]:
    """Standing entries with the same voucher, by its number; as `negatives`, only laptops apart make them."""
    found: dict[str, list[FundEntry]] = defaultdict(list)
    for row in entries(seat):
        found[rules.voucher_key(row.voucher)].append(row)
    return {rows[0].voucher or "": rows for rows in found.values() if len(rows) > 1}


def statement(seat: Seat, year: int, month: int, unit: str | None = None) -> Statement:
    """The books of a month: opening, what came in by source, what went out by use, closing, by ledger.

    Args:
        unit: only the entries of this unit, whose part may be below zero: the city keeps one fund.

    Raises:
        RuleBroken: there is no such month.
    """
    try:
        name = f"{date(year, month, 1):%Y-%m}"
    except (ValueError, OverflowError):
        raise RuleBroken(N_("There is no such month. Give it as 2021-11."), field="month") from None
    return statements(seat, [name], unit)[0]


def statements(seat: Seat, names: Iterable[str], unit: str | None = None) -> list[Statement]:
    """The books of some months, as "2021-11", in one pass over the entries; in the order asked for."""
    by_month: dict[str, list[FundEntry]] = defaultdict(list)
    for row in entries(seat, unit=unit):
        by_month[(row.on or "")[:7]].append(row)
    wanted = list(names)
    found: dict[str, Statement] = {}
    held: Counter[str] = Counter()
    own = 0
    for name in sorted({*by_month, *wanted}):
        within = by_month.get(name, [])
        ledgers = tuple(_ledger_month(within, ledger, held[ledger]) for ledger in rules.MONEY)
        value = sum(row.cents or 0 for row in within if row.ledger == "self_restoration")
        own += value
        held.update({each.ledger: each.closing - each.opening for each in ledgers})
        found[name] = Statement(name, unit or "", ledgers, value, own, tuple(within))
    return [found[name] for name in wanted]


def _ledger_month(within: list[FundEntry], ledger: str, opening: int) -> LedgerMonth:
    ins: Counter[str] = Counter()
    outs: Counter[str] = Counter()
    for row in within:
        if row.ledger == ledger and row.direction == "out":
            outs[row.purpose or ""] += row.cents or 0
        elif row.ledger == ledger:
            ins[row.source or ""] += row.cents or 0
    closing = opening + sum(ins.values()) - sum(outs.values())
    return LedgerMonth(ledger, opening, dict(ins), dict(outs), closing)


def statement_of(seat: Seat, month: str, unit: str | None = None) -> Statement:
    """The same for a month as "2021-11". Errors as `statement`."""
    year, _dash, number = month.partition("-")
    if not (_NUMBER.fullmatch(year) and _NUMBER.fullmatch(number)):
        raise RuleBroken(N_("There is no such month. Give it as 2021-11."), field="month")
    return statement(seat, int(year), int(number), unit)


def months(seat: Seat) -> list[str]:
    """Every month from the first entry to this one, the latest first: a month without entries counts too.

    What no verb of ours wrote, no month at all or one to come, is left out.
    """
    last = f"{today(seat):%Y-%m}"
    with seat:
        month = fn.substr(FundEntry.on, 1, 7)
        rows: Any = FundEntry.select(month).where(FundEntry.voided.is_null()).distinct().tuples()
        known = {each for (each,) in rows if _MONTH.fullmatch(each or "") and each <= last}
    if not known:
        return []
    count, end = (int(each[:4]) * 12 + int(each[5:]) - 1 for each in (max(min(known), _GAPS_FROM), last))
    known.update(f"{each // 12:04}-{each % 12 + 1:02}" for each in range(count, end + 1))
    return sorted(known, reverse=True)


def dues(seat: Seat) -> list[Due]:
    """Compensation that came in and is to be remitted within the limit in force on its day."""
    found = []
    for row in entries(seat, ledger="compensation"):
        if row.direction != "in" or row.remitted_on or not row.on:
            continue
        try:
            start = date.fromisoformat(row.on)
        except ValueError:  # a day that no verb of ours wrote
            continue
        rule = limit("fund_remittance", start)
        if rule is None:
            continue
        basis = rule.basis
        try:
            due_on = due(start, rule).due_on
        except BadInput as unknown:
            # the year's holidays are not known yet: the last day that is surely in time, and why
            last = date(work_calendar().years[-1], 12, 31)
            due_on, basis = max(start, last), f"{basis}；{unknown.text()}"
        number = row.number or ""
        found.append(
            Due("fund_remittance", "fund_entry", row.id, number, rule.title, due_on, basis, rule.mark)
        )
    return sorted(found, key=lambda each: (each.due_on, each.record))


def alarms(seat: Seat) -> list[str]:
    """What is wrong with the books as they stand, in the reader's language; empty when they are in order."""
    found = [
        _(
            "{ledger}: below zero since {day}, by up to {cents} yuan. Two devices spent the same money."
        ).format(ledger=label(rules.LEDGERS, each.ledger), day=each.since, cents=yuan(-each.cents))
        for each in negatives(seat)
    ]
    found += [
        _("Voucher {voucher} stands twice: {numbers}.").format(
            voucher=voucher, numbers=listed(row.number or "" for row in rows)
        )
        for voucher, rows in doubled(seat).items()
    ]
    return found


def _present(code: str) -> str:
    place = facts.unit(code)
    return place.code if place else code
