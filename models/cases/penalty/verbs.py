"""What a person does with a penalty case; each verb checks its rules and writes in one transaction.

The dated steps are in `procedure`, the screening and hand-over in `screening`, files in `exchange`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.cases.damage.clues import measured_words
from models.cases.penalty import queries
from models.cases.penalty.exchange import export_cases, import_cases
from models.cases.penalty.procedure import (
    ask_hearing,
    close,
    decide,
    exclude_days,
    note_payment,
    note_report,
    note_review,
    note_waiver,
    put_on_file,
    serve_correction,
    serve_decision,
    serve_notice,
    set_hearing,
    take_back,
)
from models.cases.penalty.screening import (
    hand_over,
    remind,
    screen,
    sign_receipt,
    withdraw_handover,
    withdraw_reminder,
    withdraw_screening,
)
from models.cases.penalty.tables import PenaltyCase
from models.cases.penalty.writing import KIND, checked, keep, open_case, standing_case
from models.errors import RuleBroken
from models.inspections import queries as inspections
from models.language import N_
from models.registry import keeping
from models.registry import queries as registry
from models.registry.numbers import free_number
from models.registry.units import unit_named

if TYPE_CHECKING:
    from models.store.seat import Seat

__all__ = [
    "ask_hearing",
    "close",
    "decide",
    "edit",
    "exclude_days",
    "export_cases",
    "file",
    "file_from_inspection",
    "from_inspection",
    "hand_over",
    "import_cases",
    "note_payment",
    "note_report",
    "note_review",
    "note_waiver",
    "put_on_file",
    "remind",
    "screen",
    "serve_correction",
    "serve_decision",
    "serve_notice",
    "set_hearing",
    "sign_receipt",
    "take_back",
    "withdraw",
    "withdraw_handover",
    "withdraw_reminder",
    "withdraw_screening",
]

NUMBER = "CF-"
DESCRIBED = (
    "number",
    "title",
    "party",
    "party_code",
    "party_person",
    "party_address",
    "party_phone",
    "site",
    "source",
    "lead_officer",
    "helper_officer",
    "occurred_on",
    "ended_on",
    "grave",
    "found_on",
    "filed_on",
    "act",
    "violated",
    "opinion",
)
"""What `file` and `edit` take; all else has a verb of its own."""


def file(seat: Seat, *, title: str, party: str, found_on: str, unit: str | None = None, **fields: Any) -> str:
    """Enter a penalty case; without `filed_on` it is one whose filing is still to be decided.

    Args:
        title: 案由.
        party: who is to be punished, by name.
        found_on: day on which the violation was found, YYYY-MM-DD.
        unit: the unit that handles it; the seat's unless given.
        fields: any other of `DESCRIBED`, and `inspection`; without a number it gets one.

    Returns:
        The case's record id.

    Raises:
        RuleBroken: a value is missing or not possible, its number is taken, or the person may not.
    """
    keeping.allow(seat, KIND)
    _refuse_other_fields(fields, (*DESCRIBED, "inspection"))
    home = _unit(unit) if unit else seat.unit
    values = {
        **fields,
        "title": keeping.need_text(title, "title"),
        "party": keeping.need_text(party, "party"),
        "found_on": keeping.need_text(found_on, "found_on"),
    }
    tidied = checked(seat, values)
    if tidied.get("site"):
        keeping.standing(seat, "site", str(tidied["site"]))
    with seat.writing():
        if tidied.get("number"):
            _refuse_taken(seat, str(tidied["number"]))
        else:
            tidied["number"] = free_number(seat, PenaltyCase, home, NUMBER)
        return keeping.make(seat, KIND, home, tidied)


def file_from_inspection(seat: Seat, inspection_id: str, **fields: Any) -> str:
    """Enter a penalty case that came out of an inspection, with its site, findings and provisions.

    Args:
        fields: what is to stand instead of what `from_inspection` presets.

    Raises:
        RuleBroken: there is no such inspection, or as `file`.
    """
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    visit = keeping.standing(seat, "inspection", inspection_id)
    values = {**from_inspection(seat, inspection_id), **given}
    if not values.get("title"):
        raise RuleBroken(N_("Fill this in."), field="title")
    return file(seat, unit=visit.unit, inspection=inspection_id, **values)


def from_inspection(seat: Seat, inspection_id: str) -> dict[str, Any]:
    """What an inspection says of a penalty case that comes out of it.

    Raises:
        RuleBroken: there is no such inspection.
    """
    sheet = inspections.sheet(seat, inspection_id)
    visit = sheet.inspection
    site = registry.site(seat, visit.site) if visit.site else None
    day = inspections.day_of(visit)
    over = [row for row in sheet.measurements if row.verdict == "over"]
    facts = [row.text or "" for row in sheet.findings] + [measured_words(row) for row in over]
    provisions = [inspections.finding_basis(row, visit) for row in sheet.findings]
    acted = [inspections.act_day(row, visit) for row in sheet.findings]
    values = {
        "title": facts[0] if facts else None,
        "party": visit.site_name,
        "party_code": visit.site_code,
        "party_person": visit.legal_person or (site.legal_person if site is not None else None),
        "party_address": (site.address if site is not None else None) or visit.place,
        "party_phone": visit.contact_phone or (site.phone if site is not None else None),
        "site": visit.site,
        "source": "inspection",
        "lead_officer": visit.first_officer,
        "helper_officer": visit.second_officer,
        "occurred_on": min(acted, default=day).isoformat(),
        "found_on": day.isoformat(),
        "act": "；".join(each for each in facts if each) or visit.situation,
        "violated": "；".join(dict.fromkeys(each for each in provisions if each)),
    }
    return {name: value for name, value in values.items() if value}


def edit(seat: Seat, case_id: str, **fields: Any) -> None:
    """Correct what describes a case; its dated steps have verbs of their own.

    Args:
        fields: any of `DESCRIBED`.

    Raises:
        RuleBroken: the case is closed, a value is missing or not possible, or its number is taken.
    """
    keeping.allow(seat, KIND)
    _refuse_other_fields(fields, DESCRIBED)
    for name in ("number", "title", "party", "found_on"):
        if name in fields:
            keeping.need_text(fields[name], name)
    with seat.writing():
        row = open_case(seat, case_id)
        if fields.get("number") and fields["number"] != row.number:
            _refuse_taken(seat, fields["number"])
        if fields.get("site") and fields["site"] != row.site:
            keeping.standing(seat, "site", fields["site"])
        keep(seat, row, fields)


def withdraw(seat: Seat, case_id: str, *, why: str) -> None:
    """Withdraw a case that was entered by mistake.

    Raises:
        RuleBroken: a clue, a hand-over or a damage case hangs on it, or there is no reason.
    """
    keeping.allow(seat, KIND)
    with seat.writing():
        row = standing_case(seat, case_id)
        if queries.handovers_of(seat, row.id) or queries.clues_of(seat, row.id):
            raise RuleBroken(
                N_("A clue or hand-over came from {number}. Withdraw that first."),
                field=KIND,
                number=row.number,
            )
        if queries.damage_cases_of(seat, row.id):
            raise RuleBroken(
                N_("A damage case is linked with {number}. Take the link away first."),
                field=KIND,
                number=row.number,
            )
        keeping.withdraw(seat, KIND, row.id, why)


def _refuse_taken(seat: Seat, number: str) -> None:
    other = queries.by_number(seat, number)
    if other is not None and other.voided is None:
        raise RuleBroken(
            N_("{number} is the number of another case: {title}."),
            field="number",
            number=number,
            title=other.title,
        )


def _refuse_other_fields(fields: dict[str, Any], allowed: tuple[str, ...]) -> None:
    unknown = sorted(set(fields) - set(allowed))
    if unknown:
        raise TypeError(", ".join(unknown))


def _unit(text: str) -> str:
    found = unit_named(text)
    if found is None:
        raise RuleBroken(
            N_("“{value}” is no unit of Zhangzhou. Give its name or code, such as 芗城区 or 350602."),
            field="unit",
            value=text,
        )
    return found.code
