"""What statistics, screens and the case ask of restorations, as of any day by legal date."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import TYPE_CHECKING, Any

from peewee import chunked

from models.cases.damage.lacks import Lack
from models.cases.damage.tables import DamageCase
from models.cases.restoration import rules
from models.cases.restoration.rules import Total as Total
from models.cases.restoration.tables import (
    Restoration,
    RestorationAmount,
    RestorationBase,
    RestorationGuidance,
    RestorationVisit,
)
from models.language import _, listed
from models.law.due import Due
from models.registry.units import unit
from models.rooms import label
from models.store.lookup import by_id, children

if TYPE_CHECKING:
    from models.store.seat import Seat

_SOME = 500
"""Ids in one query."""
_AGREED = "修复方案、赔偿协议的约定"
"""What the days of a restoration follow from: no law sets them."""


@dataclass(frozen=True, slots=True)
class BaseStanding:
    """A base as it was at the end of a day."""

    base: RestorationBase
    state: str
    """One of `rules.BASE_STATES`."""
    cases: int
    """How many damage cases had planned a restoration on it by then (R056)."""


def restoration(seat: Seat, restoration_id: str) -> Restoration | None:
    """One restoration; None where there is none."""
    with seat:
        return by_id(Restoration, restoration_id)


def restorations_of(seat: Seat, case_id: str) -> list[Restoration]:
    """The standing restorations of a case, in the order of their planning."""
    with seat:
        rows = children(Restoration, "case", case_id)
    return sorted(rows, key=lambda row: (row.planned_on or "", row.id))


def amounts_of(seat: Seat, restoration_id: str) -> list[RestorationAmount]:
    """The standing amounts of a restoration, by day."""
    rows: list[RestorationAmount] = _children(seat, RestorationAmount, restoration_id)
    return sorted(rows, key=lambda row: (row.done_on or "", row.id))


def guidance_of(seat: Seat, restoration_id: str) -> list[RestorationGuidance]:
    """The standing records of guidance of a restoration, by day."""
    rows: list[RestorationGuidance] = _children(seat, RestorationGuidance, restoration_id)
    return sorted(rows, key=lambda row: (row.on or "", row.id))


def visits_of(seat: Seat, restoration_id: str) -> list[RestorationVisit]:
    """The standing follow-ups of a restoration, by the day that they are due."""
    rows: list[RestorationVisit] = _children(seat, RestorationVisit, restoration_id)
    return sorted(rows, key=lambda row: (row.due_on or "", row.id))


def last_survival(visits: Iterable[RestorationVisit]) -> str | None:
    """The survival rate that the last follow-up found, in per cent; None before one did."""
    found = [row for row in visits if row.done_on and row.survival]
    return max(found, key=lambda row: (row.done_on, row.id)).survival if found else None


def falls_short(row: Restoration, visits: Iterable[RestorationVisit]) -> bool:
    """Whether fewer are alive than was agreed, by the last follow-up or else the first sample."""
    survival = last_survival(visits) or row.sampled_survival
    return bool(survival and row.agreed_survival) and number_of(survival) < number_of(row.agreed_survival)


# -- figures -------------------------------------------------------------------------------------


def totals(seat: Seat, as_of: date) -> dict[str, Total]:
    """What was restored by the end of a day, by `rules.WHAT`; quantities of another unit as "other:<unit>".

    Counted are standing amounts of standing restorations of standing cases, by the day they were done.
    """
    found: dict[str, Total] = {}
    for _unit, key, amount in _counted(seat, as_of):
        found[key] = found[key] + amount if key in found else amount
    return found


def totals_by_unit(seat: Seat, as_of: date) -> dict[str, dict[str, Total]]:
    """The same by the present code of the unit that handles the case; units without any are left out."""
    found: dict[str, dict[str, Total]] = defaultdict(dict)
    for code, key, amount in _counted(seat, as_of):
        of_unit = found[code]
        of_unit[key] = of_unit[key] + amount if key in of_unit else amount
    return dict(found)


def sums(amounts: Iterable[RestorationAmount]) -> dict[str, Total]:
    """The totals of some amounts."""
    found: dict[str, Total] = {}
    for row in amounts:
        key, amount = _as_total(row)
        found[key] = found[key] + amount if key in found else amount
    return found


def _counted(seat: Seat, as_of: date) -> list[tuple[str, str, Total]]:
    with seat:
        amounts = list(
            RestorationAmount.select()
            .where(RestorationAmount.voided.is_null(), RestorationAmount.done_on <= as_of.isoformat())
            .order_by(RestorationAmount.id)
        )
        of = _by_id(Restoration, {row.restoration for row in amounts})
        cases = _by_id(DamageCase, {row.case for row in of.values()})
    found = []
    for row in amounts:
        case = cases.get(of[row.restoration].case or "") if row.restoration in of else None
        if case is not None:
            place = unit(case.unit)
            found.append((place.code if place else case.unit, *_as_total(row)))
    return found


def _as_total(row: Any) -> tuple[str, Total]:
    counted_in = row.quantity_unit or ""
    # what no verb of ours wrote, fry without a unit, is another quantity: it is added to none of the unit
    fitting = counted_in == rules.UNITS.get(row.what or "")
    key = row.what if fitting else f"other:{counted_in}"
    return key, Total(number_of(row.quantity), counted_in, row.approx or "=")


def number_of(text: str | None) -> Decimal:
    """A quantity as kept; zero for what no verb of ours wrote."""
    try:
        found = Decimal(text or "0")
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def bases(seat: Seat, as_of: date) -> list[BaseStanding]:
    """Every base that was planned by the end of a day, by type, unit and name, as it was then."""
    day = as_of.isoformat()
    order = [value for value, _words in rules.BASE_TYPES]
    with seat:
        rows = list(RestorationBase.select().where(RestorationBase.voided.is_null()))
        used = Restoration.select(Restoration.base, Restoration.case).where(
            Restoration.base.is_null(False), Restoration.voided.is_null(), Restoration.planned_on <= day
        )
        counts = Counter(base for base, _case in {(row.base, row.case) for row in used})
    found = [BaseStanding(row, rules.base_state(row, day), counts[row.id]) for row in rows]
    return sorted(
        (each for each in found if each.state),
        key=lambda each: (
            order.index(each.base.type) if each.base.type in order else len(order),
            each.base.unit,
            each.base.name or "",
            each.base.id,
        ),
    )


def base_counts(seat: Seat, as_of: date) -> dict[tuple[str, str], int]:
    """How many bases of each type were in each state at the end of a day: counts["fish_release", "built"]."""
    found = dict.fromkeys(product(dict(rules.BASE_TYPES), dict(rules.BASE_STATES)), 0)
    for each in bases(seat, as_of):
        key = (each.base.type or "", each.state)
        if key in found:
            found[key] += 1
    return found


def restorations_on(seat: Seat, base_id: str) -> list[Restoration]:
    """The standing restorations on a base, by their planning: 各案落地情况 (R056)."""
    with seat:
        rows = Restoration.select().where(Restoration.base == base_id, Restoration.voided.is_null())
        return list(rows.order_by(Restoration.planned_on, Restoration.id))


def cases_of_base(seat: Seat, base_id: str) -> list[DamageCase]:
    """The damage cases whose restorations a base has taken, by their planning."""
    ids = list(dict.fromkeys(str(row.case) for row in restorations_on(seat, base_id)))
    with seat:
        found = {row.id: row for some in chunked(ids, _SOME) for row in _cases(list(some))}
    return [found[each] for each in ids if each in found]


def _cases(ids: list[str]) -> list[DamageCase]:
    return list(DamageCase.select().where(DamageCase.id.in_(ids), DamageCase.voided.is_null()))


# -- what is missing, what is due -------------------------------------------------------------------


def lacking(seat: Seat, case_id: str) -> list[Lack]:
    """What a case's restorations still lack before it may be closed; whether it needs one is not asked here.

    Keys: "off_site:<number>", "unfinished:<number>", "guidance:<department>" block; "amounts:<number>",
    "quarantine:<number>" and "survival:<number>" are only shown.
    """
    found: list[Lack] = []
    unguided: dict[str, list[Restoration]] = defaultdict(list)
    for row in restorations_of(seat, case_id):
        number = row.number or ""
        reason = rules.reason_needed(row.mode, row.planned_on or "9999-12-31")
        if reason is not None and not (row.why_off_site or "").strip():
            text = _("{number}: say why it cannot be restored in place.").format(number=number)
            found.append(Lack(f"off_site:{number}", text, reason.basis))
        if not row.finished_on:
            text = _("{number}: not finished. Note the day on which it was.").format(number=number)
            found.append(Lack(f"unfinished:{number}", text, _AGREED))
        guide = rules.guide_of(row.mode)
        if guide is not None and not rules.guided(row.mode, guidance_of(seat, row.id)):
            unguided[guide.department].append(row)
        found += _shown(seat, row, number)
    for rows in unguided.values():
        need = rules.guide_of(rows[0].mode)
        assert need is not None
        text = _("No guidance of the {department} for {numbers}. Invite it and note what it advised.").format(
            department=need.label, numbers=listed(row.number or "" for row in rows)
        )
        found.append(Lack(f"guidance:{need.department}", text, need.basis))
    return found


def _shown(seat: Seat, row: Restoration, number: str) -> list[Lack]:
    """What is only shown: a paper restoration can be in order without it."""
    found = []
    amounts = amounts_of(seat, row.id)
    if row.finished_on and not amounts:
        text = _("{number}: no quantity is noted, so it counts for nothing.").format(number=number)
        found.append(Lack(f"amounts:{number}", text, _AGREED, blocking=False))
    if any(each.what in rules.LIVE for each in amounts) and not row.quarantine:
        text = _("{number}: the quarantine certificate of what was released is not noted.").format(
            number=number
        )
        basis = "《水生生物增殖放流管理规定》（农业部令2009年第20号）第十一条"
        found.append(Lack(f"quarantine:{number}", text, basis, blocking=False))
    if falls_short(row, visits_of(seat, row.id)):
        text = _("{number}: fewer are alive than was agreed ({agreed} %).").format(
            number=number, agreed=row.agreed_survival
        )
        found.append(Lack(f"survival:{number}", text, _AGREED, blocking=False))
    return found


def open_visits(seat: Seat) -> list[tuple[RestorationVisit, Restoration]]:
    """Follow-ups that are not done, of standing restorations, by the day that they are due."""
    with seat:
        rows = (
            RestorationVisit.select()
            .where(RestorationVisit.voided.is_null(), RestorationVisit.done_on.is_null())
            .order_by(RestorationVisit.due_on, RestorationVisit.id)
        )
        visits = list(rows)
        of = _by_id(Restoration, {row.restoration for row in visits})
    return [(row, of[row.restoration]) for row in visits if row.restoration in of]


def dues(seat: Seat) -> list[Due]:
    """Follow-ups that are to be done, and restorations that are to be finished."""
    found = [
        Due(
            "restoration_visit",
            "restoration_visit",
            visit.id,
            row.number or "",
            _("Follow-up of the restoration"),
            due_on,
            _AGREED,
            "D",
        )
        for visit, row in open_visits(seat)
        if (due_on := _day(visit.due_on))
    ]
    with seat:
        unfinished = list(
            Restoration.select().where(
                Restoration.voided.is_null(),
                Restoration.finished_on.is_null(),
                Restoration.finish_by.is_null(False),
            )
        )
    for row in unfinished:
        what = _("Finish the restoration ({mode})").format(mode=label(rules.MODES, row.mode))
        if due_on := _day(row.finish_by):
            found.append(
                Due("restoration_finish", "restoration", row.id, row.number or "", what, due_on, _AGREED, "D")
            )
    return sorted(found, key=lambda due: (due.due_on, due.record))


def _children(seat: Seat, table: Any, restoration_id: str) -> list[Any]:
    with seat:
        return children(table, "restoration", restoration_id)


def _by_id(table: Any, ids: Iterable[str | None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for some in chunked([each for each in ids if each], _SOME):
        rows = table.select().where(table.id.in_(list(some)), table.voided.is_null())
        found |= {row.id: row for row in rows}
    return found
