"""What the tables of records hold, as one number."""

from __future__ import annotations

import hashlib
from typing import Any

from models.store.lookup import rows_of
from models.store.records import columns


def digest(table: Any) -> str:
    """SHA-256 over all rows of a record table in the order of their ids: equal rows, equal digest."""
    whole = hashlib.sha256()
    names = sorted([*columns(table), "id", "unit", "made_at", "made_by", "device", "changed_at"])
    names += ["voided", "sealed", "conflicts"]
    for row in rows_of(table, "id"):
        whole.update(repr([row.__data__[name] for name in names]).encode("utf-8", "backslashreplace"))
    return whole.hexdigest()
