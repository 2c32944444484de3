"""What the inspection screen shows, read in one go, and how its rows look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import fn

from models.inspections import queries, rules
from models.inspections.claims import problem_sentences
from models.inspections.tables import Answer
from models.language import N_, _, current_language, translate
from tui.screens.common import CONFLICT, labelled, moment, short_moment
from tui.screens.history import REDACTED, TAKEN_OUT, Names, out_words
from tui.widgets.checklist import ChecklistRow
from tui.widgets.lines import Cell, Column
from tui.widgets.prose import Prose

FINDING_COLUMNS = (
    Column(N_("Item"), 5),
    Column("", 2),
    Column(N_("Finding"), 0),
    Column(N_("Basis"), 40, from_width=100),
)
MEASUREMENT_COLUMNS = (
    Column(N_("Item"), 4),
    Column(N_("Parameter"), 0),
    Column(N_("Value"), 12, right=True),
    Column(N_("Limit"), 14, from_width=66),
    Column(N_("Verdict"), 17),
    Column(N_("Standard"), 34, from_width=110),
)
SECTION_COLUMNS = (Column("", 0), Column("", 5, right=True), Column("", 3, right=True))
TABS = (
    ("items", N_("Checklist")),
    ("findings", N_("Findings")),
    ("measurements", N_("Measurements")),
    ("about", N_("This item")),
)
"""Panes of the middle, in the order of Tab."""
FIELDS = {
    "result": N_("Answer"),
    "note": N_("Note"),
    "text": N_("Words"),
    "value": N_("Value"),
    "verdict": N_("Verdict"),
    "purpose": N_("Purpose"),
    "title": N_("Title"),
    "name": N_("File"),
    "parameter": N_("Parameter"),
    "voided": N_("Withdrawn"),
    "kind": N_("Kind"),
    "limit_text": N_("Limit"),
    "severity": N_("Severity"),
}
"""Fields that a history line names in words (msgid); the others stay out of it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Everything that the screen shows of an inspection."""

    sheet: queries.Sheet
    missing: list[queries.Missing]
    place: str
    """The item where the cursor was last, and the pane, as kept; empty for a first opening."""
    kept_at: int
    """When anything of it was last written, ms."""


def place_key(inspection_id: str) -> str:
    """The seat's fact that keeps where the cursor was; never in the journal."""
    return f"cursor_{inspection_id}"


def read_visit(notebook: Any, inspection_id: str) -> Visit:
    """Everything for the screen; runs in a thread."""
    sheet = queries.sheet(notebook, inspection_id)
    with notebook:
        answered = Answer.select(fn.MAX(Answer.changed_at)).where(Answer.inspection == inspection_id).scalar()
    return Visit(
        sheet,
        queries.missing(notebook, inspection_id),
        notebook.meta(place_key(inspection_id)) or "",
        max(sheet.inspection.changed_at, answered or 0),
    )


def lacking(missing: Sequence[queries.Missing]) -> list[queries.Missing]:
    """What stops the seal: the end of the visit does not, for sealing sets it."""
    return [each for each in missing if each.blocking and each.field != "ended_at"]


def checklist_rows(sheet: queries.Sheet) -> list[ChecklistRow]:
    """Headings with their counts, and the items."""
    measured = Counter(each.item for each in sheet.measurements)
    rows = []
    for section in sheet.sections:
        title = f"{section.code} {section.title}  {section.answered}/{len(section.items)}"
        rows.append(ChecklistRow(f"#{section.code}", title, heading=True))
        rows += [
            ChecklistRow(
                item.code,
                item.title,
                item.code,
                item.star,
                item.how,
                item.evidence,
                item.result or "",
                item.note or "",
                marks(item, measured[item.code]),
            )
            for item in section.items
        ]
    return rows


def marks(item: queries.Item, measured: int) -> str:
    """What hangs on an item, in words."""
    counted = (
        (item.finding_count, N_("findings: {count}")),
        (measured, N_("measured: {count}")),
        (item.evidence_count, N_("evidence: {count}")),
    )
    return "  ".join(translate(words).format(count=count) for count, words in counted if count)


def section_cells(section: queries.Section) -> Sequence[Cell | str]:
    """One line of the sections."""
    done = section.answered == len(section.items)
    return (
        f"{section.code} {section.title}",
        Cell(f"{section.answered}/{len(section.items)}", "good" if done else ""),
        Cell(f"✗{section.problems}" if section.problems else "", "bad"),
    )


def finding_cells(row: Any) -> Sequence[Cell | str]:
    """One line of the findings."""
    key = row.severity == "key"
    return (
        row.item or "",
        Cell("★" if key else "", "bad"),
        row.text or "",
        Cell(row.basis_key or "", "quiet"),
    )


def verdict_cell(row: Any) -> Cell:
    """The verdict in words, with a sign."""
    words = translate(rules.VERDICTS.get(row.verdict or "", ""))
    if row.verdict == "over":
        return Cell("! " + over_words(row.times, row.excess), "bad")
    return Cell(("✓ " if row.verdict == "ok" else "? ") + words, "good" if row.verdict == "ok" else "warn")


def over_words(times: str | None, excess: str | None) -> str:
    """How far over the limit."""
    if times:
        return _("{times} times over").format(times=times)
    if excess:
        return _("{excess} dB over").format(excess=excess)
    return _("Over the limit")


