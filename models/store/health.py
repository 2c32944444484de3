"""Whether what a seat keeps is whole, as sentences for `doctor`."""

from __future__ import annotations

import base64
from typing import Any

from peewee import chunked

from models import catalogue
from models.language import _
from models.store.database import here
from models.store.entry import GENESIS, Entry, is_withheld
from models.store.fold import fold
from models.store.journal import EntryRow, row_values
from models.store.records import row_of
from models.store.redacting import Gone, is_taken_out, kept_out, names
from models.store.seat import Seat
from models.store.signer import device_id

_PLACE = ("device", "seq", "kind", "record_kind", "record", "unit")
"""Columns of an entry that repeat what its head says."""


def file_problems(seat: Seat) -> list[str]:
    """Problems of the database as it finds them itself; empty when whole."""
    with seat:
        found: list[str] = here.damage()
    return found


def chain_problems(seat: Seat) -> list[str]:
    """Breaks of any device's chain kept here; empty when every hash, link and signature holds.

    Of other devices only what the server gave out is here, so that a gap is no break; this device's own
    chain must be whole from its first entry. Signatures of others are checked where their key is here.
    """
    problems = []
    with seat:
        gone = names()
        device, key, before = "", None, (0, GENESIS)
        for row in EntryRow.select().order_by(EntryRow.device, EntryRow.seq).iterator():
            entry = Entry.of_bytes(bytes(row.prev), bytes(row.head), bytes(row.body), bytes(row.signature))
            if row.device != device:
                device, before = row.device, (0, GENESIS)
                key = seat.public_key_der if device == seat.device else key_of(device, entry)
            found = []
            if entry.hash != bytes(row.hash):
                found.append(_("bytes do not give their hash"))
            follows = before[0] + 1 == row.seq
            if follows and before[1] != entry.prev:
                found.append(_("does not follow the entry before"))
            if device == seat.device:
                if not follows:
                    found.append(_("the entry before it is gone"))
                if is_withheld(entry.body) and not _is_ordered_out(entry, gone):
                    found.append(_("its content is gone"))
            if _is_to_be_out(entry, gone):
                found.append(_("its content is here though an order took it out"))
            if key is not None and not entry.verify(key):
                found.append(_("signature does not verify"))
            if not _placed_by_its_head(row, entry):
                found.append(_("is not kept where its head says"))
            problems += [f"{device} {row.seq}: {each}" for each in found]
            before = (row.seq, entry.hash)
    return problems


def _is_ordered_out(entry: Entry, gone: set[Gone]) -> bool:
    """Whether an order took its content out, also one that a restore undid until the server says it again."""
    try:
        return is_taken_out(entry, gone)
    except ValueError:  # its head cannot be read
        return False


def _is_to_be_out(entry: Entry, gone: set[Gone]) -> bool:
    try:
        return kept_out(entry, gone) is not entry
    except ValueError:
        return False


def key_of(device: str, first: Entry) -> bytes | None:
    """The public key that a device gave with its first entry; None where that is not it, or not readable."""
    try:
        key = base64.b64decode(str(first.parsed_body.get("key")), validate=True)
    except ValueError:
        return None
    return key if device_id(key) == device else None


def _placed_by_its_head(row: EntryRow, entry: Entry) -> bool:
    try:
        wanted = row_values(entry, own=row.own)
    except ValueError:
        return False
    return all(getattr(row, name) == wanted[name] for name in _PLACE)


def problems(seat: Seat) -> list[str]:
    """Everything that is not whole: the file, the chains, projections that differ from a new fold."""
    return [*file_problems(seat), *chain_problems(seat), *projection_problems(seat)]


def projection_problems(seat: Seat) -> list[str]:
    """Records whose row is not what their entries fold to; empty when all agree."""
    found = []
    with seat:
        for kind in catalogue.kinds():
            query = EntryRow.select(EntryRow.record).where(EntryRow.record_kind == kind.name).distinct()
            left = {row.id for row in kind.table.select(kind.table.id)}
            for some in chunked([row.record for row in query], 500):
                left.difference_update(some)
                rows = {row["id"]: row for row in kind.table.select().where(kind.table.id.in_(some)).dicts()}
                for record, entries in seat.journal.entries_of_many(some).items():
                    try:
                        wanted = _row_given(kind, record, entries, seat.journal.authority)
                    except ValueError:
                        found.append(f"{kind.name} {record}: " + _("an entry of it cannot be read"))
                        continue
                    if rows.get(record) != wanted:
                        found.append(f"{kind.name} {record}: " + _("its row is not what its entries give"))
            found += [f"{kind.name} {record}: " + _("its entries are gone") for record in sorted(left)]
    return found


def _row_given(
    kind: catalogue.RecordKind, record: str, entries: list[Entry], authority: set[str]
) -> dict[str, Any] | None:
    """The row that a record's entries give; None where they give none.

    Raises:
        ValueError: the head of one is damaged.
    """
    # as the projector does: those that call the same id another kind have no part in it
    state = fold([entry for entry in entries if entry.parsed_head.t == kind.name], authority)
    return row_of(kind.table, record, state) if state.unit else None
