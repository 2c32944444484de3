"""A home whose notebook holds hostile text in every text field of every kind of record.

Written as another device would have written it: past the verbs, which tidy what a person types.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import models.areas  # noqa: F401
from models import catalogue, rooms
from models.inspections.items import items_of
from models.inspections.rules import child_id
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from models.store.records import TextField, columns
from models.store.seat import Arrival
from tests.hostile.corpus import KEEPABLE, Hostile

PASSPHRASE = "qingshanlvshui2026"
UNIT = "350602"
BEGAN = 1_795_400_100_000
"""2026-11-23 10:15 in China, in ms."""
LISTS = "A,C,W,N"
SIDE = 500
"""Characters of a string in a field beside its own: an entry holds 64 KB at most."""
CLOSED = {
    "inspection": ("site", "first_officer", "second_officer", "recorder", "checklists", "state", "source"),
    "answer": ("checklist", "item", "result"),
    "finding": ("item", "severity"),
    "measurement": ("item", "medium", "verdict"),
    "evidence": ("item", "kind", "form", "sha256"),
    "custody": ("evidence", "action"),
    "statement": ("kind",),
    "amendment": ("of",),
    "complainant": ("of",),
    "officer": ("unit_code", "role"),
    "site": ("unit_code",),
}
"""Fields that name other records or come from closed lists: they hold what they should, but in `lies`."""


ROOMS_EACH = 6
"""Records of each kind that the rooms show; the strings go on from kind to kind."""
DAYS = ("on", "until", "since", "perform_by", "certificate_until")
"""Fields that hold a day though their name does not end so."""


@dataclass(frozen=True, slots=True)
class World:
    """Where things are."""

    home: Path
    folder: Path
    person: str
    second: str
    visits: tuple[str, ...]
    """Inspections; the text fields of each hold other strings."""
    visit: str
    """One inspection with a finding, a measurement, evidence, custody and a statement for each string."""
    lies: str
    """One inspection whose closed lists and JSON fields hold hostile strings as well."""

    def open(self) -> Notebook:
        """The notebook; close it."""
        return Notebook.open(self.folder, PASSPHRASE)


def text_fields(kind: str, *, closed: bool = False) -> list[str]:
    """The text fields of a kind of record, also those of closed lists if wanted."""
    known = catalogue.kind(kind)
    assert known is not None
    names = [name for name, field in columns(known.table).items() if isinstance(field, TextField)]
    left_out = {"inspection", "initials"} if closed else {"inspection", "initials", *CLOSED.get(kind, ())}
    return [name for name in names if name not in left_out]


def make_world(home: Path, strings: Sequence[Hostile] = KEEPABLE) -> World:
    """A closed notebook in `home`, full of these strings."""
    folder = home / "notebooks" / "first"
    person, second, site = new_id(), new_id(), new_id()
    book = Notebook.create(folder, PASSPHRASE, person=person, unit=UNIT, cost=keys.FAST)
    turn = cycle([each.text[:SIDE] for each in strings])
    with book.writing():
        for officer in (person, second):
            book.write(_officer(officer, turn))
        book.write(put("site", site, UNIT, **_texts("site", turn), unit_code=UNIT))
        for each in strings:
            book.write(
                put("site", new_id(), UNIT, **{**_texts("site", turn), "name": each.text, "unit_code": UNIT}),
                _officer(new_id(), turn),
            )
        visits = tuple(_visit(book, person, second, site, each.text, turn) for each in strings)
        split = _visit(book, person, second, site, strings[0].text, turn)
        visit = _visit(book, person, second, site, strings[0].text, turn)
        _parts(book, visit, strings, turn)
        lies = _lies(book, turn)
        _rooms(book, site, person, turn)
    _conflict(book, home.with_name("other"), split, strings)
    book.close()
    folder.with_name("first.name").write_text(
        " ".join(each.text for each in strings if each.family in ("osc", "csi", "bidi")), encoding="utf-8"
    )
    return World(home, folder, person, second, visits, visit, lies)


def _texts(kind: str, turn: Iterator[str], *, closed: bool = False) -> dict[str, Any]:
    return {name: next(turn) for name in text_fields(kind, closed=closed)}


def _officer(record: str, turn: Iterator[str]) -> Any:
    return put(
        "officer", record, UNIT, **_texts("officer", turn), unit_code=UNIT, role="officer", active=True
    )


def _visit(book: Notebook, person: str, second: str, site: str, text: str, turn: Iterator[str]) -> str:
    record = new_id()
    fields = _texts("inspection", turn)
    fields |= {
        "site_name": text,
        "site": site,
        "first_officer": person,
        "second_officer": second,
        "recorder": person,
        "checklists": LISTS,
        "state": "draft",
        "source": "routine",
        "began_at": BEGAN,
        "signed": "refused",
        "avoidance": "asked",
    }
    book.write(put("inspection", record, UNIT, **fields))
    return record


def _parts(book: Notebook, visit: str, strings: Sequence[Hostile], turn: Iterator[str]) -> None:
    """Parts of one visit: a string of its own for each, and the others in turn in their other fields."""
    items = list(items_of(LISTS))

    def part(kind: str, record: str = "", /, **fields: Any) -> str:
        record = record or new_id()
        book.write(put(kind, record, UNIT, **{**_texts(kind, turn), "inspection": visit, **fields}))
        return record

    for item in items:
        part("answer", child_id(visit, "answer", f"{item}/1"), item=item, result="problem", repeat=1)
    for number, each in enumerate(strings):
        item = items[number % len(items)]
        part("finding", item=item, text=each.text, severity="key")
        part(
            "measurement", item=item, parameter=each.text, medium="water", verdict="undecidable", reasons="[]"
        )
        evidence = part(
            "evidence", item=item, name=each.text, kind="electronic", form="copy", sha256="ab" * 32
        )
        part("custody", evidence=evidence, action="handed", note=each.text, at=BEGAN)
        part("statement", kind="witness", text=each.text)


def _lies(book: Notebook, turn: Iterator[str]) -> str:
    """What a device of another program, or a forger's, may send: nothing is what its list says."""
    visit = new_id()
    fields = _texts("inspection", turn, closed=True)
    book.write(put("inspection", visit, UNIT, **{**fields, "checklists": LISTS, "began_at": BEGAN}))
    for item in list(items_of(LISTS))[:20]:
        for kind in ("answer", "finding", "measurement", "evidence", "statement"):
            fields = {**_texts(kind, turn, closed=True), "inspection": visit}
            record = child_id(visit, "answer", f"{item}/1") if kind == "answer" else new_id()
            if "item" in fields:
                fields["item"] = item
            book.write(put(kind, record, UNIT, **fields))
    return visit


