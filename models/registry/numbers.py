"""Record numbers made offline, that never collide: what it is, unit, day, device, count.

A number fits the 24 characters of a seal line (sealing.seal_line).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from peewee import fn

from models.registry.days import local

if TYPE_CHECKING:
    from models.store.seat import Seat

_TAG_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a tag can be read out."""


def device_tag(device: str) -> str:
    """Five characters that tell a device (its id in hex) from others: the first 25 bits of its id.

    Among 50 devices of one unit two share a tag with a probability of 4 in 100,000.
    """
    number = int(hashlib.sha256(device.encode()).hexdigest()[:10], 16) >> 15
    return "".join(_TAG_ALPHABET[(number >> shift) & 31] for shift in (20, 15, 10, 5, 0))


def number_prefix(unit: str, ms: int, device: str) -> str:
    """What the numbers of this day (in China) by this device in this unit have in common."""
    return f"{unit}-{local(ms):%Y%m%d}-{device_tag(device)}-"


def next_number(prefix: str, last: str | None) -> str:
    """The number after the last one with this prefix, as 350602-20261123-7K2QX-01."""
    count = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{count:02d}"


def free_number(seat: Seat, table: Any, unit: str, letters: str = "") -> str:
    """The next free number of this device today in a table with a `number`; withdrawn records keep theirs.

    Args:
        letters: what kind of record it is, as "XS-" for a clue; none for an inspection.
    """
    prefix = letters + number_prefix(unit, seat.clock.wall_ms(), seat.device)
    with seat:
        last = (
            table.select(table.number)
            .where(table.number >= prefix, table.number < prefix + "~")
            .order_by(fn.LENGTH(table.number).desc(), table.number.desc())
            .first()
        )
    return next_number(prefix, last.number if last else None)
