"""Writing the paper in front into a file, and opening that for printing: what all papers share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

from textual import events

from models.documents.export import export
from models.language import _
from tui.place import Place
from tui.screens.record_files import default_folder, file_name, office_program, open_outside
from tui.widgets.confirm import AskLine
from tui.widgets.tabs import TabsLine

WIDEST = 100
"""Cells of the preview at most: the paper is no wider."""


class PaperPlace(Place):
    """A place that shows one of several papers of a record."""

    papers: tuple[tuple[str, str], ...]
    """Name and msgid of each."""
    paper: str
    """The name of the one in front."""
    was_read = False

    def choice_of_papers(self) -> TabsLine:
        """The line in which a paper is chosen."""
        return TabsLine(self.papers, chosen=self.paper)

    def on_resize(self, event: events.Resize) -> None:
        """The paper in the new width."""
        if self.was_read:
            self.load()

    def on_tabs_line_chosen(self, event: TabsLine.Chosen) -> None:
        """Another paper was clicked."""
        event.stop()
        self.choose_paper(event.name)

    def choose_paper(self, name: str) -> None:
        """Bring a paper to the front."""
        self.paper = name
        self.query_one(TabsLine).chosen = name
        self.query_one("#paper").scroll_home(animate=False)
        self.load()

    def why_not_paper(self) -> str:
        """There must be another."""
        return "" if len(self.papers) > 1 else _("There is one paper here.")

    def action_paper(self) -> None:
        """The next paper."""
        names = [name for name, _label in self.papers]
        self.choose_paper(names[(names.index(self.paper) + 1) % len(names)])

    @abstractmethod
    def paper_name(self) -> tuple[str, str]:
        """Number of the record and name of the paper, for the file's name."""

    @abstractmethod
    def writer(self) -> Callable[[str], bytes | str]:
        """Gives the paper as a file with a suffix; called in a thread."""

    def preview_width(self) -> int:
        """Cells of a line of the preview."""
        return min(WIDEST, max(40, self.size.width - 5))

    def _target(self, suffix: str) -> str:
        return str(default_folder() / file_name(*self.paper_name(), suffix))

    def action_export(self) -> None:
        """Ask where to, then write."""
        explain = _("The ending chooses the kind: .docx, .pdf, .html or .txt. The file is not encrypted.")
        self.app.push_screen(
            AskLine(_("Write to which file?"), self._target(".docx"), explain=explain), self._export
        )

    def _export(self, path: str | None, opened: bool = False) -> None:
        if not path:
            return
        notebook, write_as, target = self.notebook, self.writer(), Path(path)

        def write() -> tuple[Path, bool]:
            written = export(notebook, write_as(target.suffix), target)
            return written, opened and open_outside(written)

        self.ask(write, self._written, group="export", exclusive=False)

    def _written(self, answer: tuple[Path, bool]) -> None:
        path, opened = answer
        sentence = _("Opened for printing: {file}") if opened else _("Written: {file}")
        self.desk.say(sentence.format(file=path))

    def action_print(self) -> None:
        """Write it where it can be printed from, and open it there."""
        suffix = ".docx" if office_program() else ".html"
        explain = _(
            "It opens in the office program, else in the browser; print it from there. Not encrypted."
        )
        self.app.push_screen(
            AskLine(_("Print through which file?"), self._target(suffix), explain=explain),
            lambda path: self._export(path, opened=True),
        )
