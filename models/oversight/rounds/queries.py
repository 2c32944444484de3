"""What screens and reports ask of routine inspections, as of any day by legal date."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from peewee import chunked

from models.errors import RuleBroken
from models.language import N_, _
from models.law.due import Due, day_or_none
from models.oversight.rounds import rules
from models.oversight.rounds.tables import (
    Rectification,
    RectificationNote,
    Round,
    TransferredComplaint,
    TransferredReporter,
)
from models.registry import queries as registry
from models.registry.rules import guarded_cell
from models.registry.units import label_of
from models.rooms import Choices, label

if TYPE_CHECKING:
    from models.store.seat import Seat

_SOME = 500
GROUPS: Choices = (
    ("received", N_("Received today")),
    ("due", N_("Due today")),
    ("overdue", N_("Overdue")),
    ("finished", N_("Finished today")),
)
"""The groups of the daily list, in their order; a complaint may stand in several."""


@dataclass(frozen=True, slots=True)
class DailyRow:
    """A line of the daily list."""

    group: str
    """One of `GROUPS`."""
    row: TransferredComplaint
    due_on: date | None
    """None where its slip bears no day that could be counted from."""


def running(seat: Seat, on: date) -> list[Round]:
    """The rounds that were on the ground on a day, their first and last day included (R082)."""
    day = on.isoformat()
    with seat:
        rows = Round.select().where(
            Round.voided.is_null(),
            Round.began_on <= day,
            Round.ended_on.is_null() | (Round.ended_on >= day),
        )
        return list(rows.order_by(Round.began_on, Round.id))


def rectifications(seat: Seat, *, round_id: str = "", unit: str = "") -> list[Rectification]:
    """Problems to rectify, of one round or unit or all, by number."""
    wanted = [Rectification.voided.is_null()]
    if round_id:
        wanted.append(Rectification.round == round_id)
    if unit:
        wanted.append(Rectification.unit == unit)
    with seat:
        rows = Rectification.select().where(*wanted)
        return list(rows.order_by(Rectification.round, Rectification.number, Rectification.id))


def notes_of(seat: Seat, ids: Iterable[str]) -> dict[str, list[RectificationNote]]:
    """The standing notes of some problems, by problem, in the order of their days."""
    found: dict[str, list[RectificationNote]] = defaultdict(list)
    with seat:
        for some in chunked(ids, _SOME):
            rows = RectificationNote.select().where(
                RectificationNote.rectification.in_(list(some)), RectificationNote.voided.is_null()
            )
            for row in rows:
                found[row.rectification or ""].append(row)
    for notes in found.values():
        notes.sort(key=lambda row: (row.on or "", row.id))
    return found


def state_of(seat: Seat, row: Rectification, as_of: date) -> str:
    """Where a problem stood at the end of a day."""
    return rules.state(row, notes_of(seat, [row.id])[row.id], as_of)


def state_counts(seat: Seat, as_of: date, *, round_id: str = "") -> dict[str, int]:
    """How many problems that were handed over by a day stood in each state; every state is there."""
    rows = [
        row
        for row in rectifications(seat, round_id=round_id)
        if (row.found_on or row.begun_on or "") <= as_of.isoformat()
    ]
    notes = notes_of(seat, [row.id for row in rows])
    counted = Counter(rules.state(row, notes[row.id], as_of) for row in rows)
    return {name: counted[name] for name, _words in rules.STATES}


def complaints(seat: Seat, *, round_id: str = "", as_of: date = date.max) -> list[TransferredComplaint]:
    """Transferred complaints that were received by a day, by day of receipt and number."""
    wanted = [
        TransferredComplaint.voided.is_null(),
        TransferredComplaint.received_on <= as_of.isoformat(),
    ]
    if round_id:
        wanted.append(TransferredComplaint.round == round_id)
    with seat:
        rows = TransferredComplaint.select().where(*wanted)
        return list(
            rows.order_by(
                TransferredComplaint.received_on, TransferredComplaint.number, TransferredComplaint.id
            )
        )


def complaint_state(row: TransferredComplaint, as_of: date) -> str:
    """Where a complaint stood at the end of a day: "published", "finished", "overdue" or "handling"."""
    day = as_of.isoformat()
    if row.published_on and row.published_on <= day:
        return "published"
    if row.finished_on and row.finished_on <= day:
        return "finished"
    last = rules.complaint_due(row)
    return "overdue" if last is not None and last < as_of else "handling"


def daily_list(seat: Seat, on: date) -> list[DailyRow]:
    """日清单: what was received, due, overdue and finished that day, group by group (R083)."""
    day = on.isoformat()
    rows = [(row, rules.complaint_due(row)) for row in complaints(seat, as_of=on)]
    groups = {
        "received": [each for each in rows if each[0].received_on == day],
        "due": [each for each in rows if each[1] == on and rules.open_at_start(each[0], on)],
        "overdue": [
            each for each in rows if each[1] is not None and each[1] < on and rules.open_at_end(each[0], on)
        ],
        "finished": [each for each in rows if each[0].finished_on == day],
    }
    return [DailyRow(group, row, due_on) for group, found in groups.items() for row, due_on in found]


def daily_csv(seat: Seat, on: date) -> str:
    """The daily list as CSV in the reader's language; who complained is not in it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [
            _("List of {day}").format(day=on.isoformat()),
            _("Number"),
            _("Round of inspection"),
            _("Unit"),
            _("Matter"),
            _("About what"),
            _("Received on"),
            _("Last day to handle"),
            _("Dealt with on"),
            _("Outcome"),
        ]
    )
    for each in daily_list(seat, on):
        row = each.row
        cells = (
            label(GROUPS, each.group),
            row.number,
            row.round_name,
            label_of(row.unit),
            label(rules.MATTERS, row.matter),
            row.about,
            row.received_on,
            each.due_on.isoformat() if each.due_on is not None else "",
            row.finished_on if row.finished_on and row.finished_on <= on.isoformat() else "",
            label(rules.RESULTS, row.result) if row.finished_on and row.finished_on <= on.isoformat() else "",
        )
        writer.writerow([guarded_cell(cell or "") for cell in cells])
    return out.getvalue()


