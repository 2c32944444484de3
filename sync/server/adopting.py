"""Files that lie there whole and that nobody may open, as nobody has shown that they had them.

After a restore of the database alone a file that came since is in the storage, and the database does not know
whose it is. Its laptop says so at its next sync, or sends it again; where that laptop is lost, the
administrator looks at what names the file and says that it is so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadInput
from models.language import N_
from models.registry import queries
from models.store.database import run
from models.store.journal import PUT_ASIDE
from sync.server import people, uploads
from sync.server.central import Central
from sync.server.people import person
from sync.server.settings import Settings
from sync.server.storage import told_of_storage

_NAMED = (
    "SELECT u.sha256, e.device, e.seq FROM file_use u JOIN entry e ON e.cursor = u.cursor"
    " WHERE e.state != ? AND u.sha256 NOT IN (SELECT sha256 FROM blob)"
    " AND u.sha256 NOT IN (SELECT r.of FROM redacted r WHERE r.body = 'file') ORDER BY u.cursor"
)


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A file that nobody has shown to have had, and a person's first entry in effect that names it."""

    sha256: str
    size: int
    """Bytes."""
    officer: str
    """The account of who wrote that entry; "" where their device is not known."""
    name: str
    unit: str
    record_kind: str
    record: str
    at: int
    """When, by the device, ms since 1970 UTC."""


def unclaimed(server: Path) -> list[Unclaimed]:
    """What there is of them, for each person who names one, in the order of the log.

    Raises:
        StoreRefused: there is no server, or its storage does not answer.
    """
    with closing(Central.open(server)) as central, told_of_storage(Settings.read(server).files):
        return list(_found(central))


def adopt(server: Path, hashes: Collection[str], *, of: str = "") -> list[Unclaimed]:
    """Let them be files of who names each: their readers may open them from now on.

    Each is read whole before.

    Args:
        hashes: SHA-256 in hex, or the beginning of one.
        of: whose they are, where several people name one: certificate number, name or record id.

    Raises:
        BadInput: one is none of them, or more than one, or is named by several people or not by that one, or
            its bytes are not whole; then nothing is changed.
        StoreRefused: as `unclaimed`.
    """
    with closing(Central.open(server)) as central, told_of_storage(Settings.read(server).files):
        owner = person(central, of) if of else ""
        found = [each for each in _found(central) if not owner or each.officer == owner]
        chosen = [_chosen(found, each) for each in dict.fromkeys(hashes)]
        for each in chosen:
            if central.vault.verify(each.sha256) != "kept":
                raise BadInput(
                    N_("The file {hash} is damaged in the storage. Nothing was changed."), hash=each.sha256
                )
        with central.writing():
            for each in chosen:
                uploads.keep_row(central, each.sha256, each.size, each.officer or None)
        return chosen


def _chosen(found: list[Unclaimed], asked: str) -> Unclaimed:
    fitting = [each for each in found if each.sha256.startswith(asked.lower())]
    if len({each.sha256 for each in fitting}) == 1 < len(fitting):
        raise BadInput(N_("Several people name {hash}. Say with --of whose it is."), hash=fitting[0].sha256)
    if len(fitting) != 1:
        raise BadInput(
            N_(
                "{hash} is not the beginning of exactly one of them. 'qingcha admin adopt FOLDER' lists them."
            ),
            hash=asked,
        )
    return fitting[0]


def _found(central: Central) -> Iterator[Unclaimed]:
    with central:
        named = run(_NAMED, (PUT_ASIDE,)).fetchall()
        rows = {(device, seq): central.journal.at(device, seq) for _, device, seq in named}
        writers = {device: people.officer_of(device) or "" for _, device, _ in named}
    sizes = {sha256: central.vault.size_of(sha256) for sha256 in dict.fromkeys(each[0] for each in named)}
    seen: set[tuple[str, str]] = set()
    for sha256, device, seq in named:
        row, size, writer = rows[device, seq], sizes[sha256], writers[device]
        if row is None or size is None or (sha256, writer) in seen:
            continue
        seen.add((sha256, writer))
        officer = queries.officer(central, writer) if writer else None
        name = (officer.name if officer is not None else "") or ""
        unit = row.unit or ""
        yield Unclaimed(sha256, size, writer, name, unit, row.record_kind, row.record, row.entry().time)
