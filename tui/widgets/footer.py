"""The footer: the few keys that matter here, and always Help and All actions."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from models.language import translate
from tui.keys import actions_of, effective, shown
from tui.keytable import Action


class Footer(Widget):
    """One line at the bottom, made from the key table; each key can be clicked."""

    COMPONENT_CLASSES = {"footer--key", "footer--off"}

    def __init__(self) -> None:
        super().__init__()
        self._spots: list[tuple[int, int, str]] = []

    def actions(self) -> list[Action]:
        """What is shown, in order: the focused widget's, the screen's, then the two that are always there."""
        screen = self.screen
        focused = getattr(screen.focused, "footer_place", "")
        places = [place for place in (focused, getattr(screen, "place_name", "")) if place]
        return [row for place in places for row in actions_of(place) if row.footer]

    def render_line(self, y: int) -> Strip:
        """As many as fit; those that cannot run now stand in brackets."""
        width = self.size.width
        base = self.rich_style
        own = self.app.own_keys  # type: ignore[attr-defined]
        always = [row for row in actions_of("app") if row.footer]
        always_room = sum(self._width(row, own) for row in always)
        segments: list[Segment] = []
        self._spots = []
        used = 0
        for row in self.actions():
            size = self._width(row, own)
            if used + size > width - always_room:
                continue
            used = self._add(segments, row, own, used)
        gap = width - used - always_room
        if gap > 0:
            segments.append(Segment(" " * gap, base))
            used += gap
        for row in always:
            used = self._add(segments, row, own, used)
        return Strip(segments).adjust_cell_length(width, base)

    @staticmethod
    def _words(row: Action, own: dict[str, str]) -> tuple[str, str]:
        keys = effective(row, own)
        return (shown(keys[0]) if keys else "", translate(row.label))

    def _width(self, row: Action, own: dict[str, str]) -> int:
        key, label = self._words(row, own)
        return cell_len(key) + cell_len(label) + 4

    def _add(self, segments: list[Segment], row: Action, own: dict[str, str], used: int) -> int:
        key, label = self._words(row, own)
        why_not = getattr(self.screen, "why_not", None)
        off = bool(row.place not in ("app", "checklist") and why_not is not None and why_not(row))
        base = self.rich_style
        key_style: Style = self.get_component_rich_style("footer--off" if off else "footer--key")
        label_style = self.get_component_rich_style("footer--off") if off else base
        left, right = ("(", ")") if off else (" ", " ")
        segments += [
            Segment(left, base),
            Segment(key, key_style),
            Segment(f" {label}", label_style),
            Segment(f"{right} ", base),
        ]
        end = used + self._width(row, own)
        self._spots.append((used, end, row.id))
        return end

    async def on_click(self, event: events.Click) -> None:
        """Run the action under the mouse."""
        for start, end, action_id in self._spots:
            if start <= event.x < end:
                await self.app.run_listed(action_id)  # type: ignore[attr-defined]
