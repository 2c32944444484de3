"""A form that the bureau brought, filled by keyboard: the questions, and the one under the cursor in full.

The form itself lives in memory and answers at once; what it holds is written behind it. The list is drawn
over paths, so 5,000 questions cost what 50 cost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widgets import Input
from textual.widgets.input import Selection

from models.errors import BadInput
from models.forms.filling import Filling, NoSuchField
from models.forms.model import EVIDENCE
from models.inspections import form_filling as forms
from models.inspections import queries, verbs
from models.inspections.rules import child_id
from models.language import N_, _, translate
from tui.keys import bindings
from tui.screens import form_rows as drawn
from tui.screens.form_actions import FormPlace
from tui.screens.form_parts import QuestionLines, SeveralPicker, pick_evidence
from tui.screens.form_rows import Row
from tui.screens.form_state import FormState, Unkept
from tui.screens.inspection_form import sealed_words
from tui.screens.inspection_parts import StillProse
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.picker import Picker, among
from tui.widgets.prose import Prose

REST = 0.25
"""Seconds without an answer after which the whole form is looked at."""
KEPT_AFTER = 2.0
"""Seconds after which what is being typed is kept."""


_Read = tuple[Filling, dict[str, str], dict[str, str], bool, Callable[[], None]]
"""Filling, what is kept of it, files by evidence, whether it is sealed, and what begins its log."""


class FormFillingScreen(FormPlace):
    """One filled form.

    Args:
        inspection_id: the visit.
        record_id: the filled form.
        path: the question to begin on; else the first that is lacking.
    """

    place_name = "filling"
    BINDINGS = bindings("filling")

    def __init__(self, inspection_id: str, record_id: str, path: str = "") -> None:
        super().__init__(inspection_id, record_id)
        self._wanted = path
        self._title = ""
        self._own: set[str] = set()
        """Records that this screen wrote a moment ago."""
        self._shown = ""
        """Key of the row that the card shows."""
        self._rest: Timer | None = None
        self._timer: Timer | None = None
        self._own_timer: Timer | None = None

    def body(self) -> ComposeResult:
        """State, the questions, the one under the cursor."""
        answer = max(24, self.app.size.width * 2 // 5)
        columns = (Column("", 1), Column(N_("Question"), 0), Column(N_("Filled in"), answer))
        yield StillProse("", id="filling-say", classes="quiet")
        empty = N_("This form asks nothing.")
        yield QuestionLines(self._go_on, columns, list, self._cells, empty=empty, id="filling-list")
        with VerticalScroll(id="filling-card", can_focus=False):
            yield Prose("", id="filling-question")
            yield Prose("", id="filling-more", classes="quiet")
            yield Field(compact=True, id="filling-answer")
            yield Prose("", id="filling-error")

    # -- reading -------------------------------------------------------------------------------------------

    @property
    def editor(self) -> Field:
        """Where an answer is typed."""
        return self.query_one(Field)

    def heading(self) -> str:
        """The form's title."""
        return self._title or super().heading()

    def load(self) -> None:
        """Read the form and what it holds."""
        notebook, visit, record = self.notebook, self.inspection_id, self.record_id

        log = self.form_log

        def read() -> _Read:
            held = forms.kept_answers(notebook, record)
            files = {row.id: row.name or row.title or "" for row in queries.evidence_of(notebook, visit)}
            row = queries.inspection(notebook, visit)
            filling = forms.filling_of(notebook, record)
            return filling, held, files, bool(row is not None and row.sealed), log.begin(filling.form)

        self.ask(read, self._show)

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """Read anew what others wrote; what this screen wrote it knows."""
        ours = {"filled_form", "form_answer", "evidence", "inspection"}
        if any(kind in ours and record not in self._own for kind, record in records):
            self.load()

    def _show(self, answer: _Read) -> None:
        first = self._state is None
        filling, held, self._files, self._sealed, begin_log = answer
        self.form_log.show(filling)
        if not self._sealed:
            begin_log()
        self._state = state = FormState(filling, held)
        self._title = filling.form.title or filling.form.id
        begin = self._wanted if self._wanted in state.rows else state.first_lacking() if first else ""
        self.lines.show(list(state.rows), select=begin)
        self._wanted = ""
        self._show_row()
        self._show_how_far()
        if first:
            self._go_in()
        self.desk.paint_bars()
        self.refresh_footer()

    def _cells(self, key: str) -> Sequence[Cell | str]:
        row = self._rows.get(key)
        if row is None or self._filling is None:
            return ()
        try:
            return drawn.cells_of(self._filling, row, self._files)
        except NoSuchField:  # drawn while the form changes under it
            return ()

    # -- the card ------------------------------------------------------------------------------------------

    def _show_row(self) -> None:
        """The question under the cursor in full, with its choices, its hint and what is wrong."""
        row, filling = self.row, self._filling
        if row is None or filling is None:
            return
        self._shown = row.key
        self.form_log.at(row)
        self.query_one("#filling-question", Prose).show(drawn.question_of(filling, row))
        why = self._why_not(row) if row.asks or row.kind == "add" else ""
        more = [*drawn.more_of(filling, row), *([why] if why else [])]
        self.query_one("#filling-more", Prose).show("\n".join(more))
        typed = row.kind in drawn.TYPED and not self._why_not(row)
        editor = self.editor
        editor.display = typed
        if typed and self._typed_for != row.key:
            self._typed_for = row.key
            editor.load(filling.value(row.path))
            editor.placeholder = translate(drawn.HINTS.get(row.kind, drawn.WRITE))
        wrong = filling.error(row.path) if row.asks else ""
        self.query_one("#filling-error", Prose).show(f"! {wrong}" if wrong else "")

    def _show_how_far(self) -> None:
        """How much is answered and lacking: of the whole form, so only when answering rests."""
        state = self._state
        if state is None:
            return
        sealed = sealed_words(self.desk.own_keys) if self._sealed else ""
        self.query_one("#filling-say", Prose).show(f"{state.how_far()}  {sealed}")

    def _why_not(self, row: Row) -> str:
        """Why a row takes no answer; empty where it does."""
        if self._sealed:
            return sealed_words(self.desk.own_keys)
        if not row.asks or self._filling is None:
            return ""
        return _("The form fills this in itself.") if self._filling.read_only(row.path) else ""

    @on(Lines.Moved)
    def _moved(self, event: Lines.Moved) -> None:
        event.stop()
        if event.id != self._shown:
            self._show_row()

    # -- answering -----------------------------------------------------------------------------------------

    def _go_in(self) -> None:
        """Give the focus to what takes the next key: the editor for what is typed, else the list."""
        self._show_row()
        if self.editor.display:
            self.editor.focus()
        else:
            self.lines.focus()

    def _go_on(self, step: int = 1) -> None:
        """The next row that can be answered."""
        if not self.form_log.asks_why(lambda: self._go_to_next(step)):
            self._go_to_next(step)

    def _go_to_next(self, step: int) -> None:
        lines, keys = self.lines, list(self._rows)
        at = lines.cursor + step
        while 0 <= at < len(keys) and self._rows[keys[at]].kind in drawn.STILL - {"add"}:
            at += step
        if 0 <= at < len(keys):
            lines.cursor = at
        self._go_in()

    def _set(self, row: Row, value: str | list[str]) -> None:
        """Answer; what the form makes of it is drawn at once and kept behind it."""
        state = self._state
        if state is None:
            return
        why = self._why_not(row)
        if why:
            self.desk.say(why, severity="warning")
            return
        try:
            values = state.answer(row, value)
        except BadInput as error:
            self.desk.say(error.text(), severity="error")
            return
        self._changed(values)

    def _changed(self, values: Unkept) -> None:
        """Draw what a change touched, and write it down."""
        state = self._state
        if state is not None and state.moved:
            self.lines.show(list(state.rows))
        self.lines.refresh()
        self._show_row()
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, self._show_how_far)
        if values:
            self.form_log.changed()
            self._write_down(values)

    def _write_down(self, values: Unkept) -> None:
        notebook, record = self.notebook, self.record_id
        self._own |= {child_id(record, "form_answer", path) for path in values}
        if self._own_timer is not None:
            self._own_timer.stop()

        def failed(_error: Exception) -> bool:
            self.load()
            return False

        def kept(_done: Any) -> None:
            self._own_timer = self.set_timer(1.0, lambda: self._own.clear())

        self.do_verb(lambda: verbs.answer_form(notebook, record, values), kept, failed=failed)

    # -- typing --------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(KEPT_AFTER, self._keep_typed)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        before = self._answer_here()
        self._keep_typed()
        row, filling = self.row, self._filling
        wrong = filling.error(row.path) if row is not None and filling is not None and row.asks else None
        if wrong is None or self._answer_here() == before:  # what is wrong is told once; then it may stay
            self._go_on()
        else:
            self.form_log.mark("constraint error")
            self.editor.selection = Selection(0, len(self.editor.value))  # what is typed now is instead of it

    def _answer_here(self) -> str:
        row, filling = self.row, self._filling
        return filling.value(row.path) if row is not None and filling is not None and row.asks else ""

    def _keep_typed(self) -> None:
        """Keep what stands in the editor."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        row = self._rows.get(self._typed_for)
        if row is None or self._filling is None or self._sealed or not self.editor.display:
            return
        if self.editor.value != self._filling.value(row.path):
            self._set(row, self.editor.value)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Left the editor in any way: keep it."""
        if event.widget is self.editor:
            self._keep_typed()

    def keep(self) -> None:
        """What is being typed."""
        if self.is_mounted:
            self._keep_typed()
            self.form_log.leave()

    # -- keys ----------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """In the editor: Up, Down and Esc leave it. On the list: a digit chooses, Space confirms."""
        if self.editor.has_focus:
            if event.key not in ("up", "down", "escape"):
                return
            self._keep_typed()
            if event.key == "escape":
                self.lines.focus()
            else:
                self._go_on(1 if event.key == "down" else -1)
        elif not self._key_on_row(event.key):
            return
        event.stop()
        event.prevent_default()

    def _key_on_row(self, key: str) -> bool:
        row, filling = self.row, self._filling
        if row is None or filling is None:
            return False
        if key == "space" and row.kind == "acknowledge":
            self._set(row, "" if filling.value(row.path) else "OK")
            return True
        if not key.isdecimal() or row.kind not in drawn.CHOSEN or not drawn.by_digit(filling, row):
            return False
        choices = filling.choices(row.path)
        number = int(key)
        if not 1 <= number <= len(choices):
            return False
        self._choose(row, filling, choices[number - 1].value)
        return True

    def _choose(self, row: Row, filling: Filling, value: str) -> None:
        if row.kind == "select_one":
            self._set(row, value)
            self._go_on()
            return
        given = filling.value(row.path).split()
        given = [each for each in given if each != value] if value in given else [*given, value]
        self._set(row, drawn.in_order(filling, row, given))

    @on(Lines.Opened)
    def _opened(self, event: Lines.Opened) -> None:
        """Enter on a row."""
        event.stop()
        row, filling = self.row, self._filling
        if row is None or filling is None:
            return
        why = self._why_not(row)
        if why and (row.asks or row.kind == "add"):
            self.desk.say(why, severity="warning")
        elif row.kind in drawn.TYPED:
            self._go_in()
        elif row.kind == "add":
            self._add_round(row)
        elif row.kind in drawn.CHOSEN and drawn.by_digit(filling, row):
            self._go_on()
        elif row.kind in drawn.CHOSEN:
            self._pick(row, filling)
        elif row.kind in EVIDENCE:
            self._pick_evidence(row)
        elif not self._key_on_row("space"):
            self._go_on()

    def _pick(self, row: Row, filling: Filling) -> None:
        choices = drawn.choices_of(filling, row)
        title = drawn.question_of(filling, row)
        if row.kind == "select_one":
            self.app.push_screen(Picker(title, among(choices), wide=True), lambda one: self._picked(row, one))
            return
        ranked = row.kind == "rank"
        picker = SeveralPicker(title, among(choices), filling.value(row.path).split(), ranked=ranked)
        self.app.push_screen(picker, lambda values: self._several(row, values, ranked))

    def _picked(self, row: Row, choice: Choice | None) -> None:
        if choice is not None:
            self._set(row, choice.value)
            self._go_on()

    def _several(self, row: Row, values: list[str] | None, ranked: bool) -> None:
        if values is None or self._filling is None:
            return
        self._set(row, values if ranked else drawn.in_order(self._filling, row, values))
        self._go_on()

    def _pick_evidence(self, row: Row) -> None:
        title = drawn.question_of(self._filling, row) if self._filling is not None else ""

        def picked(record: str, name: str) -> None:
            self._files[record] = name
            self._picked(row, Choice(record, name))

        pick_evidence(self, row.kind, title, self._files, picked)

    # -- actions -------------------------------------------------------------------------------------------

    def _add_round(self, row: Row) -> None:
        assert self._state is not None
        try:
            added, values = self._state.add(row)
        except BadInput as error:
            self.desk.say(error.text(), severity="warning")
            return
        self._changed(values)
        self.lines.cursor = list(self._rows).index(added)
        self._go_on()