def room_kinds() -> list[catalogue.RecordKind]:
    """The kinds of records that rooms have sheets for."""
    names = {kind for name in rooms.MODULES for kind in rooms.room(name).sheets}
    return [each for each in catalogue.kinds() if each.name in names - set(CLOSED)]


def _rooms(book: Notebook, site: str, person: str, turn: Iterator[str]) -> None:
    """Some records of every kind that a room shows, which name each other; days are days."""
    ids = {kind.name: [new_id() for _ in range(ROOMS_EACH)] for kind in room_kinds()}
    ids |= {"site": [site] * ROOMS_EACH, "officer": [person] * ROOMS_EACH}
    names = {"case": "damage_case", "of": "damage_case", "base": "restoration_base", "parent": "grid"}

    def value(kind: str, name: str, at: int) -> str | None:
        other = names.get(name, name)
        if other in ids:
            return None if other == kind else ids[other][at]
        if name.endswith("_on") or name in DAYS:
            return "2026-05-04"
        if name == "month":
            return "2026-05"
        return next(turn)

    for kind in room_kinds():
        for at, record in enumerate(ids[kind.name]):
            fields: dict[str, Any] = {}
            for name, field in columns(kind.table).items():
                if name == "initials":
                    continue
                if isinstance(field, TextField):
                    fields[name] = value(kind.name, name, at)
                elif field.field_type == "INT":
                    fields[name] = at + 1
            book.write(put(kind.name, record, UNIT, **{k: v for k, v in fields.items() if v is not None}))


def _conflict(book: Notebook, folder: Path, visit: str, strings: Sequence[Hostile]) -> None:
    """Two laptops wrote other hostile words into the same fields of one visit."""
    names = text_fields("inspection")
    other = Notebook.create(folder, PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST)
    with book:
        begun = [Arrival(entry) for entry in book.journal.entries_of(visit)]
    assert other.receive(begun) == []
    texts = [each.text[:SIDE] for each in strings[::7]]
    sides = {name: (texts[at % len(texts)], texts[(at + 1) % len(texts)]) for at, name in enumerate(names)}
    for seat, side in ((book, 0), (other, 1)):
        seat.write(put("inspection", visit, UNIT, **{name: both[side] for name, both in sides.items()}))
    with other:
        theirs = [row.entry() for row in other.journal.in_order() if row.own]
    other.close()
    assert book.receive([Arrival(entry) for entry in theirs]) == []
