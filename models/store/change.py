"""What a verb asks to be written: changes, which `Seat.write` makes into entries."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import uuid_utils

Scalar = str | int | bool | None
"""What a field holds: no floats; measured values are decimal strings."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change to one record, before it has a place in the journal."""

    kind: str
    """Kind of entry."""
    record_kind: str
    record: str
    unit: str
    fields: dict[str, Scalar] = field(default_factory=dict)
    """For set, add and resolve: the new values; their bases are filled in when written."""
    body: dict[str, Any] = field(default_factory=dict)
    """For all others: the body."""


def new_id() -> str:
    """A new record id: UUIDv7 (RFC 9562), made offline."""
    return str(uuid_utils.uuid7())


def put(kind: str, record: str, unit: str, /, **fields: Scalar) -> Change:
    """Set fields of a record, or make it."""
    return Change("set", kind, record, unit, fields=fields)


def resolve(kind: str, record: str, unit: str, /, **fields: Scalar) -> Change:
    """Settle conflicts: the values that replace all heads of these fields."""
    return Change("resolve", kind, record, unit, fields=fields)


def void(kind: str, record: str, unit: str, why: str) -> Change:
    """Withdraw a record with a reason; nothing is erased."""
    return Change("void", kind, record, unit, fields={"voided": why})


def restore(kind: str, record: str, unit: str) -> Change:
    """Take a withdrawal back."""
    return Change("set", kind, record, unit, fields={"voided": None})


def attach(kind: str, record: str, unit: str, body: dict[str, Any]) -> Change:
    """Tie a file to a record: `sha256`, `sm3`, `size`, `mime`, `name`, `taken`, `gps`, `role`, …"""
    return Change("attach", kind, record, unit, body=body)


def seal(
    kind: str, record: str, unit: str, line: str, signature: bytes, covers: list[str], bytes_sha256: str
) -> Change:
    """Fix a record: the seal line, its DER signature, the entries it covers, the digest of its bytes."""
    encoded = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    body = {"line": line, "sig": encoded, "covers": covers, "bytes": bytes_sha256}
    return Change("seal", kind, record, unit, body=body)


def amend(kind: str, record: str, unit: str, seal: str, why: str) -> Change:
    """Name, on a new record, the seal that it amends and the reason."""
    return Change("amend", kind, record, unit, body={"seal": seal, "why": why})


def note(kind: str, record: str, unit: str, text: str) -> Change:
    """A remark in a record's history that changes no field."""
    return Change("note", kind, record, unit, body={"text": text})