def measurement_cells(row: Any) -> Sequence[Cell | str]:
    """One line of the measurements."""
    where = "  ".join(part for part in (row.parameter, row.point) if part)
    unit = row.unit_of_value or ("dB(A)" if row.medium == "noise" else "")
    standard = " ".join(part for part in (row.standard, row.clause) if part)
    return (
        row.item or "",
        where,
        f"{row.value or ''} {unit}".strip(),
        row.limit_text or "",
        verdict_cell(row),
        Cell(standard, "quiet"),
    )


def about_item(notebook: Any, inspection_id: str, item: queries.Item, sheet: queries.Sheet) -> str:
    """All of one item: how, basis, findings, measurements, evidence, history. Runs in a thread."""
    lines = [
        f"{item.code} {item.title}",
        item.how,
        _("Keep: {evidence}").format(evidence=item.evidence) if item.evidence else "",
        "",
        _("Legal basis: {basis}").format(basis=item.basis_text),
    ]
    caution = queries.basis_caution(item.code, queries.day_of(sheet.inspection))
    if caution:
        lines.append(f"! {caution}")
    findings = [each for each in sheet.findings if each.item == item.code]
    if findings:
        lines += ["", _("Findings")] + [f"- {each.text}" for each in findings]
    measured = [each for each in sheet.measurements if each.item == item.code]
    if measured:
        lines += ["", _("Measurements")]
        for each in measured:
            _item, where, value, limit, verdict, standard = (
                cell.text if isinstance(cell, Cell) else cell for cell in measurement_cells(each)
            )
            lines.append(f"- {where} {value} {limit} {verdict} {standard}")
    evidence = [each for each in sheet.evidence if each.item == item.code]
    if evidence:
        lines += ["", _("Evidence")]
        gone, names = queries.files_out(notebook, evidence), Names(notebook)
        for one in evidence:
            out = gone.get(one.id)
            digest = out.sha256 if out is not None else one.sha256 or ""
            lines.append(f"- {one.title or ''} {one.name or ''} SHA-256 {digest[:12]}")
            if out is not None:
                lines.append(f"  ! {out_words(names, out)}")
            if one.claim_time:
                lines.append(f"  {one.claim_time} ({one.claim_time_source or ''})")
            lines += [f"  ! {sentence}" for sentence in problem_sentences(one.claim_problems)]
    past = queries.history_of_visit(notebook, inspection_id, item.code)
    lines += ["", _("History")] + (history_lines(notebook, past) or [_("Nothing written yet.")])
    return "\n".join(lines)


def history_lines(notebook: Any, past: Sequence[Any]) -> list[str]:
    """Who changed what when, newest first."""
    names = Names(notebook)
    lines = []
    for each in reversed(past):
        gone = each.redacted or each.kind == "redact"
        if not gone and (each.field not in FIELDS or each.old == each.new):
            continue
        if gone:
            words = translate(REDACTED if each.redacted else TAKEN_OUT)
            change = labelled(words, each.new) if each.new else words
            lines.append(f"{short_moment(each.time)} {names.of(each)}  {change}")
            continue
        old, new = (shown_value(each.field, value) for value in (each.old, each.new))
        change = f"{old} -> {new}" if old else new
        words = labelled(translate(FIELDS[each.field]), change)
        lines.append(f"{short_moment(each.time)} {names.of(each)}  {words}")
        if each.put_aside:
            lines.append("  ! " + _("put aside by the server: {reason}").format(reason=each.put_aside))
    return lines


def shown_value(field: str, value: Any) -> str:
    """A kept value in words."""
    if value is None:
        return ""
    lists = {
        "result": rules.RESULTS,
        "verdict": rules.VERDICTS,
        "kind": rules.EVIDENCE_KINDS,
        "severity": rules.SEVERITIES,
    }
    known = lists.get(field, {}).get(str(value))
    return translate(known) if known else str(value)


def state_words(visit: Visit) -> str:
    """One line: state, how far, what is missing."""
    row, items = visit.sheet.inspection, visit.sheet.items
    answered = sum(1 for item in items if item.result)
    problems = sum(1 for item in items if item.result == "problem")
    parts = [translate(rules.STATES[row.standing])]
    parts.append(_("{answered} of {total} answered").format(answered=answered, total=len(items)))
    if problems:
        parts.append(_("{count} with problems").format(count=problems))
    if row.sealed:
        parts.append(_("read-only; a correction is an amendment"))
    else:
        count = len(lacking(visit.missing))
        parts.append(_("{count} still missing").format(count=count) if count else _("nothing missing"))
    if row.conflicts:
        parts.append(_(CONFLICT))
    comma = "，" if current_language() == "zh" else ", "
    return comma.join(parts)


def recovered_words(visit: Visit, item: str) -> str:
    """What was there when the inspection was opened again."""
    answered = sum(1 for each in visit.sheet.items if each.result)
    return _("Recovered answers: {answered}, kept {time}; going on at {item}.").format(
        answered=answered, time=moment(visit.kept_at), item=item
    )


class StillProse(Prose):
    """Prose of a fixed height: a new text costs no layout of the screen, so it may follow the cursor."""

    def show(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self._wrapped = (0, [])
            self.refresh()
