"""One record's row by its id, without compiling the query anew each time.

Peewee spends 0.7 ms on the SQL of a wide table before SQLite reads the row in 0.05 ms; a verb looks up
three or four rows between a key press and the next. The statement is therefore made once per table.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar, cast

from peewee import BooleanField

from models.store.database import run

Row = TypeVar("Row")


def by_id(table: type[Row], record_id: str) -> Row | None:
    """The row of a record in the seat that is entered; None where there is none."""
    model = cast(Any, table)
    statement, names, flags = _select(model)
    found = run(statement, (record_id,)).fetchone()
    return None if found is None else cast(Row, _row(model, names, flags, found))


def _row(model: Any, names: tuple[str, ...], flags: tuple[str, ...], found: tuple[Any, ...]) -> Any:
    values = dict(zip(names, found, strict=True))
    for name in flags:
        values[name] = None if values[name] is None else bool(values[name])
    row = model(__no_default__=True)
    row.__data__.update(values)  # as setting each attribute does, without its bookkeeping for `save`
    return row


@lru_cache(maxsize=256)
def _select(table: Any) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    fields = tuple(table._meta.sorted_fields)
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    name = table._meta.table_name
    flags = tuple(field.name for field in fields if isinstance(field, BooleanField))
    return f'SELECT {columns} FROM "{name}" WHERE "id" = ?', tuple(field.name for field in fields), flags


def children(table: type[Row], field: str, value: str) -> list[Row]:
    """The standing rows of a table whose field names a record, in the order of their making (ids are UUIDv7).

    As `by_id`, for the same reason: a step of a case asks a dozen times for what belongs to it.
    """
    model = cast(Any, table)
    statement, names, flags = _select_children(model, field)
    return [cast(Row, _row(model, names, flags, found)) for found in run(statement, (value,)).fetchall()]


@lru_cache(maxsize=512)
def _select_children(table: Any, field: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    statement, names, flags = _select(table)
    column = table._meta.fields[field].column_name
    whole = statement.replace('WHERE "id" = ?', f'WHERE "{column}" = ? AND "voided" IS NULL ORDER BY "id"')
    return whole, names, flags
