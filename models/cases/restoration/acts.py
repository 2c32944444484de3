"""What a person can do in restoration, as forms: acts of the room and acts on a damage case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.cases.damage.queries import damage_case, progress_of
from models.cases.restoration import bases, rules, verbs
from models.language import N_, _
from models.registry.act_parts import held, where
from models.registry.keeping import kept, row_of
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

_WHY = (Field("why", N_("Reason for withdrawing"), "long", required=True),)
_PLACE = (
    Field("place", N_("Where it is")),
    Field("latitude", N_("Latitude"), hint=N_("decimal degrees, as 24.5130")),
    Field("longitude", N_("Longitude"), hint=N_("decimal degrees, as 117.6460")),
)
_PLAN = (
    Field("mode", N_("Mode"), "choice", required=True, choices=rules.MODES),
    Field("why_off_site", N_("Why not in place"), "long", hint=N_("needed for every mode but in place")),
    Field("plan", N_("What is to be done"), "long", required=True),
    Field("planned_on", N_("Planned on"), "day", required=True),
    Field("finish_by", N_("To be finished by"), "day"),
    Field("base", N_("Base"), "record", of="restoration_base"),
    *_PLACE,
    Field("restorer", N_("Done by"), hint=N_("the party, or whom it entrusted")),
    Field("supplier", N_("Supplier")),
    Field("agreed_survival", N_("Agreed survival rate"), "number", hint=N_("per cent")),
)
_AT_END = (
    Field("sampled_survival", N_("In the first sample"), "number", hint=N_("per cent alive")),
    Field("quarantine", N_("Quarantine certificate")),
    Field("aftercare_until", N_("Aftercare until"), "day"),
    Field("witnesses", N_("Witnesses"), hint=N_("names, as procuratorate, court, town")),
)
_AMOUNT = (
    Field("what", N_("What was restored"), "choice", required=True, choices=rules.WHAT),
    Field("quantity", N_("Quantity"), "number", required=True, hint=N_("300000, 135.88万 or 3.5")),
    Field("approx", N_("How exact"), "choice", choices=rules.APPROX),
    Field("done_on", N_("Restored on"), "day", required=True),
    Field("species", N_("Species"), hint=N_("needed for what is released alive")),
    Field("origin", N_("Origin of the species"), "choice", choices=rules.ORIGINS),
    Field("spec", N_("Size or grade"), hint=N_("length of fry; height and diameter of seedlings")),
    Field("quantity_unit", N_("Unit of the quantity"), hint=N_("only for another quantity")),
    Field("price_cents", N_("Cost (yuan)"), "money"),
    Field("method", N_("Carbon methodology")),
    Field("certificate", N_("Carbon certificate")),
    Field("note", N_("Remark"), "long"),
)
_BASE = (
    *_PLACE,
    Field("tag", N_("Lie of the land"), "choice", choices=rules.TAGS),
    Field("planned_on", N_("Planned on"), "day"),
    Field("begun_on", N_("Building begun on"), "day"),
    Field("built_on", N_("Built on"), "day"),
    Field("closed_on", N_("Given up on"), "day"),
    Field("doubtful", N_("To be confirmed"), "flag"),
    Field("note", N_("Remark"), "long"),
)


def _plan(seat: Seat, *, case: str, **values: Any) -> str:
    return verbs.plan(seat, case, **values)


def _add_base(seat: Seat, *, name: str, type: str, **values: Any) -> str:  # noqa: A002 -- the field's name
    return bases.add_base(seat, name, type, **values)


def _note_amount(seat: Seat, restoration_id: str, **values: Any) -> None:
    verbs.note_amount(seat, restoration_id, **values)


def _guide(seat: Seat, restoration_id: str, **values: Any) -> None:
    verbs.guide(seat, restoration_id, **values)


def _schedule(seat: Seat, restoration_id: str, **values: Any) -> None:
    verbs.schedule(seat, restoration_id, **values)


def _as_new_amount(seat: Seat, restoration_id: str) -> Mapping[str, Any]:
    row = kept(seat, "restoration", restoration_id)
    what = {"fish_release": "fish_fry", "replanting": "trees", "watershed": "river_water_m3"}.get(row.mode)
    return {"approx": "=", "what": what} if what else {"approx": "="}


def _as_new_guidance(seat: Seat, restoration_id: str) -> Mapping[str, Any]:
    guide = rules.guide_of(kept(seat, "restoration", restoration_id).mode)
    return {"came": True, "department": guide.department} if guide else {"came": True}


def _as_new_schedule(_seat: Seat, _restoration_id: str) -> Mapping[str, Any]:
    return {"every_months": 3, "times": 4}


def _no_more_plans(seat: Seat, case_id: str) -> str:
    at = progress_of(seat, case_id)
    if not at.ended:
        return ""
    return _("The case ended on {day}. A restoration of it cannot be planned after that.").format(
        day=at.last_on
    )


def _begun(row: Any) -> str:
    return _("It was begun on {day}.").format(day=row.begun_on) if row.begun_on else ""


def _not_begun(row: Any) -> str:
    return "" if row.begun_on else _("It was not begun. Begin it first.")


def _not_to_finish(row: Any) -> str:
    if row.finished_on:
        return _("It was finished on {day}.").format(day=row.finished_on)
    return _not_begun(row)


def _not_to_inspect(seat: Seat, visit_id: str) -> str:
    row = row_of(seat, "restoration_visit", visit_id)
    if row is None:
        return ""
    if row.done_on or row.inspection:
        return _("This follow-up is done or has its inspection already.")
    of = row_of(seat, "restoration", row.restoration or "")
    case = damage_case(seat, of.case or "") if of is not None else None
    if case is None or not case.site:
        return _("The case names no site of the register. Name one there, or note the follow-up done.")
    return ""


_HELP_PLAN = N_("Plans a restoration of the case: mode, place, what is to be done and by when.")
ACTS: tuple[Act, ...] = (
    Act(
        "plan_restoration",
        N_("Plan a restoration"),
        _HELP_PLAN,
        verbs.plan,
        "damage_case",
        _PLAN,
        why_not=_no_more_plans,
        right="handle_cases",
    ),
)
"""Acts on a damage case, for its own room."""

_RESTORATION: tuple[Act, ...] = (
    Act(
        "begin",
        N_("Begin the restoration"),
        N_("Notes the day on which it was begun; quantities can be noted from then on."),
        verbs.begin,
        "restoration",
        (Field("on", N_("Begun on"), "day", required=True),),
        why_not=where("restoration", _begun),
    ),
    Act(
        "note_amount",
        N_("Note a quantity"),
        N_("Notes how much of something was restored on a day; it counts in all figures from that day on."),
        _note_amount,
        "restoration",
        _AMOUNT,
        preset=_as_new_amount,
        why_not=where("restoration", _not_begun),
    ),
    Act(
        "guide",
        N_("Note guidance"),
        N_("Notes what a department advised, or that it did not come; closing the case needs the right one."),
        _guide,
        "restoration",
        (
            Field("department", N_("Department"), "choice", required=True, choices=rules.DEPARTMENTS),
            Field("on", N_("Guided on"), "day", required=True),
            Field("came", N_("Came"), "flag"),
            Field("person", N_("Who came")),
            Field("opinion", N_("Advice"), "long"),
            Field("invited_on", N_("Invited on"), "day"),
        ),
        preset=_as_new_guidance,
    ),
    Act(
        "finish",
        N_("Finish the restoration"),
        N_("Notes the day on which it was finished, the first sample and the aftercare."),
        verbs.finish,
        "restoration",
        (Field("on", N_("Finished on"), "day", required=True), *_AT_END),
        why_not=where("restoration", _not_to_finish),
    ),
    Act(
        "schedule",
        N_("Schedule follow-ups"),
        N_("Makes follow-ups from a first day on, one every so many months; days that stand already stay."),
        _schedule,
        "restoration",
        (
            Field("first_on", N_("First follow-up on"), "day", required=True),
            Field("every_months", N_("Every how many months"), "count"),
            Field("times", N_("How many times"), "count"),
        ),
        preset=_as_new_schedule,
    ),
    Act(
        "edit",
        N_("Correct the restoration"),
        N_("Changes what was planned, or the days; its history keeps what it held."),
        verbs.edit,
        "restoration",
        (
            *_PLAN,
            Field("begun_on", N_("Begun on"), "day"),
            Field("finished_on", N_("Finished on"), "day"),
            *_AT_END,
        ),
        preset=held("restoration", (*_PLAN, *_AT_END, "begun_on", "finished_on")),
    ),
    Act(
        "withdraw",
        N_("Withdraw the restoration"),
        N_("Withdraws a restoration entered by mistake, with a reason; its quantities no longer count."),
        verbs.withdraw,
        "restoration",
        _WHY,
    ),
)
_PARTS: tuple[Act, ...] = (
    Act(
        "correct_amount",
        N_("Correct the quantity"),
        N_("Changes a quantity; all figures follow, its history keeps what it held."),
        verbs.correct_amount,
        "restoration_amount",
        _AMOUNT,
        preset=held("restoration_amount", _AMOUNT),
    ),
    Act(
        "withdraw_amount",
        N_("Withdraw the quantity"),
        N_("Withdraws a quantity noted by mistake, with a reason; it no longer counts."),
        verbs.withdraw_amount,
        "restoration_amount",
        _WHY,
    ),
    Act(
        "withdraw_guidance",
        N_("Withdraw the guidance"),
        N_("Withdraws a record of guidance made by mistake, with a reason."),
        verbs.withdraw_guidance,
        "restoration_guidance",
        _WHY,
    ),
    Act(
        "note_visit",
        N_("Note the follow-up done"),
        N_("Notes the day, the survival rate and what was found; one below what was agreed is shown."),
        verbs.note_visit,
        "restoration_visit",
        (
            Field("done_on", N_("Done on"), "day", hint=N_("the day of its inspection if left empty")),
            Field("survival", N_("Survival rate"), "number", hint=N_("per cent alive")),
            Field("note", N_("What was found"), "long"),
            Field("done_by", N_("Visited by")),
        ),
        preset=held("restoration_visit", ("done_on", "survival", "note", "done_by")),
    ),
    Act(
        "inspect",
        N_("Make it an inspection"),
        N_("Begins an inspection at the site of the case, led by you; the follow-up names it."),
        verbs.inspect,
        "restoration_visit",
        (
            Field("second_officer", N_("Second officer"), "record", of="officer"),
            Field("checklists", N_("Checklists"), hint=N_("codes, as A,W")),
        ),
        why_not=_not_to_inspect,
        right="inspect",
    ),
    Act(
        "withdraw_visit",
        N_("Withdraw the follow-up"),
        N_("Withdraws a follow-up with a reason; an inspection made of it stays."),
        verbs.withdraw_visit,
        "restoration_visit",
        _WHY,
    ),
)
_ON_BASES: tuple[Act, ...] = (
    Act(
        "add_base",
        N_("Enter a base"),
        N_("Enters a release site, replanting base or watershed base with the days of its building."),
        _add_base,
        fields=(
            Field("name", N_("Name of the base"), required=True),
            Field("type", N_("Kind of base"), "choice", required=True, choices=rules.BASE_TYPES),
            Field("unit", N_("County or zone"), "record", of="unit"),
            *_BASE,
        ),
    ),
    Act(
        "edit_base",
        N_("Change the base"),
        N_("Changes a base: its days, place or doubt; counts follow on every day, its history stays."),
        bases.edit_base,
        "restoration_base",
        (Field("name", N_("Name of the base"), required=True), *_BASE),
        preset=held("restoration_base", ("name", *_BASE)),
    ),
    Act(
        "withdraw_base",
        N_("Withdraw the base"),
        N_("Withdraws a base entered by mistake, with a reason; one that restorations use stays."),
        bases.withdraw_base,
        "restoration_base",
        _WHY,
    ),
)
IN_ROOM: tuple[Act, ...] = (
    Act(
        "plan",
        N_("Plan a restoration"),
        _HELP_PLAN,
        _plan,
        fields=(Field("case", N_("Case"), "record", required=True, of="damage_case"), *_PLAN),
        right="handle_cases",
    ),
    *_RESTORATION,
    *_PARTS,
    *_ON_BASES,
)
"""Acts of the room of restoration."""
