"""What is done in the fund's books. An entry is never changed, but withdrawn, or replaced by a right one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import catalogue
from models.cases.fund import rules
from models.cases.fund.tables import FundEntry
from models.cases.restoration.days import past_day
from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping
from models.registry.numbers import free_number
from models.store.change import Scalar, void

if TYPE_CHECKING:
    from models.store.seat import Seat

KIND = "fund_entry"
NUMBER = "ZJ-"
_CHOICES = {
    "ledger": tuple(dict(rules.LEDGERS)),
    "source": tuple(dict(rules.SOURCES)),
    "direction": tuple(dict(rules.DIRECTIONS)),
}
_CARRIED = ("ledger", "direction", "source", "purpose", "subject", "case", "restoration")
"""What a replacement takes over from the entry that it replaces."""


def receive(
    seat: Seat,
    case_id: str,
    *,
    source: str,
    cents: int,
    voucher: str,
    on: str,
    payer: str,
    ledger: str | None = None,
    remitted_on: str | None = None,
    note: str | None = None,
) -> str:
    """Enter money that came in, under the one subject (R024, R025).

    Args:
        case_id: a damage case, or for fines and confiscations a penalty case.
        source: one of `rules.SOURCES`; it decides the ledger, but for another income, which says it.
        cents: above zero.
        voucher: number of the receipt.
        on: day of the receipt, YYYY-MM-DD.
        payer: by name.
        ledger: "fine" or "compensation"; needed for another income only.
        remitted_on: day on which compensation went to the account of non-tax revenue.

    Returns:
        The entry's record id.

    Raises:
        RuleBroken: a value is missing or not possible, the source belongs to another ledger, the voucher is
            entered already, or the person may not.
    """
    keeping.allow(seat, KIND)
    keeping.tidy(KIND, {"source": source, "ledger": ledger}, _CHOICES)
    held = rules.ledger_of(source, ledger)
    with seat.writing():
        case = _case(seat, case_id, damage_only=held == "compensation")
        day = past_day(seat, on, "on")
        remitted = past_day(seat, remitted_on, "remitted_on", not_before=day) if remitted_on else None
        return _enter(
            seat,
            case.unit,
            {
                "ledger": held,
                "direction": "in",
                "source": source,
                "subject": rules.subject(),
                "case": case_id,
                "voucher": voucher,
                "cents": cents,
                "on": day,
                "party": keeping.need_text(payer, "payer"),
                "remitted_on": remitted,
                "note": note,
            },
        )


def note_self_restoration(
    seat: Seat,
    case_id: str,
    *,
    cents: int,
    voucher: str,
    on: str,
    payer: str,
    restoration: str | None = None,
    note: str | None = None,
) -> str:
    """Note what a party spent on restoring itself: a value, no money of the fund (财资环〔2020〕6号 art. 2).

    Args:
        case_id: the damage case.
        cents: what it spent.
        voucher: number of the proof.
        on: day of the proof.
        payer: who restored.
        restoration: record id of the restoration, where it is known.

    Returns:
        The entry's record id.

    Raises:
        RuleBroken: a value is missing or not possible, or the voucher is entered already.
    """
    keeping.allow(seat, KIND)
    with seat.writing():
        case = _case(seat, case_id, damage_only=True)
        if restoration and keeping.standing(seat, "restoration", restoration).case != case_id:
            raise RuleBroken(N_("This restoration belongs to another case."), field="restoration")
        return _enter(
            seat,
            case.unit,
            {
                "ledger": "self_restoration",
                "direction": "in",
                "case": case_id,
                "restoration": restoration,
                "voucher": voucher,
                "cents": cents,
                "on": past_day(seat, on, "on"),
                "party": keeping.need_text(payer, "payer"),
                "note": note,
            },
        )


def spend(
    seat: Seat,
    restoration_id: str,
    *,
    ledger: str,
    purpose: str,
    cents: int,
    voucher: str,
    on: str,
    payee: str,
    note: str | None = None,
) -> str:
    """Enter money that was spent on a restoration, out of one money ledger (R026).

    Args:
        restoration_id: what it was spent on; its case is the entry's.
        ledger: "fine" or "compensation".
        purpose: one of `rules.USES`.
        cents: no more than the ledger holds on that day and on every day after.
        voucher: number of the payment.
        on: day of the payment, YYYY-MM-DD.
        payee: by name.

    Returns:
        The entry's record id.

    Raises:
        RuleBroken: no such restoration, no use of the fund, more than there is, a ledger without money, or
            the voucher is entered already.
    """
    keeping.allow(seat, KIND)
    rules.refuse_use(purpose)
    if ledger not in rules.MONEY:
        raise RuleBroken(
            N_("Money is spent from fines or from compensation; a party's own restoration is no money here."),
            field="ledger",
            basis=rules.APART,
        )
    with seat.writing():
        restoration = keeping.standing(seat, "restoration", restoration_id)
        _case(seat, restoration.case or "", damage_only=True)
        day = past_day(seat, on, "on")
        rules.refuse_amount(cents)
        rules.refuse_overdraft(_standing(seat), ledger, day, cents)
        return _enter(
            seat,
            restoration.unit,
            {
                "ledger": ledger,
                "direction": "out",
                "purpose": purpose,
                "case": restoration.case,
                "restoration": restoration_id,
                "voucher": voucher,
                "cents": cents,
                "on": day,
                "party": keeping.need_text(payee, "payee"),
                "note": note,
            },
        )


def remit(seat: Seat, entry_id: str, *, on: str) -> None:
    """Note the day on which compensation went to the account of non-tax revenue; its limit ends.

    Raises:
        RuleBroken: it is no income of compensation, is remitted, or the day is not possible.
    """
    keeping.allow(seat, KIND)
    with seat.writing():
        row = keeping.standing(seat, KIND, entry_id)
        if row.ledger != "compensation" or row.direction != "in":
            raise RuleBroken(N_("Only compensation that came in is remitted."), field="ledger")
        if row.remitted_on:
            raise RuleBroken(N_("It was remitted on {day}."), field="on", day=row.remitted_on)
        day = past_day(seat, on, "on", not_before=row.on)
        keeping.change(seat, row, KIND, keeping.tidy(KIND, {"remitted_on": day}))


def correct(
    seat: Seat,
    entry_id: str,
    *,
    why: str,
    cents: int | None = None,
    on: str | None = None,
    voucher: str | None = None,
    party: str | None = None,
    note: str | None = None,
) -> str:
    """Replace an entry by a right one: the wrong one is withdrawn with the reason, in one step.

    Ledger, source, use, case and restoration stay; where they are wrong, withdraw it and enter another.

    Returns:
        The new entry's record id.

    Raises:
        RuleBroken: without a reason, a value is not possible, or its ledger would be below zero on a day.
    """
    keeping.allow(seat, KIND)
    reason = keeping.need_text(why, "why")
    with seat.writing():
        row: FundEntry = keeping.standing(seat, KIND, entry_id)
        day = past_day(seat, on or row.on or "", "on")
        values: dict[str, Any] = {name: getattr(row, name) for name in _CARRIED}
        values |= {
            "cents": row.cents if cents is None else cents,
            "on": day,
            "voucher": voucher or row.voucher,
            "party": party or row.party,
            "note": note or row.note,
            "remitted_on": row.remitted_on if (row.remitted_on or "") >= day else None,
        }
        before = _standing(seat)
        seat.write(void(KIND, row.id, row.unit, reason))
        made = _enter(seat, row.unit, values)
        rules.refuse_shortfall(before, _standing(seat), row.ledger or "")
        return made


def withdraw(seat: Seat, entry_id: str, why: str) -> None:
    """Withdraw an entry made by mistake.

    Raises:
        RuleBroken: without a reason, or its ledger would be below zero on a day: money that was spent.
    """
    keeping.allow(seat, KIND)
    with seat.writing():
        row = keeping.standing(seat, KIND, entry_id)
        before = _standing(seat)
        rules.refuse_shortfall(before, [each for each in before if each.id != row.id], row.ledger or "")
        keeping.withdraw(seat, KIND, entry_id, why)


def _enter(seat: Seat, unit: str, values: dict[str, Any]) -> str:
    rules.refuse_amount(values["cents"])
    values["voucher"] = keeping.need_text(values["voucher"], "voucher")
    _refuse_doubled(seat, values["voucher"])
    values["number"] = free_number(seat, FundEntry, unit, NUMBER)
    tidied: dict[str, Scalar] = keeping.tidy(KIND, values, _CHOICES)
    return keeping.make(seat, KIND, unit, tidied)


def _standing(seat: Seat) -> list[FundEntry]:
    with seat:
        return list(FundEntry.select().where(FundEntry.voided.is_null()))


def _refuse_doubled(seat: Seat, voucher: str) -> None:
    key = rules.voucher_key(voucher)
    for each in _standing(seat):
        if rules.voucher_key(each.voucher) == key:
            raise RuleBroken(
                N_("Voucher {voucher} is entered already, as {number} of {day}."),
                field="voucher",
                voucher=each.voucher,
                number=each.number,
                day=each.on,
            )


def _case(seat: Seat, case_id: str, *, damage_only: bool) -> Any:
    for kind in ("damage_case",) if damage_only else ("damage_case", "penalty_case"):
        row = keeping.row_of(seat, kind, case_id) if case_id and catalogue.kind(kind) else None
        if row is not None and row.voided is None:
            return row
    if damage_only:
        raise RuleBroken(N_("Each movement belongs to a case: choose a damage case."), field="case")
    raise RuleBroken(N_("Each movement belongs to a case: choose a damage or a penalty case."), field="case")
