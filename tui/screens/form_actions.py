"""What can be done with a filled form besides answering: find, see what is lacking, take away, take back."""

from __future__ import annotations

from typing import Any

from models.errors import BadInput
from models.forms.filling import Filling
from models.inspections import form_filling as forms
from models.inspections import verbs
from models.language import _
from tui.screens import form_rows as drawn
from tui.screens.form_log import FormWatch
from tui.screens.form_rows import Row
from tui.screens.form_state import FormState, Unkept
from tui.screens.inspection_form import VisitPlace, sealed_words
from tui.widgets.choice import Choice
from tui.widgets.confirm import AskLine, Confirm
from tui.widgets.lines import Lines
from tui.widgets.picker import Picker, among


class FormPlace(VisitPlace):
    """A place with one filled form.

    Args:
        inspection_id: the visit.
        record_id: the filled form.
    """

    def __init__(self, inspection_id: str, record_id: str) -> None:
        super().__init__(inspection_id)
        self.record_id = record_id
        self.form_log = FormWatch(self, record_id)
        self._state: FormState | None = None
        self._files: dict[str, str] = {}
        self._sealed = False
        self._typed_for = ""
        """Key of the row that the editor holds the answer of."""

    @property
    def lines(self) -> Lines:
        """The list."""
        return self.query_one(Lines)

    @property
    def _filling(self) -> Filling | None:
        return self._state.filling if self._state is not None else None

    @property
    def _rows(self) -> dict[str, Row]:
        return self._state.rows if self._state is not None else {}

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows.get(self.lines.current or "")

    def _go_in(self) -> None:
        """Give the focus to what takes the next key."""

    def _changed(self, values: Unkept) -> None:
        """Draw what a change touched, and write it down."""

    # -- actions -------------------------------------------------------------------------------------------

    def action_remove(self) -> None:
        """Take the round around the cursor away, after asking."""
        state = self._state
        path = state.round_around(self.row) if state is not None else ""
        if state is None or not path:
            self.desk.say(_("Put the cursor into a round first."), severity="warning")
            return
        words = drawn.question_of(state.filling, state.rows[path])
        question = _("Take away “{name}” with all its answers?").format(name=words)
        self.app.push_screen(
            Confirm(question, _("The history keeps them.")), lambda yes: self._remove(path) if yes else None
        )

    def _remove(self, path: str) -> None:
        assert self._state is not None
        try:
            values = self._state.remove(path)
        except BadInput as error:
            self.desk.say(error.text(), severity="warning")
            return
        self.form_log.mark("delete repeat", path)
        self._typed_for = ""
        self._changed(values)

    def action_undo(self) -> None:
        """Take the last change back."""
        notebook = self.notebook

        def undone(done: Any) -> None:
            self._typed_for = ""
            self.form_log.changed()
            self.load()
            self.desk.say(_("Undone: {what}").format(what=done.text))

        self.do_verb(lambda: verbs.undo(notebook), undone)

    def action_find(self) -> None:
        """Search the questions."""
        filling = self._filling
        if filling is None:
            return
        choices = [
            Choice(key, drawn.question_of(filling, row), drawn.answer_of(filling, row, self._files))
            for key, row in self._rows.items()
        ]
        self._jump(_("Find a question"), choices)

    def action_missing(self) -> None:
        """What is lacking; Enter jumps to it."""
        filling = self._filling
        if filling is None:
            return
        lacking = forms.lacking_in(filling)
        choices = [Choice(path, forms.place_words(filling, path), words) for path, words in lacking.items()]
        title = (
            _("Still lacking: {count}").format(count=len(choices)) if choices else _("Nothing is lacking.")
        )
        self._jump(title, choices)

    def _jump(self, title: str, choices: list[Choice]) -> None:
        self.form_log.jump()
        self.app.push_screen(Picker(title, among(choices), wide=True), self._found)

    def _found(self, choice: Choice | None) -> None:
        if choice is not None and choice.value in self._rows:
            self.lines.cursor = list(self._rows).index(choice.value)
            self._go_in()
        elif self.row is not None:
            self.form_log.at(self.row)

    def action_withdraw(self) -> None:
        """Take the whole form out of the visit, with a reason."""
        question = AskLine(_("Why is it withdrawn?"), explain=_("It stays in the history with the reason."))
        self.app.push_screen(question, self._withdraw)

    def _withdraw(self, why: str | None) -> None:
        if why:
            notebook, record = self.notebook, self.record_id
            self.form_log.leave()
            self.do_verb(lambda: verbs.withdraw(notebook, record, why), lambda _done: self._leave())

    def _leave(self) -> None:
        self.call_later(self.desk.action_back)

    def why_not_remove(self) -> str:
        """Sealed stays sealed."""
        return sealed_words(self.desk.own_keys) if self._sealed else ""

    why_not_undo = why_not_withdraw = why_not_remove
