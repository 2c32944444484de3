"""The sheets of the fund: an entry, a month, a rule; and what a case's sheet shows of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from models import catalogue
from models.cases.fund import queries, rules
from models.cases.fund.tables import FundEntry
from models.errors import RuleBroken
from models.language import N_, _
from models.registry.keeping import row_of
from models.registry.typed import yuan
from models.registry.units import label_of
from models.rooms import Cell, Fact, Section, Sheet, label

if TYPE_CHECKING:
    from models.store.seat import Seat


def entry_cell(row: FundEntry, unwell: frozenset[str] = frozenset()) -> Cell:
    """What an entry is: in, out, value only, or withdrawn; bad where its ledger is below zero."""
    if row.voided is not None:
        return Cell(_("Withdrawn"), "bad")
    if row.ledger not in rules.MONEY:
        return Cell(_("Value only"), "quiet")
    part = "bad" if row.ledger in unwell else "good" if row.direction == "in" else "warn"
    return Cell(label(rules.DIRECTIONS, row.direction), part)


def what_for(row: FundEntry) -> str:
    """Its source or use."""
    if row.ledger not in rules.MONEY:
        return label(rules.LEDGERS, row.ledger)
    return label(rules.USES, row.purpose) if row.direction == "out" else label(rules.SOURCES, row.source)


def amount(row: FundEntry) -> str:
    """Its amount in yuan, with a minus for what goes out."""
    return yuan(-(row.cents or 0) if row.direction == "out" else row.cents or 0)


def entry_sheet(seat: Seat, entry_id: str) -> Sheet:
    """One entry."""
    row = queries.entry(seat, entry_id)
    if row is None:
        raise RuleBroken(N_("There is no such record here. Choose one from the list."), field="fund_entry")
    facts = [
        Fact(_("Entry number"), row.number or ""),
        Fact(_("Ledger"), label(rules.LEDGERS, row.ledger), "strong"),
        Fact(_("Amount (yuan)"), amount(row), "strong"),
        Fact(_("Source or use"), what_for(row)),
        Fact(_("Subject of the budget"), row.subject or ""),
        Fact(_("Date of the entry"), row.on or ""),
        Fact(_("Voucher"), row.voucher or ""),
        Fact(_("Payer or payee"), row.party or ""),
        *_links(seat, row),
        Fact(_("Unit that handles the case"), label_of(row.unit)),
        Fact(_("Remitted on"), row.remitted_on or ""),
        Fact(_("Remark"), row.note or ""),
    ]
    sections = [
        Section(_("Entry of the books"), _filled(facts)),
        Section(_("By the rules"), _filled(_grounds(row))),
    ]
    if row.ledger in rules.MONEY and row.voided is None:
        sections.insert(1, _ledger_section(seat, row))
    return Sheet(f"{what_for(row)} {amount(row)}", entry_cell(row), tuple(sections))


def month_sheet(seat: Seat, month: str) -> Sheet:
    """The statement of a month; the ledgers stand beside each other and are not added up."""
    found = queries.statement_of(seat, month)
    sections = [_alarm_section(seat)]
    for each in found.ledgers:
        facts = [
            Fact(_("Balance at the beginning"), yuan(each.opening), "bad" if each.opening < 0 else ""),
            *(Fact(label(rules.SOURCES, key), yuan(each.ins[key]), "good") for key in sorted(each.ins)),
            *(Fact(label(rules.USES, key), yuan(-each.outs[key]), "warn") for key in sorted(each.outs)),
            Fact(_("Balance at the end"), yuan(each.closing), "bad" if each.closing < 0 else "strong"),
        ]
        sections.append(Section(label(rules.LEDGERS, each.ledger), tuple(facts)))
    own = (
        Fact(_("In this month (no money of the fund)"), yuan(found.self_value)),
        Fact(_("Until the end of this month"), yuan(found.self_until)),
    )
    sections.append(Section(label(rules.LEDGERS, "self_restoration"), own))
    entries = tuple(
        Fact(row.on or "", _in_words(row), entry_cell(row).part, "fund_entry", row.id)
        for row in found.entries
    )
    sections.append(Section(_("Entries of the month"), entries))
    below = any(each.opening < 0 or each.closing < 0 for each in found.ledgers)
    state = Cell(_("Below zero"), "bad") if below else Cell(_("In order"), "good")
    title = _("Statement of {month}").format(month=found.month)
    return Sheet(title, state, tuple(each for each in sections if each.facts))


def rule_sheet(_seat: Seat, key: str) -> Sheet:
    """A rule by which the fund is kept (R023), and what it may be spent on."""
    found = next((each for each in rules.instruments() if each.key == key), None)
    if found is None:
        raise RuleBroken(N_("There is no such record here. Choose one from the list."), field="fund_rule")
    facts = (
        Fact(_("Issued on"), found.date.isoformat()),
        *(Fact(_("Issuing body"), issuer) for issuer in found.issuers),
        *(Fact(_("It says"), each) for each in found.says),
        Fact(_("Remark"), found.note),
        Fact(_("Provenance"), found.mark),
    )
    allowed = rules.uses()
    uses = tuple(Fact(label(rules.USES, key), allowed[key].basis) for key, _words in rules.USES)
    state = Cell(_("On trial"), "warn") if found.trial else Cell(_("Rule in force"), "good")
    return Sheet(found.title, state, (Section("", facts), Section(_("What the fund may be spent on"), uses)))


def sections(seat: Seat, case_id: str) -> tuple[Section, ...]:
    """What the sheet of a damage or penalty case shows of the fund: its entries, never a sum of all."""
    rows = queries.entries_of(seat, case_id)
    if not rows:
        return ()
    unwell = frozenset(each.ledger for each in queries.negatives(seat))
    facts = [
        Fact(
            f"{row.on or ''} {label(rules.LEDGERS, row.ledger)}",
            f"{what_for(row)} {amount(row)}",
            entry_cell(row, unwell).part,
            "fund_entry",
            row.id,
        )
        for row in rows
    ]
    alarm = _alarm_section(seat) if unwell else None
    return (Section(_("Fund"), (*facts, *(alarm.facts if alarm else ()))),)


def _links(seat: Seat, row: FundEntry) -> Iterable[Fact]:
    for kind in ("damage_case", "penalty_case"):
        case = row_of(seat, kind, row.case) if row.case and catalogue.kind(kind) else None
        if case is not None:
            yield Fact(_("Case"), case.title or case.number or "", _gone(case), kind, case.id)
    if row.restoration:
        of = row_of(seat, "restoration", row.restoration)
        number = (of.number or "") if of is not None else _("not on this device")
        words = _("{number} (withdrawn)").format(number=number) if of is not None and of.voided else number
        yield Fact(_("Restoration"), words, _gone(of), "restoration", row.restoration)


def _gone(row: Any) -> str:
    return "bad" if row is None or row.voided is not None else ""


def _grounds(row: FundEntry) -> Iterable[Fact]:
    if row.direction == "out":
        use = rules.uses().get(row.purpose or "")
        yield Fact(_("Use of the fund"), use.basis if use else "")
    if row.ledger == "self_restoration":
        text = _("A party's own restoration is no money of the fund and adds to no balance.")
        yield Fact(_("Ledger"), text)
    yield Fact(_("Kept by"), rules.APART if row.ledger == "self_restoration" else rules.EARMARKED)


def _ledger_section(seat: Seat, row: FundEntry) -> Section:
    try:
        day = date.fromisoformat(row.on or "")
    except ValueError:  # a day that no verb of ours wrote: it has no balance
        return _alarm_section(seat)
    held = queries.balances(seat, day)[row.ledger or ""]
    facts = [
        Fact(
            _("Balance on {day}").format(day=row.on),
            yuan(held),
            "bad" if held < 0 else "",
            "fund_month",
            f"{day:%Y-%m}",
        )
    ]
    return Section(_("Its ledger"), (*facts, *_alarm_section(seat).facts))


def _alarm_section(seat: Seat) -> Section:
    return Section(_("Wrong in the books"), tuple(Fact("!", text, "bad") for text in queries.alarms(seat)))


def _in_words(row: FundEntry) -> str:
    return f"{label(rules.LEDGERS, row.ledger)} {what_for(row)} {amount(row)} {row.party or ''}".strip()


def _filled(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)
