"""Pages of entries as the server gives them out, read and checked before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.registry import access
from models.store.entry import Arrival, Entry, is_withheld
from models.store.orders import Name, Order, order_on, orders_in
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


def _listed(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []


def orders_of(end: Mapping[str, Any], server: str, key: bytes) -> dict[Name, Order]:
    """The server's signed orders at the end of a page, under which entries of it come without content.

    Raises:
        SyncFailed: when one is not the server's.
    """
    said = []
    for each in _listed(end.get("orders")):
        try:
            prev, raw = wire.read_offered(str(each).encode())
            entry = Entry.of_bytes(prev, raw.head, raw.body, raw.signature)
            genuine = entry.parsed_head.d == server and entry.verify(key)
        except ValueError as reason:
            raise senseless("orders") from reason
        if not genuine:
            raise senseless("orders")
        said.append(entry)
    return orders_in(said, {server})


def entry_of(
    line: wire.PulledLine,
    keys: Mapping[str, bytes],
    last: dict[str, bytes],
    orders: Mapping[Name, Order] | None = None,
    server: str = "",
) -> Arrival:
    """The entry of a pulled line, its signature not yet checked.

    Args:
        orders: what `orders_of` gave; a kind that everybody reads comes without its content by these only.
        server: the device whose orders they are.

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
    for_all = is_withheld(raw.body) and not access.withheld_from_some(entry.parsed_head.t)
    if for_all and order_on(entry, orders or {}, {server}) is None:
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
