"""Record 笔录: the official form as it will be printed, and all that it still needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from models.documents.paper import preview
from models.documents.papers import PAPERS, inspection_paper, written_paper
from models.inspections import queries
from models.inspections.rules import SIGNATURES, STATES
from models.inspections.sealing import Sealed, seal_of
from models.language import _, current_language, translate
from sync import queries as way
from tui.keys import bindings
from tui.screens.common import moment
from tui.screens.history import TAKEN_OUT
from tui.screens.inspection_form import VisitPlace, sealed_words
from tui.screens.inspection_missing import ask_missing
from tui.screens.inspection_parts import lacking
from tui.screens.inspection_seal import ask_to_seal
from tui.screens.paper_files import PaperPlace
from tui.screens.record_files import file_name
from tui.widgets.choice import Choice
from tui.widgets.picker import Picker, among
from tui.widgets.prose import Prose


@dataclass(frozen=True, slots=True)
class RecordView:
    """What the screen shows, read in one go."""

    row: Any
    lines: list[str]
    missing: int
    statements: list[Any]
    seal: Sealed | None
    on_their_way: int
    """Files of it that the server has not, where there is a server."""
    out: int
    """Files of it that went by order."""


class RecordScreen(VisitPlace, PaperPlace):
    """The paper; keys fill in what it needs.

    Args:
        inspection_id: which inspection.
        field: "statement" opens the statement at once.
    """

    place_name = "record"
    BINDINGS = bindings("record")

    def __init__(self, inspection_id: str, field: str = "") -> None:
        super().__init__(inspection_id)
        self._field = field
        self.papers = tuple(PAPERS.items())
        self.paper = "record"
        self._view: RecordView | None = None

    def body(self) -> ComposeResult:
        """Which paper, its state, the paper."""
        yield self.choice_of_papers()
        yield Prose("", id="record-say", classes="quiet")
        with VerticalScroll(can_focus=True, id="paper"):
            yield Prose("", id="paper-text")

    def heading(self) -> str:
        """Site and number."""
        if self._view is None:
            return super().heading()
        return f"{super().heading()}  {self._view.row.site_name or ''} {self._view.row.number or ''}"

    def load(self) -> None:
        """Read the paper."""
        notebook, inspection, paper = self.notebook, self.inspection_id, self.paper
        width = self.preview_width()

        def read() -> RecordView:
            sheet = queries.sheet(notebook, inspection)
            return RecordView(
                sheet.inspection,
                preview(inspection_paper(notebook, inspection, paper), width),
                len(lacking(queries.missing(notebook, inspection))),
                sheet.statements,
                seal_of(notebook, inspection) if sheet.inspection.sealed else None,
                len(way.files_on_their_way(notebook, inspection)) if way.enrolment(notebook) else 0,
                len(queries.files_out(notebook, sheet.evidence)),
            )

        self.ask(read, self._show)

    def _show(self, view: RecordView) -> None:
        self._view = view
        self.was_read = True
        row = view.row
        parts = [translate(STATES[row.standing])]
        if view.seal is not None:
            parts.append(f"{moment(view.seal.sealed_at)}  SHA-256 {view.seal.sha256[:16]}..")
        else:
            parts.append(
                _("{count} still missing").format(count=view.missing)
                if view.missing
                else _("nothing missing")
            )
        taken_out = view.seal is not None and view.seal.taken_out
        if taken_out:  # the paper is not the sealed one any more
            parts.append(translate(TAKEN_OUT))
        if row.signed in SIGNATURES:
            parts.append(translate(SIGNATURES[row.signed]))
        elif not taken_out:  # whether it was signed may be what went
            parts.append(_("not signed yet"))
        if view.on_their_way:
            parts.append(_("files not at the server yet: {count}").format(count=view.on_their_way))
        if view.out:
            parts.append(_("files taken out by order: {count}").format(count=view.out))
        self.query_one("#record-say", Prose).show(("，" if current_language() == "zh" else ", ").join(parts))
        self.query_one("#paper-text", Prose).show("\n".join(view.lines))
        if self.focused is None:
            self.query_one("#paper").focus()
        self.desk.paint_bars()
        self.refresh_footer()
        if self._field == "statement":
            self._field = ""
            self.action_statement()

    # -- filling in ----------------------------------------------------------------------------------------

    def why_not_signatures(self) -> str:
        """Sealed stays sealed."""
        sealed = self._view is not None and self._view.row.sealed
        return sealed_words(self.desk.own_keys) if sealed else ""

    why_not_statement = why_not_facts = why_not_signatures

    def action_signatures(self) -> None:
        """Situation, certificates, rights, signatures."""
        self.desk.open_place("signatures", inspection_id=self.inspection_id)

    def action_facts(self) -> None:
        """Who, where, when, the party."""
        self.desk.open_place("facts", inspection_id=self.inspection_id)

    def action_statement(self) -> None:
        """A statement: a new one, or one of those that are there."""
        found = self._view.statements if self._view else []
        if not found:
            self.desk.open_place("statement", inspection_id=self.inspection_id)
            return
        choices = [Choice("", _("A new statement"))]
        choices += [Choice(each.id, each.text or "", each.name or "") for each in found]
        self.app.push_screen(Picker(_("Statements"), among(choices), wide=True), self._open_statement)

    def _open_statement(self, choice: Choice | None) -> None:
        if choice is not None:
            self.desk.open_place("statement", inspection_id=self.inspection_id, record_id=choice.value)

    def action_missing(self) -> None:
        """What is still missing."""
        ask_missing(self, self.inspection_id)

    # -- seal, code ----------------------------------------------------------------------------------------

    def why_not_seal(self) -> str:
        """Sealed once."""
        return _("This inspection is sealed already.") if self._view and self._view.row.sealed else ""

    def action_seal(self) -> None:
        """Seal it, after saying what that means."""
        ask_to_seal(self, self.inspection_id)

    def why_not_code(self) -> str:
        """The code is made by the seal."""
        return "" if self._view and self._view.seal else _("The QR code comes with the seal.")

    def action_code(self) -> None:
        """Show the code of the seal."""
        from models.documents.qr import seal_modules
        from tui.screens.record_code import CodeView

        assert self._view is not None
        assert self._view.seal is not None
        text = self._view.seal.qr_text
        title = self._view.row.number or ""
        self.app.push_screen(CodeView(title, seal_modules(text), file_name(title, "QR", ".png")))

    # -- files ---------------------------------------------------------------------------------------------

    def paper_name(self) -> tuple[str, str]:
        """Number of the inspection, name of the paper."""
        number = self._view.row.number if self._view else ""
        return number or "", translate(PAPERS[self.paper])

    def writer(self) -> Callable[[str], bytes | str]:
        """The record, or the list of evidence."""
        notebook, inspection, paper = self.notebook, self.inspection_id, self.paper
        return lambda suffix: written_paper(notebook, inspection, paper, suffix)
