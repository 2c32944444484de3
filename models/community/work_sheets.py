"""The sheets of community work that concern what happened: patrols, reports, complaints, mediations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from models.community import privacy, queries
from models.community.choices import (
    ACTIONS,
    ANSWERS,
    ATTENDANCE,
    CHANNELS,
    CLASSES,
    FOUR_PARTIES,
    MANNERS,
    OBJECTS,
    OUTCOMES,
    RESULTS,
    STATES,
    WAYS,
)
from models.community.escalation import unreported
from models.community.facts import GridItem, department_label, grid_items, instruments
from models.community.rules import moment_text, report_state
from models.community.sheets import community_fact, fact, filled, grid_fact, link, withdrawn, yes_no
from models.community.tables import Complaint, Mediation, Patrol, PatrolAnswer, Reporter, UpwardReport
from models.errors import QingchaError
from models.language import N_, _, listed, listed_long, translate
from models.law.due import day_or_none
from models.registry import queries as registry
from models.registry.days import today
from models.registry.keeping import kept, row_of
from models.rooms import Cell, Choices, Fact, Section, Sheet, label

if TYPE_CHECKING:
    from models.store.seat import Seat

_LIMITS: Choices = (
    ("observe", N_("look, photograph and report; nothing more")),
    ("guide", N_("remind and guide")),
    ("dissuade", N_("dissuade")),
    ("stop", N_("stop it")),
)


def person_name(seat: Seat, officer_id: str | None) -> str:
    """The name of a person of the register; empty where there is none."""
    row = registry.officer(seat, officer_id) if officer_id else None
    return (row.name or "") if row is not None else ""


def limit_section(item: GridItem, on: date) -> Section:
    """How far a patrol may go at an item, and when it goes where."""
    limits = [label(_LIMITS, item.most)]
    if item.stay_out:
        limits.append(_("never go in"))
    if item.hands_off:
        limits.append(_("never touch"))
    facts = [
        fact(_("Grid item"), f"{item.code} {item.title}"),
        fact(_("How to look"), item.asked.how),
        fact(_("Evidence to keep"), item.asked.evidence),
        fact(_("At most"), listed_long(limits), "strong"),
        fact(_("Concerns"), listed(label(OBJECTS, each) for each in item.objects)),
    ]
    if item.departments:
        facts.append(fact(_("Goes upward"), item.when, "warn" if item.must_report else ""))
        facts.append(fact(_("Reported to"), listed(department_label(each) for each in item.departments)))
    facts.append(fact(_("Basis"), item.basis(on)))
    return Section(_("Limit of the item"), tuple(facts))


def patrol_sheet(seat: Seat, record_id: str) -> Sheet:
    """One patrol: where, whom, which action, how far it may go, the checklist, and what was reported."""
    row: Patrol = kept(seat, "patrol", record_id)
    items = grid_items()
    about = items.get(row.item or "")
    waiting = [each for each in unreported(seat, today(seat)) if each.patrol.id == row.id]
    state = Cell(label(OUTCOMES, row.outcome), "warn" if row.problem_class else "good")
    if waiting:
        state = Cell(_("to be reported upward"), "bad")
    facts = [
        fact(_("Number"), row.number),
        grid_fact(seat, _("Grid"), row.grid),
        community_fact(seat, row.community),
        fact(_("On what day"), row.on),
        fact(_("Began at"), moment_text(row.began_at)),
        link(_("Patrolled by"), "officer", row.by, person_name(seat, row.by)),
        fact(_("Whom"), label(OBJECTS, row.whom)),
        fact(_("Name of whom"), row.whom_name),
        fact(_("At what place"), row.place),
        fact(_("Kind of action"), label(ACTIONS, row.action)),
        fact(_("From where"), label(MANNERS, row.manner)),
        fact(_("Class of problem"), label(CLASSES, row.problem_class)),
        fact(_("Outcome on the spot"), label(OUTCOMES, row.outcome)),
        fact(_("What came of it"), row.result),
        fact(_("First seen at"), moment_text(row.first_seen_at)),
    ]
    answers = queries.answers_of(seat, row.id)
    sections = [
        Section(_("Patrol"), tuple(facts)),
        *([limit_section(about, day_or_none(row.on) or today(seat))] if about is not None else []),
        Section(
            _("Grid checklist"), tuple(_answer_fact(items[code], each) for code, each in answers.items())
        ),
        Section(
            _("To report upward"),
            tuple(
                fact(
                    each.item or "–",
                    listed(
                        department_label(one)
                        for one in (items[each.item].departments if each.item in items else ())
                    )
                    or _("superior grid"),
                    "bad",
                )
                for each in waiting
            ),
        ),
        Section(_("Upward reports"), report_facts(queries.reports_of(seat, patrol=row.id))),
        Section(_("A patrol is no inspection"), (_no_inspection(),)),
    ]
    return Sheet(row.number or "", withdrawn(row, state), filled(sections))


def _no_inspection() -> Fact:
    paper = instruments()["no_grid_inspection"]
    return fact(paper.title, paper.demands[0], "quiet")


def _answer_fact(item: GridItem, row: PatrolAnswer) -> Fact:
    words = label(ANSWERS, row.result)
    if row.note:
        words += f": {row.note}"
    elif row.result == "problem":
        words += ": " + _("note missing")
    part = "good" if row.result == "ok" else "bad" if row.result == "problem" else "quiet"
    return link(f"{item.code} {item.title}", "patrol_answer", row.id, words, part)


def report_facts(rows: list[UpwardReport]) -> tuple[Fact, ...]:
    """A line for each report, with its state."""
    return tuple(
        link(
            row.number or "",
            "upward_report",
            row.id,
            label(STATES, report_state(row)),
            "good" if report_state(row) == "closed" else "warn",
        )
        for row in rows
    )


def answer_sheet(seat: Seat, record_id: str) -> Sheet:
    """One answer to the grid's checklist, with the limit of its item."""
    row: PatrolAnswer = kept(seat, "patrol_answer", record_id)
    patrol: Patrol | None = row_of(seat, "patrol", row.patrol or "")
    item = grid_items().get(row.item or "")
    facts = (
        link(_("Patrol"), "patrol", row.patrol, (patrol.number or "") if patrol is not None else ""),
        fact(_("Answer"), label(ANSWERS, row.result), "bad" if row.result == "problem" else ""),
        fact(_("Note"), row.note),
    )
    sections = [Section(_("Answer"), facts)]
    if item is not None:
        on = day_or_none(patrol.on if patrol is not None else None) or today(seat)
        sections.append(limit_section(item, on))
    title = f"{item.code} {item.title}" if item is not None else row.item or ""
    return Sheet(title, withdrawn(row, Cell(label(ANSWERS, row.result))), tuple(sections))


