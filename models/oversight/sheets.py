"""The sheets of the room of units."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.damage.queries import Standing
from models.cases.damage.stages import stage
from models.cases.restoration.rules import WHAT
from models.errors import RuleBroken
from models.language import N_, _, listed, translate
from models.oversight import charts, dispatch, rules, scores, tasks
from models.oversight.figures import STANDINGS, CaseLine, Figures, city_figures, standings_on
from models.oversight.first_cases import MISSING, FirstCase, first_cases, issues, zero_case_warnings
from models.oversight.held import not_held
from models.registry import keeping, units
from models.registry import queries as registry
from models.registry.days import today
from models.registry.keeping import kept
from models.registry.units import label_of
from models.rooms import Cell, Fact, Section, Sheet, label

if TYPE_CHECKING:
    from models.store.seat import Seat

TASK_PARTS = {"open": "", "overdue": "bad", "reported": "warn", "done": "good"}
_STANDING_PARTS = {"done": "good", "awaiting": "strong", "other": ""}


def unit_board(seat: Seat, code: str) -> Sheet:
    """All that is known of a unit as of today; of the city: all units together."""
    code = rules.current_code(code)
    day = today(seat)
    found = standings_on(seat, day)
    figures = city_figures(seat, day)
    if code == rules.city().code:
        return _city_board(seat, figures)
    row = figures.unit(code)
    if units.unit(code) is None and not row.started:
        raise RuleBroken(N_("There is no such record here. Choose one from the list."), field="unit_board")
    work = _task_facts(seat, code, day) or (Fact(_("No tasks"), "", "quiet"),)
    sections = [Section(_("Tasks"), work)]
    if row.counted or row.started:
        sections = [*_unit_sections(seat, code, figures, found), *sections]
    warned = any(each.unit == code for each in zero_case_warnings(seat, day, found))
    state = Cell(_("No case"), "bad") if row.counted and row.zero else Cell("")
    if warned:
        state = Cell(_("No case this year"), "warn" if row.started else "bad")
    return Sheet(label_of(code), state, tuple(each for each in sections if each.facts))


def _unit_sections(seat: Seat, code: str, figures: Figures, found: list[Standing]) -> list[Section]:
    row = figures.unit(code)
    numbers = [
        Fact(_("As of"), figures.as_of.isoformat()),
        Fact(_("Cases started"), str(row.started), "bad" if row.zero else ""),
        Fact(_("Cases done"), f"{row.done} ({rules.percent(row.done_rate)})"),
        Fact(_("Awaiting performance"), str(row.awaiting)),
        Fact(_("Otherwise in hand"), str(row.other)),
    ]
    if row.counted:
        numbers.append(_score_fact(seat, code, figures.as_of.year))
    guided = next((each for each in first_cases(seat, figures.as_of, found) if each.unit == code), None)
    return [
        Section(_("Figures"), tuple(numbers)),
        Section(_("First case"), _guided(guided) if guided else ()),
        *_lists(seat, figures, code),
    ]


def _guided(first: FirstCase) -> tuple[Fact, ...]:
    case = first.standing.case
    facts = (
        Fact(str(case.number), f"{case.title} · {first.standing.started_on}", "", "damage_case", case.id),
        Fact(_("Guided by"), listed(each for each in (case.guiding_section, case.guiding_person) if each)),
        Fact(_("Guidance records"), str(len(first.guidance) or "")),
        Fact(_("Lacking"), listed(translate(MISSING[name]) for name in first.missing), "warn"),
        Fact(_("Stages without guidance"), listed(stage(each).label for each in first.unguided), "quiet"),
    )
    return _filled(facts)


def _score_fact(seat: Seat, code: str, year: int) -> Fact:
    points = scores.totals(seat, year).get(code)
    shown = rules.plain(points) if points is not None else _("none yet")
    return Fact(_("Score of {year}").format(year=year), shown, "", "score_sheet", f"{code}:{year}")


def _city_board(seat: Seat, figures: Figures) -> Sheet:
    place = figures.ranking
    numbers = (
        Fact(_("As of"), figures.as_of.isoformat()),
        Fact(_("Units"), str(figures.units)),
        *(Fact(_("Records not held here"), label_of(code), "warn") for code in not_held(seat)),
        Fact(
            _("Units with a case"), f"{figures.covered} ({rules.percent(figures.coverage)})", _full(figures)
        ),
        Fact(_("Cases started"), str(figures.started)),
        Fact(_("Cases done"), f"{figures.done} ({rules.percent(figures.done_rate)})"),
        Fact(_("Awaiting performance"), str(figures.awaiting)),
        Fact(_("Otherwise in hand"), str(figures.other)),
        Fact(
            _("Place in the province"),
            f"{place.place} · {place.as_of} · {place.source}" if place else _("not entered"),
            "" if place else "quiet",
            "ranking" if place else "",
            place.id if place else "",
        ),
        Fact(_("Bulletins issued"), str(figures.bulletins)),
        Fact(_("Experts in the pool"), str(figures.experts.total)),
    )
    benefits = tuple(
        Fact(restoration_label(name), total.text) for name, total in sorted(figures.restoration.items())
    )
    trend = tuple(
        Fact(row.month, _("{started} started, {done} done").format(started=row.started, done=row.done))
        for row in reversed(figures.by_month[-charts.MONTHS :])
    )
    sections = (
        Section(_("Figures"), numbers),
        Section(_("Environmental benefits"), benefits),
        *_lists(seat, figures),
        Section(_("By month"), trend),
        Section(_("Open difficulties"), _issue_facts(seat, figures.as_of)),
    )
    state = Cell(_("Every unit has a case"), "good") if figures.covered == figures.units else Cell("")
    missing = not_held(seat)
    if missing:
        state = Cell(_("Units not held here: {count}").format(count=len(missing)), "warn")
    return Sheet(label_of(rules.city().code), state, tuple(each for each in sections if each.facts))


def _full(figures: Figures) -> str:
    return "good" if figures.covered == figures.units else "warn"


def restoration_label(what: str) -> str:
    """The words for an amount of restoration."""
    return label(WHAT, what.split(":")[0])


def _lists(seat: Seat, figures: Figures, code: str = "") -> list[Section]:
    """The cases behind each number, itemised (R007), for who may read cases."""
    if not keeping.may_see(seat, "damage_case"):
        return []
    return [
        Section(translate(STANDINGS[name]), tuple(_case_fact(line) for line in lines))
        for name in ("other", "awaiting", "done")
        if (lines := [each for each in figures.lists[name] if code in ("", each.unit)])
    ]


def _case_fact(line: CaseLine) -> Fact:
    value = f"{line.title} · {stage(line.stage).label} · {line.started_on}"
    return Fact(line.number, value, _STANDING_PARTS[line.standing], "damage_case", line.id)


def _issue_facts(seat: Seat, day: date) -> tuple[Fact, ...]:
    if not keeping.may_see(seat, "case_issue"):
        return ()
    return tuple(
        Fact(each.case_number, f"{label_of(each.unit)}: {each.row.text}", "warn", "case_issue", each.row.id)
        for each in issues(seat, day)
        if not each.solved
    )


def _task_facts(seat: Seat, code: str, day: date) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            str(line.task.title),
            f"{translate(tasks.STATES[line.state])} · {line.task.due_on}",
            TASK_PARTS[line.state],
            "task",
            line.task.id,
        )
        for line in tasks.task_lines(seat, day)
        if code == line.lead or code in line.supporting
    )


def task_sheet(seat: Seat, task_id: str) -> Sheet:
    """One task with its reports."""
    row = kept(seat, "task", task_id)
    lines = tasks.task_lines(seat, today(seat), ids=[task_id])
    state = lines[0].state if lines else "open"
    facts = (
        Fact(_("Year"), str(row.year or "")),
        Fact(_("Level"), translate(rules.LEVELS.get(row.level or "", ""))),
        Fact(_("Leads"), label_of(row.lead or ""), "", "unit_board", row.lead or ""),
        *(
            Fact(_("Supports"), label_of(code), "", "unit_board", code)
            for code in (row.supporting or "").split(",")
            if code
        ),
        Fact(_("Detail"), row.detail or ""),
        Fact(_("Assigned on"), row.set_on or ""),
        Fact(_("Time limit"), row.due_on or "", TASK_PARTS[state] if state == "overdue" else ""),
        Fact(_("Finished on"), row.done_on or ""),
    )
    reports = tuple(
        Fact(
            f"{report.on} {label_of(report.reporter or '')}",
            report.text or "",
            "",
            "task_report",
            report.id,
        )
        for report in reversed(lines[0].reports if lines else ())
    )
    cell = Cell(translate(tasks.STATES[state]), TASK_PARTS[state])
    if row.voided is not None:
        cell = Cell(_("Withdrawn: {why}").format(why=row.voided), "bad")
    sections = (Section("", _filled(facts)), Section(_("Reports"), reports))
    return Sheet(str(row.title or ""), cell, tuple(each for each in sections if each.facts))


def report_sheet(seat: Seat, report_id: str) -> Sheet:
    """One report on a task."""
    row = kept(seat, "task_report", report_id)
    task = keeping.row_of(seat, "task", row.task) if row.task else None
    facts = (
        Fact(_("Task"), str(task.title) if task else "", "", "task", row.task or ""),
        Fact(_("Date"), row.on or ""),
        Fact(_("Reported by"), label_of(row.reporter or "")),
        Fact(_("Reported as finished"), _("yes") if row.finished else ""),
        Fact(_("Text"), row.text or ""),
    )
    cell = Cell(_("Withdrawn: {why}").format(why=row.voided), "bad") if row.voided is not None else Cell("")
    return Sheet(_("Report on a task"), cell, (Section("", _filled(facts)),))


def score_sheet(seat: Seat, sheet_id: str) -> Sheet:
    """A unit's score sheet of a year: each indicator opens its own sheet."""
    found = scores.sheet(seat, *scores.sheet_parts(sheet_id))
    facts = tuple(
        Fact(
            line.rule.title,
            _points(line),
            "" if line.points is None else "good" if line.points == line.rule.points else "warn",
            "score_line",
            f"{found.id}:{line.rule.key}",
        )
        for line in found.lines
    )
    about = (
        Fact(_("Total"), f"{rules.plain(found.total)} / {rules.plain(found.pack.total)}", "strong"),
        Fact(_("Rules"), found.pack.title),
        Fact(_("Basis"), f"{found.pack.source} ({found.pack.mark})", "quiet"),
    )
    state = (
        Cell(_("{count} open").format(count=found.open), "warn") if found.open else Cell(_("Full"), "good")
    )
    title = f"{label_of(found.unit)} · {found.year}"
    return Sheet(title, state, (Section(_("Indicators"), facts), Section("", about)))


