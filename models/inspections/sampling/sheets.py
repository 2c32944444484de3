"""What screens and command line show of sampling: the visit's, a record, a sample, a report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from models.errors import BadInput
from models.inspections import queries as visits
from models.inspections.known import Missing
from models.inspections.rules import CUSTODY_ACTIONS, VERDICTS
from models.inspections.sampling import custody, fields, lab, queries, rules
from models.inspections.sampling.completeness import lateness
from models.inspections.sampling.judging_again import CIRCUMSTANCES
from models.inspections.sampling.passing import name_of
from models.inspections.sampling.queries import SamplingView
from models.inspections.sampling.tables import LabReport, Sample, Sampling
from models.inspections.sampling.verbs import custody_rows
from models.inspections.tables import Inspection
from models.language import _, listed, translate
from models.law import limits
from models.law.asking import fields_asked
from models.law.choosing import SOURCES
from models.law.deadlines import due, limit
from models.law.due import day_or_none
from models.registry import keeping
from models.registry.days import local, today
from models.rooms import Cell, Fact, Section, Sheet

if TYPE_CHECKING:
    from models.store.seat import Seat

_VERDICT_PARTS = {"ok": "good", "over": "bad", "undecidable": "warn"}
_STANDING_PARTS = {"late": "bad", "on_way": "warn", "at_laboratory": "good", "opened": "good"}


def moment(ms: int | None) -> str:
    """A time in China; empty for none."""
    return f"{local(ms):%Y-%m-%d %H:%M}" if ms is not None else ""


# -- cells that lists and sheets share ---------------------------------------------------------------------


def state_cell(seat: Seat, row: Sampling) -> Cell:
    """Where a sampling record stands."""
    if row.voided is not None:
        return Cell(_("Withdrawn"), "bad")
    if row.sealed:
        return Cell(_("Sealed"), "good")
    count = sum(1 for each in queries.missing(seat, row.id) if each.blocking)
    if count:
        return Cell(_("{count} missing").format(count=count), "warn")
    return Cell(_("Ready to seal"), "strong")


def standing_cell(seat: Seat, row: Sample, events: Sequence[Any]) -> Cell:
    """Where a sample is."""
    if row.voided is not None:
        return Cell(_("Withdrawn"), "bad")
    found = custody.standing_of(row, events, seat.clock.wall_ms())
    return Cell(translate(custody.STANDINGS[found]), _STANDING_PARTS.get(found, ""))


def report_cell(row: LabReport) -> Cell:
    """Whether the party was told."""
    if row.voided is not None:
        return Cell(_("Withdrawn"), "bad")
    if row.told_on:
        return Cell(_("party told {day}").format(day=row.told_on), "good")
    return Cell(_("party not told"), "warn")


# -- sheets ------------------------------------------------------------------------------------------------


def visit_sheet(seat: Seat, inspection_id: str) -> Sheet:
    """All sampling of a visit: its records with their samples, and the reports."""
    row: Inspection = keeping.kept(seat, "inspection", inspection_id)
    views = [queries.view(seat, each.id) for each in queries.of_visit(seat, row.id)]
    sections = [
        Section(
            f"{rules.symbol_of(each.row.symbol)} {each.row.number or ''}",
            (_record_fact(seat, each.row), *(_sample_fact(seat, each, one) for one in each.samples)),
        )
        for each in views
    ]
    reports = tuple(_report_fact(each) for each in queries.reports_of(seat, row.id))
    sections.append(Section(_("Reports of laboratories"), reports))
    if not views:
        nothing = _("No sampling at this visit yet. Begin a record: waste water, gas, solid matter or noise.")
        sections.insert(0, Section(_("Sampling records"), (Fact("", nothing, "quiet"),)))
    gaps = sum(len(each.gaps(one)) for each in views for one in each.samples)
    state = (
        Cell(_("gaps in custody: {count}").format(count=gaps), "bad")
        if gaps
        else Cell(
            _("records: {records}, samples: {samples}").format(
                records=len(views), samples=sum(len(each.samples) for each in views)
            )
        )
    )
    title = _("Sampling at {name} {number}").format(name=row.site_name or "", number=row.number or "")
    return Sheet(title, state, tuple(each for each in sections if each.facts))


def sampling_sheet(seat: Seat, sampling_id: str) -> Sheet:
    """One sampling record."""
    seen = queries.view(seat, sampling_id)
    row = seen.row
    known = fields.named(row.matter or "")
    lacks = [] if row.sealed else queries.missing(seat, row.id)
    names = {each: (officer.name or "") for each, officer in seen.officers.items()}
    parts = (
        Section(_("Missing"), tuple(_missing_fact(row, each) for each in lacks)),
        Section(_("Samples"), tuple(_sample_fact(seat, seen, one) for one in seen.samples)),
        Section(_("Results"), tuple(_result_fact(each) for each in seen.measurements)),
        Section(_("On site"), _field_facts(row, fields.COMMON, names)),
        Section(
            translate(rules.MATTERS.get(row.matter or "", row.matter or "")),
            _field_facts(row, fields.OWN.get(row.matter or "", ()), names),
        ),
        Section(_("Signatures"), _field_facts(row, fields.SIGNING, names)),
        Section(_("How it was written"), _written(seat, seen)),
        Section(_("Amendments"), tuple(_amendment_fact(each, known) for each in seen.amendments)),
    )
    sign = known["symbol"].words(row.symbol) if row.symbol else ""
    title = f"{rules.symbol_of(row.symbol)} {row.point or sign} {row.number or ''}".strip()
    return Sheet(title, state_cell(seat, row), tuple(each for each in parts if each.facts))


def sample_sheet(seat: Seat, sample_id: str) -> Sheet:
    """One sample with its chain of custody."""
    row: Sample = keeping.kept(seat, "sample", sample_id)
    seen = queries.view(seat, row.sampling or "")
    events = custody_rows(seat, row.id)
    other = queries.sample(seat, row.parallel_of) if row.parallel_of else None
    about = []
    for each in fields.OF_SAMPLE:
        value = getattr(row, each.key)
        words = moment(value) if each.kind == "moment" else each.words(value)
        if each.key == "parallel_of":
            words = (other.number or "") if other is not None else ""
        about.append(Fact(each.title, words))
    until = custody.hold_until(row)
    about.append(Fact(_("At the laboratory by"), moment(until)))
    record = Fact(_("Sampling record"), seen.row.number or "", "", "sampling", seen.row.id)
    measured = [each for each in seen.measurements if each.sample == row.id]
    parts = (
        Section(
            _("Gaps in custody"), tuple(Fact("!", each.text, "bad") for each in seen_gaps(seen, row, events))
        ),
        Section(_("Custody"), tuple(_event_fact(seat, each) for each in events)),
        Section(_("Results"), tuple(_result_fact(each) for each in measured)),
        Section(_("Sample"), (record, *(each for each in about if each.value))),
    )
    title = f"{row.number or ''} {row.name or ''}".strip()
    return Sheet(title, standing_cell(seat, row, events), tuple(each for each in parts if each.facts))


def seen_gaps(seen: SamplingView, row: Sample, events: Sequence[Any]) -> list[custody.Gap]:
    """What breaks the chain of a sample, a withdrawn one's too."""
    reported = any(each.sample == row.id for each in seen.measurements)
    return custody.gaps_of(row, events, reported=reported)


