"""A place with a list that is filtered as you type: what all of them share."""

from __future__ import annotations

from abc import abstractmethod

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input

from tui.place import Place
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.prose import Prose

PAUSE = 0.06
"""Seconds of rest before the filter asks."""


class FilteredPlace(Place):
    """The filter above the list; `/` goes into it, Enter and Down into the list."""

    into_the_list: tuple[str, ...] = ("down", "escape")
    """Keys that leave the filter; where a place begins in the filter, Esc leaves the place."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        """What is typed in the filter."""
        self._pause: Timer | None = None

    @property
    def lines(self) -> Lines:
        """The list in front."""
        return self.query_one(Lines)

    @abstractmethod
    def narrow(self) -> None:
        """Ask for what the filter leaves."""

    def filter_line(self, placeholder: str) -> ComposeResult:
        """The filter, and beside it how much it leaves."""
        with Horizontal(classes="filter"):
            yield Field(self.text, placeholder=placeholder, compact=True, id="filter-text")
            yield Prose("", id="filter-state", classes="quiet")

    def show_left(self, sentence: str) -> None:
        """Say how much the filter leaves."""
        self.query_one("#filter-state", Prose).show(sentence)

    @on(Input.Changed, "#filter-text")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self.text:
            return
        self.text = event.value
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self.narrow)

    @on(Input.Submitted, "#filter-text")
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        self.lines.focus()

    def on_key(self, event: events.Key) -> None:
        """A key that leaves the filter."""
        if event.key in self.into_the_list and isinstance(self.focused, Field):
            event.stop()
            event.prevent_default()
            self.lines.focus()

    def action_find(self) -> None:
        """The cursor into the filter; what is typed replaces what stands there."""
        field = self.query_one(Field)
        field.focus()
        field.action_select_all()
