"""Evidence files on their way in: offset uploads in the form of the IETF resumable-upload draft.

A file may be sent by a device whose logged entry names it. Bytes lie in the spool until the whole file
has the hash that it is named by; only then is it moved to its place and its row written.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from models.registry import access
from models.store import schema
from models.store.database import run, unhurried
from models.store.digests import is_sha256
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.lookup import row_of, rows_of
from models.store.redacting import is_file_out
from sync.problems import Problem
from sync.receipts import ReceiptRefused, check_file_receipt, sign_file_receipt
from sync.server import durable, people, quarantine, room
from sync.server.central import Central
from sync.server.people import Caller
from sync.server.storage import Stored
from sync.server.tables import AlsoSent, Blob, FileUse, Upload
from sync.wire import Limits

_RESTS_MS = 15 * 60_000
"""An unfinished upload to which nothing was added for so long does not count among those under way."""
# by who sent it, not by what is here: what another one sent is to look as what is not there
_WANTED = (
    "SELECT DISTINCT u.sha256 FROM file_use u WHERE u.device = ? AND NOT EXISTS (SELECT 1 FROM blob b"
    " WHERE b.sha256 = u.sha256 AND b.lost_at IS NULL AND (b.sender = ? OR EXISTS"
    " (SELECT 1 FROM also_sent s WHERE s.sha256 = u.sha256 AND s.officer = ?)))"
    " AND NOT EXISTS (SELECT 1 FROM redacted r WHERE r.of = u.sha256 AND r.body = 'file') LIMIT ?"
)
# of any device of the person: a notebook goes on under another key (R6), and after a restore (R8) its
# files may be nowhere else
_NAMED = (
    "SELECT 1 FROM file_use u JOIN device d ON u.device = d.id WHERE u.sha256 = ? AND d.officer = ? LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class FileState:
    """How much of a file is here."""

    sha256: str
    state: str
    """absent, partial or complete; absent also where the caller has not shown that they have it."""
    offset: int
    length: int | None

    def as_dict(self, central: Central) -> dict[str, Any]:
        """For JSON, with the server's receipt when the file is here whole."""
        found: dict[str, Any] = {"sha256": self.sha256, "state": self.state, "offset": self.offset}
        if self.state == "complete":
            found["receipt"] = receipt(central, self.sha256, self.offset)
            with central:
                found["durable"] = durable.holds(self.sha256)
        return found


def receipt(central: Central, sha256: str, size: int) -> str:
    """The signed word that a file is here whole."""
    return sign_file_receipt(
        central.origin,
        sha256,
        size,
        central.clock.wall_ms(),
        public_key=central.public_key_der,
        sign=central.sign,
    )


def wanted(central: Central, caller: Caller, limit: int = 500) -> list[str]:
    """Files that entries of this device name and that its person has not sent; probe tells which are here."""
    asked = (caller.device, caller.officer, caller.officer, limit)
    with central:
        return [sha256 for (sha256,) in run(_WANTED, asked).fetchall()]


def state(central: Central, caller: Caller, sha256: str) -> FileState:
    """How much of a file is here.

    Raises:
        Problem: not-found, for a file that the caller has no business with.
    """
    _allow_sending(central, caller, sha256)
    return _standing(central, caller, sha256)


def found(central: Central, caller: Caller, sha256: str, receipt: str = "") -> FileState:
    """As `state`; what lies there whole and is younger than the database has its row again (R8).

    Args:
        receipt: the server's word of a former life of the log that it has the file, where the caller shows
            it: given only to who had a right to the file, it is as good as sending it once more.
    """
    known = state(central, caller, sha256)
    if known.state == "complete":
        return known
    shown = _is_ours(central, sha256, receipt)
    with central:
        known_here = row_of(Blob, sha256=sha256) is not None
    if not (shown or known_here) or central.vault.size_of(sha256) is None:
        return known  # who names it first has not shown that they have it
    with central.uploading(sha256):  # whoever is just sending it notes that they had it
        with central:
            blob = row_of(Blob, sha256=sha256)
        here = _is_here(blob, central)
        size = None if here else central.vault.size_of(sha256)
        # one that was put back from a backup is its sender's
        if not here and (size is None or central.vault.verify(sha256) != "kept"):
            return known
        _note(central, caller, sha256, blob, kept=size, had=shown)
        return _standing(central, caller, sha256)


def _is_ours(central: Central, sha256: str, receipt: str) -> bool:
    try:
        check_file_receipt(receipt, sha256, origin=central.origin, public_key=central.public_key_der)
    except ReceiptRefused:
        return False
    return True


def _standing(central: Central, caller: Caller, sha256: str) -> FileState:
    with central:
        blob = row_of(Blob, sha256=sha256)
        if _is_here(blob, central) and _had_by(caller, blob):
            return FileState(sha256, "complete", blob.size, blob.size)
        upload = row_of(Upload, name=name_of(sha256, caller))
    spool = _spool(central, sha256, caller)
    if upload is None or not spool.exists():
        return FileState(sha256, "absent", 0, None)
    # less than was noted where another machine's spool or that of before a restore has the rest
    return FileState(sha256, "partial", min(upload.offset, spool.stat().st_size), upload.length)