def _points(line: scores.ScoreLine) -> str:
    most = rules.plain(line.rule.points)
    if line.points is not None:
        reason = str(line.given.reason or "") if line.given is not None else ""
        return f"{rules.plain(line.points)} / {most}" + (f" · {reason}" if reason else "")
    if line.suggested is not None:
        words = _("none given; the records say {points}").format(points=rules.plain(line.suggested.points))
        reason = line.suggested.reason
        return f"- / {most} · {words}" + (f" ({reason})" if reason else "")
    return f"- / {most}"


def indicator_sheet(seat: Seat, score_id: str) -> Sheet:
    """One indicator of a unit's sheet, given or not."""
    unit, year, key = scores.parts_of(seat, score_id)
    sheet = scores.sheet(seat, unit, year)
    line = next(each for each in sheet.lines if each.rule.key == key)
    rule, given, suggested = line.rule, line.given, line.suggested
    asked = (
        Fact(_("Unit"), label_of(unit), "", "score_sheet", sheet.id),
        Fact(_("Year"), str(year)),
        Fact(_("Points at most"), rules.plain(rule.points)),
        Fact(_("Rule"), rule.rule),
        Fact(_("Evidence wanted"), rule.evidence),
        Fact(_("Basis"), f"{sheet.pack.title} ({sheet.pack.mark})", "quiet"),
    )
    follows = (
        Fact(_("Points"), rules.plain(suggested.points) if suggested else ""),
        Fact(_("Reason"), suggested.reason if suggested else ""),
        Fact(_("Source of the points"), suggested.evidence if suggested else ""),
    )
    kept = (
        Fact(_("Points"), given.points or "" if given else ""),
        Fact(_("Reason"), given.reason or "" if given else ""),
        Fact(_("Evidence shown"), given.evidence or "" if given else ""),
        Fact(_("Scored by"), _person(seat, given.scored_by) if given else ""),
        Fact(_("Date"), given.on or "" if given else ""),
    )
    sections = (
        Section(_("Given"), _filled(kept)),
        Section(_("From the records"), _filled(follows)),
        Section(_("Rules"), _filled(asked)),
    )
    state = Cell(_("open"), "warn") if given is None else Cell(_points(line), "")
    return Sheet(rule.title, state, tuple(each for each in sections if each.facts))


