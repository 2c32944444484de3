"""Several choices of a few: a line each, a letter or Space marks it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui.text import fit
from tui.widgets.choice import Choice, ChoiceField


class MarksField(Widget, can_focus=True):
    """Its value is the marked values joined by commas, in the order of the choices."""

    COMPONENT_CLASSES = {"marks-field--here"}

    def __init__(self, value: str, choices: Sequence[Choice], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.choices = tuple(choices)
        self._marked = {one for one in value.split(",") if one}
        self._at = 0

    @property
    def value(self) -> str:
        """The marked values."""
        return ",".join(choice.value for choice in self.choices if choice.value in self._marked)

    def load(self, value: str) -> None:
        """Mark these."""
        self._marked = {one for one in value.split(",") if one}
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line a choice."""
        return max(1, len(self.choices))

    def render_line(self, y: int) -> Strip:
        """Sign and label."""
        width = self.size.width
        if y >= len(self.choices):
            return Strip.blank(width, self.rich_style)
        choice = self.choices[y]
        here = y == self._at and self.has_focus
        style = self.get_component_rich_style("marks-field--here") if here else self.rich_style
        sign = "[✓]" if choice.value in self._marked else "[ ]"
        return Strip([Segment(fit(f"{'>' if here else ' '}{sign} {choice.label}", width), style)], width)

    def on_key(self, event: events.Key) -> None:
        """Up and Down within; Space or a choice's first letter marks; Enter goes on."""
        letters = [choice.value[:1].lower() for choice in self.choices]
        if event.key in ("up", "down"):
            at = self._at + (1 if event.key == "down" else -1)
            if not 0 <= at < len(self.choices):
                return
            self._at = at
            self.refresh()
        elif event.key == "space":
            self._toggle(self._at)
        elif event.key == "enter":
            self.post_message(ChoiceField.Chosen(self, self.value, True))
        elif (event.character or "").lower() in letters and event.character:
            self._at = letters.index(event.character.lower())
            self._toggle(self._at)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        """A click marks."""
        if 0 <= event.y < len(self.choices):
            self._at = event.y
            self._toggle(event.y)

    def _toggle(self, at: int) -> None:
        self._marked ^= {self.choices[at].value}
        self.refresh()
        self.post_message(ChoiceField.Chosen(self, self.value, False))
