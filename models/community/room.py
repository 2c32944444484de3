"""The room of the communities: its lists, sheets and acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from models.community import queries
from models.community.acts import ACTS
from models.community.choices import ACTIONS, CLASSES, LEVELS, OBJECTS, OUTCOMES, RESULTS
from models.community.escalation import unreported
from models.community.rules import moment_text, report_state
from models.community.sheets import (
    committee_sheet,
    community_sheet,
    covenant_sheet,
    grid_sheet,
    member_sheet,
    participant_sheet,
    quorum_cell,
)
from models.community.tables import Committee, Community, Complaint, Grid, Mediation, Patrol, UpwardReport
from models.community.work_sheets import (
    answer_sheet,
    complaint_sheet,
    complaint_state,
    mediation_sheet,
    patrol_sheet,
    report_sheet,
    reporter_sheet,
    state_cell,
    target_words,
)
from models.language import N_, _
from models.listing import find, lines, matching, rows_of
from models.registry.days import today
from models.rooms import Cell, Column, Line, Listing, Room, label

if TYPE_CHECKING:
    from models.store.seat import Seat

# --- finding ----------------------------------------------------------------------------------------------


_BY_COMMUNITY = {"community": "community"}
"""What happened in a community is found by its name too."""


def find_communities(seat: Seat, text: str) -> list[str]:
    """Communities by unit, street and name."""
    order = (Community.unit, Community.street, Community.name, Community.id)
    return find(seat, Community, "community", text, order)


def find_grids(seat: Seat, text: str) -> list[str]:
    """Grids by their code."""
    return find(seat, Grid, "grid", text, (Grid.code, Grid.id), _BY_COMMUNITY)


def find_committees(seat: Seat, text: str) -> list[str]:
    """Committees that stand today; those short of Party members first."""
    wanted = set(matching(seat, text, "community")) if text.strip() else None
    states = queries.committees(seat, today(seat), community_ids=wanted)
    return [each.committee.id for each in sorted(states, key=lambda each: each.quorum.ok)]


def find_patrols(seat: Seat, text: str) -> list[str]:
    """Patrols, the latest first."""
    return find(seat, Patrol, "patrol", text, (Patrol.on.desc(), Patrol.id.desc()), _BY_COMMUNITY)


def find_reports(seat: Seat, text: str) -> list[str]:
    """Reports upward: the open ones first, what was seen first before the rest; then the closed ones."""
    order = (UpwardReport.closed_on.is_null(False), UpwardReport.first_seen_at, UpwardReport.id)
    return find(seat, UpwardReport, "upward_report", text, order, _BY_COMMUNITY)


def find_complaints(seat: Seat, text: str) -> list[str]:
    """Complaints: the open ones first, the oldest before the rest; then the closed ones."""
    order = (Complaint.closed_on.is_null(False), Complaint.received_on, Complaint.id)
    return find(seat, Complaint, "complaint", text, order, _BY_COMMUNITY)


def find_mediations(seat: Seat, text: str) -> list[str]:
    """Mediations, the latest first."""
    return find(seat, Mediation, "mediation", text, (Mediation.on.desc(), Mediation.id.desc()), _BY_COMMUNITY)


def find_hot_spots(seat: Seat, text: str) -> list[str]:
    """Communities with problems or complaints in the last 365 days, those with most first."""
    wanted = set(matching(seat, text, "community")) if text.strip() else None
    spots = queries.hot_spots(seat, *queries.last_year(today(seat)))
    return [each.community.id for each in spots if wanted is None or each.community.id in wanted]


# --- rows -------------------------------------------------------------------------------------------------


def _names(seat: Seat, rows: Iterable[Any]) -> dict[str, str]:
    found = rows_of(seat, Community, (row.community for row in rows))
    return {record: row.name or "" for record, row in found.items()}


def community_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of communities."""
    rows = rows_of(seat, Community, ids)
    day = today(seat)
    states = {each.community.id: each for each in queries.committees(seat, day, community_ids=ids)}
    spots = {each.community.id: each for each in queries.hot_spots(seat, *queries.last_year(day))}

    def cells(row: Any) -> tuple[Cell | str, ...]:
        state, spot = states.get(row.id), spots.get(row.id)
        cell = quorum_cell(state.quorum) if state is not None else Cell(_("no committee"), "bad")
        if row.merged_on and row.merged_on <= day.isoformat():
            cell = Cell(_("merged on {day}").format(day=row.merged_on), "quiet")
        worst = f"{label(CLASSES, spot.worst)} {spot.by_class[spot.worst]}" if spot is not None else ""
        return row.name or "", cell, Cell(worst, "warn"), row.street or "", row.secretary or ""

    return lines(ids, rows, cells)


