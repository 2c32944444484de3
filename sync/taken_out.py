"""What else of a notebook has content that an order takes out: evidence of former chains, files."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Sequence

from models.store import schema
from models.store.database import run
from models.store.entry import Entry, is_withheld
from models.store.orders import Name, Order, digest_of, without_content
from models.store.seat import Seat
from sync import erasing
from sync.files import files_named
from sync.tables import Displaced, FileRow, FileUse, FormerChain

_NAMING = "SELECT prev, head, body, signature, hash FROM entry WHERE INSTR(body, ?) > 0"

_USES = (
    "SELECT u.seq, e.body FROM sync_file_use u JOIN entry e ON e.device = ? AND e.seq = u.seq"
    " WHERE u.sha256 = ?"
)


def obey(seat: Seat) -> None:
    """Have what comes after follow each order that reaches this notebook."""
    seat.erasers["sync"] = lambda orders, gone, closed: follow(seat, orders, gone, closed)


def follow(seat: Seat, orders: Collection[Order], gone: Sequence[Entry], closed: Collection[str]) -> None:
    """Take out what new orders name beyond the journal, within their write.

    Args:
        gone: entries as they were before their content was taken out.
        closed: records of which nothing that others wrote is to stay.
    """
    names = {order.name for order in orders if not order.only_files}
    erasing.note(seat, orders, [*gone, *_of_former_chains(names), *_displaced(names, closed)])


def _of_former_chains(names: Collection[Name]) -> list[Entry]:
    """Strip what is kept as evidence of chains that this notebook left; what was stripped."""
    stripped: list[Entry] = []
    for row in FormerChain.select():
        lines: list[list[str]] = json.loads(row.evidence)
        changed = False
        for line in lines:
            entry = _read(base64.b64decode(line[1]), base64.b64decode(line[0]))
            if _is_named(entry, names):
                stripped.append(entry)
                line[1] = base64.b64encode(without_content(entry).line()).decode()
                changed = True
        if changed:
            FormerChain.update(evidence=json.dumps(lines)).where(FormerChain.id == row.id).execute()
    return stripped


def _displaced(names: Collection[Name], closed: Collection[str]) -> list[Entry]:
    stripped: list[Entry] = []
    for row in Displaced.select():
        entry = _read(bytes(row.line), bytes(row.prev))
        if _is_named(entry, names) or entry.parsed_head.e in closed:
            stripped.append(entry)
            line = without_content(entry).line()
            Displaced.update(line=line).where(Displaced.hash == row.hash).execute()
    return stripped


def _read(line: bytes, prev: bytes) -> Entry:
    return Entry.of_line(line.rstrip(b"\n"), prev)


def _is_named(entry: Entry, names: Collection[Name]) -> bool:
    digest = digest_of(entry.body)
    return (entry.uid, digest) in names or (entry.hash.hex(), digest) in names


def erase_files(seat: Seat) -> None:
    """Remove the files that orders took out and that nothing readable here names.

    Raises:
        StoreRefused: the disk refuses; they go at the next synchronisation.
    """
    erasing.erase(seat, lambda sha256, whoever: _remove(seat, sha256, whoever))


def _remove(seat: Seat, sha256: str, whoever: bool) -> None:
    with seat.writing():  # nothing is written meanwhile that names it
        if whoever or not _is_readable(sha256):
            seat.vault.erase(sha256)
            for table in (FileRow, FileUse):
                table.delete().where(table.sha256 == sha256).execute()
        else:
            _unlist(seat, sha256)


def _unlist(seat: Seat, sha256: str) -> None:
    """A file that stays for another's sake, and that no own entry names any more, has not to travel."""
    rows = run(_USES, (seat.device, sha256)).fetchall()
    named = [seq for seq, body in rows if not is_withheld(bytes(body))]
    if len(named) == len(rows):
        return
    FileUse.delete().where(FileUse.sha256 == sha256, FileUse.seq.not_in(named)).execute()
    if named:
        schema.change(FileRow, {"sha256": sha256}, seq=min(named))
    else:
        FileRow.delete().where(FileRow.sha256 == sha256).execute()


def _is_readable(sha256: str) -> bool:
    """Whether an entry whose content is here names a file."""
    found = (Entry(*row) for row in run(_NAMING, (sha256.encode(),)).fetchall())
    return any(file.sha256 == sha256 for entry in found for file in files_named(entry))
