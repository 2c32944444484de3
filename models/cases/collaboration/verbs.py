"""What a person writes down of a deliberation, and of supervision by procuratorate and court."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.cases.collaboration import rules
from models.cases.damage import queries as damage
from models.cases.damage.clues import refuse_day
from models.cases.damage.tables import DamageCase
from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping

if TYPE_CHECKING:
    from models.store.seat import Seat

DELIBERATION_FIELDS = (
    "stage",
    "held_on",
    "place",
    "invited",
    "invited_names",
    "came",
    "opinion_natural_resources",
    "opinion_town",
    "opinion_others",
    "minutes",
    "signed",
)
SUPERVISION_FIELDS = ("authority", "stage", "way", "on", "letter_number", "came", "people", "opinion")
_BODIES = tuple(dict(rules.BODIES))
_DELIBERATION = {"stage": rules.DELIBERATED, "invited": _BODIES, "came": _BODIES}
_SUPERVISION = {
    "stage": tuple(dict(rules.STAGE_WORDS)),
    "authority": tuple(dict(rules.AUTHORITIES)),
    "way": tuple(dict(rules.WAYS)),
}


def deliberate(seat: Seat, case: str, *, stage: str, held_on: str, invited: str, **fields: Any) -> str:
    """Write down a deliberation (会商) of a case.

    Args:
        case: record id of the damage case.
        stage: one of `rules.DELIBERATED`.
        held_on: YYYY-MM-DD.
        invited: comma-joined of `rules.BODIES`.
        fields: any other of `DELIBERATION_FIELDS`.

    Returns:
        The new record's id.

    Raises:
        RuleBroken: the case was not started by that day, somebody came who was not invited, a value is not
            possible, or the person may not.
    """
    return _make(
        seat,
        "deliberation",
        case,
        {**fields, "stage": stage, "held_on": held_on, "invited": invited},
    )


def edit_deliberation(seat: Seat, record_id: str, **fields: Any) -> None:
    """Correct a deliberation, or add who came and what they said.

    Raises:
        RuleBroken: as `deliberate`; or there is no such record.
    """
    _change(seat, "deliberation", record_id, fields)


def supervise(seat: Seat, case: str, *, authority: str, stage: str, way: str, on: str, **fields: Any) -> str:
    """Write down that procuratorate or court was invited, came or gave its opinion (R041, R045).

    Args:
        case: record id of the damage case.
        authority: one of `rules.AUTHORITIES`.
        stage: one of the eight stages.
        way: one of `rules.WAYS`.
        on: YYYY-MM-DD.
        fields: any other of `SUPERVISION_FIELDS`.

    Returns:
        The new record's id.

    Raises:
        RuleBroken: the case was not started by that day, an opinion in writing has no words, a value is not
            possible, or the person may not.
    """
    values = {**fields, "authority": authority, "stage": stage, "way": way, "on": on}
    return _make(seat, "supervision", case, values)


def edit_supervision(seat: Seat, record_id: str, **fields: Any) -> None:
    """Correct an act of supervision, or add who came and what they said.

    Raises:
        RuleBroken: as `supervise`; or there is no such record.
    """
    _change(seat, "supervision", record_id, fields)


def withdraw_deliberation(seat: Seat, record_id: str, *, why: str) -> None:
    """Withdraw a deliberation with a reason; it stays in the history.

    Raises:
        RuleBroken: no reason, no such record, or the person may not.
    """
    keeping.withdraw(seat, "deliberation", record_id, why)


def withdraw_supervision(seat: Seat, record_id: str, *, why: str) -> None:
    """Withdraw an act of supervision with a reason; it stays in the history.

    Raises:
        RuleBroken: no reason, no such record, or the person may not.
    """
    keeping.withdraw(seat, "supervision", record_id, why)


def _make(seat: Seat, kind: str, case_id: str, fields: dict[str, Any]) -> str:
    keeping.allow(seat, kind)
    with seat.writing():
        case: DamageCase = keeping.standing(seat, "damage_case", case_id)
        values = _checked(seat, kind, case.id, fields)
        return keeping.make(seat, kind, case.unit, _tidy(kind, {**values, "case": case.id}))


def _change(seat: Seat, kind: str, record_id: str, fields: dict[str, Any]) -> None:
    keeping.allow(seat, kind)
    with seat.writing():
        row = keeping.standing(seat, kind, record_id)
        held = {name: getattr(row, name) for name in _names(kind)}
        values = _checked(seat, kind, row.case, {**held, **fields})
        changed = {name: value for name, value in values.items() if value != held[name]}
        if changed:
            keeping.change(seat, row, kind, _tidy(kind, changed))


def _checked(seat: Seat, kind: str, case_id: str, fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(_names(kind))
    if unknown:
        raise TypeError(", ".join(sorted(unknown)))
    values = dict(fields)
    at = damage.progress_of(seat, case_id)
    if not at.started:
        raise RuleBroken(N_("This case was not started yet."), field="case")
    day = "held_on" if kind == "deliberation" else "on"
    refuse_day(seat, values[day] or "", day, not_before=at.entered_on_first("start"))
    if kind == "deliberation":
        rules.refuse_deliberation(values)
    else:
        values["came"] = rules.present(str(values.get("way")), values.get("came"))
        rules.refuse_supervision(values)
    return values


def _tidy(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    return keeping.tidy(kind, fields, _DELIBERATION if kind == "deliberation" else _SUPERVISION)


def _names(kind: str) -> tuple[str, ...]:
    return DELIBERATION_FIELDS if kind == "deliberation" else SUPERVISION_FIELDS
