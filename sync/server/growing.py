"""A server that has outgrown its folder: its journal into PostgreSQL, its evidence into a bucket.

Everything is copied and looked through there before `server.toml` says so; what was in the folder stays.
The one journal that goes on is the copy: the old one takes nothing more, also from a server still running.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import BadInput, StoreRefused
from models.language import N_
from models.store.database import run
from models.store.home import beside
from models.store.postgres import Postgres
from sync.server.central import DATABASE, KEY_FILES, OCCUPIED, Central
from sync.server.rows import carry, holds_server, reason
from sync.server.settings import Settings
from sync.server.storage import Bucket, refuse_silent, storage_of, told_of_storage
from sync.server.tables import Blob

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
    """SHA-256 of files that the folder should have and has not whole, nor the bucket."""


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
    refuse_unready(now, before)
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
                size = _carry(making)
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


def refuse_unready(now: Settings, before: Settings) -> None:
    """Ask the new places before hours go into the copying.

    Raises:
        StoreRefused: the storage or the database does not answer, or a server is in the database already.
    """
    if now.files != before.files:
        refuse_silent(storage_of(Path(), now.files), now.files)
    if now.database != before.database and holds_server(now.database):
        raise StoreRefused(OCCUPIED)


def _carry(making: Path) -> int:
    """Copy every table into the new database, and look whether its log is the same; its size."""
    try:
        size, root = carry(making)
    except Postgres.failures as error:
        raise StoreRefused(
            N_("The database does not take what is here: {reason}. The server stays in its folder."),
            reason=reason(error),
        ) from error
    with closing(Central.open(making, restored=True, checked=False)) as copy:
        if copy.recheck() != size or copy.root_at(size) != root:
            raise StoreRefused(
                N_("What arrived in the database is not what is here. The server stays in its folder.")
            )
    return size


def _put_files(central: Central, server: Path, files: str) -> tuple[int, list[str]]:
    """Put every file into the bucket; how many are there, and those that are whole in neither place."""
    bucket = Bucket(files)
    with central:
        named = [row.sha256 for row in Blob.select(Blob.sha256).order_by(Blob.sha256)]
    missing = []
    for sha256 in named:
        if central.vault.verify(sha256) != "kept":
            if bucket.verify(sha256) != "kept":  # where it was there before
                missing.append(sha256)
        elif bucket.size_of(sha256) != central.vault.size_of(sha256):
            spool = server / "spool" / f".{sha256}.{_MOVED}"
            shutil.copyfile(central.vault.path_of(sha256), spool)
            bucket.keep(spool, sha256)
    return len(named) - len(missing), missing
