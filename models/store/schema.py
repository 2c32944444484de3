"""The tables and indexes of the seat that is entered: only what is missing is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from playhouse.migrate import SqliteMigrator, migrate

from models.store.database import here, run

_NAMED = re.compile(r'CREATE (?:TABLE|INDEX|UNIQUE INDEX) IF NOT EXISTS "?(\w+)')


def present() -> dict[str, set[str]]:
    """Tables and indexes that are there, each with its columns, by one look."""
    found: dict[str, set[str]] = {}
    rows = run(
        "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c "
        "WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' "
        "UNION ALL SELECT name, '' FROM sqlite_schema WHERE type = 'index'"
    )
    for name, column in rows:
        found.setdefault(name, set()).add(column)
    return found


def make(tables: Iterable[Any], known: Mapping[str, Any] | None = None) -> None:
    """Make what is missing of these tables and their indexes.

    Args:
        known: what `present` gave, where it was asked already.
    """
    there = present() if known is None else known
    for table in tables:
        for name, statement in _statements(table):
            if name not in there:
                run(statement)


def widen(table: Any, there: set[str]) -> bool:
    """Give an old table the columns of this version that it lacks, empty; whether it lacked any.

    Args:
        there: the columns that it has, as `present` gave them.
    """
    missing = [field for field in table._meta.fields.values() if field.column_name not in there]
    migrator = SqliteMigrator(here.obj)
    for field in missing:
        plain = field.__class__(null=True)
        plain.name, plain.column_name = field.name, field.column_name
        migrate(migrator.add_column(table._meta.table_name, field.column_name, plain))
    return bool(missing)


@cache
def _statements(table: Any) -> tuple[tuple[str, str], ...]:
    """Name and statement of a table and of each of its indexes; Peewee takes a millisecond for them."""
    made = [table._schema._create_table(safe=True), *table._schema._create_indexes(safe=True)]
    statements = [context.query()[0] for context in made]
    return tuple((_NAMED.match(each)[1], each) for each in statements)  # type: ignore[index]