def append(
    central: Central,
    caller: Caller,
    sha256: str,
    *,
    offset: int,
    length: int,
    complete: bool,
    data: bytes,
    limits: Limits,
    digest: str = "",
) -> FileState:
    """Take the next bytes of a file; the last ones finish it.

    Args:
        offset: where the bytes belong; must be where the file stands here.
        length: of the whole file.
        complete: whether these are the last bytes.
        digest: SHA-256 of these bytes, hex, where it is known.

    Raises:
        Problem: mismatching-upload-offset, digest-mismatch, too-large, too-many, disk-full, not-found; of a
            revoked device also quota and too-late.
    """
    if not 0 <= length <= limits.file or len(data) > limits.chunk_most:
        raise Problem("too-large", limits=limits.as_dict())
    _allow_sending(central, caller, sha256)  # before the lock, which takes a hash by its digits
    with central.uploading(sha256):
        _allow_sending(central, caller, sha256)  # an order may have taken it out while this waited
        known = _standing(central, caller, sha256)
        if known.state == "complete":
            return known
        quarantine.refuse_file_beyond_quota(central, caller, name_of(sha256, caller), length)
        if known.offset != offset or known.length not in (None, length):
            raise Problem("mismatching-upload-offset", offset=known.offset)
        end = offset + len(data)
        if end > length or complete != (end == length):
            raise Problem("bad-request", "the length does not fit the bytes")
        room.refuse_file(central.folder, length - offset)
        if not complete:
            _refuse_too_many(central, caller, sha256, limits)
        spool = _spool(central, sha256, caller)
        _put(spool, offset, data)
        if not complete:
            _remember(central, caller, sha256, length, end)
            return FileState(sha256, "partial", end, length)
        _finish(central, caller, sha256, spool, length, digest if offset == 0 else "")
        return FileState(sha256, "complete", length, length)


def put(
    central: Central, caller: Caller, sha256: str, data: bytes, limits: Limits, digest: str = ""
) -> FileState:
    """Take a small file whole, whatever part of it is here already. Errors as `append`."""
    known = state(central, caller, sha256)
    if known.state == "partial":
        quarantine.refuse_file_beyond_quota(central, caller, name_of(sha256, caller), len(data))
        with central.uploading(sha256), central.writing():
            Upload.delete().where(Upload.name == name_of(sha256, caller)).execute()
    return append(
        central,
        caller,
        sha256,
        offset=0,
        length=len(data),
        complete=True,
        data=data,
        limits=limits,
        digest=digest,
    )


def readable(central: Central, caller: Caller, sha256: str) -> Path | Stored:
    """Where a file lies that the caller may read.

    They may where an entry in effect names it that they may read. Those of the person who sent it count: a
    hash stands on paper for all to see, so naming it, first or later, gives no right to the content, nor
    hands one on, unless whoever does so may read the file already.

    Raises:
        Problem: not-found, when it is not here or the caller may read no entry that names it; the two look
            the same.
    """
    if not is_sha256(sha256) or caller.revoked:
        raise Problem("not-found")
    with central:
        blob = row_of(Blob, sha256=sha256)
        # where it is not here as much is asked: the two are to take as long
        mine = any(_reads(caller, use) for use in counting(sha256, blob))
    if not mine or blob is None:
        raise Problem("not-found")
    given: Path | Stored = central.vault.given(sha256)
    return given


def _is_here(blob: Blob | None, central: Central) -> TypeGuard[Blob]:
    """Whether a file that the database knows has not been lost since."""
    return blob is not None and blob.lost_at is None and not central.vault.lost(blob.sha256)


def _had_by(caller: Caller, blob: Blob) -> bool:
    """Whether a person has a right to a file, or sent it: who has neither sends it, too, and so shows it."""
    too = row_of(AlsoSent, sha256=blob.sha256, officer=caller.officer) is not None
    return (
        blob.sender == caller.officer
        or too
        or any(_reads(caller, use) for use in counting(blob.sha256, blob))
    )


def counting(sha256: str, blob: Blob | None) -> list[EntryRow]:
    """The entries in effect that name a file and whose writer had a right to it.

    Args:
        blob: who sent it first; where that was not noted, the first entry that names it counts.
    """
    senders = {row.officer for row in rows_of(AlsoSent, "officer", sha256=sha256)}
    uses = EntryRow.select().join(FileUse, on=(EntryRow.cursor == FileUse.cursor))
    named = uses.where((FileUse.sha256 == sha256) & (EntryRow.state != PUT_ASIDE))
    others = list(named.order_by(FileUse.cursor))
    first = {blob.sender} if blob is not None and blob.sender else set()
    by_senders = [use for use in others if people.officer_of(use.device) in first | senders]
    found = by_senders if first else list(dict.fromkeys([*others[:1], *by_senders]))
    handed_on = found
    while handed_on:
        others = [use for use in others if use not in handed_on]
        handed_on = [use for use in others if _had(use, found)]
        found = found + handed_on
    return found


