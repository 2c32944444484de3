"""Which files an entry names, so that both ends agree on what has to travel."""

from __future__ import annotations

from typing import Any

from models.store.digests import is_sha256
from models.store.entry import Entry


def files_named(entry: Entry) -> list[str]:
    """SHA-256 of every file that an entry ties to its record: attachments, thumbnails, sealed bytes."""
    try:
        kind, body = entry.parsed_head.k, entry.parsed_body
    except (ValueError, RecursionError):
        return []
    if kind == "attach":
        thumbnail = body.get("thumb")
        found = [body.get("sha256"), thumbnail.get("sha256") if isinstance(thumbnail, dict) else None]
    elif kind == "seal":
        found = [body.get("bytes")]
    elif kind in ("set", "add", "resolve"):
        found = [_value(body, "sha256")]
    else:
        found = []
    return [name for name in found if isinstance(name, str) and is_sha256(name)]


def _value(body: dict[str, Any], field: str) -> Any:
    fields = body.get("f")
    cell = fields.get(field) if isinstance(fields, dict) else None
    return cell.get("x") if isinstance(cell, dict) else None
