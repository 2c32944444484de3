"""Sync 同步: what will go, what went, what came, what was put aside and why; conflicts to settle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from models.errors import BadInput
from models.language import N_, _
from sync.second_factor import code_in
from tui.keys import bindings
from tui.place import Modal, Place
from tui.screens import sync_parts
from tui.screens.sync_parts import Line, SyncView, Work
from tui.widgets.bar import mark
from tui.widgets.confirm import AskLine
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.progress import Progress
from tui.widgets.prose import Prose
from tui.widgets.tabs import TabsLine

TABS = (
    ("waiting", N_("Will go")),
    ("aside", N_("Put aside")),
    ("conflicts", N_("Conflicts")),
    ("receipts", N_("Receipts")),
    ("sessions", N_("Earlier")),
)
EMPTY = {
    "waiting": N_("Everything has its receipt."),
    "aside": N_("Nothing was put aside."),
    "conflicts": N_("No conflict: nothing was written differently on two laptops."),
    "receipts": N_("No inspection yet."),
    "sessions": N_("Not synced yet."),
}
COLUMNS = (Column("", 1), Column("", 0), Column("", 34))
OWN_COLUMNS = {
    "waiting": (Column("", 1), Column("", 0), Column("", 14)),
    "conflicts": (Column("", 1), Column("", 30), Column("", 0)),
    "receipts": (Column("", 1), Column("", 0), Column("", 18)),
    "sessions": (Column("", 1), Column("", 17), Column("", 0)),
}


class SyncScreen(Place):
    """The way to the server and back.

    Args:
        begin: start at once.
    """

    place_name = "sync"
    BINDINGS = bindings("sync")
    CSS_PATH = "inspection.tcss"
    AUTO_FOCUS = ""

    def __init__(self, begin: bool = False) -> None:
        super().__init__()
        self._begin = begin
        self._enrolled = False
        self._tab = "waiting"
        self._rows: dict[str, dict[str, Line]] = {name: {} for name, _label in TABS}

    def body(self) -> ComposeResult:
        """State, progress, how it went, the lists."""
        yield Prose("", id="sync-say")
        yield Progress(id="sync-progress")
        yield Prose("", id="sync-outcome")
        yield TabsLine(TABS, chosen=self._tab)
        with ContentSwitcher(initial=self._tab, id="sync-panes"):
            for name, _label in TABS:
                yield Lines(
                    OWN_COLUMNS.get(name, COLUMNS),
                    lambda ids, name=name: self._read(name, ids),  # type: ignore[misc]
                    _cells,
                    empty=EMPTY[name],
                    head=False,
                    id=name,
                )
        yield Prose("", id="sync-more", classes="quiet")

    def load(self) -> None:
        """Read all that is shown."""
        notebook = self.notebook
        self._show_run()
        self.ask(lambda: sync_parts.read_sync(notebook), self._show)
        if self._begin:
            self._begin = False
            self.action_start()

    def _show(self, view: SyncView) -> None:
        self._enrolled = view.enrolment is not None
        self.query_one("#sync-say", Prose).show(sync_parts.way_words(view))
        lists = {
            "waiting": view.waiting,
            "aside": view.aside,
            "conflicts": view.conflicts,
            "receipts": view.receipts,
            "sessions": view.sessions,
        }
        for name, lines in lists.items():
            self._rows[name] = {line.id: line for line in lines}
            self.query_one(f"#{name}", Lines).show([line.id for line in lines])
        counted = {name: len(lines) for name, lines in lists.items() if name not in ("sessions", "receipts")}
        self.query_one(TabsLine).show(counted)
        self._tell(self._tab, self.query_one(f"#{self._tab}", Lines).current or "")
        if self.focused is None:
            self.query_one(f"#{self._tab}").focus()
        self.refresh_footer()

    def _read(self, name: str, ids: Sequence[str]) -> list[Line]:
        return [self._rows[name][one] for one in ids if one in self._rows[name]]

    # -- the run -------------------------------------------------------------------------------------------

    @property
    def _under_way(self) -> bool:
        run = sync_parts.run_of(self.app)
        return run is not None and not run.done

    def _show_run(self) -> None:
        """How far it is, or how it went."""
        if not self.is_mounted:
            return
        run = sync_parts.run_of(self.app)
        progress = self.query_one(Progress)
        progress.display = self._under_way
        if run is None:
            return
        if run.last is not None and not run.done:
            progress.show(run.last.done, run.last.total, run.last.unit, run.last.what)
        outcome = self.query_one("#sync-outcome", Prose)
        outcome.show(sync_parts.outcome_words(run) if run.done else "")
        outcome.set_class(sync_parts.failed(run), "bad")

    def why_not_start(self) -> str:
        """One at a time."""
        return _("A sync is under way.") if self._under_way else ""

    def action_start(self) -> None:
        """Begin."""
        self._begin_run()

    def why_not_code(self) -> str:
        """As to begin a sync."""
        return self.why_not_export() or self.why_not_start()

    def action_code(self, explain: str = "") -> None:
        """Ask for the six digits, then begin with them."""

        def begin(text: str | None) -> None:
            if text is None:
                return
            try:
                self._begin_run(code=code_in(text))
            except BadInput as error:
                self.action_code(error.text())

        explain = explain or _(
            "The six digits that the app on your phone shows now. The server takes each once."
        )
        self.app.push_screen(AskLine(_("Code of the phone's app"), explain=explain), begin)

    def _offer_code(self) -> None:
        """Ask for a code where the server just did, unless the person is at something else here."""
        run = sync_parts.run_of(self.app)
        found = run.outcome if run is not None and not run.offered else None
        if run is not None and found is not None and found.code_due and self.is_current:
            run.offered = True  # its end is told more than once
            self.action_code(sync_parts.code_words(found))

    def why_not_export(self) -> str:
        """A bundle is for the server that the notebook knows."""
        return "" if self._enrolled else _("This notebook is not enrolled with a server.")

    def action_export(self) -> None:
        """Ask where to, then write a bundle."""
        explain = _("A stick's folder, or a file to be. The administrator takes it in and gives an answer.")
        notebook = self.notebook

        def write(text: str | None) -> None:
            if text:
                target = Path(text).expanduser()
                said = self.query_one("#sync-outcome", Prose).show
                self.ask(
                    lambda: sync_parts.export_words(notebook, target), said, group="export", exclusive=False
                )

        self.app.push_screen(AskLine(_("Export the bundle to"), explain=explain), write)

    def why_not_take(self) -> str:
        """As to begin a sync."""
        return self.why_not_export() or self.why_not_start()

    def action_take(self) -> None:
        """Ask for the server's answer, then take it in as a sync."""

        def take(text: str | None) -> None:
            if text:
                self._begin_run(sync_parts.from_stick(Path(text).expanduser()))

        explain = _("The file that the server's administrator gave back; it ends in .answer.qcb.")
        self.app.push_screen(AskLine(_("Import which answer?"), explain=explain), take)

    def _begin_run(self, work: Work | None = None, *, code: str = "") -> None:
        desk = self.desk
        self.query_one(Progress).begin(_("Greeting the server"))

        def told() -> None:
            run = sync_parts.run_of(desk)
            desk.busy("" if run is None or run.done else _("syncing"))
            # a dialog may stand over it, such as the one that asks for a code
            screen = next(each for each in reversed(desk.screen_stack) if not isinstance(each, Modal))
            if isinstance(screen, SyncScreen):
                screen._show_run()
                if run is not None and run.done:
                    screen.load()
                    screen._offer_code()
            if run is not None and run.done:
                desk.refresh_bar()
                if not isinstance(screen, SyncScreen) and not run.told:
                    run.told = True
                    desk.say(sync_parts.outcome_words(run))

        sync_parts.start(desk, told, work, code=code)
        self._show_run()
        self.refresh_footer()

    def why_not_cancel(self) -> str:
        """There must be one."""
        return "" if self._under_way else _("No sync is under way.")

    def action_cancel(self) -> None:
        """Stop; what has a receipt stays."""
        run = sync_parts.run_of(self.app)
        if run is not None:
            run.stop.set()
            self.desk.say(_("Stopping; what has a receipt stays."))

    def on_key(self, event: events.Key) -> None:
        """Esc stops a run before it goes back."""
        if event.key == "escape" and self._under_way:
            event.stop()
            event.prevent_default()
            self.action_cancel()

    # -- lists ---------------------------------------------------------------------------------------------

    def show_tab(self, name: str) -> None:
        """Bring a list to the front."""
        self._tab = name
        self.query_one(TabsLine).chosen = name
        self.query_one(ContentSwitcher).current = name
        lines = self.query_one(f"#{name}", Lines)
        lines.focus()
        self._tell(name, lines.current or "")

    @on(TabsLine.Chosen)
    def _tab_clicked(self, event: TabsLine.Chosen) -> None:
        event.stop()
        self.show_tab(event.name)

    def action_pane(self) -> None:
        """The next list."""
        names = [name for name, _label in TABS]
        self.show_tab(names[(names.index(self._tab) + 1) % len(names)])

    def action_receipts(self) -> None:
        """The receipts."""
        self.show_tab("receipts")

    @on(Lines.Moved)
    def _moved(self, event: Lines.Moved) -> None:
        event.stop()
        if event.lines.id == self._tab:
            self._tell(self._tab, event.id)

    def _tell(self, name: str, line_id: str) -> None:
        """The whole of the line under the cursor, which a list cuts."""
        line = self._rows[name].get(line_id)
        self.query_one("#sync-more", Prose).show(f"{line.record}  {line.text}" if line is not None else "")

    @on(Lines.Opened)
    def _opened(self, event: Lines.Opened) -> None:
        event.stop()
        line = self._rows[self._tab].get(event.id)
        if line is None:
            return
        if self._tab == "conflicts":
            self._settle(line)
        elif self._tab == "receipts":
            self._show_receipt(line)
        elif line.kind == "inspection":
            record = line.record_id or line.id
            self.desk.open_place("inspection", inspection_id=record)

    def _over(self, screen: Modal) -> None:
        self.app.push_screen(screen)

    def _show_receipt(self, line: Line) -> None:
        from tui.screens.sync_receipt import ReceiptView, read_receipt

        notebook = self.notebook
        self.ask(
            lambda: read_receipt(notebook, line.id),
            lambda text: self._over(ReceiptView(line.record, text)),
            group="receipt",
        )

    def action_settle(self) -> None:
        """The conflict under the cursor, else the first."""
        if self._tab != "conflicts":
            self.show_tab("conflicts")
        current = self.query_one("#conflicts", Lines).current
        line = self._rows["conflicts"].get(current or "")
        if line is not None:
            self._settle(line)

    def why_not_settle(self) -> str:
        """There must be one."""
        return "" if self._rows["conflicts"] else _("There is no conflict to settle.")

    def _settle(self, line: Line) -> None:
        from tui.screens.sync_settle import SettleScreen, read_sides

        notebook = self.notebook
        self.ask(
            lambda: read_sides(notebook, line.kind, line.record_id, line.field),
            lambda sides: self._over(SettleScreen(line, sides)),
            group="settle",
        )


def _cells(line: Any) -> Sequence[Cell | str]:
    return (mark(line.mark) if line.mark else "", line.record, Cell(line.text, line.part))
