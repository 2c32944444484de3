"""What is heavy to read of the whole notebook is read once, until something is written."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary

from models.store.database import here

if TYPE_CHECKING:
    from models.store.seat import Seat

T = TypeVar("T")
_MOST = 8
"""Values that are kept for one connection."""
_kept: WeakKeyDictionary[Any, tuple[int, dict[Hashable, Any]]] = WeakKeyDictionary()
"""By the connection that read them: what SQLite calls the version of its data, and the values by key."""


def remembered(seat: Seat, key: Hashable, read: Callable[[], T]) -> T:
    """What `read` gives, or what it gave since anything was last written to this notebook.

    Within a write it is read anew: what is not committed may be taken back.

    Args:
        key: names the value and all that it depends on beside the records.
    """
    with seat:
        if here.obj is not seat.database:
            return read()
        connection = here.connection()
        # it changes whenever another connection commits, and the one that reads never writes
        version = here.version()
        if version is None:
            return read()
        before, values = _kept.get(connection, (version, {}))
        if before != version:
            values = {}
        if key not in values:
            found = read()
            while len(values) >= _MOST:
                values.pop(next(iter(values)))
            values[key] = found
        _kept[connection] = (version, values)
        return cast(T, values[key])
