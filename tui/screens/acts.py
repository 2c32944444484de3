"""What can be done: a list of acts with what each does, or why it cannot be done now; and doing one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from models import rooms
from models.language import N_, _, current_language, translate
from models.store.notebook import Notebook
from tui import acting
from tui.acting import Offer
from tui.named import has_sheet, kind_of
from tui.place import Asking
from tui.screens.common import labelled
from tui.text import plain
from tui.widgets.choice import Choice
from tui.widgets.confirm import Confirm
from tui.widgets.field import Field
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.picker import Picker, among
from tui.widgets.prose import Prose

PLACES_OF = {
    "inspection": ("inspection", "inspection_id"),
    "finding": ("finding", "record_id"),
    "measurement": ("measurement", "record_id"),
    "evidence": ("evidence", "record_id"),
    "interview": ("interview", "interview_id"),
}
"""Kinds of a visit that have screens of their own: place, and the argument that takes the record's id."""
_BY_ID_ALONE = ("inspection", "interview")
"""Places that need nothing but that."""
_SAID = 4
"""Sentences of a toast at most."""
Destination = tuple[str, dict[str, str]]
"""A place and its arguments."""


class ActPicker(Picker):
    """Closes with the chosen `Offer`, or None; what cannot be done now says why and stays."""

    def __init__(self, title: str, acts: Callable[[], Sequence[Offer]], own_room: str = "") -> None:
        self.COLUMNS = (Column("", 20 if current_language() == "zh" else 30), Column("", 0))
        super().__init__(title, self._matching, wide=True)
        self._acts = acts
        self._own_room = own_room
        self._among: Callable[[str], Sequence[Choice]] | None = None

    def _matching(self, text: str) -> Sequence[Choice]:
        if self._among is None:
            self._among = among([_choice(each, self._own_room) for each in self._acts()])
        return self._among(text)

    def compose(self) -> ComposeResult:
        """Title, search line, list, the whole sentence of the act under the cursor."""
        with Vertical(classes="picker wide"):
            yield Static(plain(self._title), classes="picker-title")
            yield Field(self._typed, placeholder=_("Type to search"), compact=True)
            yield Lines(
                self.COLUMNS,
                lambda ids: [self._found.get(one) for one in ids],
                lambda choice: () if choice is None else self.cells(choice),
                empty=N_("Nothing matches, or nothing is done to this by hand."),
                head=False,
            )
            yield Prose("", classes="picker-more")

    def cells(self, choice: Choice) -> Sequence[Cell | str]:
        """Title and consequence; grey with the reason where it cannot be done."""
        refused = bool(choice.data.refusal)
        return (Cell(choice.label, "quiet" if refused else "strong"), Cell(choice.detail, "quiet"))

    @on(Lines.Moved)
    def _moved(self, event: Lines.Moved) -> None:
        event.stop()
        choice = self._found.get(event.id)
        if choice is not None:
            words = translate(choice.data.act.help)
            refused = choice.data.refusal
            self.query_one(".picker-more", Prose).show(f"{words}\n! {refused}" if refused else words)

    @on(Input.Changed)
    def _other_text(self) -> None:
        self.query_one(".picker-more", Prose).show("")

    def _take(self) -> None:
        current = self.query_one(Lines).current
        choice = self._found.get(current) if current is not None else None
        if choice is None:
            return
        if choice.data.refusal:
            self.desk.say(choice.data.refusal, severity="warning")
            return
        self.dismiss(choice.data)


def _choice(offer: Offer, own_room: str) -> Choice:
    """An act in the list; one of another room says which."""
    detail = f"({offer.refusal})" if offer.refusal else translate(offer.act.help)
    if own_room and offer.room.name != own_room:
        detail = labelled(translate(offer.room.title), detail)
    return Choice(offer.key, translate(offer.act.title), detail, offer)


class Offering(Asking):
    """A screen that offers acts: what it offers is among all actions, too."""

    offers: Sequence[Offer] = ()

    def offered(self) -> list[Choice]:
        """The acts, for the list of all actions."""
        return [
            Choice(each.key, translate(each.act.title), each.refusal or translate(each.act.help), each)
            for each in self.offers
        ]

    def take_offered(self, choice: Choice) -> None:
        """Open an act that was chosen from the list of all actions."""
        open_act(self, choice.data)


def show_acts(screen: Asking, title: str, acts: Callable[[], Sequence[Offer]], own_room: str = "") -> None:
    """Let the reader choose an act, and open it.

    Args:
        acts: reads them, in a thread: the list is there at once, and what is typed meanwhile waits for it.
    """
    screen.app.push_screen(ActPicker(title, acts, own_room), partial(open_act, screen))


def open_act(screen: Asking, offer: Offer | None, field: str = "") -> None:
    """Open the form of an act, the cursor in a field; one that asks for nothing is done after a question."""
    if offer is None:
        return
    if offer.refusal:
        screen.desk.say(offer.refusal, severity="warning")
    elif offer.act.fields:
        screen.desk.open_place(
            "act", room=offer.room.name, act=offer.act.name, record_id=offer.record, field=field
        )
    else:
        question = Confirm(translate(offer.act.title), translate(offer.act.help))
        screen.app.push_screen(question, partial(_without_form, screen, offer))


def _without_form(screen: Asking, offer: Offer, yes: bool | None) -> None:
    if yes:
        do_act(screen, offer.act, offer.record, {})


def do_act(screen: Asking, act: rooms.Act, record: str, raw: dict[str, str], **options: Any) -> None:
    """Do an act, say that it is done, show what it made. `options` go to `Asking.do_verb`."""
    notebook, desk = screen.notebook, screen.desk

    def run() -> tuple[Destination | None, list[str]]:
        made = acting.perform(notebook, act, record, raw)
        kind = kind_of(notebook, made) if isinstance(made, str) and made != record else ""
        return (_destination(notebook, kind, made) if kind else None), acting.remarks(notebook, act, record)

    def done(answer: tuple[Destination | None, list[str]]) -> None:
        made, remarks = answer
        desk.say(_("Done: {act}").format(act=translate(act.title)))
        if remarks:
            more = [_("and {count} more").format(count=len(remarks) - _SAID)] if len(remarks) > _SAID else []
            desk.say("\n".join([*remarks[:_SAID], *more]), severity="warning")
        finished = options.get("finished")
        if finished is not None:
            finished()  # the form has gone after this, and what it asked would come to nobody
        if made is not None:
            desk.open_place(made[0], **made[1])

    screen.do_verb(run, done, failed=options.get("failed"))


def open_record(screen: Asking, kind: str, record: str) -> None:
    """Open the screen that shows a record of any kind."""
    notebook = screen.notebook

    def opened(found: Destination | None) -> None:
        if found is None:
            screen.desk.say(_("There is no more to show of this."), severity="warning")
        else:
            screen.desk.open_place(found[0], **found[1])

    screen.ask(lambda: _destination(notebook, kind, record), opened, group="open")


def _destination(notebook: Notebook, kind: str, record: str) -> Destination | None:
    """Where a record is shown; None where nothing shows it."""
    place, argument = PLACES_OF.get(kind, ("", ""))
    if place in _BY_ID_ALONE:
        return place, {argument: record}
    if place:
        from models.registry.keeping import row_of

        row = row_of(notebook, kind, record)
        if row is None:
            return None
        if row.inspection and not getattr(row, "report", None):
            return place, {"inspection_id": row.inspection, argument: record}
    return ("sheet", {"kind": kind, "record_id": record}) if has_sheet(kind) else None
