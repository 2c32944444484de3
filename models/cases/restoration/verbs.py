"""What is done in a restoration: planned, begun, measured, guided, finished, visited again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.damage.opening import refuse_ended
from models.cases.damage.queries import progress_of
from models.cases.restoration import rules
from models.cases.restoration.days import past_day
from models.cases.restoration.tables import Restoration, RestorationAmount, RestorationVisit
from models.errors import RuleBroken
from models.inspections import queries as inspections
from models.inspections import verbs as inspecting
from models.language import N_
from models.registry import keeping
from models.registry.numbers import free_number
from models.registry.typed import MOST_CENTS, read_day

if TYPE_CHECKING:
    from models.store.seat import Seat

NUMBER = "XF-"
CHOICES = {"mode": tuple(dict(rules.MODES))}
AMOUNT_CHOICES = {
    "what": tuple(dict(rules.WHAT)),
    "origin": tuple(dict(rules.ORIGINS)),
    "approx": tuple(dict(rules.APPROX)),
}
GUIDANCE_CHOICES = {"department": tuple(dict(rules.DEPARTMENTS))}
_LATER = ("begun_on", "finished_on")
"""Set by `begin` and `finish`; `edit` may correct them."""
_OF_AMOUNT = ("what", "species", "origin", "quantity", "quantity_unit", "approx", "done_on", "method")


def plan(seat: Seat, case_id: str, *, mode: str, plan: str, planned_on: str, **fields: Any) -> str:
    """Plan a restoration of a damage case.

    Args:
        mode: one of `rules.MODES`; elsewhere than in place it takes `why_off_site` (R052).
        plan: what is to be done, in words.
        planned_on: day of the plan, YYYY-MM-DD.
        fields: any other field of `Restoration` but the days of its beginning and end.

    Returns:
        Its record id.

    Raises:
        RuleBroken: there is no such case, it had ended by that day, or a value is missing or not possible.
        TypeError: a field that only other verbs set.
    """
    keeping.allow(seat, "restoration")
    if set(_LATER) & set(fields):
        raise TypeError(", ".join(_LATER))
    with seat.writing():
        case = keeping.standing(seat, "damage_case", case_id)
        values = _checked(seat, {**fields, "mode": mode, "plan": plan, "planned_on": planned_on})
        at = progress_of(seat, case_id)
        if at.ended and values["planned_on"] > at.last_on:
            raise RuleBroken(
                N_("The case ended on {day}. A restoration of it cannot be planned after that."),
                field="planned_on",
                day=at.last_on,
            )
        values |= {"case": case_id, "number": free_number(seat, Restoration, case.unit, NUMBER)}
        return keeping.make(seat, "restoration", case.unit, keeping.tidy("restoration", values, CHOICES))


def edit(seat: Seat, restoration_id: str, **fields: Any) -> None:
    """Correct a restoration; another mode drops the base that was of the old one.

    Raises:
        RuleBroken: a value is not possible; a day of its end without one of its beginning.
    """
    keeping.allow(seat, "restoration")
    if {"case", "number"} & set(fields):
        raise TypeError("case, number")
    with seat.writing():
        row = keeping.standing(seat, "restoration", restoration_id)
        if fields.get("mode", row.mode) != row.mode:
            fields.setdefault("base", None)
        held = {name: getattr(row, name) for name in row._meta.fields}
        merged = _checked(seat, {**held, **fields})
        if merged.get("finished_on") and not merged.get("begun_on"):
            raise RuleBroken(N_("It was not begun. Begin it first."), field="begun_on")
        first = min((each.done_on for each in _amounts(seat, row.id) if each.done_on), default=None)
        if first and (not merged.get("begun_on") or merged["begun_on"] > first):
            raise RuleBroken(
                N_("Something was restored on {day}: it was begun by then."), field="begun_on", day=first
            )
        values = {name: merged[name] for name in fields}
        keeping.change(seat, row, "restoration", keeping.tidy("restoration", values, CHOICES))


def begin(seat: Seat, restoration_id: str, *, on: str) -> None:
    """Note the day on which a restoration was begun.

    Raises:
        RuleBroken: it was begun already, or the day is not possible.
    """
    keeping.allow(seat, "restoration")
    with seat.writing():
        row = keeping.standing(seat, "restoration", restoration_id)
        if row.begun_on:
            raise RuleBroken(N_("It was begun on {day}."), field="on", day=row.begun_on)
        day = past_day(seat, on, "on", not_before=row.planned_on)
        keeping.change(seat, row, "restoration", keeping.tidy("restoration", {"begun_on": day}))


def finish(seat: Seat, restoration_id: str, *, on: str, **fields: Any) -> None:
    """Note the day on which a restoration was finished.

    Args:
        fields: `sampled_survival`, `quarantine`, `aftercare_until`, `witnesses`, known at the end.

    Raises:
        RuleBroken: it was not begun or is finished, or a value is not possible.
    """
    keeping.allow(seat, "restoration")
    with seat.writing():
        row = keeping.standing(seat, "restoration", restoration_id)
        if row.finished_on:
            raise RuleBroken(N_("It was finished on {day}."), field="on", day=row.finished_on)
        if not row.begun_on:
            raise RuleBroken(N_("It was not begun. Begin it first."), field="begun_on")
        day = past_day(seat, on, "on", not_before=row.begun_on)
        edit(seat, restoration_id, finished_on=day, **fields)


def withdraw(seat: Seat, restoration_id: str, why: str) -> None:
    """Withdraw a restoration entered by mistake; its quantities no longer count. Errors as `keeping`."""
    row = keeping.row_of(seat, "restoration", restoration_id)
    refuse_ended(seat, row.case if row is not None else None)
    keeping.withdraw(seat, "restoration", restoration_id, why)


def note_amount(
    seat: Seat,
    restoration_id: str,
    *,
    what: str,
    quantity: str,
    done_on: str,
    approx: str = "=",
    **fields: Any,
) -> str:
    """Note how much of something was restored on a day.

    Args:
        what: one of `rules.WHAT`.
        quantity: decimal text, as "1358800" or "135.88万".
        done_on: YYYY-MM-DD; not before the restoration was begun.
        approx: "=", "余" (more than) or "约" (about).
        fields: `species` and `origin` (both needed for what is released alive), `spec`, `quantity_unit` (for
            another quantity), `price_cents`, `method` and `certificate` (both needed for carbon), `note`.

    Returns:
        The amount's record id.

    Raises:
        RuleBroken: the restoration was not begun, a value is missing or not possible, or the species may not
            be released (法典797, 湿地保护法55).
    """
    keeping.allow(seat, "restoration_amount")
    with seat.writing():
        row = keeping.standing(seat, "restoration", restoration_id)
        values = _checked_amount(
            seat, row, {**fields, "what": what, "quantity": quantity, "done_on": done_on, "approx": approx}
        )
        values["restoration"] = restoration_id
        tidied = keeping.tidy("restoration_amount", values, AMOUNT_CHOICES)
        return keeping.make(seat, "restoration_amount", row.unit, tidied)


def correct_amount(seat: Seat, amount_id: str, **fields: Any) -> None:
    """Correct an amount. Errors as `note_amount`."""
    keeping.allow(seat, "restoration_amount")
    with seat.writing():
        row = keeping.standing(seat, "restoration_amount", amount_id)
        held = {name: getattr(row, name) for name in (*_OF_AMOUNT, "certificate", "price_cents")}
        if "what" in fields and fields["what"] != row.what and "quantity_unit" not in fields:
            held["quantity_unit"] = None  # the old one was of another quantity
        restoration = keeping.standing(seat, "restoration", row.restoration)
        merged = _checked_amount(seat, restoration, {**held, **fields})
        values = {name: merged[name] for name in {*fields, "quantity_unit"}}
        tidied = keeping.tidy("restoration_amount", values, AMOUNT_CHOICES)
        keeping.change(seat, row, "restoration_amount", tidied)


def withdraw_amount(seat: Seat, amount_id: str, why: str) -> None:
    """Withdraw an amount; it no longer counts on any day. Errors as `keeping.withdraw`."""
    _refuse_ended_part(seat, "restoration_amount", amount_id)
    keeping.withdraw(seat, "restoration_amount", amount_id, why)


def guide(
    seat: Seat,
    restoration_id: str,
    *,
    department: str,
    on: str,
    person: str | None = None,
    opinion: str | None = None,
    came: bool = True,
    invited_on: str | None = None,
) -> str:
    """Note the guidance of a department, or that it was invited and did not come.

    Args:
        department: one of `rules.DEPARTMENTS`.
        on: day of the guidance, or for which it was invited, YYYY-MM-DD.
        person: who came.
        opinion: what they advised.
        came: whether they came; else person and opinion may stay empty, and the case is still not guided.
        invited_on: day of the invitation.

    Returns:
        The record's id.

    Raises:
        RuleBroken: a value is missing or not possible.
    """
    keeping.allow(seat, "restoration_guidance")
    with seat.writing():
        row = keeping.standing(seat, "restoration", restoration_id)
        invited = past_day(seat, invited_on, "invited_on") if invited_on else None
        values = {
            "restoration": restoration_id,
            "department": department,
            "invited_on": invited,
            "on": past_day(seat, on, "on", not_before=invited),
            "person": keeping.need_text(person, "person") if came else person,
            "opinion": keeping.need_text(opinion, "opinion") if came else opinion,
            "came": came,
        }
        tidied = keeping.tidy("restoration_guidance", values, GUIDANCE_CHOICES)
        return keeping.make(seat, "restoration_guidance", row.unit, tidied)


def _refuse_ended_part(seat: Seat, kind: str, record_id: str) -> None:
    """What a closed case rests on stays: its amounts and who guided it."""
    part = keeping.row_of(seat, kind, record_id)
    owner = keeping.row_of(seat, "restoration", part.restoration or "") if part is not None else None
    refuse_ended(seat, owner.case if owner is not None else None)


def withdraw_guidance(seat: Seat, guidance_id: str, why: str) -> None:
    """Withdraw a record of guidance. Errors as `keeping.withdraw`."""
    _refuse_ended_part(seat, "restoration_guidance", guidance_id)
    keeping.withdraw(seat, "restoration_guidance", guidance_id, why)


def schedule(
    seat: Seat, restoration_id: str, *, first_on: str, every_months: int = 1, times: int = 1
) -> list[date]:
    """Schedule follow-ups: the first, and one every so many months after it.

    Days that are scheduled already are left as they are.

    Args:
        first_on: day of the first, YYYY-MM-DD; not before the restoration was planned.
        every_months: months between two.
        times: how many in all.

    Returns:
        The due days, those that stood already among them.

    Raises:
        RuleBroken: a value is not possible.
    """
    keeping.allow(seat, "restoration_visit")
    with seat.writing():
        row = keeping.standing(seat, "restoration", restoration_id)
        first = read_day(first_on, "first_on")
        rules.refuse_disorder([("planned_on", row.planned_on), ("first_on", first)])
        days = rules.follow_up_days(date.fromisoformat(first), every_months, times)
        with seat:
            rows = RestorationVisit.select(RestorationVisit.due_on).where(
                RestorationVisit.restoration == restoration_id, RestorationVisit.voided.is_null()
            )
            known = {each.due_on for each in rows}
        for day in days:
            if day.isoformat() not in known:
                values = {"restoration": restoration_id, "due_on": day.isoformat()}
                keeping.make(seat, "restoration_visit", row.unit, keeping.tidy("restoration_visit", values))
        return days


def inspect(
    seat: Seat, visit_id: str, *, second_officer: str | None = None, checklists: str = "A", **fields: Any
) -> str:
    """Make an inspection of a follow-up, at the site of its case, led by who is unlocked.

    Args:
        second_officer: record id; may follow later.
        checklists: codes, as "A,W".
        fields: any other field that `inspections.verbs.begin` takes.

    Returns:
        The inspection's record id.

    Raises:
        RuleBroken: the follow-up is done or has an inspection, the case has no site in the register, or the
            person may not inspect (国办发〔2024〕54号).
    """
    keeping.allow(seat, "restoration_visit")
    with seat.writing():
        visit = keeping.standing(seat, "restoration_visit", visit_id)
        if visit.done_on or visit.inspection:
            raise RuleBroken(N_("This follow-up is done or has its inspection already."), field="inspection")
        row = keeping.standing(seat, "restoration", visit.restoration)
        case = keeping.standing(seat, "damage_case", row.case)
        if not case.site:
            raise RuleBroken(
                N_("The case names no site of the register. Name one there, or note the follow-up done."),
                field="site",
            )
        inspection = inspecting.begin(
            seat,
            site_id=case.site,
            first_officer=seat.person,
            second_officer=second_officer,
            checklists=checklists,
            **{"source": "special", **fields},
        )
        keeping.change(
            seat, visit, "restoration_visit", keeping.tidy("restoration_visit", {"inspection": inspection})
        )
        return inspection


def note_visit(
    seat: Seat,
    visit_id: str,
    *,
    done_on: str | None = None,
    survival: str | None = None,
    note: str | None = None,
    done_by: str | None = None,
) -> None:
    """Note that a follow-up was done, and what it found; again to correct it.

    Args:
        done_on: YYYY-MM-DD; the day of its inspection where it has one and none is given.
        survival: per cent alive.
        note: what was found, in words; needed where there is no survival rate.
        done_by: who went, by name.

    Raises:
        RuleBroken: a value is missing or not possible.
    """
    keeping.allow(seat, "restoration_visit")
    with seat.writing():
        visit = keeping.standing(seat, "restoration_visit", visit_id)
        row = keeping.standing(seat, "restoration", visit.restoration)
        inspection = keeping.row_of(seat, "inspection", visit.inspection) if visit.inspection else None
        day = done_on or visit.done_on or (inspections.day_of(inspection).isoformat() if inspection else None)
        if not day:
            raise RuleBroken(N_("Give the day on which it was done."), field="done_on")
        values: dict[str, Any] = {
            "done_on": past_day(seat, day, "done_on", not_before=row.begun_on or row.planned_on)
        }
        if survival:
            values["survival"] = rules.percent(survival, "survival")
        values |= {name: text for name, text in (("note", note), ("done_by", done_by)) if text}
        if not (survival or note or visit.survival or visit.note):
            raise RuleBroken(N_("Say what was found: the survival rate or a note."), field="survival")
        keeping.change(seat, visit, "restoration_visit", keeping.tidy("restoration_visit", values))


def withdraw_visit(seat: Seat, visit_id: str, why: str) -> None:
    """Withdraw a follow-up; an inspection made of it stays. Errors as `keeping.withdraw`."""
    keeping.withdraw(seat, "restoration_visit", visit_id, why)


def _amounts(seat: Seat, restoration_id: str) -> list[RestorationAmount]:
    with seat:
        return list(
            RestorationAmount.select().where(
                RestorationAmount.restoration == restoration_id, RestorationAmount.voided.is_null()
            )
        )


def _checked(seat: Seat, fields: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    mode = values.get("mode")
    if mode not in CHOICES["mode"]:
        keeping.tidy("restoration", {"mode": mode or "-"}, CHOICES)  # refuses it with the choices
    values["plan"] = keeping.need_text(values.get("plan"), "plan")
    values["planned_on"] = past_day(
        seat, keeping.need_text(values.get("planned_on"), "planned_on"), "planned_on"
    )
    for name in _LATER:
        if values.get(name):
            values[name] = past_day(seat, values[name], name)
    for name in ("finish_by", "aftercare_until"):
        if values.get(name):
            values[name] = read_day(values[name], name)
    days = [(name, values.get(name)) for name in ("planned_on", *_LATER, "aftercare_until")]
    rules.refuse_disorder(days)
    rules.refuse_disorder([(name, values.get(name)) for name in ("planned_on", "finish_by")])
    rules.refuse_position(values.get("latitude"), values.get("longitude"))
    for name in ("sampled_survival", "agreed_survival"):
        if values.get(name):
            values[name] = rules.percent(values[name], name)
    reason = rules.reason_needed(mode, values["planned_on"])
    if reason is not None and not (values.get("why_off_site") or "").strip():
        raise RuleBroken(
            N_("Say why it cannot be restored in place: a restoration elsewhere needs the reason."),
            field="why_off_site",
            basis=reason.basis,
        )
    if values.get("base"):
        base = keeping.standing(seat, "restoration_base", values["base"])
        if base.type != mode:
            raise RuleBroken(N_("This base serves another mode. Choose one that fits."), field="base")
    return values


def _checked_amount(seat: Seat, row: Restoration, fields: Mapping[str, Any]) -> dict[str, Any]:
    if not row.begun_on:
        raise RuleBroken(N_("It was not begun. Begin it first."), field="begun_on")
    values = dict(fields)
    values["done_on"] = past_day(seat, values["done_on"], "done_on", not_before=row.begun_on)
    values |= rules.checked_amount(
        values["what"], values["quantity"] or "", values.get("quantity_unit"), values.get("approx") or "="
    )
    if values["what"] in rules.LIVE:
        rules.refuse_species(
            values.get("species"), values.get("origin"), date.fromisoformat(values["done_on"])
        )
    if values["what"] == "carbon_t":
        for name in ("method", "certificate"):
            values[name] = keeping.need_text(values.get(name), name)
    price = values.get("price_cents")
    if price is not None and not 0 <= price <= MOST_CENTS:
        raise RuleBroken(N_("Give an amount of money of zero or more."), field="price_cents")
    return values


__all__ = [
    "begin",
    "correct_amount",
    "edit",
    "finish",
    "guide",
    "inspect",
    "note_amount",
    "note_visit",
    "plan",
    "schedule",
    "withdraw",
    "withdraw_amount",
    "withdraw_guidance",
    "withdraw_visit",
]
