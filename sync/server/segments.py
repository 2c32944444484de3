"""Snapshots: what a unit's log holds, in segments that never change, for who comes first or months behind.

A segment is a pulled page of one unit from one number to another, made once for all readers with the same
rights and kept under its hash, so that a reader resumes it by `Range` and a proxy may keep it. What comes
after the last whole segment is pulled as ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.registry import access
from models.store import redacting, schema
from models.store.durable import write_whole
from models.store.journal import EntryRow
from models.store.lookup import row_of
from sync import wire
from sync.problems import Problem
from sync.server import pages, people
from sync.server.central import Central, b64
from sync.server.erasing import SNAPSHOTS as FOLDER
from sync.server.people import Caller
from sync.server.tables import Device, Segment, UnitCount

ENTRIES = 5_000
"""Entries of a segment at most."""
BYTES = 4 * wire.MIB
"""A segment ends with the entry that brings it over this, before compression."""
FAR = 2 * ENTRIES
"""Who lacks more entries of a unit than this takes its segments first."""
MADE_AT_ONCE = 8
"""Segments that one call makes at most: each takes a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Told:
    """A segment as it is told to a reader."""

    unit: str
    first: int
    last: int
    sha256: str
    size: int
    """Bytes, compressed."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def far_behind(central: Central, caller: Caller, have: Mapping[str, int]) -> list[str]:
    """The granted units of which a caller lacks so much that segments are worth it."""
    with central:
        rows = (row_of(UnitCount, unit=unit) for unit in caller.units)
        counts = {row.unit: row.last for row in rows if row is not None}
        lacking = [unit for unit in caller.units if counts.get(unit, 0) - have.get(unit, 0) > FAR]
        # a page tells own entries by their numbers, a segment holds them whole
        far = [unit for unit in lacking if _of_others(caller, unit, have.get(unit, 0)) > FAR]
        return [] if far and _wrote_what_is_hidden(caller) else far


def offered(central: Central, caller: Caller, have: Mapping[str, int]) -> list[Told]:
    """The segments that a caller lacks, of the units that it is far behind in; made where they are not there.

    At least one of each such unit; call again after taking them.
    """
    found: list[Told] = []
    budget = MADE_AT_ONCE
    for unit in far_behind(central, caller, have):
        known = _kept(central, caller, unit, have.get(unit, 0))
        while budget > 0 or not any(each.last > have.get(unit, 0) for each in known):
            made = _make(central, caller, unit, known[-1].last if known else 0)
            if made is None:
                break
            known.append(made)
            budget -= 1
        found += [each for each in known if each.last > have.get(unit, 0)]
    return found


def readable(central: Central, caller: Caller, sha256: str) -> Path:
    """Where a segment lies that the caller may read.

    Raises:
        Problem: not-found, whether it is not there or not theirs.
    """
    with central:
        row = Segment.get_or_none(
            (Segment.sha256 == sha256)
            & (Segment.epoch == central.epoch)
            & (Segment.readers == _readers(caller))
            & Segment.unit.in_(caller.units)
        )
    path = _path(central, sha256) if row is not None else None
    if path is None or caller.revoked or not path.is_file():
        raise Problem("not-found")
    return path


def _of_others(caller: Caller, unit: str, after: int) -> int:
    """How many entries of other devices a unit has after a number, not counting those shown there."""
    beyond = (EntryRow.unit == unit) & (EntryRow.unit_n > after) & (EntryRow.device != caller.device)
    return int(EntryRow.select().where(beyond).count())


def _wrote_what_is_hidden(caller: Caller) -> bool:
    """Whether the person wrote something that the role may not read: to them alone pages give it."""
    hidden = sorted({row.kind for row in access.TABLE} - access.readable(caller.may))
    devices = Device.select(Device.id).where(Device.officer == caller.officer)
    wrote = EntryRow.device.in_([row.id for row in devices]) & EntryRow.record_kind.in_(hidden)
    return bool(hidden) and EntryRow.select().where(wrote).exists()


def _readers(caller: Caller) -> str:
    """The name of all who may read the same kinds."""
    return hashlib.sha256(json.dumps(sorted(access.readable(caller.may))).encode()).hexdigest()[:16]


def _is_whole(path: Path, sha256: str) -> bool:
    """Whether a segment lies there as it was made: a damaged one would hold up all who need it."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _kept(central: Central, caller: Caller, unit: str, after: int) -> list[Told]:
    """The segments of a unit that are made already; of those that end after a number, as far as whole."""
    with central:
        rows = list(
            Segment.select()
            .where(
                (Segment.unit == unit)
                & (Segment.readers == _readers(caller))
                & (Segment.epoch == central.epoch)
            )
            .order_by(Segment.first)
        )
    kept: list[Told] = []
    for row in rows:
        if row.last > after and not _is_whole(_path(central, row.sha256), row.sha256):
            break  # made again from here on
        kept.append(Told(row.unit, row.first, row.last, row.sha256, row.size))
    return kept


def _make(central: Central, caller: Caller, unit: str, after: int) -> Told | None:
    """The segment after a number; None where there is not enough for a whole one."""
    head = central.sign_head()
    with central:
        gone = redacting.names()
        lines, last, orders = _lines(central, caller, unit, after, head.size)
        keys = people.public_keys(central, list(last))
    raw = sum(map(len, lines))
    if len(lines) < ENTRIES and raw < BYTES:
        return None
    end = wire.page_end({"keys": {device: b64(key) for device, key in sorted(keys.items())}, **orders})
    data = wire.pack(b"".join(lines) + end)
    made = Told(unit, after + 1, after + len(lines), hashlib.sha256(data).hexdigest(), len(data))
    (central.folder / FOLDER).mkdir(exist_ok=True)
    _drop_those_of_former_lives(central)
    write_whole(_path(central, made.sha256), data)
    with central.writing():
        if redacting.names() != gone:  # an order came meanwhile: what was read may have what it took out
            _path(central, made.sha256).unlink(missing_ok=True)
            return None
        schema.keep(Segment, epoch=central.epoch, readers=_readers(caller), **made.as_dict())
    return made


def _drop_those_of_former_lives(central: Central) -> None:
    with central.writing():
        former = Segment.epoch != central.epoch
        for row in Segment.select(Segment.sha256).where(former):
            _path(central, row.sha256).unlink(missing_ok=True)
        Segment.delete().where(former).execute()


def _lines(
    central: Central, caller: Caller, unit: str, after: int, size: int
) -> tuple[list[bytes], dict[str, bytes], dict[str, list[str]]]:
    """Lines of a unit after a number until a segment is full, the devices that wrote them, and orders."""
    lines: list[bytes] = []
    last: dict[str, bytes] = {}
    total = 0
    without: list[pages.Row] = []
    for row in pages.of_unit(unit, after, size):
        hidden = not pages.is_for_all(row, caller.may)
        without += [] if hidden else [row]
        lines.append(pages.line_of(row, hidden, last))
        total += len(lines[-1])
        if len(lines) >= ENTRIES or total >= BYTES:
            break
    return lines, last, pages.orders_on(central, without)


def _path(central: Central, sha256: str) -> Path:
    return central.folder / FOLDER / sha256
