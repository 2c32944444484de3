"""The planning room: spot checks by lot, assignments of inspections, classes of sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.language import N_, _
from models.planning import assignments, draws, queries, rules, sheets, verbs
from models.planning.listings import LISTINGS
from models.registry import keeping
from models.registry.act_parts import first_of, may_write
from models.registry.days import today
from models.registry.keeping import kept
from models.rooms import Act, Field, Room, label

if TYPE_CHECKING:
    from models.store.seat import Seat

_WHY = (Field("why", N_("Reason"), "long", required=True),)
_PATH = Field("path", N_("File"), required=True, hint=N_("a file or a folder outside the notebook"))
_PLAN = (
    Field("category", N_("Drawn from"), "choice", required=True, choices=rules.CATEGORIES),
    Field("period", N_("Period of the draw"), required=True, hint=N_("a quarter as 2026Q4, or a year")),
    Field("items", N_("Items to check"), required=True, hint=N_("codes of checklists: A,C,W")),
    Field("count", N_("Sites wanted"), "count", hint=N_("empty: what the plan still asks for")),
    Field("unit", N_("Unit"), "record", of="unit", hint=N_("empty: your own unit")),
    Field("mixed", N_("Officers of two units"), "flag", hint=N_("whether the two come from different units")),
    Field(
        "withdrawals",
        N_("Officers who must withdraw"),
        "long",
        hint=N_("officer: site: reason, one a line; will be published"),
    ),
    Field(
        "sites_out",
        N_("Sites left out"),
        "long",
        hint=N_("name or code: reason, one a line; will be published"),
    ),
    Field(
        "officers_out",
        N_("Officers left out"),
        "long",
        hint=N_("name: reason, one a line; will be published"),
    ),
    Field("reason", N_("Why another draw"), "long", hint=N_("only after one that was annulled")),
)
_SEED = (
    Field("seed", N_("Seed"), hint=N_("public numbers; empty: made at random")),
    Field("seed_source", N_("Where the seed was published"), hint=N_("as 福彩双色球 2026136 期")),
    Field("seed_on", N_("Published on"), "day", hint=N_("empty: today")),
    Field("witness", N_("Witnesses of the draw"), hint=N_("who watched it")),
)
_DUE = Field("due", N_("To be done by"), "day", required=True)
_APPROVED = (
    Field("purpose", N_("Purpose of the inspection"), "long", required=True),
    Field("approval_number", N_("Number of the approval"), required=True, hint="漳环检批〔2026〕1号"),
    Field("notice_number", N_("Number of the notice"), hint="漳环检通〔2026〕1号"),
)
_OFFICERS = (
    Field("first_officer", N_("First officer"), "record", required=True, of="officer"),
    Field("second_officer", N_("Second officer"), "record", required=True, of="officer"),
)
_TASK = (
    *_OFFICERS,
    _DUE,
    *_APPROVED,
    Field("checklists", N_("Checklists"), hint=N_("as A,C,W; empty: those of the last visit")),
    Field("covert", N_("Covert check"), "flag", hint=N_("whether it is without notice beforehand")),
)
_SITE = Field("site_id", N_("Site"), "record", required=True, of="site")
_ORIGIN = Field("origin", N_("Where it comes from"), "choice", required=True, choices=rules.ORIGINS[1:])
_CLASS = (
    Field("category", N_("Class"), "choice", required=True, choices=rules.CLASSES),
    Field("reasons", N_("What makes it special"), "marks", choices=rules.SPECIAL),
    Field("basis", N_("List or document")),
    Field("year", N_("Year"), "count", hint=N_("empty: this year")),
)


def _draw_in(*states: str) -> Callable[[Seat, str], str]:
    """Why not: the draw is in none of these states."""

    def why_not(seat: Seat, draw_id: str) -> str:
        row = kept(seat, "spot_draw", draw_id)
        state = queries.draw_state(row, queries.notices_of(seat, [draw_id])[draw_id])
        if state in states:
            return ""
        return _("{number}: {state}. This cannot be done now.").format(
            number=row.number or "", state=label(rules.DRAW_STATES, state)
        )

    return why_not


def _assignment_in(*states: str) -> Callable[[Seat, str], str]:
    """Why not: the assignment is in none of these states."""

    def why_not(seat: Seat, assignment_id: str) -> str:
        found = queries.stands(seat, [assignment_id])[assignment_id]
        return "" if found.state in states else assignments.why_not(found).text()

    return why_not


def _mine(seat: Seat, assignment_id: str) -> str:
    """Why not: it was given to others."""
    row = kept(seat, "assignment", assignment_id)
    visit = keeping.row_of(seat, "inspection", row.inspection or "")
    if visit is None or seat.person in (visit.first_officer, visit.second_officer):
        return ""
    return _("This was given to others.")


def _prepare_preset(seat: Seat, _record: str) -> Mapping[str, Any]:
    return {"category": "key", "period": rules.quarter_of(today(seat)), "items": "A"}


def _issue_preset(seat: Seat, draw_id: str) -> Mapping[str, Any]:
    row = kept(seat, "spot_draw", draw_id)
    return {
        "due": draws.last_day_of(row),
        "purpose": _("Spot check by lot {number}").format(number=row.number or ""),
    }


def _anew_preset(seat: Seat, assignment_id: str) -> Mapping[str, Any]:
    row = kept(seat, "assignment", assignment_id)
    found = queries.stands(seat, [assignment_id])[assignment_id]
    return {
        "first_officer": row.first_officer,
        "second_officer": row.second_officer,
        "due": max(row.due or "", today(seat).isoformat()),
        "why": found.reply.reason if found.reply is not None else None,
    }


def _from(kind: str, origin: str) -> Callable[..., str]:
    """Assign an inspection that comes from a record of a kind."""

    def run(seat: Seat, record_id: str, **values: Any) -> str:
        return assignments.assign(
            seat, origin=origin, origin_kind=kind, origin_id=record_id, **_filled(values)
        )

    return run


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _assign(seat: Seat, **values: Any) -> str:
    return assignments.assign(seat, **_filled(values))


def _assign_here(seat: Seat, site_id: str, **values: Any) -> str:
    return assignments.assign(seat, site_id=site_id, **_filled(values))


def _recheck(seat: Seat, inspection_id: str, **values: Any) -> str:
    site = kept(seat, "inspection", inspection_id).site or ""
    return _from("inspection", "recheck")(seat, inspection_id, site_id=site, **values)


def _recheck_preset(seat: Seat, inspection_id: str) -> Mapping[str, Any]:
    row = kept(seat, "inspection", inspection_id)
    return {
        "first_officer": row.first_officer,
        "second_officer": row.second_officer,
        "checklists": row.checklists,
        "purpose": _("Re-check after {number}").format(number=row.number or ""),
    }


def _not_sealed(seat: Seat, inspection_id: str) -> str:
    row = kept(seat, "inspection", inspection_id)
    return "" if row.sealed else _("It is not sealed yet: there is nothing to check again.")


def _site_preset(seat: Seat, site_id: str) -> Mapping[str, Any]:
    return {"checklists": queries.proposed_checklists(seat, site_id), "origin": "plan"}


def _class_preset(seat: Seat, site_id: str) -> Mapping[str, Any]:
    held = queries.classes(seat, today(seat).year, {site_id}).get(site_id)
    if held is None:
        return {"year": today(seat).year}
    return {
        "category": held.category,
        "reasons": held.reasons,
        "basis": held.basis,
        "year": today(seat).year,
    }


def _begin(seat: Seat, assignment_id: str) -> None:
    assignments.begin(seat, kept(seat, "assignment", assignment_id).inspection or "")


def _summary(seat: Seat) -> str:
    found = queries.stands(seat, queries.open_ids(seat)).values()
    counts = {state: sum(each.state == state for each in found) for state, _words in rules.STATES}
    return _("assignments: {waiting} wait, {overdue} overdue, {declined} came back").format(
        waiting=counts["waiting"], overdue=counts["overdue"], declined=counts["declined"]
    )


_ACTS = (
    Act(
        "assign",
        N_("Assign an inspection"),
        N_("Gives an inspection to two officers, with purpose, approval and the day by which."),
        _assign,
        fields=(_SITE, _ORIGIN, *_TASK),
        right="assign",
    ),
    Act(
        "assign_here",
        N_("Assign an inspection of this site"),
        N_("Gives an inspection of this site to two officers; checklists as at the last visit."),
        _assign_here,
        subject="site",
        fields=(_ORIGIN, *_TASK),
        preset=_site_preset,
        right="assign",
    ),
    Act(
        "assign_complaint",
        N_("Assign an inspection for this complaint"),
        N_("Gives an inspection because of this complaint to two officers; it does not count to the cap."),
        _from("complaint", "complaint"),
        subject="complaint",
        fields=(_SITE, *_TASK),
        right="assign",
    ),
    Act(
        "assign_slip",
        N_("Assign an inspection for this slip"),
        N_("Gives an inspection because of this slip to two officers; it does not count to the cap."),
        _from("transferred_complaint", "complaint"),
        subject="transferred_complaint",
        fields=(_SITE, *_TASK),
        right="assign",
    ),
    Act(
        "assign_recheck",
        N_("Assign the re-check"),
        N_("Gives the re-check of a sealed inspection to two officers, those of it unless others are named."),
        _recheck,
        subject="inspection",
        fields=_TASK,
        preset=_recheck_preset,
        why_not=_not_sealed,
        right="assign",
    ),
    Act(
        "recall_assignment",
        N_("Recall the assignment"),
        N_("Withdraws the assignment with the reason, while its officers have not begun."),
        assignments.recall,
        subject="assignment",
        fields=_WHY,
        why_not=_assignment_in("waiting", "overdue", "declined"),
    ),
    Act(
        "assign_anew",
        N_("Assign it anew"),
        N_("Gives an assignment that came back, or waits too long, to two officers again."),
        assignments.assign_anew,
        subject="assignment",
        fields=(*_OFFICERS, _DUE, *_WHY),
        preset=_anew_preset,
        why_not=_assignment_in("waiting", "overdue", "declined"),
    ),
    Act(
        "begin_assigned",
        N_("Begin the inspection"),
        N_("Begins the assigned inspection now; site, officers, numbers and checklists are filled in."),
        _begin,
        subject="assignment",
        why_not=first_of(_assignment_in("waiting", "overdue"), _mine),
        right="inspect",
    ),
    Act(
        "decline_assignment",
        N_("Decline the assignment"),
        N_("Gives the assignment back with the reason; the dispatcher assigns it anew."),
        assignments.decline,
        subject="assignment",
        fields=_WHY,
        why_not=first_of(_assignment_in("waiting", "overdue"), _mine),
        right="inspect",
    ),
    Act(
        "hand_on_assignment",
        N_("Hand it on to a colleague"),
        N_("Lets a colleague with a valid certificate go in one's own place, with the reason."),
        assignments.hand_on,
        subject="assignment",
        fields=(Field("to", N_("Colleague"), "record", required=True, of="officer"), *_WHY),
        why_not=first_of(_assignment_in("waiting", "overdue"), _mine),
        right="inspect",
    ),
    Act(
        "freeze_list",
        N_("Freeze the list of a draw"),
        N_("Fixes sites, officers and who is left out, with the hash, before any seed is known."),
        draws.prepare,
        fields=_PLAN,
        preset=_prepare_preset,
        right="assign",
    ),
    Act(
        "draw",
        N_("Draw"),
        N_("Draws sites and officers from the frozen list by a seed, and seals the result in the same step."),
        draws.draw,
        subject="spot_draw",
        fields=_SEED,
        why_not=_draw_in("frozen"),
    ),
    Act(
        "give_out",
        N_("Give the drawn sites out"),
        N_("Makes an assignment of each drawn site, in the order of the draw; all, or so many as you say."),
        draws.issue,
        subject="spot_draw",
        fields=(
            _DUE,
            *_APPROVED[:2],
            Field("notice_number", N_("Number of the first notice"), hint=N_("its last digits count on")),
            Field("count", N_("How many now"), "count", hint=N_("empty: all; the rest stays secret")),
            Field("only", N_("Only this site"), "record", of="site", hint=N_("empty: all in order")),
        ),
        preset=_issue_preset,
        why_not=first_of(_draw_in("drawn"), may_write("assignment")),
    ),
    Act(
        "annul_draw",
        N_("Annul the draw"),
        N_("Annuls the draw with the reason, for all to read; it stays in the list."),
        draws.annul,
        subject="spot_draw",
        fields=_WHY,
        why_not=_draw_in("frozen", "drawn"),
    ),
    Act(
        "publish_draw",
        N_("Publish the draw"),
        N_("Lets all of the unit read list, seed and result, after the inspections were begun."),
        draws.publish,
        subject="spot_draw",
        fields=(Field("early", N_("Why before all is inspected"), "long", hint=N_("only if some are not")),),
        why_not=_draw_in("drawn"),
    ),
    Act(
        "export_draw",
        N_("Export the draw"),
        N_("Writes the draw into a file: .json to repeat it, .csv to read it, .txt the exact frozen list."),
        draws.export,
        subject="spot_draw",
        fields=(_PATH,),
        why_not=_draw_in("drawn", "published"),
    ),
    Act(
        "export_notice",
        N_("Export the draw"),
        N_("Writes the published draw into a file: .json to repeat it, .csv to read it, .txt the list."),
        draws.export,
        subject="draw_notice",
        fields=(_PATH,),
        why_not=lambda seat, record: (
            "" if kept(seat, "draw_notice", record).result else _("There is no result yet.")
        ),
        right="see_inspections",
    ),
    Act(
        "classify_site",
        N_("Say the class of the site"),
        N_("Says whether the site is a special source, a key site, a general one or closed, from a year on."),
        verbs.classify,
        subject="site",
        fields=_CLASS,
        preset=_class_preset,
        why_not=may_write("site_class"),
    ),
    Act(
        "withdraw_class",
        N_("Withdraw the class"),
        N_("Withdraws the class with the reason; that of the year before counts again."),
        verbs.withdraw_class,
        subject="site_class",
        fields=_WHY,
    ),
    Act(
        "import_classes",
        N_("Take in the list of classes"),
        N_("Takes in a .csv or .xlsx with name or credit code and class of each site; all rows or none."),
        verbs.import_classes,
        fields=(
            Field(
                "path", N_("File"), required=True, hint=N_("columns: 单位名称, 统一社会信用代码, 类别, 依据")
            ),
            Field("year", N_("Year"), "count", hint=N_("empty: this year")),
        ),
        right="edit_sites",
    ),
    Act(
        "export_classes",
        N_("Export the classes"),
        N_("Writes the classes of this year as a CSV file that can be taken in again."),
        verbs.export_classes,
        fields=(_PATH,),
    ),
)
ROOM = Room(
    name="planning",
    title=N_("Spot checks and assignments"),
    listings=LISTINGS,
    acts=_ACTS,
    sheets={
        "assignment": sheets.assignment_sheet,
        "assignment_reply": sheets.reply_sheet,
        "spot_draw": sheets.draw_sheet,
        "draw_notice": sheets.notice_sheet,
        "site_class": sheets.class_sheet,
    },
    summary=_summary,
)
