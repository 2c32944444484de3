"""Act: the form of something that is done in a room; F10, or Enter on its last line, does it.

What stands in the form is kept beside the notebook's records while it is typed: a power cut or a lock loses
nothing, and the form shows it again. It becomes a record only when the act is done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult

from models import rooms
from models.errors import RuleBroken
from models.language import N_, _, translate
from models.registry.days import today
from tui import acting
from tui.keys import action, bindings, effective, shown
from tui.named import choices, name_of
from tui.screens.acts import do_act
from tui.screens.inspection_form import with_basis
from tui.screens.register import NewOfficerScreen, NewSiteScreen
from tui.screens.unkept import UnkeptPlace
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.widgets.form import Form, FormField, Kept
from tui.widgets.prose import Prose

KINDS = {
    "day": "date",
    "moment": "text",
    "money": "number",
    "count": "number",
    "flag": "choice",
    "record": "pick",
}
"""Kinds of an act's field to those of the form; the others are called the same."""
HINTS = {
    "day": N_("as 20270630 or 2027-06-30"),
    "moment": N_("2026-11-23 14:20, or 14:20 for today"),
    "money": N_("yuan, as 12345.60 or 3.2万"),
    "number": N_("a number, as 2, 3.5 or 1.5万"),
    "count": N_("a whole number"),
    "record": N_("Type pinyin initials"),
}
"""What an empty field says where its act says nothing."""
YES_NO = (("1", N_("Yes")), ("0", N_("No")))
NEW: dict[str, tuple[str, Callable[[str], Any]]] = {
    "site": (N_("+ Enter a new site"), NewSiteScreen),
    "officer": (N_("+ Enter a new officer"), NewOfficerScreen),
}


@dataclass(frozen=True, slots=True)
class ActView:
    """What the form shows at first, read in one go."""

    about: str
    """Name of the record that it is done to."""
    preset: dict[str, str]
    values: dict[str, str]
    """The preset, and over it what was typed before and not done."""
    labels: dict[str, str]
    """Name of the record that a field holds, by the field's key."""
    recovered: bool
    choices: dict[str, rooms.Choices]
    """Choices that the record can have now, by the field's key."""