def state_cell(row: UpwardReport) -> Cell:
    """Where a report stands, from not sent to closed."""
    state = report_state(row)
    part = {"waiting": "bad", "sent": "warn", "received": "strong", "closed": "good"}[state]
    return Cell(label(STATES, state), part)


def target_words(seat: Seat, row: UpwardReport) -> str:
    """To whom a report goes."""
    if row.to_department:
        return department_label(row.to_department)
    above = queries.grid(seat, row.to_grid)
    return (above.name or "") if above is not None else ""


def report_sheet(seat: Seat, record_id: str) -> Sheet:
    """One report upward: what, from where to where, since when, who received it, what came of it."""
    row: UpwardReport = kept(seat, "upward_report", record_id)
    target = (
        fact(_("Reported to"), department_label(row.to_department))
        if row.to_department
        else grid_fact(seat, _("Reported to"), row.to_grid)
    )
    facts = (
        fact(_("Number"), row.number),
        grid_fact(seat, _("From grid"), row.from_grid),
        target,
        community_fact(seat, row.community),
        fact(_("What it is"), row.what),
        fact(_("At what place"), row.place),
        fact(_("Grid item"), row.item),
        fact(_("Class of problem"), label(CLASSES, row.problem_class)),
    )
    when = (
        fact(_("First seen at"), moment_text(row.first_seen_at), "strong"),
        fact(_("Sent at"), f"{moment_text(row.sent_at)} {label(WAYS, row.sent_by_way)}".strip()),
        fact(_("Received at"), moment_text(row.received_at)),
        fact(_("Received by"), row.received_by),
        fact(_("Closed on"), row.closed_on),
        fact(_("Result"), row.result),
    )
    sources: list[Fact] = []
    for name, kind, record in (
        (_("Patrol"), "patrol", row.patrol),
        (_("Complaint"), "complaint", row.complaint),
        (_("Earlier report"), "upward_report", row.from_report),
        (_("Clue"), "clue", row.clue),
    ):
        source = row_of(seat, kind, record) if record else None
        if source is not None:
            sources.append(link(name, kind, record, source.number or ""))
    sources += [
        link(_("Passed on as"), "upward_report", each.id, each.number or "")
        for each in queries.reports_of(seat, from_report=row.id)
    ]
    sections = [
        Section(_("Upward report"), facts),
        Section(_("From first seen to closed"), when),
        Section(_("Comes from and went to"), tuple(sources)),
    ]
    return Sheet(row.number or "", withdrawn(row, state_cell(row)), filled(sections))


def complaint_state(row: Complaint) -> Cell:
    """Where a complaint stands."""
    if row.closed_on:
        return Cell(_("closed"), "good")
    if not row.first_reply_on:
        return Cell(_("no reply yet"), "bad")
    return Cell(_("handed over"), "warn") if row.transferred_on else Cell(_("being handled"), "warn")


