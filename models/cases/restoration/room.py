"""The room of restoration: restorations, bases, follow-ups, and what can be done to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from models.cases.damage.tables import DamageCase
from models.cases.restoration import queries, rules
from models.cases.restoration.acts import ACTS, IN_ROOM
from models.cases.restoration.sheets import (
    amount_sheet,
    base_cell,
    base_sheet,
    guidance_sheet,
    place_of,
    restoration_sheet,
    sections,
    state_cell,
    visit_cell,
    visit_sheet,
)
from models.cases.restoration.tables import Restoration, RestorationBase, RestorationVisit
from models.language import N_, _
from models.listing import find, lines, matching, rows_of
from models.registry.days import today
from models.registry.units import label_of
from models.rooms import Cell, Column, Line, Listing, Room, label

if TYPE_CHECKING:
    from models.store.seat import Seat

__all__ = ["ACTS", "ROOM", "sections"]


def find_restorations(seat: Seat, text: str) -> list[str]:
    """Restorations that the text finds, by themselves or by their case; the unfinished first."""
    order = (Restoration.finished_on.is_null(False), Restoration.planned_on.desc(), Restoration.id.desc())
    return find(seat, Restoration, "restoration", text, order, {"case": "damage_case"})


def restoration_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of restorations."""
    rows = rows_of(seat, Restoration, ids)
    cases = rows_of(seat, DamageCase, (row.case for row in rows.values()))
    bases = rows_of(seat, RestorationBase, (row.base for row in rows.values()))

    def cells(row: Any) -> tuple[Cell | str, ...]:
        case = cases.get(row.case)
        return (
            label(rules.MODES, row.mode),
            (case.title or case.number or "") if case else "",
            state_cell(row),
            row.finished_on or row.begun_on or row.planned_on or "",
            label_of(row.unit),
            place_of(row, bases.get(row.base)),
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows, cells)


def find_bases(seat: Seat, text: str) -> list[str]:
    """Bases that the text finds, by type, unit and name; those whose planning lies ahead last."""
    now = [each.base.id for each in queries.bases(seat, today(seat))]
    with seat:
        rows = RestorationBase.select(RestorationBase.id).where(RestorationBase.voided.is_null())
        known = set(now)
        later = [row.id for row in rows.order_by(RestorationBase.planned_on) if row.id not in known]
    if not text.strip():
        return now + later
    wanted = set(matching(seat, text, "restoration_base"))
    return [each for each in now + later if each in wanted]


def base_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of bases."""
    rows = rows_of(seat, RestorationBase, ids)
    day = today(seat)
    counts = {each.base.id: each.cases for each in queries.bases(seat, day)}

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            row.name or "",
            label(rules.BASE_TYPES, row.type),
            base_cell(row, day.isoformat()),
            str(counts.get(row.id, 0)),
            label_of(row.unit),
            label(rules.TAGS, row.tag),
            f"{row.latitude}, {row.longitude}" if row.latitude else "",
        )

    return lines(ids, rows, cells)


def find_visits(seat: Seat, text: str) -> list[str]:
    """Follow-ups that are not done, the first due first; with a text, those of the restorations it finds."""
    open_ = queries.open_visits(seat)
    if text.strip():
        wanted = set(find_restorations(seat, text))
        open_ = [(visit, row) for visit, row in open_ if row.id in wanted]
    return [visit.id for visit, _row in open_]


def visit_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of follow-ups."""
    rows = rows_of(seat, RestorationVisit, ids)
    of = rows_of(seat, Restoration, (row.restoration for row in rows.values()))
    cases = rows_of(seat, DamageCase, (row.case for row in of.values()))
    bases = rows_of(seat, RestorationBase, (row.base for row in of.values()))
    day = today(seat).isoformat()

    def cells(row: Any) -> tuple[Cell | str, ...]:
        restoration = of.get(row.restoration)
        case = cases.get(restoration.case) if restoration else None
        return (
            row.due_on or "",
            (case.title or case.number or "") if case else "",
            visit_cell(row, day),
            label(rules.MODES, restoration.mode) if restoration else "",
            place_of(restoration, bases.get(restoration.base)) if restoration else "",
        )

    return lines(ids, rows, cells)


def summary(seat: Seat) -> str:
    """What was restored by today, and how many bases there are."""
    day = today(seat)
    done = queries.totals(seat, day)
    built = sum(
        number for (_type, state), number in queries.base_counts(seat, day).items() if state == "built"
    )
    parts = [done[key].text for key in dict(rules.WHAT) if key in done]
    if built:
        parts.append(_("bases built: {count}").format(count=built))
    return " · ".join(parts) or _("Nothing restored yet. Plan a restoration in its case.")


ROOM = Room(
    name="restoration",
    title=N_("Restoration"),
    listings=(
        Listing(
            "restorations",
            N_("Restorations"),
            "restoration",
            (
                Column(N_("Mode"), 14),
                Column(N_("Case"), 0),
                Column(N_("Where it stands"), 14),
                Column(N_("Last day noted"), 10),
                Column(N_("County or zone"), 12, from_width=96),
                Column(N_("Where it is"), 20, from_width=120),
                Column(N_("Number of the restoration"), 28, from_width=150),
            ),
            find_restorations,
            restoration_lines,
            N_("No restoration yet. Plan one for a damage case."),
        ),
        Listing(
            "bases",
            N_("Bases"),
            "restoration_base",
            (
                Column(N_("Name of the base"), 0),
                Column(N_("Kind of base"), 16),
                Column(N_("Where it stands"), 16),
                Column(N_("Cases"), 5, right=True),
                Column(N_("County or zone"), 12, from_width=96),
                Column(N_("Lie of the land"), 14, from_width=112),
                Column(N_("Coordinates"), 18, from_width=130),
            ),
            find_bases,
            base_lines,
            N_("No base yet. Enter release sites, replanting and watershed bases here."),
        ),
        Listing(
            "visits",
            N_("Follow-ups due"),
            "restoration_visit",
            (
                Column(N_("Due on"), 10),
                Column(N_("Case"), 0),
                Column(N_("Where it stands"), 14),
                Column(N_("Mode"), 14, from_width=70),
                Column(N_("Where it is"), 20, from_width=110),
            ),
            find_visits,
            visit_lines,
            N_("No follow-up is due. Schedule them in a restoration."),
        ),
    ),
    acts=IN_ROOM,
    sheets={
        "restoration": restoration_sheet,
        "restoration_base": base_sheet,
        "restoration_visit": visit_sheet,
        "restoration_amount": amount_sheet,
        "restoration_guidance": guidance_sheet,
    },
    summary=summary,
)
