"""Reports to the superior grid or to a department (向上级网格报告): made offline, never lost, never twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.cases.damage import clues
from models.community import privacy, queries, rules
from models.community.facts import departments, grid_items
from models.community.tables import UpwardReport
from models.community.writing import tidy, write
from models.errors import RuleBroken
from models.inspections.rules import child_id
from models.language import N_
from models.registry import keeping
from models.registry.days import day_of, today
from models.registry.numbers import free_number

if TYPE_CHECKING:
    from models.store.seat import Seat

NUMBER = "SB-"


def report_patrol(
    seat: Seat,
    patrol_id: str,
    *,
    item: str | None = None,
    what: str | None = None,
    to_grid: str | None = None,
    to_department: str | None = None,
) -> str:
    """Report what a patrol found; the time at which it was first seen goes with it. Returns the report's id.

    Args:
        item: item of the checklist; the patrol's own unless given.
        what: in words; the patrol's result or the answer's note unless given.
        to_grid: the superior grid; the next above unless given, or a department is.
        to_department: key of `departments.toml`.

    Raises:
        RuleBroken: nothing says what it is, the target is none, or it was reported there and is still open.
    """
    with seat.writing():
        row = keeping.standing(seat, "patrol", patrol_id)
        item = item or row.item
        answered = queries.answers_of(seat, row.id).get(item or "")
        known = grid_items().get(item or "")
        own = item == row.item
        return report(
            seat,
            from_grid=row.grid,
            what=what
            or (row.result if own else None)
            or (answered.note if answered is not None else None)
            or "",
            first_seen_at=row.first_seen_at or row.began_at or _made(seat, row),
            to_grid=to_grid,
            to_department=to_department,
            patrol=row.id,
            item=item,
            place=row.place or row.whom_name,
            problem_class=(row.problem_class if own else None)
            or (known.problem_class if known is not None else None),
        )


def report_complaint(
    seat: Seat,
    complaint_id: str,
    *,
    from_grid: str | None = None,
    what: str | None = None,
    to_grid: str | None = None,
    to_department: str | None = None,
) -> str:
    """Report what a complaint is about; who brought it is not told. Returns the report's id.

    Raises:
        RuleBroken: as `report`.
    """
    with seat.writing():
        row = keeping.standing(seat, "complaint", complaint_id)
        return report(
            seat,
            from_grid=from_grid or row.grid or "",
            what=what or row.about,
            first_seen_at=_brought(seat, row),
            to_grid=to_grid,
            to_department=to_department,
            complaint=row.id,
            place=row.place,
            problem_class=row.problem_class,
        )


def pass_on(
    seat: Seat,
    report_id: str,
    *,
    what: str | None = None,
    to_grid: str | None = None,
    to_department: str | None = None,
) -> str:
    """Report a received report further upward; first seen stays first seen. Returns the new report's id.

    Raises:
        RuleBroken: it was not received by a grid, or as `report`.
    """
    with seat.writing():
        row = keeping.standing(seat, "upward_report", report_id)
        if row.received_at is None or not row.to_grid:
            raise RuleBroken(
                N_("Only what a superior grid has received can be passed on by it."), field="report"
            )
        return report(
            seat,
            from_grid=row.to_grid,
            what=what or row.what,
            first_seen_at=row.first_seen_at,
            to_grid=to_grid,
            to_department=to_department,
            from_report=row.id,
            item=row.item,
            place=row.place,
            problem_class=row.problem_class,
        )


def report(
    seat: Seat,
    *,
    from_grid: str,
    what: str,
    first_seen_at: str | int | None = None,
    to_grid: str | None = None,
    to_department: str | None = None,
    patrol: str | None = None,
    complaint: str | None = None,
    from_report: str | None = None,
    item: str | None = None,
    **fields: Any,
) -> str:
    """Report something to the superior grid or a department. Returns the report's record id.

    The id follows from what is reported to whom, so that two devices which report it offline make one record.

    Args:
        first_seen_at: ms since 1970, or "2026-11-23 14:30"; now unless given. It never changes afterwards.
        to_grid: a grid above `from_grid`; the next above unless given, or a department is.
        to_department: key of `departments.toml`.
        fields: place, problem_class.

    Raises:
        RuleBroken: grid or target is not possible, words are missing or tell who brought the complaint, or it
            was reported there and is open.
    """
    keeping.allow(seat, "upward_report")
    with seat.writing():
        grid = keeping.standing(seat, "grid", from_grid)
        what = keeping.need_text(what, "what")
        now = seat.clock.wall_ms()
        seen = rules.read_moment(first_seen_at, today(seat).isoformat(), "first_seen_at")
        seen = now if seen is None else seen
        rules.refuse_moments(now, ("first_seen_at", seen))
        _refuse_reporter(seat, complaint or _complaint_of(seat, from_report), {**fields, "what": what})
        target = _target(seat, grid, to_grid, to_department)
        source = patrol or complaint or from_report or f"{grid.id}/{seen}/{what}"
        key = rules.report_key(source, item or "", target["to_grid"] or target["to_department"] or "")
        before = queries.reports_with_key(seat, key)
        standing = [row for row in before if not row.closed_on and row.voided is None]
        if standing:
            raise RuleBroken(
                N_("This was reported there as {number} and is still open. It is not reported twice."),
                field="to_department" if to_department else "to_grid",
                number=standing[0].number,
            )
        values = {
            **fields,
            **target,
            "key": key,
            "from_grid": grid.id,
            "community": grid.community or _community_of(seat, from_report),
            "patrol": patrol,
            "complaint": complaint,
            "from_report": from_report,
            "item": item,
            "what": what,
            "first_seen_at": seen,
            "number": free_number(seat, UpwardReport, grid.unit, NUMBER),
        }
        record = child_id(grid.id, "upward_report", f"{key}/{len(before)}")
        write(seat, "upward_report", record, grid.unit, tidy(seat, "upward_report", values))
    return record


def _complaint_of(seat: Seat, report_id: str | None) -> str | None:
    """The complaint from which a report came, by way of the reports that were passed on; None for none."""
    seen: set[str] = set()
    while report_id and report_id not in seen:
        seen.add(report_id)
        row = keeping.row_of(seat, "upward_report", report_id)
        if row is None or row.complaint:
            return row.complaint if row is not None else None
        report_id = row.from_report
    return None


def _refuse_reporter(seat: Seat, complaint_id: str | None, fields: dict[str, Any]) -> None:
    """Nothing that leaves the community tells who brought the complaint."""
    if complaint_id:
        names = privacy.reporter_names(seat, complaint_id)
        for field, value in fields.items():
            if isinstance(value, str):
                rules.refuse_personal_data(value, names, field)


def _community_of(seat: Seat, from_report: str | None) -> str | None:
    row = keeping.row_of(seat, "upward_report", from_report) if from_report else None
    return row.community if row is not None else None


def _target(seat: Seat, grid: Any, to_grid: str | None, to_department: str | None) -> dict[str, str | None]:
    if to_department:
        if to_grid:
            raise RuleBroken(
                N_("Report to a grid or to a department; make two reports for both."), field="to_grid"
            )
        if to_department not in departments():
            raise RuleBroken(
                N_("There is no such department. Choose one of the list."), field="to_department"
            )
        return {"to_grid": None, "to_department": to_department}
    above = [row.id for row in queries.chain(seat, grid.id)[1:]]
    if not above:
        raise RuleBroken(N_("No grid stands above this one. Report to a department."), field="to_department")
    if to_grid and to_grid not in above:
        raise RuleBroken(N_("This grid does not stand above {name}."), field="to_grid", name=grid.name)
    return {"to_grid": to_grid or above[0], "to_department": None}


def send(seat: Seat, report_id: str, *, way: str, at: str | int | None = None) -> None:
    """Note that a report went out, once, and by which way.

    Args:
        way: one of `choices.WAYS`.
        at: ms since 1970, "14:30" of today, or "2026-11-23 14:30"; now unless given.

    Raises:
        RuleBroken: it was sent already, or the time is not possible.
    """
    keeping.allow(seat, "upward_report")
    with seat.writing():
        row = _open(seat, report_id)
        if row.sent_at is not None:
            raise RuleBroken(
                N_("It was sent on {moment} already."), field="at", moment=rules.moment_text(row.sent_at)
            )
        sent = _moment(seat, at)
        rules.refuse_moments(seat.clock.wall_ms(), ("first_seen_at", row.first_seen_at), ("at", sent))
        values = tidy(seat, "upward_report", {"sent_at": sent, "sent_by_way": way})
        keeping.change(seat, row, "upward_report", values)


def receive(seat: Seat, report_id: str, *, by: str, at: str | int | None = None) -> None:
    """Note who received a report and when; once. A report that was received was sent.

    Raises:
        RuleBroken: it was received already, or the time is not possible.
    """
    keeping.allow(seat, "upward_report")
    with seat.writing():
        row = _open(seat, report_id)
        if row.received_at is not None:
            raise RuleBroken(
                N_("{name} received it on {moment} already."),
                field="at",
                name=row.received_by,
                moment=rules.moment_text(row.received_at),
            )
        moment = _moment(seat, at)
        rules.refuse_moments(
            seat.clock.wall_ms(),
            ("first_seen_at", row.first_seen_at),
            ("sent_at", row.sent_at),
            ("at", moment),
        )
        values = {"received_at": moment, "received_by": keeping.need_text(by, "by")}
        if row.sent_at is None:
            values["sent_at"] = moment
        keeping.change(seat, row, "upward_report", tidy(seat, "upward_report", values))


def close(seat: Seat, report_id: str, *, on: str, result: str) -> None:
    """Close a report with what came of it.

    Raises:
        RuleBroken: it was not received, is closed already, or day or result is missing or not possible.
    """
    keeping.allow(seat, "upward_report")
    with seat.writing():
        row = _open(seat, report_id)
        if row.received_at is None:
            raise RuleBroken(
                N_("Nobody has received it yet. Note who received it, then close it."), field="received_by"
            )
        _refuse_reporter(seat, _complaint_of(seat, row.id), {"result": result})
        values = tidy(seat, "upward_report", {"closed_on": on, "result": keeping.need_text(result, "result")})
        received = day_of(row.received_at).isoformat()
        if values["closed_on"] < received:
            raise RuleBroken(
                N_("{day} is before {earlier}, the day that it follows."),
                field="on",
                day=values["closed_on"],
                earlier=received,
            )
        keeping.change(seat, row, "upward_report", values)


def make_clue(seat: Seat, report_id: str, *, marine: bool = False, **fields: Any) -> str:
    """Make a received report a clue of a damage case. Returns the clue's record id.

    Args:
        fields: party, elements, or any other field of `Clue` that `clues.register` takes.

    Raises:
        RuleBroken: it was not received, has become a clue already, or the person may handle no cases.
    """
    keeping.allow(seat, "upward_report")
    with seat.writing():
        row = keeping.standing(seat, "upward_report", report_id)
        if row.received_at is None:
            raise RuleBroken(
                N_("Nobody has received it yet. Note who received it, then go on."), field="received_by"
            )
        if row.clue:
            raise RuleBroken(N_("It has become a clue already."), field="clue")
        _refuse_reporter(seat, _complaint_of(seat, row.id), {**fields, "description": row.what or ""})
        clue = clues.register(
            seat,
            source="inspection",  # 检查、巡查、专项行动
            description=row.what,
            received_on=day_of(row.received_at).isoformat(),
            unit=row.unit,
            place=row.place,
            occurred_on=day_of(row.first_seen_at).isoformat(),
            upward_report=row.id,
            marine=marine,
            **fields,
        )
        keeping.change(seat, row, "upward_report", tidy(seat, "upward_report", {"clue": clue}))
    return clue


def withdraw_report(seat: Seat, report_id: str, *, why: str) -> None:
    """Withdraw a report that was made by mistake and that nobody has received.

    Raises:
        RuleBroken: it was received: close it with what came of it.
    """
    with seat.writing():
        if _open(seat, report_id).received_at is not None:
            raise RuleBroken(N_("It was received. Close it with what came of it."), field="why")
        keeping.withdraw(seat, "upward_report", report_id, why)


def _open(seat: Seat, report_id: str) -> Any:
    row = keeping.standing(seat, "upward_report", report_id)
    if row.closed_on:
        raise RuleBroken(N_("{number} is closed since {day}."), number=row.number, day=row.closed_on)
    return row


def _made(seat: Seat, row: Any) -> int:
    """When a record was made, by a clock that was put right since too."""
    return min(int(row.made_at), seat.clock.wall_ms())


def _brought(seat: Seat, row: Any) -> int:
    """When a complaint came: its moment if it was written down on that day, else the day's beginning."""
    made = _made(seat, row)
    if day_of(made).isoformat() == row.received_on:
        return made
    return rules.read_moment("00:00", row.received_on, "received_on") or made


def _moment(seat: Seat, at: str | int | None) -> int:
    found = rules.read_moment(at, today(seat).isoformat(), "at")
    return seat.clock.wall_ms() if found is None else found
