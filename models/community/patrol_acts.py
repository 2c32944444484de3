"""The acts of patrols and of reports upward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.cases.damage.clues import ELEMENTS
from models.community import choices, patrols, queries, reports
from models.community.facts import departments
from models.community.forms import ON, withdrawal
from models.community.rules import moment_text
from models.community.tables import Grid
from models.language import N_, _
from models.registry.act_parts import first_of, held, may_write, todays, where
from models.registry.days import today
from models.rooms import Act, Choices, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

_DEPARTMENTS: Choices = tuple((key, each.zh) for key, each in departments().items())
_SEEN = (
    Field("item", N_("Grid item"), "choice", choices=choices.ITEMS, hint=N_("says how far you may go")),
    Field("action", N_("Kind of action"), "choice", choices=choices.ACTIONS),
    Field("manner", N_("From where"), "choice", choices=choices.MANNERS),
    Field("problem_class", N_("Class of problem"), "choice", choices=choices.CLASSES),
    Field("outcome", N_("Outcome on the spot"), "choice", choices=choices.OUTCOMES),
    Field("result", N_("What came of it"), "long", hint=N_("needed for every outcome")),
    Field("first_seen_at", N_("First seen at"), hint=N_("14:30, or 2027-06-30 14:30")),
)
_ON_PATROL = (
    ON,
    Field("began_at", N_("Began at"), hint=N_("14:30")),
    Field("whom", N_("Whom"), "choice", required=True, choices=choices.OBJECTS),
    Field("whom_name", N_("Name of whom")),
    Field("place", N_("At what place")),
    *_SEEN,
)
_GRID_FIELD = Field("grid", N_("Grid"), "record", required=True, of="grid")
TARGET = (
    Field("to_department", N_("To a department"), "choice", choices=_DEPARTMENTS),
    Field("to_grid", N_("To a grid"), "record", of="grid", hint=N_("the next above unless given")),
)
WHAT = Field("what", N_("What it is"), "long", hint=N_("as it was written down unless given"))
_AT = Field("at", N_("At what time"), hint=N_("now, or 14:30, or 2027-06-30 14:30"))


def _patrol_of(seat: Seat, grid_id: str, **values: Any) -> str:
    return patrols.patrol(seat, grid=grid_id, **values)


def _patrol_preset(seat: Seat, record_id: str) -> Mapping[str, Any]:
    """Today, and for a grid worker who has one the own grid."""
    found: dict[str, Any] = {"on": today(seat).isoformat(), "action": "patrol", "manner": "outside"}
    found["outcome"] = "none"
    if not record_id:
        with seat:
            own = Grid.select().where(Grid.worker == seat.person, Grid.voided.is_null()).order_by(Grid.code)
            grids = [row.id for row in own.limit(2)]
        if len(grids) == 1:
            found["grid"] = grids[0]
    return found


def _held_patrol(seat: Seat, record_id: str) -> Mapping[str, Any]:
    row = dict(held("patrol", _ON_PATROL)(seat, record_id))
    began, seen = moment_text(row.get("began_at")), moment_text(row.get("first_seen_at"))
    return {**row, "began_at": began or None, "first_seen_at": seen or None}


def _given_answers(seat: Seat, record_id: str) -> Mapping[str, Any]:
    """What was answered before."""
    return {code: row.result for code, row in queries.answers_of(seat, record_id).items()}


def _not_patrolled(row: Any) -> str:
    return "" if row.community else _("Patrols are made in a grid of a community.")


def _reported(row: Any) -> str:
    """Why a report cannot be changed any more."""
    return _("It is closed.") if row.closed_on else ""


def _not_sent(row: Any) -> str:
    if row.sent_at is not None:
        return _("It was sent already.")
    return _reported(row)


def _not_received(row: Any) -> str:
    if row.received_at is not None:
        return _("{name} has received it already.").format(name=row.received_by)
    return _reported(row)


def _received(row: Any) -> str:
    if row.received_at is None:
        return _("Nobody has received it yet.")
    return ""


def _closable(row: Any) -> str:
    return _reported(row) or _received(row)


def _passable(row: Any) -> str:
    if not row.to_grid:
        return _("It went to a department.")
    return _received(row)


def _no_clue(row: Any) -> str:
    return _("It has become a clue already.") if row.clue else _received(row)


PATROLS: tuple[Act, ...] = (
    Act(
        "patrol",
        N_("Write down a patrol"),
        N_("Writes down what was looked at on patrol, what was done and what came of it."),
        patrols.patrol,
        fields=(_GRID_FIELD, *_ON_PATROL),
        preset=_patrol_preset,
        why_not=may_write("patrol"),
    ),
    Act(
        "patrol_grid",
        N_("Write down a patrol"),
        N_("Writes down a patrol of this grid: what was looked at, done, and what came of it."),
        _patrol_of,
        subject="grid",
        fields=_ON_PATROL,
        preset=lambda seat, _record: _patrol_preset(seat, "grid"),
        why_not=first_of(
            may_write("patrol"),
            where(
                "grid", lambda row: "" if row.community else _("Patrols are made in a grid of a community.")
            ),
        ),
        right="see_community",
    ),
    Act(
        "check",
        N_("Answer the checklist"),
        N_("Answers the grid's own checklist; what is left empty stays as it is."),
        patrols.check,
        subject="patrol",
        fields=(
            *(Field(code, words, "choice", choices=choices.ANSWERS) for code, words in choices.ITEMS),
            Field("notes", N_("Notes to the items"), "long", hint=N_("one line an item: G03 …")),
        ),
        preset=_given_answers,
    ),
    Act(
        "report_patrol",
        N_("Report upward"),
        N_("Reports what was found to the superior grid or a department, with the time first seen."),
        reports.report_patrol,
        subject="patrol",
        fields=(
            Field("item", N_("Grid item"), "choice", choices=choices.ITEMS, hint=N_("the patrol's own")),
            WHAT,
            *TARGET,
        ),
        preset=held("patrol", ("item",)),
    ),
    Act(
        "edit_patrol",
        N_("Correct"),
        N_("Corrects the patrol; its history keeps what it said."),
        patrols.edit_patrol,
        subject="patrol",
        fields=_ON_PATROL,
        preset=_held_patrol,
    ),
    withdrawal("patrol", N_("Withdraw the patrol"), patrols.withdraw_patrol),
    Act(
        "note_answer",
        N_("Write a note"),
        N_("Writes what was seen at this item."),
        patrols.note_answer,
        subject="patrol_answer",
        fields=(Field("note", N_("Note"), "long", required=True),),
        preset=held("patrol_answer", ("note",)),
    ),
    withdrawal("patrol_answer", N_("Withdraw the answer")),
    Act(
        "report",
        N_("Report something upward"),
        N_("Reports what was seen without a patrol to the superior grid or a department."),
        reports.report,
        fields=(
            Field("from_grid", N_("From grid"), "record", required=True, of="grid"),
            Field("what", N_("What it is"), "long", required=True),
            Field("place", N_("At what place")),
            Field("problem_class", N_("Class of problem"), "choice", choices=choices.CLASSES),
            Field("first_seen_at", N_("First seen at"), hint=N_("14:30, or 2027-06-30 14:30")),
            *TARGET,
        ),
        why_not=may_write("upward_report"),
    ),
    Act(
        "send_report",
        N_("Note that it was sent"),
        N_("Notes by which way and when the report went out; when it was first seen stays."),
        reports.send,
        subject="upward_report",
        fields=(Field("way", N_("By which way"), "choice", required=True, choices=choices.WAYS), _AT),
        why_not=where("upward_report", _not_sent),
    ),
    Act(
        "receive_report",
        N_("Note who received it"),
        N_("Notes who received the report and when; it can be received once only."),
        reports.receive,
        subject="upward_report",
        fields=(Field("by", N_("Received by"), required=True), _AT),
        why_not=where("upward_report", _not_received),
    ),
    Act(
        "pass_on",
        N_("Pass it on upward"),
        N_("Reports it to the next level or a department; first seen stays first seen."),
        reports.pass_on,
        subject="upward_report",
        fields=(WHAT, *TARGET),
        why_not=where("upward_report", _passable),
    ),
    Act(
        "make_clue",
        N_("Make it a clue"),
        N_("Registers a clue of a damage case from this report, with what it says."),
        reports.make_clue,
        subject="upward_report",
        fields=(
            Field("party", N_("Who may be liable")),
            Field("elements", N_("What is damaged"), "marks", choices=tuple(ELEMENTS.items())),
            Field("marine", N_("In the sea"), "flag"),
        ),
        why_not=first_of(may_write("clue"), where("upward_report", _no_clue)),
    ),
    Act(
        "close_report",
        N_("Close with a result"),
        N_("Closes the report with what came of it; the same thing may then be reported again."),
        reports.close,
        subject="upward_report",
        fields=(ON, Field("result", N_("Result"), "long", required=True)),
        preset=todays("on"),
        why_not=where("upward_report", _closable),
    ),
    withdrawal("upward_report", N_("Withdraw the upward report"), reports.withdraw_report),
)
