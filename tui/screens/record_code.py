"""A QR code on the screen, at a size that a phone reads; else which window it needs, and a PNG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from models.documents import qr
from models.documents.export import export
from models.language import _
from tui.place import Modal
from tui.screens.record_files import default_folder
from tui.text import fit, wrap
from tui.widgets.confirm import AskLine

PAPER = Style(color="#000000", bgcolor="#ffffff")
"""Black on white in every theme: a phone reads nothing else as well."""


class CodeArea(Widget):
    """Draws the code in the middle, or says what window it needs."""

    def __init__(self, code: qr.Modules, words: list[str]) -> None:
        super().__init__()
        self._code = code
        self._words = words
        self._rows: list[str] = []

    def _layout_code(self) -> tuple[list[str] | None, list[str]]:
        words = [part for line in self._words for part in wrap(line, max(20, self.size.width))]
        room = self.size.height - len(words)
        rows = qr.terminal_rows(self._code, self.size.width, room)
        if rows is not None and any("\U0001fb00" <= sign <= "\U0001fb3b" for row in rows for sign in row):
            side = len(self._code) + 2
            hint = _(
                "Broken here? Your font lacks these signs: {width} x {height} does without them."
            ).format(width=side + 2, height=(side + 1) // 2 + len(words) + 1)
            words.append(hint)
            rows = qr.terminal_rows(self._code, self.size.width, self.size.height - len(words))
        return rows, words

    def render_line(self, y: int) -> Strip:
        """A row of words, or of the code."""
        width = self.size.width
        rows, words = self._layout_code()
        if y < len(words):
            return Strip([Segment(fit(words[y], width), self.rich_style)], width)
        y -= len(words)
        if rows is None:
            side = len(self._code) + 2
            text = _(
                "The code needs a window of {width} x {height}. Enlarge it, or write it as a picture (o)."
            ).format(width=(side + 1) // 2 + 2, height=(side + 2) // 3 + len(words) + 3)
            lines = wrap(text, width)
            return Strip([Segment(fit(lines[y] if y < len(lines) else "", width), self.rich_style)], width)
        if y >= len(rows):
            return Strip.blank(width, self.rich_style)
        left = (width - len(rows[0])) // 2
        right = width - left - len(rows[0])
        return Strip(
            [
                Segment(" " * left, self.rich_style),
                Segment(rows[y], PAPER),
                Segment(" " * right, self.rich_style),
            ],
            width,
        )


class CodeView(Modal):
    """The code; o writes it as a picture, Esc closes.

    Args:
        title: what it is the code of.
        code: its modules.
        name: proposed name of the PNG.
        words: lines over it.
        picture: makes the PNG; by default of the code alone, for a printer of 300 dpi.
    """

    BINDINGS = [
        Binding("escape,q,enter", "close", show=False),
        Binding("o", "picture", show=False),
    ]

    def __init__(
        self,
        title: str,
        code: qr.Modules,
        name: str,
        *,
        words: list[str] | None = None,
        picture: Callable[[], bytes] | None = None,
    ) -> None:
        super().__init__(classes="code-view")
        self._heading = title
        self._code = code
        self._file = name
        self._words = words or []
        self._picture = picture or (lambda: qr.png(code))

    def compose(self) -> ComposeResult:
        """One line of words, the code."""
        hint = _("o writes it as a picture, Esc closes.")
        with Vertical(classes="code-all"):
            yield CodeArea(self._code, [f"{self._heading}  {hint}", *self._words])

    def action_picture(self) -> None:
        """Ask where to."""
        target = str(default_folder() / self._file)
        self.app.push_screen(AskLine(_("Write to which file?"), target), self._write_picture)

    def _write_picture(self, path: str | None) -> None:
        if path:
            notebook = self.notebook
            self.ask(
                lambda: export(notebook, self._picture(), Path(path).with_suffix(".png")),
                lambda written: self.desk.say(_("Written: {file}").format(file=written)),
                group="picture",
            )

    def on_click(self, event: events.Click) -> None:
        """A click closes."""
        self.dismiss(None)