def _had(use: EntryRow, counting: list[EntryRow]) -> bool:
    """Whether who wrote an entry may read the file by another one that counts."""
    writer = people.caller_here(use.device)  # none: the server itself
    return writer is None or any(_reads(writer, each) for each in counting)


def _reads(caller: Caller, use: EntryRow) -> bool:
    """Whether a person may read the content of an entry; all that they wrote they may."""
    if use.device == caller.device or people.officer_of(use.device) == caller.officer:
        return True
    return caller.reads(use) and access.may_read(caller.may, use.record_kind)


def _allow_sending(central: Central, caller: Caller, sha256: str) -> None:
    if not is_sha256(sha256):
        raise Problem("not-found")
    with central:
        named = run(_NAMED, (sha256, caller.officer)).fetchone()
        out = is_file_out(sha256)
    if named is None or out:
        raise Problem(
            "not-found", "no entry of this person's devices names the file, or an order took it out"
        )


def _refuse_too_many(central: Central, caller: Caller, sha256: str, limits: Limits) -> None:
    with central:
        # one that rests may rest for ever, where its file was damaged on the laptop meanwhile
        moving = Upload.updated_at > central.clock.wall_ms() - _RESTS_MS
        other = Upload.name != name_of(sha256, caller)
        others = Upload.select().where((Upload.device == caller.device) & other & moving)
        count = others.count()
    if count >= limits.uploads:
        raise Problem("too-many", "finish another upload first", retry_after=5)


def name_of(sha256: str, caller: Caller) -> str:
    """The name of what a person sent of a file so far.

    Who adds the end to what another one sent has not shown that they have it; and two who send the same file
    at the same time must not begin each other's anew.
    """
    return f"{sha256}-{hashlib.sha256(caller.officer.encode()).hexdigest()[:16]}"


def _spool(central: Central, sha256: str, caller: Caller) -> Path:
    return central.folder / "spool" / name_of(sha256, caller)


def _put(spool: Path, offset: int, data: bytes) -> None:
    descriptor = os.open(spool, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with open(descriptor, "wb") as file:
        # bytes beyond the offset are of a request whose row was never written
        file.truncate(offset)
        file.seek(offset)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _remember(central: Central, caller: Caller, sha256: str, length: int, offset: int) -> None:
    with unhurried(), central.writing():
        schema.keep(
            Upload,
            name=name_of(sha256, caller),
            device=caller.device,
            length=length,
            offset=offset,
            updated_at=central.clock.wall_ms(),
        )


def _finish(central: Central, caller: Caller, sha256: str, spool: Path, size: int, digest: str) -> None:
    """Keep what the spool holds if it is what it is called.

    Args:
        size: its bytes.
        digest: SHA-256 of all of it, where one request brought it.
    """
    if not digest:
        with spool.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    if digest != sha256:
        with central.writing():
            Upload.delete().where(Upload.name == name_of(sha256, caller)).execute()
        spool.unlink()
        raise Problem("digest-mismatch", "the whole file has another hash; it must be sent again")
    with central:
        blob = row_of(Blob, sha256=sha256)
    here = _is_here(blob, central)
    if here:
        spool.unlink()
    else:
        central.vault.keep(spool, sha256)
    _note(central, caller, sha256, blob, kept=None if here else size)


def _note(
    central: Central, caller: Caller, sha256: str, blob: Blob | None, *, kept: int | None, had: bool = True
) -> None:
    """Note a file that is here whole and who had it; what need not be sent of it any more is forgotten.

    Args:
        blob: what was known of it.
        kept: its bytes, where it is here only now.
        had: whether the caller has shown that they have it.
    """
    with central.writing():
        if kept is not None:
            keep_row(central, sha256, kept, blob.sender if blob is not None else caller.officer)
        if had and blob is not None and blob.sender != caller.officer:
            schema.keep(AlsoSent, sha256=sha256, officer=caller.officer)
        ended = _ended(Blob.get_by_id(sha256), caller) if had else []
        Upload.delete().where(Upload.name.in_(ended)).execute()
    for name in ended:
        (central.folder / "spool" / name).unlink(missing_ok=True)


def _ended(blob: Blob, caller: Caller) -> list[str]:
    """What of a file that is here now need not be sent any more: who has no right to it yet goes on."""
    rows = Upload.select().where(Upload.name.startswith(blob.sha256))
    others = [(row.name, people.caller_here(row.device)) for row in rows]
    known = (name for name, sender in others if sender is None or _had_by(sender, blob))
    return [*known, name_of(blob.sha256, caller)]


def keep_row(central: Central, sha256: str, size: int, sender: str | None) -> None:
    schema.keep(Blob, sha256=sha256, size=size, stored_at=central.clock.wall_ms(), sender=sender)
