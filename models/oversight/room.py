"""The room of units: board, bulletins, tasks, scores, first cases, difficulties, place in the province.

Four kinds of its sheets are no records: "unit_board" (a unit's code), "bulletin_month" (YYYY-MM),
"score_sheet" (350602:2021) and "score_line" (350602:2021:zero_case) are looked at before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from models.cases.damage.tables import DamageCase
from models.language import N_, _, listed, translate
from models.listing import lines, rows_of
from models.oversight import dispatch, queries, rules, scores, sheets, tasks
from models.oversight.acts import ACTS
from models.oversight.figures import city_figures, issued_months
from models.oversight.first_cases import MISSING, first_cases, issues
from models.oversight.queries import BoardRow
from models.oversight.tables import Ranking, Score
from models.registry import keeping
from models.registry.days import today
from models.registry.units import county_level, label_of, units
from models.rooms import Cell, Column, Line, Listing, Room

if TYPE_CHECKING:
    from models.store.seat import Seat


def _holds(text: str, *parts: str | None) -> bool:
    wanted = text.strip().casefold()
    return any(wanted in (part or "").casefold() for part in parts)


def _named(text: str, codes: Iterable[str]) -> list[str]:
    """The units whose code or name in either language holds the text."""
    known = {unit.code: unit for unit in units()}
    return [code for code in codes if _holds(text, code, known[code].name, known[code].en)]


def find_units(seat: Seat, text: str) -> list[str]:
    """The city and the units, then others that handle a case."""
    listed = [rules.city().code, *(unit.code for unit in county_level())]
    with seat:
        handling = DamageCase.select(DamageCase.unit).where(DamageCase.voided.is_null()).distinct()
        others = sorted({rules.current_code(row.unit) for row in handling} - set(listed))
    known = {unit.code for unit in units()}
    return _named(text, [code for code in (*listed, *others) if code in known])


def unit_lines(seat: Seat, codes: Sequence[str]) -> list[Line]:
    """The rows of the board."""
    figures, rows = queries.board(seat, today(seat))
    by_code = {each.row.code: each for each in rows}
    found = []
    for code in codes:
        if code == rules.city().code:
            covered = f"{figures.covered}/{figures.units}"
            cells = (
                Cell(label_of(code), "strong"),
                str(figures.started),
                str(figures.done),
                str(figures.awaiting),
                rules.percent(figures.done_rate),
                "",
                "",
                Cell(covered, "strong"),
            )
            found.append(Line(code, cells))
        else:
            found.append(_unit_line(by_code.get(code) or BoardRow(figures.unit(code), None, None)))
    return found


def _unit_line(each: BoardRow) -> Line:
    row = each.row
    warning = Cell("")
    if row.counted and row.zero:
        warning = Cell(_("no case"), "bad")
    if each.warned is not None:
        words = _("{days} d left").format(days=each.warned.days_left)
        warning = Cell(words, "bad" if row.zero else "warn")
    cells = (
        label_of(row.code),
        Cell(str(row.started), "bad" if row.zero and row.counted else ""),
        str(row.done),
        str(row.awaiting),
        rules.percent(row.done_rate) if row.started else "-",
        rules.plain(each.score) if each.score is not None else "",
        row.first_on,
        warning,
    )
    return Line(row.code, cells)


def find_departments(seat: Seat, text: str) -> list[str]:
    """The city's departments."""
    return _named(text, [unit.code for unit in rules.departments()])


def department_lines(seat: Seat, codes: Sequence[str]) -> list[Line]:
    """What each department leads and supports."""
    lines = tasks.task_lines(seat, today(seat))
    found = []
    for code in codes:
        leads = [line for line in lines if line.lead == code]
        late = sum(line.state == "overdue" for line in leads)
        done = sum(line.state == "done" for line in leads)
        supports = sum(code in line.supporting for line in lines)
        cells = (
            label_of(code),
            str(len(leads)),
            str(done),
            Cell(str(late), "bad" if late else ""),
            str(supports),
        )
        found.append(Line(code, cells))
    return found


def find_bulletins(seat: Seat, text: str) -> list[str]:
    """Months: the next to be issued, then those issued, the latest first."""
    issued = [
        month
        for month, row in sorted(issued_months(seat).items(), reverse=True)
        if _holds(text, month, row.number, row.text)
    ]
    upcoming = dispatch.next_month(seat)
    return [*([upcoming] if upcoming and _holds(text, upcoming) else []), *issued]


