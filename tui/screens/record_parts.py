"""What is written into the record by hand: situation, notices, signatures; and the statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult

from models.inspections import queries, verbs
from models.inspections.rules import AVOIDANCE, SIGNATURES, STATEMENT_KINDS
from models.language import N_, _
from tui.keys import bindings
from tui.screens.inspection_form import YES_NO, EditPlace, PartKeeper, PartPlace, ask_phrase
from tui.widgets.form import Form, FormField, Kept
from tui.widgets.longfield import LongField
from tui.widgets.prose import Prose


class SignaturesScreen(EditPlace):
    """Situation on site, certificates and rights, withdrawal, signatures or why there are none."""

    place_name = "signatures"
    BINDINGS = bindings("signatures")

    def intro(self) -> str:
        """What need not be typed."""
        return _(
            "Answers, problems, measurements and statements enter the record by themselves; see the preview."
        )

    def fields(self) -> Sequence[FormField]:
        """In the order of the form."""
        return (
            FormField("situation", N_("Situation on site"), kind="long", required=True, lines=5),
            FormField(
                "shown_certificates", N_("Certificates shown"), kind="choice", choices=YES_NO, required=True
            ),
            FormField(
                "told_rights", N_("Rights and duties told"), kind="choice", choices=YES_NO, required=True
            ),
            FormField(
                "avoidance",
                N_("Withdrawal of officers"),
                kind="choice",
                choices=tuple(AVOIDANCE.items()),
                required=True,
            ),
            FormField("avoidance_reason", N_("Reason for it"), hint=N_("Where withdrawal is asked for")),
            FormField("present", N_("Party present"), kind="choice", choices=YES_NO, required=True),
            FormField(
                "signed", N_("Signature"), kind="choice", choices=tuple(SIGNATURES.items()), required=True
            ),
            FormField("refusal_reason", N_("Reason for not signing"), hint=N_("Where refused or absent")),
            FormField("witness_name", N_("Witness"), hint=N_("Where refused or absent")),
            FormField("witness_id", N_("Witness's citizen number")),
        )

    def action_phrase(self) -> None:
        """Add a stock phrase to the situation."""
        ask_phrase(self, "situation", self._insert)

    def _insert(self, text: str) -> None:
        field = self.query_one("#field-situation", LongField)
        field.insert(text)
        field.focus()


class StatementScreen(PartPlace):
    """What the party or a witness stated.

    Args:
        inspection_id: which inspection.
        record_id: an existing statement.
    """

    place_name = "statement"
    BINDINGS = bindings("statement")

    def __init__(self, inspection_id: str, record_id: str = "") -> None:
        super().__init__(inspection_id)
        self._begun = False
        self._keeper = PartKeeper(self._make, self._correct, record_id)

    def body(self) -> ComposeResult:
        """The form."""
        yield Prose(
            _("In the words of who says it. Each field is kept when you leave it. Esc goes back."),
            classes="quiet",
        )
        yield Form(
            [
                FormField("kind", N_("Whose"), kind="choice", choices=tuple(STATEMENT_KINDS.items())),
                FormField("text", N_("Statement"), kind="long", required=True, lines=6),
                FormField("name", N_("Name")),
                FormField("gender", N_("Sex"), kind="choice", choices=(("男", "男"), ("女", "女"))),
                FormField("age", N_("Age")),
                FormField("occupation", N_("Occupation")),
                FormField("address", N_("Address")),
                FormField("id_number", N_("Citizen number")),
            ],
            {"kind": "party"},
            classes="card",
        )

    def load(self) -> None:
        """Read the statement; a new one of the party begins with who was in charge."""
        notebook, inspection, record = self.notebook, self.inspection_id, self._keeper.record

        def read() -> tuple[Any, Any]:
            sheet = queries.sheet(notebook, inspection)
            return next((each for each in sheet.statements if each.id == record), None), sheet.inspection

        self.ask(read, self._show)

    def _show(self, answer: tuple[Any, Any]) -> None:
        row, visit = answer
        form = self.query_one(Form)
        if row is not None:
            form.load({field.key: getattr(row, field.key) for field in form.fields})
        elif not self._begun:
            form.load(
                {"name": visit.contact_name, "age": visit.contact_age, "id_number": visit.contact_id_number}
            )
        if not self._begun:
            self._begun = True
            form.focus_field("text")

    def _make(self, notebook: Any, values: dict[str, Any]) -> str | None:
        if not str(values.get("text") or "").strip():
            return None
        given = {key: value for key, value in values.items() if value and key not in ("kind", "text")}
        return verbs.add_statement(
            notebook, self.inspection_id, values.get("kind") or "party", values["text"], **given
        )

    def _correct(self, notebook: Any, record: str, values: dict[str, Any]) -> None:
        verbs.correct(notebook, record, **{key: value or None for key, value in values.items()})

    def field_kept(self, event: Kept) -> None:
        """Write it down."""
        self.keep_part({event.key: event.value}, event.form.values)

    @on(Form.Finished)
    async def _finished(self, event: Form.Finished) -> None:
        event.stop()
        await self.action_leave()
