"""Whether a server's folder is whole: every promise that it lives by, looked at one after another.

Nothing is mended. As long as the folder opens, one thing that is broken hides no other; the server may run.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import PIL
from sqlcipher3 import dbapi2 as sqlcipher

from models.errors import QingchaError, StoreRefused, reason_of
from models.language import N_, _, lasting, listed
from models.store import health
from models.store.clock import Clock
from models.store.database import refuse_unsafe_sqlite
from models.store.lookup import last_of
from models.store.signer import Signer
from sync.checkpoint import CheckpointRefused, open_checkpoint
from sync.server import erasing, factors, healed, room, two_persons
from sync.server.central import KEY_FILES, Central, has_database
from sync.server.settings import Settings
from sync.server.storage import SILENT, is_silent
from sync.server.tables import Account, Blob, SignedHead, Upload

_PILLOW = (13, 0)
_OPENSSL = (3, 0)
"""Versions below these have known holes, or lack what is used (docs/dependencies.md)."""
_OLD = N_("{found} is too old: {wanted} or later is needed.")
_MISSING = N_("{file} is missing.")
_CLOCK_MS = 60_000
"""So far a clock may be behind the time of the newest signed head."""
TITLES = {
    "versions": N_("SQLite, OpenSSL and Pillow are of versions that may be trusted"),
    "keys": N_("the keys are there, fit, and nobody else can read them"),
    "database": N_("the database file is whole"),
    "log": N_("the log, computed anew, is what was signed"),
    "end": N_("the database is not older than what was signed"),
    "chains": N_("every entry fits its hash, its chain and its signature"),
    "rows": N_("the rows are what the entries give"),
    "files": N_("every file that was received is here"),
    "redacted": N_("what orders took out is gone"),
    "uploads": N_("of every file on its way there is what was acknowledged"),
    "people": N_("who receives and who decides is asked for a code as server.toml has it"),
    "restored": N_("what a restore undid is back from the notebooks"),
    "disk": N_("the disk has room"),
    "clock": N_("the clock is not behind what was signed"),
}
"""What each check makes sure of."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    """A key of `TITLES`."""
    problems: tuple[str, ...]
    """What is wrong; empty when nothing is."""
    notes: tuple[str, ...] = ()
    """What is as it may be, and worth knowing."""


def examine(folder: Path, *, hash_files: bool = False, clock: Clock | None = None) -> list[Check]:
    """Look at everything.

    Args:
        hash_files: read every file whole and compare its hash; otherwise its size only.

    Raises:
        StoreRefused: when there is no server in the folder.
    """
    if not has_database(folder):
        raise StoreRefused(N_("There is no server in this folder. Make one with: qingcha admin init"))
    found = [_looked("versions", _versions), _looked("disk", lambda: _disk(folder))]
    try:
        Signer.from_private_bytes((folder / "server.key").read_bytes())
    except (OSError, ValueError) as error:  # without it nothing else is opened
        reason = reason_of(error) if isinstance(error, OSError) else error
        return [*found, Check("keys", (f"server.key: {reason}",))]
    try:
        opened = Central.open(folder, clock=clock, restored=True, checked=False)
    except Exception as error:  # whatever SQLite makes of the damage
        return [*found, Check("database", (_words(error),))]
    with closing(opened) as central:
        for name, look in {
            "keys": lambda: _keys(central),
            "database": lambda: health.file_problems(central),
            "log": lambda: _nothing_said(central.recheck),
            "end": lambda: _nothing_said(central.refuse_older),
            "chains": lambda: health.chain_problems(central),
            "rows": lambda: health.projection_problems(central),
            "files": lambda: _files(central, hash_files),
            "redacted": lambda: _redacted(central),
            "uploads": lambda: _uploads(central),
            "people": lambda: _people(central),
            "restored": lambda: _restored(central),
            "clock": lambda: _clock(central),
        }.items():
            found.append(_looked(name, look))
            if name == "people" and not found[-1].problems:
                found[-1] = replace(found[-1], notes=tuple(_about_people(central)))
    return sorted(found, key=lambda check: list(TITLES).index(check.name))


def _looked(name: str, look: Callable[[], Iterable[str]]) -> Check:
    found: list[str] = []
    try:
        found.extend(look())
    except Exception as error:  # a broken table stops this look, not the next; what was found stays
        found.append(_words(error))
    return Check(name, tuple(found))


def _words(error: Exception) -> str:
    return error.text() if isinstance(error, QingchaError) else f"{type(error).__name__}: {error}"


def _nothing_said(promise: Callable[[], object]) -> list[str]:
    promise()
    return []


def _versions() -> Iterator[str]:
    refuse_unsafe_sqlite(sqlcipher.sqlite_version_info)
    if ssl.OPENSSL_VERSION_INFO[:2] < _OPENSSL:
        yield _(_OLD).format(found=ssl.OPENSSL_VERSION, wanted=_dotted(_OPENSSL))
    if tuple(int(part) for part in PIL.__version__.split(".")[:2]) < _PILLOW:
        yield _(_OLD).format(found=f"Pillow {PIL.__version__}", wanted=_dotted(_PILLOW))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _keys(central: Central) -> Iterator[str]:
    there = True
    for name, wanted in KEY_FILES.items():
        path = central.folder / name
        if not path.is_file():
            there = False
            yield _(_MISSING).format(file=name)
        elif os.name == "posix" and path.stat().st_mode & 0o777 & ~wanted:
            yield _("Others can read {file}: it has the mode {mode}. Run: chmod {wanted} {path}").format(
                file=name, mode=f"{path.stat().st_mode & 0o777:o}", wanted=f"{wanted:o}", path=path
            )
    newest = _newest(central)
    if newest is not None:
        try:
            open_checkpoint(newest.note, public_key=central.public_key_der)
        except CheckpointRefused as reason:
            yield f"server.key: {reason}"
    if there:
        central.certificate_for(central.public_key_der, central.device)


def _newest(central: Central) -> SignedHead | None:
    with central:
        return last_of(SignedHead, "size")


def _files(central: Central, hash_files: bool) -> Iterator[str]:
    if is_silent(central.vault):
        yield _(SILENT).format(files=Settings.read(central.folder).files)
        return
    with central:
        kept = [(row.sha256, row.size) for row in Blob.select().order_by(Blob.sha256)]
    for sha256, size in kept:
        here = central.vault.size_of(sha256)
        if here is None:
            yield _(_MISSING).format(file=sha256)
        elif here != size:
            yield _("{file} is not as long as it was: {here} and not {size} bytes.").format(
                file=sha256, here=here, size=size
            )
        elif hash_files and central.vault.verify(sha256) != "kept":
            yield _("{file} was changed: its content has another SHA-256.").format(file=sha256)


def _uploads(central: Central) -> Iterator[str]:
    with central:
        begun = [(row.name, row.offset) for row in Upload.select()]
    for name, offset in begun:
        path = central.folder / "spool" / name
        here = path.stat().st_size if path.is_file() else 0
        if here < offset:
            yield _("{file}: {here} of the {offset} bytes that were acknowledged are here.").format(
                file=name, here=here, offset=offset
            )


def _people(central: Central) -> Iterator[str]:
    if problem := two_persons.problem(central):
        yield problem
    if undone := factors.undone(central):
        yield _(
            "Second factors that were given, changed or taken away after the backup that was put back: "
            "{names}. They stand as they were before: give them anew with qingcha admin factor, or take them "
            "away."
        ).format(names=listed(undone))


def _about_people(central: Central) -> Iterator[str]:
    having = factors.holders(central)
    with central:
        active = [row.officer for row in Account.select(Account.officer).where(Account.active)]
    if lacking := sum(each not in having for each in active):
        yield _(
            "Active accounts that are asked for no code at a sync: {count} of {all}. qingcha admin factor "
            "gives one person a second factor."
        ).format(count=lacking, all=len(active))
    if not central.settings.two_persons:
        yield _("One person alone revokes and redacts: two_persons is not switched on in server.toml.")


def _redacted(central: Central) -> Iterator[str]:
    """What an order took out and a stop, or somebody who was reading, left."""
    if erasing.is_unclean(central):
        yield _(
            "The database's file may still hold bytes of what an order took out. Run: "
            "qingcha admin redact {folder}"
        ).format(folder=central.folder)
    for sha256 in erasing.left(central, settled=healed.is_settled(central)):
        yield _(
            "{file} is still here though an order took it out. Run: qingcha admin redact {folder}"
        ).format(file=sha256, folder=central.folder)


def _restored(central: Central) -> Iterator[str]:
    standing = healed.standing(central).get("restored", {})
    if "note" in standing:
        yield _("Laptops that have not synchronised since the restore: {count}.").format(
            count=standing["devices_to_come"]
        )
        yield standing["note"]


def _disk(folder: Path) -> Iterator[str]:
    free = room.free(folder)
    if free < room.LOW:
        yield _(
            "{free} MB are left, less than {low} MB. Make room: below {kept} MB files are refused and wait "
            "on the laptops, and when the disk is full, entries."
        ).format(free=free >> 20, low=room.LOW >> 20, kept=room.kept(folder) >> 20)


def _clock(central: Central) -> Iterator[str]:
    newest = _newest(central)
    behind = newest.signed_at - central.clock.wall_ms() if newest is not None else 0
    if behind > _CLOCK_MS:
        yield _(
            "The clock is {amount} behind what was signed last. Set it: receipts would bear times before "
            "those already signed."
        ).format(amount=lasting(behind))
