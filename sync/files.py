"""Which files an entry names, so that both ends agree on what has to travel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.store.digests import is_sha256
from models.store.entry import Entry
from models.store.fold import SETTING


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that an entry ties to its record."""

    sha256: str
    size: int | None
    """Bytes, where the entry says so."""


def files_named(entry: Entry) -> list[NamedFile]:
    """Every file that an entry names: attachments, thumbnails, sealed bytes."""
    try:
        kind, body = entry.parsed_head.k, entry.parsed_body
    except (ValueError, RecursionError):
        return []
    if kind == "attach":
        thumbnail = body.get("thumb")
        found = [body, thumbnail if isinstance(thumbnail, dict) else {}]
    elif kind == "seal":
        found = [{"sha256": body.get("bytes")}]
    elif kind in SETTING:
        fields = body.get("f")
        if not isinstance(fields, dict) or "sha256" not in fields:
            return []
        found = [{"sha256": value_set(body, "sha256"), "size": value_set(body, "size")}]
    else:
        found = []
    named = []
    for each in found:
        name, size = each.get("sha256"), each.get("size")
        if isinstance(name, str) and is_sha256(name):
            named.append(NamedFile(name, size if type(size) is int and size >= 0 else None))
    return named


def value_set(body: dict[str, Any], field: str) -> Any:
    """The value that a setting body gives a field; None where it gives none."""
    fields = body.get("f")
    cell = fields.get(field) if isinstance(fields, dict) else None
    return cell.get("x") if isinstance(cell, dict) else None
