"""Copies of a whole server while it runs, and the way back (docs/server.md, Backup).

A backup is a server's folder as any other: it is opened and its log computed anew before it counts.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from models.errors import BadInput, StoreRefused
from models.language import N_
from models.store.durable import sync_folder, write_whole
from models.store.vault import PlainVault
from sync.server.central import DATABASE, KEY_FILES, Central
from sync.server.tables import Blob

_LAST = "backup.last"
"""In the server's folder: when it was last backed up, ms since 1970."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds."""

    entries: int
    files: int
    new_files: int
    """Those that were not there from a backup before."""
    missing: tuple[str, ...]
    """SHA-256 of files that the server has a row of, but not whole: they are not in the backup either."""


def back_up(server: Path, target: Path) -> BackedUp:
    """Copy a server, which may be running, into a folder that is empty or a backup of it from before.

    Raises:
        BadInput: there is no server, or the folder holds something else.
        StoreRefused: the disk is full, or what was copied is not what was signed.
    """
    if not (server / DATABASE).is_file():
        raise BadInput(N_("There is no server in this folder. Make one with: qingcha admin init"))
    _refuse_other(server, target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        _copy_database(server, target)
        for name, mode in KEY_FILES.items():
            write_whole(target / name, (server / name).read_bytes(), mode=mode)
        with closing(Central.open(target, restored=True)) as copy:
            new, missing = _copy_files(PlainVault(server / "files"), copy)
            with copy:
                files = Blob.select().count()
            made = BackedUp(copy.recheck(), files, new, tuple(missing))
        write_whole(server / _LAST, str(int(time.time() * 1000)).encode())
        return made
    except OSError as error:
        raise StoreRefused(N_("The backup could not be written: {reason}"), reason=str(error)) from error


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


def _refuse_other(server: Path, target: Path) -> None:
    if not target.exists() or not any(target.iterdir()):
        return
    key = target / "server.key"
    same = key.is_file() and key.read_bytes() == (server / "server.key").read_bytes()
    if not same or target.resolve() == server.resolve():
        raise BadInput(
            N_("{folder} is neither empty nor a backup of this server. Choose another folder."),
            folder=str(target),
        )


def _copy_database(server: Path, target: Path) -> None:
    partial = target / f".{DATABASE}.new"
    partial.unlink(missing_ok=True)
    with closing(sqlcipher.connect(server / DATABASE, timeout=30)) as connection:
        connection.execute("VACUUM INTO ?", (str(partial),))
    for name in (f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (target / name).unlink(missing_ok=True)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(partial, target / DATABASE)
    sync_folder(target)


def _copy_files(source: PlainVault, copy: Central) -> tuple[int, list[str]]:
    """Copy what the backup lacks, hashing as it goes; how many files, and those that are not whole."""
    with copy:
        wanted = [row.sha256 for row in Blob.select(Blob.sha256).order_by(Blob.sha256)]
    new, missing = 0, []
    for sha256 in wanted:
        if copy.vault.has(sha256):
            continue
        try:
            copy.vault.put_file(source.path_of(sha256), expected=sha256)
            new += 1
        except BadInput:
            missing.append(sha256)
    return new, missing
