"""Settings 设置: language, theme, lock, server, keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from models.language import N_, _, translate
from tui.keys import bindings, key_problem, shown_keys
from tui.keytable import ACTIONS, PLACE_LABELS, Action
from tui.place import Place
from tui.settings import with_key
from tui.text import plain
from tui.themes import NAMES
from tui.widgets.confirm import AskLine
from tui.widgets.form import Form, FormField, Kept
from tui.widgets.lines import Cell, Column, Lines

MINUTES = (("1", "1"), ("3", "3"), ("5", "5"), ("10", "10"), ("30", "30"), ("0", N_("Never")))


class SettingsScreen(Place):
    """A form above, the key table below."""

    place_name = "settings"
    BINDINGS = bindings("settings")

    def body(self) -> ComposeResult:
        """Form, then keys."""
        yield Form(
            [
                FormField(
                    "language", N_("Language"), kind="choice", choices=(("zh", "中文"), ("en", "English"))
                ),
                FormField("theme", N_("Theme"), kind="choice", choices=tuple(NAMES.items())),
                FormField("lock_minutes", N_("Lock after minutes"), kind="choice", choices=MINUTES),
                FormField("server", N_("Server address"), hint=N_("https://...")),
            ],
            self._values(),
            classes="card",
        )
        yield Static(plain(_("Keys: Enter gives an action another key")), classes="heading")
        yield Lines(
            (Column(N_("Key"), 22), Column(N_("Action"), 18), Column(N_("Where"), 0)),
            lambda ids: [row for one in ids for row in ACTIONS if row.id == one],
            self._cells,
        )

    def _values(self) -> dict[str, object]:
        chosen = self.desk.chosen
        return {
            "language": chosen.language,
            "theme": chosen.theme,
            "lock_minutes": chosen.lock_minutes,
            "server": chosen.server,
        }

    def chosen_changed(self) -> None:
        """Show what was chosen by key."""
        self.query_one(Form).load(self._values())

    def load(self) -> None:
        """Show the table; the cursor starts on the language."""
        self.query_one(Lines).show([row.id for row in ACTIONS])
        if self.focused is None:
            self.query_one(Form).focus_field("language")

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """Nothing here comes from records."""

    def _cells(self, row: Action) -> Sequence[Cell | str]:
        own = row.id in self.desk.own_keys
        return (
            Cell(shown_keys(row, self.desk.own_keys) + (" *" if own else ""), "strong"),
            translate(row.label),
            Cell(translate(PLACE_LABELS.get(row.place, row.place)), "quiet"),
        )

    def field_kept(self, event: Kept) -> None:
        """Put it into effect."""
        desk = self.desk
        if event.key == "language":
            self.call_later(desk.use_new_language, event.value)
        elif event.key == "theme":
            desk.use_theme(event.value)
            desk.choose(replace(desk.chosen, theme=event.value))
        elif event.key == "lock_minutes":
            desk.choose(replace(desk.chosen, lock_minutes=int(event.value)))
        elif event.key == "server":
            desk.choose(replace(desk.chosen, server=event.value.strip()))

    @on(Lines.Opened)
    def action_key(self) -> None:
        """Ask for another key of the action under the cursor."""
        lines = self.query_one(Lines)
        row: Action | None = lines.row
        if row is None:
            lines.focus()
            return
        question = _("Another key for: {action}").format(action=translate(row.label))
        explain = _("A letter, a digit, F1 to F12, or ctrl+ and a letter. Empty gives the default back.")
        chosen = row

        def take(text: str | None) -> None:
            if text is not None:
                self._take_key(chosen, text.strip())

        self.desk.push_screen(
            AskLine(question, self.desk.own_keys.get(row.id, ""), explain=explain, may_be_empty=True), take
        )

    def _take_key(self, row: Action, key: str) -> None:
        key = key.lower() if len(key) > 1 else key
        problem = key_problem(row.id, key, self.desk.own_keys) if key else ""
        if problem:
            self.desk.say(problem, severity="warning")
            return
        self.desk.choose(with_key(self.desk.chosen, row.id, key))
        self.desk.set_keymap(dict(self.desk.own_keys))
        self.load()
        self.refresh_footer()
