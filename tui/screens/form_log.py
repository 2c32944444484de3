"""The log that a form with an audit question asks for, kept while it is filled in on the screen."""

from __future__ import annotations

from collections.abc import Callable

from models.forms.audit import AuditLog
from models.forms.filling import Filling, NoSuchField
from models.forms.model import Form
from models.inspections import verbs
from models.inspections.form_logs import begin_log
from models.language import _
from tui.screens.form_rows import Row
from tui.screens.inspection_form import VisitPlace
from tui.widgets.confirm import AskLine

LONGEST = 40_000
"""Characters of a log that wait for the form to be left: an entry must hold them."""


class FormWatch:
    """Tells the log what happens on the screen, and has it written down when the form is left.

    Without an audit question nothing is done.
    """

    def __init__(self, place: VisitPlace, record_id: str) -> None:
        self._place = place
        self._record = record_id
        self._filling: Filling | None = None
        self._log: AuditLog | None = None

    def begin(self, form: Form) -> Callable[[], None]:
        """Make the log ready; to be run in a thread. What is answered sets it to work, on the event loop."""
        log = begin_log(self._place.notebook, self._record, form, self._value)

        def working() -> None:
            if self._log is None:
                self._log = log

        return working

    def show(self, filling: Filling) -> None:
        """The filling that is on the screen from now on."""
        self._filling = filling

    def _value(self, path: str) -> str | None:
        try:
            return self._filling.value(path) if self._filling is not None else None
        except NoSuchField:
            return None

    def at(self, row: Row) -> None:
        """The cursor stands on a row."""
        if self._log is None or self._filling is None:
            return
        if row.kind == "add":
            number = len(self._filling.rounds(row.path)) + 1
            self._log.view("add repeat", f"{row.path}[{number}]")
        elif row.asks or row.kind == "note":
            self._log.view("question", row.path)

    def mark(self, event: str, node: str = "") -> None:
        """Something happened."""
        if self._log is not None:
            self._log.mark(event, node)

    def jump(self) -> None:
        """All questions are looked through to jump to one."""
        if self._log is not None:
            self._log.view("jump")

    def changed(self) -> None:
        """An answer was changed."""
        if self._log is not None:
            self._log.changed()
            if self._log.length > LONGEST:
                self._write_down(self._log)

    def asks_why(self, then: Callable[[], None]) -> bool:
        """Ask why what was filled in before is changed, where the form wants to know it; then go on."""
        log = self._log
        if log is None or not log.reason_due:
            return False

        def answered(reason: str | None) -> None:
            if reason:
                log.explain(reason)
            then()

        words = _("The form wants to know this whenever it is worked on again.")
        self._place.app.push_screen(AskLine(_("Why is it changed?"), explain=words), answered)
        return True

    def leave(self) -> None:
        """The form is left: write down what is new."""
        log = self._log
        if log is None:
            return
        log.leave()
        self._write_down(log)

    def _write_down(self, log: AuditLog) -> None:
        lines, notebook, record = log.take(), self._place.notebook, self._record
        if lines:
            self._place.do_verb(lambda: verbs.keep_log(notebook, record, lines))