def bulletin_sheet(seat: Seat, which: str) -> Sheet:
    """A bulletin as it was issued, or its draft as the records are now."""
    paper = dispatch.paper(seat, which)
    state = Cell(_("Draft"), "warn") if paper.seal is None else Cell(_("issued, sealed"), "good")
    words = tuple(Fact("", line) for line in paper.text.split("\n") if line)
    about = (
        Fact(_("Month"), paper.month),
        Fact(_("As of"), paper.as_of),
        Fact(_("Number"), paper.number),
        Fact(_("Issued on"), paper.issued_on),
        Fact(_("Issued by"), paper.issuer),
        Fact(_("Hash"), paper.seal.sha256 if paper.seal else "", "quiet"),
        *(
            Fact(_("Issued twice"), row.number or "", "bad", "bulletin", row.id)
            for row in dispatch.doubles(seat, paper)
        ),
    )
    sections = (
        Section("", _filled(about)),
        Section(_("Words"), words),
        Section(_("Units"), tuple(_unit_fact(row) for row in paper.table.get("units", ()))),
        Section(_("City departments"), tuple(_work_fact(row) for row in paper.table.get("departments", ()))),
    )
    return Sheet(paper.title, state, tuple(each for each in sections if each.facts))


def _unit_fact(row: dict[str, Any]) -> Fact:
    value = _("{started} started, {done} done, {awaiting} awaiting, {other} other; this month {new}").format(
        started=row["started"],
        done=row["done"],
        awaiting=row["awaiting"],
        other=row["other"],
        new=row["started_in_month"],
    )
    return Fact(label_of(row["code"]), value, "bad" if not row["started"] else "", "unit_board", row["code"])


