"""全过程记录 (行政处罚法47): everything that was done in an inspection, told by the journal itself.

Nothing is written for it: each line is an entry of the journal, or several of one person in a row that say
the same. Times are the device's claim; beside them stands what the server's clock witnesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from models import catalogue
from models.errors import BadInput
from models.inspections import rules as visit_rules
from models.inspections.onsite import measure_rules
from models.inspections.onsite.tables import (
    Interview,
    Measure,
    MeasureItem,
    MeasurePaper,
    PaperNumber,
    Question,
    ServedPaper,
    Service,
)
from models.inspections.sealing import CHILDREN
from models.inspections.tables import Amendment, Inspection
from models.language import N_, _, listed, translate
from models.registry.days import local
from models.registry.sealing import seal_of
from models.registry.tables import Officer
from models.store.fold import effective, put_aside, setters
from models.store.lookup import by_id
from models.store.witness import Witnessed, witnessed

if TYPE_CHECKING:
    from models.store.entry import Entry
    from models.store.seat import Seat

STAGES = {
    "start": N_("Start"),
    "inquiry": N_("Inquiry and evidence"),
    "review": N_("Approval"),
    "decide": N_("Decision"),
    "serve": N_("Service"),
    "carry_out": N_("Carrying out"),
}
"""启动、调查取证、审核、决定、送达、执行 (行政处罚法47)."""
WAYS = {"text": N_("in writing"), "sound_and_picture": N_("sound and picture"), "seal": N_("sealed")}
_AUDIO_VISUAL = ("image/", "video/", "audio/")
_ITEMS_NAMED = 12
"""Codes of checklist items named in one line."""
_TEXT = 120
"""Characters of a text that a line repeats."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line."""

    at: int
    """The device's claim, ms since 1970 UTC."""
    witness: Witnessed
    person: str
    """Officer record id."""
    stage: str
    """One of `STAGES`."""
    way: str
    """One of `WAYS`."""
    words: str
    """In the reader's language."""
    kind: str
    record: str
    count: int = 1
    """Entries that the line stands for."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one entry says; `group` joins it with its like before it."""

    stage: str
    words: str
    way: str = "text"
    group: str = ""
    part: str = ""
    """What it adds to a joined line."""


def steps(seat: Seat, inspection_id: str) -> list[Step]:
    """Everything that was done in an inspection, in the order of the devices' corrected clocks.

    Raises:
        BadInput: there is no such inspection.
    """
    with seat:
        visit = by_id(Inspection, inspection_id)
        if visit is None:
            raise BadInput(N_("There is no such inspection here. Synchronise, or look in the list."))
        rows = _rows(visit)
        told: list[tuple[Entry, _Said]] = []
        for record, entries in seat.journal.entries_of_many(rows).items():
            row = rows[record]
            # what an order took the content of says nothing: the history tells of it
            counting = effective(entries, put_aside(entries, seat.journal.authority))
            first = True
            for entry in counting:
                said = _said(seat, entry, row, rows, first)
                first = False
                if said is not None:
                    told.append((entry, said))
        told.sort(key=lambda pair: pair[0].order())
        return [_step(seat, run, rows) for run in _runs(told)]


def people(seat: Seat, found: Iterable[Step]) -> dict[str, str]:
    """The names of who did something, by record id."""
    ids = list({each.person for each in found})
    with seat:
        return {row.id: row.name or "" for row in Officer.select().where(Officer.id.in_(ids))}


def _rows(visit: Inspection) -> dict[str, Any]:
    """The visit and all that belongs to it, withdrawn or not, by id. Who reported it is not among them."""
    found: list[Any] = [visit]
    for table in CHILDREN:
        found.extend(table.select().where(table.inspection == visit.id))
    found.extend(Amendment.select().where(Amendment.of == visit.id))
    own: dict[str, list[str]] = {}
    for owner in (Interview, Measure, Service):
        rows = list(owner.select().where(owner.inspection == visit.id))
        own[owner._meta.table_name] = [row.id for row in rows]
        found.extend(rows)
    found.extend(Question.select().where(Question.interview.in_(own["interview"])))
    found.extend(MeasureItem.select().where(MeasureItem.measure.in_(own["measure"])))
    papers = list(MeasurePaper.select().where(MeasurePaper.measure.in_(own["measure"])))
    found.extend(papers)
    found.extend(PaperNumber.select().where(PaperNumber.of.in_([row.id for row in papers])))
    found.extend(ServedPaper.select().where(ServedPaper.service.in_(own["service"])))
    return {row.id: row for row in found}


def _runs(told: list[tuple[Entry, _Said]]) -> list[list[tuple[Entry, _Said]]]:
    """Neighbours of one person, device and group as one."""
    runs: list[list[tuple[Entry, _Said]]] = []
    for entry, said in told:
        if runs and said.group:
            before, last = runs[-1][-1]
            same = last.group == said.group and before.device == entry.device
            if same and before.parsed_head.u == entry.parsed_head.u:
                runs[-1].append((entry, said))
                continue
        runs.append([(entry, said)])
    return runs


