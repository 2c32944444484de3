"""What the dispatcher does beside the bulletin: tasks, scores, the place in the province."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from models.cases.restoration.days import past_day
from models.errors import RuleBroken
from models.language import N_
from models.oversight import rules, scores, scoring
from models.oversight.tables import Ranking, Score
from models.registry import keeping, units
from models.registry.days import today
from models.registry.typed import read_day
from models.store.change import put, restore
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

_YEARS = range(2015, 2100)


def add_task(
    seat: Seat,
    *,
    year: int,
    title: str,
    lead: str,
    set_on: str,
    due_on: str,
    level: str = "city",
    supporting: str = "",
    detail: str = "",
) -> str:
    """Add a line to the year's task table; one for each leading unit where several are given.

    Args:
        lead: codes or names of who leads, comma-joined; "16" for all county-level units.
        set_on: the day of its assignment.
        due_on: the day by which; a plan, so it may lie ahead.

    Returns:
        Record id of the first.

    Raises:
        RuleBroken: a part is missing, a unit is unknown or supports what it leads, the time limit lies before
            the assignment.
    """
    keeping.allow(seat, "task")
    _refuse_year(year)
    set_on = past_day(seat, set_on, "set_on")
    leads = unit_codes(lead, "lead")
    if not leads:
        raise RuleBroken(N_("Fill this in."), field="lead")
    fields = _task_fields(leads, set_on, {"title": title, "due_on": due_on, "supporting": supporting})
    fields |= {"year": year, "level": level, "detail": detail, "set_on": set_on}
    made = []
    with seat.writing():
        for code in leads:
            tidy = keeping.tidy("task", {**fields, "lead": code}, {"level": tuple(rules.LEVELS)})
            made.append(keeping.make(seat, "task", _owner(code), tidy))
    return made[0]


def edit_task(seat: Seat, task_id: str, **fields: Any) -> None:
    """Correct title, detail, level, support or time limit of a task; who leads it stays.

    Raises:
        RuleBroken: as `add_task`.
    """
    keeping.allow(seat, "task")
    with seat.writing():
        row = keeping.standing(seat, "task", task_id)
        checked = _task_fields([str(row.lead)], str(row.set_on), fields)
        tidy = keeping.tidy("task", {**fields, **checked}, {"level": tuple(rules.LEVELS)})
        keeping.change(seat, row, "task", tidy)


def report_task(
    seat: Seat, task_id: str, *, on: str, text: str, reporter: str = "", finished: bool = False
) -> str:
    """Report on a task, as the unit that works on it or as the dispatcher who was told.

    Args:
        reporter: code or name of the unit that reports; that of this notebook unless given.

    Raises:
        RuleBroken: there is no text, the day lies ahead or before the assignment.
    """
    keeping.allow(seat, "task_report")
    text = keeping.need_text(text, "text")
    with seat.writing():
        task = keeping.standing(seat, "task", task_id)
        on = past_day(seat, on, "on", not_before=task.set_on)
        codes = unit_codes(reporter or seat.unit, "reporter")
        values = {"task": task.id, "on": on, "text": text, "reporter": codes[0], "finished": finished}
        # the server puts a report aside that belongs to another unit than its task
        return keeping.make(seat, "task_report", task.unit, keeping.tidy("task_report", values))


def finish_task(seat: Seat, task_id: str, *, on: str, text: str = "") -> None:
    """Take a task as done on a day.

    Raises:
        RuleBroken: it is done already, the day lies ahead or before the assignment.
    """
    keeping.allow(seat, "task")
    with seat.writing():
        row = keeping.standing(seat, "task", task_id)
        if row.done_on:
            raise RuleBroken(N_("This task was done on {day}."), field="on", day=row.done_on)
        on = past_day(seat, on, "on", not_before=row.set_on)
        if text.strip():
            report_task(seat, task_id, on=on, text=text, finished=True)
        keeping.change(seat, row, "task", keeping.tidy("task", {"done_on": on}))


def reopen_task(seat: Seat, task_id: str, *, why: str) -> None:
    """Take a task as not done after all; the reason becomes a report.

    Raises:
        RuleBroken: it is not done, or there is no reason.
    """
    keeping.allow(seat, "task")
    why = keeping.need_text(why, "why")
    with seat.writing():
        row = keeping.standing(seat, "task", task_id)
        if not row.done_on:
            raise RuleBroken(N_("This task is not done."), field="task")
        report_task(seat, task_id, on=today(seat).isoformat(), text=why)
        keeping.change(seat, row, "task", {"done_on": None})


def withdraw_task(seat: Seat, task_id: str, *, why: str) -> None:
    """Withdraw a task that was wrong, with a reason."""
    keeping.withdraw(seat, "task", task_id, why)


def withdraw_report(seat: Seat, report_id: str, *, why: str) -> None:
    """Withdraw a report on a task, with a reason."""
    keeping.withdraw(seat, "task_report", report_id, why)


def score(
    seat: Seat,
    score_id: str,
    *,
    points: str,
    on: str,
    reason: str = "",
    evidence: str = "",
) -> str:
    """Give a unit its points for an indicator of a year; given again, the new points replace the old.

    Args:
        score_id: unit, year and indicator as "350602:2021:zero_case", or the record's id.
        points: from zero to the indicator's points.
        reason: why points are deducted; needed where fewer than all are given.

    Returns:
        The record's id.

    Raises:
        RuleBroken: no rules are kept for the year, points beyond the indicator's, a deduction without reason.
    """
    keeping.allow(seat, "score")
    unit, year, indicator = scores.parts_of(seat, score_id)
    rule = scoring.pack(year).indicator(indicator)
    given = rules.read_points(points)
    if given > rule.points:
        raise RuleBroken(
            N_("“{indicator}” has {most} points at most."),
            field="points",
            indicator=rule.title,
            most=rules.plain(rule.points),
        )
    if given < rule.points and not reason.strip():
        raise RuleBroken(N_("Points were deducted: give the reason."), field="reason")
    on = past_day(seat, on, "on", not_before=f"{year}-01-01")
    return _keep_score(seat, unit, year, indicator, given, on, reason, evidence)


def score_computed(seat: Seat, sheet_id: str, *, on: str) -> None:
    """Give the points that follow from the records, for the indicators of a sheet that have none yet.

    Args:
        sheet_id: unit and year as "350602:2021".

    Raises:
        RuleBroken: none follows that is not given already.
    """
    keeping.allow(seat, "score")
    unit, year = scores.sheet_parts(sheet_id)
    on = past_day(seat, on, "on", not_before=f"{year}-01-01")
    with seat.writing():
        sheet = scores.sheet(seat, unit, year)
        open_lines = [line for line in sheet.lines if line.given is None and line.suggested is not None]
        if not open_lines:
            raise RuleBroken(N_("Every indicator that follows from the records has its points."))
        for line in open_lines:
            suggestion = line.suggested
            assert suggestion is not None
            _keep_score(
                seat,
                sheet.unit,
                sheet.year,
                line.rule.key,
                suggestion.points,
                on,
                suggestion.reason,
                suggestion.evidence,
            )


def _keep_score(
    seat: Seat, unit: str, year: int, indicator: str, points: Decimal, on: str, reason: str, evidence: str
) -> str:
    record = rules.score_id(unit, year, indicator)
    values = keeping.tidy(
        "score",
        {
            "year": year,
            "indicator": indicator,
            "points": rules.plain(points),
            "reason": reason,
            "evidence": evidence,
            "scored_by": seat.person,
            "on": on,
        },
    )
    keeping.allow_unit(seat, "score", unit)
    with seat.writing():
        with seat:
            row = by_id(Score, record)
        if row is not None and row.voided is not None:
            seat.write(restore("score", record, unit))
        seat.write(put("score", record, unit, **values))
    return record


def withdraw_score(seat: Seat, score_id: str, *, why: str) -> None:
    """Withdraw the points given for an indicator, with a reason."""
    keeping.withdraw(seat, "score", rules.score_id(*scores.parts_of(seat, score_id)), why)


def enter_ranking(seat: Seat, *, as_of: str, place: int, source: str) -> str:
    """Enter the city's place in the province for its done rate, as it was published.

    Raises:
        RuleBroken: there is no source, the place is none, the day lies ahead, or one is entered for that day.
    """
    keeping.allow(seat, "ranking")
    source = keeping.need_text(source, "source")
    as_of = past_day(seat, as_of, "as_of")
    _refuse_place(place)
    with seat.writing():
        with seat:
            same = Ranking.select().where(Ranking.voided.is_null(), Ranking.as_of == as_of).first()
        if same is not None:
            raise RuleBroken(
                N_("A place is entered for {day} already. Correct that one."), field="as_of", day=as_of
            )
        values = {"as_of": as_of, "place": place, "source": source}
        return keeping.make(seat, "ranking", rules.city().code, keeping.tidy("ranking", values))


def edit_ranking(seat: Seat, ranking_id: str, *, place: int, source: str) -> None:
    """Correct a place or its source.

    Raises:
        RuleBroken: there is no source, or the place is none.
    """
    keeping.allow(seat, "ranking")
    _refuse_place(place)
    values = {"place": place, "source": keeping.need_text(source, "source")}
    with seat.writing():
        row = keeping.standing(seat, "ranking", ranking_id)
        keeping.change(seat, row, "ranking", keeping.tidy("ranking", values))


def withdraw_ranking(seat: Seat, ranking_id: str, *, why: str) -> None:
    """Withdraw a place in the province, with a reason."""
    keeping.withdraw(seat, "ranking", ranking_id, why)


def unit_codes(text: str, field: str) -> list[str]:
    """Codes of units given by code or name in either form, comma-joined; "16" means all county-level units.

    Raises:
        RuleBroken: one is unknown.
    """
    found: list[str] = []
    for part in rules.parts(text):
        if part == "16":
            found += [unit.code for unit in units.county_level()]
            continue
        unit = units.unit_named(part)
        if unit is None:
            raise RuleBroken(N_("No unit is called “{name}”. Give its code or name."), field=field, name=part)
        found.append(unit.code)
    return list(dict.fromkeys(found))


def _task_fields(leads: list[str], set_on: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that a rule speaks of, where they are given, checked."""
    checked: dict[str, Any] = {}
    if "title" in fields:
        checked["title"] = keeping.need_text(fields["title"], "title")
    if "due_on" in fields:
        checked["due_on"] = read_day(fields["due_on"] or "", "due_on")
        if checked["due_on"] < set_on:
            raise RuleBroken(
                N_("The time limit lies before the assignment, {day}."), field="due_on", day=set_on
            )
    if "supporting" in fields:
        supporting = unit_codes(fields["supporting"] or "", "supporting")
        if set(supporting) & set(leads) and len(leads) == 1:
            raise RuleBroken(N_("Who leads a task does not support it as well."), field="supporting")
        checked["supporting"] = ",".join(supporting)
    return checked


def _owner(code: str) -> str:
    """The unit that a task's record belongs to: the county-level unit that leads it, else the city."""
    found = units.unit(code)
    return found.code if found and found in units.county_level() else rules.city().code


def _refuse_year(year: int) -> None:
    if year not in _YEARS:
        raise RuleBroken(N_("“{year}” is no year of this procedure."), field="year", year=year)


def _refuse_place(place: int) -> None:
    if place < 1:
        raise RuleBroken(N_("Places are counted from 1."), field="place")
