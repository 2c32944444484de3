"""Files that an order takes out, with the entry that names them or by themselves; on both seats.

They go after the commit that brought the order: what is to go is noted in it, so that a stop half-way leaves
it to the next time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence

from models.store.entry import Entry
from models.store.orders import Order
from models.store.seat import Seat
from sync.files import files_named

_WAITING = "erasing"
"""Key of the fact which files are to go: JSON, SHA-256 to whether they go whoever else names them."""


def note(seat: Seat, orders: Collection[Order], gone: Sequence[Entry]) -> None:
    """Note within a write which files are to go.

    Args:
        gone: entries as they were before their content was taken out.
    """
    going = {file.sha256: False for entry in gone for file in files_named(entry)}
    for order in orders:
        for sha256 in order.files:
            going[sha256] = going.get(sha256, False) or order.only_files
    note_files(seat, going)


def note_files(seat: Seat, going: Mapping[str, bool]) -> None:
    """Note within a write that some files are to go, with whether they go whoever else names them."""
    if going:
        before = waiting(seat)
        for sha256, whoever in going.items():
            before[sha256] = before.get(sha256, False) or whoever
        seat.set_meta(**{_WAITING: json.dumps(before)})


def waiting(seat: Seat) -> dict[str, bool]:
    """The files that are to go, with whether they go whoever else names them."""
    found: dict[str, bool] = json.loads(seat.meta(_WAITING) or "{}")
    return found


def erase(seat: Seat, remove: Callable[[str, bool], None]) -> None:
    """Remove the files that are to go, after the commit.

    Args:
        remove: takes a file away, if it goes whoever else names it or nothing readable does.

    Raises:
        StoreRefused: the disk refuses; what is left stays noted.
    """
    for sha256, whoever in waiting(seat).items():
        remove(sha256, whoever)
        with seat.writing():
            left = {each: value for each, value in waiting(seat).items() if each != sha256}
            seat.set_meta(**{_WAITING: json.dumps(left) if left else None})
