"""Records by name: what one is called, what a picker offers, and which one a word means.

Works for every kind that an area's `room.py` lists or has a sheet for, and for those of the registers.
Everything here reads the database: call it in a thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from models import catalogue, rooms
from models.errors import BadInput, RuleBroken
from models.language import N_, _, translate
from models.registry import keeping, units
from models.registry import queries as registry
from models.registry.units import label_of
from models.store.lookup import by_id
from models.store.records import columns
from tui.kinds import kind_label
from tui.screens.common import officer_choice, site_choice
from tui.widgets.choice import Choice
from tui.widgets.picker import among

if TYPE_CHECKING:
    from models.store.seat import Seat

FAULTS = (ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError)
"""What an area raises over a record that no verb of ours wrote: of a later version, or forged. It is shown as
it is kept, and blocks nothing else."""
MOST = 60
"""Choices offered at once; a few more letters narrow them."""
SHORTEST = 6
"""Characters that the beginning of an id must have at least."""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_OFFICER = (("certificate", N_("Certificate number")), ("certificate_until", N_("Certificate valid until")))


# -- what one is called ------------------------------------------------------------------------------------


def name_of(seat: Seat, kind: str, record_id: str) -> str:
    """What a person knows a record by; its kind where it has no name, or is not theirs to read."""
    if kind == "unit":
        return label_of(record_id)
    if unseen(seat, kind, record_id):
        return kind_label(kind)
    return next((each.label for each in _labelled(seat, kind, [record_id])), kind_label(kind))


def _labelled(seat: Seat, kind: str, ids: Sequence[str]) -> Iterator[Choice]:
    """Records of a kind as choices, in their order; those that are not there are left out."""
    known = catalogue.kind(kind)
    listing = rooms.listing_of(kind)
    lines = {line.id: line for line in lines_of(seat, listing, ids)} if listing is not None else {}
    if known is None:  # made of other records
        yield from (_of_line(listing, lines[one]) for one in ids if listing is not None and one in lines)
        return
    with seat:
        rows = [row for row in (by_id(known.table, one) for one in ids) if row is not None]
    for row in rows:
        line = lines.get(row.id)
        if kind == "site":
            yield site_choice(row)
        elif kind == "officer":
            yield officer_choice(row)
        elif listing is not None and line is not None:
            yield _of_line(listing, line)
        else:
            yield Choice(row.id, _words_of(seat, kind, row), str(getattr(row, "number", "") or ""))


def _of_line(listing: rooms.Listing, line: rooms.Line) -> Choice:
    """The column that takes what is left is the name; the others tell more."""
    texts = [cell if isinstance(cell, str) else cell.text for cell in line.cells]
    main = next((at for at, column in enumerate(listing.columns) if column.width == 0), 0)
    more = [text for at, text in enumerate(texts) if at != main and text]
    return Choice(line.id, texts[main] if main < len(texts) else "", "  ".join(more))


def _words_of(seat: Seat, kind: str, row: Any) -> str:
    """The title of its sheet, else the first thing that it is searched by, else its kind."""
    room = rooms.room_of(kind)
    with suppress(*FAULTS):
        if room is not None:
            return room.sheets[kind](seat, row.id).title
    named = [getattr(row, name, None) for name in ("site_name", "number", *_searched(kind))]
    return next((str(each) for each in named if each), kind_label(kind))


def _searched(kind: str) -> tuple[str, ...]:
    known = catalogue.kind(kind)
    return known.search if known is not None else ()


# -- what a picker offers ----------------------------------------------------------------------------------


def choices(seat: Seat, kind: str, text: str, within: str = "") -> Sequence[Choice]:
    """Records of a kind that match what was typed, by words or pinyin initials; the likely ones for none.

    Args:
        within: a record; where some of the kind belong to it, only those are offered.
    """
    if kind == "unit":
        every = [Choice(each.code, each.label, each.code) for each in units.county_level()]
        return among(every)(text)
    if kind == "site":
        return [site_choice(row) for row in registry.find_sites(seat, text, MOST)]
    if kind == "officer":
        return [officer_choice(row) for row in registry.pick_officers(seat, text, MOST)]
    own = _belonging(seat, kind, within) if within else []
    if own:
        return among(list(_labelled(seat, kind, own)))(text)
    listing = rooms.listing_of(kind)
    ids = listing.find(seat, text)[:MOST] if listing is not None else _found(seat, kind, text)
    return list(_labelled(seat, kind, ids))


def _belonging(seat: Seat, kind: str, parent: str) -> list[str]:
    """The records of a kind whose parent is this record, or the parent of this record."""
    known = catalogue.kind(kind)
    if known is None:
        return []
    fields = known.table._meta.fields
    names = [name for name in (known.parent, "case", "clue") if name in fields]
    with seat:
        for name in names:
            rows = known.table.select(known.table.id).where(
                fields[name] == parent, known.table.voided.is_null()
            )
            found = [row.id for row in rows.order_by(known.table.id).limit(MOST)]
            if found:
                return found
    return []


def _found(seat: Seat, kind: str, text: str) -> list[str]:
    """Of a kind that no list shows: what the search finds, for no text what was changed last."""
    known = catalogue.kind(kind)
    if known is None:
        return []
    with seat:
        if text.strip():
            ids = [record for _kind, record in seat.search(text, kinds=(kind,), limit=MOST)]
            rows = known.table.select(known.table.id).where(known.table.id.in_(ids))
            standing = {row.id for row in rows.where(known.table.voided.is_null())}
            return [each for each in ids if each in standing]
        rows = known.table.select(known.table.id).where(known.table.voided.is_null())
        return [row.id for row in rows.order_by(known.table.changed_at.desc()).limit(MOST)]


# -- which one a word means --------------------------------------------------------------------------------


def meant(seat: Seat, kinds: Sequence[str], text: str) -> tuple[str, str]:
    """(kind, id) of the record that a word means: its id, its number, a beginning of its id, its name.

    Raises:
        BadInput: none is meant, or several.
    """
    text = text.strip()
    if tuple(kinds) == ("unit",):
        unit = units.unit_named(text)
        if unit is None:
            raise BadInput(N_("There is no county or district “{text}”."), text=text)
        return "unit", unit.code
    for look in (_by_id, _by_number, _by_beginning, _by_name):
        found = [(kind, each) for kind in kinds for each in look(seat, kind, text)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(each for _kind, each in found[:5])
            raise BadInput(
                N_("“{text}” names {count} records. Give an id: {ids}"),
                text=text,
                count=len(found),
                ids=names,
            )
    raise BadInput(N_("There is no record “{text}” here. Give its id, its number or its name."), text=text)


def _by_id(seat: Seat, kind: str, text: str) -> list[str]:
    known = catalogue.kind(kind)
    if known is None:
        listing = rooms.listing_of(kind)
        return [text] if listing is not None and text in listing.find(seat, "") else []
    with seat:
        return [text] if by_id(known.table, text) is not None else []


def _by_number(seat: Seat, kind: str, text: str) -> list[str]:
    known = catalogue.kind(kind)
    if known is None or not text or "number" not in known.table._meta.fields:
        return []
    with seat:
        return [row.id for row in known.table.select(known.table.id).where(known.table.number == text)]


def _by_beginning(seat: Seat, kind: str, text: str) -> list[str]:
    known = catalogue.kind(kind)
    if known is None or len(text) < SHORTEST or not all(one in "0123456789abcdef-" for one in text):
        return []
    with seat:
        rows = known.table.select(known.table.id).where(known.table.id.startswith(text))
        return [row.id for row in rows.order_by(known.table.id).limit(MOST)]


def _by_name(seat: Seat, kind: str, text: str) -> list[str]:
    return [each.value for each in choices(seat, kind, text) if text and each.label == text]


def is_id(text: str) -> bool:
    """Whether a text has the form of a record's id."""
    return _ID.fullmatch(text) is not None