def grid_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of grids."""
    rows = rows_of(seat, Grid, ids)
    above = rows_of(seat, Grid, (row.superior for row in rows.values()))
    places = _names(seat, rows.values())

    def cells(row: Any) -> tuple[Cell | str, ...]:
        superior = above.get(row.superior)
        return (
            row.code or "",
            row.name or "",
            label(LEVELS, row.level),
            row.worker_name or "",
            places.get(row.community, ""),
            (superior.name or "") if superior is not None else "",
        )

    return lines(ids, rows, cells)


def committee_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of committees with the share of Party members."""
    rows = rows_of(seat, Committee, ids)
    communities = {row.community for row in rows.values() if row.community}
    states = {
        each.committee.id: each for each in queries.committees(seat, today(seat), community_ids=communities)
    }

    def cells(state: Any) -> tuple[Cell | str, ...]:
        row = state.committee
        return (
            state.community.name or "",
            quorum_cell(state.quorum),
            str(state.quorum.count),
            row.founded_on or "",
            row.led_by or "",
            row.term or "",
        )

    return lines(ids, states, cells)


def patrol_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of patrols."""
    rows = rows_of(seat, Patrol, ids)
    places = _names(seat, rows.values())
    waiting = {each.patrol.id for each in unreported(seat, today(seat))}

    def cells(row: Any) -> tuple[Cell | str, ...]:
        outcome = Cell(label(OUTCOMES, row.outcome), "warn" if row.problem_class else "quiet")
        if row.id in waiting:
            outcome = Cell(_("to report"), "bad")
        what = row.result or row.whom_name or row.place or label(OBJECTS, row.whom)
        return (
            row.on or "",
            " ".join(part for part in (row.item, what) if part),
            outcome,
            label(ACTIONS, row.action),
            places.get(row.community, ""),
            label(CLASSES, row.problem_class),
            row.number or "",
        )

    return lines(ids, rows, cells)


def report_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of reports upward."""
    rows = rows_of(seat, UpwardReport, ids)
    places = _names(seat, rows.values())

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            moment_text(row.first_seen_at),
            row.what or "",
            state_cell(row),
            target_words(seat, row),
            places.get(row.community, ""),
            row.received_by or "",
            row.number or "",
        )

    return lines(ids, rows, cells)


def complaint_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of complaints; who brought them is not among the columns."""
    rows = rows_of(seat, Complaint, ids)
    places = _names(seat, rows.values())

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            row.received_on or "",
            row.about or "",
            complaint_state(row),
            places.get(row.community, ""),
            label(CLASSES, row.problem_class),
            row.handled_by or "",
            row.number or "",
        )

    return lines(ids, rows, cells)


def mediation_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of mediations."""
    rows = rows_of(seat, Mediation, ids)
    places = _names(seat, rows.values())

    def cells(row: Any) -> tuple[Cell | str, ...]:
        result = Cell(label(RESULTS, row.result), "good" if row.result == "agreed" else "warn")
        return (
            row.on or "",
            row.demand or "",
            result if row.result else Cell(_("no result yet"), "warn"),
            places.get(row.community, ""),
            Cell(_("made public"), "good") if row.published_on else "",
            row.number or "",
        )

    return lines(ids, rows, cells)


