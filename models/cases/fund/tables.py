"""The records of the fund's books: one entry for each movement, and for each restoration a party paid itself.

Three ledgers that are never added to each other (R027): fines (罚没), compensation (赔偿金) and the value of
what a party restored itself (自行修复投入), which is no money of the fund. There is no field by which one
could be set off against another (R028): a fine is no compensation.
"""

from __future__ import annotations

from models.store.records import IntegerField, Record, TextField, record


@record("fund_entry", version=1, search=("number", "voucher", "party", "note"), owner="case")
class FundEntry(Record):
    """One entry; it is never changed but for the day of its remittance, only withdrawn with a reason."""

    number = TextField(null=True, index=True)
    ledger = TextField(null=True)
    """One of `rules.LEDGERS`."""
    direction = TextField(null=True)
    """"in" or "out"; a party's own restoration is "in", though no money comes."""
    source = TextField(null=True)
    """Of what comes in: one of `rules.SOURCES`."""
    purpose = TextField(null=True)
    """Of what goes out: one of `rules.uses()`."""
    subject = TextField(null=True)
    """科目: of every income of money the one of `rules.subject()` (R025)."""
    case = TextField(null=True, index=True)
    """Record id of the damage case or penalty case."""
    restoration = TextField(null=True, index=True)
    """What it was spent on; of a party's own restoration, which one it was where known."""
    voucher = TextField(null=True)
    """票据号、凭证号; no two standing entries have the same."""
    cents = IntegerField(null=True)
    on = TextField(null=True, index=True)
    """Legal date: of the receipt, the payment, or the proof of a party's own restoration."""
    party = TextField(null=True)
    """Who paid, or who was paid, by name."""
    remitted_on = TextField(null=True)
    """Day on which compensation went to the account of non-tax revenue (非税汇缴户)."""
    note = TextField(null=True)
