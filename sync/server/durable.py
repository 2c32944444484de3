"""How far the off-site backup reaches: entries up to a cursor, and the files in it (levels 3 of a receipt).

Only a backup that was looked through counts, and only by the operator's word that it is kept elsewhere. A
restored server knows of no backup made after the one that it came from, so the level falls back by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import BadInput
from models.language import N_
from models.store import schema
from models.store.backup import BackedUp
from models.store.database import run_many
from models.store.lookup import row_of
from sync.server.backup import back_up
from sync.server.central import DATABASE, Central
from sync.server.tables import Blob, DurableFile, OffSite

_FILE = schema.upsert("durable_file", ("sha256",), ("sha256",))


@dataclass(frozen=True, slots=True)
class Declared:
    """What counts as kept elsewhere."""

    entries: int
    files: int
    missing: tuple[str, ...] = ()
    """SHA-256 of files that the backup should have and has not whole."""


def declare(server: Path, backup: Path) -> Declared:
    """Look through a backup of this server, every file of it, and note that it is kept elsewhere.

    Raises:
        BadInput: it is none, or of another life of the log.
        StoreRefused: there is no server, or the backup is not what was signed.
    """
    if backup.resolve() == server.resolve():
        raise BadInput(N_("This is the server's own folder. Name the copy that is kept elsewhere."))
    if not (backup / DATABASE).is_file():
        raise BadInput(N_("There is no backup of a server in {folder}."), folder=str(backup))
    with closing(Central.open(server)) as central, closing(Central.open(backup, restored=True)) as copy:
        size = copy.recheck()
        if copy.device != central.device or copy.root_at(size) != central.root_at(size):
            raise BadInput(
                N_("{folder} is no backup of this server as it is now. Make one with: qingcha backup"),
                folder=str(backup),
            )
        with copy:
            named = [row.sha256 for row in Blob.select(Blob.sha256).order_by(Blob.sha256)]
        missing = tuple(sha256 for sha256 in named if copy.vault.verify(sha256) != "kept")
        _note(central, size, sorted(set(named) - set(missing)))
        return Declared(size, len(named) - len(missing), missing)


def back_up_off_site(server: Path, target: Path, *, everything: bool = False) -> BackedUp:
    """Make a backup where it is kept elsewhere, and declare it.

    Args and errors as `back_up`; as all of it is read, what rotted in it since is copied anew at once.
    """
    made = back_up(server, target, everything=everything)
    if {*declare(server, target).missing} - {*made.missing}:
        again = back_up(server, target, everything=True)
        new, mended = made.new_files + again.new_files, made.mended + again.mended
        made = replace(again, new_files=new, mended=mended)
        declare(server, target)
    return made


def withdraw(server: Path) -> Declared:
    """Note that no backup is kept elsewhere any more.

    Raises:
        StoreRefused: there is no server.
    """
    with closing(Central.open(server)) as central:
        _note(central, 0, [])
    return Declared(0, 0)


def _note(central: Central, cursor: int, files: Sequence[str]) -> None:
    with central.writing():
        OffSite.delete().execute()
        DurableFile.delete().execute()
        # a random name, not a number: a number would come again after a restore
        OffSite.create(name=secrets.token_hex(8), cursor=cursor, noted_at=central.clock.wall_ms())
        run_many(_FILE, [(sha256,) for sha256 in files])


def ask_anew(central: Central) -> None:
    """Have every notebook ask after all its files, as after another backup; call in a write."""
    name = secrets.token_hex(8)
    if not OffSite.update(name=name).execute():
        OffSite.create(name=name, cursor=0, noted_at=central.clock.wall_ms())


def standing(central: Central) -> tuple[int, str]:
    """The last cursor that is in the off-site backup, and its name; 0 and "" where there is none."""
    with central:
        row = row_of(OffSite)
    return (row.cursor, row.name) if row is not None else (0, "")


def holds(sha256: str) -> bool:
    """Whether a file is in the off-site backup; asked with the server's seat bound."""
    return row_of(DurableFile, sha256=sha256) is not None
