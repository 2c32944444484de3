"""Pages of entries as the server gives them out, read and checked before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.registry import access
from models.store.entry import Arrival, Entry, is_withheld
from sync import wire
from sync.outcome import senseless
from sync.wire import Limits


def page_of(body: bytes, limits: Limits) -> tuple[list[wire.PulledLine], dict[str, Any]]:
    """The lines and the closing object of a page.

    Raises:
        SyncFailed: when it cannot be read.
    """
    try:
        return wire.read_page(wire.unpack(body, limits.inflated))
    except (wire.BadFrame, wire.TooLarge) as reason:
        raise senseless("page") from reason


def entry_of(line: wire.PulledLine, keys: Mapping[str, bytes], last: dict[str, bytes]) -> Arrival:
    """The entry of a pulled line, its signature not yet checked.

    Raises:
        SyncFailed: when it cannot be read or its key is missing; nothing of the page is then kept.
    """
    raw = line.raw
    if raw is None:
        raise senseless("line")
    try:
        device = Entry.of_bytes(b"", raw.head, raw.body, raw.signature).parsed_head.d
        prev = line.prev or last.get(device, b"")
        entry = Entry.of_bytes(prev, raw.head, raw.body, raw.signature)
    except (ValueError, RecursionError) as reason:
        raise senseless("head") from reason
    if len(prev) != 32 or device not in keys:
        raise senseless("signature")
    if is_withheld(raw.body) and not access.withheld_from_some(entry.parsed_head.t):
        raise senseless("withheld")
    last[device] = entry.hash
    return Arrival(entry, line.cursor, None if line.unit else line.number or None)


def dense(have: dict[str, int], unit: str, number: int, count: int = 1) -> None:
    """Note that so many entries of a unit came, from that number on.

    Raises:
        SyncFailed: when they leave a hole, or came before.
    """
    if number != have.get(unit, 0) + 1:
        raise senseless("hole")
    have[unit] = number + count - 1
