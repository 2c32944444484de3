"""Choosing files with the keyboard: folders, cards and sticks; several at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from models.language import N_, _
from tui.place import Modal
from tui.screens.evidence_parts import Entry, listing, places
from tui.text import plain
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.progress import amount
from tui.widgets.prose import Prose

COLUMNS = (Column("", 3), Column("", 0), Column("", 9, right=True), Column("", 16, from_width=60))


class FilePicker(Modal):
    """Closes with (folder, paths), or None.

    Args:
        folder: where to begin; None lists the places.
    """

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder = folder
        self._entries: dict[str, Entry] = {}
        self._marked: list[str] = []

    def compose(self) -> ComposeResult:
        """Folder, list, keys."""
        with Vertical(classes="picker wide"):
            yield Static("", classes="picker-title")
            yield Lines(COLUMNS, self._read, self._cells, empty=N_("Nothing in this folder."), head=False)
            yield Prose(
                _("Enter takes or opens, Space marks, Left goes up, ~ lists the places, Esc goes back."),
                classes="quiet",
            )

    def on_mount(self) -> None:
        """List the folder."""
        self.query_one(Lines).focus()
        self._list(self._folder)

    def _list(self, folder: Path | None, select: str = "") -> None:
        def read() -> tuple[Path | None, list[Entry]]:
            if folder is None:
                return None, [Entry(path, True, 0, 0) for path in places()]
            return folder, listing(folder)

        self.ask(read, lambda answer: self._show(*answer, select), group="listing")

    def _show(self, folder: Path | None, entries: list[Entry], select: str) -> None:
        self._folder = folder
        self._marked = []
        self._entries = {str(each.path): each for each in entries}
        title = str(folder) if folder is not None else _("Places")
        self.query_one(".picker-title", Static).update(plain(title))
        lines = self.query_one(Lines)
        lines.show(list(self._entries))
        if select in self._entries:
            lines.show(list(self._entries), select=select)
        else:
            lines.action_top()

    def _read(self, ids: Sequence[str]) -> list[Entry]:
        return [self._entries[one] for one in ids if one in self._entries]

    def _cells(self, each: Entry) -> Sequence[Cell | str]:
        mark = "[✓]" if str(each.path) in self._marked else " / " if each.folder else "   "
        name = each.path.name or str(each.path)
        if self._folder is None:
            name = str(each.path)
        when = datetime.fromtimestamp(each.changed).strftime("%Y-%m-%d %H:%M") if each.changed else ""  # noqa: DTZ006 -- the laptop's own time
        size = "" if each.folder else amount(each.size, "bytes")
        return (mark, Cell(name, "strong" if each.folder else ""), Cell(size, "quiet"), Cell(when, "quiet"))

    def on_key(self, event: events.Key) -> None:
        """Space marks, Left and Backspace go up, ~ lists the places."""
        lines = self.query_one(Lines)
        current = self._entries.get(lines.current or "")
        if event.key == "escape":
            self.dismiss(None)
        elif event.key == "space" and current is not None and not current.folder:
            key = str(current.path)
            self._marked = (
                [one for one in self._marked if one != key] if key in self._marked else [*self._marked, key]
            )
            lines.refresh()
            lines.action_down()
        elif event.key in ("left", "backspace", "h"):
            self._up()
        elif event.key == "tilde":
            self._list(None)
        else:
            return
        event.stop()
        event.prevent_default()

    def _up(self) -> None:
        if self._folder is None:
            return
        parent = self._folder.parent
        self._list(None if parent == self._folder else parent, str(self._folder))

    @on(Lines.Opened)
    def _opened(self, event: Lines.Opened) -> None:
        event.stop()
        each = self._entries[event.id]
        if each.folder and not self._marked:
            self._list(each.path)
            return
        paths = [Path(one) for one in self._marked] or [each.path]
        self.dismiss((self._folder or each.path.parent, paths))
