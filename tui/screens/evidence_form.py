"""One piece of evidence in words (V07: how, when and by whom made, what it proves), and its custody."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult

from models.errors import QingchaError
from models.inspections import queries, verbs
from models.inspections.claims import problem_sentences
from models.inspections.rules import CUSTODY_ACTIONS, EVIDENCE_KINDS, FORMS
from models.language import N_, _, translate
from tui.keys import bindings
from tui.screens.common import labelled, moment
from tui.screens.evidence_parts import EvidenceView, place_words, read_evidence, whole_number
from tui.screens.inspection_form import PartKeeper, PartPlace, VisitPlace, from_text, parsed_time
from tui.widgets.bar import mark_words
from tui.widgets.form import Form, FormField, Kept
from tui.widgets.progress import amount
from tui.widgets.prose import Prose


class EvidenceForm(PartPlace):
    """The words of one piece of evidence; a new one is a thing without a file.

    Args:
        inspection_id: which inspection.
        record_id: an existing piece.
        item: code of the item that a new one belongs to.
        field: the field to begin on.
    """

    place_name = "describe"
    BINDINGS = bindings("describe")

    def __init__(self, inspection_id: str, record_id: str = "", item: str = "", field: str = "") -> None:
        super().__init__(inspection_id)
        self.item = item
        self._field = field
        self._begun = False
        self._keeper = PartKeeper(self._make, self._correct, record_id)

    def body(self) -> ComposeResult:
        """What it is, the form."""
        yield Prose("", id="describe-what")
        yield Form(
            [
                FormField(
                    "kind", N_("Kind"), kind="choice", choices=tuple(EVIDENCE_KINDS.items()), required=True
                ),
                FormField("purpose", N_("What it proves"), required=True),
                FormField("maker", N_("Maker")),
                FormField(
                    "made_at_claim", N_("Made at"), hint=N_("When it was made, as the officer says it")
                ),
                FormField("method", N_("How made"), hint=N_("Photographed with the enforcement recorder")),
                FormField("carrier", N_("Original carrier"), hint=N_("Memory card of the camera")),
                FormField("carrier_place", N_("Where the carrier is")),
                FormField("source", N_("Provided by")),
                FormField("form", N_("Original or copy"), kind="choice", choices=tuple(FORMS.items())),
                FormField("pages", N_("Pages or pieces")),
                FormField(
                    "compared_by", N_("Compared by"), hint=N_("A copy: who compared it with the original")
                ),
                FormField("compared_on", N_("Compared on"), hint=N_("Day of the comparison")),
                FormField("transcript", N_("Words spoken"), kind="long", lines=3),
                FormField("note", N_("Note")),
            ],
            {"kind": "" if self._keeper.record else "physical"},
            classes="card",
        )

    def load(self) -> None:
        """Read it."""
        notebook, inspection, record = self.notebook, self.inspection_id, self._keeper.record

        def read() -> Any:
            return next((row for row in queries.evidence_of(notebook, inspection) if row.id == record), None)

        self.ask(read, self._show)

    def _show(self, row: Any) -> None:
        form = self.query_one(Form)
        what = _("A thing without a file: a bag, a bottle, a document on paper.")
        if row is not None:
            form.load({field.key: getattr(row, field.key) for field in form.fields})
            what = f"{row.title or ''}  {row.name or ''}  {row.item or ''}"
        self.query_one("#describe-what", Prose).show(what)
        if not self._begun:
            self._begun = True
            form.focus_field(self._field or ("purpose" if row is None else ""))

    def _make(self, notebook: Any, values: dict[str, Any]) -> str | None:
        if not values.get("purpose") or not values.get("kind"):
            return None
        given = {key: value for key, value in values.items() if value}
        if "pages" in given:
            given["pages"] = whole_number(given["pages"])
        return verbs.take_in(notebook, self.inspection_id, None, item=self.item or None, **given)

    def _correct(self, notebook: Any, record: str, values: dict[str, Any]) -> None:
        kept = {
            key: whole_number(value) if key == "pages" else value or None for key, value in values.items()
        }
        verbs.correct(notebook, record, **kept)

    def field_kept(self, event: Kept) -> None:
        """Write it down."""
        key = event.key

        def failed(error: Exception) -> bool:
            return isinstance(error, QingchaError) and self.show_at_field(key, error.text())

        self.keep_part({key: event.value}, event.form.values, failed)

    @on(Form.Finished)
    async def _finished(self, event: Form.Finished) -> None:
        event.stop()
        await self.action_leave()


class CustodyScreen(VisitPlace):
    """What became of one piece of evidence, and a form for the next event; also possible after the seal."""

    place_name = "custody"
    BINDINGS = bindings("custody")

    def __init__(self, inspection_id: str, record_id: str) -> None:
        super().__init__(inspection_id)
        self._record = record_id

    def body(self) -> ComposeResult:
        """The events so far, the form."""
        yield Prose("", id="custody-past")
        yield Form(
            [
                FormField(
                    "action",
                    N_("Custody event"),
                    kind="choice",
                    choices=tuple(CUSTODY_ACTIONS.items()),
                    required=True,
                ),
                FormField("seal_number", N_("Number of the bag's seal"), hint=N_("When sealed in a bag")),
                FormField("to", N_("To whom"), hint=N_("When handed over")),
                FormField("at", N_("When"), hint=N_("Empty: now")),
                FormField("note", N_("Note")),
            ],
            {"action": "bagged"},
            classes="card",
        )
        yield Prose(_("An event is written by its key and stays; Esc writes none."), classes="quiet")

    def load(self) -> None:
        """Read the events."""
        notebook, inspection = self.notebook, self.inspection_id
        self.ask(lambda: read_evidence(notebook, inspection), self._show)

    def _show(self, view: Any) -> None:
        lines = [custody_words(event, view.names) for event in view.custody.get(self._record, [])]
        row = next((row for row in view.rows if row.id == self._record), None)
        title = f"{row.title or ''}  {row.name or ''}" if row is not None else ""
        self.query_one("#custody-past", Prose).show("\n".join([title, *lines]))
        if self.focused is None:
            self.query_one(Form).focus_field("action")

    @on(Form.Finished)
    def action_write(self) -> None:
        """Write the event."""
        values = self.query_one(Form).values
        notebook, record = self.notebook, self._record
        self.do_verb(
            lambda: verbs.hand_over(
                notebook,
                record,
                values["action"],
                to=values["to"] or None,
                at=parsed_time("at", values["at"].strip()),
                seal_number=values["seal_number"] or None,
                note=from_text("note", values["note"]),
            ),
            lambda _id: self._written(),
        )

    def _written(self) -> None:
        self.desk.say(_("Written into the custody."))
        self.query_one(Form).load({"seal_number": "", "to": "", "at": "", "note": ""})


def piece_words(view: EvidenceView, row: Any) -> str:
    """All that is known of one piece; what the file says of itself is a claim with its source."""
    lines = [f"{row.title or ''}  {row.name or ''}"]
    if row.id in view.hashes:
        lines.append(f"SHA-256 {view.hashes[row.id]}")
    if row.id in view.out:
        lines.append(f"! {view.out[row.id]}")
    if row.sha256:
        lines.append(f"{row.mime or ''}  {amount(row.size or 0, 'bytes')}")
    if row.claim_time:
        lines.append(
            _("Time as claimed: {value} ({source})").format(
                value=row.claim_time, source=row.claim_time_source or ""
            )
        )
    if row.claim_place:
        lines.append(
            _("Place as claimed: {value} ({source})").format(
                value=place_words(row.claim_place), source=row.claim_place_source or ""
            )
        )
    lines += [f"! {sentence}" for sentence in problem_sentences(row.claim_problems)]
    facts = (
        (N_("What it proves"), row.purpose),
        (N_("Maker"), row.maker),
        (N_("Made at"), row.made_at_claim),
        (N_("How made"), row.method),
        (N_("Original carrier"), row.carrier),
    )
    lines += [labelled(translate(label), value) for label, value in facts if value]
    lines.append(_("Taken in here: {time}").format(time=moment(row.taken_in_at)))
    if row.id not in view.out:
        lines.append(mark_words(view.mark(row)))
    lines += [custody_words(event, view.names) for event in view.custody.get(row.id, [])]
    return "\n".join(lines)


def custody_words(event: Any, names: dict[str, str]) -> str:
    """One event in words."""
    parts = [moment(event.at), translate(CUSTODY_ACTIONS.get(event.action or "", event.action or ""))]
    parts.append(names.get(event.by or "", event.by or ""))
    if event.to:
        parts.append("-> " + names.get(event.to, event.to))
    if event.seal_number:
        parts.append(_("seal {number}").format(number=event.seal_number))
    if event.note:
        parts.append(event.note)
    return "  ".join(part for part in parts if part)
