"""Which entries have an effect: what a role may write, where, and what a seal has closed.

An entry that is refused here is kept and logged all the same; a `verdict` entry of the server says that
it has no effect and why, and every fold obeys that (R5). Nothing here looks at another entry's outcome,
so that one bad entry never holds up the next.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from models.errors import BadInput
from models.registry.access import READING
from models.store import sealing
from models.store.entry import Entry
from models.store.fold import SETTING, setters
from sync.server.people import Caller

SERVER_KINDS = frozenset({"verdict", "release", "reject", "grant", "revoke", "epoch", "redact"})
"""Kinds of entry that only the server writes."""
DEVICE_KINDS = frozenset({"enrol", "clock"})
"""Kinds that speak of the device itself; everyone may write them for their own."""
INSPECTING = frozenset(
    {
        "inspection",
        "answer",
        "measurement",
        "finding",
        "evidence",
        "custody",
        "statement",
        "document",
        "amendment",
        "complainant",
    }
)
"""Kinds of record that belong to an inspection: only who may inspect writes them (国办发〔2024〕54号)."""
REGISTERS = {"site": "edit_sites", "unit": "administer_city"}
"""Registers, and what a role must be allowed for writing them."""
GOES_ON = frozenset({"custody", "amendment"})
"""Kinds whose records may be added to a sealed inspection: evidence is handed on after the seal too."""


SEALED_KINDS = frozenset({"inspection", "amendment", "document"})
"""Kinds whose records may be sealed; a register never is, or nobody could correct it."""
SEALERS = ("first_officer", "second_officer", "recorder")
"""Fields that name who may seal a record besides who made it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an entry has no effect."""

    type: str
    detail: str


def judge(entry: Entry, caller: Caller) -> Refusal | None:
    """The refusal that follows from the entry and its sender alone; None when there is none."""
    head = entry.parsed_head
    if caller.revoked:
        return Refusal("revoked", "the device was revoked")
    try:
        body = entry.parsed_body
    except (ValueError, RecursionError):
        return Refusal("schema", "the body is not a JSON object")
    if head.k in SERVER_KINDS:
        return Refusal("forbidden", f"{head.k} is the server's")
    if head.k in DEVICE_KINDS:
        own = head.t == "device" and head.e == caller.device
        return None if own else Refusal("forbidden", f"{head.k} of another device")
    if head.t == "device":
        return Refusal("forbidden", "devices are enrolled by the administrator")
    if caller.may <= READING:
        return Refusal("forbidden", f"role {caller.role} writes nothing")
    if head.sc not in caller.units:
        return Refusal("unit", f"unit {head.sc} is not granted")
    if head.k in SETTING and not _is_setting(body):
        return Refusal("schema", "the fields are malformed")
    if head.k == "seal" and not _is_seal(body, head.q, caller.key):
        return Refusal("schema", "not this device's signed word for these bytes")
    return _by_role(entry, caller)


def _by_role(entry: Entry, caller: Caller) -> Refusal | None:
    kind, record = entry.parsed_head.t, entry.parsed_head.e
    if kind in INSPECTING and "inspect" not in caller.may:
        return Refusal("forbidden", f"role {caller.role} may not write {kind}")
    need = REGISTERS.get(kind)
    if need is not None and need not in caller.may:
        return Refusal("forbidden", f"role {caller.role} may not write {kind}")
    if kind == "officer" and "edit_officers" not in caller.may:
        role, _ = setters(entry).get("role", (None, []))  # whatever kind of entry sets it
        # a colleague may be entered as an officer; nobody makes anyone more than that
        if "inspect" not in caller.may and record != caller.officer:
            return Refusal("forbidden", f"role {caller.role} may not write {kind}")
        if role not in (None, "officer", caller.role):
            return Refusal("forbidden", "nobody gives a role that is not theirs to give")
    return None


def _is_setting(body: dict[str, Any]) -> bool:
    fields = body.get("f")
    if not isinstance(fields, dict):
        return False
    for cell in fields.values():
        if not isinstance(cell, dict) or isinstance(cell.get("x"), float):
            return False
        bases = cell.get("b")
        if bases and not (isinstance(bases, list) and all(isinstance(base, str) for base in bases)):
            return False
    return True


def _is_seal(body: dict[str, Any], seq: int, key: bytes) -> bool:
    """Whether the body holds a seal line for these bytes and this place in the chain, signed by this key."""
    line, signature, covers = body.get("line"), body.get("sig"), body.get("covers")
    if not isinstance(line, str) or not isinstance(signature, str) or not isinstance(covers, list):
        return False
    try:
        text = sealing.qr_text(line, base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
        found = sealing.parse(text)
    except (BadInput, ValueError):
        return False
    return found.seq == seq and found.sha256 == body.get("bytes") and sealing.check(text, key)