def bulletin_lines(seat: Seat, months: Sequence[str]) -> list[Line]:
    """One row a month."""
    issued = issued_months(seat)
    found = []
    for month in filter(rules.is_month, months):
        row = issued.get(month)
        if row is None:
            ended = rules.last_day(month) <= today(seat)
            state = Cell(_("to be issued"), "warn") if ended else Cell(_("month runs"), "quiet")
            found.append(Line(month, (month, "", state, "", str(dispatch.count_of(month)))))
            continue
        state = Cell(_("issued"), "good")
        cells = (month, row.issued_on or "", state, row.number or "", str(row.count or ""))
        found.append(Line(month, cells))
    return found


def find_tasks(seat: Seat, text: str) -> list[str]:
    """The tasks: those not done first, each by its time limit."""
    lines = tasks.task_lines(seat, today(seat))
    return [
        line.task.id
        for line in lines
        if _holds(text, line.task.title, line.task.detail, label_of(line.lead), str(line.task.year))
    ]


def task_rows(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of tasks."""
    by_id = {line.task.id: line for line in tasks.task_lines(seat, today(seat), ids=ids)}

    def cells(line: Any) -> tuple[Cell | str, ...]:
        return (
            line.task.title or "",
            label_of(line.lead),
            line.task.due_on or "",
            Cell(translate(tasks.STATES[line.state]), sheets.TASK_PARTS[line.state]),
            str(line.task.year or ""),
            line.latest,
        )

    return lines(ids, by_id, cells)


def find_scores(seat: Seat, text: str) -> list[str]:
    """The score sheets of this year and of every year that has points, the latest first."""
    with seat:
        years: set[int | None] = {
            row.year for row in Score.select(Score.year).where(Score.voided.is_null()).distinct()
        }
    years.add(today(seat).year)
    return [
        f"{unit.code}:{year}"
        for year in sorted((year for year in years if year and scores.is_year(year)), reverse=True)
        for unit in county_level()
        if _holds(text, unit.code, unit.name, unit.en, str(year))
    ]


def score_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """One row a sheet."""
    years = {int(year) for each in ids if scores.is_year(year := each.rpartition(":")[2])}
    known = {sheet.id: sheet for year in years for sheet in scores.sheets(seat, year)}

    def cells(sheet: Any) -> tuple[Cell | str, ...]:
        return (
            label_of(sheet.unit),
            str(sheet.year),
            rules.plain(sheet.total),
            rules.plain(sheet.pack.total),
            Cell(str(sheet.open), "warn") if sheet.open else Cell("0", "good"),
        )

    return lines(ids, known, cells)


def find_first_cases(seat: Seat, text: str) -> list[str]:
    """The first case of each unit, in the order of units; for who may read cases."""
    if not keeping.may_see(seat, "damage_case"):
        return []
    return [
        each.standing.case.id
        for each in first_cases(seat, today(seat))
        if _holds(text, label_of(each.unit), each.standing.case.number, each.standing.case.title)
    ]


def first_case_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of first cases with what their guidance lacks."""
    by_id = {each.standing.case.id: each for each in first_cases(seat, today(seat))}

    def cells(each: Any) -> tuple[Cell | str, ...]:
        lacks = listed(translate(MISSING[name]) for name in each.missing)
        return (
            label_of(each.unit),
            each.standing.started_on,
            Cell(lacks, "warn") if lacks else Cell(_("guided"), "good"),
            str(len(each.guidance)),
            each.standing.case.number or "",
        )

    return lines(ids, by_id, cells)


def find_issues(seat: Seat, text: str) -> list[str]:
    """The difficulties: those not solved first."""
    if not keeping.may_see(seat, "case_issue"):
        return []
    return [
        each.row.id
        for each in issues(seat, today(seat))
        if _holds(text, each.row.text, each.case_number, label_of(each.unit))
    ]


def issue_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of difficulties."""
    by_id = {each.row.id: each for each in issues(seat, today(seat))}

    def cells(issue: Any) -> tuple[Cell | str, ...]:
        return (
            issue.row.text or "",
            label_of(issue.unit),
            issue.row.raised_on or "",
            Cell(_("solved"), "good") if issue.solved else Cell(_("not solved"), "warn"),
            issue.case_number,
        )

    return lines(ids, by_id, cells)


def find_rankings(seat: Seat, text: str) -> list[str]:
    """The places in the province, the latest first."""
    with seat:
        rows = Ranking.select().where(Ranking.voided.is_null())
        found = list(rows.order_by(Ranking.as_of.desc(), Ranking.id.desc()))
    return [row.id for row in found if _holds(text, row.as_of, row.source)]


def ranking_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of places in the province."""
    rows = rows_of(seat, Ranking, ids)
    return lines(
        ids, rows, lambda row: (row.as_of or "", Cell(str(row.place or ""), "strong"), row.source or "")
    )


def summary(seat: Seat) -> str:
    """The city's figures of today in one line."""
    figures = city_figures(seat, today(seat))
    return _(
        "{started} started · {done} done ({rate}) · {awaiting} awaiting · {other} other · "
        "{covered}/{units} units"
    ).format(
        started=figures.started,
        done=figures.done,
        rate=rules.percent(figures.done_rate),
        awaiting=figures.awaiting,
        other=figures.other,
        covered=figures.covered,
        units=figures.units,
    )


_NO_CASES = N_("No cases yet. Start one under Cases.")

ROOM = Room(
    name="units",
    title=N_("Units"),
    listings=(
        Listing(
            "board",
            N_("Board"),
            "unit_board",
            (
                Column(N_("Name of unit"), 0),
                Column(N_("Opened"), 6, right=True),
                Column(N_("Closed"), 6, right=True),
                Column(N_("Awaiting"), 6, right=True),
                Column(N_("Rate"), 7, right=True),
                Column(N_("Score"), 6, 76, right=True),
                Column(N_("First case"), 10, 76),
                Column(N_("Warning"), 9),
            ),
            find_units,
            unit_lines,
            _NO_CASES,
        ),
        Listing(
            "bulletins",
            N_("Bulletins"),
            "bulletin_month",
            (
                Column(N_("Month"), 8),
                Column(N_("Issued on"), 10),
                Column(N_("State"), 12),
                Column(N_("Number"), 0),
                Column(N_("Issue"), 5, 76, right=True),
            ),
            find_bulletins,
            bulletin_lines,
            N_("No month has a bulletin yet."),
        ),
        Listing(
            "tasks",
            N_("Tasks"),
            "task",
            (
                Column(N_("Task"), 0),
                Column(N_("Leads"), 16),
                Column(N_("Time limit"), 10),
                Column(N_("State"), 12),
                Column(N_("Year"), 5, 90),
                Column(N_("Latest report"), 24, 110),
            ),
            find_tasks,
            task_rows,
            N_("No tasks yet. Add the year's first one."),
        ),
        Listing(
            "scores",
            N_("Score sheets"),
            "score_sheet",
            (
                Column(N_("Name of unit"), 0),
                Column(N_("Year"), 5),
                Column(N_("Points"), 6, right=True),
                Column(N_("Of"), 5, right=True),
                Column(N_("Unscored"), 6, right=True),
            ),
            find_scores,
            score_lines,
            N_("No score sheets."),
        ),
        Listing(
            "first_cases",
            N_("First cases"),
            "damage_case",
            (
                Column(N_("Name of unit"), 16),
                Column(N_("Opened on"), 10),
                Column(N_("Guidance"), 0),
                Column(N_("Records"), 6, right=True),
                Column(N_("Number"), 24, 100),
            ),
            find_first_cases,
            first_case_lines,
            _NO_CASES,
        ),
        Listing(
            "issues",
            N_("Difficulties"),
            "case_issue",
            (
                Column(N_("Difficulty"), 0),
                Column(N_("Name of unit"), 16),
                Column(N_("Raised on"), 10),
                Column(N_("State"), 8),
                Column(N_("Number"), 24, 100),
            ),
            find_issues,
            issue_lines,
            N_("No difficulties are noted. Note one on the sheet of its case."),
        ),
        Listing(
            "departments",
            N_("City departments"),
            "unit_board",
            (
                Column(N_("Department"), 0),
                Column(N_("Leads"), 6, right=True),
                Column(N_("Finished"), 6, right=True),
                Column(N_("Late"), 6, right=True),
                Column(N_("Supports"), 6, right=True),
            ),
            find_departments,
            department_lines,
            N_("No departments are kept."),
        ),
        Listing(
            "rankings",
            N_("Place in the province"),
            "ranking",
            (Column(N_("As of"), 10), Column(N_("Rank"), 5, right=True), Column(N_("Published in"), 0)),
            find_rankings,
            ranking_lines,
            N_("No place is entered. Enter the one that was published."),
        ),
    ),
    acts=ACTS,
    sheets={
        "unit_board": sheets.unit_board,
        "bulletin": sheets.bulletin_sheet,
        "bulletin_month": sheets.bulletin_sheet,
        "task": sheets.task_sheet,
        "task_report": sheets.report_sheet,
        "score_sheet": sheets.score_sheet,
        "score": sheets.indicator_sheet,
        "score_line": sheets.indicator_sheet,
        "ranking": sheets.ranking_sheet,
    },
    summary=summary,
)
