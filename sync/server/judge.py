"""Which entries have an effect: what a role may write, where, and what a seal has closed.

An entry that is refused here is kept and logged all the same; a `verdict` entry of the server says that
it has no effect and why, and every fold obeys that (R5). Nothing here looks at another entry's outcome,
so that one bad entry never holds up the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.store.entry import Entry
from models.store.fold import SETTING
from sync.files import value_set
from sync.server.people import Caller

SERVER_KINDS = frozenset({"verdict", "release", "reject", "grant", "revoke", "epoch", "redact"})
"""Kinds of entry that only the server writes."""
DEVICE_KINDS = frozenset({"enrol", "clock"})
"""Kinds that speak of the device itself; everyone may write them for their own."""
KNOWN_KINDS = SETTING | DEVICE_KINDS | {"void", "attach", "seal", "amend", "note"}
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
READING = frozenset({"audit", "see_complainant"})
"""What a role may do that writes nothing: a role with nothing else writes nothing."""
REGISTERS = {"site": "edit_sites", "unit": "administer_city"}
"""Registers, and what a role must be allowed for writing them."""
GOES_ON = frozenset({"custody", "amendment"})
"""Kinds whose records may be added to a sealed inspection: evidence is handed on after the seal too."""


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
    return _by_role(head.t, head.e, body, caller)


def _by_role(kind: str, record: str, body: dict[str, Any], caller: Caller) -> Refusal | None:
    if kind in INSPECTING and "inspect" not in caller.may:
        return Refusal("forbidden", f"role {caller.role} may not write {kind}")
    need = REGISTERS.get(kind)
    if need is not None and need not in caller.may:
        return Refusal("forbidden", f"role {caller.role} may not write {kind}")
    if kind == "officer" and "edit_officers" not in caller.may:
        role = value_set(body, "role")
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
