"""A month's statement as a table for spreadsheet programs."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from models.cases.fund import queries, rules
from models.cases.fund.queries import Statement
from models.errors import BadInput, RuleBroken
from models.language import N_, _
from models.registry import keeping
from models.registry.files import put_out
from models.registry.rules import guarded_cell
from models.registry.typed import yuan
from models.rooms import label

if TYPE_CHECKING:
    from models.store.seat import Seat


def export_statement(seat: Seat, month: str, *, path: str, unit: str | None = None) -> Path:
    """Write a month's statement into a new .csv file; no cell of it is taken for a formula.

    Args:
        month: as "2021-11".
        path: name of the file; one that is there is never written over.
        unit: only the entries of this unit.

    Returns:
        The file.

    Raises:
        BadInput: the name ends otherwise, or as `files.put_out`.
        RuleBroken: there is no such month, or the person may not read the books.
    """
    if not keeping.may_see(seat, "fund_entry"):
        raise RuleBroken(N_("Your role does not read the fund's books."), field="role")
    target = Path(keeping.need_text(path, "path")).expanduser()
    if target.suffix.lower() != ".csv":
        raise BadInput(N_("{name}: give a name that ends in .csv."), name=target.name)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows(queries.statement_of(seat, month, unit)):
        writer.writerow([_plain(cell) if isinstance(cell, int) else guarded_cell(cell) for cell in row])
    return put_out(seat, target, text.getvalue().encode("utf-8-sig"))


def rows(found: Statement) -> list[list[str | int]]:
    """The lines of a statement: each ledger by itself, then a party's own restorations, then every entry.

    A text is a text, an integer an amount in cents.
    """
    lines: list[list[str | int]] = [[_("Month of the statement"), found.month, found.unit], []]
    lines.append([_("Ledger"), _("Item"), _("Amount (yuan)")])
    for each in found.ledgers:
        name = label(rules.LEDGERS, each.ledger)
        lines.append([name, _("Balance at the beginning"), each.opening])
        lines += [[name, label(rules.SOURCES, key), each.ins[key]] for key in sorted(each.ins)]
        lines += [[name, label(rules.USES, key), -each.outs[key]] for key in sorted(each.outs)]
        lines.append([name, _("Balance at the end"), each.closing])
    name = label(rules.LEDGERS, "self_restoration")
    lines.append([name, _("In this month (no money of the fund)"), found.self_value])
    lines.append([name, _("Until the end of this month"), found.self_until])
    lines.append([])
    lines.append(
        [
            _("Date of the entry"),
            _("Entry number"),
            _("Ledger"),
            _("In or out"),
            _("Source or use"),
            _("Amount (yuan)"),
            _("Voucher"),
            _("Payer or payee"),
            _("Subject of the budget"),
            _("Remark"),
        ]
    )
    lines += [
        [
            row.on or "",
            row.number or "",
            label(rules.LEDGERS, row.ledger),
            label(rules.DIRECTIONS, row.direction),
            label(rules.SOURCES, row.source) or label(rules.USES, row.purpose),
            row.cents or 0,
            row.voucher or "",
            row.party or "",
            row.subject or "",
            row.note or "",
        ]
        for row in found.entries
    ]
    return lines


def _plain(cents: int) -> str:
    """An amount without separators, which a spreadsheet program reads as a number."""
    return yuan(cents).replace(",", "")