def report_sheet(seat: Seat, report_id: str) -> Sheet:
    """A laboratory's report with its results."""
    row: LabReport = keeping.kept(seat, "lab_report", report_id)
    results = queries.results_of(seat, row.id)
    visit = keeping.row_of(seat, "inspection", row.inspection or "")
    lacks = tuple(Fact("-", translate(each), "warn") for each in lab.lacks_of(row, results))
    told = listed(part for part in (row.told_on, row.told_how, row.told_to) if part)
    facts = [
        Fact(_("Laboratory"), row.laboratory or ""),
        Fact("CMA", row.cma or ""),
        Fact(_("Ordered by"), row.client or ""),
        Fact(_("Day of the report"), row.reported_on or ""),
        Fact(_("Received on"), row.received_on or ""),
        Fact(_("Compiled by"), row.compiled_by or ""),
        Fact(_("Reviewed by"), row.checked_by or ""),
        Fact(_("Issued by"), row.issued_by or ""),
        Fact(_("Stamped"), "" if row.stamped is None else _("Yes") if row.stamped else _("No")),
        Fact(_("Party told"), told),
        *_deadlines(row, results),
        Fact(
            _("Inspection"),
            (visit.number or "") if visit is not None else "",
            "",
            "inspection" if visit is not None else "",
            visit.id if visit is not None else "",
        ),
        Fact("SHA-256", row.file_sha256 or ""),
    ]
    parts = (
        Section(_("Results"), tuple(_result_fact(each, sample=True, seat=seat) for each in results)),
        Section(_("What the report lacks"), lacks),
        Section(_("Report"), tuple(each for each in facts if each.value)),
    )
    title = _("Report {number}").format(number=row.number or "")
    return Sheet(title, report_cell(row), tuple(each for each in parts if each.facts))