# -- what is shown of them ----------------------------------------------------------------------------------


def lines_of(seat: Seat, listing: rooms.Listing, ids: Sequence[str]) -> list[rooms.Line]:
    """Rows of a list; a record that the area cannot read is named and does not block the others."""
    try:
        return listing.lines(seat, ids)
    except FAULTS:
        return [line for one in ids for line in _line_of(seat, listing, one)]


def _line_of(seat: Seat, listing: rooms.Listing, record_id: str) -> list[rooms.Line]:
    try:
        return listing.lines(seat, [record_id])
    except FAULTS:
        words = f"! {kind_label(listing.kind)}: " + _("holds values that this version does not know")
        cells = tuple(rooms.Cell(words if column.width == 0 else "", "warn") for column in listing.columns)
        return [rooms.Line(record_id, cells)]


def kind_of(seat: Seat, record_id: str) -> str:
    """The kind of a record; empty where there is none of that id."""
    with seat:
        entries = seat.journal.entries_of(record_id)
    return entries[0].parsed_head.t if entries else ""


def has_sheet(kind: str) -> bool:
    """Whether `sheet_of` can show records of a kind."""
    return kind == "officer" or rooms.room_of(kind) is not None


def sheet_of(seat: Seat, kind: str, record_id: str) -> rooms.Sheet:
    """All that is shown of one record: by its room, or the row of the register.

    Raises:
        BadInput: there is no such record here.
        KeyError: records of that kind have no sheet.
    """
    known = catalogue.kind(kind)
    if known is not None and not _by_id(seat, kind, record_id):
        raise BadInput(N_("This record is not here. A sync may bring it."))
    room = rooms.room_of(kind)
    if room is not None:
        return room.sheets[kind](seat, record_id)
    if known is None or kind != "officer":
        raise KeyError(kind)
    with seat:
        row: Any = by_id(known.table, record_id)
    facts = [rooms.Fact(_("County or district"), label_of(row.unit_code or row.unit))]
    facts += [rooms.Fact(translate(label), str(getattr(row, name) or "")) for name, label in _OFFICER]
    return rooms.Sheet(
        row.name or "", rooms.Cell(kind_label(kind)), (rooms.Section(_("Register"), tuple(facts)),)
    )


def _raw_sheet(seat: Seat, kind: str, record_id: str) -> rooms.Sheet:
    """The fields of a record as they are kept, where its area cannot read them."""
    known = catalogue.kind(kind)
    facts: list[rooms.Fact] = []
    if known is not None:
        with seat:
            row: Any = by_id(known.table, record_id)
        values = {name: getattr(row, name) for name in columns(known.table) if name != "initials"}
        facts = [rooms.Fact(name, str(value)) for name, value in values.items() if value is not None]
    state = rooms.Cell(_("holds values that this version does not know"), "bad")
    return rooms.Sheet(kind_label(kind), state, (rooms.Section(_("As it is kept"), tuple(facts)),))


def unseen(seat: Seat, kind: str, record_id: str = "") -> str:
    """Why who is unlocked may not read a record, or records of a kind; empty where they may."""
    if not kind:
        return ""
    try:
        keeping.refuse_unread(seat, kind, record_id)
    except RuleBroken as refused:
        return refused.text()
    return ""


def papers_of(kind: str) -> tuple[tuple[str, str], ...]:
    """The papers of a kind of record: (name, msgid)."""
    from models.documents import shelf  # brings the makers of all papers

    return shelf.papers(kind)
