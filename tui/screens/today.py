"""Today 今天: what to go on with, what is due, what is unsent; one key starts an inspection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from textual import on
from textual.app import ComposeResult

from models.inspections import queries
from models.language import N_, _
from sync import queries as way
from tui.keys import action, bindings, effective, shown
from tui.place import Place
from tui.screens.common import CHINA, days_left, moment, short_moment, state_cell
from tui.widgets.bar import mark
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.progress import amount
from tui.widgets.prose import Prose

COLUMNS = (
    Column("", 1),
    Column(N_("State"), 10),
    Column(N_("Site"), 0),
    Column(N_("Due"), 13),
    Column(N_("Begun"), 11, from_width=76),
    Column(N_("Number"), 30, from_width=116),
)


@dataclass(frozen=True, slots=True)
class TodayView:
    """What the screen shows, read in one go."""

    today: queries.Today
    last_sync: str
    marks: dict[str, str]


def read_today(notebook: Any) -> TodayView:
    """Everything for the screen; runs in a thread."""
    found = queries.today(notebook)
    ids = [row.id for row in (*found.drafts, *found.assigned)]
    sessions = [one for one in way.sessions(notebook, 5) if one.ended_at and one.exit_code == 0]
    last = sessions[0].ended_at if sessions else None
    return TodayView(found, moment(last), {**way.marks(notebook, ids)})


class TodayScreen(Place):
    """The screen under all others."""

    place_name = "today"
    BINDINGS = bindings("today")

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, queries.InspectionRow] = {}
        self._marks: dict[str, str] = {}
        self._drafts: list[str] = []

    def body(self) -> ComposeResult:
        """Two sentences, then the list."""
        yield Prose("", id="today-say")
        yield Lines(
            COLUMNS,
            self._read,
            self._cells,
            empty=N_("No draft and nothing assigned."),
        )
        yield Prose("", id="today-way", classes="quiet")

    def load(self) -> None:
        """Ask for drafts, assignments and what is unsent."""
        notebook = self.notebook
        self.ask(lambda: read_today(notebook), self._show)

    def _show(self, view: TodayView) -> None:
        found = view.today
        self._marks = view.marks
        self._drafts = [row.id for row in found.drafts]
        self._rows = {row.id: row for row in (*found.drafts, *found.assigned)}
        day = datetime.now(CHINA).date().isoformat()
        say = _("{day}: {drafts} to continue, {assigned} assigned, {sealed} sealed today.").format(
            day=day, drafts=found.open_count, assigned=len(found.assigned), sealed=found.sealed_today
        )
        self.query_one("#today-say", Prose).show(say)
        if found.unsent:
            key = shown(effective(action("app.sync"), self.desk.own_keys)[0])
            way = _("{count} entries ({size}) have no receipt yet; {key} sends them.").format(
                count=found.unsent, size=amount(found.unsent_bytes, "bytes"), key=key
            )
        else:
            way = _("Everything has its receipt.")
        last = _("Last sync: {time}.").format(time=view.last_sync) if view.last_sync else _("Not synced yet.")
        self.query_one("#today-way", Prose).show(f"{way} {last}")
        lines = self.query_one(Lines)
        lines.show(list(self._rows))
        if self.focused is None:
            lines.focus()
        self.refresh_footer()

    def _read(self, ids: Sequence[str]) -> list[queries.InspectionRow]:
        return [self._rows[one] for one in ids if one in self._rows]

    def _cells(self, row: queries.InspectionRow) -> Sequence[Cell | str]:
        return (
            mark(self._marks.get(row.id, "kept")),
            state_cell(row),
            row.site_name,
            days_left(row.due, datetime.now(CHINA).date()),
            short_moment(row.began_at),
            Cell(row.number, "quiet"),
        )

    @on(Lines.Opened)
    def _open(self, event: Lines.Opened) -> None:
        event.stop()
        self.desk.open_place("inspection", inspection_id=event.id)

    def action_start(self) -> None:
        """Start an inspection."""
        self.desk.open_place("new")

    def why_not_resume(self) -> str:
        """There must be a draft."""
        return "" if self._drafts else _("There is no draft to continue.")

    def action_resume(self) -> None:
        """Open the draft changed last."""
        self.desk.open_place("inspection", inspection_id=self._drafts[0])

    def action_inspections(self) -> None:
        """All inspections, with the cursor in the filter."""
        self.desk.open_place("inspections")
