"""The one picker: type a few letters (or pinyin initials), choose with the arrows, Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from models.language import N_, _
from tui.place import Modal
from tui.text import plain
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.widgets.lines import Cell, Column, Lines

PAUSE = 0.05
"""Seconds of rest before a question is asked, so that fast typing asks once."""


def among(choices: Sequence[Choice]) -> Callable[[str], Sequence[Choice]]:
    """A query over few choices: by words or pinyin initials."""

    def query(text: str) -> Sequence[Choice]:
        if not text.strip():
            return choices
        from models.store.search_terms import initials

        wanted = text.strip().lower()
        return [
            choice
            for choice in choices
            if wanted in choice.label.lower()
            or wanted in choice.detail.lower()
            or wanted in initials(choice.label).lower()
        ]

    return query


class Picker(Modal):
    """Closes with the chosen `Choice`, or None."""

    BINDINGS = [
        Binding("escape", "close", show=False),
        Binding("down", "move('down')", show=False, priority=True),
        Binding("up", "move('up')", show=False, priority=True),
        Binding("pagedown", "move('page_down')", show=False, priority=True),
        Binding("pageup", "move('page_up')", show=False, priority=True),
    ]

    COLUMNS: tuple[Column, ...] = (Column("", 0), Column("", 34, from_width=60))

    def __init__(
        self,
        title: str,
        query: Callable[[str], Sequence[Choice]],
        *,
        typed: str = "",
        new: Callable[[str], Choice] | None = None,
        wide: bool = False,
    ) -> None:
        """
        Args:
            title: in the reader's language.
            query: what matches the text; runs in a thread.
            typed: what stands in the search line at first.
            new: makes a choice of the text itself (it may be empty), offered last.
            wide: takes most of the screen.
        """
        super().__init__()
        self._title = title
        self._find = query
        self._typed = typed
        self._new = new
        self._wide = wide
        self._found: dict[str, Choice] = {}
        self._enter_waits = False
        self._moves_wait: list[str] = []
        self._answered: str | None = None
        """The text whose answer is in the list."""

    def compose(self) -> ComposeResult:
        """Title, search line, list."""
        with Vertical(classes="picker wide" if self._wide else "picker"):
            yield Static(plain(self._title), classes="picker-title")
            yield Field(self._typed, placeholder=_("Type to search"), compact=True)
            yield Lines(
                self.COLUMNS,
                lambda ids: [self._found.get(one) for one in ids],
                lambda choice: () if choice is None else self.cells(choice),
                empty=N_("Nothing matches. Try fewer letters."),
                head=False,
            )

    def type_ahead(self, text: str) -> None:
        """Take what was typed before the search line had the focus; nothing stands for Enter."""
        if not text:
            self._enter_waits = True
        elif self.is_mounted:
            self.query_one(Field).insert_text_at_cursor(text)
        else:
            self._typed += text

    def on_key(self, event: events.Key) -> None:
        """Keys come here while nothing has the focus yet."""
        if self.focused is None and (event.key == "enter" or (event.is_printable and event.character)):
            event.stop()
            event.prevent_default()
            self.type_ahead("" if event.key == "enter" else event.character or "")

    def cells(self, choice: Choice) -> Sequence[Cell | str]:
        """One row."""
        return (choice.label, Cell(choice.detail, "quiet"))

    def result(self, choice: Choice) -> Any:
        """What the picker closes with."""
        return choice

    def on_mount(self) -> None:
        """Ask for the first list."""
        field = self.query_one(Field)
        field.cursor_position = len(field.value)
        lines = self.lines
        lines.can_focus = False
        lines.lit = True
        field.focus()
        self._search()

    @on(Input.Changed)
    def _typed_more(self, event: Input.Changed) -> None:
        event.stop()
        self.set_timer(PAUSE, self._search)

    def _search(self) -> None:
        text = self.query_one(Field).value
        self.ask(lambda: (text, self._find(text)), self._show, group="picker")

    def _show(self, answer: tuple[str, Sequence[Choice]]) -> None:
        text, found = answer
        self._answered = text
        choices = list(found)
        if self._new is not None:
            choices.append(self._new(text.strip()))
        self._found = {str(i) + " " + choice.value: choice for i, choice in enumerate(choices)}
        lines = self.lines
        lines.show(list(self._found))
        lines.action_top()
        if text != self.query_one(Field).value:
            return  # the answer to what was typed since is on its way
        for way in self._moves_wait:
            getattr(lines, f"action_{way}")()
        self._moves_wait.clear()
        if self._enter_waits:
            self._enter_waits = False
            self._take()

    def action_move(self, way: str) -> None:
        """Move in the list while the search line keeps the focus; a list that is to come is waited for."""
        if self.is_mounted and self.query_one(Field).value == self._answered:
            getattr(self.lines, f"action_{way}")()
        else:
            self._moves_wait.append(way)

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        if self.query_one(Field).value != self._answered:
            self._enter_waits = True  # the answer to what was typed is still on its way
            self._search()
            return
        self._take()

    @property
    def lines(self) -> Lines:
        """The list."""
        return self.query_one(Lines)

    def _take(self) -> None:
        current = self.lines.current
        if current is not None:
            self.dismiss(self.result(self._found[current]))

    @on(Lines.Opened)
    def _opened(self, event: Lines.Opened) -> None:
        event.stop()
        self._take()

    def on_click(self, event: events.Click) -> None:
        """A click outside closes."""
        if event.widget is self:
            self.action_close()
