"""History of a record: every change with who made it, newest first."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from models.language import N_, _, listed, translate
from models.registry import keeping
from models.registry import queries as registry
from models.store.redacting import FileOut
from models.store.witness import witnessed
from tui import acting
from tui.fieldnames import OWN, SET_BY_VERBS
from tui.keys import bindings
from tui.kinds import kind_label
from tui.named import is_id, kind_of, name_of, unseen
from tui.place import Place
from tui.screens.common import FIELDS, between_words, labelled, moment
from tui.valuenames import CHOSEN
from tui.widgets.prose import Prose

TAKEN_OUT = N_("content taken out by order")
ENTRIES = {
    "seal": N_("sealed"),
    "void": N_("withdrawn"),
    "amend": N_("amended"),
    "attach": N_("a file attached"),
    "redact": TAKEN_OUT,
}
"""Kinds of entries that set no field, in words (msgid)."""
REDACTED = N_("(its content was taken out by order)")


def out_words(names: Names, out: FileOut) -> str:
    """That an order took a file out, and where it is known which, and who carried it out when."""
    words = translate(TAKEN_OUT)
    if out.order is None:
        return words
    who = names.both(out.order.by, out.order.second)
    return f"{labelled(words, out.why)}  {moment(out.order.said.time)} {who}".rstrip()


class Names:
    """Names of those who wrote, each asked for once."""

    def __init__(self, notebook: Any) -> None:
        self._notebook = notebook
        self._known: dict[str, str] = {}

    def of(self, line: Any) -> str:
        """Who stands behind a line of a record's history: one person, or two who decided together."""
        return self.both(line.person, line.second)

    def both(self, person: str, second: str) -> str:
        """One person, or two who decided together."""
        return listed(self._name(each) for each in (person, second) if each)

    def _name(self, person: str) -> str:
        if person not in self._known:
            officer = registry.officer(self._notebook, person)
            self._known[person] = (officer.name if officer is not None else "") or ""
        return self._known[person]


def past_lines(notebook: Any, kind: str, record_id: str) -> list[str]:
    """Who changed what when, newest first; runs in a thread."""
    past = keeping.past(notebook, record_id)
    names = Names(notebook)
    lines = []
    told = ""
    for each in reversed(past):
        if each.field and each.old == each.new:
            continue
        head = f"{moment(each.time)} {names.of(each)}".rstrip()
        lines.append(f"{head}  {_change(notebook, kind, each)}")
        if each.put_aside:
            lines.append("  ! " + _("put aside by the server: {reason}").format(reason=each.put_aside))
        if each.hash != told:  # once an entry, however many fields it set
            between = witnessed(notebook, each.device, each.seq)
            if not between.holds(each.time):
                lines.append("  ! " + _("The device's clock disagrees.") + " " + between_words(between))
            if each.set_back:
                lines.append("  ! " + _("The device's clock had been set back."))
        told = each.hash
    return lines


def _change(notebook: Any, kind: str, each: Any) -> str:
    if each.redacted:
        return translate(REDACTED)
    if not each.field or each.field == "voided":
        name = "void" if each.field else each.kind
        words = translate(ENTRIES[name]) if name in ENTRIES else name
        return labelled(words, each.new) if isinstance(each.new, str) and each.new else words
    old, new = (value_words(notebook, kind, each.field, value) for value in (each.old, each.new))
    return labelled(label_of(kind, each.field), f"{old} -> {new}" if old else new)


def value_words(notebook: Any, kind: str, name: str, value: Any) -> str:
    """A kept value of a field as people say it; "" for none. It reads the database."""
    chosen = CHOSEN.get((kind, name), {}).get(str(value))
    if chosen is not None:
        return translate(chosen)
    field = acting.label_of_field(kind, name)
    if field is not None and field.kind == "record" and value:
        return name_of(notebook, field.of, str(value))
    if isinstance(value, str) and is_id(value):
        return name_of(notebook, kind_of(notebook, value), value)
    return acting.words_of_value(field, name, value)


def label_of(kind: str, name: str) -> str:
    """A field of a record in words, as its own forms call it, also one that no form asks for."""
    field = acting.label_of_field(kind, name)
    known = OWN.get(kind, {}).get(name) or (field.label if field is not None else "")
    known = known or FIELDS.get(name) or SET_BY_VERBS.get(name) or ""
    return translate(known) if known else kind_label(name)


class HistoryScreen(Place):
    """All changes of one record.

    Args:
        kind: kind of record.
        record_id: which one.
    """

    place_name = "history"
    BINDINGS = bindings("history")

    def __init__(self, kind: str, record_id: str) -> None:
        super().__init__()
        self.kind = kind
        self.record_id = record_id

    def body(self) -> ComposeResult:
        """What it is, the lines."""
        yield Prose("", id="history-of", classes="quiet")
        with VerticalScroll(can_focus=True, id="history"):
            yield Prose("", id="history-text")

    def load(self) -> None:
        """Read the history."""
        notebook, kind, record = self.notebook, self.kind, self.record_id

        def read() -> tuple[str, list[str]]:
            hidden = unseen(notebook, kind, record)
            if hidden:
                return hidden, []
            return name_of(notebook, kind, record), past_lines(notebook, kind, record)

        self.ask(read, self._show)

    def _show(self, answer: tuple[str, list[str]]) -> None:
        name, lines = answer
        self.query_one("#history-of", Prose).show(name)
        self.query_one("#history-text", Prose).show("\n".join(lines))
        if self.focused is None:
            self.query_one("#history").focus()
