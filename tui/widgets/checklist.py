"""A checklist drawn as lines, with one editor: on the item that has the cursor.

A form with a widget a question costs more with every question (17 ms a typed key with 200); this costs the
same with 20 and with 2,000. One key answers and the cursor is already on the next item.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input

from models.language import N_, _, translate
from tui.keys import widget_bindings
from tui.text import fit, wrap
from tui.widgets.field import Field

SIGNS = {"": "[ ]", "ok": "[✓]", "problem": "[✗]", "na": "[-]"}
"""Result to its sign; never colour alone."""
RESULTS = {"ok": N_("No problem found"), "problem": N_("Problem found"), "na": N_("Not applicable")}
"""Result to its words (msgid)."""
PARTS = {"ok": "good", "problem": "bad", "na": "quiet"}


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """One line of a checklist: a heading, or an item."""

    key: str
    """What the screen knows it by; unique."""
    title: str
    code: str = ""
    star: bool = False
    """Whether it may lead to sealing up or detention; drawn as *."""
    how: str = ""
    """How to check, shown for the item under the cursor."""
    evidence: str = ""
    """Which evidence to keep, shown with it."""
    result: str = ""
    note: str = ""
    marks: str = ""
    """What hangs on it, in words: "2 photos"."""
    heading: bool = False


@lru_cache(maxsize=4_000)
def _wrapped(text: str, width: int) -> tuple[str, ...]:
    return tuple(wrap(text, width))


class ChecklistLines(ScrollView, can_focus=True):
    """The drawn part."""

    footer_place = "checklist"
    BINDINGS = widget_bindings("checklist")
    COMPONENT_CLASSES = {
        "checklist-lines--cursor",
        "checklist-lines--heading",
        "checklist-lines--good",
        "checklist-lines--bad",
        "checklist-lines--quiet",
    }
    cursor: reactive[int] = reactive(-1, init=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[ChecklistRow] = []
        self._starts: list[int] = [0]
        self._laid: list[list[tuple[str, str]]] = []
        self.writing = False

    @property
    def current(self) -> ChecklistRow | None:
        """The item under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    # -- layout --------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        """Wrap every row and compute where it starts."""
        self._laid = [self._texts(i) for i in range(len(self.rows))]
        starts = [0]
        for lines in self._laid:
            starts.append(starts[-1] + len(lines))
        self._starts = starts
        self.virtual_size = Size(self.size.width, starts[-1])
        if not self.show_vertical_scrollbar:
            self.call_after_refresh(self._tell_bar)

    def _texts(self, index: int) -> list[tuple[str, str]]:
        """(text, part) of each line of a row."""
        row = self.rows[index]
        width = max(self.size.width, 20)
        if row.heading:
            return [(" " + row.title, "heading")]
        room = width - 12
        star = "*" if row.star else " "
        titles = _wrapped(row.title, room)
        part = PARTS.get(row.result, "")
        lines = [(f" {SIGNS.get(row.result, '[?]')}{star}{fit(row.code, 5)} {titles[0]}", part)]
        indent = " " * 11
        lines += [(indent + title, part) for title in titles[1:]]
        here = index == self.cursor
        if here and row.how:
            lines += [(indent + line, "quiet") for line in _wrapped(row.how, room)]
        if here and row.evidence:
            kept = _("Keep: {evidence}").format(evidence=row.evidence)
            lines += [(indent + line, "quiet") for line in _wrapped(kept, room)]
        if row.marks:
            lines.append((indent + row.marks, "quiet"))
        if row.note and not (here and self.writing):
            lines += [(indent + line, "") for line in _wrapped(_("Note: ") + row.note, room)]
        if here and self.writing:
            lines.append((indent, ""))
        return lines

    def line_of_editor(self) -> int:
        """The screen line, within this widget, where the editor stands."""
        return self._starts[self.cursor + 1] - 1 - self.scroll_offset.y

    def render_line(self, y: int) -> Strip:
        """One line of one row, as it was laid out: a new size is drawn once before it is told."""
        width = self.size.width
        line = y + self.scroll_offset.y
        index = bisect_right(self._starts, line) - 1
        if not 0 <= index < len(self._laid):
            return Strip.blank(width, self.rich_style)
        text, part = self._laid[index][line - self._starts[index]]
        style = self.rich_style
        if index == self.cursor:
            style = (
                self.get_component_rich_style("checklist-lines--cursor")
                if self.has_focus or self.writing
                else style
            )
            text = ">" + text[1:] if line == self._starts[index] else text
            style += Style(bold=part == "bad")
        elif part:
            style += self.get_component_rich_style(f"checklist-lines--{part}", partial=True)
        return Strip([Segment(fit(text, width), style)], width)

    # -- moving --------------------------------------------------------------------------------------------

    def watch_cursor(self) -> None:
        """Lay out (the item under the cursor is taller), show it, tell."""
        self.lay_out()
        self.bring_into_view()
        self.refresh()
        row = self.current
        if row is not None:
            self.post_message(Checklist.Moved(row.key))

    def bring_into_view(self) -> None:
        """Scroll so that the whole item under the cursor shows; by force, as the bar may not be there yet."""
        if self.current is None:
            return
        start, end = self._starts[self.cursor], self._starts[self.cursor + 1]
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if start <= top:
            heading = self.cursor > 0 and self.rows[self.cursor - 1].heading
            self.scroll_to(y=max(0, start - (1 if heading else 0)), animate=False, force=True)
        elif end > top + height:
            self.scroll_to(y=min(start, end - height), animate=False, force=True)

    def step(self, step: int) -> None:
        """The next item that is no heading, in that direction."""
        at = self.cursor + step
        while 0 <= at < len(self.rows) and self.rows[at].heading:
            at += step
        if 0 <= at < len(self.rows):
            self.cursor = at

    def _jump(self, line: int) -> None:
        index = min(max(bisect_right(self._starts, max(0, line)) - 1, 0), len(self.rows) - 1)
        while index < len(self.rows) - 1 and self.rows[index].heading:
            index += 1
        if index >= 0:
            self.cursor = index

    def on_resize(self) -> None:
        """Wrap anew."""
        self.lay_out()
        self.bring_into_view()

    def _tell_bar(self) -> None:
        """Textual 8.2.8 tells a scroll bar nothing of what was scrolled before it came."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = self.scroll_offset.y

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The editor goes with its item."""
        super().watch_scroll_y(old_value, new_value)
        parent = self.parent
        if isinstance(parent, Checklist):
            parent.place_editor()

    def action_up(self) -> None:
        """The item before."""
        self.step(-1)

    def action_down(self) -> None:
        """The next item."""
        self.step(1)

    def action_page_up(self) -> None:
        """One screen up."""
        self._jump(self._starts[max(self.cursor, 0)] - self.size.height)

    def action_page_down(self) -> None:
        """One screen down."""
        self._jump(min(self._starts[max(self.cursor, 0)] + self.size.height, self._starts[-1] - 1))

    def action_top(self) -> None:
        """The first item."""
        self._jump(0)

    def action_bottom(self) -> None:
        """The last item."""
        self._jump(self._starts[-1] - 1)

    def _answer(self, result: str) -> None:
        row = self.current
        if row is None or row.heading:
            return
        self.rows[self.cursor] = replace(row, result=result)
        self.post_message(Checklist.Answered(row.key, result))
        before = self.cursor
        self.step(1)
        if self.cursor == before:
            self.lay_out()
            self.refresh()

    def action_ok(self) -> None:
        """No problem found."""
        self._answer("ok")

    def action_problem(self) -> None:
        """Problem found."""
        self._answer("problem")

    def action_na(self) -> None:
        """Not applicable."""
        self._answer("na")

    def action_edit(self) -> None:
        """Write a note."""
        parent = self.parent
        if isinstance(parent, Checklist):
            parent.write_note()

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a double click writes."""
        self._jump(event.y + self.scroll_offset.y)
        if event.chain > 1:
            self.action_edit()


class Checklist(Vertical, can_focus=False):
    """The checklist with its one editor."""

    @dataclass
    class Answered(Message):
        """One key answered an item; it is drawn already."""

        key: str
        result: str

    @dataclass
    class Moved(Message):
        """Another item has the cursor."""

        key: str

        def can_replace(self, message: Message) -> bool:
            """Only the newest place matters."""
            return isinstance(message, Checklist.Moved)

    @dataclass
    class Noted(Message):
        """A note was written on an item."""

        key: str
        text: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._typed_for = ""

    def compose(self) -> ComposeResult:
        """Lines, and the editor over them."""
        yield ChecklistLines()
        yield Field(compact=True, classes="checklist-editor")

    @property
    def lines(self) -> ChecklistLines:
        """The drawn part; give it the focus."""
        return self.query_one(ChecklistLines)

    @property
    def editor(self) -> Field:
        """The one editor."""
        return self.query_one(Field)

    @property
    def current(self) -> ChecklistRow | None:
        """The item under the cursor."""
        return self.lines.current

    def show(self, rows: Sequence[ChecklistRow], *, select: str = "") -> None:
        """Show these rows; the cursor stays on its item, or goes to `select`, or to the first unanswered."""
        lines = self.lines
        here = select or (lines.current.key if lines.current is not None else "")
        lines.rows = list(rows)
        keys = [row.key for row in rows]
        if here in keys:
            at = keys.index(here)
        else:
            at = next((i for i, row in enumerate(rows) if not row.heading and not row.result), -1)
            if at < 0:
                at = next((i for i, row in enumerate(rows) if not row.heading), -1)
        same = lines.cursor == at
        lines.cursor = at
        if same:
            lines.lay_out()
            lines.bring_into_view()
            lines.refresh()

    def go_to(self, key: str) -> bool:
        """Put the cursor on an item; False when it is not here."""
        for i, row in enumerate(self.lines.rows):
            if row.key == key:
                self.lines.cursor = i
                self.lines.focus()
                return True
        return False

    # -- the note ------------------------------------------------------------------------------------------

    def write_note(self) -> None:
        """Open the editor on the item under the cursor."""
        lines = self.lines
        row = lines.current
        if row is None or row.heading:
            return
        lines.writing = True
        self._typed_for = row.key
        lines.lay_out()
        lines.bring_into_view()
        lines.refresh()
        self.editor.load(row.note)
        self.editor.placeholder = translate(N_("Note; Enter keeps it"))
        self.editor.display = True
        self.place_editor()
        self.editor.focus()

    def place_editor(self) -> None:
        """Put the editor on its line."""
        lines = self.lines
        if not lines.writing:
            return
        y = lines.line_of_editor()
        self.editor.styles.offset = (11, y)
        self.editor.styles.width = max(10, lines.size.width - 12)
        self.editor.display = 0 <= y < lines.size.height

    def end_writing(self) -> None:
        """Keep the note and go back to the lines."""
        lines = self.lines
        if not lines.writing:
            return
        lines.writing = False
        text = self.editor.value.strip()
        for i, row in enumerate(lines.rows):
            if row.key == self._typed_for and row.note != text:
                lines.rows[i] = replace(row, note=text)
                # to the screen itself: a screen being closed passes nothing on from widget to widget
                self.screen.post_message(self.Noted(row.key, text))
        self.editor.display = False
        lines.lay_out()
        lines.bring_into_view()
        lines.refresh()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        self.end_writing()
        self.lines.focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()

    def on_key(self, event: events.Key) -> None:
        """Esc, Up and Down leave the editor; what was typed is kept."""
        if self.lines.writing and event.key in ("escape", "up", "down"):
            event.stop()
            event.prevent_default()
            self.end_writing()
            self.lines.focus()
            if event.key != "escape":
                self.lines.step(1 if event.key == "down" else -1)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Left the editor in any way: keep it."""
        if event.widget is self.editor:
            self.end_writing()
