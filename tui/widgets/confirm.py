"""A question before something that cannot be taken back, and a line of text asked for."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from models.language import _
from tui.place import Modal
from tui.text import plain
from tui.widgets.field import Field
from tui.widgets.prose import Prose


class Confirm(Modal):
    """Closes with True or None. `consequence` says what will happen."""

    BINDINGS = [
        Binding("escape,n", "close", show=False),
        Binding("y", "yes", show=False),
        Binding("left,up,right,down", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, consequence: str, *, yes: str = "") -> None:
        super().__init__()
        self._question = question
        self._consequence = consequence
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question, what follows from it, two buttons."""
        yes = self._yes or _("Yes")
        with Vertical(classes="dialog"):
            yield Static(plain(self._question), classes="dialog-title")
            yield Prose(self._consequence)
            with Horizontal(classes="dialog-buttons"):
                yield Button(plain(f"{yes} (y)"), id="yes", compact=True)
                yield Button(plain(_("No (n, Esc)")), id="no", compact=True)

    def on_mount(self) -> None:
        """Enter alone does not do it."""
        self.query_one("#no").focus()

    def action_yes(self) -> None:
        """Yes."""
        self.dismiss(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(True if event.button.id == "yes" else None)


class AskLine(Modal):
    """Asks for one line; closes with the text, or None. An empty text is not taken unless `may_be_empty`."""

    BINDINGS = [Binding("escape", "close", show=False)]

    def __init__(
        self, question: str, value: str = "", *, explain: str = "", may_be_empty: bool = False
    ) -> None:
        super().__init__()
        self._question = question
        self._value = value
        self._explain = explain
        self._may_be_empty = may_be_empty

    def compose(self) -> ComposeResult:
        """Question and field."""
        with Vertical(classes="dialog"):
            yield Static(plain(self._question), classes="dialog-title")
            yield Prose(self._explain)
            yield Field(self._value, compact=True)
            yield Prose(_("Enter takes it, Esc goes back."), classes="quiet")

    def on_mount(self) -> None:
        """Type at once."""
        field = self.query_one(Field)
        field.cursor_position = len(field.value)
        field.focus()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if text or self._may_be_empty:
            self.dismiss(text)
