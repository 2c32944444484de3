"""One choice of few (Left and Right) or of many (searched in a picker)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from models.language import N_, _, translate
from tui.quirks import visible
from tui.text import fit

CHOOSE = N_("Left and Right choose")
UNCHOSEN = N_("not chosen")
OURS = " ?"
"""What opens the picker without being typed, and what asks for help: no name begins so."""
NEW = "\x00new"
"""Value of the choice that is no choice yet: what is looked for has to be entered first."""


def hinted(words: str) -> str:
    """A hint as every field shows it: in brackets, for no value stands so."""
    return _("({hint})").format(hint=words) if words else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose."""

    value: str
    label: str
    detail: str = ""
    data: Any = field(default=None, compare=False)
    """Anything the caller wants back with the choice."""


class ChoiceField(Widget, can_focus=True):
    """Shows the chosen label; Space or Enter opens the picker, Left and Right go through few choices."""

    BINDINGS = [
        Binding("enter", "choose", show=False),
        Binding("space", "choose", show=False),
        Binding("right", "step(1)", show=False),
        Binding("left", "step(-1)", show=False),
        Binding("backspace,delete", "clear", show=False),
    ]
    COMPONENT_CLASSES = {"choice-field--hint"}
    value: reactive[str] = reactive("", init=False)
    """The chosen value; empty for none."""

    @dataclass
    class Chosen(Message):
        """Another choice was made."""

        choice_field: Widget
        value: str
        go_on: bool
        """Whether the next field should have the focus now."""

        @property
        def control(self) -> Widget:
            """The field."""
            return self.choice_field

    def __init__(
        self,
        value: str,
        choices: Sequence[Choice] = (),
        query: Callable[[str], Sequence[Choice]] | None = None,
        *,
        title: str = "",
        hint: str = "",
        new: tuple[str, Callable[[str], Any]] | None = None,
        id: str | None = None,  # noqa: A002 -- Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.choices = tuple(choices)
        self._query = query
        self._title = title
        self._hint = hint
        self._new = new
        self._labels = {choice.value: choice.label for choice in choices}
        self.set_reactive(ChoiceField.value, value)

    def offer(self, choices: Sequence[Choice]) -> None:
        """Other choices; what is chosen stays."""
        self.choices = tuple(choices)
        self._labels |= {choice.value: choice.label for choice in choices}
        self.refresh()

    def load(self, value: str, label: str = "") -> None:
        """Show a value; a value of a picker needs its label."""
        if label:
            self._labels[value] = label
        self.value = value
        self.refresh()

    @property
    def label(self) -> str:
        """The chosen label."""
        return self._labels.get(self.value, self.value)

    def render_line(self, y: int) -> Strip:
        """The label, between signs that say there is more."""
        width = self.size.width
        style = self.rich_style
        if y > 0:
            return Strip.blank(width, style)
        stepped = self._query is None and bool(self.choices)
        text, after = visible(self.label), ""
        if not self.value:
            style = self.get_component_rich_style("choice-field--hint")
            if text in ("", "-"):  # no choice is called so: nothing is chosen, whatever the hint says
                text, after = (
                    translate(UNCHOSEN),
                    hinted(self._hint or (translate(CHOOSE) if stepped else "")),
                )
        text = f"< {text} >{after}" if stepped else f"{text}{after}  [v]"
        return Strip([Segment(fit(text, width), style)], width)

    def action_step(self, step: int) -> None:
        """The choice after or before."""
        values = [choice.value for choice in self.choices]
        if not values or self._query is not None:
            return
        at = values.index(self.value) + step if self.value in values else 0
        self._choose(values[at % len(values)], go_on=False)

    def action_clear(self) -> None:
        """No choice."""
        if self.value:
            self._choose("", go_on=False)

    def action_choose(self, typed: str = "") -> None:
        """Open the picker; what comes before it has the focus is typed into it.

        An input method delivers a word at once: its second character must neither be lost nor open a second
        picker.
        """
        from tui.widgets.picker import Picker, among

        front = self.app.screen
        if front is not self.screen:
            if isinstance(front, Picker):
                front.type_ahead(typed)
            return
        query = self._query or among(self.choices)
        self.app.push_screen(
            Picker(self._title, query, typed=typed, new=self._offer_new if self._new else None), self._picked
        )

    def _offer_new(self, text: str) -> Choice:
        return Choice(NEW, translate(self._new[0]) if self._new else "", text)

    def on_key(self, event: events.Key) -> None:
        """A letter opens a searched picker with it typed already."""
        character = event.character or " "
        if self._query is not None and event.is_printable and character not in OURS:
            event.stop()
            event.prevent_default()
            self.action_choose(character)

    def on_click(self) -> None:
        """A click opens the picker."""
        self.action_choose()

    def _picked(self, choice: Choice | None) -> None:
        if choice is not None and choice.value == NEW and self._new is not None:
            self.app.push_screen(self._new[1](choice.detail), self._picked)
        elif choice is not None:
            self._labels[choice.value] = choice.label
            self._choose(choice.value, go_on=True)

    def _choose(self, value: str, *, go_on: bool) -> None:
        self.value = value
        self.post_message(self.Chosen(self, value, go_on))
