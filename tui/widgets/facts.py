"""A sheet as a list: headings and facts, values wrapped as Chinese wraps, the cursor on a fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from models.rooms import Fact, Section
from tui.keys import widget_bindings
from tui.text import fit, wrap

NARROWEST_LABEL = 8
WIDEST_LABEL = 20
"""Cells of the labels; a longer one goes on in the next line."""
WIDEST_VALUE = 110
"""Cells of a line of a value at most: longer lines are hard to read."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line on the screen."""

    label: str
    value: str
    fact: int
    """Which fact it belongs to; -1 for a heading and the space before it."""
    first: bool = False


class FactList(ScrollView, can_focus=True):
    """The widget. Facts that name a record end in `>`: Enter opens it."""

    BINDINGS = widget_bindings("lists")
    COMPONENT_CLASSES = {
        "facts--heading",
        "facts--label",
        "lines--cursor",
        "lines--quiet",
        "lines--good",
        "lines--bad",
        "lines--warn",
        "lines--strong",
    }
    cursor: reactive[int] = reactive(0, init=False, repaint=False)
    """Index of the fact under the cursor."""

    @dataclass
    class Opened(Message):
        """Enter or a second click on a fact that names a record."""

        fact: Fact

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's own name
        super().__init__(id=id)
        self.sections: Sequence[Section] = ()
        self.facts: list[Fact] = []
        self._rows: list[_Row] = []
        self._label = NARROWEST_LABEL

    def show(self, sections: Sequence[Section]) -> None:
        """Show these; the cursor stays on its fact where that is still there."""
        before = self.current
        self.sections = [section for section in sections if section.facts]
        self.facts = [fact for section in self.sections for fact in section.facts]
        at = self.cursor
        if before is not None and not (at < len(self.facts) and _same(self.facts[at], before)):
            at = next((i for i, fact in enumerate(self.facts) if _same(fact, before)), at)
        self.set_reactive(FactList.cursor, max(0, min(at, len(self.facts) - 1)))
        self._lay_out()

    @property
    def current(self) -> Fact | None:
        """The fact under the cursor; None in an empty sheet."""
        return self.facts[self.cursor] if self.cursor < len(self.facts) else None

    # -- drawing -------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """Wrap everything for the width."""
        width = self.size.width
        longest = max((cell_len(fact.label) for fact in self.facts), default=0)
        self._label = max(NARROWEST_LABEL, min(longest, WIDEST_LABEL if width < 100 else WIDEST_LABEL + 8))
        room = max(4, min(WIDEST_VALUE, width - self._label - 6))
        rows: list[_Row] = []
        at = 0
        for section in self.sections:
            if rows:
                rows.append(_Row("", "", -1))
            rows.append(_Row(section.title, "", -1, True))
            for fact in section.facts:
                # a fact without a label is a text: it takes the whole line
                labels = wrap(fact.label, self._label) if fact.label else []
                values = wrap(fact.value or "-", room if fact.label else room + self._label + 1)
                for line in range(max(len(labels), len(values))):
                    label = labels[line] if line < len(labels) else ""
                    value = values[line] if line < len(values) else ""
                    rows.append(_Row(label, value, at, line == 0))
                at += 1
        self._rows = rows
        self.virtual_size = Size(width, len(rows))
        self._bring_into_view()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of a heading or a fact."""
        width = self.size.width
        at = y + self.scroll_offset.y
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[at]
        if row.fact < 0:
            style = self.get_component_rich_style("facts--heading") if row.first else self.rich_style
            return Strip([Segment(fit(row.label, width), style)], width)
        fact = self.facts[row.fact]
        here = row.fact == self.cursor
        lit = here and self.has_focus
        base = self.get_component_rich_style("lines--cursor") if lit else self.rich_style
        label = base if lit else base + self.get_component_rich_style("facts--label", partial=True)
        value = base
        part = fact.part if fact.value else "quiet"
        if part and not lit:
            value = base + self.get_component_rich_style(f"lines--{part}", partial=True)
        elif part in ("strong", "bad"):
            value = base + Style(bold=True)
        end = " > " if fact.id and row.first else "   "
        named = fit(row.label, self._label) + " " if fact.label else ""
        room = max(0, width - cell_len(named) - 5)
        segments = [
            Segment("> " if here and row.first else "  ", base),
            Segment(named, label),
            Segment(fit(row.value, room), value),
            Segment(end, base + Style(bold=True)),
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def on_resize(self) -> None:
        """Lay out for the new size."""
        self._lay_out()

    # -- moving --------------------------------------------------------------------------------------------

    def _lines_of(self, fact: int) -> tuple[int, int]:
        """First line of a fact and the line after it; the heading before it belongs to the first one."""
        lines = [at for at, row in enumerate(self._rows) if row.fact == fact]
        return (lines[0], lines[-1] + 1) if lines else (0, 0)

    def watch_cursor(self) -> None:
        """Bring the cursor into view."""
        self._bring_into_view()
        self.refresh()

    def _bring_into_view(self) -> None:
        height = max(1, self.size.height)
        first, end = self._lines_of(self.cursor)
        top = self.scroll_offset.y
        if first > 0 and self._rows[first - 1].fact < 0:
            first -= 1  # its heading
        if first < top or end - first > height:
            self.scroll_to(y=first, animate=False, force=True)
        elif end > top + height:
            self.scroll_to(y=end - height, animate=False, force=True)

    def _move_to(self, fact: int) -> None:
        self.cursor = max(0, min(fact, len(self.facts) - 1))

    def action_up(self) -> None:
        """The fact before; within a fact taller than the view, some lines up."""
        first, _end = self._lines_of(self.cursor)
        if first < self.scroll_offset.y:
            self.scroll_to(y=max(first, self.scroll_offset.y - self._page()), animate=False, force=True)
        elif self.cursor == 0:
            self.scroll_to(y=0, animate=False, force=True)
        else:
            self._move_to(self.cursor - 1)

    def action_down(self) -> None:
        """The next fact; within a fact taller than the view, some lines down."""
        _first, end = self._lines_of(self.cursor)
        bottom = self.scroll_offset.y + self.size.height
        if end > bottom:
            last = end - self.size.height
            self.scroll_to(y=min(last, self.scroll_offset.y + self._page()), animate=False, force=True)
        else:
            self._move_to(self.cursor + 1)

    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _fact_near(self, line: int) -> int:
        """The fact that stands on a line, or the next one."""
        line = max(0, min(line, len(self._rows) - 1))
        return next((row.fact for row in self._rows[line:] if row.fact >= 0), len(self.facts) - 1)

    def action_page_up(self) -> None:
        """One screen up."""
        if self._rows:
            self._move_to(self._fact_near(self._lines_of(self.cursor)[0] - self._page()))

    def action_page_down(self) -> None:
        """One screen down."""
        if self._rows:
            self._move_to(self._fact_near(self._lines_of(self.cursor)[0] + self._page()))

    def action_top(self) -> None:
        """The first fact."""
        self._move_to(0)

    def action_bottom(self) -> None:
        """The last fact."""
        self._move_to(len(self.facts) - 1)

    def action_open(self) -> None:
        """Open the record that the fact names."""
        fact = self.current
        if fact is not None and fact.id:
            self.post_message(self.Opened(fact))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one on the same fact opens its record."""
        at = event.y + self.scroll_offset.y
        if not 0 <= at < len(self._rows) or self._rows[at].fact < 0:
            return
        if self._rows[at].fact == self.cursor and event.chain > 1:
            self.action_open()
        self._move_to(self._rows[at].fact)


def _same(fact: Fact, other: Fact) -> bool:
    return _identity(fact) == _identity(other)


def _identity(fact: Fact) -> tuple[str, ...]:
    return (fact.label, fact.kind, fact.id, fact.act, fact.field)
