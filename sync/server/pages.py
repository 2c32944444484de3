"""What a pull answers: the entries of the granted units that the caller does not have yet.

Each unit is read from its own number on, so a unit that is granted later comes whole, and a reader sees
a hole at once. Entries come in the order of the log.

Not everyone with a unit reads all of it (`models.registry.access`; who reported something is confidential by
生态环境法典 arts. 51 and 146): of an entry that a reader's role may not see they get the hash of the body
instead, so that numbering, chain and signature hold all the same.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.registry import access
from models.store.database import run
from models.store.entry import Entry, is_withheld, withheld
from models.store.fold import BESIDE
from models.store.orders import REDACT
from models.store.redacting import order_for
from sync.server import log, people
from sync.server.central import Central, b64
from sync.server.people import Caller
from sync.wire import json_object, offered_line, page_end, pulled_line, pulled_own

_STEP = 64
_BYTES = "device, seq, prev, head, body, signature, hash, kind, record_kind"
_COLUMNS = f"cursor, unit_n, unit, {_BYTES}, cursor, ''"
_OWN = f"SELECT {_COLUMNS} FROM entry WHERE unit = ? AND unit_n > ? AND cursor <= ? ORDER BY unit_n LIMIT ?"
_TOLD = (
    f"SELECT e.cursor, t.unit_n, e.unit, {_BYTES}, t.at, t.unit"
    " FROM told_entry t JOIN entry e ON e.cursor = t.cursor"
    " WHERE t.unit = ? AND t.unit_n > ? AND t.at <= ? ORDER BY t.unit_n LIMIT ?"
)


class Row(NamedTuple):
    """A logged entry as it is read for a page."""

    cursor: int
    number: int
    """Within its unit; 0 for one that is sent outside the numbering."""
    unit: str
    device: str
    seq: int
    prev: bytes
    head: bytes
    body: bytes
    signature: bytes
    hash: bytes
    kind: str
    record_kind: str
    at: int
    """Size of the log when it got that number."""
    to: str
    """The unit in which it has that number, where that is not its own."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it goes out, not yet compressed."""

    data: bytes
    more: bool
    next: int
    """Cursor to go on after."""
    have: dict[str, int]
    """The last number of each unit that its reader then has."""


@dataclass(slots=True)
class _Run:
    """Own entries of the reader that stand one after another."""

    cursor: int = 0
    number: int = 0
    unit: str = ""
    seq: int = 0
    count: int = 0
    to: str = ""

    def grow(self, cursor: int, number: int, unit: str, seq: int, to: str) -> bool:
        """Take the next entry in; False when it does not follow."""
        count = self.count
        follows = count and number and unit == self.unit and cursor == self.cursor + count
        if to or self.to or not follows or number != self.number + count or seq != self.seq + count:
            return False
        self.count += 1
        return True

    def told(self, lines: list[bytes]) -> int:
        """Add its line, if it is a run at all; the bytes of it."""
        if not self.count:
            return 0
        lines.append(pulled_own(self.cursor, self.number, self.seq, self.count, self.to))
        return len(lines[-1])


def page(central: Central, caller: Caller, have: Mapping[str, int], after: int, size: int, most: int) -> Page:
    """One page of lines with its closing object.

    Args:
        have: the last number that the caller has, by unit; units that are not granted are passed over.
        after: the last cursor that the caller has seen: for verdicts on its entries in other units.
        size: bytes after which the page ends.
        most: entries at most.
    """
    head = central.sign_head()
    lines: list[bytes] = []
    run = _Run()
    read = total = 0
    more = False
    last: dict[str, bytes] = {}
    seen = after
    reached = dict(have)
    writers: dict[str, str | None] = {}
    without: list[Row] = []
    with central:
        for row in _merged(caller, have, after, head.size):
            if total >= size or read >= most:
                more = True
                break
            read += 1
            seen = row.at
            if row.number:
                reached[row.to or row.unit] = row.number
            if row.device == caller.device:
                if not run.grow(row.cursor, row.number, row.unit, row.seq, row.to):
                    total += run.told(lines)
                    run = _Run(row.cursor, row.number, row.unit, row.seq, 1, row.to)
                continue
            total += run.told(lines)
            run = _Run()
            hidden = _hidden(caller, row, writers, central.device)
            lines.append(line_of(row, hidden, last))
            total += len(lines[-1])
            without += [] if hidden else [row]
        orders = orders_on(central, without)
    run.told(lines)
    keys = people.public_keys(central, list(last))
    following = seen if more else max(after, head.size)
    end: dict[str, Any] = {
        "next": following,
        "more": more,
        "size": head.size,
        "checkpoint": head.note,
        "units": list(caller.units),
        "role": caller.role,
        "keys": {device: b64(key) for device, key in keys.items()},
        "time": central.clock.wall_ms(),
        "epoch": central.epoch,
        **orders,
    }
    return Page(b"".join(lines) + page_end(end), more, following, reached)


