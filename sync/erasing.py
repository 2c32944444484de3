"""Files that an order takes out, with the entry that names them or by themselves; on both seats.

They go after the commit that brought the order: what is to go is noted in it, so that a stop half-way leaves
it to the next time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence

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
    if going:
        before: dict[str, bool] = json.loads(seat.meta(_WAITING) or "{}")
        for sha256, whoever in going.items():
            before[sha256] = before.get(sha256, False) or whoever
        seat.set_meta(**{_WAITING: json.dumps(before)})


def erase(seat: Seat, is_named: Callable[[str], bool], forget: Callable[[str], None]) -> list[str]:
    """Remove the files that are to go, after the commit; gives those that went.

    Args:
        is_named: whether an entry whose content is here names a file; within the seat.
        forget: takes a file out of the tables that are about files; within a write.

    Raises:
        StoreRefused: the disk refuses; what is left stays noted.
    """
    with seat:
        waiting: dict[str, bool] = json.loads(seat.meta(_WAITING) or "{}")
        going = [sha256 for sha256, whoever in waiting.items() if whoever or not is_named(sha256)]
    for sha256 in going:
        seat.vault.erase(sha256)
    if waiting:
        with seat.writing():
            for sha256 in going:
                forget(sha256)
            seat.set_meta(**{_WAITING: None})
    return going
