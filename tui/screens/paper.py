"""Paper: a paper of a record as it will be printed; it is exported or printed from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from models.documents.paper import preview
from models.language import translate
from tui.keys import bindings
from tui.named import name_of, papers_of, unseen
from tui.screens.paper_files import PaperPlace
from tui.widgets.prose import Prose


def shelf() -> Any:
    """`models.documents.shelf`, which makes the papers; imported when one is asked for."""
    return import_module("models.documents.shelf")


@dataclass(frozen=True, slots=True)
class PaperView:
    """What the screen shows, read in one go."""

    number: str
    lines: list[str]


class PaperScreen(PaperPlace):
    """The paper.

    Args:
        kind: kind of the record.
        record_id: which one.
        paper: which of its papers.
    """

    place_name = "paper"
    BINDINGS = bindings("paper")

    def __init__(self, kind: str, record_id: str, paper: str) -> None:
        super().__init__()
        self.kind = kind
        self.record_id = record_id
        self.paper = paper
        self.papers = papers_of(kind)
        self._view: PaperView | None = None

    def body(self) -> ComposeResult:
        """Which paper, the paper."""
        yield self.choice_of_papers()
        with VerticalScroll(can_focus=True, id="paper"):
            yield Prose("", id="paper-text")

    def load(self) -> None:
        """Read the paper."""
        notebook, kind, record, name = self.notebook, self.kind, self.record_id, self.paper
        width = self.preview_width()

        def read() -> PaperView:
            hidden = unseen(notebook, kind, record)
            if hidden:
                return PaperView("", [hidden])
            paper = shelf().paper(notebook, kind, record, name)
            return PaperView(paper.number or name_of(notebook, kind, record), preview(paper, width))

        self.ask(read, self._show)

    def _show(self, view: PaperView) -> None:
        self._view = view
        self.was_read = True
        self.query_one("#paper-text", Prose).show("\n".join(view.lines))
        if self.focused is None:
            self.query_one("#paper").focus()

    # -- files ---------------------------------------------------------------------------------------------

    def paper_name(self) -> tuple[str, str]:
        """Number of the record, name of the paper."""
        label = next((label for name, label in self.papers if name == self.paper), self.paper)
        return (self._view.number if self._view is not None else ""), translate(label)

    def writer(self) -> Callable[[str], bytes | str]:
        """By the shelf."""
        notebook, kind, record, name = self.notebook, self.kind, self.record_id, self.paper

        def write(suffix: str) -> bytes | str:
            made: bytes | str = shelf().written(notebook, kind, record, name, suffix)
            return made

        return write
