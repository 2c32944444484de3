"""What a person may do in the room of units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.language import N_, _
from models.oversight import dispatch, rules, scores, verbs
from models.registry.act_parts import held, may_write, todays, where
from models.registry.days import today
from models.registry.keeping import row_of
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

_DATE = Field("on", N_("Date"), "day", required=True)
_WHY = Field("why", N_("Reason"), "long", required=True)
_LEVELS = tuple(rules.LEVELS.items())
_TASK = (
    Field("title", N_("Title"), required=True),
    Field("detail", N_("Detail"), "long"),
    Field("level", N_("Level"), "choice", choices=_LEVELS),
    Field("supporting", N_("Supports"), hint=N_("codes or names, joined by commas")),
    Field("due_on", N_("Time limit"), "day", required=True),
)
_RANK = (
    Field("place", N_("Place in the province"), "count", required=True),
    Field("source", N_("Published in"), required=True, hint=N_("paper and date")),
)


def _issue_preset(seat: Seat, which: str) -> Mapping[str, Any]:
    paper = dispatch.paper(seat, which)
    return {"on": today(seat).isoformat(), "text": paper.text, "social": paper.social}


def _why_not_issue(seat: Seat, which: str) -> str:
    try:
        paper = dispatch.paper(seat, which)
    except RuleBroken as broken:
        return broken.text()
    refusal = dispatch.why_not_issue(seat, paper.month, today(seat).isoformat())
    return refusal.text() if refusal is not None else ""


def _new_task(seat: Seat, _record: str) -> Mapping[str, Any]:
    day = today(seat)
    return {"year": day.year, "level": "city", "set_on": day.isoformat(), "due_on": f"{day.year}-12-31"}


def _report_preset(seat: Seat, _task: str) -> Mapping[str, Any]:
    return {"on": today(seat).isoformat(), "reporter": seat.unit}


def _score_preset(seat: Seat, score_id: str) -> Mapping[str, Any]:
    unit, year, key = scores.parts_of(seat, score_id)
    line = next(each for each in scores.sheet(seat, unit, year).lines if each.rule.key == key)
    found: dict[str, Any] = {"on": today(seat).isoformat()}
    if line.given is not None:
        return found | {name: getattr(line.given, name) for name in ("points", "reason", "evidence")}
    if line.suggested is not None:
        found |= {
            "points": rules.plain(line.suggested.points),
            "reason": line.suggested.reason,
            "evidence": line.suggested.evidence,
        }
    return found


def _finished(row: Any) -> str:
    return _("It was finished on {day}.").format(day=row.done_on) if row.done_on else ""


def _not_finished(row: Any) -> str:
    return "" if row.done_on else _("It is not finished.")


def _not_scored(seat: Seat, score_id: str) -> str:
    try:
        row = row_of(seat, "score", rules.score_id(*scores.parts_of(seat, score_id)))
    except RuleBroken as broken:  # it names no indicator or year of ours
        return broken.text()
    return "" if row is not None and row.voided is None else _("No points are given yet.")


def _nothing_computed(seat: Seat, sheet_id: str) -> str:
    try:
        sheet = scores.sheet(seat, *scores.sheet_parts(sheet_id))
    except RuleBroken as broken:
        return broken.text()
    if any(line.given is None and line.suggested is not None for line in sheet.lines):
        return ""
    return _("Every indicator that follows from the records has its points.")


ACTS: tuple[Act, ...] = (
    Act(
        "issue_bulletin",
        N_("Issue and seal"),
        N_("Issues the month's bulletin and seals it with its figures; it cannot be changed afterwards."),
        dispatch.issue,
        "bulletin_month",
        (
            _DATE,
            Field("social", N_("Social benefits"), "long", hint=N_("publicity, training, awareness")),
            Field("text", N_("Words"), "long", hint=N_("empty: the words of the draft")),
        ),
        _issue_preset,
        _why_not_issue,
        "dispatch",
    ),
    Act(
        "add_task",
        N_("Add a task"),
        N_("Adds a line to the year's task table; several leading units get one each."),
        verbs.add_task,
        "",
        (
            Field("year", N_("Year"), "count", required=True),
            _TASK[0],
            Field(
                "lead", N_("Leads"), required=True, hint=N_("codes or names, joined by commas; 16: all units")
            ),
            *_TASK[1:4],
            Field("set_on", N_("Assigned on"), "day", required=True),
            _TASK[4],
        ),
        _new_task,
        right="dispatch",
    ),
    Act(
        "edit_task",
        N_("Correct the task"),
        N_("Corrects title, detail, level, support or time limit of the task."),
        verbs.edit_task,
        "task",
        _TASK,
        held("task", _TASK),
    ),
    Act(
        "report_task",
        N_("Report progress"),
        N_("Adds a dated report on the task, as the unit that works on it."),
        verbs.report_task,
        "task",
        (
            _DATE,
            Field("text", N_("Text"), "long", required=True),
            Field("reporter", N_("Reported by"), "record", of="unit"),
            Field("finished", N_("Reported as finished"), "flag"),
        ),
        _report_preset,
        may_write("task_report"),
        right="see_cases",  # more may report than may write the task
    ),
    Act(
        "finish_task",
        N_("Take as finished"),
        N_("Takes the task as finished on a day."),
        verbs.finish_task,
        "task",
        (_DATE, Field("text", N_("Text"), "long")),
        todays("on"),
        where("task", _finished),
    ),
    Act(
        "reopen_task",
        N_("Open again"),
        N_("Takes the task as not finished after all; the reason becomes a report."),
        verbs.reopen_task,
        "task",
        (_WHY,),
        None,
        where("task", _not_finished),
    ),
    Act(
        "withdraw_task",
        N_("Withdraw the task"),
        N_("Withdraws a task that was entered by mistake; it stays in the history."),
        verbs.withdraw_task,
        "task",
        (_WHY,),
    ),
    Act(
        "withdraw_report",
        N_("Withdraw the report"),
        N_("Withdraws a report on a task; it stays in the history."),
        verbs.withdraw_report,
        "task_report",
        (_WHY,),
    ),
    Act(
        "score",
        N_("Give points"),
        N_("Gives the unit its points for this indicator, with the reason of any deduction."),
        verbs.score,
        "score_line",
        (
            Field("points", N_("Points"), "number", required=True),
            Field("reason", N_("Reason"), "long", hint=N_("needed where points are deducted")),
            Field("evidence", N_("Evidence shown"), "long"),
            _DATE,
        ),
        _score_preset,
        right="dispatch",
    ),
    Act(
        "score_computed",
        N_("Give what follows from the records"),
        N_("Gives the points that follow from the records for every indicator that has none yet."),
        verbs.score_computed,
        "score_sheet",
        (_DATE,),
        todays("on"),
        _nothing_computed,
        right="dispatch",
    ),
    Act(
        "withdraw_score",
        N_("Withdraw the points"),
        N_("Withdraws the points given for this indicator; they stay in the history."),
        verbs.withdraw_score,
        "score_line",
        (_WHY,),
        None,
        _not_scored,
        "dispatch",
    ),
    Act(
        "enter_ranking",
        N_("Enter the place in the province"),
        N_("Enters the city's published place in the province for its done rate, with its source."),
        verbs.enter_ranking,
        "",
        (Field("as_of", N_("As of"), "day", required=True), *_RANK),
        right="dispatch",
    ),
    Act(
        "edit_ranking",
        N_("Correct the place"),
        N_("Corrects the place in the province or its source."),
        verbs.edit_ranking,
        "ranking",
        _RANK,
        held("ranking", _RANK),
    ),
    Act(
        "withdraw_ranking",
        N_("Withdraw the place"),
        N_("Withdraws a place in the province that was entered by mistake; it stays in the history."),
        verbs.withdraw_ranking,
        "ranking",
        (_WHY,),
    ),
)
"""In the order in which they are offered."""
