"""Rows by the values of their fields, without compiling the query anew each time.

Peewee spends 0.7 ms on the SQL of a wide table before SQLite reads the row in 0.05 ms; a verb looks up
three or four rows between a key press and the next, and a synchronisation some fifty. The statement is
therefore made once per table and question.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast

from peewee import BooleanField

from models.store.database import run

Row = TypeVar("Row")


class _Question(NamedTuple):
    statement: str
    names: tuple[str, ...]
    """Fields in the order of the columns."""
    flags: tuple[str, ...]
    """Those that hold yes or no."""


def by_id(table: type[Row], record_id: str) -> Row | None:
    """The row of a record in the seat that is entered; None where there is none."""
    return row_of(table, id=record_id)


def row_of(table: type[Row], **where: Any) -> Row | None:
    """The row whose fields have these values, or one such row; None where there is none.

    A field given a tuple of values may have any of them; so too in what follows.
    """
    found = _rows(table, "LIMIT 1", where)
    return found[0] if found else None


def last_of(table: type[Row], field: str, **where: Any) -> Row | None:
    """The row with the largest value of a field, among those that have these; None where there is none."""
    found = _rows(table, f'ORDER BY "{field}" DESC LIMIT 1', where)
    return found[0] if found else None


def rows_of(table: type[Row], order: str, **where: Any) -> list[Row]:
    """The rows whose fields have these values, by another of them, rising."""
    return _rows(table, f'ORDER BY "{order}"', where)


def children(table: type[Row], field: str, value: str) -> list[Row]:
    """The standing rows of a table whose field names a record, as they were made (ids are UUIDv7)."""
    return _rows(table, 'AND "voided" IS NULL ORDER BY "id"', {field: value})


def _rows(table: type[Row], rest: str, where: dict[str, Any]) -> list[Row]:
    sizes = tuple(len(value) if isinstance(value, tuple) else 0 for value in where.values())
    asked = _asked(cast(Any, table), tuple(zip(where, sizes, strict=True)), rest)
    values = [each for value in where.values() for each in (value if isinstance(value, tuple) else (value,))]
    found = run(asked.statement, values).fetchall()
    return [cast(Row, _row(table, asked, each)) for each in found]


def _row(model: Any, asked: _Question, found: tuple[Any, ...]) -> Any:
    values = dict(zip(asked.names, found, strict=True))
    for name in asked.flags:
        values[name] = None if values[name] is None else bool(values[name])
    row = model(__no_default__=True)
    row.__data__.update(values)  # as setting each attribute does, without its bookkeeping for `save`
    return row


@lru_cache(maxsize=1024)
def _asked(table: type[Any], where: tuple[tuple[str, int], ...], rest: str) -> _Question:
    """The question for all columns of a table; a field's column has its name.

    Args:
        where: fields, each with the number of values of which it has one; 0 where it has the one given.
    """
    fields = tuple(table._meta.sorted_fields)
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    asked = " AND ".join(
        f'"{table._meta.fields[name].column_name}" {_one_of(size) if size else "= ?"}' for name, size in where
    )
    statement = f'SELECT {columns} FROM "{table._meta.table_name}"{" WHERE " if asked else ""}{asked} {rest}'
    flags = tuple(field.name for field in fields if isinstance(field, BooleanField))
    return _Question(statement, tuple(field.name for field in fields), flags)


def _one_of(size: int) -> str:
    return f"IN ({', '.join('?' * size)})"
