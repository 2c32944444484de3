"""Sentences that break as Chinese breaks (Textual wraps at any place and may begin a line with 。)."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui.text import fit, wrap


class Prose(Widget):
    """Text of any length; its height follows its width. Give `height: auto` or any other in CSS."""

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._text = text
        self._wrapped: tuple[int, list[str]] = (0, [])

    @property
    def text(self) -> str:
        """What is shown, unwrapped."""
        return self._text

    def show(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self._wrapped = (0, [])
            self.refresh(layout=True)

    def _lines(self, width: int) -> list[str]:
        if self._wrapped[0] != width:
            self._wrapped = (width, wrap(self._text, width))
        return self._wrapped[1]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text needs."""
        return len(self._lines(width)) if self._text else 0

    def render_line(self, y: int) -> Strip:
        """One wrapped line."""
        width = self.size.width
        lines = self._lines(width)
        text = lines[y] if y < len(lines) and self._text else ""
        return Strip([Segment(fit(text, width), self.rich_style)], width)
