"""Copies of a whole server while it runs, and the way back (docs/server.md, Backup).

A backup is a server's folder as any other, with all in it, wherever the server keeps journal and files: it
is opened and its log computed anew before it counts.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

from models.errors import BadInput, StoreRefused
from models.language import N_
from models.store.backup import (
    BackedUp,
    alone_in,
    clear,
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
from models.store.reread import MEMORY, forget_aside, read_again, set_aside
from sync.server import erasing, log, signatures
from sync.server.central import DATABASE, KEY_FILES, Central
from sync.server.growing import grow, refuse_unready
from sync.server.rows import Log, as_it_is, carry
from sync.server.settings import FILE, Settings
from sync.server.storage import Bucket, Folder, storage_of, told_of_storage
from sync.server.tables import Blob

_LAST = "backup.last"
"""In the server's folder: when it was last backed up, ms since 1970."""
_RESTORED_BY_HAND = N_(
    "The journal of this backup belongs into PostgreSQL, whose own tools bring it back; nothing was restored "
    "here. Do this, in this order; ADDRESS is a new, empty database:\n"
    "  psql --dbname ADDRESS --set ON_ERROR_STOP=1 --single-transaction --file {backup}/journal.sql\n"
    "  mkdir -m 700 -p {target}\n"
    "  cp -pR {kept} {target}\n"
    "  qingcha admin restored {target} --database ADDRESS\n"
    "Then start it with qingcha serve, as before."
)


def back_up(server: Path, target: Path, *, everything: bool = False) -> BackedUp:
    """Copy a server, which may be running, into a folder that is empty or a backup of it from before.

    Wherever it keeps journal and files, the backup holds both in its folder.

    Args:
        everything: read all files again that the backup holds already, and not a part of them.

    Raises:
        BadInput: there is no server, or the folder holds something else, or a log that goes on otherwise.
        StoreRefused: the disk is full, database or storage do not answer, or what was copied is not what was
            signed.
    """
    made = _copied(server, target, signed=True, everything=everything)
    with told_of_disk():
        write_whole(server / _LAST, str(int(time.time() * 1000)).encode())
    return made


def _copied(server: Path, target: Path, *, signed: bool = False, everything: bool = False) -> BackedUp:
    settings = Settings.read(server)
    if not (settings.database or (server / DATABASE).is_file()):
        raise BadInput(N_("There is no server in this folder. Make one with: qingcha admin init"))
    _refuse_other(server, target)  # before anything is made in a folder of somebody else
    with alone_in(target):
        return _copied_alone(server, target, settings, signed, everything)


def _refuse_other(server: Path, target: Path) -> bool:
    """Refuse to write over what is no backup of this server; whether there is one of before."""
    key = target / "server.key"
    with told_of_disk():
        same = key.is_file() and key.read_bytes() == (server / "server.key").read_bytes()
    refuse_other(server, target, same=same)
    if same and Settings.read(target).database:
        raise BadInput(
            N_(
                "{folder} is no backup that this command made: its journal is in a database elsewhere. "
                "Choose another folder."
            ),
            folder=str(target),
        )
    return same


def _copied_alone(server: Path, target: Path, settings: Settings, signed: bool, everything: bool) -> BackedUp:
    same = _refuse_other(server, target)
    with copying(target) as making, told_of_disk():
        names = [*KEY_FILES]
        for name, mode in KEY_FILES.items():
            write_whole(making / name, (server / name).read_bytes(), mode=mode)
        if settings.of_backup() != Settings() or (target / FILE).exists():
            settings.of_backup().write(making)
            names.append(FILE)
        entries = _copy_journal(server, settings, making)
        with closing(Central.open(making, restored=True, checked=False)) as copy:
            if same and not _continues(copy, target):
                raise worked_in(target)
            healed = _signed(copy, target) if signed else 0
        put_in_place(making, target, DATABASE, *names)
    with (
        told_of_disk(),
        told_of_storage(settings.files),
        closing(Central.open(target, checked=False)) as copy,
    ):
        made = _copy_files(storage_of(server, settings.files), copy, entries, everything)
    return replace(made, signatures=healed)


def _copy_journal(server: Path, settings: Settings, making: Path) -> int:
    """Copy the database as it is at one moment, and compute the log of the copy anew; its size."""
    if settings.database:
        (making / DATABASE).touch(mode=0o600)
        with as_it_is(settings.database):
            before: Log | None = carry(making)
    else:
        copy_database(server / DATABASE, making / DATABASE, None)
        before = None
    with closing(Central.open(making, restored=True, checked=False)) as copy:
        entries = copy.recheck()
        if before is not None and before != (entries, copy.root_at(entries)):
            raise StoreRefused(log.DAMAGED)
    return entries


