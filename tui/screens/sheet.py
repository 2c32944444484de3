"""Sheet: all of one record, by its room; from here it is acted on, its papers and history are shown."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from models import rooms
from models.language import _, translate
from tui import acting
from tui.acting import Offer
from tui.keys import action, bindings, effective, shown
from tui.keytable import Action
from tui.kinds import kind_label
from tui.named import papers_of, sheet_of, unseen
from tui.place import Place
from tui.screens.acts import Offering, open_act, open_record, show_acts
from tui.screens.common import CONFLICT, in_conflict
from tui.screens.history import past_lines
from tui.widgets.choice import Choice
from tui.widgets.facts import FactList
from tui.widgets.picker import Picker, among
from tui.widgets.prose import Prose

LABELLED = ("sampling", "sample")
"""Kinds of record that have labels for bottles."""
RECENT = 12
"""Lines of the history that stand beside a sheet."""


@dataclass(frozen=True, slots=True)
class SheetView:
    """What the screen shows, read in one go."""

    sheet: rooms.Sheet | None
    """None for who may not read it."""
    hidden: str
    offers: list[Offer]
    papers: tuple[tuple[str, str], ...]
    past: list[str]
    conflict: bool = False
    """Whether a field of it was written differently on two laptops."""


class SheetScreen(Offering, Place):
    """One record.

    Args:
        kind: kind of record.
        record_id: which one.
    """

    place_name = "sheet"
    BINDINGS = bindings("sheet")

    def __init__(self, kind: str, record_id: str) -> None:
        super().__init__()
        self.kind = kind
        self.record_id = record_id
        self._view: SheetView | None = None

    def body(self) -> ComposeResult:
        """Title, state, the facts; beside them where it is wide what can be done, and the history."""
        yield Prose("", id="sheet-title")
        yield Prose("", id="sheet-state")
        with Horizontal(id="sheet"):
            yield FactList()
            with Vertical(id="sheet-aside"):
                yield Prose("", id="sheet-aside-text", classes="quiet")

    def heading(self) -> str:
        """What kind of record it is."""
        return kind_label(self.kind)

    def load(self) -> None:
        """Read the record."""
        self.ask(self._read, self._show)

    def _read(self) -> SheetView:
        notebook = self.notebook
        hidden = unseen(notebook, self.kind, self.record_id)
        if hidden:
            return SheetView(None, hidden, [], (), [])
        return SheetView(
            self.read_sheet(),
            "",
            self.read_offers(),
            papers_of(self.kind),
            self.read_past(),
            in_conflict(notebook, self.kind, self.record_id),
        )

    def read_sheet(self) -> rooms.Sheet:
        """What is shown; runs in a thread."""
        return sheet_of(self.notebook, self.kind, self.record_id)

    def read_offers(self) -> list[Offer]:
        """What can be done; runs in a thread."""
        return acting.on_record(self.notebook, self.kind, self.record_id)

    def read_past(self) -> list[str]:
        """The lines of its history; runs in a thread."""
        return past_lines(self.notebook, self.kind, self.record_id)

    def _show(self, view: SheetView) -> None:
        self._view, self.offers = view, view.offers
        state = self.query_one("#sheet-state", Prose)
        if view.sheet is None:
            state.show(view.hidden)
            return
        self.query_one("#sheet-title", Prose).show(view.sheet.title)
        cell = view.sheet.state
        words = ("! " if cell.part == "bad" else "") + cell.text
        state.show(f"{words}  {_(CONFLICT)}" if view.conflict else words)
        state.set_classes(f"part-{cell.part}" if cell.part else "")
        facts = self.query_one(FactList)
        facts.show(view.sheet.sections)
        self.query_one("#sheet-aside-text", Prose).show("\n".join(self._aside(view)))
        if self.focused is None:
            facts.focus()
        self.refresh_footer()

    def _aside(self, view: SheetView) -> list[str]:
        key = shown(effective(action("sheet.act"), self.desk.own_keys)[0])
        can = [translate(each.act.title) for each in view.offers if not each.refusal]
        lines = [_("What can be done now ({key})").format(key=key)]
        lines += [f"- {each}" for each in can] or [_("Nothing now.")]
        key = shown(effective(action("sheet.history"), self.desk.own_keys)[0])
        return [*lines, "", _("Last changes ({key})").format(key=key), *view.past[:RECENT]]

    @on(FactList.Opened)
    def _open(self, event: FactList.Opened) -> None:
        event.stop()
        fact = event.fact
        if not fact.act:
            open_record(self, fact.kind, fact.id)
            return
        notebook = self.notebook
        self.ask(
            lambda: acting.offer(notebook, fact.kind, fact.act, fact.id),
            lambda offer: open_act(self, offer, fact.field),
            group="open",
        )

    # -- acts ----------------------------------------------------------------------------------------------

    def why_not_act(self) -> str:
        """There must be something that can be done to such a record."""
        if self._view is None or self.offers:
            return ""
        return _("Nothing is done to this by hand.")

    def action_act(self) -> None:
        """What can be done to it; the reasons are those of now."""
        if self._view is not None:
            room = rooms.room_of(self.kind)
            title = self._view.sheet.title if self._view.sheet is not None else ""
            show_acts(self, title, lambda: self.offers, room.name if room is not None else "")

    # -- papers and history --------------------------------------------------------------------------------

    def why_not_papers(self) -> str:
        """There must be papers of such a record."""
        if self._view is None or self._view.papers:
            return ""
        if self.kind == "measure":  # its papers are records of their own
            key = shown(effective(action("sheet.act"), self.desk.own_keys)[0])
            words = _("Its papers are drawn up with {key}, and stand on this sheet from then on.")
            return words.format(key=key)
        return _("There are no papers of this kind of record.")

    def action_papers(self) -> None:
        """Show a paper; a choice first where there are several."""
        papers = self._view.papers if self._view is not None else ()
        if len(papers) == 1:
            self._open_paper(Choice(papers[0][0], ""))
        elif papers:
            choices = [Choice(name, translate(label)) for name, label in papers]
            self.app.push_screen(Picker(_("Papers"), among(choices)), self._open_paper)

    def _open_paper(self, choice: Choice | None) -> None:
        if choice is not None:
            self.desk.open_place("paper", kind=self.kind, record_id=self.record_id, paper=choice.value)

    def has_action(self, row: Action) -> bool:
        """Samples have labels."""
        return row.name != "label" or self.kind in LABELLED

    def action_label(self) -> None:
        """The label of a bottle."""
        if self.kind in LABELLED:
            from tui.screens.sample_label import show_labels

            show_labels(self, self.kind, self.record_id)

    def action_history(self) -> None:
        """Who changed what, and when."""
        self.desk.open_place("history", kind=self.kind, record_id=self.record_id)
