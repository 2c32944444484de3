"""Inspections 检查: all of them, filtered as you type; 100,000 rows as light as 100."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult

from models.inspections import queries
from models.language import N_, _, current_language, translate
from models.registry.units import label_of
from sync import queries as way
from tui.keys import bindings
from tui.screens.common import short_moment, state_cell
from tui.screens.filtered import FilteredPlace
from tui.widgets.bar import mark
from tui.widgets.field import Field
from tui.widgets.lines import Cell, Column, Lines

STATES: tuple[tuple[str | None, str], ...] = (
    (None, N_("All")),
    ("draft", N_("Draft")),
    ("ready", N_("Ready to seal")),
    ("sealed", N_("Sealed")),
    ("assigned", N_("Assigned")),
    ("voided", N_("Withdrawn")),
)


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


class InspectionsScreen(FilteredPlace):
    """The list with its filter."""

    place_name = "inspections"
    into_the_list = ("down",)
    BINDINGS = bindings("inspections")

    def __init__(self) -> None:
        super().__init__()
        self._state = 0
        self._marks: dict[str, str] = {}

    def body(self) -> ComposeResult:
        """Filter, list."""
        yield from self.filter_line(_("Filter: site, pinyin initials, number, words"))
        yield Lines(columns(), self._read, self._cells, empty=N_("No inspection matches."))

    def load(self) -> None:
        """Ask for the list, and begin in the filter."""
        self.narrow()
        if self.focused is None:
            self.query_one(Field).focus()

    def narrow(self) -> None:
        """Ask for the ids that filter and state leave."""
        notebook = self.notebook
        text, state = self.text, STATES[self._state][0]
        self.ask(lambda: queries.inspection_ids(notebook, text, state=state), self._show, group="filter")

    def _show(self, ids: list[str]) -> None:
        self.lines.show(ids)
        label = translate(STATES[self._state][1])
        self.show_left(_("{state}: {count}").format(state=label, count=f"{len(ids):,}"))

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
            label_of(row.unit),
            row.checklists,
            Cell(row.number, "quiet"),
        )

    @on(Lines.Opened)
    def _open(self, event: Lines.Opened) -> None:
        event.stop()
        self.desk.open_place("inspection", inspection_id=event.id)

    def action_state(self) -> None:
        """The next state."""
        self._state = (self._state + 1) % len(STATES)
        self.narrow()

    def action_start(self) -> None:
        """Start an inspection."""
        self.desk.open_place("new")
