"""Amendment 补正: what a sealed inspection should have said, or what is to be added; sealed itself."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult

from models.errors import RuleBroken
from models.inspections import queries, verbs
from models.inspections.sealing import Sealed
from models.language import N_, _
from tui.keys import bindings
from tui.screens.common import moment
from tui.screens.inspection_form import VisitPlace, from_text, read_row, to_text
from tui.widgets.confirm import Confirm
from tui.widgets.form import Form, FormField, Kept
from tui.widgets.prose import Prose

AMENDABLE = (
    ("", N_("Only an addition, in the reason")),
    ("situation", N_("Situation on site")),
    ("place", N_("Place of the visit")),
    ("began_at", N_("Began")),
    ("ended_at", N_("Ended")),
    ("contact_name", N_("Person in charge")),
    ("contact_duty", N_("Duty")),
    ("contact_phone", N_("Phone")),
    ("legal_person", N_("Legal representative")),
    ("others", N_("Others present")),
    ("approval_number", N_("Approval number")),
    ("notice_number", N_("Notice number")),
    ("refusal_reason", N_("Reason for not signing")),
    ("witness_name", N_("Witness")),
)
"""Fields that an amendment may correct."""


class AmendmentScreen(VisitPlace):
    """What was amended before, and a form for one more."""

    place_name = "amendment"
    BINDINGS = bindings("amendment")

    _drafts: ClassVar[dict[str, dict[str, str]]] = {}
    """What was typed and not sealed, by inspection, so that Esc loses none of it; in memory only."""

    def __init__(self, inspection_id: str) -> None:
        super().__init__(inspection_id)
        self._row: Any = None

    def body(self) -> ComposeResult:
        """Explanation, form, what was amended before."""
        yield Prose(
            _("The sealed record stays as it is. An amendment is a record of its own that names its seal.")
        )
        yield Form(
            [
                FormField("why", N_("Reason"), kind="long", required=True, lines=3),
                FormField("field", N_("What is corrected"), kind="choice", choices=AMENDABLE),
                FormField("value", N_("It should say"), kind="long", lines=3),
            ],
            self._drafts.get(self.inspection_id),
            classes="card",
        )
        yield Prose("", id="amended", classes="quiet below")

    def load(self) -> None:
        """Read the record and its amendments."""
        notebook, inspection = self.notebook, self.inspection_id
        self.ask(
            lambda: (read_row(notebook, inspection)[0], queries.amendments_of(notebook, inspection)),
            self._show,
        )

    def _show(self, answer: tuple[Any, list[Any]]) -> None:
        self._row, amendments = answer
        lines = [f"{each.number}  {moment(each.made_at)}  {each.amend_reason or ''}" for each in amendments]
        self.query_one("#amended", Prose).show("\n".join(lines) or _("No amendment so far."))
        if self.focused is None:
            self.query_one(Form).focus_field("why")

    def keep(self) -> None:
        """Keep what was typed for the next opening."""
        self._drafts[self.inspection_id] = self.query_one(Form).values

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """Only the list of amendments may change."""
        self.load()

    def field_kept(self, event: Kept) -> None:
        """Show what another field holds now."""
        if event.key == "field" and self._row is not None:
            old = to_text(event.value, getattr(self._row, event.value)) if event.value else ""
            event.form.load({"value": old})

    def action_seal(self) -> None:
        """Ask, then seal the amendment."""
        form = self.query_one(Form)
        missing = form.missing()
        if missing:
            form.focus_field(missing[0])
            return
        values = form.values
        field = values["field"]
        try:
            fields = {field: from_text(field, values["value"])} if field else {}
        except RuleBroken as error:
            self.show_at_field("value", error.text())
            return
        self.app.push_screen(
            Confirm(
                _("Seal this amendment?"),
                _("It is sealed at once and stays; a mistake in it needs another amendment."),
                yes=_("Seal"),
            ),
            lambda yes: self._seal(values["why"], fields) if yes else None,
        )

    def _seal(self, why: str, fields: dict[str, Any]) -> None:
        notebook, inspection = self.notebook, self.inspection_id

        def sealed(found: Sealed) -> None:
            self.query_one(Form).load({"why": "", "field": "", "value": ""})
            self._drafts.pop(self.inspection_id, None)
            self.desk.say(_("Amendment sealed: {number}").format(number=found.number))

        self.do_verb(lambda: verbs.amend_inspection(notebook, inspection, why, **fields), sealed)
