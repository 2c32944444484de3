"""Several lines of text, for notes and statements."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from tui.quirks import visible
from tui.text import without_unseen


class LongField(TextArea):
    """TextArea without highlighting or blinking; Up on the first and Down on the last line leave it."""

    takes_letters = True

    class Leave(Message):
        """The cursor wants out: `step` is 1 to the next field, -1 to the one before."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(_seen(value), soft_wrap=True, tab_behavior="focus", **options)
        self.cursor_blink = False
        self.show_line_numbers = False
        self.highlight_cursor_line = False

    @property
    def value(self) -> str:
        """The whole text."""
        return self.text

    def load(self, value: str) -> None:
        """Show a value without telling anyone that it changed."""
        with self.prevent(TextArea.Changed):
            self.load_text(_seen(value))

    async def _on_key(self, event: events.Key) -> None:
        row, _column = self.cursor_location
        last = self.document.line_count - 1
        step = -1 if event.key == "up" and row == 0 else 1 if event.key == "down" and row == last else 0
        if step:
            event.stop()
            event.prevent_default()
            self.post_message(self.Leave(step))
            return
        await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        """Paste without what cannot be seen."""
        event.prevent_default()
        event.stop()
        text = "\n".join(without_unseen(line) for line in event.text.splitlines())
        result = self._replace_via_keyboard(text, *self.selection)
        if result is not None:
            self.move_cursor(result.end_location)


def _seen(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))
