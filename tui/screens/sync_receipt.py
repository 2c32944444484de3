"""The receipt of a record: what the server signed."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from models.language import N_, _, translate
from models.store.witness import witnessed_record
from sync import queries
from tui.kinds import kind_label
from tui.place import Modal
from tui.screens.common import between_words
from tui.screens.sync_parts import MARKS
from tui.text import plain
from tui.widgets.progress import amount
from tui.widgets.prose import Prose


def read_receipt(notebook: Any, record: str) -> str:
    """How far the record has got, and its receipt; runs in a thread."""
    mark = queries.marks(notebook, [record])[record]
    lines = [translate(MARKS[mark])]
    between = witnessed_record(notebook, record)
    if between is not None and (between.not_before or between.not_after):
        lines.append(between_words(between))
    for file in queries.files_on_their_way(notebook, record):
        words = f"{kind_label(file.kind)}  {file.sha256[:12]}…  {amount(file.size, 'bytes')}"
        state = translate(STATES.get(file.state, file.state))
        lines.append(_("Not at the server yet: {file} ({state})").format(file=words, state=state))
    found = queries.receipt(notebook, record)
    if found is not None:
        lines += [
            _("Entry {number} of the server's log, hash {digest}").format(
                number=found.cursor, digest=found.entry_hash.hex()
            ),
            "",
            _("Signed by the server:"),
            found.note.strip(),
        ]
    return "\n".join(lines)


STATES = {
    "queued": N_("waits"),
    "sending": N_("partly sent"),
    "missing": N_("not on this laptop"),
    "damaged": N_("damaged on this laptop"),
}
"""Where a file is on its way (msgid)."""


class ReceiptView(Modal):
    """Any key closes."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._heading = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Title and text."""
        with Vertical(classes="dialog settle"):
            yield Static(plain(self._heading), classes="dialog-title")
            yield Prose(self._text)
            yield Prose(_("Esc goes back."), classes="quiet")

    def on_key(self, event: events.Key) -> None:
        """Close."""
        event.stop()
        self.dismiss(None)
