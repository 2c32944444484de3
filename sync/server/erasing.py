"""What else of the server holds content that an order takes out: who may read its files, segments, the files
themselves, and what the database's file still has of rows that were replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.store.database import run_many
from models.store.entry import Entry
from models.store.orders import Order
from models.store.redacting import files_ordered
from sync import erasing
from sync.server.settings import Settings
from sync.server.storage import is_silent, told_of_storage
from sync.server.tables import AlsoSent, Blob, FileUse, Segment, ToldRecord, Upload

if TYPE_CHECKING:
    from sync.server.central import Central

SNAPSHOTS = "snapshots"
"""The folder of the log's segments."""
_UNCLEAN = "unclean"
"""Key of the fact that the database's file may still hold bytes of what was taken out."""
_FORGET_USE = (
    "DELETE FROM file_use WHERE cursor IN (SELECT cursor FROM entry WHERE device = ? AND seq = ?"
    " AND cursor IS NOT NULL)"
)


def follow(central: Central, orders: Collection[Order], gone: Sequence[Entry]) -> None:
    """Take out what new orders name beyond the journal, within their write.

    Args:
        gone: entries as they were before their content was taken out.
    """
    erasing.note(central, orders, gone)
    run_many(_FORGET_USE, [(each.parsed_head.d, each.parsed_head.q) for each in gone])
    if gone:
        _drop_segments(central.folder, {unit for each in gone for unit in _units_of(each)})
        central.set_meta(**{_UNCLEAN: "1"})


def _units_of(entry: Entry) -> list[str]:
    head = entry.parsed_head
    told = ToldRecord.select(ToldRecord.unit).where(
        (ToldRecord.record == head.e) & (ToldRecord.kind == head.t)
    )
    return [head.sc, *(row.unit for row in told)]


def _drop_segments(folder: Path, units: Collection[str]) -> None:
    """Let go of all segments of some units, which are made anew when they are asked for."""
    for row in Segment.select(Segment.sha256).where(Segment.unit.in_(sorted(units))):
        (folder / SNAPSHOTS / row.sha256).unlink(missing_ok=True)
    Segment.delete().where(Segment.unit.in_(sorted(units))).execute()


def erase_files(central: Central) -> None:
    """Remove the files that orders took out, after their commit.

    Raises:
        StoreRefused: the disk refuses, or the storage does not answer; what is left stays noted.
    """
    with told_of_storage(Settings.read(central.folder).files):
        erasing.erase(central, lambda sha256, whoever: _remove(central, sha256, whoever))


def left(central: Central, *, settled: bool) -> list[str]:
    """Files that are to go and have not gone yet; of a storage that does not answer, those that were noted.

    Args:
        settled: as `note_lying`.
    """
    with central:
        noted = erasing.waiting(central)
    return list(noted if is_silent(central.vault) else noted | _lying(central, settled))


def note_lying(central: Central, *, settled: bool) -> None:
    """Note that what orders took out is to go where it lies in the storage all the same.

    So it does after database and files were put back from different days.

    Args:
        settled: whether all notebooks have come since a restore. Until then one may bring back an entry that
            names such a file: only what goes whoever names it is sure to go.

    Raises:
        StoreRefused: the storage does not answer.
    """
    with told_of_storage(Settings.read(central.folder).files):
        going = _lying(central, settled)
    with central.writing():
        erasing.note_files(central, going)


def _lying(central: Central, settled: bool) -> dict[str, bool]:
    out = _taken_out(central)
    return {
        each: whoever for each, whoever in out.items() if (whoever or settled) and central.vault.has(each)
    }


def taken_out(central: Central) -> set[str]:
    """The files that orders took out: no entry of which the content is here names them, or they went whoever
    does."""
    return {*_taken_out(central)}


def _taken_out(central: Central) -> dict[str, bool]:
    with central:
        ordered = files_ordered(central.journal)
        named = {row.sha256 for row in FileUse.select().where(FileUse.sha256.in_(sorted(ordered)))}
    return {each: whoever for each, whoever in ordered.items() if whoever or each not in named}


def _remove(central: Central, sha256: str, whoever: bool) -> None:
    with central.uploading(sha256):  # who is sending it again meanwhile waits, and then sends it
        with central:
            named = FileUse.select().where(FileUse.sha256 == sha256).exists()
        if whoever or not named:
            central.vault.erase(sha256)
            with central.writing():
                _forget_file(central, sha256)


def _forget_file(central: Central, sha256: str) -> None:
    for table in (Blob, AlsoSent):
        table.delete().where(table.sha256 == sha256).execute()
    begun = [row.name for row in Upload.select(Upload.name).where(Upload.name.startswith(sha256))]
    for name in begun:
        (central.folder / "spool" / name).unlink(missing_ok=True)
        Upload.delete().where(Upload.name == name).execute()


def is_unclean(central: Central) -> bool:
    """Whether the database's file may still hold bytes of what was taken out."""
    return central.latest(_UNCLEAN) is not None


def clean(central: Central) -> bool:
    """Write the database's file anew, without what it has of rows that were replaced; whether it was done.

    Another process that reads for long, as a backup, keeps the file of before: then it is to be done again.
    """
    if not is_unclean(central):
        return True
    done = central.rewrite()
    if done:
        with central.writing():
            central.set_meta(**{_UNCLEAN: None})
    return done
