"""A server that has outgrown its folder: its journal into PostgreSQL, its evidence into a bucket.

Everything is copied and looked through there before `server.toml` says so; what was in the folder stays.
The one journal that goes on is the copy: the old one takes nothing more, also from a server still running.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peewee import AutoField, BooleanField

from models.errors import BadInput, StoreRefused
from models.language import N_
from models.store.database import run, run_many
from models.store.home import beside
from models.store.postgres import Postgres
from sync.server import log
from sync.server.central import DATABASE, KEY_FILES, Central
from sync.server.settings import Settings
from sync.server.storage import Bucket, told_of_storage
from sync.server.tables import Blob

_ROWS = 1000
"""Rows that are carried over at once."""
_MOVED = "moved"
"""What the old database is called from then on, and says to who still writes to it."""
_TAKEN = ("entry", "blob", "signed_head")
"""Tables without which nothing is acknowledged."""


@dataclass(frozen=True, slots=True)
class Grown:
    """What was carried over."""

    entries: int
    files: int
    missing: tuple[str, ...]
    """SHA-256 of files that the folder should have and has not whole."""


def grow(server: Path, *, database: str = "", files: str = "") -> Grown:
    """Carry a server's journal, its files or both elsewhere; the server is stopped meanwhile.

    Args:
        database: `postgresql://…`, of a new, empty database.
        files: `s3://bucket/prefix`.

    Raises:
        BadInput: neither is given, one is no address, or what is to be carried is elsewhere already.
        StoreRefused: there is no server, one is in the database already, it or the storage does not answer,
            or what arrived there is not what is here.
    """
    before = Settings.read(server)
    now = replace(before, database=database or before.database, files=files or before.files).checked()
    if not (database or files):
        raise BadInput(N_("Say where to: --database postgresql://…, --files s3://…, or both."))
    if (database and before.database) or (files and before.files):
        raise BadInput(N_("That is kept elsewhere already: server.toml says where."))
    with closing(Central.open(server)) as central:
        size = central.sign_head().size
        with told_of_storage(files):
            copied, missing = _put_files(central, server, files) if files else (0, [])
        if not database:
            now.write(server)
            return Grown(size, copied, tuple(missing))
        making = beside(server, "making")
        shutil.rmtree(making, ignore_errors=True)
        try:
            making.mkdir(mode=0o700)
            for name in KEY_FILES:
                shutil.copy2(server / name, making / name)
            now.write(making)
            with central.writing():  # who still serves this folder waits, and then is told that it moved
                size = _carry(central, making)
                central.set_meta(moved="1")
                for table in _TAKEN:
                    run(
                        f"CREATE TRIGGER {_MOVED}_{table} BEFORE INSERT ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, '{_MOVED}'); END"
                    )
                now.write(server)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    for suffix in ("", "-wal", "-shm"):
        old = server / f"{DATABASE}{suffix}"
        if old.exists():
            os.replace(old, server / f"{_MOVED}.{DATABASE}{suffix}")
    return Grown(size, copied, tuple(missing))


def _carry(central: Central, making: Path) -> int:
    """Copy every table into the new database, and look whether its log is the same; its size."""
    size = log.stored_size()
    root = central.root_at(size)
    facts, *others = central._tables()
    with closing(Central.founded(making)) as target:
        for table in (*others, facts):  # what says that a server is there comes last: it may be done again
            rows = _rows_of(table)
            try:
                with target.writing():
                    run(f'DELETE FROM "{table._meta.table_name}"')
                    for some in rows:
                        run_many(_inserting(table), some)
                    _count_on(table)
            except Postgres.failures as error:
                raise StoreRefused(
                    N_(
                        "The database does not take the rows of {table}: {reason}. The server stays in its "
                        "folder."
                    ),
                    table=table._meta.table_name,
                    reason=str(error).splitlines()[0],
                ) from error
    with closing(Central.open(making, restored=True)) as copy:
        if copy.recheck() != size or copy.root_at(size) != root:
            raise StoreRefused(
                N_("What arrived in the database is not what is here. The server stays in its folder.")
            )
    return size


def _columns(table: Any) -> str:
    return ", ".join(f'"{field.column_name}"' for field in table._meta.sorted_fields)


def _inserting(table: Any) -> str:
    marks = ", ".join("?" for _ in table._meta.sorted_fields)
    return f'INSERT INTO "{table._meta.table_name}" ({_columns(table)}) VALUES ({marks})'


def _rows_of(table: Any) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table of the seat that is entered, some at a time, as PostgreSQL takes them."""
    truths = [isinstance(field, BooleanField) for field in table._meta.sorted_fields]
    cursor = run(f'SELECT {_columns(table)} FROM "{table._meta.table_name}"')

    def read() -> Iterator[list[tuple[Any, ...]]]:
        while some := cursor.fetchmany(_ROWS):
            yield [
                tuple(
                    bool(value) if truth and value is not None else value
                    for truth, value in zip(truths, row, strict=True)
                )
                for row in some
            ]

    return read()


def _count_on(table: Any) -> None:
    """Have numbers that the database gives go on after those that came."""
    key = table._meta.primary_key
    if not isinstance(key, AutoField):
        return
    name, column = table._meta.table_name, key.column_name
    run(
        f"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), "
        f'COALESCE((SELECT MAX("{column}") FROM "{name}"), 0) + 1, false)'
    )


def _put_files(central: Central, server: Path, files: str) -> tuple[int, list[str]]:
    """Put every file into the bucket; how many, and those that are not whole here."""
    bucket = Bucket(files)
    bucket.has("0" * 64)  # nothing is read for hours where it does not answer
    with central:
        named = [row.sha256 for row in Blob.select(Blob.sha256).order_by(Blob.sha256)]
    missing = []
    for sha256 in named:
        if central.vault.verify(sha256) != "kept":
            missing.append(sha256)
        elif not bucket.has(sha256):
            spool = server / "spool" / f".{sha256}.{_MOVED}"
            shutil.copyfile(central.vault.path_of(sha256), spool)
            bucket.keep(spool, sha256)
    return len(named) - len(missing), missing
