"""What the lists and sheets of penalty cases say, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from models.cases.damage import clues
from models.cases.damage import queries as damage
from models.cases.damage.stages import CONDITIONS, stage
from models.cases.penalty import queries, rules
from models.cases.penalty.tables import Handover, PenaltyCase, Reminder, Screening
from models.errors import RuleBroken
from models.language import N_, _, translate
from models.law.due import day_or_none
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import today
from models.registry.rules import is_resident_id
from models.registry.typed import yuan
from models.registry.units import label_of
from models.rooms import Cell, Fact, Line, Section, Sheet

if TYPE_CHECKING:
    from models.store.seat import Seat

Row = TypeVar("Row")
_SHORT = {"start": N_("Start"), "not_start": N_("No start"), "not_applicable": N_("No damage")}
_SOON = 5
"""Days before its end from which a time limit is shown as a warning."""
_COURSE = (
    ("monitoring_report_on", ""),
    ("correction_served_on", "correction_number"),
    ("reviewed_on", ""),
    ("notice_served_on", "notice_number"),
    ("waived_on", ""),
    ("hearing_asked_on", ""),
    ("hearing_told_on", ""),
    ("hearing_on", ""),
    ("decided_on", "decision_number"),
    ("decision_served_on", ""),
    ("paid_on", ""),
    ("closed_on", ""),
)
"""Days of the course of a case, each with the field of its paper's number."""


def find_cases(seat: Seat, text: str) -> list[str]:
    """All penalty cases, the latest first."""
    return [row.id for row in queries.cases(seat, text)]


def find_unscreened(seat: Seat, text: str) -> list[str]:
    """Cases on file without a screening, the oldest first."""
    rows = queries.unscreened(seat, today(seat))
    return [row.id for row in rows if _has(text, row.number, row.title, row.party)]


def find_not_received(seat: Seat, text: str) -> list[str]:
    """Hand-overs that nobody has signed for, the oldest first."""
    rows = queries.not_received(seat, today(seat))
    return [row.id for row in rows if _has(text, row.letter_number, row.party, label_of(row.to_unit))]


def case_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Party, state, screening, nearest time limit, day of filing, title and number."""
    done, now = queries.screened(seat), today(seat)
    found = []
    for row in _rows(seat, ids):
        screening = done.get(row.id)
        known = rules.state(row)
        nearest = next(iter(rules.deadlines(row).dues), None)
        found.append(
            Line(
                row.id,
                (
                    Cell(row.party or "", "strong"),
                    Cell(translate(rules.STATES[known]), "quiet" if known == "closed" else ""),
                    Cell(_word(_SHORT, screening.result))
                    if screening is not None and screening.result in _SHORT
                    else Cell(_("Not screened"), "bad"),
                    Cell(nearest.due_on.isoformat(), _urgency(nearest.days_left(now))) if nearest else "",
                    row.filed_on or "",
                    row.title or "",
                    Cell(row.number or "", "quiet"),
                ),
            )
        )
    return found


def unscreened_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Day of filing, party, days since then, title and number."""
    now = today(seat)
    return [
        Line(
            row.id,
            (
                row.filed_on or "",
                Cell(row.party or "", "strong"),
                Cell(_days_since(row.filed_on, now), "warn"),
                row.title or "",
                Cell(row.number or "", "quiet"),
            ),
        )
        for row in _rows(seat, ids)
    ]


