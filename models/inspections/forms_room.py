"""The room of forms: those that the bureau brought, and what was filled with them, visit by visit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, RuleBroken
from models.forms import brought
from models.forms.audit import NAME, audit_of
from models.forms.export import files
from models.forms.queries import state
from models.forms.tables import BroughtForm
from models.forms.unserved import unserved
from models.inspections.form_filling import filling_of, lacking_in, place_words
from models.inspections.form_logs import audit_csv
from models.inspections.form_words import answer_words
from models.inspections.queries import evidence_of
from models.inspections.tables import FilledForm, Inspection
from models.language import N_, _
from models.listing import find, lines, rows_of
from models.registry import keeping
from models.registry.days import local
from models.registry.files import new_or_refuse, outside, put_out
from models.registry.queries import officer
from models.registry.units import label_of
from models.rooms import Act, Cell, Column, Fact, Field, Line, Listing, Room, Section, Sheet

if TYPE_CHECKING:
    from models.store.seat import Seat

_PATH = Field("path", N_("File"), required=True, hint=N_("the form's .xlsx, .md or .xml"))
_TO = Field("path", N_("File"), required=True, hint=N_("ends in .xml, .csv, .json or .geojson"))
_WHY = (Field("why", N_("Reason"), required=True),)


def find_brought(seat: Seat, text: str) -> list[str]:
    """The brought forms, newest first."""
    return find(seat, BroughtForm, "form", text, (BroughtForm.made_at.desc(), BroughtForm.id))


def brought_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Title, version, questions, unit."""

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            row.title or row.form_id or "",
            row.form_version or "–",
            str(row.questions or 0),
            label_of(row.unit),
            Cell(row.file_name or "", "quiet"),
        )

    return lines(ids, rows_of(seat, BroughtForm, ids), cells)


def find_filled(seat: Seat, text: str) -> list[str]:
    """The filled forms, newest first; a text finds form or visit."""
    order = (FilledForm.made_at.desc(), FilledForm.id)
    return find(seat, FilledForm, "filled_form", text, order, through={"inspection": "inspection"})


