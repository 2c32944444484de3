"""The room of damage cases: the board, the clues, what is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from models.cases.collaboration.room import ACTS as COLLABORATION
from models.cases.collaboration.room import SHEETS as COLLABORATION_SHEETS
from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.cases.damage.stages import Progress
from models.cases.damage.tables import Clue, DamageCase
from models.cases.flow import dues
from models.cases.flow.acts import ENDING, IN_CASE, ON_CLUES, STEPPING
from models.cases.flow.sheets import (
    PARTS,
    case_sheet,
    clue_cell,
    clue_sheet,
    due_cell,
    part_sheet,
    stage_cell,
)
from models.cases.flow.site_sheet import ON_SITES, SITES, site_sheet
from models.cases.restoration.room import ACTS as RESTORATION
from models.language import N_, _, translate
from models.listing import find, lines, matching, rows_of
from models.registry.days import today
from models.registry.units import label_of
from models.rooms import Cell, Column, Line, Listing, Room

if TYPE_CHECKING:
    from models.store.seat import Seat


def find_cases(seat: Seat, text: str) -> list[str]:
    """Cases that the text finds; all without text: those in progress first, the latest stage first."""
    with seat:
        query = DamageCase.select(DamageCase.id).where(DamageCase.voided.is_null())
        if text.strip():
            wanted = set(matching(seat, text, "damage_case"))
            ids = [row.id for row in query if row.id in wanted]
        else:
            ids = [row.id for row in query]
    at = damage.progresses(seat)

    def order(case_id: str) -> tuple[bool, int, str]:
        place = at.get(case_id, Progress())
        stage = stages.STAGES.index(place.stage) if place.stage else 0
        return (place.ended, -stage, case_id)

    return sorted(ids, key=order)


def case_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of the board."""
    rows = rows_of(seat, DamageCase, ids)
    known, this_day = damage.progresses(seat), today(seat)

    def cells(row: Any) -> tuple[Cell | str, ...]:
        at = known.get(row.id, Progress())
        nearest = min(dues.case_dues(seat, row, at), key=lambda each: each.due_on, default=None)
        return (
            stage_cell(at),
            row.title or "",
            due_cell(nearest, this_day) if nearest else Cell("", "quiet"),
            label_of(row.unit),
            at.entered_on_first("start") or "",
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows, cells)


def find_clues(seat: Seat, text: str) -> list[str]:
    """Clues that the text finds; all without text: the undecided first, by the day they came."""
    order = (Clue.outcome.is_null(False), Clue.received_on.desc(), Clue.id)
    return find(seat, Clue, "clue", text, order)


def clue_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of clues."""
    rows = rows_of(seat, Clue, ids)

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            clue_cell(seat, row, today(seat)),
            f"{row.party or ''} {row.description or ''}".strip(),
            row.received_on or "",
            label_of(row.unit),
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows, cells)


def summary(seat: Seat) -> str:
    """How many cases are in each stage."""
    count: Counter[str] = Counter()
    for at in damage.progresses(seat).values():
        count[at.condition if at.ended else at.stage] += 1
    parts = [f"{translate(stages.NAMES[name])} {count[name]}" for name in stages.STAGES if count[name]]
    parts += [
        f"{translate(stages.CONDITIONS[name])} {count[name]}"
        for name in ("closed", "terminated")
        if count[name]
    ]
    return " · ".join(parts) or _("No case yet. A clue becomes one.")


ROOM = Room(
    name="cases",
    title=N_("Cases"),
    listings=(
        Listing(
            "cases",
            N_("Cases"),
            "damage_case",
            (
                Column(N_("Stage"), 16),
                Column(N_("Case"), 0),
                Column(N_("Due"), 14),
                Column(N_("Unit"), 18, from_width=100),
                Column(N_("Started"), 10, from_width=110),
                Column(N_("Number"), 28, from_width=140),
            ),
            find_cases,
            case_lines,
            N_("No case yet: register a clue with n, check it, and start a case from it."),
        ),
        Listing(
            "clues",
            N_("Clues"),
            "clue",
            (
                Column(N_("State"), 16),
                Column(N_("Clue"), 0),
                Column(N_("Received"), 10),
                Column(N_("Unit"), 18, from_width=100),
                Column(N_("Number"), 28, from_width=130),
            ),
            find_clues,
            clue_lines,
            N_("No clue yet: register one with n, or press c on a finding of an inspection."),
        ),
        SITES,
    ),
    acts=(*ON_CLUES, *STEPPING, *IN_CASE, *COLLABORATION, *RESTORATION, *ENDING, *ON_SITES),
    sheets={
        "clue": clue_sheet,
        "damage_case": case_sheet,
        "site": site_sheet,
        **{kind: partial(part_sheet, kind=kind) for kind in PARTS},
        **COLLABORATION_SHEETS,
    },
    summary=summary,
)
