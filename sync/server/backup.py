"""Copies of a whole server while it runs, and the way back (docs/server.md, Backup).

A backup is a server's folder as any other: it is opened and its log computed anew before it counts.
"""

from __future__ import annotations

import time
from contextlib import closing
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
from sync.server.settings import Settings
from sync.server.storage import Bucket, Folder, storage_of
from sync.server.tables import Blob

_LAST = "backup.last"
"""In the server's folder: when it was last backed up, ms since 1970."""


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
            N_(
                "The journal is in PostgreSQL: copy it with pg_dump, then the keys and the files "
                "(docs/server.md, Backup)."
            )
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
    with restoring(target) as making, told_of_backup(source):
        made = _copied(source, making)
        restored(making)
    return made


def last_backup(server: Path) -> int:
    """When a server was last backed up, ms since 1970; 0 for never."""
    try:
        return int((server / _LAST).read_bytes())
    except (OSError, ValueError):
        return 0


def restored(server: Path) -> str:
    """Begin another life of the log after a restore, so that every notebook gives back what was lost.

    Returns:
        The name of the new epoch.

    Raises:
        StoreRefused: there is no server, or its log is not what was signed.
    """
    with closing(Central.open(server, restored=True)) as central:
        central.begin_epoch()
        central.sign_head()
        return central.epoch


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
