"""Lists of actions: what can be done here (`?`), anywhere (Ctrl+P), and where `g` goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from models.language import _, translate
from tui.keys import shown, shown_keys
from tui.keytable import PLACE_LABELS, Action
from tui.place import Modal
from tui.text import fit, plain
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.widgets.lines import Cell, Column
from tui.widgets.picker import Picker, among


class HelpList(Picker):
    """Every action with its key and what it will do, or why it cannot; Enter does it. `?` closes."""

    BINDINGS = [Binding("question_mark", "close", show=False, priority=True)]
    COLUMNS = (Column("", 16), Column("", 20), Column("", 0))

    def __init__(
        self, rows: Sequence[Action], offered: Sequence[Choice] = (), *, everything: bool = False
    ) -> None:
        """
        Args:
            rows: of the key table.
            offered: what the screen offers besides, by no key of its own.
            everything: whether it says of each where it works.
        """
        title = _("All actions and places") if everything else _("What can be done here")
        super().__init__(title, lambda text: among(self._choices)(text), wide=True)
        self._actions = rows
        self._everything = everything
        self._offered = offered
        self._choices: list[Choice] = []

    def on_mount(self) -> None:
        """Read the table with the keys and reasons in force now."""
        self.query_one(Field).not_text = frozenset({"question_mark"})
        own = self.desk.own_keys
        below = self.desk.screen_stack[-2]
        for row in self._actions:
            why_not = getattr(below, "why_not", None)
            reason = (
                why_not(row) if why_not is not None and row.place == getattr(below, "place_name", "") else ""
            )
            key = shown_keys(row, own, 2)
            if row.place == "go":
                key = f"g {key}"
            meaning = getattr(below, "meaning", None)
            words = meaning(row) if meaning is not None else translate(row.tooltip)
            detail = f"({reason})" if reason else words
            if self._everything and row.place not in ("app", "go"):
                detail += f"  {translate(PLACE_LABELS[row.place])}"
            self._choices.append(Choice(row.id, translate(row.label), detail, key))
        own_rows = sum(1 for row in self._actions if row.place == getattr(below, "place_name", ""))
        self._choices[own_rows:own_rows] = self._offered

    def cells(self, choice: Choice) -> Sequence[Cell | str]:
        """Key, label, consequence."""
        key = choice.data if isinstance(choice.data, str) else ""
        return (Cell(key, "strong"), choice.label, Cell(choice.detail, "quiet"))


class GoTo(Modal):
    """After `g`: the next letter goes to a place."""

    BINDINGS = [Binding("escape", "close", show=False)]

    def __init__(self, letters: Mapping[str, Action]) -> None:
        super().__init__()
        self._letters = letters

    def compose(self) -> ComposeResult:
        """Letter, place and what is there, a line each."""
        with Vertical(classes="goto"):
            for key, row in self._letters.items():
                name = fit(translate(row.label), 16)
                yield Static(plain(fit(f"{shown(key)}  {name} {translate(row.tooltip)}", 71)))

    def on_key(self, event: events.Key) -> None:
        """Close with the place's name; any other key just closes."""
        if event.key == "escape":
            return
        event.stop()
        row = self._letters.get(event.key)
        self.dismiss(row.name if row is not None else None)
