"""The least that Textual can show: what any terminal app must at least wait for."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """One word."""

    def compose(self) -> ComposeResult:
        """It."""
        yield Static("READY")


if __name__ == "__main__":
    Empty().run()