class ActScreen(UnkeptPlace):
    """The form.

    Args:
        room: name of the room.
        act: name of the act in it.
        record_id: what it is done to; empty for one that begins something.
        field: where the cursor stands at first; by default in the first empty field.
    """

    place_name = "act"
    BINDINGS = bindings("act")

    def __init__(self, room: str, act: str, record_id: str = "", field: str = "") -> None:
        super().__init__()
        found = rooms.room(room).act(act)
        assert found is not None, act
        self.act: rooms.Act = found
        self.record_id = record_id
        self._first = field if field in {each.key for each in found.fields} else ""
        self._draft = f"act_{room}.{act}_{record_id}"
        """The seat's fact that keeps what is typed; never in the journal."""
        self._preset: dict[str, str] = {}
        self._loaded = False
        self._busy = False

    def body(self) -> ComposeResult:
        """What it does, to what, the form."""
        yield Prose(translate(self.act.help), id="act-help")
        yield Prose("", id="act-about", classes="quiet")
        yield Form([self._field(each) for each in self.act.fields], classes="card")
        yield Prose("", id="act-say", classes="quiet")

    def _field(self, field: rooms.Field) -> FormField:
        return FormField(
            field.key,
            field.label,
            kind=KINDS.get(field.kind, field.kind),
            required=field.required,
            hint=field.hint or HINTS.get(field.kind, ""),
            choices=YES_NO if field.kind == "flag" else field.choices,
            query=partial(self._choices, field.of) if field.kind == "record" else None,
            new=NEW.get(field.of) if field.kind == "record" else None,
        )

    def _choices(self, kind: str, text: str) -> Sequence[Choice]:
        return choices(self.notebook, kind, text, self.record_id)

    def heading(self) -> str:
        """The act's title."""
        return translate(self.act.title)

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """What is typed here does not depend on records."""

    def load(self) -> None:
        """Show the preset and what was typed before; in another language, what is about it."""
        self.ask(self._read, self._show)

    def _read(self) -> ActView:
        notebook, act, record = self.notebook, self.act, self.record_id
        preset = acting.preset(notebook, act, record)
        typed = _kept(notebook.meta(self._draft) or "", {field.key for field in act.fields})
        values = {**preset, **typed}
        labels = {
            field.key: name_of(notebook, field.of, values[field.key])
            for field in act.fields
            if field.kind == "record" and values.get(field.key)
        }
        about = name_of(notebook, act.subject, record) if act.subject else ""
        return ActView(about, preset, values, labels, bool(typed), acting.choices(notebook, act, record))

    def _show(self, view: ActView) -> None:
        self.query_one("#act-about", Prose).show(view.about)
        key = shown(effective(action("act.finish"), self.desk.own_keys)[0])
        say = _("{key} does it; Esc goes back without doing it. What is marked * is needed.").format(key=key)
        if view.recovered:
            say = _("What you typed here before is here again.") + " " + say
        self.query_one("#act-say", Prose).show(say)
        form = self.query_one(Form)
        if not self._loaded:
            self._loaded = True
            self._preset = view.preset
            for name, offered in view.choices.items():
                form.offer(name, offered)
            form.load({key: value for key, value in view.values.items() if key not in view.labels})
            form.take_up({key: (view.values[key], label) for key, label in view.labels.items()})
            form.focus_field(self._first)

    # -- what is typed -------------------------------------------------------------------------------------

    def _changed(self) -> dict[str, str]:
        """What stands here otherwise than at first."""
        values = self.query_one(Form).values
        return {key: value for key, value in values.items() if value != self._preset.get(key, "")}

    def typed(self) -> bool:
        """Whether leaving would lose something."""
        return bool(self._changed())

    def field_kept(self, event: Kept) -> None:
        """Keep what stands in the form, so that a power cut or a lock loses nothing."""
        self._keep_draft()

    def _keep_draft(self) -> None:
        if self._busy or not self._loaded:
            return
        notebook, draft = self.notebook, json.dumps(self._changed(), ensure_ascii=False)
        self.do_verb(lambda: notebook.set_meta(**{self._draft: draft}))

    async def _left(self, yes: bool | None) -> None:
        if yes:
            self._forget_draft()
        await super()._left(yes)

    def _forget_draft(self) -> None:
        notebook = self.notebook
        self._busy = True  # what the closing form still posts is not kept again
        self.do_verb(lambda: notebook.set_meta(**{self._draft: None}))

    # -- doing it ------------------------------------------------------------------------------------------

    def why_not_today(self) -> str:
        """The cursor must be in a field for a day."""
        return "" if self._day_field() is not None else _("Put the cursor into a field for a date first.")

    def _day_field(self) -> Field | None:
        focused = self.focused
        days = {f"field-{field.key}" for field in self.act.fields if field.kind == "day"}
        return focused if isinstance(focused, Field) and focused.id in days else None

    def action_today(self) -> None:
        """Today's date into the field."""
        field = self._day_field()
        if field is not None:
            field.value = today(self.notebook).isoformat()
            field.cursor_position = len(field.value)

    @on(Form.Finished)
    def action_finish(self) -> None:
        """Do it."""
        form = self.query_one(Form)
        form.keep_now()  # else it comes later, and takes the sentence under the field away
        missing = form.missing()
        if missing:
            form.focus_field(missing[0])
            return
        if self._busy:
            return
        self._busy = True
        for field in self.act.fields:
            form.show_error(field.key, "")
        # an empty field that held something was emptied; one that held nothing says nothing
        raw = {key: text for key, text in form.values.items() if text.strip() or self._preset.get(key)}
        do_act(self, self.act, self.record_id, raw, failed=self._refused, finished=self._finished)

    def _refused(self, error: Exception) -> bool:
        self._busy = False
        if not isinstance(error, RuleBroken):
            return False
        form = self.query_one(Form)
        if error.field and form.show_error(error.field, with_basis(error)):
            form.focus_field(error.field)
        else:
            self.desk.say(with_basis(error), severity="error")
        return True

    def _finished(self) -> None:
        self._forget_draft()
        if self.app.screen is self:
            self.app.pop_screen()


def _kept(text: str, keys: set[str]) -> dict[str, str]:
    """What was typed before, of the fields that there are."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if key in keys and isinstance(value, str)}
