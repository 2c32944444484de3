"""A form as data: fields in, kept values out. There is no Save.

The screen's `field_kept` is called with a field's value when the field is left, and at the latest two seconds
after a change. It calls its verb with it and shows what is wrong under the field with `show_error`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from models.language import _, translate
from tui.keys import widget_bindings
from tui.text import plain
from tui.widgets.choice import Choice, ChoiceField, hinted
from tui.widgets.field import Field
from tui.widgets.marks import MarksField
from tui.widgets.prose import Prose

KEEP_AFTER = 2.0
"""Seconds after a change when it is kept though the field was not left."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field."""

    key: str
    label: str
    """msgid."""
    kind: str = "text"
    """text, long, secret, number, date, choice (one of `choices`), pick (searched by `query`), marks
    (any of `choices`, joined by commas), or show."""
    required: bool = False
    hint: str = ""
    """msgid, shown in the empty field."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, msgid) for kind "choice"; few enough to go through with Left and Right."""
    query: Callable[[str], Sequence[Choice]] | None = None
    """For kind "pick": what matches the text; runs in a thread."""
    lines: int = 4
    """Height of a "long" field."""
    new: tuple[str, Callable[[str], Any]] | None = None
    """For kind "pick": words (msgid) and a screen for what is not there yet; it closes with its Choice."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that was entered."""

    form: Form
    key: str
    value: str


