"""The lists of the planning room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from models.language import N_
from models.listing import find, lines, matching, rows_of
from models.planning import queries, rules
from models.planning.sheets import draw_cell, pair_names, state_cell
from models.planning.tables import Assignment, DrawNotice, SiteClass, SpotDraw
from models.registry.units import label_of
from models.rooms import Cell, Column, Line, Listing, label, labels

if TYPE_CHECKING:
    from models.store.seat import Seat


def _find_assignments(seat: Seat, text: str) -> list[str]:
    """What waits or came back first, by due day; then the others, the newest first. Recalled ones too."""
    first = queries.open_ids(seat)
    with seat:
        rows = Assignment.select(Assignment.id)
        if text.strip():
            rows = rows.where(Assignment.id.in_(matching(seat, text, "assignment")))
        ids = [row.id for row in rows.order_by(Assignment.made_at.desc(), Assignment.id.desc())]
    wanted, waiting = set(ids), set(first)
    return [each for each in first if each in wanted] + [each for each in ids if each not in waiting]


def _assignment_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    found = queries.stands(seat, ids)

    def cells(one: queries.Stand) -> tuple[Cell | str, ...]:
        row, visit = one.row, one.inspection
        officers = pair_names(
            seat,
            visit.first_officer if visit is not None else row.first_officer,
            visit.second_officer if visit is not None else row.second_officer,
        )
        return (
            state_cell(one.state),
            Cell(row.site_name or "", "strong"),
            officers,
            Cell(row.due or "", "bad" if one.state == "overdue" else "quiet"),
            label(rules.ORIGINS, row.origin),
            Cell(row.purpose or "", "quiet"),
        )

    return lines(ids, found, cells)


def _find_draws(seat: Seat, text: str) -> list[str]:
    return find(seat, SpotDraw, "spot_draw", text, (SpotDraw.made_at.desc(), SpotDraw.id.desc()))


def _draw_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows = rows_of(seat, SpotDraw, ids)
    notices = queries.notices_of(seat, list(rows))

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            draw_cell(queries.draw_state(row, notices[row.id])),
            Cell(row.number or "", "strong"),
            label(rules.CATEGORIES, row.category),
            row.period or "",
            str(row.wanted or ""),
            label_of(row.unit),
            Cell((row.list_hash or "")[:12], "quiet"),
        )

    return lines(ids, rows, cells)


def _find_notices(seat: Seat, text: str) -> list[str]:
    return find(seat, DrawNotice, "draw_notice", text, (DrawNotice.made_at.desc(), DrawNotice.id.desc()))


def _notice_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            Cell(label(rules.NOTICES, row.kind), "bad" if row.kind == "annulled" else "good"),
            Cell(row.number or "", "strong"),
            row.on or "",
            label(rules.CATEGORIES, row.category),
            row.period or "",
            label_of(row.unit),
            Cell(row.reason or "", "quiet"),
        )

    return lines(ids, rows_of(seat, DrawNotice, ids), cells)


def _find_classes(seat: Seat, text: str) -> list[str]:
    order = (SiteClass.year.desc(), SiteClass.category, SiteClass.site_name, SiteClass.id)
    return find(seat, SiteClass, "site_class", text, order, {"site": "site"})


def _class_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            Cell(label(rules.CLASSES, row.category), "warn" if row.category == "special" else ""),
            Cell(row.site_name or "", "strong"),
            str(row.year or ""),
            labels(rules.SPECIAL, row.reasons),
            label_of(row.unit),
            Cell(row.basis or "", "quiet"),
        )

    return lines(ids, rows_of(seat, SiteClass, ids), cells)


LISTINGS = (
    Listing(
        "assignments",
        N_("Assignments"),
        "assignment",
        (
            Column(N_("State"), 8),
            Column(N_("Site"), 0),
            Column(N_("Officers"), 18),
            Column(N_("To be done by"), 10),
            Column(N_("Where it comes from"), 10, from_width=84),
            Column(N_("Purpose of the inspection"), 24, from_width=110),
        ),
        _find_assignments,
        _assignment_lines,
        N_("Nothing is assigned. Assign an inspection, or give out the sites of a draw."),
    ),
    Listing(
        "draws",
        N_("Draws by lot"),
        "spot_draw",
        (
            Column(N_("State"), 8),
            Column(N_("Number"), 0),
            Column(N_("Drawn from"), 12),
            Column(N_("Period of the draw"), 7),
            Column(N_("Wanted"), 6, right=True),
            Column(N_("Unit"), 12, from_width=84),
            Column(N_("SHA-256 of the list"), 12, from_width=100),
        ),
        _find_draws,
        _draw_lines,
        N_("No draw yet. Freeze a list of sites and officers first; then draw with a seed."),
    ),
    Listing(
        "notices",
        N_("Notices of draws"),
        "draw_notice",
        (
            Column(N_("State"), 8),
            Column(N_("Number"), 0),
            Column(N_("Date"), 10),
            Column(N_("Drawn from"), 12, from_width=72),
            Column(N_("Period of the draw"), 7, from_width=72),
            Column(N_("Unit"), 12, from_width=84),
            Column(N_("Reason"), 24, from_width=110),
        ),
        _find_notices,
        _notice_lines,
        N_("No draw was published or annulled yet."),
    ),
    Listing(
        "classes",
        N_("Classes of sites"),
        "site_class",
        (
            Column(N_("Class"), 12),
            Column(N_("Site"), 0),
            Column(N_("Year"), 4),
            Column(N_("What makes it special"), 20, from_width=84),
            Column(N_("Unit"), 12, from_width=72),
            Column(N_("List or document"), 20, from_width=110),
        ),
        _find_classes,
        _class_lines,
        N_("No site has a class: all count as general. Take in the list of key sites of the year."),
    ),
)