def _work_fact(row: dict[str, Any]) -> Fact:
    value = _("tasks that it leads: {tasks}, {done} done, {overdue} overdue; supports {supports}").format(
        tasks=row["tasks"], done=row["tasks_done"], overdue=row["tasks_overdue"], supports=row["supports"]
    )
    progress = f" · {row['progress']}" if row["progress"] else ""
    part = "bad" if row["tasks_overdue"] else "" if row["tasks"] or row["supports"] else "quiet"
    return Fact(label_of(row["code"]), value + progress, part, "unit_board", row["code"])


def ranking_sheet(seat: Seat, ranking_id: str) -> Sheet:
    """A place in the province, as it was published."""
    row = kept(seat, "ranking", ranking_id)
    facts = (
        Fact(_("As of"), row.as_of or ""),
        Fact(_("Place in the province"), str(row.place or ""), "strong"),
        Fact(_("Published in"), row.source or ""),
    )
    cell = Cell(_("Withdrawn: {why}").format(why=row.voided), "bad") if row.voided is not None else Cell("")
    return Sheet(_("Place in the province"), cell, (Section("", _filled(facts)),))


def _person(seat: Seat, person: str | None) -> str:
    row = registry.officer(seat, person) if person else None
    return str(row.name or "") if row is not None else ""


def _filled(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)
