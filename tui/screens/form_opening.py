"""Which form of a visit is opened, begun, or brought from a file."""

from __future__ import annotations

from typing import Any

from models.inspections import form_filling as forms
from models.inspections import verbs
from models.language import _, listed
from tui.screens.form_parts import typed_path
from tui.widgets.choice import Choice
from tui.widgets.picker import Picker, among


def choose_form(screen: Any, inspection_id: str) -> None:
    """Open a form of a visit, begin one that the bureau brought, or bring one by its path."""
    from models.forms.brought import forms_in_use

    notebook = screen.notebook

    def read() -> list[Choice]:
        begun = forms.filled_forms(notebook, inspection_id)
        found = [Choice(row.id, row.title, _state(row), data="open") for row in begun]
        for form in forms_in_use(notebook):
            detail = _("begin; version {version}").format(version=form.form_version or "–")
            found.append(Choice(form.id, form.title or form.form_id or "", detail, data="begin"))
        return found

    def offer(choices: list[Choice]) -> None:
        picker = Picker(
            _("Forms of this visit, forms to begin, or the path of a form"),
            among(choices),
            new=lambda text: Choice(text, _("Bring a form from a file"), text, data="bring"),
            wide=True,
        )
        screen.app.push_screen(picker, lambda one: _chosen(screen, inspection_id, one))

    screen.ask(read, offer, group="forms")


def _state(row: forms.FilledRow) -> str:
    if row.trouble:
        return row.trouble
    parts = [_("answers: {count}").format(count=row.answered)]
    parts.append(_("{count} still lacking").format(count=row.lacking) if row.lacking else _("complete"))
    return listed(parts)


def _chosen(screen: Any, inspection_id: str, choice: Choice | None) -> None:
    if choice is None:
        return
    notebook = screen.notebook

    def open_it(record: str) -> None:
        screen.desk.open_place("filling", inspection_id=inspection_id, record_id=record)

    def begin(form: str) -> str:
        return verbs.begin_form(notebook, inspection_id, form)

    def bring_and_begin() -> str:
        from models.forms.brought import bring

        return begin(bring(notebook, typed_path(choice.detail)))

    if choice.data == "open":
        open_it(choice.value)
    elif choice.data == "begin":
        screen.do_verb(lambda: begin(choice.value), open_it)
    else:
        screen.do_verb(bring_and_begin, open_it)