def result_sheet(seat: Seat, measurement_id: str) -> Sheet:
    """One measured value with its verdict, its reasons, its sample and its report."""
    row = keeping.kept(seat, "measurement", measurement_id)
    reasons = _reasons(row)
    linked = []
    for label, kind, record in (
        (_("Sample"), "sample", row.sample),
        (_("Sampling record"), "sampling", row.sampling),
        (_("Report"), "lab_report", row.report),
    ):
        found = keeping.row_of(seat, kind, record) if record else None
        if found is not None:
            linked.append(Fact(label, found.number or "", "", kind, found.id))
    facts = (
        Fact(_("Value"), " ".join(part for part in (row.value, row.unit_of_value) if part)),
        Fact(_("Detection limit"), row.detection_limit or ""),
        Fact(_("Method"), row.method or ""),
        Fact(_("Instrument"), row.instrument or ""),
        Fact(_("Point"), row.point or ""),
        Fact(_("Standard"), " ".join(part for part in (row.standard, row.clause) if part)),
        Fact(_("Which limit"), translate(SOURCES.get(row.limit_source or "", ""))),
        Fact(_("Limit"), row.limit_text or ""),
        Fact(_("Times over the limit"), row.times or ""),
    )
    parts = (
        Section(_("Result"), tuple(each for each in facts if each.value)),
        Section(_("Reasons"), tuple(_reason_fact(row, each) for each in reasons)),
        Section(_("Belongs to"), tuple(linked)),
    )
    state = Cell(
        translate(VERDICTS.get(row.verdict or "", row.verdict or "")),
        _VERDICT_PARTS.get(row.verdict or "", ""),
    )
    return Sheet(
        f"{row.parameter or ''} {row.value or ''}", state, tuple(each for each in parts if each.facts)
    )


# -- facts -------------------------------------------------------------------------------------------------


def _record_fact(seat: Seat, row: Sampling) -> Fact:
    state = state_cell(seat, row)
    words = f"{translate(rules.MATTERS.get(row.matter or '', ''))} {row.point or ''}  {moment(row.began_at)}"
    return Fact(state.text, words, state.part, "sampling", row.id)


def _sample_fact(seat: Seat, seen: SamplingView, row: Sample) -> Fact:
    cell = standing_cell(seat, row, seen.custody.get(row.id, ()))
    words = [row.name or "", translate(rules.ROLES.get(row.role or "", "")), row.items or "", cell.text]
    gaps = len(seen.gaps(row))
    if gaps:
        words.append(_("gaps in custody: {count}").format(count=gaps))
    return Fact(
        row.number or "",
        " · ".join(each for each in words if each),
        "bad" if gaps else cell.part,
        "sample",
        row.id,
    )


def _report_fact(row: LabReport) -> Fact:
    cell = report_cell(row)
    return Fact(
        row.number or "",
        f"{row.laboratory or ''} {row.reported_on or ''} · {cell.text}",
        cell.part,
        "lab_report",
        row.id,
    )


def _result_fact(row: Any, *, sample: bool = False, seat: Seat | None = None) -> Fact:
    label = row.parameter or ""
    if sample and seat is not None and row.sample:
        found = queries.sample(seat, row.sample)
        label = f"{(found.number or '') if found is not None else ''} {label}".strip()
    words = [
        " ".join(part for part in (row.value, row.unit_of_value) if part),
        translate(VERDICTS.get(row.verdict or "", row.verdict or "")),
        row.limit_text or "",
        " ".join(part for part in (row.standard, row.clause) if part),
    ]
    return Fact(
        label,
        " · ".join(each for each in words if each),
        _VERDICT_PARTS.get(row.verdict or "", ""),
        "measurement",
        row.id,
    )


def _reasons(row: Any) -> list[limits.Reason]:
    """The reasons of a verdict; none where no verb of ours wrote them."""
    try:
        found = list(limits.unpack_reasons(row.reasons or "[]"))
        return found if all(each.text() for each in found) else []
    except (ValueError, TypeError, KeyError):
        return []


def _reason_fact(row: Any, reason: limits.Reason) -> Fact:
    """A reason; one that asks for something opens the form in which a laboratory's result gets it."""
    known = CIRCUMSTANCES.get(row.medium or "", ()) if row.report else ()
    asked = next((name for name in fields_asked([reason]) if name in known), "")
    if not asked:
        return Fact(reason.rule, reason.text())
    return Fact(reason.rule, reason.text(), "warn", "measurement", row.id, f"judge_{row.medium}", asked)


def _changes(row: Any) -> dict[str, dict[str, Any]]:
    """What an amendment changes; nothing where no verb of ours wrote it."""
    try:
        found = json.loads(row.changes or "{}")
    except ValueError:
        return {}
    kept = found.items() if isinstance(found, dict) else ()
    return {name: change for name, change in kept if isinstance(change, dict)}


