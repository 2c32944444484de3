"""What the supervision room says of one record."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.language import _
from models.oversight.rounds import queries, rules
from models.registry import keeping
from models.registry.days import today
from models.registry.queries import officer
from models.registry.units import label_of
from models.rooms import Cell, Fact, Section, Sheet, label

if TYPE_CHECKING:
    from models.store.seat import Seat


def problem_state(row: Any, notes: Any, on: date) -> Cell:
    """Where a problem stands, in the colour of its light."""
    words = label(rules.STATES, rules.state(row, notes, on))
    part = rules.light(row, notes, on)
    if part == "bad":
        return Cell(_("Past its term"), "bad")
    return Cell(words, part)


def complaint_cell(row: Any, on: date) -> Cell:
    """Where a complaint stands."""
    at = queries.complaint_state(row, on)
    if at == "overdue":
        return Cell(_("Overdue"), "bad")
    if at == "handling":
        last = rules.complaint_due(row)
        if last is None:
            return Cell(_("No day"), "bad")
        left = (last - on).days
        return Cell(_("In {days} d").format(days=left), "warn" if left <= 2 else "")
    return Cell(_("Published"), "good") if at == "published" else Cell(_("Dealt with"), "good")


def last_day(row: Any) -> str:
    """Last day for handling a complaint; empty where its slip bears no day to count from."""
    found = rules.complaint_due(row)
    return found.isoformat() if found is not None else ""


def round_cell(row: Any, on: date) -> Cell:
    """Whether a round is on the ground."""
    day = on.isoformat()
    if (row.began_on or "") > day:
        return Cell(_("Announced"), "quiet")
    if row.ended_on and row.ended_on < day:
        return Cell(_("Over"), "quiet")
    return Cell(_("On the ground"), "warn")


def _facts(*pairs: tuple[str, Any]) -> tuple[Fact, ...]:
    return tuple(Fact(words, str(value)) for words, value in pairs if value not in (None, ""))


def _state(row: Any, cell: Cell) -> Cell:
    return Cell(_("Withdrawn"), "bad") if row.voided is not None else cell


def _children(title: str, facts: list[Fact]) -> tuple[Section, ...]:
    return (Section(title, tuple(facts)),) if facts else ()


def _of_round(seat: Seat, row: Any) -> tuple[Fact, ...]:
    """The round; without a link where this notebook does not hold it."""
    held = keeping.row_of(seat, "round", row.round or "") is not None
    name = _("Round of inspection")
    return (Fact(name, row.round_name or "", kind="round" if held else "", id=row.round if held else ""),)


def round_sheet(seat: Seat, record_id: str) -> Sheet:
    """A round with its problems and complaints."""
    row, on = keeping.kept(seat, "round", record_id), today(seat)
    problems = queries.rectifications(seat, round_id=record_id)
    notes = queries.notes_of(seat, [each.id for each in problems])
    complaints = queries.complaints(seat, round_id=record_id)
    counts = queries.state_counts(seat, on, round_id=record_id)
    facts = _facts(
        (_("Level of the inspection"), label(rules.LEVELS, row.level)),
        (_("Batch"), row.batch),
        (_("First day"), row.began_on),
        (_("Last day"), row.ended_on),
        (_("Note"), row.note),
    )
    lines = []
    for each in problems:
        cell = problem_state(each, notes[each.id], on)
        lines.append(
            Fact(each.number or "", f"{cell.text} {each.problem or ''}", cell.part, "rectification", each.id)
        )
    slips = []
    for slip in complaints:
        cell = complaint_cell(slip, on)
        slips.append(
            Fact(
                slip.number or "",
                f"{cell.text} {slip.about or ''}",
                cell.part,
                "transferred_complaint",
                slip.id,
            )
        )
    tally = [Fact(label(rules.STATES, name), str(count)) for name, count in counts.items() if count]
    return Sheet(
        row.name or "",
        _state(row, round_cell(row, on)),
        (
            Section(_("Round of inspection"), facts),
            *_children(_("How far the problems are"), tally),
            *_children(_("Problems to rectify"), lines),
            *_children(_("Transferred complaints"), slips),
        ),
    )


def problem_sheet(seat: Seat, record_id: str) -> Sheet:
    """A problem with its plan, its notes and its acceptance."""
    row, on = keeping.kept(seat, "rectification", record_id), today(seat)
    notes = queries.notes_of(seat, [record_id])[record_id]
    plan = tuple(
        Fact(words, value) if (value := getattr(row, name)) else Fact(words, _("missing"), "warn")
        for name, words in ((name, label(rules.ELEMENTS, name)) for name, _title in rules.ELEMENTS)
    )
    told = [
        Fact(
            each.on or "",
            f"{label(rules.NOTES, each.kind)}: {each.text or ''}",
            {"returned": "warn", "completed": "strong"}.get(each.kind or "", ""),
            "rectification_note",
            each.id,
        )
        for each in notes
    ]
    end = _facts(
        (_("Reported as completed"), row.completed_on),
        (_("Accepted on"), row.accepted_on),
        (_("Accepted by"), row.accepted_by),
        (_("Opinion of the acceptance"), row.acceptance),
        (_("Signed off on"), row.signed_off_on),
        (_("Signed off by"), row.signed_off_by),
    )
    return Sheet(
        f"{row.number or ''} {row.problem or ''}".strip(),
        _state(row, problem_state(row, notes, on)),
        (
            Section(
                _("Problem to rectify"),
                (
                    *_of_round(seat, row),
                    *_facts(
                        (_("Unit that must act"), label_of(row.unit)),
                        (_("Problem handed over on"), row.found_on),
                        (_("Problem in full"), row.problem),
                        (_("Plan set going on"), row.begun_on),
                    ),
                ),
            ),
            Section(_("Plan of rectification"), plan),
            *_children(_("Work done"), told),
            *_children(_("Acceptance and signing off"), list(end)),
        ),
    )


def note_sheet(seat: Seat, record_id: str) -> Sheet:
    """A note on a problem."""
    row = keeping.kept(seat, "rectification_note", record_id)
    of = keeping.row_of(seat, "rectification", row.rectification or "")
    writer = officer(seat, row.person) if row.person else None
    facts = (
        *((Fact(_("Problem to rectify"), of.problem or "", kind="rectification", id=of.id),) if of else ()),
        *_facts(
            (_("Date"), row.on),
            (_("What it says"), row.text),
            (_("Term before"), row.term_on),
            (_("Noted by"), writer.name if writer is not None else None),
        ),
    )
    state = _state(row, Cell(row.on or "", "strong"))
    return Sheet(label(rules.NOTES, row.kind), state, (Section(label(rules.NOTES, row.kind), facts),))


def complaint_sheet(seat: Seat, record_id: str) -> Sheet:
    """A transferred complaint; who made it only for those who may read that."""
    row, on = keeping.kept(seat, "transferred_complaint", record_id), today(seat)
    handler = officer(seat, row.handler) if row.handler else None
    case = keeping.row_of(seat, "damage_case", row.case) if row.case else None
    basis, _mark = rules.due_basis(row)
    facts = (
        *_of_round(seat, row),
        *_facts(
            (_("Received on"), row.received_on),
            (_("How it came in"), label(rules.SOURCES, row.source)),
            (_("Unit"), label_of(row.unit)),
            (_("Where it happened"), row.place),
            (_("Matter"), label(rules.MATTERS, row.matter)),
            (_("About what"), row.about),
            (_("Handled by"), handler.name if handler is not None else None),
            (_("Last day to handle"), f"{last} ({basis})" if (last := last_day(row)) else _("No day")),
        ),
        *((Fact(_("Damage case"), case.title or "", kind="damage_case", id=case.id),) if case else ()),
    )
    end = _facts(
        (_("Dealt with on"), row.finished_on),
        (_("Outcome"), label(rules.RESULTS, row.result)),
        (_("What was found and done"), row.result_text),
        (_("Punished or called to account"), row.punished),
        (_("Published on"), row.published_on),
        (_("Link"), row.link),
    )
    return Sheet(
        f"{row.number or ''} {row.about or ''}".strip(),
        _state(row, complaint_cell(row, on)),
        (
            Section(_("Transferred complaint"), facts),
            *_children(_("Result of the complaint"), list(end)),
            Section(_("Who complained"), _reporter(seat, record_id)),
        ),
    )


def _reporter(seat: Seat, complaint_id: str) -> tuple[Fact, ...]:
    try:
        held = queries.reporter(seat, complaint_id)
    except RuleBroken:
        return (Fact(_("Who complained"), _("kept confidential"), "quiet"),)
    if held is None:
        return (Fact(_("Who complained"), _("not written down"), "quiet"),)
    return _facts(
        (_("Name"), held.name), (_("How to reach them"), held.contact), (_("In their words"), held.words)
    )
