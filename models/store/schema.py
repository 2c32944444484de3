"""The tables and indexes of the seat that is entered: only what is missing is made."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from models import catalogue
from models.errors import StoreRefused
from models.language import N_
from models.store.database import here, run

_NAMED = re.compile(r'CREATE (?:TABLE|INDEX|UNIQUE INDEX) IF NOT EXISTS "?(\w+)')


def present() -> dict[str, set[str]]:
    """Tables and indexes that are there, each with its columns, by one look."""
    found: dict[str, set[str]] = {}
    for name, column in here.present():
        found.setdefault(name, set()).add(column)
    return found


def make(tables: Iterable[Any], known: Mapping[str, Any] | None = None) -> None:
    """Make what is missing of these tables and their indexes.

    Args:
        known: what `present` gave, where it was asked already.
    """
    there = present() if known is None else known
    for table in tables:
        for name, statement in _statements(table, here.made):
            if name not in there:
                run(statement)


def stands(tables: tuple[Any, ...], names: tuple[str, ...]) -> bool:
    """Whether nothing was made or altered since `note` was called with the same.

    The look at all tables takes as long as the rest of opening a notebook.
    """
    found = here.schema_mark()
    return found is not None and found[1] == _mark(found[0], tables, names)


def note(tables: tuple[Any, ...], names: tuple[str, ...]) -> None:
    """Note, within a write, that all these tables are there as this program has them.

    Args:
        names: of what else the next opening of the seat need not look for.
    """
    found = here.schema_mark()
    if found is not None:
        here.mark_schema(_mark(found[0], tables, names))


def _mark(version: int, tables: tuple[Any, ...], names: tuple[str, ...]) -> int:
    return zlib.crc32(f"{version} {fingerprint(tables)} {names}".encode()) & 0x7FFFFFFF


@lru_cache(maxsize=16)
def fingerprint(tables: tuple[Any, ...]) -> str:
    """SHA-256 over columns and indexes of tables, in hex: another where a version changed any of them.

    Not over their statements: Peewee takes longer to make those than a notebook takes to open.
    """
    whole = hashlib.sha256()
    for table in tables:
        meta = table._meta
        fields = [
            (each.column_name, each.field_type, each.null, each.unique, each.index)
            for each in meta.sorted_fields
        ]
        keys = [each.column_name for each in meta.get_primary_keys()]
        indexes = [getattr(each, "sql", each) for each in meta.indexes]
        whole.update(repr((meta.table_name, fields, keys, indexes, meta.without_rowid)).encode())
    return whole.hexdigest()


def widen(table: Any, there: set[str]) -> bool:
    """Give an old table the columns of this version that it lacks, empty; whether it lacked any.

    Args:
        there: the columns that it has, as `present` gave them.
    """
    missing = [field for field in table._meta.fields.values() if field.column_name not in there]
    if not missing:
        return False
    from playhouse.migrate import SchemaMigrator, migrate  # no start but the first after an update needs it

    migrator = SchemaMigrator.from_database(here.obj)
    for field in missing:
        plain = field.__class__(null=True)
        plain.name, plain.column_name = field.name, field.column_name
        migrate(migrator.add_column(table._meta.table_name, field.column_name, plain))
    return True


def make_as(table: Any, there: set[str] | None) -> None:
    """Give a new, empty table the columns that it has in another database, whose rows are to come here.

    What it lacks there it lacks here too, so that what opens this one finds what is to be made, as there.

    Args:
        there: the columns that it has there; None where there is no such table.

    Raises:
        StoreRefused: a later version made it there, and not of entries alone.
    """
    name = table._meta.table_name
    if there is None:
        run(f'DROP TABLE "{name}"')
        return
    if has_more(table, there) and all(kind.table is not table for kind in catalogue.kinds()):
        raise StoreRefused(
            N_(
                "A later version of Qingcha made the table {table}: this one would lose what is in it. "
                "Use that version."
            ),
            table=name,
        )
    lacking = {field.column_name for field in table._meta.fields.values()} - there
    if lacking:
        for index, _ in _statements(table, here.made)[1:]:
            run(f'DROP INDEX IF EXISTS "{index}"')
    for column in sorted(lacking):
        run(f'ALTER TABLE "{name}" DROP COLUMN "{column}"')


def has_more(table: Any, there: set[str]) -> bool:
    """Whether a table has columns that this version does not know, and so leaves empty: a later one made it.

    Args:
        there: the columns that it has, as `present` gave them.
    """
    return not there <= {field.column_name for field in table._meta.fields.values()}


@cache
def _statements(table: Any, made_for: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """Name and statement of a table and of each of its indexes; Peewee takes a millisecond for them."""
    made = [table._schema._create_table(safe=True), *table._schema._create_indexes(safe=True)]
    statements = [made_for(context.query()[0]) for context in made]
    return tuple((_NAMED.match(each)[1], each) for each in statements)  # type: ignore[index]


def upsert(table: str, columns: Sequence[str], key: Sequence[str]) -> str:
    """The statement that inserts a row, or puts it in the place of the one with the same key."""
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" for _ in columns)
    given = [f'"{name}" = excluded."{name}"' for name in columns if name not in key]
    action = f"UPDATE SET {', '.join(given)}" if given else "NOTHING"
    target = ", ".join(f'"{name}"' for name in key)
    return f'INSERT INTO "{table}" ({names}) VALUES ({marks}) ON CONFLICT ({target}) DO {action}'


def keep(table: Any, **row: Any) -> None:
    """Insert a row, or put it in place of the one with its key; what is not given takes its default."""
    statement, fields = _keeping(table)
    values = {**table._meta.get_default_dict(), **row}
    run(statement, [field.db_value(values.get(field.name)) for field in fields])


def change(table: Any, where: Mapping[str, Any], **facts: Any) -> int:
    """Give other values to the rows whose fields have those of `where`; how many there are."""
    fields = table._meta.fields
    values = [fields[name].db_value(value) for name, value in (*facts.items(), *where.items())]
    return int(run(_changing(table, tuple(where), tuple(facts)), values).rowcount)


@lru_cache(maxsize=256)
def _changing(table: Any, where: tuple[str, ...], names: tuple[str, ...]) -> str:
    fields = table._meta.fields
    given, asked = ([f'"{fields[name].column_name}" = ?' for name in each] for each in (names, where))
    return f'UPDATE "{table._meta.table_name}" SET {", ".join(given)} WHERE {" AND ".join(asked)}'


@cache
def _keeping(table: Any) -> tuple[str, tuple[Any, ...]]:
    """The statement that keeps a row, and the fields that it takes; Peewee would make it anew each time."""
    fields = tuple(table._meta.sorted_fields)
    key = [field.column_name for field in table._meta.get_primary_keys()]
    return upsert(table._meta.table_name, [field.column_name for field in fields], key), fields