def reporter(seat: Seat, complaint_id: str) -> TransferredReporter | None:
    """Who made a transferred complaint: for named roles, and for who wrote it down.

    Raises:
        RuleBroken: for anyone else (生态环境法典 arts. 51, 146).
    """
    with seat:
        row: TransferredReporter | None = TransferredReporter.get_or_none(
            TransferredReporter.of == complaint_id, TransferredReporter.voided.is_null()
        )
    if row is None or row.made_by == seat.person or registry.may(seat, "see_complainant"):
        return row
    raise RuleBroken(
        N_("Who reported this is confidential. A head or a legal reviewer may see it."),
        field="reporter",
        basis="《生态环境法典》第五十一条、第一百四十六条",
    )


def has_reporter(seat: Seat, complaint_id: str) -> bool:
    """Whether it is written down who complained; says nothing of who."""
    with seat:
        rows = TransferredReporter.select().where(
            TransferredReporter.of == complaint_id, TransferredReporter.voided.is_null()
        )
        return bool(rows.exists())


def dues(seat: Seat) -> list[Due]:
    """The terms of problems being rectified and the last days of complaints being handled."""
    rows = [row for row in rectifications(seat) if row.begun_on]
    notes = notes_of(seat, [row.id for row in rows])
    found = [
        _term(row, last)
        for row in rows
        if (last := day_or_none(row.term_on)) is not None
        and rules.state(row, notes[row.id], date.max) == "going"
    ]
    for each in complaints(seat):
        if not each.finished_on and (due_on := rules.complaint_due(each)) is not None:
            basis, mark = rules.due_basis(each)
            found.append(
                Due(
                    rules.COMPLAINT_LIMIT,
                    "transferred_complaint",
                    each.id,
                    f"{each.number or ''} {each.about or ''}".strip(),
                    _("Finish the transferred complaint"),
                    due_on,
                    basis,
                    mark,
                )
            )
    return found


def _term(row: Rectification, last: date) -> Due:
    begun = day_or_none(row.begun_on)
    basis, mark = rules.elements_basis(begun) if begun is not None else ("", "")
    return Due(
        "rectification",
        "rectification",
        row.id,
        f"{row.number or ''} {row.problem or ''}".strip(),
        _("Complete the rectification"),
        last,
        basis,
        mark,
    )
