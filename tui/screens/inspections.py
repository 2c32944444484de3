"""Inspections 检查: all of them, filtered as you type; 100,000 rows as light as 100."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input

from models.inspections import queries
from models.language import N_, _, current_language, translate
from sync import queries as way
from tui.keys import bindings
from tui.place import Place
from tui.screens.common import short_moment, state_cell
from tui.services import unit_name
from tui.widgets.bar import mark
from tui.widgets.field import Field
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.prose import Prose

STATES: tuple[tuple[str | None, str], ...] = (
    (None, N_("All")),
    ("draft", N_("Draft")),
    ("ready", N_("Ready to seal")),
    ("sealed", N_("Sealed")),
    ("assigned", N_("Assigned")),
    ("voided", N_("Withdrawn")),
)
PAUSE = 0.06
"""Seconds of rest before the filter asks."""


def columns() -> tuple[Column, ...]:
    """The columns for the language in force: an English name of a unit is twice as wide."""
    chinese = current_language() == "zh"
    return (
        Column("", 1),
        Column(N_("State"), 10 if chinese else 14),
        Column(N_("Site"), 0),
        Column(N_("Begun"), 11),
        Column(N_("Unit"), 10, from_width=76) if chinese else Column(N_("Unit"), 20, from_width=100),
        Column(N_("Checklists"), 10, from_width=110),
        Column(N_("Number"), 30, from_width=116),
    )


class InspectionsScreen(Place):
    """The list with its filter."""

    place_name = "inspections"
    BINDINGS = bindings("inspections")

    def __init__(self) -> None:
        super().__init__()
        self._state = 0
        self._text = ""
        self._pause: Timer | None = None
        self._marks: dict[str, str] = {}

    def body(self) -> ComposeResult:
        """Filter, list."""
        with Horizontal(classes="filter"):
            yield Field(
                self._text,
                placeholder=_("Filter: site, pinyin initials, number, words"),
                compact=True,
                id="filter-text",
            )
            yield Prose("", id="filter-state", classes="quiet")
        yield Lines(columns(), self._read, self._cells, empty=N_("No inspection matches."))

    def load(self) -> None:
        """Ask for the ids that the filter leaves."""
        notebook = self.notebook
        text, state = self._text, STATES[self._state][0]
        self.ask(lambda: queries.inspection_ids(notebook, text, state=state), self._show, group="filter")
        if self.focused is None:
            self.query_one(Field).focus()

    def _show(self, ids: list[str]) -> None:
        self.query_one(Lines).show(ids)
        label = translate(STATES[self._state][1])
        self.query_one("#filter-state", Prose).show(
            _("{state}: {count}").format(state=label, count=f"{len(ids):,}")
        )

    def _read(self, ids: Sequence[str]) -> list[queries.InspectionRow]:
        notebook: Any = self.notebook
        rows = queries.inspection_rows(notebook, ids)
        self._marks.update(way.marks(notebook, ids))
        return rows

    def _cells(self, row: queries.InspectionRow) -> Sequence[Cell | str]:
        return (
            mark(self._marks.get(row.id, "kept")),
            state_cell(row),
            row.site_name,
            short_moment(row.began_at),
            unit_name(row.unit),
            row.checklists,
            Cell(row.number, "quiet"),
        )

    @on(Input.Changed, "#filter-text")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._text:
            return
        self._text = event.value
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self.load)

    @on(Input.Submitted, "#filter-text")
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(Lines).focus()

    def on_key(self, event: events.Key) -> None:
        """Down in the filter goes into the list."""
        if event.key == "down" and isinstance(self.focused, Field):
            event.stop()
            self.query_one(Lines).focus()

    @on(Lines.Opened)
    def _open(self, event: Lines.Opened) -> None:
        event.stop()
        self.desk.open_place("inspection", inspection_id=event.id)

    def action_find(self) -> None:
        """The cursor into the filter."""
        self.query_one(Field).focus()

    def action_state(self) -> None:
        """The next state."""
        self._state = (self._state + 1) % len(STATES)
        self.load()

    def action_start(self) -> None:
        """Start an inspection."""
        self.desk.open_place("new")
