"""What a person can do with the fund's books, as forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.cases.fund import export, queries, rules, verbs
from models.language import N_, _
from models.registry.act_parts import held
from models.registry.days import today
from models.registry.keeping import row_of
from models.registry.typed import yuan
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

_RIGHT = "fund"
_CENTS = Field("cents", N_("Amount (yuan)"), "money", required=True)
_VOUCHER = Field("voucher", N_("Voucher"), required=True, hint=N_("number on the receipt or payment"))
_NOTE = Field("note", N_("Remark"), "long")
_COMPENSATION = (
    Field("source", N_("Source of the money"), "choice", required=True, choices=rules.COMPENSATION_SOURCES),
    _CENTS,
    _VOUCHER,
    Field("on", N_("Received on"), "day", required=True),
    Field("payer", N_("Who paid"), required=True),
    Field("remitted_on", N_("Remitted on"), "day", hint=N_("to the account of non-tax revenue")),
    _NOTE,
)
_FINE = (
    Field("source", N_("Source of the money"), "choice", required=True, choices=rules.FINE_SOURCES),
    _CENTS,
    _VOUCHER,
    Field("on", N_("Received on"), "day", required=True),
    Field("payer", N_("Who paid"), required=True),
    _NOTE,
)
_SELF = (
    _CENTS,
    _VOUCHER,
    Field("on", N_("Proved on"), "day", required=True),
    Field("payer", N_("Who restored"), required=True),
    Field("restoration", N_("Restoration"), "record", of="restoration"),
    _NOTE,
)
_SPEND = (
    Field("ledger", N_("Ledger"), "choice", required=True, choices=rules.MONEY_LEDGERS),
    Field("purpose", N_("Use of the fund"), "choice", required=True, choices=rules.USES),
    _CENTS,
    _VOUCHER,
    Field("on", N_("Paid on"), "day", required=True),
    Field("payee", N_("Who was paid"), required=True),
    _NOTE,
)
_CASE = Field("case", N_("Case"), "record", required=True, of="damage_case")
_CORRECT = (
    Field("cents", N_("Amount (yuan)"), "money"),
    Field("on", N_("Date of the entry"), "day"),
    Field("voucher", N_("Voucher")),
    Field("party", N_("Payer or payee")),
    _NOTE,
    Field("why", N_("What was wrong"), "long", required=True),
)


def _compensation(seat: Seat, case_id: str, **values: Any) -> str:
    return verbs.receive(seat, case_id, ledger="compensation", **values)


def _fine(seat: Seat, case_id: str, **values: Any) -> str:
    return verbs.receive(seat, case_id, ledger="fine", **values)


def _begin_compensation(seat: Seat, *, case: str, **values: Any) -> str:
    return _compensation(seat, case, **values)


def _begin_fine(seat: Seat, *, case: str, **values: Any) -> str:
    return _fine(seat, case, **values)


def _begin_self(seat: Seat, *, case: str, **values: Any) -> str:
    return verbs.note_self_restoration(seat, case, **values)


def _begin_spend(seat: Seat, *, restoration: str, **values: Any) -> str:
    return verbs.spend(seat, restoration, **values)


def _export(seat: Seat, month: str, *, path: str) -> None:
    export.export_statement(seat, month, path=path)


def _file(_seat: Seat, month: str) -> Mapping[str, Any]:
    return {"path": "~/" + _("fund-{month}.csv").format(month=month)}


def _not_to_remit(seat: Seat, entry_id: str) -> str:
    row = row_of(seat, "fund_entry", entry_id)
    if row is None:
        return ""
    if row.ledger != "compensation" or row.direction != "in":
        return _("Only compensation that came in is remitted.")
    return _("It was remitted on {day}.").format(day=row.remitted_on) if row.remitted_on else ""


def _not_to_withdraw(seat: Seat, entry_id: str) -> str:
    row = row_of(seat, "fund_entry", entry_id)
    if row is None or row.direction == "out" or row.ledger not in rules.MONEY:
        return ""
    free = rules.spendable(queries.entries(seat), row.ledger, row.on or "")
    if free >= (row.cents or 0):
        return ""
    return _(
        "Of this income all but {free} yuan is spent: withdraw the spending first, or correct it."
    ).format(free=yuan(max(free, 0)))


def _not_to_spend(seat: Seat, _restoration_id: str = "") -> str:
    if any(cents > 0 for cents in queries.balances(seat, today(seat)).values()):
        return ""
    return _("No ledger holds any money: enter first what came in.")


ACTS: tuple[Act, ...] = (
    Act(
        "receive_compensation",
        N_("Compensation received"),
        N_("Enters compensation of this case in its ledger; it is to be remitted within the limit."),
        _compensation,
        "damage_case",
        _COMPENSATION,
        right=_RIGHT,
    ),
    Act(
        "receive_fine",
        N_("Fine or confiscation received"),
        N_("Enters a fine or confiscation of this case; it is never set off against compensation."),
        _fine,
        "penalty_case",
        _FINE,
        right=_RIGHT,
    ),
    Act(
        "note_self",
        N_("Restored by the party itself"),
        N_("Notes what the party spent on restoring itself: a value that adds to no balance."),
        verbs.note_self_restoration,
        "damage_case",
        _SELF,
        right=_RIGHT,
    ),
    Act(
        "spend",
        N_("Spend on this restoration"),
        N_("Enters money of one ledger spent on this restoration; no more than it holds then and later."),
        verbs.spend,
        "restoration",
        _SPEND,
        why_not=_not_to_spend,
        right=_RIGHT,
    ),
)
"""Acts on cases and restorations."""

IN_ROOM: tuple[Act, ...] = (
    Act(
        "enter_compensation",
        N_("Compensation received"),
        N_("Enters compensation of a damage case in its ledger; it is to be remitted within the limit."),
        _begin_compensation,
        fields=(_CASE, *_COMPENSATION),
        right=_RIGHT,
    ),
    Act(
        "enter_fine",
        N_("Fine or confiscation received"),
        N_("Enters a fine or confiscation of a penalty case; it is never set off against compensation."),
        _begin_fine,
        fields=(Field("case", N_("Penalty case"), "record", required=True, of="penalty_case"), *_FINE),
        right=_RIGHT,
    ),
    Act(
        "enter_self",
        N_("Restored by the party itself"),
        N_("Notes what a party spent on restoring itself: a value that adds to no balance."),
        _begin_self,
        fields=(_CASE, *_SELF),
        right=_RIGHT,
    ),
    Act(
        "enter_spending",
        N_("Money spent"),
        N_("Enters money of one ledger spent on a restoration; no more than it holds then and later."),
        _begin_spend,
        fields=(
            Field("restoration", N_("Restoration"), "record", required=True, of="restoration"),
            *_SPEND,
        ),
        why_not=_not_to_spend,
        right=_RIGHT,
    ),
    Act(
        "remit",
        N_("Note the remittance"),
        N_("Notes the day on which it went to the account of non-tax revenue; its limit ends."),
        verbs.remit,
        "fund_entry",
        (Field("on", N_("Remitted on"), "day", required=True),),
        why_not=_not_to_remit,
        right=_RIGHT,
    ),
    Act(
        "correct",
        N_("Correct the entry"),
        N_("Replaces the entry by a right one and withdraws the wrong one with the reason, in one step."),
        verbs.correct,
        "fund_entry",
        _CORRECT,
        preset=held("fund_entry", ("cents", "on", "voucher", "party", "note")),
        right=_RIGHT,
    ),
    Act(
        "withdraw",
        N_("Withdraw the entry"),
        N_("Withdraws an entry made by mistake, with a reason; refused where the money was spent."),
        verbs.withdraw,
        "fund_entry",
        (Field("why", N_("Reason for withdrawing"), "long", required=True),),
        why_not=_not_to_withdraw,
        right=_RIGHT,
    ),
    Act(
        "export",
        N_("Write the statement"),
        N_("Writes the month's statement into a new .csv file for a spreadsheet program."),
        _export,
        "fund_month",
        (Field("path", N_("New .csv file"), required=True),),
        preset=_file,
        right="see_cases",
    ),
)
"""Acts of the room of the fund."""
