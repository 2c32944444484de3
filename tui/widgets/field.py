"""A line of text that works with Chinese input methods."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.geometry import Offset
from textual.widgets import Input

from tui.quirks import visible
from tui.text import without_unseen


class Field(Input):
    """Input, with the terminal cursor where the input method should open.

    Textual 8.2.8 puts it one column too far right at the end of the text, and leaves it behind when the page
    is scrolled by mouse. Nothing blinks: an animation beside a pre-edit flickers.
    """

    takes_letters = True
    """While it has the focus, the footer offers no letter keys."""

    def __init__(self, value: str = "", **options: Any) -> None:
        options.setdefault("select_on_focus", False)
        super().__init__(visible(value) if value else None, **options)
        self.cursor_blink = False
        self.not_text: frozenset[str] = frozenset()
        """Keys that do something else though they could be typed."""

    def load(self, value: str) -> None:
        """Show a value without telling anyone that it changed."""
        with self.prevent(Input.Changed):
            self.value = visible(value)
            self.cursor_position = len(self.value)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text here, and so no binding may take it."""
        return key not in self.not_text and super().check_consume_key(key, character)

    @property
    def cursor_screen_offset(self) -> Offset:
        """Column and row of the cursor on the screen."""
        offset = super().cursor_screen_offset
        return Offset(offset.x - 1, offset.y) if self.cursor_at_end else offset

    def on_scroll_moved(self) -> None:
        """The page moved under us: the cursor moves along."""
        if self.has_focus:
            self.app.cursor_position = self.cursor_screen_offset

    def insert_text_at_cursor(self, text: str) -> None:
        """Insert what can be seen."""
        super().insert_text_at_cursor(without_unseen(text))

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace by what can be seen."""
        super().replace(without_unseen(text), start, end)

    def _on_paste(self, event: events.Paste) -> None:
        """Everything pasted on one line: what stood on several is joined."""
        joined = " ".join(part.strip() for part in event.text.splitlines() if part.strip())
        event.prevent_default()
        event.stop()
        selection = self.selection
        if selection.is_empty:
            self.insert_text_at_cursor(joined)
        else:
            self.replace(joined, *selection)
