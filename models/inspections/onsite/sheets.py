"""How the sheets of the room of on-site papers read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from models.inspections.known import Missing
from models.inspections.onsite import (
    entering,
    interview_rules,
    interviews,
    measure_rules,
    measures,
    papers,
    queries,
    service_rules,
    services,
)
from models.inspections.onsite.lists import moment, sealed_cell, urgency
from models.inspections.onsite.tables import (
    Interview,
    Measure,
    MeasureItem,
    MeasurePaper,
    Question,
    ServedPaper,
    Service,
)
from models.inspections.rules import AVOIDANCE, SIGNATURES
from models.language import _, listed_long, translate
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import local, today
from models.registry.units import label_of
from models.rooms import Cell, Fact, Section, Sheet

if TYPE_CHECKING:
    from models.law.due import Due
    from models.store.seat import Seat


# -- sheets ------------------------------------------------------------------------------------------------


def interview_sheet(seat: Seat, interview_id: str) -> Sheet:
    """An interview with its questions, and what it still lacks.

    Raises:
        RuleBroken: there is no such interview.
    """
    row: Interview = keeping.kept(seat, "interview", interview_id)
    age = interview_rules.age_on(row, local(row.began_at or row.made_at).date())
    asked = tuple(
        Fact(f"{place}", f"{each.question or ''}\n{each.answer or '…'}", kind="question", id=each.id)
        for place, each in enumerate(interviews.questions_of(seat, row.id), 1)
    )
    return _sheet(
        row,
        " ".join(part for part in (row.person_name, row.case_title) if part) or row.number or "",
        _lacks(seat, row, interviews.missing, "interview", row.id),
        Section(
            _("Interview"),
            _facts(
                (_("Number"), row.number),
                (_("Cause of the case"), row.case_title),
                (_("Which interview of this person"), str(row.count) if row.count else None),
                (_("Began"), moment(row.began_at)),
                (_("Ended"), moment(row.ended_at)),
                (_("Place of the interview"), row.place),
                *_officers(seat, row),
                (_("Others present"), row.others),
                (_("Handling unit"), label_of(row.unit)),
            )
            + _visit(seat, row.inspection),
        ),
        Section(
            _("Person asked"),
            _facts(
                (_("Name"), row.person_name),
                (_("Sex"), row.person_gender),
                (_("Age"), row.person_age or (str(age) if age is not None else None)),
                (_("Citizen number"), row.person_id_number),
                (_("Employer"), row.person_employer),
                (_("Duty"), row.person_duty),
                (_("Relation to the case"), row.person_relation),
                (_("Address"), row.person_address),
                (_("Phone"), row.person_phone),
                (_("Guardian"), " ".join(filter(None, (row.guardian_name, row.guardian_relation)))),
            ),
        ),
        Section(_("Questions and answers"), asked),
        Section(
            _("Signature"),
            _facts(
                (_("Certificates shown"), _yes(row.shown_certificates)),
                (_("Rights and duties told"), _yes(row.told_rights)),
                (_("Withdrawal of officers"), _word(AVOIDANCE, row.avoidance)),
                (_("Asked alone"), _yes(row.alone)),
                (_("How it was read"), _word(interview_rules.READINGS, row.reading)),
                (_("Signature"), _word(interview_rules.SIGNED, row.signed)),
                (_("Pages not signed"), row.unsigned_pages),
                (_("Reason for not signing"), row.refusal_reason),
                (_("Witness"), row.witness_name),
            ),
        ),
    )


def question_sheet(seat: Seat, question_id: str) -> Sheet:
    """One question with its answer.

    Raises:
        RuleBroken: there is no such question.
    """
    row: Question = keeping.kept(seat, "question", question_id)
    facts = _facts((_("What was asked"), row.question), (_("What was answered"), row.answer))
    of = keeping.row_of(seat, "interview", row.interview or "")
    if of is not None:
        words = f"{of.person_name or ''}  {of.number or ''}".strip()
        facts += (Fact(_("Interview"), words, kind="interview", id=of.id),)
    return Sheet(row.question or "", _withdrawn(row) or Cell(""), (Section(_("What was asked"), facts),))


def measure_sheet(seat: Seat, measure_id: str) -> Sheet:
    """A measure with its course, its time limits, its things and its papers.

    Raises:
        RuleBroken: there is no such measure.
    """
    row: Measure = keeping.kept(seat, "measure", measure_id)
    now = today(seat)
    known = measure_rules.state(row, now)
    kind = translate(measure_rules.KINDS.get(row.kind or "", row.kind or ""))
    things = tuple(
        Fact(f"{place}", _thing(each), kind="measure_item", id=each.id)
        for place, each in enumerate(measures.items_of(seat, row.id), 1)
    )
    written = tuple(
        Fact(
            measure_rules.paper_words(each.paper),
            f"{papers.official_number(seat, each.id) or each.number or ''}  {sealed_cell(each).text}",
            "" if each.sealed else "warn",
            kind="measure_paper",
            id=each.id,
        )
        for each in measures.papers_of(seat, row.id)
    )
    state = Cell(translate(measure_rules.STATES[known]), "bad" if known == "lapsed" else "strong")
    sections = (
        _next(seat, row, "measure"),
        Section(
            kind,
            _facts(
                (_("Number"), row.number),
                (_("Party"), row.party),
                (_("Credit code or citizen number"), row.party_code),
                (_("Cause of the case"), row.case_title),
                (_("Reason"), row.reason),
                (
                    _("Which of the six grounds"),
                    listed_long(each.zh for each in measure_rules.grounds_of(row.grounds)),
                ),
                (_("Grave pollution already"), _yes(row.grave)),
                (_("Provision violated"), row.violated),
                (_("Place"), row.place),
                (_("Days planned"), " ~ ".join(filter(None, (row.planned_from, row.planned_to)))),
                (_("How it is done"), row.way),
                *_officers(seat, row),
                (_("Basis"), measure_rules.basis(row.kind, local(row.taken_at or row.made_at).date())),
            )
            + (
                (Fact(_("The authority shall act"), _("Yes"), "warn"),)
                if row.kind in measure_rules.COERCIVE and measure_rules.shall(row)
                else ()
            )
            + _visit(seat, row.inspection),
        ),
        Section(
            _("Course"),
            _facts(
                (_("Urgent"), _yes(row.urgent)),
                (_("How the head was asked"), row.asked_how),
                (_("Approved"), f"{moment(row.approved_at)} {row.approver or ''}".strip()),
                (_("Done on the spot"), moment(row.taken_at)),
                (_("Kept"), _word(measure_rules.KEEPINGS, row.keeping)),
                (_("Kept where, by whom"), " ".join(filter(None, (row.keep_place, row.keeper)))),
                (_("Party present"), _yes(row.present)),
                (_("Statement and defence"), row.heard),
                (_("Signature"), _word(SIGNATURES, row.signed)),
                (_("Reason for not signing"), row.refusal_reason),
                (_("Witness"), row.witness_name),
                (_("Days of testing"), str(row.test_days) if row.test_days else None),
                (_("Extended"), _extended(row)),
                (_("How it was dealt with"), _disposed(row)),
                (_("Release asked for on"), row.release_asked_on),
                (_("Released on"), " ".join(filter(None, (row.released_on, row.release_reason)))),
            ),
        ),
        Section(_("Time limits"), _limits(seat, row)),
        Section(_("Things"), things),
        Section(_("Papers"), written),
    )
    title = f"{kind} {row.party or ''}".strip()
    return Sheet(title, _withdrawn(row) or state, tuple(each for each in sections if each.facts))


def _next(seat: Seat, row: Any, kind: str, done: tuple[str, ...] = ()) -> Section:
    """The act that comes next in the procedure; Enter opens its form."""
    act = entering.next_act(seat, kind, row.id, done) if row.voided is None else None
    facts = (Fact(translate(act.title), translate(act.help), "good", kind, row.id, act.name),) if act else ()
    return Section(_("Next step"), facts)


def _limits(seat: Seat, row: Measure) -> tuple[Fact, ...]:
    now = today(seat)
    found = [_due_fact(each, now) for each in queries.dues_of(seat, row)]
    owed = measure_rules.approval_due(row) if row.approved_at is None else None
    if owed is not None:
        found.append(Fact(_("Approval due by"), moment(owed.due_at), "warn"))
    refused = measures.lapse(row)
    return (*found, *((Fact(_("Not counted"), refused, "warn"),) if refused else ()))


def _due_fact(each: Due, now: Any) -> Fact:
    left = each.days_left(now)
    words = _("{day}, days left: {left}") if left >= 0 else _("{day}, days late: {late}")
    value = words.format(day=each.due_on.isoformat(), left=left, late=-left)
    return Fact(each.what, f"{value}  {each.basis}", urgency(left))


def item_sheet(seat: Seat, item_id: str) -> Sheet:
    """One thing of a measure.

    Raises:
        RuleBroken: there is no such thing.
    """
    row: MeasureItem = keeping.kept(seat, "measure_item", item_id)
    facts = _facts(
        (_("Name of the thing"), row.name),
        (_("Model"), row.model),
        (_("Quantity"), f"{row.quantity or ''} {row.unit_of_quantity or ''}".strip()),
        (_("Look and wear"), row.look),
        (_("Kept where, by whom"), " ".join(filter(None, (row.where, row.keeper)))),
        (_("Note"), row.note),
    )
    return Sheet(row.name or "", _withdrawn(row) or Cell(""), (Section(_("Thing"), facts + _of(seat, row)),))


def paper_sheet(seat: Seat, paper_id: str) -> Sheet:
    """One paper of a measure: whether it was issued, what it lacks, how it was served.

    Raises:
        RuleBroken: there is no such paper.
    """
    row: MeasurePaper = keeping.kept(seat, "measure_paper", paper_id)
    facts = _facts(
        (_("Number"), row.number),
        (_("Official number"), papers.official_number(seat, row.id)),
        (_("Issued on"), row.issued_on),
    )
    served = tuple(
        Fact(moment(each.served_at) or _("not served yet"), _service_words(each), kind="service", id=each.id)
        for each in queries.services_of_paper(seat, row.id)
    )
    lacking = _lacks(seat, row, papers.missing, "measure", row.measure or "")
    done = ("issue",) * any(each.part == "bad" for each in lacking) + ("serve_paper",) * bool(served)
    return _sheet(
        row,
        measure_rules.paper_words(row.paper),
        lacking,
        _next(seat, row, "measure_paper", done),
        Section(_("Paper"), facts + _of(seat, row)),
        Section(_("Service"), served),
    )


def service_sheet(seat: Seat, service_id: str) -> Sheet:
    """A proof of service with its papers, and what it still lacks.

    Raises:
        RuleBroken: there is no such proof.
    """
    row: Service = keeping.kept(seat, "service", service_id)
    served = tuple(
        Fact(f"{place}", _served_words(each), kind="served_paper", id=each.id)
        for place, each in enumerate(services.papers_of(seat, row.id), 1)
    )
    lacking = _lacks(seat, row, services.missing, "service", row.id)
    # a proof that does not say yet how, or who took it, proves no day
    counts = None if any(each.part == "bad" for each in lacking) else queries.served_on(row)
    return _sheet(
        row,
        row.receiver or row.number or "",
        lacking,
        Section(
            _("Service"),
            _facts(
                (_("Number"), row.number),
                (_("Cause of the case"), row.case_title),
                (_("Receiver"), row.receiver),
                (_("Way of service"), _word(service_rules.METHODS, row.method)),
                (_("Place of service"), row.place),
                (_("Served at"), moment(row.served_at)),
                (_("Counts as served on"), counts.isoformat() if counts is not None else None),
                (_("Who took it"), " ".join(filter(None, (row.taken_by, row.relation)))),
                (_("Why it was not accepted"), row.refusal_reason),
                (_("Witness"), " ".join(filter(None, (row.witness_name, row.witness_unit)))),
                (_("Body asked to serve"), row.agent),
                (_("Number of the mail"), row.tracking),
                (_("Medium of the notice"), row.medium),
                (_("Confirmation of electronic service"), row.consent),
                *_officers(seat, row),
                (_("Note"), row.note),
            )
            + _visit(seat, row.inspection),
        ),
        Section(_("Papers"), served),
    )


def served_sheet(seat: Seat, line_id: str) -> Sheet:
    """One paper of a service.

    Raises:
        RuleBroken: there is none.
    """
    row: ServedPaper = keeping.kept(seat, "served_paper", line_id)
    facts: tuple[Fact, ...] = _facts((_("Paper"), row.name), (_("Official number"), row.paper_number))
    of = keeping.row_of(seat, "service", row.service or "")
    if of is not None:
        facts += (Fact(_("Service"), of.receiver or of.number or "", kind="service", id=of.id),)
    return Sheet(row.name or "", _withdrawn(row) or Cell(""), (Section(_("Paper"), facts),))


# -- what they share ---------------------------------------------------------------------------------------


def _sheet(row: Any, title: str, lacks: tuple[Fact, ...], *sections: Section) -> Sheet:
    whole = (*sections[:1], Section(_("Still missing"), lacks), *sections[1:])
    return Sheet(title, _withdrawn(row) or sealed_cell(row), tuple(each for each in whole if each.facts))


def _lacks(seat: Seat, row: Any, ask: Any, kind: str, record_id: str) -> tuple[Fact, ...]:
    """What a record that is not sealed yet lacks, each with the form in which it is entered.

    Args:
        kind: of the record in which it is entered, with its id.
    """
    if row.sealed or row.voided is not None:
        return ()
    found: Iterable[Missing] = ask(seat, row.id)
    return tuple(
        Fact(
            each.rule,
            each.text + (f" ({each.basis})" if each.basis else ""),
            "bad" if each.blocking else "warn",
            *entering.where(seat, kind, record_id, each),
        )
        for each in found
    )


def _withdrawn(row: Any) -> Cell | None:
    return Cell(_("Withdrawn") + f": {row.voided}", "bad") if row.voided is not None else None


def _facts(*pairs: tuple[str, str | None]) -> tuple[Fact, ...]:
    return tuple(Fact(label, value) for label, value in pairs if value)


def _word(words: dict[str, str], key: str | None) -> str:
    return translate(words[key]) if key in words else key or ""


def _yes(value: bool | None) -> str | None:
    return None if value is None else _("Yes") if value else _("No")


def _thing(row: MeasureItem) -> str:
    parts = (row.name, row.model, f"{row.quantity or ''} {row.unit_of_quantity or ''}".strip())
    return "  ".join(part for part in parts if part)


def _served_words(row: ServedPaper) -> str:
    return f"{row.name or ''}  {row.paper_number or ''}  × {row.copies or 1}"


def _service_words(row: Service) -> str:
    return f"{_word(service_rules.METHODS, row.method)}  {row.number or ''}  {sealed_cell(row).text}"


def _extended(row: Measure) -> str | None:
    if not row.extended_on:
        return None
    return _("{day}, days: {days}, {reason}").format(
        day=row.extended_on, days=row.extended_days, reason=row.extension_reason
    )


def _disposed(row: Measure) -> str | None:
    if not row.disposition:
        return None
    words = _word(measure_rules.DISPOSITIONS, row.disposition)
    return " ".join(filter(None, (row.disposed_on, words, row.disposition_note)))


def _officers(seat: Seat, row: Any) -> list[tuple[str, str | None]]:
    labels = (
        ("first_officer", _("First officer")),
        ("second_officer", _("Second officer")),
        ("recorder", _("Recorder")),
    )
    found: list[tuple[str, str | None]] = []
    for name, label in labels:
        held = getattr(row, name, None)
        person = registry.officer(seat, held) if held else None
        if person is not None:
            found.append((label, f"{person.name or ''}  {person.certificate or ''}"))
    return found


def _visit(seat: Seat, inspection_id: str | None) -> tuple[Fact, ...]:
    row = keeping.row_of(seat, "inspection", inspection_id) if inspection_id else None
    if row is None:
        return ()
    words = f"{row.site_name or ''}  {row.number or ''}".strip()
    return (Fact(_("Inspection"), words, kind="inspection", id=row.id),)


def _of(seat: Seat, row: Any) -> tuple[Fact, ...]:
    measure = keeping.row_of(seat, "measure", row.measure or "")
    if measure is None:
        return ()
    kind = translate(measure_rules.KINDS.get(measure.kind or "", measure.kind or ""))
    words = f"{kind}  {measure.party or ''}  {measure.number or ''}"
    return (Fact(_("Measure on the spot"), words, kind="measure", id=measure.id),)
