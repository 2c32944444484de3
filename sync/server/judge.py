"""Which entries have an effect: what a role may write, where, and what a seal has closed.

An entry that is refused here is kept and logged all the same; a `verdict` entry of the server says that
it has no effect and why, and every fold obeys that (R5). Nothing here looks at another entry's outcome,
so that one bad entry never holds up the next.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from models import catalogue
from models.errors import BadInput
from models.inspections.rules import PLANNED
from models.registry import access, units
from models.store import sealing
from models.store.entry import Entry, Head, is_withheld
from models.store.fold import BESIDE, DEVICE_KINDS, SETTING, setters
from sync.server import people, rights
from sync.server.people import Caller

SERVER_KINDS = BESIDE | {"grant", "revoke", "epoch"}
"""Kinds of entry that only the server writes."""
GOES_ON = frozenset({"custody", "amendment"})
"""Kinds whose records may be added to a sealed inspection: evidence is handed on after the seal too."""
SEALED_KINDS = frozenset(
    {"inspection", "amendment", "bulletin", "spot_draw", "sampling", "interview", "measure_paper", "service"}
)
"""Kinds whose records may be sealed; a register never is, or nobody could correct it."""
SEALERS = ("first_officer", "second_officer", "recorder")
"""Fields that name who may seal a record besides who made it."""
SEALED_BY_RIGHT = frozenset({"bulletin", "spot_draw", "measure_paper"})
"""Kinds that whoever may write them may seal: an office issues them, not a person."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an entry has no effect."""

    type: str
    detail: str


def judge(entry: Entry, caller: Caller) -> Refusal | None:
    """The refusal that follows from the entry and its sender alone; None when there is none.

    One whose content an order took out, as it comes back to a restored server, is judged by its head.
    """
    head = entry.parsed_head
    if caller.revoked:
        return Refusal("revoked", "the device was revoked")
    without = is_withheld(entry.body)
    try:
        body = {"f": {}} if without else entry.parsed_body
    except (ValueError, RecursionError):
        return Refusal("schema", "the body is not a JSON object")
    if b"\\u0000" in entry.body and _holds_nul(body):  # bytes of JSON have it in no other way
        return Refusal("schema", "a text has a character that none can keep")
    if head.k in SERVER_KINDS:
        return Refusal("forbidden", f"{head.k} is the server's")
    if head.k in DEVICE_KINDS:
        home = head.o.d if head.o is not None and head.k == "clock" else caller.device
        own = head.t == "device" and head.e == home
        return None if own else Refusal("forbidden", f"{head.k} of another device")
    if head.t in ("device", rights.ACCOUNT):
        return Refusal("forbidden", "devices and accounts are the administrator's")
    if caller.may <= access.READING:
        return Refusal("forbidden", f"role {caller.role} writes nothing")
    if head.sc not in caller.units:
        return Refusal("unit", f"unit {head.sc} is not granted")
    if not caller.writes_in(head.sc, head.t):
        return Refusal("unit", f"unit {head.sc} is granted for reading only")
    if head.k in SETTING and not _is_setting(body):
        return Refusal("schema", "the fields are malformed")
    if head.t == "case_transfer" and not _is_transfer(entry):
        return Refusal("schema", "no unit that a case can go to")
    if head.k == "seal" and not _is_seal(body, *_sealing_place(head, caller)):
        return Refusal("schema", "not its device's signed word for these bytes")
    return _by_role(entry, caller)


def _holds_nul(value: Any) -> bool:
    """Whether any text within has U+0000, which PostgreSQL cannot even look for; no notebook writes it."""
    if isinstance(value, dict):
        return any(map(_holds_nul, (*value, *value.values())))
    return any(map(_holds_nul, value)) if isinstance(value, list) else "\0" in str(value)


def only_prepares(entry: Entry, caller: Caller) -> bool:
    """Whether the caller may begin records of the entry's kind for others, and no more than that."""
    kind = entry.parsed_head.t
    return access.may_prepare(caller.may, kind) and not access.may_write(caller.may, kind)


def _by_role(entry: Entry, caller: Caller) -> Refusal | None:
    kind = entry.parsed_head.t
    if kind == "officer":
        return _of_officer(entry, caller)
    # what neither table nor catalogue has is of a later version: carried, and no fold of ours shows it
    known = access.knows(kind) or catalogue.kind(kind) is not None
    if not known or access.may_write(caller.may, kind) or _is_plan(entry, caller):
        return None
    return Refusal("forbidden", f"role {caller.role} may not write {kind}")


def _is_plan(entry: Entry, caller: Caller) -> bool:
    """Whether the entry assigns an inspection and says nothing that is for its officers to say."""
    fields = setters(entry)
    if not only_prepares(entry, caller) or entry.parsed_head.k != "set":
        return False
    if is_withheld(entry.body):
        return True  # what it said was judged before an order took it out
    return fields.keys() <= PLANNED and fields.get("assigned", (None, []))[0] is True


def _of_officer(entry: Entry, caller: Caller) -> Refusal | None:
    if "edit_officers" in caller.may:
        return None
    own = entry.parsed_head.e == caller.officer
    # a colleague may be entered as an officer; nobody makes anyone more than that
    if not own and "inspect" not in caller.may:
        return Refusal("forbidden", f"role {caller.role} may not write officer")
    fields = setters(entry)  # whatever kind of entry sets it
    if "role" not in fields:
        return None
    # where none is given a reader takes it for an officer's
    code = fields["role"][0] or "officer"
    role = units.role(code) if isinstance(code, str) else None
    if code == "officer" and "inspect" in caller.may:
        return None
    # one's own record may say less than the account allows, as that of a notebook begun before, never more
    if own and role is not None and role.may <= caller.may:
        return None
    return Refusal("forbidden", "nobody gives a role that is not theirs to give")


def _is_transfer(entry: Entry) -> bool:
    """Whether the unit that it names, if any, is one that handles cases."""
    fields = setters(entry)
    code = fields["to_unit"][0] if "to_unit" in fields else units.city().code
    found = units.unit(code) if isinstance(code, str) else None
    return found is not None and found.code == code and found in (units.city(), *units.county_level())


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


def _sealing_place(head: Head, caller: Caller) -> tuple[int, bytes]:
    """Number and key that a seal line must name: of its first home, where it is carried (R6, R8)."""
    if head.o is None:
        return head.q, caller.key
    home = people.caller_here(head.o.d)
    return head.o.q, home.key if home is not None else b""


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
    return found.seq == seq and found.digest == body.get("bytes") and sealing.check(text, key)