def orders_on(central: Central, rows: Iterable[Row]) -> dict[str, list[str]]:
    """The server's signed orders under which the content of some rows was taken out, for a page's end.

    With them a reader takes an entry without its content, of a kind that nothing is withheld of, before the
    `redact` entry itself comes by its number. Inside the server's seat; empty where there are none.
    """
    said: dict[bytes, Entry] = {}
    for row in rows:
        if is_withheld(row.body):
            entry = Entry.of_bytes(row.prev, row.head, row.body, row.signature)
            order = order_for(central.journal, entry)
            if order is not None:
                said[order.said.hash] = order.said
    lines = [offered_line(each.prev, each.line()).decode().rstrip("\n") for each in said.values()]
    return {"orders": lines} if lines else {}


def line_of(row: Row, hidden: bool, last: dict[str, bytes]) -> bytes:
    """A line of a page.

    Args:
        hidden: whether the reader gets the body's hash only.
        last: the hash of each device's line before in this page; this one's is added.
    """
    body = withheld(row.body) if hidden else row.body
    prev = b"" if last.get(row.device) == row.prev else row.prev
    last[row.device] = row.hash
    return pulled_line(row.cursor, row.number, prev, row.signature, row.head, body, row.to)


def own_page(central: Central, device: str, after: int, size: int, most: int) -> bytes:
    """A device's own entries after a number, for a copy of its notebook that lacks them (R7)."""
    head = central.sign_head()
    lines: list[bytes] = []
    with central:
        query = run(
            f"SELECT {_COLUMNS} FROM entry WHERE device = ? AND seq > ? AND cursor <= ? ORDER BY seq LIMIT ?",
            (device, after, head.size, most),
        )
        total = 0
        last: dict[str, bytes] = {}
        told: list[Row] = []
        for row in map(Row._make, query.fetchall()):
            lines.append(line_of(row._replace(number=0), False, last))
            told.append(row)
            total += len(lines[-1])
            if total >= size:
                break
        orders = orders_on(central, told)
    return b"".join(lines) + page_end({"checkpoint": head.note, **orders})


def is_for_all(row: Row, may: frozenset[str]) -> bool:
    """Whether whoever holds these rights reads the row's content, whoever wrote it.

    What the server says of an entry everybody reads, but for an order: that names the entry's fields.
    """
    return (row.kind in BESIDE and row.kind != REDACT) or access.may_read(may, row.record_kind)


def _hidden(caller: Caller, row: Row, writers: dict[str, str | None], server: str) -> bool:
    """Whether the caller may know only that the entry is there; all that a person wrote they may read.

    Args:
        writers: the persons of devices, as far as they were asked for.
        server: its device: what another one calls an order is none, and may be no JSON at all.
    """
    if is_for_all(row, caller.may):
        return False
    # of an order that of the entry which it is about: their copy is to obey it, and so is who carries one
    order = row.kind == REDACT and row.device == server
    if order and log.is_told(row.cursor, people.went_on_from(caller.device)):
        return False
    device = str(json_object(row.body).get("d")) if order else row.device
    if device not in writers:
        writers[device] = people.officer_of(device)
    return writers[device] != caller.officer


def _merged(caller: Caller, have: Mapping[str, int], after: int, size: int) -> Iterator[Row]:
    """Rows of all granted units and the caller's notices, in the order in which they got their numbers."""
    streams = [
        _notices(caller, after, size),
        *(of_unit(unit, have.get(unit, 0), size) for unit in caller.units),
    ]
    yield from heapq.merge(*streams, key=lambda row: row.at)


def of_unit(unit: str, number: int, size: int) -> Iterator[Row]:
    """All that is told in a unit after a number, within the log of that size, in the order of the numbers.

    Its own entries, and those of other units' records that came to it or that it is shown (R13).
    """
    streams = (_in_steps(statement, unit, number, size) for statement in (_OWN, _TOLD))
    yield from heapq.merge(*streams, key=lambda row: row.number)


def _in_steps(statement: str, unit: str, number: int, size: int) -> Iterator[Row]:
    """What a statement finds, a few at a time: a page ends at a number of bytes that no database knows of.

    One by one, as each may be as long as a page: SQLite reads no further than is asked for.
    """
    found = _STEP
    while found == _STEP:
        found = 0
        for row in map(Row._make, run(statement, (unit, number, size, _STEP))):
            found, number = found + 1, row.number
            yield row


def _notices(caller: Caller, after: int, size: int) -> Iterator[Row]:
    # what it wrote under a former key is still its own (R6)
    devices = people.went_on_from(caller.device)
    which, marks = (", ".join("?" for _ in some) or "''" for some in (devices, caller.units))
    query = run(
        f"SELECT cursor, 0, unit, {_BYTES}, cursor, '' FROM entry WHERE cursor IN"
        f" (SELECT cursor FROM notice WHERE device IN ({which}) AND cursor > ? AND cursor <= ?)"
        f" AND unit NOT IN ({marks}) ORDER BY cursor",
        (*devices, after, size, *caller.units),
    )
    # outside the numbering of a unit that the caller cannot see
    yield from map(Row._make, query)