def handover_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Day of sending, receiving unit, party, days since then, reminders and letter."""
    now = today(seat)
    found = []
    for each in ids:
        row: Handover | None = keeping.row_of(seat, "handover", each)
        if row is None:
            continue
        found.append(
            Line(
                row.id,
                (
                    row.sent_on or "",
                    Cell(label_of(row.to_unit), "strong"),
                    row.party or "",
                    Cell(_days_since(row.sent_on, now), "warn"),
                    str(len(queries.reminders_of(seat, row.id))),
                    Cell(row.letter_number or "", "quiet"),
                ),
            )
        )
    return found


def summary(seat: Seat) -> str:
    """How many cases run, how many are not screened, how many hand-overs wait."""
    now = today(seat)
    running = sum(1 for row in queries.cases(seat) if row.filed_on and not row.closed_on)
    return _("{running} running · {unscreened} without screening · {waiting} hand-overs not received").format(
        running=running,
        unscreened=len(queries.unscreened(seat, now)),
        waiting=len(queries.not_received(seat, now)),
    )


def case_sheet(seat: Seat, case_id: str) -> Sheet:
    """A penalty case with its course, its time limits and the damage cases beside it.

    Raises:
        RuleBroken: there is no such case.
    """
    row = _need(queries.penalty_case(seat, case_id))
    sections = (
        _case_section(seat, row),
        Section(
            _("Violation"),
            _facts(
                *((translate(rules.DAYS[name]), getattr(row, name)) for name in _VIOLATION_DAYS),
                (_("Grave violation: limitation of five years"), _("Yes") if row.grave else None),
                (_("What was done"), row.act),
                (_("Provision violated"), row.violated),
                (_("Opinion of the officers"), row.opinion),
            ),
        ),
        _course_section(row),
        _decision_section(row),
        _limits_section(seat, row),
        _compensation_section(seat, row),
    )
    known = rules.state(row)
    state = Cell(translate(rules.STATES[known]), "quiet" if known == "closed" else "strong")
    return Sheet(
        f"{row.title or ''} {row.party or ''}".strip() or str(row.number),
        _withdrawn(row) or state,
        tuple(section for section in sections if section.facts),
    )


_VIOLATION_DAYS = ("occurred_on", "ended_on", "found_on")


def _case_section(seat: Seat, row: PenaltyCase) -> Section:
    facts = list(
        _facts(
            (_("Case number"), row.number),
            (_("Cause of the case"), row.title),
            (_("Handling unit"), label_of(row.unit)),
            (_("Party to the case"), row.party),
            (_("Credit code or citizen number"), row.party_code),
            (_("Legal representative"), row.party_person),
            (_("Address"), row.party_address),
            (_("Phone"), row.party_phone),
            (_("Source of the case"), _word(rules.SOURCES, row.source)),
        )
    )
    site = registry.site(seat, row.site) if row.site else None
    if site is not None:
        facts.append(Fact(_("Site"), site.name or "", kind="site", id=site.id))
    if row.inspection:
        visit = keeping.row_of(seat, "inspection", row.inspection)
        number = visit.number if visit is not None else row.inspection
        facts.append(Fact(_("Came from the inspection"), str(number), kind="inspection", id=row.inspection))
    for label, person in ((_("First officer"), row.lead_officer), (_("Second officer"), row.helper_officer)):
        officer = registry.officer(seat, person) if person else None
        if officer is not None:
            facts.append(Fact(label, officer.name or ""))
    facts += _facts((_word(rules.DAYS, "filed_on"), row.filed_on), (_("Steps withdrawn"), row.taken_back))
    return Section(_("Penalty case"), tuple(facts))


def _course_section(row: PenaltyCase) -> Section:
    pairs = []
    for name, number in _COURSE:
        day = getattr(row, name)
        paper = getattr(row, number) if number else None
        if day or paper:
            pairs.append((translate(rules.DAYS[name]), "  ".join(each for each in (day, paper) if each)))
    if row.excluded_days or row.extended_days:
        words = _("days not counted {excluded}, days extended {extended}: {reason}").format(
            excluded=row.excluded_days or 0, extended=row.extended_days or 0, reason=row.excluded_reason or ""
        )
        pairs.append((_("Time for the decision"), words))
    return Section(_("Course"), _facts(*pairs))


def _decision_section(row: PenaltyCase) -> Section:
    return Section(
        _("Penalty decision"),
        _facts(
            (_("Outcome of the case"), _word(rules.OUTCOMES, row.outcome)),
            (_("What is imposed"), row.measures),
            (_("Why no penalty"), row.decision_note),
            (_("Fine, yuan"), None if row.fine_cents is None else yuan(row.fine_cents)),
            (_("Procedure"), _procedure(row)),
            (_("Confiscated, yuan"), None if row.confiscated_cents is None else yuan(row.confiscated_cents)),
            (_("Closed without payment"), row.close_note),
        ),
    )


def _procedure(row: PenaltyCase) -> str | None:
    """Whether the fine would lie within the summary procedure (V22); None where there is none."""
    day = day_or_none(row.decided_on)
    if row.fine_cents is None or day is None:
        return None
    citizen = is_resident_id(row.party_code or "")
    if rules.summary_allowed(row.fine_cents, unit=not citizen, on=day):
        return _("The fine lies within the summary procedure.")
    return _("Ordinary procedure: the fine is beyond the summary one.")


def _limits_section(seat: Seat, row: PenaltyCase) -> Section:
    now, found = today(seat), rules.deadlines(row)
    facts = []
    daily = rules.daily_fines_from(row)
    if daily is not None and not row.reviewed_on and not row.closed_on:
        facts.append(Fact(_("Daily fines, if correction is refused"), _("from {day}").format(day=daily)))
    for each in found.dues:
        left = each.days_left(now)
        words = _("{day}, days left: {left}") if left >= 0 else _("{day}, days late: {late}")
        value = words.format(day=each.due_on.isoformat(), left=left, late=-left)
        facts.append(Fact(each.what, f"{value}  {each.basis}", _urgency(left)))
    facts += [Fact(_("Not counted"), words, "warn") for words in found.refused]
    return Section(_("Time limits"), tuple(facts))


def _compensation_section(seat: Seat, row: PenaltyCase) -> Section:
    facts = []
    for each in queries.screenings_of(seat, row.id):
        words = f"{each.on or ''}  {_word(rules.RESULTS, each.result)}"
        facts.append(Fact(_("Compensation screening"), words, kind="screening", id=each.id))
    if not facts:
        facts.append(Fact(_("Compensation screening"), _("Not screened"), "bad"))
    for clue in queries.clues_of(seat, row.id):
        words = f"{clue.number or ''}  {label_of(clue.unit)}"
        facts.append(Fact(_("Clue"), words, kind="clue", id=clue.id))
    for case in queries.damage_cases_of(seat, row.id):
        at = damage.progress_of(seat, case.id)
        where = stage(at.stage).label if at.started else ""
        if at.condition != "open":
            where = translate(CONDITIONS[at.condition])
        words = f"{case.title or case.number or ''}  {where}".strip()
        facts.append(Fact(_("Compensation case"), words, kind="damage_case", id=case.id))
    for handover in queries.handovers_of(seat, row.id):
        got = handover.received_on or _("not received")
        words = f"{handover.sent_on or ''} → {label_of(handover.to_unit)}: {got}"
        part = "" if handover.received_on else "warn"
        facts.append(Fact(_("Hand-over"), words, part, kind="handover", id=handover.id))
    lenient = rules.leniency(row, queries.consultation_done_on(seat, row.id))
    if lenient.suggested:
        facts.append(Fact(_("Leniency may be considered"), f"{lenient.reason} {lenient.basis}", "good"))
    else:
        facts.append(Fact(_("Leniency"), lenient.reason, "quiet"))
    return Section(_("Compensation beside the penalty"), tuple(facts))


def screening_sheet(seat: Seat, screening_id: str) -> Sheet:
    """One screening.

    Raises:
        RuleBroken: there is no such screening.
    """
    row: Screening = _need(keeping.row_of(seat, "screening", screening_id))
    counts = queries.screening_of(seat, row.penalty_case or "")
    stands = counts is not None and counts.id == row.id
    facts = [
        *_case_fact(seat, row.penalty_case),
        *_facts(
            (_("Result of the screening"), _word(rules.RESULTS, row.result)),
            (_("Statutory ground"), _word({**clues.GROUNDS, **clues.NO_START}, row.ground)),
            (_("Reasons"), row.reason),
            (_("Screened by"), row.person),
            (_("Screened on"), row.on),
        ),
        *_clue_fact(seat, row.clue),
    ]
    state = Cell(_("In force"), "good") if stands else Cell(_("A later one counts"), "quiet")
    section = Section(_("Compensation screening"), tuple(facts))
    return Sheet(_("Compensation screening"), _withdrawn(row) or state, (section,))


def handover_sheet(seat: Seat, handover_id: str) -> Sheet:
    """One hand-over with its reminders.

    Raises:
        RuleBroken: there is no such hand-over.
    """
    row: Handover = _need(keeping.row_of(seat, "handover", handover_id))
    check_by = rules.check_due(row)
    clue = damage.clue(seat, row.clue or "")
    facts = [
        *_facts(
            (_("From the unit"), label_of(row.from_unit)),
            (_("To the branch"), label_of(row.to_unit)),
            (_("Letter of hand-over"), row.letter_number),
            (_("Sent on"), row.sent_on),
            (_("Sent by"), row.sender),
            (_("Signed for on"), row.received_on),
            (_("Who signed for it"), row.receiver),
            (_("To be checked by"), check_by.isoformat() if check_by else None),
            (_("Clue checked on"), clue.checked_on if clue is not None else None),
        ),
        *_clue_fact(seat, row.clue),
        *(
            _case_fact(seat, row.penalty_case)
            or _facts((_("Case number"), row.case_number), (_("Cause of the case"), row.case_title))
        ),
        *_facts((_("Party to the case"), row.party)),
    ]
    reminders = tuple(
        Fact(f"{each.on or ''}  {each.by or ''}", each.text or "", kind="reminder", id=each.id)
        for each in queries.reminders_of(seat, row.id)
    )
    sections = [Section(_("Hand-over"), tuple(facts))]
    if reminders:
        sections.append(Section(_("Reminders"), reminders))
    state = Cell(_("Signed for"), "good") if row.received_on else Cell(_("Not received"), "warn")
    title = f"{row.letter_number or row.case_number or ''} {row.party or ''}".strip()
    return Sheet(title, _withdrawn(row) or state, tuple(sections))


def reminder_sheet(seat: Seat, reminder_id: str) -> Sheet:
    """One reminder.

    Raises:
        RuleBroken: there is no such reminder.
    """
    row: Reminder = _need(keeping.row_of(seat, "reminder", reminder_id))
    facts = list(_facts((_("Reminded on"), row.on), (_("Reminded by"), row.by), (_("Reminder"), row.text)))
    handover = keeping.row_of(seat, "handover", row.handover or "")
    if handover is not None:
        words = f"{handover.sent_on or ''} → {label_of(handover.to_unit)}"
        facts.append(Fact(_("Hand-over"), words, kind="handover", id=handover.id))
    return Sheet(_("Reminder"), _withdrawn(row) or Cell(""), (Section(_("Reminder"), tuple(facts)),))


def _rows(seat: Seat, ids: Iterable[str]) -> list[PenaltyCase]:
    found = [queries.penalty_case(seat, each) for each in ids]
    return [row for row in found if row is not None]


def _need(row: Row | None) -> Row:
    if row is None:
        raise RuleBroken(N_("There is no such record here. Choose one from the list."))
    return row


def _word(words: Mapping[str, str], key: str | None) -> str:
    return translate(words[key]) if key and key in words else key or ""


def _withdrawn(row: PenaltyCase | Screening | Handover | Reminder) -> Cell | None:
    return Cell(_("Withdrawn") + f": {row.voided}", "bad") if row.voided is not None else None


def _facts(*pairs: tuple[str, str | None]) -> tuple[Fact, ...]:
    return tuple(Fact(label, value) for label, value in pairs if value)


def _case_fact(seat: Seat, case_id: str | None) -> tuple[Fact, ...]:
    row = queries.penalty_case(seat, case_id or "")
    if row is None:
        return ()
    words = f"{row.number or ''}  {row.title or ''}".strip()
    return (Fact(_("Penalty case"), words, kind="penalty_case", id=row.id),)


def _clue_fact(seat: Seat, clue_id: str | None) -> tuple[Fact, ...]:
    row = damage.clue(seat, clue_id or "")
    if row is None:
        return ()
    part = "quiet" if row.voided else ""
    return (Fact(_("Clue"), f"{row.number or ''}  {label_of(row.unit)}", part, kind="clue", id=row.id),)


def _days_since(day: str | None, now: date) -> str:
    """How many days ago; empty where that is no day."""
    begun = day_or_none(day)
    return str((now - begun).days) if begun is not None else ""


def _urgency(left: int) -> str:
    return "bad" if left < 0 else "warn" if left <= _SOON else ""


def _has(text: str, *words: str | None) -> bool:
    wanted = text.strip().casefold()
    return not wanted or any(wanted in (each or "").casefold() for each in words)
