"""Records: typed tables folded from entries, for reading only.

@record("inspection", version=1, search=("number", "site_name"))
class Inspection(Record):
    site = TextField(null=True)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import msgspec
from peewee import BooleanField, IntegerField, Model, TextField

from models import catalogue
from models.store.database import here
from models.store.entry import Entry
from models.store.fold import Folded, setters

__all__ = ["BooleanField", "IntegerField", "Record", "TextField", "record"]


class Record(Model):
    """What every record has. Areas add nullable columns of text, integer or boolean."""

    id = TextField(primary_key=True)
    """UUIDv7."""
    unit = TextField()
    """Code of the unit that owns it."""
    made_at = IntegerField()
    """When first written, ms since 1970 UTC by its device's corrected clock."""
    made_by = TextField()
    """Officer record id."""
    device = TextField()
    """Device that made it."""
    changed_at = IntegerField()
    """When last written, ms."""
    voided = TextField(null=True)
    """Why it was withdrawn; None while it stands."""
    sealed = TextField(null=True)
    """Hash of its seal entry in hex; None before."""
    conflicts = IntegerField(default=0)
    """How many of its fields have more than one head (two seals count as one more)."""

    class Meta:
        database = here
        legacy_table_names = False

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Computed columns from the record's own fields; pure."""
        return {}


Table = TypeVar("Table", bound=type[Any])


def record(
    name: str, *, version: int = 1, search: tuple[str, ...] = (), parent: str = "", owner: str = ""
) -> Callable[[Table], Table]:
    """Register a table as the projection of a kind of record.

    Args:
        name: the kind, as entries carry it.
        version: raise it when the fold of this kind would give other rows.
        search: fields found by full text and pinyin initials.
        parent: the field that names the record this one belongs to; the parent's seal covers it too.
        owner: the field that names the record whose unit this one must share; nothing to do with seals.
    """

    def enter(table: Table) -> Table:
        table._meta.without_rowid = True  # one tree instead of two; Peewee does not inherit it
        catalogue.register(catalogue.RecordKind(name, table, version, search, parent, owner))
        return table

    return enter


@cache
def columns(table: Any) -> dict[str, Any]:
    """The area's own columns of a record table: name to Peewee field."""
    own = Record._meta.fields
    return {name: field for name, field in table._meta.fields.items() if name not in own}


def row_of(table: Any, record_id: str, state: Folded) -> dict[str, Any]:
    """The projection row of a record's state: the same state gives the same row, byte for byte."""
    own = columns(table)
    values: dict[str, Any] = dict.fromkeys(own)
    for name, heads in state.heads.items():
        if heads and name in own:
            values[name] = _fitting(own[name], heads[0].value)
    if table.derive is not Record.derive:
        values.update(_derived(table, values))
    voided = state.value("voided")
    return {
        **values,
        "id": record_id,
        "unit": state.unit,
        "made_at": state.made_at,
        "made_by": state.made_by,
        "device": state.device,
        "changed_at": state.changed_at,
        "voided": _text(voided),
        "sealed": state.seals[0] if state.seals else None,
        "conflicts": len(state.conflicts),
    }


def row_of_one(table: Any, record_id: str, entry: Entry) -> dict[str, Any]:
    """As `row_of` gives it for the fold of this one entry of a setting kind: most records have no more."""
    own, uid = columns(table), entry.uid
    values: dict[str, Any] = dict.fromkeys(own)
    voided = None
    for name, (value, bases) in setters(entry).items():
        if bases and uid in bases:
            continue
        if name in own:
            values[name] = _fitting(own[name], value)
        elif name == "voided":
            voided = value
    if table.derive is not Record.derive:
        values.update(_derived(table, values))
    head, time = entry.parsed_head, entry.time
    values.update(
        id=record_id,
        unit=head.sc,
        made_at=time,
        made_by=head.u,
        device=entry.device,
        changed_at=time,
        voided=_text(voided),
        sealed=None,
        conflicts=0,
    )
    return values


def _derived(table: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The computed columns; empty ones where values that no verb of ours wrote defeat the computing."""
    try:
        computed: dict[str, Any] = table.derive(dict(values))
    except Exception:
        # a row without its initials is better than no row, and a refold gives the same
        return {}
    own = columns(table)
    return {name: _fitting(own[name], value) for name, value in computed.items() if name in own}


def _fitting(field: Any, value: Any) -> Any:
    """The value as the column holds it; what does not fit the column's type reads as never set."""
    if value is None:
        return None
    if type(value) is str and type(field) is TextField:
        return value  # nearly all of them
    if isinstance(field, BooleanField):
        return value if isinstance(value, bool) else None
    if isinstance(field, IntegerField):
        fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        return value if fits else None
    return _text(value)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
