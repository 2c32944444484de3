"""What the server put aside: who decides on it, and how much of it a revoked device may hand in (R5, R14).

A decision is an entry of the server's on the record, `release` or `reject`, with who decided and why: every
replica obeys it, and it stays in the record's history.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import DatabaseError, fn

from models.errors import BadInput, QingchaError
from models.language import N_
from models.registry import units
from models.store.change import Change
from models.store.entry import Entry
from models.store.fold import content, words_on
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.lookup import by_id, row_of, rows_of
from sync.problems import Problem
from sync.server import log, moving, people
from sync.server.central import CITY, Central
from sync.server.intake import NOT_COVERED, say, uncovered
from sync.server.people import Caller
from sync.server.tables import Account, Blob, Device, FileUse, UnitGrant, Upload

DECIDES = frozenset({"approve", "administer_county", "administer_city"})
"""Rights of which one is needed for deciding on what was put aside."""
DAYS = 30
"""For how long after its revocation a device may hand in what it has."""
ENTRIES, ENTRY_BYTES = 20_000, 64 << 20
"""What a revoked device may hand in at most, beside files: entries, and their bytes."""
FILE_BYTES = 4 << 30
"""Bytes of files that a revoked device may hand in at most."""
_DAY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Aside:
    """An entry without effect."""

    device: str
    seq: int
    officer: str
    """Who the device belongs to, by name."""
    kind: str
    """Kind of record."""
    record: str
    unit: str
    reason: str
    """Type of the verdict; "reject" after a rejection."""
    detail: str
    """The verdict's words for who looks for the cause, or why it was rejected."""
    received_at: int | None
    """When it was logged, ms since 1970 UTC."""


def listed(central: Central) -> list[Aside]:
    """All that was put aside, in the order of the log."""
    with central:
        names = {row.officer: row.name for row in Account.select()}
        owners = {row.id: names.get(row.officer, row.officer) for row in Device.select()}
        found = []
        aside = (EntryRow.state == PUT_ASIDE) & EntryRow.cursor.is_null(False)
        for row in EntryRow.select().where(aside).order_by(EntryRow.cursor):
            said = _last_word(central, row)
            head = log.first_head_with(row.cursor or 0)
            found.append(
                Aside(
                    row.device,
                    row.seq,
                    owners.get(row.device, row.device),
                    row.record_kind,
                    row.record,
                    row.unit,
                    row.problem or "",
                    str(said.get("why") or said.get("detail") or ""),
                    head.signed_at if head is not None else None,
                )
            )
        return found


def _last_word(central: Central, row: EntryRow) -> dict[str, object]:
    journal = central.journal
    said = words_on(journal.entries_of(row.record), bytes(row.hash).hex(), journal.authority)
    return content(max(said, key=Entry.order)) if said else {}


def decide(
    central: Central, device: str, numbers: Iterable[int], *, word: str, by: str, why: str
) -> list[Entry]:
    """Release entries that were put aside, or reject them for good, in one transaction; the server's words.

    Args:
        numbers: of the device's entries.
        word: "release" or "reject".
        by: record id of the person with an account who decides.
        why: in words.

    Raises:
        BadInput: an entry was not put aside, the person may not decide on it, there is no reason, or what is
            released cannot be folded; nothing is then decided.
    """
    why = why.strip()
    if not why:
        raise BadInput(N_("Give a reason: it stays with the record."))
    written: list[Entry] = []
    with central.writing():
        for seq in dict.fromkeys(numbers):
            row = central.journal.at(device, seq)
            if row is None or row.state != PUT_ASIDE or (word == "reject" and row.problem == "reject"):
                raise BadInput(
                    N_("Entry {seq} of device {device} was not put aside."), seq=seq, device=device
                )
            _refuse_who_may_not(by, row)
            written += _decide(central, row, word, by, why)
    return written


