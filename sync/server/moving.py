"""A case that goes over to another unit, with all that belongs to it (R13).

A `case_transfer` record asks for it. The server answers with an entry of its own on each record of the case:
`move` gives the record to the new unit, which every fold obeys; `show` lets the new unit read what the case
rests on and leaves it where it is: the inspection with its evidence, the penalty case, the site. From then on
all entries of these records, of before and after, have a number in the new unit too (`log.Appender.obey`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peewee import TextField, chunked

from models import catalogue
from models.registry import access
from models.store.change import Change
from models.store.database import run
from models.store.entry import Entry
from models.store.fold import content, fold
from models.store.lookup import by_id
from models.store.records import columns
from sync.server import people
from sync.server.central import Central
from sync.server.people import Caller

KIND = "case_transfer"
"""The kind of record that asks for a transfer."""
ALONG = {"damage_case": ("clue",)}
"""Kinds whose records are transferred, with the fields that name what goes along; all else goes with what it
belongs to."""
RESTS_ON = frozenset({"inspection", "evidence", "penalty_case", "site", "officer"})
"""Kinds whose records are shown to the new unit where a record that it gets names them."""
_LEAVES = frozenset({"site", "officer"})
"""Of these, the kinds that are shown by themselves, without what they name."""

Records = dict[str, str]
"""Record ids with their kinds."""


def obey(central: Central, transfers: Iterable[Entry], *, by: str) -> None:
    """Write what transfers that just took effect ask for; one that was obeyed already changes nothing more.

    Within the transaction of the transfers. What is shown is what the account that asked may read itself: a
    case that names a record of a third unit opens it to nobody.
    """
    askers = {each.parsed_head.e: each.parsed_head.d for each in transfers}
    for record, device in askers.items():
        entries = [each for each in central.journal.entries_of(record) if each.parsed_head.t == KIND]
        asked = fold(entries, central.journal.authority)
        case, to = asked.value("case"), asked.value("to_unit")
        kind = _kind_of(case) if isinstance(case, str) and asked.value("voided") is None else ""
        asker = people.caller_here(device)
        if kind and isinstance(to, str) and asker is not None and not _obeyed(central, case, record):
            central.write(*_changes(central, kind, case, to, record, asker), by=by)


def show_new(central: Central, records: Iterable[tuple[str, str]], *, by: str) -> None:
    """Show what was just begun beneath a record that another unit is shown: evidence is handed on after a
    transfer too. Within the transaction of its entries.

    Args:
        records: kind and id of each record that is new.
    """
    changes = []
    for kind, record in records:
        known = catalogue.kind(kind)
        row = by_id(known.table, record) if known is not None and known.parent else None
        if known is None or row is None:
            continue
        parent = getattr(row, known.parent)
        units = run("SELECT unit FROM told_record WHERE record = ? AND NOT moved", (parent,)).fetchall()
        changes += [
            Change("show", kind, record, row.unit, body={"to": unit, "by": parent})
            for (unit,) in units
            if unit != row.unit
        ]
    if changes:
        central.write(*changes, by=by)


def follow(central: Central, kind: str, record: str, *, by: str) -> None:
    """Move a record that took effect late to the unit of the record that it belongs to. Within a write."""
    known = catalogue.kind(kind)
    field = known.owner or known.parent if known is not None else ""
    row = by_id(known.table, record) if known is not None and field else None
    owner = getattr(row, field) if row is not None else None
    found = _rows({owner: _any_kind_of(owner)}) if isinstance(owner, str) else []
    if row is not None and found and found[0].unit != row.unit:
        body = _moving(central, record, found[0].unit, str(owner))
        central.write(Change("move", kind, record, row.unit, body=body), by=by)


def _obeyed(central: Central, case: str, transfer: str) -> bool:
    entries = central.journal.entries_of(case)
    return any(
        each.parsed_head.k == "move" and content(each).get("by") == transfer
        for each in entries
        if each.parsed_head.d in central.journal.authority
    )


def _kind_of(case: str) -> str:
    """What a record is, if it is one that can be transferred; "" where it is none or not here."""
    for name in ALONG:
        known = catalogue.kind(name)
        if known is not None and by_id(known.table, case) is not None:
            return name
    return ""


def _moving(central: Central, record: str, to: str, by: str) -> dict[str, Any]:
    """The body of a move; it names those before it, as clocks may have been set back since."""
    entries = central.journal.entries_of(record)
    moves = (each for each in entries if each.parsed_head.k == "move")
    return {
        "to": to,
        "by": by,
        "b": [each.uid for each in moves if each.parsed_head.d in central.journal.authority],
    }


def _changes(central: Central, kind: str, case: str, to: str, transfer: str, asker: Caller) -> list[Change]:
    together = _with_parts({case: kind, **_named({case: kind}, ALONG[kind])})
    unit = _rows({case: kind})[0].unit
    # what is of another unit is not this one's to give
    moved = {row.id: together[row.id] for row in _rows(together) if row.unit == unit}
    shown: Records = {}
    newly = _readable(_resting_on(moved), asker)
    while newly:
        shown |= newly
        parts = _with_parts({record: each for record, each in newly.items() if each not in _LEAVES})
        parts = _readable(parts, asker)
        shown |= parts
        newly = {
            record: each
            for record, each in _readable(_resting_on({**newly, **parts}), asker).items()
            if record not in shown and record not in moved
        }
    body = {"to": to, "by": transfer}
    beside = {record: each for record, each in shown.items() if record not in moved}
    changes = [
        Change("move", moved[row.id], row.id, row.unit, body=_moving(central, row.id, to, transfer))
        for row in _rows(moved)
    ]
    changes += [Change("show", beside[row.id], row.id, row.unit, body=body) for row in _rows(beside)]
    return [each for each in changes if each.unit != to]


def _readable(records: Records, asker: Caller) -> Records:
    """Those of some records that an account may read."""
    found: Records = {}
    for row in _rows(records):
        kind = records[row.id]
        told = run("SELECT unit FROM told_record WHERE record = ? AND kind = ?", (row.id, kind))
        units = {row.unit, *(unit for (unit,) in told)}
        if access.may_read(asker.may, kind) and not units.isdisjoint(asker.units):
            found[row.id] = kind
    return found


def _with_parts(records: Records) -> Records:
    """These records and all that belong to them, to any depth."""
    found = dict(records)
    newly = list(records)
    while newly:
        parts: Records = {}
        for kind in catalogue.kinds():
            for name in filter(None, (kind.parent, kind.owner)):
                field = getattr(kind.table, name)
                for some in chunked(newly, 500):
                    parts |= {
                        row.id: kind.name for row in kind.table.select(kind.table.id).where(field.in_(some))
                    }
        newly = [record for record in parts if record not in found]
        found |= {record: parts[record] for record in newly}
    return found


def _resting_on(records: Records) -> Records:
    """The records of `RESTS_ON` that these name in any field."""
    named = {
        part
        for row in _rows({record: kind for record, kind in records.items() if kind not in _LEAVES})
        for name, field in columns(row.__class__).items()
        if isinstance(field, TextField)
        for part in (getattr(row, name) or "").split(",")
        if len(part) == 36
    }
    found: Records = {}
    for name in sorted(RESTS_ON):
        known = catalogue.kind(name)
        if known is not None:
            for some in chunked(sorted(named), 500):
                rows = known.table.select(known.table.id).where(known.table.id.in_(some))
                found |= {row.id: name for row in rows}
    return found


def _named(records: Records, fields: Iterable[str]) -> Records:
    """The records that these name in some fields."""
    values = [getattr(row, name) for row in _rows(records) for name in fields]
    return {value: kind for value in values if value and (kind := _any_kind_of(value))}


def _any_kind_of(record: str) -> str:
    row = run("SELECT record_kind FROM entry WHERE record = ? ORDER BY n LIMIT 1", (record,)).fetchone()
    return str(row[0]) if row is not None else ""


def _rows(records: Records) -> list[Any]:
    """The rows of records, in the order given; what has no row, as nothing of it counts, is left out."""
    found = []
    for record, kind in records.items():
        known = catalogue.kind(kind)
        row = by_id(known.table, record) if known is not None else None
        if row is not None:
            found.append(row)
    return found