def complaint_sheet(seat: Seat, record_id: str) -> Sheet:
    """One complaint; who brought it only for those who may read that."""
    row: Complaint = kept(seat, "complaint", record_id)
    facts = (
        fact(_("Number"), row.number),
        community_fact(seat, row.community),
        grid_fact(seat, _("Grid"), row.grid),
        fact(_("What it is about"), row.about),
        fact(_("At what place"), row.place),
        fact(_("Class of problem"), label(CLASSES, row.problem_class)),
        fact(_("Came by"), label(CHANNELS, row.channel)),
        fact(_("In own name"), yes_no(row.real_name)),
    )
    handling = (
        fact(_("Received on"), row.received_on),
        _reply_fact(row),
        fact(_("Who handles it"), row.handled_by),
        fact(_("First reply on"), row.first_reply_on),
        fact(_("Reply given"), row.reply_text),
        fact(_("Revisited on"), row.revisit_on),
        fact(_("Satisfied"), yes_no(row.satisfied)),
        fact(_("At the revisit"), row.revisit_text),
        fact(_("Handed over to"), row.transferred_to),
        fact(_("Handed over on"), row.transferred_on),
        fact(_("Closed on"), row.closed_on),
        fact(_("Result"), row.result),
    )
    with seat:
        mediated = list(
            Mediation.select()
            .where(Mediation.complaint == row.id, Mediation.voided.is_null())
            .order_by(Mediation.id)
        )
    sections = [
        Section(_("Complaint"), facts),
        Section(_("How it is handled"), tuple(each for each in handling if each.value != "–")),
        Section(_("Who brought it"), (_reporter_fact(seat, row.id),)),
        Section(_("Upward reports"), report_facts(queries.reports_of(seat, complaint=row.id))),
        Section(
            _("Mediations"),
            tuple(
                link(each.on or "", "mediation", each.id, label(RESULTS, each.result)) for each in mediated
            ),
        ),
    ]
    return Sheet(row.number or "", withdrawn(row, complaint_state(row)), filled(sections))


def _reply_fact(row: Complaint) -> Fact:
    try:
        until = queries.reply_due(row)
    except QingchaError as error:
        return fact(_("First reply by"), error.text(), "bad")
    if until is None:
        return fact(_("First reply by"), "")
    return fact(_("First reply by"), f"{until.due_on} ({until.basis} [{until.mark}])", "warn")


def _reporter_fact(seat: Seat, complaint_id: str) -> Fact:
    if not privacy.has_reporter(seat, complaint_id):
        return fact(_("Name"), _("not given"), "quiet")
    try:
        row = privacy.reporter(seat, complaint_id)
    except QingchaError:
        return fact(_("Name"), _("confidential"), "quiet")
    return link(_("Name"), "reporter", row.id if row is not None else None, (row.name or "") if row else "")


def reporter_sheet(seat: Seat, record_id: str) -> Sheet:
    """Who brought a complaint, for those who may read it.

    Raises:
        RuleBroken: for anyone else, or there is no such record.
    """
    kept(seat, "reporter", record_id)
    row: Reporter | None = privacy.reporter_record(seat, record_id)
    assert row is not None  # `kept` refused where there is none
    complaint: Complaint | None = row_of(seat, "complaint", row.complaint or "")
    facts = (
        link(_("Complaint"), "complaint", row.complaint, (complaint.number or "") if complaint else ""),
        fact(_("Name"), row.name),
        fact(_("Way to reach them"), row.contact),
        fact(_("In their words"), row.words),
    )
    return Sheet(
        _("Who brought it"),
        withdrawn(row, Cell(_("confidential"), "warn")),
        (Section(_("Who brought it"), facts),),
    )


def mediation_sheet(seat: Seat, record_id: str) -> Sheet:
    """One mediation: the parties, the four sides, the result, and its public version."""
    row: Mediation = kept(seat, "mediation", record_id)
    source: Complaint | None = row_of(seat, "complaint", row.complaint) if row.complaint else None
    state = Cell(_("no result yet"), "warn")
    if row.result:
        state = Cell(label(RESULTS, row.result), "good" if row.result == "agreed" else "warn")
    facts = (
        fact(_("Number"), row.number),
        community_fact(seat, row.community),
        link(_("Complaint"), "complaint", row.complaint, (source.number or "") if source is not None else ""),
        fact(_("On what day"), row.on),
        fact(_("At what place"), row.place),
        fact(_("Mediator"), row.mediator),
        fact(_("Class of problem"), label(CLASSES, row.problem_class)),
        fact(_("Parties"), row.parties),
        fact(_("Demand"), row.demand),
        fact(_("Result"), label(RESULTS, row.result)),
        fact(_("Agreement"), row.agreement),
    )
    four = tuple(
        fact(
            translate(words),
            listed_long(
                each
                for each in (label(ATTENDANCE, getattr(row, party)), getattr(row, f"{party}_reason"))
                if each
            ),
            "good" if getattr(row, party) == "came" else "warn",
        )
        for party, words in FOUR_PARTIES
    )
    public = [fact(_("Made public on"), row.published_on)]
    if row.voided is None:
        public.append(
            fact(_("Text") if row.public else _("Proposed text"), privacy.public_text(seat, row.id))
        )
    sections = (
        Section(_("Mediation"), facts),
        Section(_("The four parties"), four),
        Section(_("Public version"), tuple(public)),
    )
    return Sheet(row.number or "", withdrawn(row, state), sections)
