"""The footer: the few keys that matter here, and always Help and All actions."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from models.language import translate
from tui.keys import action, actions_of, effective, shown
from tui.keytable import Action


class Footer(Widget):
    """One line at the bottom, made from the key table; each key can be clicked."""

    COMPONENT_CLASSES = {"footer--key", "footer--off"}

    def __init__(self) -> None:
        super().__init__()
        self._pad = 4
        self._spots: list[tuple[int, int, str]] = []

    def _key(self, row: Action) -> str:
        """The key to show: while a text field has the focus no letter, for there it is a letter."""
        keys = effective(row, self.app.own_keys)  # type: ignore[attr-defined]
        if getattr(self.screen.focused, "takes_letters", False):
            keys = [key for key in keys if not _is_letter(key)]
        return keys[0] if keys else ""

    def actions(self) -> list[Action]:
        """What is shown, in order: the focused widget's, the screen's, then the two that are always there."""
        screen = self.screen
        focused = getattr(screen.focused, "footer_place", "")
        places = [place for place in (focused, getattr(screen, "place_name", "")) if place]
        has = getattr(screen, "has_action", lambda row: True)
        room = getattr(screen, "in_footer", lambda row: True)
        own = [row for place in places for row in actions_of(place) if row.footer and has(row) and room(row)]
        own += [action(each) for each in getattr(screen, "also_shown", ())]
        return [row for row in own if self._key(row)]

    def render_line(self, y: int) -> Strip:
        """As many as fit; those that cannot run now stand in brackets.

        Where room is short, labels are short, signs stand closer, and Help alone is always there: it lists
        all actions too.
        """
        width = self.size.width
        base = self.rich_style
        always = [row for row in actions_of("app") if row.footer and self._key(row)]
        self._pad = 4
        while self._pad > 2 and sum(self._width(row) for row in [*self.actions(), *always]) > width:
            self._pad -= 1
            if self._pad == 2:
                always = always[:1]
        always_room = sum(self._width(row) for row in always)
        segments: list[Segment] = []
        self._spots = []
        used = 0
        for row in self.actions():
            size = self._width(row)
            if used + size > width - always_room:
                continue
            used = self._add(segments, row, used)
        gap = width - used - always_room
        if gap > 0:
            segments.append(Segment(" " * gap, base))
            used += gap
        for row in always:
            used = self._add(segments, row, used)
        return Strip(segments).adjust_cell_length(width, base)

    def _words(self, row: Action) -> tuple[str, str]:
        return shown(self._key(row)), translate((self._pad < 4 and row.short) or row.label)

    def _width(self, row: Action) -> int:
        key, label = self._words(row)
        return cell_len(key) + cell_len(label) + self._pad

    def _add(self, segments: list[Segment], row: Action, used: int) -> int:
        key, label = self._words(row)
        why_not = getattr(self.screen, "why_not", None)
        off = bool(row.place not in ("app", "checklist") and why_not is not None and why_not(row))
        base = self.rich_style
        key_style: Style = self.get_component_rich_style("footer--off" if off else "footer--key")
        label_style = self.get_component_rich_style("footer--off") if off else base
        before, between, after = ("(", " ", ")") if off else (" ", " ", " ")
        if self._pad == 2:
            between, after = (")" if off else " "), ""
        segments += [
            Segment(before, base),
            Segment(key, key_style),
            Segment(between + label, label_style),
            Segment(after + " " * (self._pad - 3), base),
        ]
        end = used + self._width(row)
        self._spots.append((used, end, row.id))
        return end

    async def on_click(self, event: events.Click) -> None:
        """Run the action under the mouse."""
        for start, end, action_id in self._spots:
            if start <= event.x < end:
                await self.app.run_listed(action_id)  # type: ignore[attr-defined]


def _is_letter(key: str) -> bool:
    """Whether a key types something."""
    return len(key) == 1 or key in ("question_mark", "slash", "space", "comma", "full_stop")
