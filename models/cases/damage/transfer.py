"""A case goes over to another unit of the bureau (移送管辖): only who has jurisdiction handles it.

What is written here is the request. The server moves the case with all that belongs to it when the request
reaches it, and lets the new unit read what the case rests on (docs/protocol.md, section 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.cases.damage import queries as damage
from models.cases.damage.clues import refuse_day
from models.cases.damage.opening import open_case
from models.cases.damage.tables import CaseTransfer
from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping
from models.registry.units import label_of, unit_named
from models.store.lookup import children

if TYPE_CHECKING:
    from models.store.seat import Seat

KIND = "case_transfer"


def transfer(
    seat: Seat, case_id: str, *, to_unit: str, on: str, reason: str, letter_number: str | None = None
) -> str:
    """Hand a case over to the unit that has jurisdiction, with its whole file.

    Args:
        to_unit: code or name of the city or of one of the 16 county-level units.
        on: day of the letter, YYYY-MM-DD.
        letter_number: 移送函文号.

    Returns:
        The transfer's record id.

    Raises:
        RuleBroken: the person may not approve, the case has ended or waits for an earlier transfer, or a
            value is not possible.
    """
    keeping.allow(seat, KIND)
    found = unit_named(to_unit)
    if found is None or found.kind not in ("city", "district", "county", "zone"):
        raise RuleBroken(
            N_("“{value}” is no county branch. Give one of the 16, as 芗城区 or 350602."),
            field="to_unit",
            value=to_unit,
        )
    with seat.writing():
        case, at = open_case(seat, case_id)
        refuse_day(seat, on, "on", not_before=at.entered_on_first("start"))
        if found.code == case.unit:
            raise RuleBroken(
                N_("{unit} handles this case already."), field="to_unit", unit=label_of(case.unit)
            )
        waiting = waiting_transfer(seat, case_id)
        if waiting is not None:
            raise RuleBroken(
                N_("The transfer to {unit} of {day} is on its way. Synchronise, or withdraw it."),
                field="to_unit",
                unit=label_of(waiting.to_unit),
                day=waiting.on,
            )
        values = {
            "case": case_id,
            "from_unit": case.unit,
            "to_unit": found.code,
            "on": on,
            "reason": keeping.need_text(reason, "reason"),
            "letter_number": letter_number,
            "approver": seat.person,
        }
        return keeping.make(seat, KIND, case.unit, keeping.tidy(KIND, values))


def transfers_of(seat: Seat, case_id: str) -> list[CaseTransfer]:
    """The transfers of a case that were not withdrawn, by their day."""
    with seat:
        rows = children(CaseTransfer, "case", case_id)
    return sorted(rows, key=lambda row: (row.on or "", row.made_at, row.id))


def waiting_transfer(seat: Seat, case_id: str) -> CaseTransfer | None:
    """The transfer that the server has not carried out yet."""
    case = damage.damage_case(seat, case_id)
    last = next(reversed(transfers_of(seat, case_id)), None)
    waits = case is not None and last is not None and last.from_unit == case.unit
    return last if waits else None


def withdraw(seat: Seat, transfer_id: str, why: str) -> None:
    """Withdraw a transfer that has not reached the server; a case that has gone over is handed back instead.

    Raises:
        RuleBroken: it was carried out, or there is no reason.
    """
    keeping.allow(seat, KIND)
    with seat.writing():
        row: CaseTransfer = keeping.standing(seat, KIND, transfer_id)
        waiting = waiting_transfer(seat, row.case or "")
        if waiting is None or waiting.id != row.id:
            raise RuleBroken(
                N_("The case has gone over to {unit}, which may hand it back."),
                field="to_unit",
                unit=label_of(row.to_unit),
            )
        keeping.withdraw(seat, KIND, row.id, why)
