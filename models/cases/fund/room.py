"""The room of the fund: its entries by ledger, its monthly statements, its rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from models.cases.damage.tables import DamageCase
from models.cases.fund import queries, rules
from models.cases.fund.acts import ACTS, IN_ROOM
from models.cases.fund.sheets import (
    amount,
    entry_cell,
    entry_sheet,
    month_sheet,
    rule_sheet,
    sections,
    what_for,
)
from models.cases.fund.tables import FundEntry
from models.cases.penalty.tables import PenaltyCase
from models.language import N_, _, listed
from models.listing import lines, matching, rows_of
from models.registry.days import today
from models.registry.typed import yuan
from models.rooms import Cell, Column, Line, Listing, Room, label

if TYPE_CHECKING:
    from models.store.seat import Seat

__all__ = ["ACTS", "ROOM", "sections"]


def _finder(ledger: str | None) -> Callable[[Seat, str], list[str]]:
    def find(seat: Seat, text: str) -> list[str]:
        rows = queries.entries(seat, ledger=ledger)
        if text.strip():
            kinds = ("fund_entry", "damage_case", "penalty_case")
            wanted = set(matching(seat, text, *kinds))
            rows = [row for row in rows if row.id in wanted or row.case in wanted]
        return [row.id for row in reversed(rows)]

    return find


def entry_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of entries."""
    rows = rows_of(seat, FundEntry, ids)
    cases = [row.case for row in rows.values()]
    titles = {
        row.id: row.title or row.number or ""
        for table in (DamageCase, PenaltyCase)
        for row in rows_of(seat, table, cases).values()
    }
    unwell = frozenset(each.ledger for each in queries.negatives(seat))

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            row.on or "",
            entry_cell(row, unwell),
            Cell(amount(row), "strong"),
            what_for(row),
            titles.get(row.case or "", ""),
            label(rules.LEDGERS, row.ledger),
            row.party or "",
            row.voucher or "",
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows, cells)


def find_months(seat: Seat, text: str) -> list[str]:
    """Months, the latest first; with a text, those whose name has it, as 2021 or 2021-11."""
    return [each for each in queries.months(seat) if text.strip() in each]


def month_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of months: each ledger in a column of its own."""
    found = []
    for one in queries.statements(seat, ids):
        fine, compensation = one.ledgers
        below = any(each.opening < 0 or each.closing < 0 for each in one.ledgers)
        words = _("entries: {count}").format(count=len(one.entries))
        cells = (
            one.month,
            Cell(yuan(fine.closing), "bad" if fine.closing < 0 else ""),
            Cell(yuan(compensation.closing), "bad" if compensation.closing < 0 else ""),
            Cell(_("Below zero"), "bad") if below else Cell(words, "quiet"),
            yuan(one.self_value),
        )
        found.append(Line(one.month, cells))
    return found


def find_rules(_seat: Seat, text: str) -> list[str]:
    """The rules of the fund whose title has the text."""
    return [each.key for each in rules.instruments() if text.strip() in each.title]


def rule_lines(_seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of rules."""
    known = {each.key: each for each in rules.instruments()}

    def cells(row: rules.Instrument) -> tuple[Cell | str, ...]:
        return (
            row.date.isoformat(),
            row.title,
            Cell(_("On trial"), "warn") if row.trial else Cell(_("Rule in force"), "good"),
            listed(row.issuers),
        )

    return lines(ids, known, cells)


def summary(seat: Seat) -> str:
    """What the money ledgers hold today, each by itself; what is wrong with the books comes first."""
    held = queries.balances(seat, today(seat))
    parts = [f"{label(rules.LEDGERS, ledger)} {yuan(cents)}" for ledger, cents in held.items()]
    own = yuan(queries.self_restoration_value(seat, today(seat)))
    parts.append(_("restored by parties themselves {amount} (no money of the fund)").format(amount=own))
    return " · ".join([*(f"!! {text}" for text in queries.alarms(seat)), *parts])


def _entries(name: str, title: str, ledger: str | None, empty: str) -> Listing:
    return Listing(
        name,
        title,
        "fund_entry",
        (
            Column(N_("Date of the entry"), 10),
            Column(N_("In or out"), 6),
            Column(N_("Amount (yuan)"), 16, right=True),
            Column(N_("Source or use"), 16),
            Column(N_("Case"), 0),
            Column(N_("Ledger"), 14, from_width=100),
            Column(N_("Payer or payee"), 20, from_width=120),
            Column(N_("Voucher"), 16, from_width=140),
            Column(N_("Entry number"), 28, from_width=170),
        ),
        _finder(ledger),
        entry_lines,
        empty,
    )


ROOM = Room(
    name="fund",
    title=N_("Fund"),
    listings=(
        _entries("entries", N_("All entries"), None, N_("No entry yet. Enter what came in for a case.")),
        _entries(
            "fines",
            N_("Fines and confiscations"),
            "fine",
            N_("No fine yet. Enter what came in for a penalty case."),
        ),
        _entries(
            "compensation",
            N_("Compensation money"),
            "compensation",
            N_("No compensation yet. Enter what came in for a damage case."),
        ),
        _entries(
            "self_restoration",
            N_("Restored by the party itself"),
            "self_restoration",
            N_("Nothing yet. Note what parties spent on restoring themselves."),
        ),
        Listing(
            "months",
            N_("Monthly statements"),
            "fund_month",
            (
                Column(N_("Month of the statement"), 8),
                Column(N_("Fines and confiscations"), 18, right=True),
                Column(N_("Compensation money"), 18, right=True),
                Column(N_("Books of the month"), 0),
                Column(N_("Restored by the party itself"), 20, from_width=90, right=True),
            ),
            find_months,
            month_lines,
            N_("No month yet: the first entry begins it."),
        ),
        Listing(
            "rules",
            N_("Rules of the fund"),
            "fund_rule",
            (
                Column(N_("Issued on"), 10),
                Column(N_("Name of the rule"), 0),
                Column(N_("Status of the rule"), 8),
                Column(N_("Issuing body"), 40, from_width=120),
            ),
            find_rules,
            rule_lines,
            N_("No rule is kept with this text."),
        ),
    ),
    acts=(*IN_ROOM, *ACTS),
    sheets={"fund_entry": entry_sheet, "fund_month": month_sheet, "fund_rule": rule_sheet},
    summary=summary,
)
