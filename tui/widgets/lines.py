"""A list of any length: lines drawn over ids and a cache of rows, never a widget a row.

The caller gives ids (all of them, in order) and a function that reads rows for some ids; rows are read in a
thread, one screen before and after what is shown. 100,000 rows cost what 100 cost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from models.language import translate
from models.rooms import Cell, Column
from tui.keys import widget_bindings
from tui.text import fit, fit_right

__all__ = ["Cell", "Column", "Lines"]

CACHE = 2_000
"""Rows kept in memory."""
ASK_AT_ONCE = 200
"""Rows asked for in one question."""


@dataclass
class RowsRead(Message):
    """Rows came from the reading thread."""

    turn: int
    rows: dict[str, Any]


class Lines(ScrollView, can_focus=True):
    """The list widget."""

    BINDINGS = widget_bindings("lists")
    COMPONENT_CLASSES = {
        "lines--head",
        "lines--cursor",
        "lines--quiet",
        "lines--good",
        "lines--bad",
        "lines--warn",
        "lines--strong",
    }
    cursor: reactive[int] = reactive(0, init=False, repaint=False)
    """Index of the row under the cursor."""

    @dataclass
    class Opened(Message):
        """Enter or a second click on a row."""

        lines: Lines
        id: str

        @property
        def control(self) -> Lines:
            """The list."""
            return self.lines

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

        lines: Lines
        id: str

        @property
        def control(self) -> Lines:
            """The list."""
            return self.lines

        def can_replace(self, message: Message) -> bool:
            """Only the newest place matters."""
            return isinstance(message, Lines.Moved)

    def __init__(
        self,
        columns: Sequence[Column],
        read: Callable[[Sequence[str]], Sequence[Any]],
        cells: Callable[[Any], Sequence[Cell | str]],
        *,
        empty: str = "",
        head: bool = True,
        rows: Mapping[str, Any] | None = None,
        id: str | None = None,  # noqa: A002 -- Textual's own name
        classes: str | None = None,
    ) -> None:
        """
        Args:
            columns: what is shown.
            read: rows for ids in their order, or fewer rows that have an `id`; runs in a thread.
            cells: one text a column for a row; runs on the event loop, must not read anything.
            empty: msgid shown when there is no row.
            head: whether the first line names the columns.
            rows: rows by id that are known already and shown from the first frame on.
        """
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self._read = read
        self._cells = cells
        self.empty = empty
        self._waiting = True
        """Nothing was shown yet: an empty list says nothing then."""
        self._head = 1 if head else 0
        self.ids: Sequence[str] = list(rows or ())
        self._rows: OrderedDict[str, Any] = OrderedDict(rows or ())
        self._fresh: set[str] = set(self.ids)
        self._asked: set[str] = set()
        self._turn = 0
        self.lit = False
        """Show the cursor as if the list had the focus (a search line beside it has)."""

    # -- what is shown -------------------------------------------------------------------------------------

    def show(self, ids: Sequence[str], *, select: str = "") -> None:
        """Show these ids; the cursor stays on its row where that is still there, or goes to `select`."""
        wanted = select or self.current or ""
        at = self.cursor
        self.ids = ids
        self._waiting = False
        self._turn += 1
        self._fresh.clear()
        self._asked.clear()
        self.virtual_size = Size(self.size.width, len(ids) + self._head)
        if wanted and not (at < len(ids) and ids[at] == wanted):
            try:
                at = ids.index(wanted)
            except ValueError:
                at = 0 if not select else at
        self.set_reactive(Lines.cursor, max(0, min(at, len(ids) - 1)))
        self._bring_into_view()
        self._ask()
        self.refresh()
        if self.current is not None:
            self.post_message(self.Moved(self, self.current))

    @property
    def current(self) -> str | None:
        """The id under the cursor; None in an empty list."""
        return self.ids[self.cursor] if 0 <= self.cursor < len(self.ids) else None

    @property
    def row(self) -> Any | None:
        """The row under the cursor, when it was read already."""
        return self._rows.get(self.current or "")

    def row_of(self, row_id: str) -> Any | None:
        """A row that was read already."""
        return self._rows.get(row_id)

    # -- reading -------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Ask for the rows near the view that are not here yet."""
        height = max(self.size.height, 24)
        top = max(0, self.scroll_offset.y - height)
        near = self.ids[top : top + min(3 * height, ASK_AT_ONCE)]
        wanted = [one for one in near if one not in self._fresh and one not in self._asked]
        if not wanted:
            return
        self._asked.update(wanted)
        self.run_worker(
            partial(self._read_rows, self._turn, wanted), thread=True, group="rows", exit_on_error=False
        )

    def _read_rows(self, turn: int, ids: Sequence[str]) -> None:
        if turn != self._turn:
            return
        try:
            found = self._read(ids)
            same = len(found) == len(ids)
            rows = dict(zip(ids, found, strict=True)) if same else {row.id: row for row in found}
        except Exception as error:
            from tui.messages import Failed

            self.app.post_message(Failed(error, None))
            return
        self.post_message(RowsRead(turn, rows))

    @on(RowsRead)
    def take_rows(self, message: RowsRead) -> None:
        """Keep what was read and draw it."""
        message.stop()
        if message.turn != self._turn:
            return
        for row_id, row in message.rows.items():
            self._rows[row_id] = row
            self._rows.move_to_end(row_id)
            self._fresh.add(row_id)
        while len(self._rows) > CACHE:
            old, _row = self._rows.popitem(last=False)
            self._fresh.discard(old)
            self._asked.discard(old)
        self.refresh()
        if self.current in message.rows:
            self.post_message(self.Moved(self, self.current or ""))

    # -- drawing -------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """The heading, then the rows from the scroll offset on."""
        width = self.size.width
        if y == 0 and self._head:
            texts = [Cell(translate(column.title)) for column in self.columns]
            return self._strip(texts, self.get_component_rich_style("lines--head"), width)
        index = y - self._head + self.scroll_offset.y
        if not self.ids:
            text = translate(self.empty) if index == 0 and not self._waiting else ""
            style = self.get_component_rich_style("lines--quiet")
            return Strip([Segment(fit("  " + text, width), style)], width)
        if index >= len(self.ids):
            return Strip.blank(width, self.rich_style)
        row = self._rows.get(self.ids[index])
        here = index == self.cursor
        lit = here and (self.lit or self.has_focus)
        base = self.get_component_rich_style("lines--cursor") if lit else self.rich_style
        cells = self._cells(row) if row is not None else []
        return self._strip(cells, base, width, ">" if here else " ", plain=lit)

    def _strip(
        self, cells: Sequence[Cell | str], base: Style, width: int, sign: str = " ", plain: bool = False
    ) -> Strip:
        segments = [Segment(sign + " ", base)]
        used = 2
        shown = [(i, column) for i, column in enumerate(self.columns) if self.size.width >= column.from_width]
        fixed = sum(column.width for _i, column in shown) + len(shown)
        for i, column in shown:
            cell = cells[i] if i < len(cells) else ""
            cell = Cell(cell) if isinstance(cell, str) else cell
            room = column.width or max(4, width - fixed - 2)
            style = base
            if cell.part and not plain:
                style = base + self.get_component_rich_style(f"lines--{cell.part}", partial=True)
            elif cell.part in ("strong", "bad"):
                style = base + Style(bold=True)
            segments.append(Segment((fit_right if column.right else fit)(cell.text, room), style))
            segments.append(Segment(" ", base))
            used += room + 1
        if used < width:
            segments.append(Segment(" " * (width - used), base))
        return Strip(segments).crop(0, width)

    # -- moving --------------------------------------------------------------------------------------------

    def watch_cursor(self) -> None:
        """Bring the cursor into view and say where it is."""
        self._bring_into_view()
        self.refresh()
        if self.current is not None:
            self.post_message(self.Moved(self, self.current))

    def _bring_into_view(self) -> None:
        room = max(1, self.size.height - self._head)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + room:
            self.scroll_to(y=self.cursor - room + 1, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read what comes into view."""
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    def on_resize(self) -> None:
        """Lay out for the new size."""
        self.virtual_size = Size(self.size.width, len(self.ids) + self._head)
        self._bring_into_view()
        self._ask()

    def _move_to(self, index: int) -> None:
        self.cursor = max(0, min(index, len(self.ids) - 1))

    def action_up(self) -> None:
        """One row up."""
        self._move_to(self.cursor - 1)

    def action_down(self) -> None:
        """One row down."""
        self._move_to(self.cursor + 1)

    def action_page_up(self) -> None:
        """One screen up."""
        self._move_to(self.cursor - max(1, self.size.height - self._head - 1))

    def action_page_down(self) -> None:
        """One screen down."""
        self._move_to(self.cursor + max(1, self.size.height - self._head - 1))

    def action_top(self) -> None:
        """The first row."""
        self._move_to(0)

    def action_bottom(self) -> None:
        """The last row."""
        self._move_to(len(self.ids) - 1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.current is not None:
            self.post_message(self.Opened(self, self.current))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one on the same row opens it."""
        index = event.y - self._head + self.scroll_offset.y
        if not 0 <= index < len(self.ids) or event.y < self._head:
            return
        if index == self.cursor and event.chain > 1:
            self.action_open()
        self._move_to(index)
