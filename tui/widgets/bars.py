"""Bars of coloured cells with their numbers: signs within the cells say the same as the colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from models.oversight.charts import GLYPHS
from tui.text import fit, fit_right

if TYPE_CHECKING:
    from models.oversight.charts import Bar

WIDEST_LABEL = 26
"""Cells of the labels at most."""
LEAST = 4
"""Cells of the longest bar at least."""


class Bars(Widget):
    """Label, number, bar, a line each; where there is room, the numbers of a bar's pieces at its end."""

    COMPONENT_CLASSES = {"bars--good", "bars--strong", "bars--plain", "lines--bad", "lines--quiet"}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's own name
        super().__init__(id=id)
        self.bars: Sequence[Bar] = ()

    def show(self, bars: Sequence[Bar]) -> None:
        """Show these."""
        self.bars = bars
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line a bar."""
        return max(1, len(self.bars))

    def render_line(self, y: int) -> Strip:
        """One bar."""
        width, base = self.size.width, self.rich_style
        if y >= len(self.bars):
            return Strip.blank(width, base)
        bar = self.bars[y]
        label = min(WIDEST_LABEL, max(cell_len(each.label) for each in self.bars))
        number = max(len(f"{each.number:,}") for each in self.bars) + 1
        pieces = [self._numbers(each) for each in self.bars]
        most = max(each.number for each in self.bars)
        after = max(map(len, pieces)) + 1 if width >= 60 else 0
        room = max(LEAST, width - label - number - after - 2)
        style = (
            base + self.get_component_rich_style("lines--bad", partial=True) if bar.part == "bad" else base
        )
        sign = "!" if bar.part == "bad" else ""
        segments = [
            Segment(fit(bar.label, label), style),
            Segment(fit_right(f"{sign}{bar.number:,}", number) + " ", style),
        ]
        used = 0
        for length, part in self._lengths(bar, most, room):
            name = part if part in ("good", "strong") else "plain"
            glyph = GLYPHS.get(part, GLYPHS[""])
            segments.append(Segment(glyph * length, self.get_component_rich_style(f"bars--{name}")))
            used += length
        if after:
            quiet = base + self.get_component_rich_style("lines--quiet", partial=True)
            segments.append(Segment(" " + pieces[y], quiet))
        return Strip(segments).adjust_cell_length(width, base)

    @staticmethod
    def _numbers(bar: Bar) -> str:
        """The numbers of the pieces, each with its sign: `#34 =8 -5`."""
        return " ".join(f"{GLYPHS.get(part, GLYPHS[''])}{number}" for number, part in bar.pieces if number)

    @staticmethod
    def _lengths(bar: Bar, most: int, room: int) -> list[tuple[int, str]]:
        """(cells, part) of each piece; together they are the bar, one cell at least."""
        if bar.number <= 0 or most <= 0:
            return []
        length = max(1, bar.number * room // most)
        found, before, done = [], 0, 0
        for number, part in bar.pieces or ((bar.number, "good"),):
            before += number
            end = length * before // bar.number
            found.append((end - done, part))
            done = end
        return found
