"""What the screen of a form is made of: its list, several choices at once, a piece of evidence as answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.inspections import verbs
from models.language import _
from tui.screens.inspection_form import VisitPlace
from tui.widgets.choice import Choice
from tui.widgets.lines import Cell, Lines
from tui.widgets.picker import Picker, among


class QuestionLines(Lines):
    """The questions: Up and Down go to what can be answered, as they do from within an answer.

    Args:
        step: goes on by 1 or -1.
    """

    def __init__(self, step: Callable[[int], None], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._step = step

    def action_up(self) -> None:
        """The question before."""
        self._step(-1)

    def action_down(self) -> None:
        """The next question."""
        self._step(1)


class SeveralPicker(Picker):
    """Enter marks or unmarks; Esc closes with all marked values, in the order of marking."""

    def __init__(
        self,
        title: str,
        query: Callable[[str], Sequence[Choice]],
        marked: Sequence[str],
        *,
        ranked: bool = False,
    ) -> None:
        """
        Args:
            marked: values that are marked already, in their order.
            ranked: whether the order is the answer, and so is shown.
        """
        how = _("Enter marks, Esc is done")
        super().__init__(f"{title}  {how}", query, wide=True)
        self._marked = list(marked)
        self._ranked = ranked

    def cells(self, choice: Choice) -> Sequence[Cell | str]:
        """Sign or place, and the label."""
        if choice.value not in self._marked:
            sign = "[ ]"
        else:
            sign = f"{self._marked.index(choice.value) + 1}." if self._ranked else "[✓]"
        return (f"{sign} {choice.label}", Cell(choice.detail, "quiet"))

    def _take(self) -> None:
        current = self.lines.current
        if current is None:
            return
        value = self._found[current].value
        if value in self._marked:
            self._marked.remove(value)
        else:
            self._marked.append(value)
        self.lines.refresh()

    def action_close(self) -> None:
        """Done."""
        self.dismiss(self._marked)


_NEW = "\x00file"


def typed_path(text: str) -> Path:
    """A path as it is typed, pasted or dropped, quotes and all."""
    return Path(text.strip().strip("'\"")).expanduser()


def pick_evidence(
    screen: VisitPlace, kind: str, question: str, files: Mapping[str, str], then: Callable[[str, str], None]
) -> None:
    """Choose a piece of evidence of the visit, or take a file in; then its record id and name.

    Args:
        kind: of the question: "image", "audio", "video" or "file".
        question: what the evidence answers; it becomes its purpose.
        files: names of the visit's evidence by record id.
    """
    notebook, visit = screen.notebook, screen.inspection_id

    def picked(choice: Choice | None) -> None:
        if choice is None:
            return
        if choice.value != _NEW:
            then(choice.value, choice.label)
            return
        path = typed_path(choice.detail)
        of_kind = "electronic" if kind == "file" else "audio_visual"
        screen.do_verb(
            lambda: verbs.take_in(notebook, visit, path, kind=of_kind, purpose=question),
            lambda record: then(record, path.name),
        )

    picker = Picker(
        _("Evidence of this visit, or the path of a file"),
        among([Choice(record, name) for record, name in files.items()]),
        new=lambda text: Choice(_NEW, _("Take in the file"), text),
        wide=True,
    )
    screen.app.push_screen(picker, picked)
