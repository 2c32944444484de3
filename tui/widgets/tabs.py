"""The names of a screen's panes in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from models.language import translate
from tui.text import fit


class TabsLine(Widget):
    """The names of the panes in one line; a click or Tab chooses.

    Where they are wider than the line, it is moved so that the chosen one is seen; `<` and `>` say there are
    more.
    """

    COMPONENT_CLASSES = {"tabs--here"}
    chosen: reactive[str] = reactive("", init=False)

    @dataclass
    class Chosen(Message):
        """A pane was clicked."""

        name: str

    def __init__(self, tabs: Sequence[tuple[str, str]], *, chosen: str) -> None:
        """
        Args:
            tabs: name and msgid of each pane.
            chosen: the name of the one in front.
        """
        super().__init__()
        self.tabs = tuple(tabs)
        self.counts: dict[str, int] = {}
        self.set_reactive(TabsLine.chosen, chosen)
        self._spots: list[tuple[int, int, str]] = []

    def show(self, counts: dict[str, int]) -> None:
        """Show how much is in each pane."""
        self.counts = counts
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Names with counts; the one in front in brackets."""
        width, base = self.size.width, self.rich_style
        segments: list[Segment] = []
        spots: list[tuple[int, int, str]] = []
        used = 0
        for name, label in self.tabs:
            here = name == self.chosen
            text = translate(label) + (f" {self.counts[name]:,}" if self.counts.get(name) else "")
            text = f"[{text}]" if here else f" {text} "
            style = self.get_component_rich_style("tabs--here") if here else base
            segment = Segment(text + " ", style + Style(bold=here))
            spots.append((used, used + segment.cell_length, name))
            used += segment.cell_length
            segments.append(segment)
        start = self._start(spots, used, width)
        self._spots = [(left - start, right - start, name) for left, right, name in spots]
        segments.append(Segment(fit("", max(0, width - used)), base))
        strip = Strip(segments).crop(start, start + width).adjust_cell_length(width, base)
        more = Style(bold=True) + base
        if start:
            strip = Strip([Segment("<", more), *strip.crop(1, width)])
        if used - start > width:
            strip = Strip([*strip.crop(0, width - 1), Segment(">", more)])
        return strip

    def _start(self, spots: Sequence[tuple[int, int, str]], used: int, width: int) -> int:
        """The first cell to show, so that the chosen name is seen whole with one cell for `<` and `>`."""
        if used <= width:
            return 0
        right = next((right for _left, right, name in spots if name == self.chosen), 0)
        return max(0, min(right + 1 - width, used - width))

    def on_click(self, event: events.Click) -> None:
        """Choose the pane under the mouse."""
        for start, end, name in self._spots:
            if start <= event.x < end:
                self.post_message(self.Chosen(name))
