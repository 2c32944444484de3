"""Evidence 证据: what was taken in, what it claims of itself, where it is; and taking in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from models.documents.labels import labels
from models.documents.qr import modules
from models.inspections import verbs
from models.inspections.rules import EVIDENCE_KINDS
from models.language import N_, _, translate
from tui.keys import bindings
from tui.messages import Progressed
from tui.screens.common import short_moment
from tui.screens.evidence_files import FilePicker
from tui.screens.evidence_form import custody_words, piece_words
from tui.screens.evidence_parts import (
    EvidenceView,
    TakenIn,
    Watch,
    pasted_paths,
    read_evidence,
    take_in_all,
    thumbnail_rows,
)
from tui.screens.history import REDACTED
from tui.screens.inspection_form import VisitPlace, sealed_words
from tui.screens.record_code import CodeView
from tui.screens.record_files import file_name
from tui.widgets.bar import mark
from tui.widgets.confirm import AskLine
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.progress import Progress, amount
from tui.widgets.prose import Prose

COLUMNS = (
    Column("", 1),
    Column(N_("Item"), 4),
    Column(N_("Kind"), 12),
    Column(N_("Title"), 0),
    Column(N_("Size"), 9, right=True),
    Column(N_("Taken in"), 11, from_width=74),
    Column("SHA-256", 12, from_width=100),
    Column(N_("Custody"), 12, from_width=120),
)
LOOK_EVERY = 2.0
"""Seconds between looks into a watched folder."""
REST = 0.2
"""Seconds that the cursor rests before a picture is made."""


class Thumbnail(Widget):
    """A photo in half blocks."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[list[Segment]] = []

    def show(self, rows: list[list[Segment]]) -> None:
        """Show another; empty shows none."""
        self._rows = rows
        self.styles.height = len(rows)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of cells."""
        segments = self._rows[y] if y < len(self._rows) else []
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)


class EvidenceScreen(VisitPlace):
    """The evidence of a visit.

    Args:
        inspection_id: which inspection.
        item: code of the item that new files belong to; its evidence is shown first.
        add: ask for a file at once.
        record_id: the piece to begin on.
        edit: open its words at once.
    """

    place_name = "evidence"
    BINDINGS = bindings("evidence")

    def __init__(
        self, inspection_id: str, item: str = "", add: bool = False, record_id: str = "", edit: bool = False
    ) -> None:
        super().__init__(inspection_id)
        self.item = item
        self._add = add
        self._edit = edit
        self._select = record_id
        self._view: EvidenceView | None = None
        self._stop: Event | None = None
        self._watch: Watch | None = None
        self._looks: Timer | None = None
        self._offered: list[Path] = []
        self._pictured = ""

    def body(self) -> ComposeResult:
        """Say, progress, list, what is known of the piece under the cursor."""
        yield Prose("", id="evidence-say", classes="quiet")
        yield Progress(id="evidence-progress")
        with Horizontal(id="evidence-all"):
            yield Lines(COLUMNS, self._read, self._cells, empty=N_("No evidence yet."), id="evidence-list")
            with VerticalScroll(id="evidence-more", can_focus=False):
                yield Thumbnail()
                yield Prose("", id="evidence-text")

    def heading(self) -> str:
        """Site and number."""
        if self._view is None:
            return super().heading()
        row = self._view.visit
        return f"{super().heading()}  {row.site_name or ''} {row.number or ''}"

    # -- reading -------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the evidence."""
        notebook, inspection = self.notebook, self.inspection_id
        self.ask(lambda: read_evidence(notebook, inspection), self._show)

    def _show(self, view: EvidenceView) -> None:
        self._view = view
        own = [row.id for row in view.rows if self.item and row.item == self.item]
        ids = own + [row.id for row in view.rows if row.id not in own]
        lines = self.query_one("#evidence-list", Lines)
        lines.show(ids, select=self._select)
        self._select = ""
        if self.focused is None:
            lines.focus()
        self._say()
        self.desk.paint_bars()
        self.refresh_footer()
        if self._add:
            self._add = False
            if not self.why_not_add():
                self.action_add()
        if self._edit:
            self._edit = False
            self.action_edit()

    def _say(self) -> None:
        parts = []
        if self._view is not None:
            parts.append(_("pieces: {count}").format(count=len(self._view.rows)))
        if self.item:
            parts.append(_("new ones belong to {item}").format(item=self.item))
        if self._offered:
            parts.append(
                _("! new files in {folder}: {count}; t takes them in").format(
                    count=len(self._offered), folder=self._watch.folder if self._watch else ""
                )
            )
        elif self._watch is not None:
            parts.append(_("watching {folder}").format(folder=self._watch.folder))
        self.query_one("#evidence-say", Prose).show("  ".join(parts))

    def _read(self, ids: Sequence[str]) -> list[Any]:
        rows = {row.id: row for row in self._view.rows} if self._view is not None else {}
        return [rows[one] for one in ids if one in rows]

    def _cells(self, row: Any) -> Sequence[Cell | str]:
        view = self._view
        assert view is not None
        events_of = view.custody.get(row.id, [])
        last = custody_words(events_of[-1], {}).split("  ")[1] if events_of else ""
        claim = "! " if row.claim_problems else ""
        title = f"{claim}{row.name or row.purpose or ''}  {row.title or ''}"
        out = row.id in view.out
        return (
            Cell(mark(view.mark(row)), "bad" if out else ""),
            row.item or "",
            translate(EVIDENCE_KINDS.get(row.kind or "", "")),
            Cell(f"{translate(REDACTED)} {title}" if out else title),
            amount(row.size or 0, "bytes") if row.sha256 else "-",
            short_moment(row.taken_in_at),
            Cell(view.hashes.get(row.id, "")[:12], "quiet"),
            Cell(last, "quiet"),
        )

    @on(Lines.Moved)
    def _moved(self, event: Lines.Moved) -> None:
        event.stop()
        row = self._current
        words = piece_words(self._view, row) if self._view is not None and row is not None else ""
        self.query_one("#evidence-text", Prose).show(words)
        self.set_timer(REST, self._picture)

    def _picture(self) -> None:
        row = self._current
        thumbnail = self.query_one(Thumbnail)
        if row is None or row.id == self._pictured or not thumbnail.display:
            return
        self._pictured = row.id
        notebook = self.notebook
        self.ask(
            lambda: thumbnail_rows(notebook, row),
            thumbnail.show,
            group="picture",
        )

    @property
    def _current(self) -> Any:
        lines = self.query_one("#evidence-list", Lines)
        rows = self._view.rows if self._view is not None else []
        return next((row for row in rows if row.id == lines.current), None)

    # -- adding --------------------------------------------------------------------------------------------

    def why_not_add(self) -> str:
        """Sealed stays sealed; one batch at a time."""
        if self._view is not None and self._view.visit.sealed:
            return sealed_words(self.desk.own_keys)
        return _("Files are being taken in.") if self._stop is not None else ""

    why_not_browse = why_not_thing = why_not_watch = why_not_phone = why_not_add

    def action_add(self) -> None:
        """Ask for a path."""
        explain = _("Type, paste or drop a path. An empty line opens the folders.")
        self.app.push_screen(AskLine(_("Which file?"), explain=explain, may_be_empty=True), self._pasted)

    def _pasted(self, text: str | None) -> None:
        if text is None:
            return
        if not text:
            self.action_browse()
            return
        self._take_in(pasted_paths(text))

    def on_paste(self, event: events.Paste) -> None:
        """A file dropped on the terminal arrives as its path."""
        event.stop()
        reason = self.why_not_add()
        if reason:
            self.desk.say(reason, severity="warning")
            return
        self._take_in(pasted_paths(event.text))

    def action_browse(self) -> None:
        """Choose files in the folders."""
        kept = self.notebook.meta("evidence_folder") or ""
        folder = Path(kept) if kept and Path(kept).is_dir() else Path.home()
        self.app.push_screen(FilePicker(folder), self._chosen)

    def _chosen(self, answer: tuple[Path, list[Path]] | None) -> None:
        if answer is None:
            return
        folder, paths = answer
        notebook = self.notebook
        self.do_verb(lambda: notebook.set_meta(evidence_folder=str(folder)))
        self._take_in(paths)

    def action_phone(self) -> None:
        """Photos straight from the phone."""
        from tui.screens.evidence_phone import PhoneScreen

        number = self._view.visit.number if self._view is not None else ""
        title = f"{number or ''} {self.item}".strip()
        self.app.push_screen(PhoneScreen(self.inspection_id, self.item, title))

    def action_thing(self) -> None:
        """A thing without a file."""
        self.desk.open_place("describe", inspection_id=self.inspection_id, item=self.item)

    def _take_in(self, paths: Sequence[Path]) -> None:
        """Take them in, in a thread of its own: answers given meanwhile do not wait for a film."""
        if not paths:
            self.desk.say(_("That is no path of a file."), severity="warning")
            return
        stop = self._stop = Event()
        notebook, inspection, item = self.notebook, self.inspection_id, self.item
        count = len(paths)
        progress = self.query_one(Progress)
        progress.begin(_("Taking in"))
        progress.display = True

        def told(number: int, done: int, total: int, name: str) -> None:
            what = _("Taking in {number} of {count}: {name}").format(
                number=number + 1, count=count, name=name
            )
            self.post_message(Progressed(done, total, "bytes", what))

        desk = self.desk

        def work() -> TakenIn:
            found = take_in_all(notebook, inspection, item, paths, stop=stop, told=told)
            if not self.is_attached:  # the screen was left meanwhile: its answer goes nowhere
                desk.call_later(_tell, desk, found)
            return found

        self.ask(work, self._taken, group="take-in", exclusive=False, failed=self._not_taken)
        self.refresh_footer()

    @on(Progressed)
    def _further(self, event: Progressed) -> None:
        event.stop()
        self.query_one(Progress).show(event.done, event.total, event.unit, event.what)

    def _ended(self) -> None:
        self._stop = None
        self.query_one(Progress).display = False
        self.load()

    def _not_taken(self, error: Exception) -> bool:
        self._ended()
        return False

    def _taken(self, answer: TakenIn) -> None:
        self._ended()
        _tell(self.desk, answer)

    def why_not_cancel(self) -> str:
        """There must be something."""
        return "" if self._stop is not None else _("Nothing is being taken in.")

    def action_cancel(self) -> None:
        """Stop; what is in stays, the file under way does not."""
        if self._stop is not None:
            self._stop.set()

    def on_key(self, event: events.Key) -> None:
        """Esc stops the taking in before it goes back."""
        if event.key == "escape" and self._stop is not None:
            event.stop()
            event.prevent_default()
            self.action_cancel()

    # -- a watched folder ----------------------------------------------------------------------------------

    def action_watch(self) -> None:
        """Watch a folder, or end watching."""
        if self._looks is not None:
            self._looks.stop()
            self._looks = self._watch = None
            self._offered = []
            self._say()
            return
        kept = self.notebook.meta("watched_folder") or ""
        explain = _("New files there are offered as they come: a tethered camera, a shared folder.")
        self.app.push_screen(AskLine(_("Watch which folder?"), kept, explain=explain), self._watched)

    def _watched(self, text: str | None) -> None:
        if not text:
            return
        notebook = self.notebook
        folder = Path(text.strip("'\"")).expanduser()
        self.do_verb(lambda: notebook.set_meta(watched_folder=str(folder)))
        self.ask(lambda: Watch(folder), self._begin_watching, group="watch")

    def _begin_watching(self, watch: Watch) -> None:
        self._watch = watch
        self._looks = self.set_interval(LOOK_EVERY, self._look)
        self._say()

    def _look(self) -> None:
        watch = self._watch
        if watch is not None:
            self.ask(watch.look, self._offer, group="look", failed=self._lost)

    def _offer(self, found: list[Path]) -> None:
        if found:
            self._offered += found
            self._say()
            self.refresh_footer()

    def _lost(self, error: Exception) -> bool:
        """The card was pulled out: say so once and stop."""
        if self._looks is not None:
            self._looks.stop()
        self._looks = self._watch = None
        self._say()
        return False

    def why_not_take(self) -> str:
        """There must be something."""
        if not self._offered:
            return _("No new file is offered; w watches a folder.")
        return self.why_not_add()

    def action_take(self) -> None:
        """Take the offered files in."""
        offered, self._offered = self._offered, []
        self._take_in(offered)
        self._say()

    # -- one piece -----------------------------------------------------------------------------------------

    def why_not_edit(self) -> str:
        """There must be one."""
        return "" if self._view is not None and self._view.rows else _("No evidence yet.")

    why_not_custody = why_not_label = why_not_edit

    def why_not_withdraw(self) -> str:
        """There must be one, and sealed stays sealed."""
        return self.why_not_edit() or self.why_not_add()

    def action_edit(self) -> None:
        """Its words."""
        row = self._current
        if row is not None:
            self.desk.open_place("describe", inspection_id=self.inspection_id, record_id=row.id)

    @on(Lines.Opened)
    def _opened(self, event: Lines.Opened) -> None:
        event.stop()
        self.action_edit()

    def action_custody(self) -> None:
        """What became of it."""
        row = self._current
        if row is not None:
            self.desk.open_place("custody", inspection_id=self.inspection_id, record_id=row.id)

    def action_label(self) -> None:
        """Its label with the code."""
        row, view = self._current, self._view
        if row is None or view is None:
            return
        notebook, inspection = self.notebook, self.inspection_id
        at = [each.id for each in view.rows].index(row.id)
        title = row.title or row.name or ""

        def show(found: list[Any]) -> None:
            label = found[at]
            name = file_name(title, "label", ".png")
            code = modules(label.code)
            self.app.push_screen(CodeView(title, code, name, words=list(label.lines)[3:5], picture=label.png))

        self.ask(lambda: labels(notebook, inspection), show, group="label")

    def action_withdraw(self) -> None:
        """Take it out of the list, with a reason."""
        self.app.push_screen(
            AskLine(_("Why is it withdrawn?"), explain=_("It stays in the history with the reason.")),
            self._withdraw,
        )

    def _withdraw(self, why: str | None) -> None:
        row = self._current
        if why and row is not None:
            notebook = self.notebook
            self.do_verb(lambda: verbs.withdraw(notebook, row.id, why))


def _tell(desk: Any, answer: TakenIn) -> None:
    """How many came in, and one sentence for each that did not."""
    if answer.taken:
        desk.say(_("{count} taken in.").format(count=answer.taken))
    for sentence in answer.problems:
        desk.say(sentence, severity="error")