def filled_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Form, site, visit, state."""
    rows = rows_of(seat, FilledForm, ids)
    visits = rows_of(seat, Inspection, [row.inspection for row in rows.values()])

    def cells(row: Any) -> tuple[Cell | str, ...]:
        visit = visits.get(row.inspection)
        return (
            row.title or "",
            (visit.site_name or "") if visit is not None else "",
            Cell((visit.number or "") if visit is not None else "", "quiet"),
            _("sealed") if visit is not None and visit.sealed else _("being filled in"),
        )

    return lines(ids, rows, cells)


def form_sheet(seat: Seat, record_id: str) -> Sheet:
    """A brought form: where it is from, what it asks, what a terminal does in another way."""
    row = keeping.kept(seat, "form", record_id)
    person = officer(seat, row.made_by)
    brought_by = (person.name or "") if person is not None else ""
    facts = [
        Fact(_("Title"), row.title or ""),
        Fact(_("Form id"), row.form_id or ""),
        Fact(_("Version"), row.form_version or "–"),
        Fact(_("Unit"), label_of(row.unit)),
        Fact(
            _("Brought"),
            f"{local(row.made_at):%Y-%m-%d %H:%M} {brought_by}",
        ),
        Fact(_("File"), row.file_name or ""),
        Fact(_("SHA-256 of the file"), row.file_sha256 or ""),
    ]
    state = Cell(_("in use"), "good") if row.voided is None else Cell(_("retired"), "quiet")
    sections = [Section(_("Form"), tuple(facts))]
    try:
        form = brought.form_of(seat, record_id)
    except (BadInput, RuleBroken) as error:
        sections.append(Section(_("Cannot be opened"), (Fact("", error.text(), "bad"),)))
        return Sheet(row.title or "", state, tuple(sections))
    notes = [*(each.text() for each in form.problems), *(each.text() for each in unserved(form))]
    if notes:
        title = _("What is done in another way here, or not at all")
        sections.append(Section(title, tuple(Fact("", note, "warn") for note in notes)))
    asked = [each for each in form.root.walk() if each.is_question]
    texts = [(each.label.plain("", form.default_language) or each.name, each.kind) for each in asked[:500]]
    sections.append(Section(_("Questions"), tuple(Fact(kind, text) for text, kind in texts)))
    return Sheet(row.title or "", state, tuple(sections))


def filled_sheet(seat: Seat, record_id: str) -> Sheet:
    """A filled form: the visit, what it lacks, every answer that counts."""
    row = keeping.kept(seat, "filled_form", record_id)
    visit = keeping.row_of(seat, "inspection", row.inspection or "")
    facts = [Fact(_("Form"), row.title or "", kind="form", id=row.form or "")]
    if visit is not None:
        words = f"{visit.site_name or ''} {visit.number or ''}"
        facts.append(Fact(_("Inspection"), words, kind="inspection", id=visit.id))
    sealed = visit is not None and visit.sealed
    state = Cell(_("sealed"), "good") if sealed else Cell(_("being filled in"))
    try:
        filling = filling_of(seat, record_id)
    except (BadInput, RuleBroken) as error:
        facts.append(Fact(_("Cannot be opened"), error.text(), "bad"))
        return Sheet(row.title or "", state, (Section(_("Form"), tuple(facts)),))
    lacking = lacking_in(filling)
    files = {each.id: each.name or each.title or "" for each in evidence_of(seat, row.inspection or "")}
    answers = [
        Fact(
            place_words(filling, path),
            answer_words(filling, path, value, files),
            "bad" if path in lacking else "",
        )
        for path, value in filling.answers(relevant_only=True).items()
        if filling.field(path).is_question
    ]
    missing = [Fact(place_words(filling, path), words, "warn") for path, words in lacking.items()]
    sections = [Section(_("Form"), tuple(facts)), Section(_("Answers"), tuple(answers))]
    if missing:
        sections.insert(1, Section(_("Still lacking"), tuple(missing)))
    return Sheet(row.title or "", state, tuple(sections))


def _bring(seat: Seat, *, path: str) -> str:
    return brought.bring(seat, Path(path.strip().strip("'\"")).expanduser())


def _retire(seat: Seat, record_id: str, *, why: str) -> None:
    brought.retire(seat, record_id, why)


def _export(seat: Seat, record_id: str, *, path: str) -> None:
    """Write it for other programs: a CSV of several tables is several files, a log goes beside the XML."""
    target = Path(path.strip().strip("'\"")).expanduser()
    filling = filling_of(seat, record_id)
    written = files(filling, target, bom=True)
    log = audit_csv(seat, record_id, audit_of(filling.form)) if target.suffix.lower() == ".xml" else ""
    if log:
        written[target.with_name(NAME)] = log.encode()
    for each in written:
        new_or_refuse(outside(seat, each))  # all of them or none
    for each, data in written.items():
        put_out(seat, each, data)


def _remarks(seat: Seat, record_id: str) -> list[str]:
    """What the exported answers lack, and which of the form's rules they break."""
    return state(filling_of(seat, record_id)).wrong()


def _summary(seat: Seat) -> str:
    with seat:
        filled = FilledForm.select().where(FilledForm.voided.is_null()).count()
    return _("Forms in use: {forms}. Filled: {filled}.").format(
        forms=len(brought.forms_in_use(seat)), filled=filled
    )


ROOM = Room(
    "forms",
    N_("Forms"),
    listings=(
        Listing(
            "brought",
            N_("Forms of the bureau"),
            "form",
            (
                Column(N_("Title"), 0),
                Column(N_("Version"), 12),
                Column(N_("Questions"), 9, right=True),
                Column(N_("Unit"), 20, from_width=76),
                Column(N_("File"), 24, from_width=110),
            ),
            find_brought,
            brought_lines,
            N_("No form yet. Bring an XLSForm with the act “Bring a form”."),
        ),
        Listing(
            "filled",
            N_("Filled forms"),
            "filled_form",
            (
                Column(N_("Form"), 0),
                Column(N_("Site"), 28),
                Column(N_("Number"), 30, from_width=110),
                Column(N_("State"), 8),
            ),
            find_filled,
            filled_lines,
            N_("None filled yet. In an inspection, t opens a form."),
        ),
    ),
    acts=(
        Act(
            "bring",
            N_("Bring a form"),
            N_("Reads an XLSForm or XForm and keeps it for every notebook of the unit."),
            _bring,
            fields=(_PATH,),
        ),
        Act(
            "retire",
            N_("Retire a form"),
            N_("Takes a form out of use; what was filled with it stays readable."),
            _retire,
            subject="form",
            fields=_WHY,
        ),
        Act(
            "export",
            N_("Export the answers"),
            N_("Writes a filled form as ODK submission, CSV, JSON or GeoJSON."),
            _export,
            subject="filled_form",
            fields=(_TO,),
            right="see_inspections",
            after=_remarks,
        ),
    ),
    sheets={"form": form_sheet, "filled_form": filled_sheet},
    summary=_summary,
)
