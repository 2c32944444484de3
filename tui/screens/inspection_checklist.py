"""The checklist of a visit: read-only once sealed, and stock phrases offered while a note is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from models.language import _
from tui.messages import Failed
from tui.text import fit
from tui.widgets.checklist import Checklist, ChecklistLines
from tui.widgets.field import Field

OFFERED = 5
"""Phrases offered at once: more would cover the item that the note is about."""
PAUSE = 0.06
"""Seconds of rest before phrases are looked up."""


class VisitLines(ChecklistLines):
    """The drawn part; answers nothing while its checklist is read-only."""

    def _answer(self, result: str) -> None:
        parent = self.parent
        if isinstance(parent, VisitChecklist) and parent.read_only:
            parent.post_message(VisitChecklist.Refused())
            return
        super()._answer(result)

    def bring_into_view(self) -> None:
        """While a note is written, with room for the phrases under it."""
        super().bring_into_view()
        if self.writing and self.current is not None:
            end = self._starts[self.cursor + 1] + OFFERED + 1
            if end > self.scroll_offset.y + self.size.height:
                self.scroll_to(y=end - self.size.height, animate=False, force=True)

    def lay_out(self) -> None:
        """Also at the end of the list there is room for the phrases."""
        super().lay_out()
        if self.writing:
            self.virtual_size = Size(self.size.width, self._starts[-1] + OFFERED + 1)


class PhraseBox(Widget):
    """Phrases under the note being typed."""

    COMPONENT_CLASSES = {"phrases--here"}

    def __init__(self) -> None:
        super().__init__()
        self.phrases: Sequence[str] = ()
        self.at = -1

    def offer(self, phrases: Sequence[str]) -> None:
        """Show these; none is chosen yet."""
        self.phrases = phrases[:OFFERED]
        self.at = -1
        self.display = bool(self.phrases)
        self.styles.height = len(self.phrases) + 1
        self.refresh()

    def step(self, step: int) -> bool:
        """Choose the next one; False when that leaves the list."""
        at = self.at + step
        if not -1 <= at < len(self.phrases):
            return False
        self.at = at
        self.refresh()
        return True

    @property
    def chosen(self) -> str:
        """The phrase that Tab takes over."""
        return self.phrases[max(self.at, 0)] if self.phrases else ""

    def render_line(self, y: int) -> Strip:
        """One phrase a line, then how to take one."""
        width = self.size.width
        if y < len(self.phrases):
            here = y == self.at
            style = self.get_component_rich_style("phrases--here") if here else self.rich_style
            return Strip([Segment(fit(f"{'>' if here else ' '} {self.phrases[y]}", width), style)], width)
        hint = _("Tab takes a phrase over, arrows choose, Enter keeps the note.")
        return Strip([Segment(fit("  " + hint, width), self.rich_style)], width)


@dataclass
class PhrasesFound(Message):
    """The look-up in its thread ended."""

    asked: str
    phrases: list[str]


class VisitChecklist(Checklist):
    """The checklist with its editor and its phrases.

    Args:
        find: phrases for what was typed at an item; runs in a thread.
    """

    class Refused(Message):
        """Something would have been changed, but the visit is sealed."""

    def __init__(self, find: Callable[[str, str], Sequence[str]], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._find = find
        self.read_only = False
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lines, the editor over them, the phrases over both."""
        yield VisitLines()
        yield Field(compact=True, classes="checklist-editor")
        yield PhraseBox()

    @property
    def box(self) -> PhraseBox:
        """The phrases."""
        return self.query_one(PhraseBox)

    def write_note(self) -> None:
        """Open the editor, unless the visit is sealed."""
        if self.read_only:
            self.post_message(self.Refused())
            return
        super().write_note()
        if self.lines.writing:
            self._look_up()

    def end_writing(self) -> None:
        """Keep the note; the phrases go."""
        self.box.offer(())
        super().end_writing()

    def place_editor(self) -> None:
        """The phrases stand under the editor, or over it where there is no room."""
        super().place_editor()
        if not self.lines.writing:
            return
        y, box = self.lines.line_of_editor(), self.box
        height = len(box.phrases) + 1
        below = y + 1 + height <= self.lines.size.height
        box.styles.offset = (9, y + 1 if below else max(0, y - height))
        box.styles.width = max(20, self.lines.size.width - 10)

    @property
    def _initials(self) -> str:
        """What a phrase is looked up by: the letters at the end, else all that was typed."""
        text = self.editor.value
        end = len(text)
        start = end
        while start and text[start - 1].isascii() and text[start - 1].isalpha():
            start -= 1
        return text[start:end] or text

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._pause is not None:
            self._pause.stop()
        if self.lines.writing:
            self._pause = self.set_timer(PAUSE, self._look_up)

    def _look_up(self) -> None:
        asked, item = self._initials, self._typed_for
        self.run_worker(
            lambda: self._in_thread(asked, item),
            thread=True,
            group="phrases",
            exclusive=True,
            exit_on_error=False,
        )

    def _in_thread(self, asked: str, item: str) -> None:
        try:
            found = list(self._find(asked, item))
        except Exception as error:
            self.app.post_message(Failed(error, None))
            return
        self.post_message(PhrasesFound(asked, found))

    @on(PhrasesFound)
    def _offer(self, event: PhrasesFound) -> None:
        event.stop()
        if not self.lines.writing or event.asked != self._initials:
            return
        typed = self.editor.value.strip()
        self.box.offer([phrase for phrase in event.phrases if phrase != typed])
        self.place_editor()

    def on_key(self, event: events.Key) -> None:
        """Tab takes a phrase over; Up and Down choose one before they leave the note."""
        box = self.box
        if not self.lines.writing or not box.phrases or event.key not in ("tab", "up", "down"):
            return
        if event.key == "tab":
            self._take()
        elif not box.step(1 if event.key == "down" else -1):
            return
        event.stop()
        event.prevent_default()

    def _take(self) -> None:
        text, letters = self.editor.value, self._initials
        kept = text[: len(text) - len(letters)] if letters.isascii() else ""
        self.editor.load(kept + self.box.chosen)
        self.box.offer(())
