"""What screens and other areas ask about penalty cases, their screenings and hand-overs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from models.cases.damage import queries as damage
from models.cases.damage.lacks import Lack
from models.cases.damage.tables import Clue, DamageCase
from models.cases.penalty import rules
from models.cases.penalty.tables import Handover, PenaltyCase, Reminder, Screening
from models.errors import BadInput
from models.inspections import queries as inspections
from models.inspections import terms
from models.inspections.tables import Finding, Inspection, Measurement
from models.language import _
from models.law.deadlines import limit
from models.law.due import Due
from models.law.parameters import parameter
from models.listing import matching
from models.registry.days import local
from models.registry.rules import tidy_code, tidy_text
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

_DAY_MS = 86_400_000
_SOME = 500
"""Ids in one query; SQLite takes some thousand variables at most."""


def penalty_case(seat: Seat, case_id: str) -> PenaltyCase | None:
    """One penalty case; None where there is none."""
    with seat:
        return by_id(PenaltyCase, case_id)


def by_number(seat: Seat, number: str) -> PenaltyCase | None:
    """The case of a number, one that stands before one that was withdrawn; None where there is none."""
    with seat:
        rows = list(PenaltyCase.select().where(PenaltyCase.number == tidy_text(number)))
    rows.sort(key=lambda row: (row.voided is not None, row.id))
    return rows[0] if rows else None


def cases(seat: Seat, text: str = "") -> list[PenaltyCase]:
    """Penalty cases by number, words, party or pinyin initials; all for an empty text, the latest first."""
    with seat:
        rows = PenaltyCase.select().where(PenaltyCase.voided.is_null())
        if text.strip():
            rows = rows.where(PenaltyCase.id.in_(matching(seat, text, "penalty_case")))
        found = list(rows)
    found.sort(key=lambda row: (row.filed_on or row.found_on or "", row.id), reverse=True)
    return found


def screenings_of(seat: Seat, case_id: str) -> list[Screening]:
    """The screenings of a case, the earliest first."""
    with seat:
        rows = Screening.select().where(Screening.penalty_case == case_id, Screening.voided.is_null())
        return list(rows.order_by(Screening.on, Screening.id))


def screening_of(seat: Seat, case_id: str, as_of: date | None = None) -> Screening | None:
    """The screening that counts, the latest made by the day; None where there is none."""
    last = as_of.isoformat() if as_of else "9999-12-31"
    found = [row for row in screenings_of(seat, case_id) if (row.on or "") <= last]
    return found[-1] if found else None


def screened(seat: Seat, as_of: date | None = None) -> dict[str, Screening]:
    """The screening that counts of every case that has one by the day, by case."""
    with seat:
        rows = Screening.select().where(Screening.voided.is_null())
        if as_of is not None:
            rows = rows.where(Screening.on <= as_of.isoformat())
        return {str(row.penalty_case): row for row in rows.order_by(Screening.on, Screening.id)}


def unscreened(seat: Seat, as_of: date) -> list[PenaltyCase]:
    """Cases that were on file by the day and had no screening at its end, the oldest first (R035).

    None before the city demanded it, and none that were closed before.
    """
    day = as_of.isoformat()
    if not rules.screening_required(day):
        return []
    with seat:
        rows = list(
            PenaltyCase.select()
            .where(PenaltyCase.voided.is_null(), PenaltyCase.filed_on <= day)
            .order_by(PenaltyCase.filed_on, PenaltyCase.id)
        )
    done = screened(seat, as_of)
    return [
        row
        for row in rows
        if row.id not in done and not (row.closed_on and not rules.screening_required(row.closed_on))
    ]


def handovers_of(seat: Seat, case_id: str) -> list[Handover]:
    """The hand-overs of a case, the earliest first."""
    with seat:
        rows = Handover.select().where(Handover.penalty_case == case_id, Handover.voided.is_null())
        return list(rows.order_by(Handover.sent_on, Handover.id))


def not_received(seat: Seat, as_of: date) -> list[Handover]:
    """Hand-overs sent by the day that nobody had signed for at its end, the oldest first (未签收清单)."""
    day = as_of.isoformat()
    with seat:
        rows = Handover.select().where(
            Handover.voided.is_null(),
            Handover.sent_on <= day,
            Handover.received_on.is_null() | (Handover.received_on > day),
        )
        return list(rows.order_by(Handover.sent_on, Handover.id))


def handovers(seat: Seat) -> list[Handover]:
    """All hand-overs, the latest first."""
    with seat:
        rows = Handover.select().where(Handover.voided.is_null())
        return list(rows.order_by(Handover.sent_on.desc(), Handover.id.desc()))


def reminders_of(seat: Seat, handover_id: str) -> list[Reminder]:
    """The reminders of a hand-over, the earliest first."""
    with seat:
        rows = Reminder.select().where(Reminder.handover == handover_id, Reminder.voided.is_null())
        return list(rows.order_by(Reminder.on, Reminder.id))


def clues_of(seat: Seat, case_id: str) -> list[Clue]:
    """The standing clues that came from a case, the earliest first."""
    return damage.clues_of(seat, penalty_case=case_id)


def damage_cases_of(seat: Seat, case_id: str) -> list[DamageCase]:
    """The damage cases beside a penalty case: named in them, or by way of their clue."""
    by_clue = [row.id for row in clues_of(seat, case_id)]
    with seat:
        linked = DamageCase.penalty_case == case_id
        if by_clue:
            linked = linked | DamageCase.clue.in_(by_clue)
        rows = DamageCase.select().where(DamageCase.voided.is_null(), linked)
        return list(rows.order_by(DamageCase.id))


def consultation_done_on(seat: Seat, case_id: str) -> str | None:
    """The day on which the last of its damage cases had a signed agreement; None while one has none.

    Damage cases that were terminated do not count; an agreement that a case went back behind does not either,
    and one that it went back to keeps the day on which it was signed.
    """
    days = []
    for row in damage_cases_of(seat, case_id):
        at = damage.progress_of(seat, row.id)
        if at.condition == "terminated":
            continue
        signed = at.agreed_on if at.agreed else ""
        if not signed:
            return None
        days.append(signed)
    return max(days, default=None)


def leniency_of(seat: Seat, case_id: str) -> rules.Leniency:
    """Whether leniency may be considered in a case, by its damage cases (R036); it changes nothing.

    Raises:
        KeyError: there is no such case.
    """
    row = penalty_case(seat, case_id)
    if row is None:
        raise KeyError(case_id)
    return rules.leniency(row, consultation_done_on(seat, case_id))


def repeat_violation(
    seat: Seat, party: str, before: date, years: int, *, other_than: str = "", name: str = ""
) -> bool:
    """Whether the party had a penalty decided within that many years before the day.

    Earlier cases may hold only one of the two: each that bears the code or the name counts.

    Args:
        party: credit code or citizen number, or the party's name.
        other_than: record id of a penalty case that does not count, being the present one.
        name: the party's name beside its code.
    """
    names = {found for each in (party, name) if (found := tidy_text(each))}
    code = tidy_code(party)
    if not names:
        return False
    same = PenaltyCase.party.in_(names)
    if code:
        same = same | (PenaltyCase.party_code == code)
    with seat:
        rows = list(
            PenaltyCase.select(PenaltyCase.decided_on).where(
                PenaltyCase.voided.is_null(),
                PenaltyCase.id != other_than,
                PenaltyCase.outcome == "penalty",
                same,
            )
        )
    return any(rules.repeats(row.decided_on, before, years) for row in rows)


def check_due(seat: Seat, clue_id: str) -> date | None:
    """By when the unit that a clue was handed to checks it (核查截止日); None for a clue of no hand-over.

    The day that the letter of the latest hand-over sets, else by the limit from its receipt or sending.
    """
    with seat:
        rows = Handover.select().where(Handover.clue == clue_id, Handover.voided.is_null())
        last = rows.order_by(Handover.sent_on.desc(), Handover.id.desc()).first()
    return rules.check_due(last) if last is not None else None


def dues_of(seat: Seat, case_id: str) -> list[Due]:
    """The time limits that run in one case and in its hand-overs, the nearest first."""
    row = penalty_case(seat, case_id)
    if row is None or row.voided:
        return []
    found = [*rules.deadlines(row).dues, *_receipts(handovers_of(seat, case_id))]
    return sorted(found, key=lambda each: each.due_on)


def dues(seat: Seat) -> list[Due]:
    """The running time limits of all penalty cases and hand-overs, the nearest first."""
    with seat:
        rows = list(PenaltyCase.select().where(PenaltyCase.voided.is_null(), PenaltyCase.closed_on.is_null()))
        open_ones = list(Handover.select().where(Handover.voided.is_null(), Handover.received_on.is_null()))
    found = [each for row in rows for each in rules.deadlines(row).dues]
    return sorted(
        [*found, *_receipts(open_ones), *unfiled(seat)], key=lambda each: (each.due_on, each.record)
    )


def _days(key: str, on: date) -> int:
    """A parameter in days on a day; none where no version is in force."""
    found = parameter(key, on)
    return found.value if found is not None else 0


def unfiled(seat: Seat) -> list[Due]:
    """By when it is decided whether a case is opened on what an inspection found (V20), the nearest first.

    Of inspections with a finding or a value over its limit and without a penalty case; one that is not filed
    counts, too. What nobody decided is told for some days after its limit (`filing_told_days`).
    """
    now = seat.clock.wall_ms()
    told_days, look_back = (
        _days(key, local(now).date()) for key in ("filing_told_days", "filing_look_back_days")
    )
    with seat:
        lately = (
            Inspection.voided.is_null(),
            Inspection.began_at > now - look_back * _DAY_MS,
            Inspection.began_at <= now,
        )
        taken = PenaltyCase.select(PenaltyCase.inspection).where(
            PenaltyCase.voided.is_null(), PenaltyCase.inspection.is_null(False)
        )
        wrong = [
            Finding.select(Finding.inspection).where(Finding.voided.is_null()),
            Measurement.select(Measurement.inspection).where(
                Measurement.voided.is_null(), Measurement.verdict == "over"
            ),
        ]
        shown = Inspection.id.in_(wrong[0]) | Inspection.id.in_(wrong[1])
        rows = list(Inspection.select().where(*lately, shown, Inspection.id.not_in(taken)))
    found = []
    for row in rows:
        day = inspections.day_of(row)
        rule = limit("case_filing", day)
        try:
            end = terms.filing(day)
        except BadInput:  # a year without calendar: the inspection stays in the list of inspections
            continue
        if rule is None or (local(now).date() - end.due_on).days > told_days:
            continue
        about = f"{row.number or ''} {row.site_name or ''}".strip()
        found.append(
            Due("case_filing", "inspection", row.id, about, rule.title, end.due_on, end.basis, end.mark)
        )
    return sorted(found, key=lambda each: (each.due_on, each.record))


def _receipts(rows: list[Handover]) -> list[Due]:
    found = []
    for row in rows:
        try:
            one = rules.receipt_due(row)
        except BadInput:  # a year without calendar: the hand-over stays in the list of those not received
            continue
        if one is not None:
            found.append(one)
    return found


def lacking(seat: Seat, case_id: str) -> list[Lack]:
    """What the penalty case beside a damage case still lacks; never in the way of the damage case's steps."""
    with seat:
        case = by_id(DamageCase, case_id)
        clue = by_id(Clue, case.clue) if case is not None and case.clue else None
    penalty = (case.penalty_case if case is not None else None) or (
        clue.penalty_case if clue is not None else None
    )
    row = penalty_case(seat, penalty) if penalty else None
    if row is None or row.voided:
        return []
    found = []
    screening = screening_of(seat, row.id)
    if screening is None or screening.result != "start":
        found.append(
            Lack(
                f"screening:{row.id}",
                _("Penalty case {number} carries no screening that starts compensation. Screen it.").format(
                    number=row.number
                ),
                rules.screening_required(row.filed_on or row.found_on or "9999-12-31"),
                blocking=False,
            )
        )
    return found