def _step(seat: Seat, run: list[tuple[Entry, _Said]], rows: Mapping[str, Any]) -> Step:
    entry, said = run[-1]
    head = entry.parsed_head
    words = said.words
    parts = list(dict.fromkeys(each.part for _entry, each in run if each.part))
    if parts:
        named = listed(parts[:_ITEMS_NAMED]) + ("…" if len(parts) > _ITEMS_NAMED else "")
        words = words.format(count=len(parts), parts=named)
    return Step(
        at=entry.time,
        witness=witnessed(seat, head.d, head.q),
        person=head.u,
        stage=said.stage,
        way=said.way,
        words=words,
        kind=head.t,
        record=head.e,
        count=len(run),
    )


# -- what entries say --------------------------------------------------------------------------------------


def _said(seat: Seat, entry: Entry, row: Any, rows: Mapping[str, Any], first: bool) -> _Said | None:
    head = entry.parsed_head
    kind = head.t
    if head.k == "seal":
        return _sealed(seat, kind, row)
    changed = {name: value for name, (value, _bases) in setters(entry).items()}
    if changed.get("voided"):
        words = _("Withdrawn: {what}. Reason: {why}").format(
            what=_name(kind, row), why=_short(changed["voided"])
        )
        return _Said(_STAGE.get(kind, "inquiry"), words)
    teller = _TELLERS.get(kind)
    said = teller(row, changed, rows, first) if teller is not None and changed else None
    if said is None or said.stage:
        return said
    return replace(said, stage=_STAGE.get(kind, "inquiry"))


_STAGE = {
    "measure": "review",
    "measure_item": "carry_out",
    "measure_paper": "decide",
    "paper_number": "decide",
    "service": "serve",
    "served_paper": "serve",
}
"""Stage of what a kind of record says, where its words name no other."""


def _sealed(seat: Seat, kind: str, row: Any) -> _Said:
    sealed = seal_of(seat, row.id)
    words = _("{what} sealed, SHA-256 {hash}").format(
        what=_name(kind, row), hash=sealed.sha256 if sealed is not None else "-"
    )
    return _Said(_STAGE.get(kind, "inquiry"), words, "seal")


def _name(kind: str, row: Any) -> str:
    """A record in words: what it is, and its number."""
    if kind == "measure_paper":
        return f"{measure_rules.paper_words(row.paper)} {row.number or ''}".strip()
    words = translate(_NAMES.get(kind, kind))
    number = next(
        (value for name in ("number", "title", "text", "name") if (value := getattr(row, name, None))), ""
    )
    return f"{words} {_short(number)}".strip()


_NAMES = {
    "inspection": N_("Inspection record"),
    "answer": N_("Answer to a checklist item"),
    "finding": N_("Finding"),
    "measurement": N_("Measured value"),
    "evidence": N_("Evidence"),
    "custody": N_("Custody"),
    "statement": N_("Statement"),
    "amendment": N_("Amendment"),
    "interview": N_("Interview record"),
    "question": N_("Question and answer"),
    "measure": N_("Measure on the spot"),
    "measure_item": N_("Thing"),
    "paper_number": N_("Official number"),
    "service": N_("Proof of service"),
    "served_paper": N_("Paper served"),
}


