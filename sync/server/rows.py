"""All rows of a server, from one database into another: SQLite into PostgreSQL as it grows, and back as it is
backed up. What is not in rows (the index of search terms, the numbers that a database gives) is made there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from peewee import AutoField, BooleanField

from models.errors import StoreRefused
from models.language import N_
from models.store import schema
from models.store.database import entered, here, run, run_many, unhurried
from models.store.postgres import Postgres
from sync import merkle
from sync.server import log
from sync.server.central import NO_SERVER, Central

_ROWS = 1000
"""Rows that are carried over at once."""

Log = tuple[int, bytes]
"""Size and root of a log."""


@contextmanager
def as_it_is(address: str) -> Iterator[None]:
    """Enter a PostgreSQL as it is at one moment, for reading; who writes there waits for nothing.

    Raises:
        StoreRefused: it does not answer, or not any more.
    """
    database: Any = Postgres(address, writer=False)
    try:
        with entered(database), database.atomic():
            yield
    except Postgres.failures as error:
        raise StoreRefused(
            N_("The database could not be read to its end: {reason}. Nothing was changed; do it again."),
            reason=reason(error),
        ) from error
    finally:
        database.close_all()


def reason(error: Exception) -> str:
    """What PostgreSQL says of a failure, in one line."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def holds_server(address: str) -> bool:
    """Whether a PostgreSQL holds a server. Errors as `as_it_is`."""
    with as_it_is(address):
        there = schema.present()
        return "meta" in there and run("SELECT 1 FROM meta WHERE key = 'epoch'").fetchone() is not None


def carry(folder: Path) -> Log:
    """Copy all rows of the server whose database is entered into the database of another folder.

    Args:
        folder: holds keys and settings of a server, and no server in its database.

    Returns:
        Size and root of the log that was read: to be compared with what is there, computed anew.

    Raises:
        StoreRefused: no server is in the one database, or one in the other, or that does not take the rows.
    """
    source, there = here.obj, schema.present()
    if not {"entry", "meta"} <= there.keys():
        raise StoreRefused(NO_SERVER)
    size = log.stored_size()
    root = merkle.root_at(size, log.node)
    with closing(Central.founded(folder)) as target:
        facts, *others = target._tables()
        # the facts say that a server is there: they come last, so that it may be done again
        for table in (*others, facts):
            name = table._meta.table_name
            with target.writing():
                schema.make_as(table, there.get(name))
            if name in there:
                with entered(source), closing(source.streamed(_reading(table, there[name]))) as cursor:
                    _fill(target, table, there[name], cursor)
        with target.writing():
            target.projector.settle_carried()
            here.mark_schema(0)  # its tables are those of the other database: looked at when it is opened
    return size, root


def _fields(table: Any, columns: set[str]) -> list[Any]:
    return [field for field in table._meta.sorted_fields if field.column_name in columns]


def _named(fields: list[Any]) -> str:
    return ", ".join(f'"{field.column_name}"' for field in fields)


def _reading(table: Any, columns: set[str]) -> str:
    return f'SELECT {_named(_fields(table, columns))} FROM "{table._meta.table_name}"'


def _fill(target: Central, table: Any, columns: set[str], cursor: Any) -> None:
    """Put the rows of a cursor in the place of those of a table, a thousand at a time."""
    name, fields = table._meta.table_name, _fields(table, columns)
    truths = [isinstance(field, BooleanField) for field in fields]
    inserting = f'INSERT INTO "{name}" ({_named(fields)}) VALUES ({", ".join("?" for _ in fields)})'
    with target.writing():
        run(f'DELETE FROM "{name}"')
    while some := cursor.fetchmany(_ROWS):
        rows = [
            [
                bool(value) if truth and value is not None else value
                for truth, value in zip(truths, row, strict=True)
            ]
            for row in some
        ]
        with unhurried(), target.writing():
            run_many(inserting, rows)
    key = table._meta.primary_key
    with target.writing():
        if isinstance(key, AutoField):
            here.count_on(name, key.column_name)