def _amendment_fact(row: Any, known: dict[str, fields.Asked]) -> Fact:
    """What an amendment changed and why."""
    words = [row.amend_reason or ""]
    for name, change in _changes(row).items():
        asked = known.get(name)
        label = asked.title if asked is not None else name
        old, new = (
            moment(each) if asked and asked.kind == "moment" and isinstance(each, int) else str(each or "-")
            for each in (change.get("old"), change.get("new"))
        )
        words.append(f"{label}: {old} → {new}")
    return Fact(row.number or "", " · ".join(words))


def _missing_fact(row: Sampling, each: Missing) -> Fact:
    """What is missing, and the form in which it is entered."""
    kind, record, act, field = "sampling", row.id, f"write_{row.matter}", each.field
    if each.record:
        kind, record, act = "sample", each.record, "edit_sample"
    elif each.field == "samples":
        act, field = "add_sample", ""
    label, part = ("!", "bad") if each.blocking else ("-", "quiet")
    return Fact(label, each.text, part, kind, record, act, field)


def _field_facts(row: Sampling, asked: Iterable[fields.Asked], names: dict[str, str]) -> tuple[Fact, ...]:
    found = []
    for each in asked:
        value = getattr(row, each.key)
        words = each.words(value)
        if each.kind == "moment":
            words = moment(value)
        elif each.kind == "officer":
            words = names.get(value or "", value or "")
        elif each.key == "symbol" and value:
            words = f"{rules.symbol_of(value)} {words}"
        if words:
            found.append(Fact(each.title, words))
    return tuple(found)


def _written(seat: Seat, seen: SamplingView) -> tuple[Fact, ...]:
    """Time of writing against time of sampling, and how often something was changed."""
    row = seen.row
    found = [
        Fact(_("Record begun"), moment(row.made_at)),
        Fact(_("Written by"), name_of(seat, row.made_by or "")),
    ]
    late = lateness(row)
    if late is not None:
        over = late > fields.late_ms()
        words = late_words(row, late)
        found.append(Fact(_("Against the sampling"), words, "bad" if over else "good"))
    if seen.corrections:
        found.append(
            Fact(
                _("Corrections"),
                _("{count} (the history shows what stood before)").format(count=seen.corrections),
            )
        )
    visit = visits.inspection(seat, row.inspection or "")
    if visit is not None:
        found.append(Fact(_("Inspection"), visit.number or "", "", "inspection", visit.id))
    return tuple(found)


def late_words(row: Any, late: int) -> str:
    """How a record was written against its sampling.

    Args:
        late: its `lateness`.
    """
    minutes = late // 60_000
    if minutes <= 0:
        return _("begun before the sampling ended")
    if row.ended_at is None:  # how long after its end nobody knows
        return _("begun {minutes} min after the sampling began").format(minutes=minutes)
    if late > fields.late_ms():
        return _("begun {minutes} min after the sampling ended: added afterwards").format(minutes=minutes)
    return _("begun {minutes} min after the sampling ended").format(minutes=minutes)


def event_words(seat: Seat, event: Any) -> str:
    """A step of custody in one line: hands, count, seal, state."""
    by, to = name_of(seat, event.by or ""), name_of(seat, event.to or "")
    words = [f"{by} → {to}" if to else by]
    if event.count is not None:
        words.append(_("bottles: {count}").format(count=event.count))
    if event.seal_number:
        words.append(_("seal {number}").format(number=event.seal_number))
    if event.condition:
        words.append(translate(rules.CONDITIONS.get(event.condition, event.condition)))
    if event.note:
        words.append(event.note)
    return " · ".join(words)


def _event_fact(seat: Seat, event: Any) -> Fact:
    label = f"{moment(event.at)} {translate(CUSTODY_ACTIONS.get(event.action or '', event.action or ''))}"
    return Fact(label, event_words(seat, event))


def due_day(key: str, start: str | None) -> tuple[date, Any] | None:
    """The last day of a limit that runs from a day, and the limit; None where none runs."""
    first = day_or_none(start)
    rule = limit(key, first) if first is not None else None
    if first is None or rule is None:
        return None
    try:
        day = due(first, rule).due_on
    except BadInput:  # a year without calendar: the report still says that nobody was told
        return None
    return (day, rule) if day is not None else None


def _deadlines(row: LabReport, results: Sequence[Any]) -> list[Fact]:
    keys = [] if row.told_on else ["tell_result"]
    if any(each.verdict == "over" for each in results):
        keys.append("order_after_report")
    found = []
    for key in keys:
        one = due_day(key, row.received_on)
        if one is not None:
            words = _("by {day} ({basis})").format(day=one[0].isoformat(), basis=one[1].basis)
            found.append(Fact(one[1].title, words, "warn"))
    return found


def tell_due(seat: Seat, row: LabReport) -> tuple[date, Any] | None:
    """By when the party is to be told; None once it was."""
    return None if row.told_on else due_day("tell_result", row.received_on or today(seat).isoformat())
