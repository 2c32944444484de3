"""Copies of a whole server while it runs, and the way back (docs/server.md, Backup).

A backup is a server's folder as any other: it is opened and its log computed anew before it counts.
"""

from __future__ import annotations

import shlex
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from models.errors import BadInput, StoreRefused
from models.language import N_
from models.store.backup import (
    BackedUp,
    copy_database,
    copying,
    put_in_place,
    refuse_other,
    restoring,
    told_of_backup,
    told_of_disk,
    worked_in,
)
from models.store.durable import write_whole
from sync.server import log
from sync.server.central import DATABASE, KEY_FILES, Central
from sync.server.settings import FILE, Settings
from sync.server.storage import Bucket, Folder, storage_of, told_of_storage
from sync.server.tables import Blob

_LAST = "backup.last"
"""In the server's folder: when it was last backed up, ms since 1970."""
_COPIED_BY_HAND = N_(
    "The journal is in PostgreSQL, whose own tools copy it; nothing was copied here. Do this, in this order; "
    "ADDRESS is the database named in {settings}:\n"
    "  mkdir -m 700 -p {target}\n"
    "  pg_dump --no-owner --dbname ADDRESS --file {target}/journal.sql\n"
    "  cp -pR {kept} {target}\n"
    "Files in a bucket are copied after the journal, by the storage's own means."
)
_RESTORED_BY_HAND = N_(
    "The journal of this backup belongs into PostgreSQL, whose own tools bring it back; nothing was restored "
    "here. Do this, in this order; ADDRESS is a new, empty database:\n"
    "  psql --dbname ADDRESS --set ON_ERROR_STOP=1 --single-transaction --file {backup}/journal.sql\n"
    "  mkdir -m 700 -p {target}\n"
    "  cp -pR {kept} {target}\n"
    "  qingcha admin restored {target} --database ADDRESS\n"
    "Then start it with qingcha serve, as before."
)


def back_up(server: Path, target: Path) -> BackedUp:
    """Copy a server, which may be running, into a folder that is empty or a backup of it from before.

    Raises:
        BadInput: there is no server, or the folder holds something else, or a log that goes on otherwise.
        StoreRefused: the disk is full, or what was copied is not what was signed.
    """
    made = _copied(server, target)
    with told_of_disk():
        write_whole(server / _LAST, str(int(time.time() * 1000)).encode())
    return made


def _copied(server: Path, target: Path) -> BackedUp:
    settings = Settings.read(server)
    if settings.database:
        raise BadInput(
            _COPIED_BY_HAND,
            settings=shlex.quote(str(server / FILE)),
            target=shlex.quote(str(target)),
            kept=_beside_journal(server, settings),
        )
    if not (server / DATABASE).is_file():
        raise BadInput(N_("There is no server in this folder. Make one with: qingcha admin init"))
    key = target / "server.key"
    same = key.is_file() and key.read_bytes() == (server / "server.key").read_bytes()
    refuse_other(server, target, same=same)
    with copying(target) as making, told_of_disk():
        copy_database(server / DATABASE, making / DATABASE, None)
        for name, mode in KEY_FILES.items():
            write_whole(making / name, (server / name).read_bytes(), mode=mode)
        with closing(Central.open(making, restored=True, checked=False)) as copy:
            entries = copy.recheck()
            if same and not _continues(copy, target):
                raise worked_in(target)
        put_in_place(making, target, DATABASE, *KEY_FILES)
    with told_of_disk(), closing(Central.open(target, checked=False)) as copy:
        with told_of_storage(settings.files):
            new, missing = _copy_files(storage_of(server, settings.files), copy)
        with copy:
            files = Blob.select().count()
        return BackedUp(entries, files, new, tuple(missing))


def _continues(copy: Central, target: Path) -> bool:
    """Whether the log of a copy begins with that of the backup from before, as far as that can be read."""
    try:
        with closing(Central.open(target, checked=False)) as before, before:
            size = log.stored_size()
            return copy.root_at(size) == before.root_at(size)
    except (StoreRefused, TypeError):
        return True  # what is damaged, or was cut short, is no reason to keep it


def restore(source: Path, target: Path) -> BackedUp:
    """Make a server of its backup, in a folder that is not there yet or empty, ready to be started.

    Its log begins another life, as `restored`. Errors as `back_up`.
    """
    settings = Settings.read(source)
    if settings.database:
        raise BadInput(
            _RESTORED_BY_HAND,
            backup=shlex.quote(str(source)),
            target=shlex.quote(str(target)),
            kept=_beside_journal(source, settings),
        )
    with restoring(target) as making, told_of_backup(source):
        made = _copied(source, making)
        restored(making)
    return made


def _beside_journal(server: Path, settings: Settings) -> str:
    """What else of a server on PostgreSQL is copied, as a shell takes it."""
    names = [FILE, *KEY_FILES, *(() if settings.files else ("files",))]
    return " ".join(shlex.quote(str(server / name)) for name in names)


def last_backup(server: Path) -> int:
    """When a server was last backed up, ms since 1970; 0 for never."""
    try:
        return int((server / _LAST).read_bytes())
    except (OSError, ValueError):
        return 0


def restored(server: Path, *, database: str = "", files: str = "") -> str:
    """Begin another life of the log after a restore, so that every notebook gives back what was lost.

    Args:
        database: where the journal is now, if not where `server.toml` says; kept there.
        files: likewise the bucket of the files.

    Returns:
        The name of the new epoch.

    Raises:
        BadInput: an address is not one.
        StoreRefused: there is no server, or its log is not what was signed.
    """
    if database or files:
        _move(server, database, files)
    with closing(Central.open(server, restored=True)) as central:
        central.begin_epoch()
        central.sign_head()
        return central.epoch


def _move(server: Path, database: str, files: str) -> None:
    if not (server / "server.key").is_file():  # never make a settings file where no server is
        raise StoreRefused(N_("There is no server in this folder. Make one with: qingcha admin init"))
    before = Settings.read(server)
    now = replace(before, database=database or before.database, files=files or before.files)
    now.checked().write(server)


def _copy_files(source: Folder | Bucket, copy: Central) -> tuple[int, list[str]]:
    """Copy what the backup lacks, hashing as it goes; how many files, and those that are not whole."""
    with copy:
        wanted = [row.sha256 for row in Blob.select(Blob.sha256).order_by(Blob.sha256)]
    new, missing = 0, []
    for sha256 in wanted:
        if copy.vault.has(sha256):
            continue
        if not source.has(sha256):
            missing.append(sha256)
            continue
        try:
            with source.open(sha256) as stream:
                copy.vault.put_stream(stream, expected=sha256)
            new += 1
        except BadInput:
            missing.append(sha256)
    return new, missing
