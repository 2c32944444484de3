"""Today 今天: what to go on with, what is due, what is unsent; one key starts an inspection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult

from models.inspections import queries
from models.language import N_, _, current_language
from models.law.due import Due
from models.planning import queries as planning
from models.planning.tables import Assignment
from models.registry.days import today
from sync import queries as way
from tui.keys import action, bindings, effective, shown
from tui.place import Place
from tui.screens.common import days_left, moment, short_moment, state_cell
from tui.widgets.bar import mark
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.progress import amount
from tui.widgets.prose import Prose


def columns() -> tuple[Column, ...]:
    """The columns in the language in force: numbers whole from 76 cells on, days and law with more room."""
    chinese = current_language() == "zh"
    return (
        Column("", 1),
        Column(N_("State"), 6 if chinese else 10),
        Column(N_("Site or time limit"), 0),
        Column(N_("Number or purpose"), NUMBER, from_width=76),
        Column(N_("Due"), 11 if chinese else 15),
        Column(N_("Begun or due"), 11, from_width=ROOMY),
        Column(N_("Basis"), 40, from_width=150),
    )


def _number_of(about: str) -> tuple[str, str]:
    """The number with which the words on a time limit begin, and the rest; all of it where there is none."""
    first, _space, rest = about.partition(" ")
    return (first, rest) if rest and any(letter.isdecimal() for letter in first) else (about, "")


ROOMY = 100
"""Cells from which a day more, and a purpose beside its number, have room."""
NUMBER = 30
"""Cells of the longest record number, that of a sample."""
NEAR = 7
"""Days that are counted as near."""


@dataclass(frozen=True, slots=True)
class TodayView:
    """What the screen shows, read in one go."""

    today: queries.Today
    last_sync: str
    marks: dict[str, str]
    conflicts: int
    """Fields that were written differently on two laptops."""
    assignments: dict[str, Assignment]
    """Assigned inspection to the assignment that says why."""


def read_today(notebook: Any) -> TodayView:
    """Everything for the screen; runs in a thread."""
    found = queries.today(notebook)
    recalled = planning.recalled(notebook, [row.id for row in found.assigned])
    found = replace(found, assigned=[row for row in found.assigned if row.id not in recalled])
    given = planning.assignments_of(notebook, [row.id for row in found.assigned])
    ids = [row.id for row in (*found.drafts, *found.assigned)]
    sessions = [one for one in way.sessions(notebook, 5) if one.ended_at and one.exit_code == 0]
    last = sessions[0].ended_at if sessions else None
    marks: dict[str, str] = {**way.marks(notebook, ids)}
    return TodayView(found, moment(last), marks, way.count_conflicts(notebook), given)


def read_dues(notebook: Any) -> dict[str, Due]:
    """The time limits that run in all areas, the nearest first, by an id for the list; runs in a thread."""
    from models.dues import dues

    found = sorted(dues(notebook), key=lambda each: (each.due_on, each.kind, each.record, each.key))
    return {f"due {each.kind} {each.record} {each.key} {at}": each for at, each in enumerate(found)}


class TodayScreen(Place):
    """The screen under all others."""

    place_name = "today"
    BINDINGS = bindings("today")
    also_shown = ("app.go",)

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, queries.InspectionRow] = {}
        self._dues: dict[str, Due] = {}
        self._view: TodayView | None = None
        self._marks: dict[str, str] = {}
        self._drafts: list[str] = []

    def body(self) -> ComposeResult:
        """Two sentences, then the list."""
        yield Prose("", id="today-say")
        yield Lines(
            columns(),
            self._read,
            self._cells,
            empty=N_("No draft, nothing assigned, no time limit running."),
        )
        yield Prose("", id="today-way", classes="quiet")

    def load(self) -> None:
        """Ask for drafts, assignments and what is unsent."""
        notebook = self.notebook
        self.ask(lambda: read_today(notebook), self._show)
        self.ask(lambda: read_dues(notebook), self._show_dues, group="dues")

    def _show_dues(self, dues: dict[str, Due]) -> None:
        self._dues = dues
        if self._view is not None:
            self._show(self._view)

    def _show(self, view: TodayView) -> None:
        self._view = view
        found = view.today
        self._marks = view.marks
        self._drafts = [row.id for row in found.drafts]
        self._rows = {row.id: row for row in (*found.drafts, *found.assigned)}
        this_day = today(self.notebook)
        near = sum(1 for each in self._dues.values() if each.days_left(this_day) <= NEAR)
        say = _("{day}: {drafts} to continue, {assigned} assigned, {sealed} sealed today.").format(
            day=this_day.isoformat(),
            drafts=found.open_count,
            assigned=len(found.assigned),
            sealed=found.sealed_today,
        )
        key = shown(effective(action("app.sync"), self.desk.own_keys)[0])
        if view.conflicts:
            say += " " + _("! Conflicts: {count} ({key}).").format(count=view.conflicts, key=key)
        if near:
            say += " " + _("Time limits that run out within {days} days: {count}.").format(
                count=near, days=NEAR
            )
        self.query_one("#today-say", Prose).show(say)
        if found.unsent:
            way = _("Entries without a receipt: {count} ({size}); {key} sends them.").format(
                count=found.unsent, size=amount(found.unsent_bytes, "bytes"), key=key
            )
        else:
            way = _("Everything has its receipt.")
        last = _("Last sync: {time}.").format(time=view.last_sync) if view.last_sync else _("Not synced yet.")
        key = shown(effective(action("app.go"), self.desk.own_keys)[0])
        places = _("{key} lists all places: cases, experts, fund, units and the others.").format(key=key)
        self.query_one("#today-way", Prose).show(f"{way} {last} {places}")
        lines = self.query_one(Lines)
        lines.show([*self._rows, *self._dues])
        if self.focused is None:
            lines.focus()
        self.refresh_footer()

    def _read(self, ids: Sequence[str]) -> list[queries.InspectionRow | Due | None]:
        return [self._rows.get(one) or self._dues.get(one) for one in ids]

    def _cells(self, row: queries.InspectionRow | Due | None) -> Sequence[Cell | str]:
        if row is None:
            return ()
        this_day = today(self.notebook)
        if isinstance(row, Due):
            left = days_left(row.due_on.isoformat(), this_day)
            part = "strong" if left.part in ("bad", "warn") else ""
            basis = f"{row.basis} [{row.mark}]" if row.mark else row.basis
            number, more = _number_of(row.about)
            return (
                "",
                Cell(_("Time limit"), "quiet"),
                Cell(f"{row.what}  {more}".rstrip(), part),
                Cell(number, part),
                left,
                row.due_on.isoformat(),
                Cell(basis, "quiet"),
            )
        given = self._view.assignments.get(row.id) if self._view is not None else None
        purpose = (given.purpose or "") if given is not None else ""
        narrow = self.size.width < ROOMY  # then why it was assigned tells more than its number
        return (
            mark(self._marks.get(row.id, "kept")),
            state_cell(row),
            row.site_name if narrow else f"{row.site_name}  {purpose}".rstrip(),
            purpose if narrow and purpose else Cell(row.number, "quiet"),
            days_left(row.due, this_day),
            short_moment(row.began_at),
            "",
        )

    @on(Lines.Opened)
    def _open(self, event: Lines.Opened) -> None:
        event.stop()
        due = self._dues.get(event.id)
        if due is not None:
            from tui.screens.acts import (
                open_record,  # brings the rooms, which the first frame need not wait for
            )

            open_record(self, due.kind, due.record)
        else:
            self.desk.open_place("inspection", inspection_id=event.id)

    def action_start(self) -> None:
        """Start an inspection."""
        self.desk.open_place("new")

    def _assigned(self) -> str:
        """The inspection under the cursor that was assigned and not begun; empty where it is none."""
        row = self._rows.get(str(self.query_one(Lines).current)) if self.is_mounted else None
        return row.id if row is not None and row.assigned and row.began_at is None else ""

    def why_not_begin(self) -> str:
        """The cursor must be on what was assigned."""
        return "" if self._assigned() else _("Put the cursor on an assigned inspection.")

    def action_begin(self) -> None:
        """Begin it and open it: one key."""
        from models.planning import assignments  # with the verbs, which the first frame need not wait for

        notebook, inspection = self.notebook, self._assigned()
        self.do_verb(
            lambda: assignments.begin(notebook, inspection),
            lambda _none: self.desk.open_place("inspection", inspection_id=inspection),
        )

    def why_not_act(self) -> str:
        """Of what was assigned with its reasons only."""
        known = self._view is not None and self._assigned() in self._view.assignments
        return "" if known else _("Put the cursor on an assigned inspection.")

    def action_act(self) -> None:
        """Decline it, hand it on."""
        from tui import acting
        from tui.screens.acts import show_acts  # brings the rooms, which the first frame need not wait for

        if self._view is not None:
            notebook, record = self.notebook, self._view.assignments[self._assigned()].id
            acts = partial(acting.on_record, notebook, "assignment", record)
            show_acts(self, _("What can be done to this row"), acts, "planning")

    def why_not_resume(self) -> str:
        """There must be a draft."""
        return "" if self._drafts else _("There is no draft to continue.")

    def action_resume(self) -> None:
        """Open the draft changed last."""
        self.desk.open_place("inspection", inspection_id=self._drafts[0])

    def action_inspections(self) -> None:
        """All inspections, with the cursor in the filter."""
        self.desk.open_place("inspections")