def hot_spot_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of hot spots: problems and complaints of the last 365 days by class."""
    spots = {each.community.id: each for each in queries.hot_spots(seat, *queries.last_year(today(seat)))}

    def cells(spot: Any) -> tuple[Cell | str, ...]:
        counts = [
            Cell(str(spot.by_class[what]), "strong" if what == spot.worst else "") for what, _words in CLASSES
        ]
        return (spot.community.name or "", *counts, Cell(str(spot.total), "warn"))

    return lines(ids, spots, cells)


def summary(seat: Seat) -> str:
    """How many communities have a committee, how many are short of Party members, what waits."""
    day = today(seat)
    rate = queries.founding_rate(seat, day)
    if not rate.communities:
        return _("No community yet. Enter the communities first.")
    short = sum(not each.quorum.ok for each in queries.committees(seat, day))
    waiting = [row for row in queries.open_reports(seat) if report_state(row) != "received"]
    parts = [
        _("Committees {founded}/{communities} ({percent})").format(
            founded=rate.founded, communities=rate.communities, percent=rate.percent
        )
    ]
    if short:
        parts.append(_("{count} short of Party members").format(count=short))
    if waiting:
        parts.append(_("reports not received: {count}").format(count=len(waiting)))
    due = len(queries.dues(seat))
    if due:
        parts.append(_("{count} due").format(count=due))
    return " · ".join(parts)


_PLACE = Column(N_("Community"), 14, from_width=92)
_CLASS = Column(N_("Class of problem"), 14, from_width=112)
_NUMBER = Column(N_("Number"), 28, from_width=140)

ROOM = Room(
    name="community",
    title=N_("Community"),
    listings=(
        Listing(
            "communities",
            N_("Communities"),
            "community",
            (
                Column(N_("Community"), 0),
                Column(N_("Party members"), 14),
                Column(N_("Hot spot"), 16),
                Column(N_("Sub-district or town"), 16, from_width=88),
                Column(N_("Party secretary"), 10, from_width=110),
            ),
            find_communities,
            community_lines,
            N_("No community yet. Enter the communities of each street here."),
        ),
        Listing(
            "committees",
            N_("Committees"),
            "committee",
            (
                Column(N_("Community"), 0),
                Column(N_("Party members"), 14),
                Column(N_("Members counted"), 6, right=True),
                Column(N_("Founded on"), 10),
                Column(N_("Led by"), 24, from_width=100),
                Column(N_("Term of office"), 12, from_width=120),
            ),
            find_committees,
            committee_lines,
            N_("No committee yet. Open a community and found its committee."),
        ),
        Listing(
            "patrols",
            N_("Patrols"),
            "patrol",
            (
                Column(N_("On what day"), 10),
                Column(N_("What it is"), 0),
                Column(N_("Outcome on the spot"), 14),
                Column(N_("Kind of action"), 12, from_width=70),
                _PLACE,
                _CLASS,
                _NUMBER,
            ),
            find_patrols,
            patrol_lines,
            N_("No patrol yet. Write the first one down."),
        ),
        Listing(
            "reports",
            N_("Upward reports"),
            "upward_report",
            (
                Column(N_("First seen at"), 16),
                Column(N_("What it is"), 0),
                Column(N_("State"), 12),
                Column(N_("Reported to"), 16, from_width=84),
                Column(N_("Community"), 14, from_width=104),
                Column(N_("Received by"), 10, from_width=120),
                _NUMBER,
            ),
            find_reports,
            report_lines,
            N_("Nothing was reported upward yet. Report from a patrol or a complaint."),
        ),
        Listing(
            "complaints",
            N_("Complaints"),
            "complaint",
            (
                Column(N_("Received on"), 10),
                Column(N_("What it is about"), 0),
                Column(N_("State"), 14),
                _PLACE,
                _CLASS,
                Column(N_("Who handles it"), 10, from_width=124),
                Column(N_("Number"), 28, from_width=150),
            ),
            find_complaints,
            complaint_lines,
            N_("No complaint yet."),
        ),
        Listing(
            "mediations",
            N_("Mediations"),
            "mediation",
            (
                Column(N_("On what day"), 10),
                Column(N_("Demand"), 0),
                Column(N_("Result"), 12),
                _PLACE,
                Column(N_("Made public"), 8, from_width=104),
                _NUMBER,
            ),
            find_mediations,
            mediation_lines,
            N_("No mediation yet."),
        ),
        Listing(
            "hot_spots",
            N_("Hot spots"),
            "community",
            (
                Column(N_("Community"), 0),
                Column(N_("Unlawful discharge"), 10, right=True),
                Column(N_("Greening"), 8, right=True),
                Column(N_("Waste sorting"), 8, right=True),
                Column(N_("Fumes, noise and other"), 12, right=True),
                Column(N_("Total"), 6, right=True),
            ),
            find_hot_spots,
            hot_spot_lines,
            N_("No problem and no complaint in the last 365 days."),
        ),
        Listing(
            "grids",
            N_("Grids"),
            "grid",
            (
                Column(N_("Code"), 16),
                Column(N_("Name of the grid"), 0),
                Column(N_("Level of the grid"), 10),
                Column(N_("Grid worker"), 10, from_width=70),
                Column(N_("Community"), 14, from_width=92),
                Column(N_("Superior grid"), 16, from_width=112),
            ),
            find_grids,
            grid_lines,
            N_("No grid yet. Enter the city's grid first, then those under it."),
        ),
    ),
    acts=ACTS,
    sheets={
        "community": community_sheet,
        "grid": grid_sheet,
        "committee": committee_sheet,
        "committee_member": member_sheet,
        "covenant": covenant_sheet,
        "participant": participant_sheet,
        "patrol": patrol_sheet,
        "patrol_answer": answer_sheet,
        "upward_report": report_sheet,
        "complaint": complaint_sheet,
        "reporter": reporter_sheet,
        "mediation": mediation_sheet,
    },
    summary=summary,
)
