"""The bar: where we are, who works, in which unit, and always how much is unsent."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from models.language import N_, _, translate
from tui.quirks import visible
from tui.text import fit

MARKS = {
    "kept": ("-", N_("Kept here")),
    "sent": (">", N_("Entries have receipts, files still wait")),
    "received": ("✓", N_("Receipt held")),
    "durable": ("=", N_("In the server's off-site backup too")),
    "aside": ("!", N_("Put aside by the server")),
    "out": ("✗", N_("Content taken out by order")),
}
"""State of a record on its way, to a sign of one cell and its meaning (msgid)."""


def mark(state: str) -> str:
    """The sign of a record's state; unknown states show as kept here, which claims least."""
    return MARKS.get(state, MARKS["kept"])[0]


def mark_words(state: str) -> str:
    """The state in words."""
    return translate(MARKS.get(state, MARKS["kept"])[1])


class Bar(Widget):
    """One line at the top."""

    COMPONENT_CLASSES = {"bar--demo", "bar--unsent"}

    def render_line(self, y: int) -> Strip:
        """Demo mark, place, person, unit at the left; unsent at the right."""
        width = self.size.width
        base = self.rich_style
        state = self.app.bar_state  # type: ignore[attr-defined]
        segments: list[Segment] = []
        if state.demo:
            sign = _("DEMO")
            segments.append(Segment(f" {sign} ", self.get_component_rich_style("bar--demo")))
        heading = getattr(self.screen, "heading", lambda: "")()
        segments.append(Segment(f" {visible(heading)}", base + Style(bold=True)))
        right = ""
        if state.person:
            right = _("{count} unsent").format(count=state.unsent) if state.unsent else _("nothing unsent")
            if state.busy:
                right = f"{state.busy}  {right}"
            people = f"  {visible(state.person)}  {visible(state.unit)}"
            room = width - sum(segment.cell_length for segment in segments) - cell_len(right) - 4
            segments.append(Segment(fit(people, min(room, cell_len(people))) if room > 6 else "", base))
        used = sum(segment.cell_length for segment in segments)
        room = max(0, width - used - 1)
        style = self.get_component_rich_style("bar--unsent") if state.unsent else base
        gap = max(0, room - cell_len(right) - 1)
        segments += [Segment(" " * gap, base), Segment(f" {right} ", style)]
        return Strip(segments).adjust_cell_length(width, base)