def _refuse_who_may_not(by: str, row: EntryRow) -> None:
    account = row_of(Account, officer=by)
    role = units.role(account.role) if account is not None and account.active else None
    home = row.entry().parsed_head.o  # what another carries for them is their own, too
    own = by in {people.officer_of(device) for device in (row.device, home.d if home is not None else "")}
    if role is None or own or role.may.isdisjoint(DECIDES):
        raise BadInput(
            N_("A head or administrator decides on what was put aside, and never on their own entries.")
        )
    written_in = {row.unit for row in rows_of(UnitGrant, "unit", officer=by, writes=True)}
    if "administer_city" not in role.may and written_in.isdisjoint({row.unit, CITY}):
        raise BadInput(
            N_("Entry {seq} is of the unit {unit}: a head of that unit decides on it, or one of the city."),
            seq=row.seq,
            unit=units.label_of(row.unit),
        )


def _decide(central: Central, row: EntryRow, word: str, by: str, why: str) -> list[Entry]:
    kind, record, of = row.record_kind, row.record, bytes(row.hash).hex()
    before = words_on(central.journal.entries_of(record), of, central.journal.authority)
    body = {"of": of, "by": by, "why": why, "b": [each.uid for each in before]}
    try:
        written = central.write(Change(word, kind, record, row.unit, body=body), by=by)
    except (QingchaError, DatabaseError, OSError):
        raise
    except Exception as reason:
        raise BadInput(
            N_("Entry {seq} cannot be released: it cannot be read as a record."), seq=row.seq
        ) from reason
    for entry in written:
        log.notify(row.device, entry)
    if word == "release":
        moving.follow(central, kind, record, by=by)
        if kind == moving.KIND:
            moving.obey(central, [row.entry()], by=by)
        if row.kind == "seal":
            shut_out = uncovered(row.entry(), central.journal.entries_of, central.journal.authority)
            say(central, [(each, NOT_COVERED) for each in shut_out])
    return written


# --- revoked devices ------------------------------------------------------------------------------------


def refuse_beyond_quota(central: Central, caller: Caller, entries: int, size: int) -> None:
    """Refuse more than a revoked device may hand in.

    Args:
        entries: how many it sends now.
        size: their bytes, inflated.

    Raises:
        Problem: too-late, quota.
    """
    if not caller.revoked:
        return
    with central:
        since = _since(caller)
        length = fn.LENGTH(EntryRow.head) + fn.LENGTH(EntryRow.body)
        mine = (EntryRow.device == caller.device) & (EntryRow.problem == "revoked")
        counted: Any = EntryRow.select(fn.COUNT(EntryRow.n), fn.COALESCE(fn.SUM(length), 0)).where(mine)
        count, held = counted.tuples().get()
    _refuse_late(central, since)
    if count + entries > ENTRIES or held + size > ENTRY_BYTES:
        raise Problem("quota", f"a revoked device hands in {ENTRIES} entries of {ENTRY_BYTES} bytes at most")


def refuse_file_beyond_quota(central: Central, caller: Caller, name: str, length: int) -> None:
    """Refuse a file that is more than a revoked device may hand in. Inside the server's seat.

    Args:
        name: of its `Upload`, which is not counted twice.

    Raises:
        Problem: too-late, quota.
    """
    if not caller.revoked:
        return
    with central:
        since = _since(caller)
        _refuse_late(central, since)
        named = FileUse.select(FileUse.sha256).where(FileUse.device == caller.device)
        whole = Blob.select(fn.COALESCE(fn.SUM(Blob.size), 0)).where(
            Blob.sha256.in_(named) & (Blob.stored_at >= (since or 0))
        )
        partly = Upload.select(fn.COALESCE(fn.SUM(Upload.length), 0)).where(
            (Upload.device == caller.device) & (Upload.name != name)
        )
        held = int(whole.scalar()) + int(partly.scalar())
    if held + length > FILE_BYTES:
        raise Problem("quota", f"a revoked device hands in {FILE_BYTES} bytes of files at most")


def _since(caller: Caller) -> int | None:
    """When the device was revoked; None where only its account was closed."""
    row = by_id(Device, caller.device)
    return row.revoked_at if row is not None else None


def _refuse_late(central: Central, since: int | None) -> None:
    if since is not None and central.clock.wall_ms() - since > DAYS * _DAY_MS:
        raise Problem("too-late", f"the device was revoked more than {DAYS} days ago")
