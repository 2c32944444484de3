"""A photo as evidence: kept in the vault, and named by an entry."""

from __future__ import annotations

from models.store.change import attach, new_id
from models.store.seat import Seat


def take_photo(seat: Seat, data: bytes, unit: str = "350602") -> str:
    """Keep these bytes as a photo of a record of its own; their SHA-256, in hex."""
    kept = seat.vault.put_bytes(data)
    body = {"sha256": kept.sha256, "size": kept.size, "mime": "image/jpeg", "name": "现场照片.jpg"}
    seat.write(attach("evidence", new_id(), unit, body))
    return kept.sha256
