"""Files that the storage lost though the database knows them: a listing finds them, laptops send them again.

No call asks for that: a probe names hundreds of files, and a bucket would be asked for each.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from models.store.database import run_many
from sync.server import durable
from sync.server.central import Central
from sync.server.settings import Settings
from sync.server.storage import told_of_storage
from sync.server.tables import Blob

_MARK = "UPDATE blob SET lost_at = ? WHERE sha256 = ?"


def resend(server: Path) -> tuple[str, ...]:
    """Mark the files that are gone, so that who sent them sends them again; unmark those that are back.

    Every notebook asks after all its files at its next sync where any is gone.

    Returns:
        SHA-256 of those that are gone.

    Raises:
        StoreRefused: there is no server, or its storage does not answer: then nothing counts as gone.
    """
    with closing(Central.open(server)) as central:
        with told_of_storage(Settings.read(server).files):
            gone = [each for number in range(256) for each in _look(central, f"{number:02x}")]
        if gone:
            with central.writing():
                durable.ask_anew(central)
        return tuple(gone)


def _look(central: Central, shelf: str) -> list[str]:
    """The files that are gone of those that begin with two digits: a country's are not listed at once."""
    with central:  # before the listing: a file is in its place before its row is written
        rows = Blob.select(Blob.sha256, Blob.lost_at).where(Blob.sha256.between(shelf, f"{shelf}g"))
        known = {row.sha256: row.lost_at for row in rows}
    if not known:
        return []
    there = set(central.vault.hashes(shelf))
    # once more by name: one may have been sent again meanwhile
    gone = sorted(each for each in known.keys() - there if not central.vault.has(each))
    back = [each for each in known.keys() & there if known[each] is not None]
    if gone or back:
        now = central.clock.wall_ms()
        with central.writing():
            run_many(_MARK, [*((now, each) for each in gone), *((None, each) for each in back)])
    return gone
