"""Which record an entry's record names in a field: the one that it belongs to, or whose unit it shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models import catalogue
from models.store.entry import Entry
from models.store.fold import SETTING, content, fold, setter_of, setters

EntriesOf = Callable[[str], list[Entry]]
FieldOf = Callable[[catalogue.RecordKind], str]


def parent(kind: catalogue.RecordKind) -> str:
    """The field that names the record it belongs to."""
    return kind.parent


def owner(kind: catalogue.RecordKind) -> str:
    """The field that names the record whose unit it shares."""
    return kind.owner


class Named:
    """Answers for one batch which records entries' records name; remembers what it looked up."""

    def __init__(self, entries_of: EntriesOf, authority: set[str], field_of: FieldOf) -> None:
        self._entries_of = entries_of
        self._authority = authority
        self._field_of = field_of
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}
        self._asked: tuple[bytes, tuple[str, ...]] = (b"", ())

    def added(self, entry: Entry) -> None:
        """Note an entry that takes effect."""
        self._asked = b"", ()
        if self._moves(entry):
            self._known.pop((entry.parsed_head.t, entry.parsed_head.e), None)

    def by(self, entry: Entry) -> tuple[str, ...]:
        """The records that the entry's record names; none, one, or where the entry moves it, both.

        Ask after the entry was put among those of its record.
        """
        head = entry.parsed_head
        field = self._field(entry)
        if not field:
            return ()
        if self._asked[0] == entry.hash:
            return self._asked[1]
        moves = self._moves(entry)
        known = self._known.get((head.t, head.e))
        if known is None or moves:
            own = [each for each in self._entries_of(head.e) if each.parsed_head.t == head.t]
            known = (self._shown(own, field),)
            if moves and len(own) > 1:
                known += (self._shown([each for each in own if each.hash != entry.hash], field),)
            known = tuple(dict.fromkeys(filter(None, known)))
        if not moves:
            self._known[head.t, head.e] = known
        self._asked = entry.hash, known
        return known

    def _field(self, entry: Entry) -> str:
        kind = catalogue.kind(entry.parsed_head.t)
        return self._field_of(kind) if kind is not None else ""

    def _moves(self, entry: Entry) -> bool:
        """Whether the entry says which record its record names."""
        field = self._field(entry)
        if not field:
            return False
        if entry.parsed_head.k in SETTING:
            fields = content(entry).get("f")
            return isinstance(fields, dict) and isinstance(fields.get(field), dict)
        return field in setters(entry)

    def _shown(self, entries: list[Entry], field: str) -> str:
        value: Any
        if len(entries) == 1 and entries[0].parsed_head.k in SETTING:
            # the entry that makes a record, as most: without folding all its fields
            value, bases = setter_of(entries[0], field)
            value = None if entries[0].uid in bases else value
        else:
            value = fold(entries, self._authority).value(field)
        return value if isinstance(value, str) else ""
