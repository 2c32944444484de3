"""Forms over one inspection: its own fields, kept one by one, and parts made by their first field."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from models.errors import BadInput, RuleBroken
from models.inspections import queries, verbs
from models.inspections.rules import SOURCES
from models.language import N_, _
from models.registry import queries as registry
from models.registry.typed import read_moment
from models.registry.units import label_of
from tui.keys import action, bindings, effective, shown
from tui.place import Asking, Place
from tui.screens.common import moment
from tui.widgets.choice import Choice, ChoiceField
from tui.widgets.confirm import AskLine, Confirm
from tui.widgets.form import Form, FormField, Kept
from tui.widgets.prose import Prose

YES_NO = (("yes", N_("Yes")), ("no", N_("No")))
TIMES = ("began_at", "ended_at", "taken_at")
TRUTHS = ("covert", "present", "shown_certificates", "told_rights", "rain", "indoors", "clear", "hourly")
OFFICERS = ("first_officer", "second_officer", "recorder")


def to_text(key: str, value: Any) -> str:
    """A kept value as its field shows it."""
    if value is None:
        return ""
    if key in TIMES:
        return moment(int(value))
    if key in TRUTHS:
        return "yes" if value else "no"
    return str(value)


def from_text(key: str, text: str) -> Any:
    """What a field holds, as it is kept.

    Raises:
        RuleBroken: a time that cannot be read.
    """
    text = text.strip()
    if key in TRUTHS:
        return {"yes": True, "no": False}.get(text)
    if key in TIMES:
        return parsed_time(key, text)
    return text or None


def parsed_time(key: str, text: str) -> int | None:
    """A day and minute in China, or a minute of today, as ms since 1970 UTC.

    Raises:
        RuleBroken: it cannot be read.
    """
    if not text:
        return None
    return read_moment(text, key)


class VisitPlace(Place):
    """A place about one inspection; a broken rule is shown with its basis, at its field if it has one."""

    CSS_PATH = "inspection.tcss"
    AUTO_FOCUS = ""

    def __init__(self, inspection_id: str) -> None:
        super().__init__()
        self.inspection_id = inspection_id

    def trouble(self, error: Exception) -> None:
        """With the basis."""
        if isinstance(error, RuleBroken):
            sentence = with_basis(error)
            if not (error.field and self.show_at_field(error.field, sentence)):
                self.desk.say(sentence, severity="error")
            return
        super().trouble(error)


def sealed_words(own: Mapping[str, str]) -> str:
    """Why nothing of a sealed inspection can be changed, and what to do instead."""
    key = shown(effective(action("inspection.amend"), own)[0])
    return _("This inspection is sealed. Write an amendment instead: {key} in the inspection.").format(
        key=key
    )


def with_basis(error: RuleBroken) -> str:
    """The sentence, and the law it rests on where it names one."""
    return f"{error.text()} ({error.basis})" if error.basis else error.text()


class EditPlace(VisitPlace):
    """Fields of the inspection's own record.

    Args:
        inspection_id: which one.
        field: the field to begin on.
    """

    def __init__(self, inspection_id: str, field: str = "") -> None:
        super().__init__(inspection_id)
        self._field = field
        self._sealed = False
        self._begun = False

    @abstractmethod
    def fields(self) -> Sequence[FormField]:
        """What is edited."""

    def intro(self) -> str:
        """One sentence over the form."""
        return ""

    def body(self) -> ComposeResult:
        """Sentence and form."""
        yield Prose(self.intro(), classes="quiet", id="edit-intro")
        yield Form(self.fields(), classes="card")

    def load(self) -> None:
        """Read the record and the names of its officers."""
        notebook, inspection = self.notebook, self.inspection_id
        self.ask(lambda: read_row(notebook, inspection), self._show)

    def _show(self, answer: tuple[Any, dict[str, str]]) -> None:
        row, names = answer
        self._sealed = bool(row.sealed)
        form = self.query_one(Form)
        for key in OFFICERS:
            found = self.query(f"#field-{key}")
            if found and getattr(row, key):
                found.first(ChoiceField).load(getattr(row, key), names.get(key, ""))
        form.load({field.key: to_text(field.key, getattr(row, field.key)) for field in form.fields})
        if self._sealed:
            self.query_one("#edit-intro", Prose).show(_("Sealed: what is changed here is not kept."))
        if not self._begun:
            self._begun = True
            form.focus_field(self._field)
        self.refresh_footer()

    def field_kept(self, event: Kept) -> None:
        """Write it down."""
        key, text = event.key, event.value
        notebook, inspection = self.notebook, self.inspection_id
        self.do_verb(
            lambda: verbs.edit(notebook, inspection, **{key: from_text(key, text)}),
            failed=lambda error: self._at_field(key, error),
        )

    def _at_field(self, key: str, error: Exception) -> bool:
        if isinstance(error, RuleBroken):
            return self.show_at_field(error.field, with_basis(error)) or self.show_at_field(
                key, with_basis(error)
            )
        return isinstance(error, BadInput) and self.show_at_field(key, error.text())

    @on(Form.Finished)
    async def _finished(self, event: Form.Finished) -> None:
        event.stop()
        await self.desk.action_back()


def read_row(notebook: Any, inspection_id: str) -> tuple[Any, dict[str, str]]:
    """The record, and its officers' names by field; runs in a thread.

    Raises:
        RuleBroken: there is no such inspection.
    """
    row = queries.inspection(notebook, inspection_id)
    if row is None:
        raise RuleBroken(N_("There is no such inspection."), field="inspection")
    names = {}
    for key in OFFICERS:
        officer = registry.officer(notebook, getattr(row, key)) if getattr(row, key) else None
        names[key] = (officer.name if officer is not None else "") or ""
    return row, names


FACTS = (
    "began_at", "ended_at", "place", "first_officer", "second_officer", "recorder", "source", "checklists",
    "approval_number", "notice_number", "covert", "present", "contact_name", "contact_duty",
    "contact_relation", "contact_age", "contact_id_number", "contact_phone", "contact_address",
    "legal_person", "others",
)  # fmt: skip
"""Fields of the basic facts; the rest of the record is edited under Record."""


class FactsScreen(EditPlace):
    """Basic facts 基本情况: who, where, when, permission, and the party."""

    place_name = "facts"
    BINDINGS = bindings("facts")

    def intro(self) -> str:
        """How it is kept."""
        return _("Each field is kept when you leave it. Esc goes back.")

    def fields(self) -> Sequence[FormField]:
        """In the order of the form."""
        from models.inspections.items import checklists

        lists = tuple((one.code, f"{one.code} {one.title}") for one in checklists())
        time_hint = N_("2026-11-23 14:20, or 14:20 for today")
        return (
            FormField("began_at", N_("Began"), required=True, hint=time_hint),
            FormField("ended_at", N_("Ended"), hint=N_("Empty: the time of sealing")),
            FormField("place", N_("Place of the visit"), required=True),
            FormField("first_officer", N_("First officer"), kind="pick", required=True, query=self._officers),
            FormField(
                "second_officer", N_("Second officer"), kind="pick", required=True, query=self._officers
            ),
            FormField("recorder", N_("Recorder"), kind="pick", query=self._officers),
            FormField("source", N_("Source"), kind="choice", choices=tuple(SOURCES.items())),
            FormField("checklists", N_("Checklists"), kind="marks", choices=lists),
            FormField("approval_number", N_("Approval number")),
            FormField("notice_number", N_("Notice number")),
            FormField("covert", N_("Covert check"), kind="choice", choices=YES_NO),
            FormField("present", N_("Party present"), kind="choice", choices=YES_NO, required=True),
            FormField("contact_name", N_("Person in charge"), hint=N_("Who was in charge on site")),
            FormField("contact_duty", N_("Duty")),
            FormField("contact_relation", N_("Relation to the case")),
            FormField("contact_age", N_("Age")),
            FormField("contact_id_number", N_("Citizen number")),
            FormField("contact_phone", N_("Phone")),
            FormField("contact_address", N_("Address")),
            FormField("legal_person", N_("Legal representative")),
            FormField("others", N_("Others present")),
        )

    def _officers(self, text: str) -> list[Choice]:
        rows = registry.pick_officers(self.notebook, text)
        return [
            Choice(row.id, row.name or "", f"{row.certificate or ''}  {label_of(row.unit_code or '')}")
            for row in rows
            if registry.may_inspect(row)
        ]


class PartKeeper:
    """Keeps a part of the visit: made by the first call that is enough for it, corrected by the later ones.

    Its methods run in the one thread of the verbs, so that no part is made twice.
    """

    def __init__(
        self,
        make: Callable[[Any, dict[str, Any]], str | None],
        correct: Callable[[Any, str, dict[str, Any]], None],
        record: str = "",
    ) -> None:
        self._make = make
        self._correct = correct
        self.record = record

    def keep(self, notebook: Any, changed: Mapping[str, Any], everything: Mapping[str, Any]) -> str:
        """Correct, or make when there is enough; gives the record's id, empty while there is none."""
        if self.record:
            self._correct(notebook, self.record, dict(changed))
        else:
            self.record = self._make(notebook, dict(everything)) or ""
        return self.record