def _continues(copy: Central, target: Path) -> bool:
    """Whether the log of a copy begins with that of the backup from before, as far as that can be read."""
    try:
        with closing(Central.open(target, checked=False)) as before, before:
            size = log.stored_size()
            root = before.root_at(size)
    except StoreRefused:
        return True  # what is damaged, or was cut short, is no reason to keep it
    return copy.root_at(size) == root


def _signed(copy: Central, target: Path) -> int:
    """See that all entries of a copy bear their signatures; how many come from the backup of before.

    Raises:
        StoreRefused: it has not all of them.
    """
    with ExitStack() as opened:
        before = None
        with suppress(StoreRefused):  # there is none, or none that can be read
            before = opened.enter_context(closing(Central.open(target, checked=False)))
        lost = signatures.lost(copy, before)
    gone = [each for each in lost if each.good is None]
    if gone:
        raise StoreRefused(
            N_(
                "Entries that have lost their signatures on the server, and that the backup of before lacks "
                "too: {count}, the first {entry}. That backup stays as it is. Run: qingcha admin doctor"
            ),
            count=len(gone),
            entry=gone[0].entry,
        )
    if lost:
        signatures.put_back(copy, lost)
    return len(lost)


def restore(source: Path, target: Path, *, database: str = "", files: str = "") -> BackedUp:
    """Make a server of its backup, in a folder that is not there yet or empty, ready to be started.

    Its log begins another life, as `restored`. Errors as `back_up`.

    Args:
        database: where it is to keep its journal, as `growing.grow` takes it; without it in its folder.
        files: likewise its files.
    """
    settings = Settings.read(source)
    if settings.database:
        raise BadInput(
            _RESTORED_BY_HAND,
            backup=shlex.quote(str(source)),
            target=shlex.quote(str(target)),
            kept=_beside_journal(source, settings),
        )
    refuse_unready(Settings(database, files).checked(), Settings())
    with restoring(target) as making, told_of_backup(source):
        made = _copied(source, making)
        restored(making)
    if database or files:
        # what hinders this leaves a whole server in its folder, to be carried over once more
        grown = grow(target, database=database, files=files)
        made = replace(made, missing=grown.missing if files else made.missing)
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
        with suppress(StoreRefused):  # what is left `doctor` tells
            erasing.note_lying(central, settled=False)
            erasing.erase_files(central)
        return central.epoch


def _move(server: Path, database: str, files: str) -> None:
    if not (server / "server.key").is_file():  # never make a settings file where no server is
        raise StoreRefused(N_("There is no server in this folder. Make one with: qingcha admin init"))
    before = Settings.read(server)
    now = replace(before, database=database or before.database, files=files or before.files)
    now.checked().write(server)


def _copy_files(source: Folder | Bucket, copy: Central, entries: int, everything: bool) -> BackedUp:
    """Copy what the backup lacks, hashing as it goes, and read again a part of what it holds."""
    with copy:
        sizes = {row.sha256: row.size for row in Blob.select(Blob.sha256, Blob.size)}
    vault = copy.vault
    clear(vault)
    for sha256 in erasing.taken_out(copy):  # a backup of before in the same folder had them
        vault.erase(sha256)
        forget_aside(vault, sha256)
    cut = [sha256 for sha256, size in sizes.items() if vault.size_of(sha256) not in (None, size)]
    for sha256 in cut:
        set_aside(vault, sha256)
    came, missing = _fetch(source, vault, sizes)
    again = read_again(vault, copy.folder / MEMORY, known=came, everything=everything)
    mended, gone = _fetch(source, vault, again.damaged)
    return BackedUp(
        entries,
        len(sizes),
        len(came - {*cut}),
        tuple(sorted(missing | gone)),
        read_again=len(again.whole) + len(again.damaged),
        mended=len(mended) + len(came & {*cut}),
    )


def _fetch(source: Folder | Bucket, vault: Folder, wanted: Iterable[str]) -> tuple[set[str], set[str]]:
    """Copy those of some files that the backup lacks: which came, and which are not whole in the source."""
    came, missing = set(), set()
    for sha256 in sorted(wanted):
        if vault.has(sha256):
            continue
        if not source.has(sha256):
            missing.add(sha256)
            continue
        try:
            with source.open(sha256) as stream:
                vault.put_stream(stream, expected=sha256)
        except (BadInput, OSError):  # another content, or what the disk cannot read; ours raises StoreRefused
            missing.add(sha256)
        else:
            forget_aside(vault, sha256)
            came.add(sha256)
    return came, missing
