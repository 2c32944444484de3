"""The lists of the supervision room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.language import N_
from models.listing import find, lines, rows_of
from models.oversight.rounds import queries, rules
from models.oversight.rounds.sheets import complaint_cell, last_day, problem_state, round_cell
from models.oversight.rounds.tables import Rectification, Round, TransferredComplaint
from models.registry.days import today
from models.registry.typed import read_day
from models.registry.units import label_of
from models.rooms import Cell, Column, Line, Listing, label

if TYPE_CHECKING:
    from models.store.seat import Seat


def _find_rounds(seat: Seat, text: str) -> list[str]:
    return find(seat, Round, "round", text, (Round.began_on.desc(), Round.id.desc()))


def _round_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, on = rows_of(seat, Round, ids), today(seat)

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            round_cell(row, on),
            Cell(row.name or "", "strong"),
            label(rules.LEVELS, row.level),
            Cell(row.began_on or "", "quiet"),
            Cell(row.ended_on or "", "quiet"),
            str(len(queries.rectifications(seat, round_id=row.id))),
            str(len(queries.complaints(seat, round_id=row.id))),
        )

    return lines(ids, rows, cells)


def _find_problems(seat: Seat, text: str) -> list[str]:
    order = (Rectification.signed_off_on.is_null(False), Rectification.term_on, Rectification.number)
    return find(seat, Rectification, "rectification", text, (*order, Rectification.id))


def _problem_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, on = rows_of(seat, Rectification, ids), today(seat)
    notes = queries.notes_of(seat, ids)

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            problem_state(row, notes[row.id], on),
            row.number or "",
            row.problem or "",
            label_of(row.unit),
            Cell(row.term_on or "", "quiet"),
            Cell(row.acceptance_unit or "", "quiet"),
        )

    return lines(ids, rows, cells)


def _find_complaints(seat: Seat, text: str) -> list[str]:
    table = TransferredComplaint
    order = (table.finished_on.is_null(False), table.received_on.desc(), table.number, table.id)
    return find(seat, table, "transferred_complaint", text, order)


def _complaint_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, on = rows_of(seat, TransferredComplaint, ids), today(seat)

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            complaint_cell(row, on),
            row.number or "",
            row.about or "",
            label_of(row.unit),
            Cell(last_day(row), "quiet"),
            label(rules.MATTERS, row.matter),
            Cell(row.received_on or "", "quiet"),
        )

    return lines(ids, rows, cells)


def _find_daily(seat: Seat, text: str) -> list[str]:
    """The list of the day that was typed; of today for an empty text; searched in today's otherwise."""
    wanted, some = today(seat), None
    if text.strip():
        try:
            wanted = date.fromisoformat(read_day(text, "on"))
        except RuleBroken:
            some = set(_find_complaints(seat, text))
    rows = [each.row.id for each in queries.daily_list(seat, wanted)]
    return [each for each in dict.fromkeys(rows) if some is None or each in some]


def _daily_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, on = rows_of(seat, TransferredComplaint, ids), today(seat)

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            complaint_cell(row, on),
            row.number or "",
            row.about or "",
            Cell(row.received_on or "", "quiet"),
            Cell(last_day(row), "quiet"),
            Cell(row.finished_on or "", "quiet"),
            label_of(row.unit),
        )

    return lines(ids, rows, cells)


LISTINGS = (
    Listing(
        "rounds",
        N_("Rounds of inspection"),
        "round",
        (
            Column(N_("State"), 8),
            Column(N_("Round of inspection"), 0),
            Column(N_("Level of the inspection"), 10, from_width=72),
            Column(N_("First day"), 10),
            Column(N_("Last day"), 10, from_width=84),
            Column(N_("Problems"), 6, right=True),
            Column(N_("Slips"), 6, right=True),
        ),
        _find_rounds,
        _round_lines,
        N_("No round yet. Open one when it is announced; its problems and complaints come under it."),
    ),
    Listing(
        "rectifications",
        N_("Problems to rectify"),
        "rectification",
        (
            Column(N_("State"), 10),
            Column(N_("Number"), 6),
            Column(N_("Problem in full"), 0),
            Column(N_("Unit that must act"), 14, from_width=64),
            Column(N_("Term of the rectification"), 10),
            Column(N_("Unit that accepts it"), 20, from_width=110),
        ),
        _find_problems,
        _problem_lines,
        N_("No problem yet. Add what a round handed over, with the unit that must act."),
    ),
    Listing(
        "complaints",
        N_("Transferred complaints"),
        "transferred_complaint",
        (
            Column(N_("State"), 8),
            Column(N_("Number on the slip"), 12),
            Column(N_("About what"), 0),
            Column(N_("Unit"), 12, from_width=64),
            Column(N_("Last day to handle"), 10),
            Column(N_("Matter"), 6, from_width=84),
            Column(N_("Received on"), 10, from_width=100),
        ),
        _find_complaints,
        _complaint_lines,
        N_("No transferred complaint yet. Register each slip on the day that it comes."),
    ),
    Listing(
        "daily",
        N_("Daily list"),
        "transferred_complaint",
        (
            Column(N_("State"), 8),
            Column(N_("Number on the slip"), 12),
            Column(N_("About what"), 0),
            Column(N_("Received on"), 10, from_width=72),
            Column(N_("Last day to handle"), 10),
            Column(N_("Dealt with on"), 10, from_width=84),
            Column(N_("Unit"), 12, from_width=100),
        ),
        _find_daily,
        _daily_lines,
        N_("Nothing was received, due, overdue or finished that day. Type a date for another day."),
    ),
)
