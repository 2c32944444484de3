"""Finding 发现问题: what is wrong, in words, with its legal basis on the day of the visit."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult

from models.inspections import queries, verbs
from models.inspections.items import visit_items
from models.inspections.rules import SEVERITIES
from models.language import N_, _
from models.registry.days import today
from tui.keys import bindings
from tui.screens.inspection_form import PartKeeper, PartPlace, ask_phrase
from tui.widgets.form import Form, FormField, Kept
from tui.widgets.longfield import LongField
from tui.widgets.prose import Prose


class FindingScreen(PartPlace):
    """One finding, new or kept.

    Args:
        inspection_id: which inspection.
        item: code of the item that a new one belongs to.
        record_id: an existing one.
    """

    place_name = "finding"
    BINDINGS = bindings("finding")

    def __init__(self, inspection_id: str, item: str = "", record_id: str = "") -> None:
        super().__init__(inspection_id)
        self.item = item
        self._begun = False
        self._keeper = PartKeeper(self._make, self._correct, record_id)

    def body(self) -> ComposeResult:
        """Item, form, basis."""
        yield Prose("", id="finding-item")
        yield Form(
            [
                FormField("text", N_("What is wrong"), kind="long", required=True, lines=6),
                FormField("severity", N_("Severity"), kind="choice", choices=tuple(SEVERITIES.items())),
                FormField("occurred_on", N_("Violation on"), hint=N_("Empty: the day of the visit")),
            ],
            {"severity": "normal"},
            classes="card",
        )
        yield Prose("", id="finding-basis", classes="quiet below")
        yield Prose(_("Kept when you leave the field. Esc goes back."), classes="quiet")

    def load(self) -> None:
        """Read the finding and its item's basis."""
        notebook, inspection, record, item = self.notebook, self.inspection_id, self._keeper.record, self.item

        def read() -> tuple[Any, str, str, str]:
            sheet = queries.sheet(notebook, inspection)
            row = next((each for each in sheet.findings if each.id == record), None)
            code = (row.item if row is not None else item) or ""
            known = visit_items(sheet.inspection).get(code)
            key = (row.basis_key if row is not None else "") or (known.basis_key if known is not None else "")
            visit = sheet.inspection
            on = queries.act_day(row, visit) if row is not None else queries.day_of(visit)
            basis = queries.basis_text(key, on) if key else ""
            changed = queries.law_changed(key, on, today(notebook)) if key else ""
            changed = "\n! ".join(each for each in (queries.basis_caution(key, on), changed) if each)
            return row, f"{code} {known.title}" if known is not None else "", basis, changed

        self.ask(read, self._show)

    def _show(self, answer: tuple[Any, str, str, str]) -> None:
        row, item, basis, changed = answer
        self.query_one("#finding-item", Prose).show(item or _("No item: of the visit as a whole"))
        words = _("Legal basis: {basis}").format(basis=basis or "-")
        self.query_one("#finding-basis", Prose).show(f"{words}\n! {changed}" if changed else words)
        form = self.query_one(Form)
        if row is not None:
            form.load({"text": row.text, "severity": row.severity, "occurred_on": row.occurred_on})
        if not self._begun:
            self._begun = True
            form.focus_field("text")

    def _make(self, notebook: Any, values: dict[str, Any]) -> str | None:
        if not str(values.get("text") or "").strip():
            return None
        return verbs.find(
            notebook,
            self.inspection_id,
            self.item or None,
            values["text"],
            severity=values.get("severity") or "normal",
            occurred_on=values.get("occurred_on") or None,
        )

    def _correct(self, notebook: Any, record: str, values: dict[str, Any]) -> None:
        verbs.correct(notebook, record, **values)

    def field_kept(self, event: Kept) -> None:
        """Write it down."""
        self.keep_part({event.key: event.value}, event.form.values)

    @on(Form.Finished)
    async def _finished(self, event: Form.Finished) -> None:
        event.stop()
        await self.action_leave()

    def action_phrase(self) -> None:
        """Add a stock phrase."""
        ask_phrase(self, self.item, self._insert)

    def _insert(self, text: str) -> None:
        field = self.query_one("#field-text", LongField)
        field.insert(text)
        field.focus()
