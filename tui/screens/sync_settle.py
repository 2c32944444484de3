"""A conflict side by side: who wrote what and when; choose one, or write a third."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from models.inspections import conflicts
from models.language import _
from tui.place import Modal
from tui.screens.common import moment
from tui.screens.sync_parts import Line, person_name, value_words
from tui.text import plain
from tui.widgets.confirm import AskLine
from tui.widgets.prose import Prose


@dataclass(frozen=True, slots=True)
class Side:
    """One of the values, as it is shown."""

    value: Any
    words: str
    """The value in words."""
    who: str
    when: str
    device: str


def read_sides(notebook: Any, kind: str, record: str, field: str) -> list[Side]:
    """The values that nobody has replaced; runs in a thread."""
    return [
        Side(
            side.value,
            value_words(notebook, kind, field, side.value),
            person_name(notebook, side.person),
            moment(side.time),
            side.device[:8],
        )
        for side in conflicts.sides(notebook, kind, record, field)
    ]


class SettleScreen(Modal):
    """A digit takes a side, w writes a third, Esc leaves it as it is."""

    def __init__(self, line: Line, sides: list[Side]) -> None:
        super().__init__()
        self._line = line
        self._sides = sides

    def compose(self) -> ComposeResult:
        """The sides in cards beside each other."""
        with Vertical(classes="dialog settle"):
            yield Static(plain(self._line.record), classes="dialog-title")
            with Horizontal(classes="sides"):
                for number, side in enumerate(self._sides, 1):
                    with Vertical(classes="card side"):
                        yield Prose(f"[{number}] {side.who}")
                        yield Prose(f"{side.when}  {_('Device')} {side.device}", classes="quiet")
                        yield Prose(side.words)
            yield Prose(self._hint(), classes="quiet")

    def _hint(self) -> str:
        hint = _("A number takes that value; both stay in the history. Esc leaves it as it is.")
        return hint + " " + _("w writes a third.") if self._may_write else hint

    @property
    def _may_write(self) -> bool:
        """Text is written anew; of a list, a day and time, or a record's name one of the sides is taken."""
        return all(side.value is None or side.value == side.words for side in self._sides)

    def on_key(self, event: events.Key) -> None:
        """Digits, w, Esc."""
        if event.key == "escape":
            self.dismiss(None)
        elif event.key.isdigit() and 1 <= int(event.key) <= len(self._sides):
            self._take(self._sides[int(event.key) - 1].value)
        elif event.key == "w" and self._may_write:
            first = self._sides[0].value or ""
            self.app.push_screen(AskLine(_("What should it say?"), str(first)), self._third)
        else:
            return
        event.stop()

    def _third(self, text: str | None) -> None:
        if text:
            self._take(text)

    def _take(self, value: Any) -> None:
        notebook, line = self.notebook, self._line

        def settle() -> None:
            conflicts.settle(notebook, line.kind, line.record_id, line.field, value)

        self.do_verb(settle, lambda _done: self._close())

    def _close(self) -> None:
        self.dismiss(True)