class Form(VerticalScroll, can_focus=False):
    """Draws the fields; Enter and Down go to the next, Up to the one before, Tab too."""

    BINDINGS = widget_bindings("form")

    @dataclass
    class Finished(Message):
        """Enter on the last field."""

        form: Form

        @property
        def control(self) -> Form:
            """The form."""
            return self.form

    def __init__(
        self,
        fields: Sequence[FormField],
        values: Mapping[str, Any] | None = None,
        *,
        id: str | None = None,  # noqa: A002 -- Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.fields = tuple(fields)
        self._kept: dict[str, str] = {field.key: _text((values or {}).get(field.key)) for field in fields}
        self._shown: dict[str, str] = {}
        self.entered: set[str] = set()
        """Keys of the fields that were changed here and are not empty."""
        self._timer: Timer | None = None
        self._editors: dict[str, Any] = {}
        """By key; a query by id would cost 10 ms a field in a form of forty."""
        self._errors: dict[str, Prose] = {}

    def compose(self) -> ComposeResult:
        """A row a field: label, editor, and the place for its error."""
        for field in self.fields:
            with Vertical(classes="form-row", id=f"row-{field.key}"):
                with Horizontal(classes="form-line"):
                    label = translate(field.label) + (" *" if field.required else "")
                    yield Static(plain(label), classes="form-label")
                    self._editors[field.key] = self._editor(field)
                    yield self._editors[field.key]
                self._errors[field.key] = Prose(classes="form-error", id=f"error-{field.key}")
                yield self._errors[field.key]

    def _editor(self, field: FormField) -> Widget:
        name = f"field-{field.key}"
        value = self._kept[field.key]
        hint = translate(field.hint)
        if field.kind == "show":
            return Prose(value, id=name, classes="form-show")
        if field.kind in ("choice", "pick", "marks"):
            choices = tuple(Choice(one, translate(label)) for one, label in field.choices)
            if field.kind == "marks":
                return MarksField(value, choices, id=name)
            title = translate(field.label)
            return ChoiceField(value, choices, field.query, title=title, hint=hint, new=field.new, id=name)
        if field.kind == "long":
            from tui.widgets.longfield import LongField  # 60 ms: TextArea brings its document and themes

            editor = LongField(value, id=name)
            editor.styles.height = field.lines
            return editor
        return Field(value, placeholder=hinted(hint), password=field.kind == "secret", compact=True, id=name)

    def on_mount(self) -> None:
        """Note how values are shown: hidden characters show otherwise, and looking changes nothing."""
        for field in self.fields:
            editor = self._editors[field.key]
            if hasattr(editor, "value"):
                self._shown[field.key] = _text(editor.value)

    # -- values --------------------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields now, kept or not."""
        return {field.key: self._value(field.key) for field in self.fields}

    def _value(self, key: str) -> str:
        editor: Any = self._editors.get(key)
        if not self.is_mounted or not hasattr(editor, "value"):
            return self._kept[key]
        value = _text(editor.value)
        return self._kept[key] if value == self._shown.get(key) else value

    def carried(self) -> dict[str, tuple[str, str]]:
        """Value and label of every field, to be taken up by a form made anew."""
        labels = {key: getattr(editor, "label", "") for key, editor in self._editors.items()}
        return {key: (value, _text(labels[key])) for key, value in self.values.items()}

    def take_up(self, carried: Mapping[str, tuple[str, str]]) -> None:
        """Show what another form carried."""
        for field in self.fields:
            value, label = carried.get(field.key, ("", ""))
            editor = self._editors[field.key]
            if not value or not hasattr(editor, "load"):
                continue
            if field.kind == "pick":
                editor.load(value, label)
            else:
                editor.load(value)

    def load(self, values: Mapping[str, Any]) -> None:
        """Show other values; a field that is being typed in keeps what is typed."""
        for field in self.fields:
            if field.key not in values:
                continue
            value = _text(values[field.key])
            editor = self._editors[field.key]
            if editor.has_focus and self._value(field.key) != self._kept[field.key]:
                continue
            self._kept[field.key] = value
            if hasattr(editor, "load"):
                if _text(editor.value) != value:
                    editor.load(value)
                self._shown[field.key] = _text(editor.value)
            else:
                editor.show(value)

    def offer(self, key: str, choices: Sequence[tuple[str, str]]) -> None:
        """Other choices (value, msgid) for a field of kind "choice"."""
        self._editors[key].offer(tuple(Choice(one, translate(label)) for one, label in choices))

    def keep_now(self) -> None:
        """Give the screen what was changed and not yet kept.

        By call, not by message: a screen may be closed, or its notebook locked, before a message arrives.
        """
        screen: Any = self.screen
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        for field in self.fields:
            value = self._value(field.key)
            if value != self._kept[field.key]:
                self._kept[field.key] = value
                (self.entered.add if value.strip() else self.entered.discard)(field.key)
                self._shown.pop(field.key, None)
                self.show_error(field.key, "")
                screen.guarded(screen.field_kept, Kept(self, field.key, value))

    # -- errors --------------------------------------------------------------------------------------------

    def show_error(self, key: str, sentence: str) -> bool:
        """A sentence under a field; empty takes it away. False when there is no such field."""
        prose = self._errors.get(key)
        if prose is None:
            return False
        prose.show("! " + sentence if sentence else "")
        prose.set_class(bool(sentence), "shown")
        return True

    def missing(self) -> list[str]:
        """Keys of required fields that are empty; each says so under it."""
        keys = [field.key for field in self.fields if field.required and not self._value(field.key).strip()]
        for key in keys:
            self.show_error(key, _("Fill this in."))
        return keys

    # -- moving --------------------------------------------------------------------------------------------

    def focus_field(self, key: str = "") -> None:
        """Put the cursor into a field; by default the first empty one, else the first."""
        keys = [field.key for field in self.fields if field.kind != "show"]
        if not keys:
            return
        wanted = key or next((one for one in keys if not self._value(one)), keys[0])
        self._editors[wanted].focus()

    def _step(self, step: int) -> bool:
        keys = [field.key for field in self.fields if field.kind != "show"]
        focused = self.screen.focused
        here = (focused.id or "").removeprefix("field-") if focused is not None else ""
        at = keys.index(here) + step if here in keys else 0
        self.keep_now()
        if not 0 <= at < len(keys):
            return False
        self._editors[keys[at]].focus()
        return True

    def action_next(self) -> None:
        """The next field, or out of the form."""
        if not self._step(1):
            self.screen.focus_next()

    def action_previous(self) -> None:
        """The field before, or out of the form."""
        if not self._step(-1):
            self.screen.focus_previous()

    @on(Input.Submitted)
    def _enter_in_field(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._step(1):
            self.post_message(self.Finished(self))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._keep_soon()

    def on_choice_field_chosen(self, event: ChoiceField.Chosen) -> None:
        """A choice is kept at once."""
        event.stop()
        self.keep_now()
        if event.go_on and not self._step(1):
            self.post_message(self.Finished(self))

    def on_text_area_changed(self, event: Message) -> None:
        """Typed in a long field."""
        event.stop()
        self._keep_soon()

    def on_long_field_leave(self, event: Any) -> None:
        """Up or Down over the edge of a long field."""
        event.stop()
        if event.step > 0:
            self.action_next()
        else:
            self.action_previous()

    def _keep_soon(self) -> None:
        if self._timer is None:
            self._timer = self.set_timer(KEEP_AFTER, self.keep_now)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Left a field: keep it."""
        self.keep_now()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value)