def _visit(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    if first:
        words = _("Inspection {number} of {site} opened").format(
            number=row.number or "", site=row.site_name or ""
        )
        return _Said("start", words + _at(changed.get("began_at")))
    if changed.get("shown_certificates"):
        return _Said("start", _("Certificates shown, rights and duties told"), group="told")
    if changed.get("state") == "ready":
        return _Said("inquiry", _("The visit was ended, its record is complete"))
    return _Said("inquiry", _("The record was filled in"), group="record")


def _answer(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    words = _("checklist items checked: {count} ({parts})")
    return _Said("inquiry", words, group="answer", part=row.item or "?")


def _finding(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    return _Said("inquiry", _("Finding: {text}").format(text=_short(changed.get("text") or row.text)))


def _measurement(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said | None:
    if not first and "value" not in changed:
        return None
    words = _("Measured: {parameter} at {point}, {value} {unit}").format(
        parameter=row.parameter or "",
        point=row.point or "",
        value=changed.get("value") or row.value or "",
        unit=row.unit_of_value or "",
    )
    return _Said("inquiry", words)


def _evidence(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    way = "sound_and_picture" if is_audio_visual(row) else "text"
    title = row.title or row.name or ""
    if first:
        words = _("Evidence taken: {title}").format(title=_short(title))
        if row.sha256:
            words += _(", SHA-256 {hash}").format(hash=row.sha256)
        return _Said("inquiry", words, way)
    words = _("Evidence described: {parts}")
    return _Said("inquiry", words, group="described", part=_short(title) or row.id)


def is_audio_visual(row: Any) -> bool:
    """Whether a piece of evidence is a record in sound or picture (音像记录)."""
    return row.kind == "audio_visual" or (row.mime or "").startswith(_AUDIO_VISUAL)


def _custody(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said | None:
    if not first:
        return None
    of = rows.get(row.evidence or "")
    words = _("{action}: {title}").format(
        action=translate(visit_rules.CUSTODY_ACTIONS.get(row.action or "", row.action or "")),
        title=_short((of.title or of.name) if of is not None else ""),
    )
    return _Said("inquiry", words)


def _statement(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    words = _("Statement of {name} written down").format(name=row.name or "")
    return _Said("inquiry", words, group=f"statement {row.id}")


def _amendment(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said | None:
    if not first:
        return None
    words = _("Amendment {number}: {why}").format(number=row.number or "", why=_short(row.amend_reason))
    return _Said("inquiry", words)


def _interview(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    named = {"name": row.person_name or "", "number": row.number or ""}
    if first:
        words = _("Interview of {name} begun, {number}").format(**named)
        return _Said("inquiry", words + _at(changed.get("began_at")))
    if changed.get("ended_at"):
        words = _("Interview of {name} ended, {number}").format(**named)
        return _Said("inquiry", words + _at(changed["ended_at"]))
    words = _("Interview {number}: particulars written down").format(number=row.number or "")
    return _Said("inquiry", words, group=f"interview {row.id}")


def _question(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    of = rows.get(row.interview or "")
    number = (of.number if of is not None else "") or ""
    words = _("Interview {number}: questions and answers written down").format(number=number)
    return _Said("inquiry", words, group=f"question {row.interview}")


def _measure(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    named = {
        "kind": translate(measure_rules.KINDS.get(row.kind or "", row.kind or "")),
        "number": row.number or "",
    }
    if first:
        return _Said("start", _("{kind} asked for, {number}").format(**named))
    for name, stage, words in (
        ("approved_at", "review", N_("{kind} approved by {who}, {number}")),
        ("taken_at", "carry_out", N_("{kind} carried out on the spot, {number}")),
        ("extended_on", "decide", N_("{kind} extended, {number}")),
        ("disposition", "decide", N_("Registered evidence dealt with, {number}")),
        ("released_on", "carry_out", N_("{kind} released, {number}")),
        ("release_asked_on", "review", N_("The party asks for the release, {number}")),
        ("test_days", "inquiry", N_("Days of testing noted, {number}")),
    ):
        if changed.get(name):
            said = translate(words).format(**named, who=row.approver or "")
            return _Said(stage, said + (_at(changed[name]) if name.endswith(("_at", "_on")) else ""))
    return _Said("review", _("{kind} corrected, {number}").format(**named), group=f"measure {row.id}")


def _item(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    words = _("things counted and listed: {count} ({parts})")
    return _Said("carry_out", words, group=f"items {row.measure}", part=_short(row.name) or row.id)


def _paper(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said | None:
    if not first:
        return None
    return _Said("decide", _("{paper} drawn up").format(paper=_name("measure_paper", row)))


def _number(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    of = rows.get(row.of or "")
    paper = measure_rules.paper_words(of.paper) if of is not None else ""
    return _Said("decide", _("{paper} numbered {number}").format(paper=paper, number=row.text or ""))


def _service(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    if first:
        words = _("Service to {name} begun").format(name=row.receiver or "")
        return _Said("serve", words + _at(changed.get("served_at")))
    words = _("Service to {name} written down").format(name=row.receiver or "")
    return _Said("serve", words, group=f"service {row.id}")


def _served(row: Any, changed: Mapping[str, Any], rows: Mapping[str, Any], first: bool) -> _Said:
    part = f"{row.name or ''} {row.paper_number or ''}".strip()
    return _Said("serve", _("Papers to be served: {parts}"), group=f"served {row.service}", part=part)


_TELLERS: dict[str, Callable[[Any, Mapping[str, Any], Mapping[str, Any], bool], _Said | None]] = {
    "inspection": _visit,
    "answer": _answer,
    "finding": _finding,
    "measurement": _measurement,
    "evidence": _evidence,
    "custody": _custody,
    "statement": _statement,
    "amendment": _amendment,
    "interview": _interview,
    "question": _question,
    "measure": _measure,
    "measure_item": _item,
    "measure_paper": _paper,
    "paper_number": _number,
    "service": _service,
    "served_paper": _served,
}


def _at(stated: Any) -> str:
    """The moment or day that the record states of it, which may lie before it was written down."""
    if not stated:
        return ""
    try:
        when = f"{local(stated):%Y-%m-%d %H:%M}" if isinstance(stated, int) else _short(stated)
    except (ValueError, OverflowError, OSError):  # no verb of ours wrote it
        return ""
    return _(" (stated: {when})").format(when=when)


def _short(text: Any) -> str:
    """At most so much of a text, on one line."""
    words = " ".join(str(text or "").split())
    return words if len(words) <= _TEXT else words[: _TEXT - 1] + "…"


def told_kinds() -> set[str]:
    """The kinds of record that the timeline tells of; each is known to the catalogue."""
    return {name for name in _TELLERS if catalogue.kind(name) is not None}