def ask_phrase(screen: Asking, place: str, then: Callable[[str], None]) -> None:
    """Choose a stock phrase by pinyin initials or words."""
    from tui.widgets.picker import Picker

    notebook = screen.notebook

    def query(text: str) -> list[Choice]:
        found = queries.phrases(notebook, text, place, limit=40)
        return [
            Choice(str(i), each.text, _("earlier") if each.earlier else "") for i, each in enumerate(found)
        ]

    picker = Picker(_("Stock phrases"), query, wide=True)
    screen.app.push_screen(picker, lambda choice: then(choice.label) if choice is not None else None)


class PartPlace(VisitPlace):
    """A place for one part of a visit, new or kept, that can be withdrawn again."""

    _keeper: PartKeeper
    _leaving = False
    BINDINGS = [Binding(action("app.back").keys, "leave", show=False, id="app.back")]

    async def action_leave(self) -> None:
        """One step back; what was typed and makes no part, as it is too little or wrong, is asked about."""
        self.keep()
        if self._keeper.record or not any(form.entered for form in self.query(Form)):
            await self.desk.action_back()
        elif not self._leaving:
            self._leaving = True
            self.do_verb(lambda: self._keeper.record, self._leave_or_ask)  # after what was just kept

    def _leave_or_ask(self, record: str) -> None:
        if record:
            self._leave()
            return
        for form in self.query(Form):
            form.missing()
        question = _("Leave without finishing?")
        consequence = _(
            "Nothing is written down yet: something is missing or wrong. What is typed here is dropped."
        )
        self.app.push_screen(Confirm(question, consequence), self._leave_meant)

    def _leave_meant(self, yes: bool | None) -> None:
        self._leaving = False
        if yes:
            self._leave()

    def keep_part(
        self,
        changed: Mapping[str, Any],
        everything: Mapping[str, Any],
        failed: Callable[[Exception], bool] | None = None,
    ) -> None:
        """Keep what was entered in the part and the notebook of now, which may be let go of before it is."""
        verb = partial(self._keeper.keep, self.notebook, changed, everything)
        self.do_verb(verb, lambda _record: self.refresh_footer(), failed=failed)

    def why_not_withdraw(self) -> str:
        """There must be one."""
        return "" if self._keeper.record else _("It is not written yet.")

    def action_withdraw(self) -> None:
        """Take it out, with a reason."""
        self.app.push_screen(
            AskLine(_("Why is it withdrawn?"), explain=_("It stays in the history with the reason.")),
            self._withdraw,
        )

    def _withdraw(self, why: str | None) -> None:
        if why:
            notebook, record = self.notebook, self._keeper.record
            self.do_verb(lambda: verbs.withdraw(notebook, record, why), lambda _done: self._leave())

    def _leave(self) -> None:
        self.call_later(self.desk.action_back)
