"""The supervision room: rounds of inspection, problems to rectify, transferred complaints, daily list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.language import N_, _, listed
from models.oversight.rounds import complaints, queries, rules, sheets, verbs
from models.oversight.rounds.listings import LISTINGS
from models.registry import keeping
from models.registry.act_parts import held, whole
from models.registry.days import today
from models.rooms import Act, Field, Room

if TYPE_CHECKING:
    from models.store.seat import Seat

_WHY = (Field("why", N_("Reason"), "long", required=True),)
_ON = Field("on", N_("Date"), "day", required=True)
_WORDS = Field("text", N_("Work done"), "long", required=True)
_PATH = Field("path", N_("File"), required=True, hint=N_("a file or a folder outside the notebook"))
_ROUND = (
    Field("name", N_("Name of the round"), required=True),
    Field("level", N_("Level of the inspection"), "choice", required=True, choices=rules.LEVELS),
    Field("batch", N_("Batch"), hint="第三轮第二批"),
    Field("began_on", N_("First day"), "day", required=True),
    Field("ended_on", N_("Last day"), "day"),
    Field("note", N_("Note"), "long"),
)
_PLAN = tuple(
    Field(name, title, "day" if name == "term_on" else "long" if name in ("goal", "measures") else "text")
    for name, title in rules.ELEMENTS
)
_PROBLEM = (
    Field("number", N_("Number"), required=True),
    Field("problem", N_("Problem in full"), "long", required=True),
)
_HANDED = (
    *_PROBLEM,
    Field("unit_code", N_("Unit that must act"), "record", required=True, of="unit"),
    Field("found_on", N_("Problem handed over on"), "day", required=True),
)
_OF_ROUND = Field("round_id", N_("Round of inspection"), "record", required=True, of="round")
_COMPLAINT = (
    Field("number", N_("Number on the slip"), required=True),
    Field("received_on", N_("Received on"), "day", required=True),
    Field("matter", N_("Matter"), "choice", required=True, choices=rules.MATTERS),
    Field("about", N_("About what"), "long", required=True, hint=N_("without names of who complained")),
    Field("place", N_("Where it happened")),
    Field("source", N_("How it came in"), "choice", choices=rules.SOURCES),
    Field("due_on", N_("Last day to handle"), "day", hint=N_("as on the slip; empty: by the usual limit")),
    Field("handler", N_("Handled by"), "record", of="officer"),
    Field("case", N_("Damage case"), "record", of="damage_case"),
)
_REGISTERED = (
    *_COMPLAINT[:4],
    Field("unit_code", N_("Unit"), "record", required=True, of="unit"),
    *_COMPLAINT[4:8],
    Field("reporter_name", N_("Who complained"), hint=N_("kept apart, confidential")),
    Field("reporter_contact", N_("How to reach them"), hint=N_("kept apart, confidential")),
)
_FINISHED = (
    Field("on", N_("Dealt with on"), "day", required=True),
    Field("result", N_("Outcome"), "choice", required=True, choices=rules.RESULTS),
    Field("result_text", N_("What was found and done"), "long", required=True, hint=N_("will be published")),
    Field("punished", N_("Punished or called to account"), "long", hint=N_("will be published")),
)
_REPORTER = (
    Field("name", N_("Name")),
    Field("contact", N_("How to reach them")),
    Field("words", N_("In their words"), "long"),
)


def _unless(*states: str) -> Callable[[Seat, str], str]:
    def why_not(seat: Seat, record_id: str) -> str:
        return verbs.in_state(seat, keeping.kept(seat, "rectification", record_id), *states)

    return why_not


def _published(seat: Seat, record_id: str) -> str:
    row = keeping.kept(seat, "transferred_complaint", record_id)
    return _("It was published on {day}.").format(day=row.published_on) if row.published_on else ""


def _not_finished(seat: Seat, record_id: str) -> str:
    row = keeping.kept(seat, "transferred_complaint", record_id)
    if not row.finished_on:
        return _("It is not finished yet.")
    return _published(seat, record_id)


def _not_to_see(seat: Seat, record_id: str) -> str:
    try:
        queries.reporter(seat, record_id)
    except RuleBroken as error:
        return str(error)
    return ""


def _no_reporter(seat: Seat, record_id: str) -> str:
    if not queries.has_reporter(seat, record_id):
        return _("It is not written down who complained.")
    return _not_to_see(seat, record_id)


def _reporter_preset(seat: Seat, record_id: str) -> Mapping[str, Any]:
    found = queries.reporter(seat, record_id)
    return {field.key: getattr(found, field.key, None) for field in _REPORTER}


def _finish_preset(seat: Seat, record_id: str) -> Mapping[str, Any]:
    row = keeping.kept(seat, "transferred_complaint", record_id)
    return {
        "on": row.finished_on,
        **{key: getattr(row, key) for key in ("result", "result_text", "punished")},
    }


def _accept_preset(seat: Seat, record_id: str) -> Mapping[str, Any]:
    return {"by": keeping.kept(seat, "rectification", record_id).acceptance_unit}


def _under(run: Callable[..., str]) -> Callable[..., str]:
    def act(seat: Seat, round_id: str, **values: Any) -> str:
        return run(seat, round_id=round_id, **values)

    return act


def _not_progress(seat: Seat, note_id: str) -> str:
    row = keeping.kept(seat, "rectification_note", note_id)
    return "" if row.kind == "progress" else _("Only notes of progress are withdrawn.")


def _withdraw_problem(seat: Seat, record_id: str, *, why: str) -> None:
    keeping.withdraw(seat, "rectification", record_id, why)


def _summary(seat: Seat) -> str:
    on = today(seat)
    names = listed(row.name or "" for row in queries.running(seat, on))
    counts: dict[str, int] = {}
    for each in queries.daily_list(seat, on):
        counts[each.group] = counts.get(each.group, 0) + 1
    counted = _("due today {due}, overdue {overdue}").format(
        due=counts.get("due", 0), overdue=counts.get("overdue", 0)
    )
    return _("{round} is on the ground; {listed}").format(round=names, listed=counted) if names else counted


_ACTS = (
    Act(
        "open_round",
        N_("Open a round"),
        N_("Registers a central or provincial round of inspection with its first day."),
        verbs.open_round,
        fields=_ROUND,
        right="supervise",
    ),
    Act(
        "edit_round",
        N_("Correct the round"),
        N_("Corrects what is kept of the round, or sets its last day."),
        whole(verbs.edit_round, _ROUND),
        subject="round",
        fields=_ROUND,
        preset=held("round", _ROUND),
    ),
    Act(
        "add_round_problem",
        N_("Add a problem"),
        N_("Adds a problem that this round handed over, for the unit that must act."),
        _under(verbs.add_problem),
        subject="round",
        fields=_HANDED,
    ),
    Act(
        "add_round_complaint",
        N_("Register a slip"),
        N_("Registers a slip that this round handed down; its last day is counted at once."),
        _under(complaints.register),
        subject="round",
        fields=_REGISTERED,
        right="",
    ),
    Act(
        "withdraw_round",
        N_("Withdraw the round"),
        N_("Withdraws a round that was registered by mistake and has no problems and complaints."),
        verbs.withdraw_round,
        subject="round",
        fields=_WHY,
    ),
    Act(
        "add_problem",
        N_("Add a problem"),
        N_("Adds a problem that a round handed over, for the unit that must act."),
        verbs.add_problem,
        fields=(_OF_ROUND, *_HANDED),
    ),
    Act(
        "set_plan",
        N_("Write the plan"),
        N_("Writes down the five elements of the plan: body, goal, term, measures, acceptance unit."),
        whole(verbs.set_plan, _PLAN),
        subject="rectification",
        fields=_PLAN,
        preset=held("rectification", _PLAN),
        why_not=_unless("open"),
    ),
    Act(
        "begin_rectification",
        N_("Set the plan going"),
        N_("Sets the plan going; refused while one of its five elements is missing."),
        verbs.begin,
        subject="rectification",
        fields=(_ON,),
        why_not=_unless("open"),
    ),
    Act(
        "note_progress",
        N_("Note progress"),
        N_("Adds a dated note of how the rectification goes."),
        verbs.note_progress,
        subject="rectification",
        fields=(_ON, _WORDS),
        why_not=_unless("going", "completed", "accepted"),
    ),
    Act(
        "complete_rectification",
        N_("Report it as completed"),
        N_("Reports the work as completed and asks the acceptance unit for its acceptance."),
        verbs.complete,
        subject="rectification",
        fields=(_ON, _WORDS),
        why_not=_unless("going"),
    ),
    Act(
        "send_back_rectification",
        N_("Refuse the acceptance"),
        N_("Sends the work back with the reason; the rectification goes on within its term."),
        verbs.send_back,
        subject="rectification",
        fields=(_ON, Field("text", N_("Reason"), "long", required=True)),
        why_not=_unless("completed"),
        right="supervise",
    ),
    Act(
        "accept_rectification",
        N_("Accept the work"),
        N_("Writes down the acceptance by the unit that the plan names for it, and by no other."),
        verbs.accept,
        subject="rectification",
        fields=(
            _ON,
            Field("by", N_("Accepted by"), required=True),
            Field("acceptance", N_("Opinion of the acceptance"), "long", required=True),
        ),
        preset=_accept_preset,
        why_not=_unless("completed"),
        right="supervise",
    ),
    Act(
        "sign_off_rectification",
        N_("Sign the problem off"),
        N_("Strikes the problem off the list, after its acceptance only."),
        verbs.sign_off,
        subject="rectification",
        fields=(_ON, Field("by", N_("Signed off by"), required=True)),
        why_not=_unless("accepted"),
        right="supervise",
    ),
    Act(
        "extend_rectification",
        N_("Make the term longer"),
        N_("Sets a later term, with who allowed it and why; the old term stays in the notes."),
        verbs.extend,
        subject="rectification",
        fields=(
            Field("term_on", N_("Term of the rectification"), "day", required=True),
            _ON,
            Field("text", N_("Who allowed it, and why"), "long", required=True),
        ),
        why_not=_unless("going"),
        right="supervise",
    ),
    Act(
        "edit_problem",
        N_("Correct the problem"),
        N_("Corrects number and words of the problem; what they were stays in the history."),
        verbs.edit_problem,
        subject="rectification",
        fields=_PROBLEM,
        preset=held("rectification", _PROBLEM),
        why_not=_unless("open", "going", "completed", "accepted"),
    ),
    Act(
        "withdraw_problem",
        N_("Withdraw the problem"),
        N_("Withdraws a problem that was added by mistake from all lists and counts, with the reason."),
        _withdraw_problem,
        subject="rectification",
        fields=_WHY,
    ),
    Act(
        "withdraw_note",
        N_("Withdraw the note"),
        N_("Withdraws a note of progress that was written by mistake, with the reason."),
        verbs.withdraw_note,
        subject="rectification_note",
        fields=_WHY,
        why_not=_not_progress,
    ),
    Act(
        "register_complaint",
        N_("Register a slip"),
        N_("Registers a slip that a round handed down; its last day is counted at once."),
        complaints.register,
        fields=(_OF_ROUND, *_REGISTERED),
    ),
    Act(
        "edit_complaint",
        N_("Correct the slip"),
        N_("Corrects what is kept of the complaint; what it was stays in the history."),
        whole(complaints.edit, _COMPLAINT),
        subject="transferred_complaint",
        fields=_COMPLAINT,
        preset=held("transferred_complaint", _COMPLAINT),
        why_not=_published,
    ),
    Act(
        "finish_complaint",
        N_("Finish the complaint"),
        N_("Writes down what was found and done; these words will be published."),
        complaints.finish,
        subject="transferred_complaint",
        fields=_FINISHED,
        preset=_finish_preset,
        why_not=_published,
    ),
    Act(
        "publish_complaint",
        N_("Publish the result"),
        N_("Writes down that the result was published; refused where the words name who complained."),
        complaints.publish,
        subject="transferred_complaint",
        fields=(
            Field("on", N_("Published on"), "day", required=True),
            Field("link", N_("Link"), hint="https://"),
        ),
        why_not=_not_finished,
    ),
    Act(
        "note_reporter",
        N_("Write down who complained"),
        N_("Keeps who complained apart, for those only who may read it."),
        complaints.note_reporter,
        subject="transferred_complaint",
        fields=_REPORTER,
        preset=_reporter_preset,
        why_not=_not_to_see,
    ),
    Act(
        "withdraw_reporter",
        N_("Withdraw who complained"),
        N_("Withdraws what was written down of who complained, with the reason."),
        complaints.withdraw_reporter,
        subject="transferred_complaint",
        fields=_WHY,
        why_not=_no_reporter,
    ),
    Act(
        "withdraw_complaint",
        N_("Withdraw the slip"),
        N_("Withdraws a complaint that was registered by mistake, and who made it, with the reason."),
        complaints.withdraw,
        subject="transferred_complaint",
        fields=_WHY,
    ),
    Act(
        "export_daily_list",
        N_("Export the daily list"),
        N_("Writes what was received, due, overdue and finished that day as a CSV file, without names."),
        complaints.export_daily_list,
        fields=(_ON, _PATH),
    ),
)
ROOM = Room(
    name="supervision",
    title=N_("Supervision"),
    listings=LISTINGS,
    acts=_ACTS,
    sheets={
        "round": sheets.round_sheet,
        "rectification": sheets.problem_sheet,
        "rectification_note": sheets.note_sheet,
        "transferred_complaint": sheets.complaint_sheet,
    },
    summary=_summary,
)
