"""The lists of the supervision room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from models.errors import RuleBroken
from models.language import N_
from models.oversight.rounds import queries, rules
from models.oversight.rounds.sheets import (
    complaint_cell,
    last_day,
    problem_state,
    round_cell,
    today_of,
    unit_name,
)
from models.oversight.rounds.tables import Rectification, Round, TransferredComplaint
from models.registry.typed import read_day
from models.rooms import Cell, Column, Line, Listing, label

if TYPE_CHECKING:
    from models.store.seat import Seat


def _find_rounds(seat: Seat, text: str) -> list[str]:
    return queries.found(seat, Round, "round", text, (Round.began_on.desc(), Round.id.desc()))


def _round_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, on = queries.rows_of(seat, Round, ids), today_of(seat)
    return [
        Line(
            each,
            (
                round_cell(row, on),
                Cell(row.name or "", "strong"),
                label(rules.LEVELS, row.level),
                Cell(row.began_on or "", "quiet"),
                Cell(row.ended_on or "", "quiet"),
                str(len(queries.rectifications(seat, round_id=each))),
                str(len(queries.complaints(seat, round_id=each))),
            ),
        )
        for each in ids
        if (row := rows.get(each)) is not None
    ]


def _find_problems(seat: Seat, text: str) -> list[str]:
    order = (Rectification.signed_off_on.is_null(False), Rectification.term_on, Rectification.number)
    return queries.found(seat, Rectification, "rectification", text, (*order, Rectification.id))


def _problem_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, on = queries.rows_of(seat, Rectification, ids), today_of(seat)
    notes = queries.notes_of(seat, ids)
    return [
        Line(
            each,
            (
                problem_state(row, notes[each], on),
                row.number or "",
                row.problem or "",
                unit_name(row.unit),
                Cell(row.term_on or "", "quiet"),
                Cell(row.acceptance_unit or "", "quiet"),
            ),
        )
        for each in ids
        if (row := rows.get(each)) is not None
    ]


def _find_complaints(seat: Seat, text: str) -> list[str]:
    table = TransferredComplaint
    order = (table.finished_on.is_null(False), table.received_on.desc(), table.number, table.id)
    return queries.found(seat, table, "transferred_complaint", text, order)


def _complaint_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, on = queries.rows_of(seat, TransferredComplaint, ids), today_of(seat)
    return [
        Line(
            each,
            (
                complaint_cell(row, on),
                row.number or "",
                row.about or "",
                unit_name(row.unit),
                Cell(last_day(row), "quiet"),
                label(rules.MATTERS, row.matter),
                Cell(row.received_on or "", "quiet"),
            ),
        )
        for each in ids
        if (row := rows.get(each)) is not None
    ]


def _find_daily(seat: Seat, text: str) -> list[str]:
    """The list of the day that was typed; of today for an empty text; searched in today's otherwise."""
    wanted, some = today_of(seat), None
    if text.strip():
        try:
            wanted = date.fromisoformat(read_day(text, "on"))
        except RuleBroken:
            some = set(_find_complaints(seat, text))
    rows = [each.row.id for each in queries.daily_list(seat, wanted)]
    return [each for each in dict.fromkeys(rows) if some is None or each in some]


def _daily_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, on = queries.rows_of(seat, TransferredComplaint, ids), today_of(seat)
    return [
        Line(
            each,
            (
                complaint_cell(row, on),
                row.number or "",
                row.about or "",
                Cell(row.received_on or "", "quiet"),
                Cell(last_day(row), "quiet"),
                Cell(row.finished_on or "", "quiet"),
                unit_name(row.unit),
            ),
        )
        for each in ids
        if (row := rows.get(each)) is not None
    ]


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
