"""What must hold of each record at the server, reckoned anew from the entries and not by the product."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from models import catalogue
from models.store.entry import Entry, is_withheld
from models.store.journal import EntryRow
from models.store.lookup import by_id
from models.store.projection import Conflicted
from models.store.records import _fitting, columns
from models.store.witness import witnessed
from sync.server.central import Central

if TYPE_CHECKING:
    from .world import World

_ROUND_TRIP_MS = 120_000
"""How exact the notebook knows the server's time: half of what an answer took."""
_SILENT = {"verdict", "release", "reject", "seal", "note", "redact"}
_GONE = object()
"""The value of an entry whose content an order took out; it replaces and is not shown."""
Values = dict[str, list[tuple[str, Any, list[str]]]]
"""By field: uid, value and the uids that it replaces."""


def check(world: World, central: Central, aside: dict[str, str]) -> None:
    """Fields, conflicts, seals and times.

    Args:
        aside: hashes, in hex, of entries without effect.
    """
    found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    with central:
        for row in EntryRow.select().order_by(EntryRow.cursor):
            found[row.record_kind, row.record].append(row.entry())
        listed = {(row.kind, row.record): set(row.fields.split(",")) for row in Conflicted.select()}
    for (kind, record), entries in found.items():
        standing = [each for each in entries if each.hash.hex() not in aside]
        if catalogue.kind(kind) is not None:
            values = _values(standing)
            _shown(central, kind, record, values)
            _conflicts(kind, record, values, standing, listed.get((kind, record), set()))
        _sealed(kind, record, standing, entries)
    _times(world, central)


def _uid(entry: Entry) -> str:
    origin = json.loads(entry.head).get("o")
    return str(origin["h"]) if origin else entry.hash.hex()


def _values(standing: list[Entry]) -> Values:
    values: Values = defaultdict(list)
    seen: set[str] = set()
    said = [_object(each) for each in standing if each.parsed_head.k == "redact"]
    orders = {(each["of"], each["body"]): each for each in said if each.get("body")}
    for entry in standing:
        uid = _uid(entry)
        kind, body = entry.parsed_head.k, _object(entry)
        if uid in seen or kind in _SILENT:
            continue
        order = orders.get((uid, _digest(entry)))
        assert (order is not None) == is_withheld(entry.body), f"{uid[:8]}: content and order disagree"
        seen.add(uid)
        if order is not None:
            for names, bases in order["r"]:
                for name in names:
                    values[name].append((uid, _GONE, bases))
            for name, value in order.get("x", {}).items():
                values[name].append((uid, value, []))
        elif kind in ("set", "add", "resolve") and isinstance(body.get("f"), dict):
            for name, cell in body["f"].items():
                if isinstance(cell, dict):
                    values[name].append((uid, cell.get("x"), _texts(cell.get("b"))))
        elif kind == "void":
            values["voided"].append((uid, body.get("why") or "-", _texts(body.get("b"))))
        elif kind == "attach":
            for name, value in body.items():
                values[name].append((uid, value, []))
        elif kind == "amend":
            values["amends"].append((uid, body.get("seal"), []))
            values["amend_reason"].append((uid, body.get("why"), []))
    return values


def _digest(entry: Entry) -> str:
    here = not is_withheld(entry.body)
    return hashlib.sha256(entry.body).hexdigest() if here else entry.body[1:].decode()


def _object(entry: Entry) -> dict[str, Any]:
    try:
        body = json.loads(entry.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _heads(changes: list[tuple[str, Any, list[str]]]) -> list[Any]:
    replaced = {base for _uid, _value, bases in changes for base in bases}
    return [value for uid, value, _bases in changes if uid not in replaced and value is not _GONE]


def _shown(central: Central, kind_name: str, record: str, values: Values) -> None:
    """No value is shown that somebody saw and replaced."""
    kind = catalogue.kind(kind_name)
    assert kind is not None
    with central:
        row = by_id(kind.table, record)
    if row is None:
        return
    own = columns(kind.table)
    computed = kind.table.derive(dict.fromkeys(own)).keys()
    for name, field in own.items():
        shown = getattr(row, name)
        if shown is not None and name not in computed:
            good = [_fitting(field, value) for value in _heads(values.get(name, []))]
            assert shown in good, f"{kind_name} {record}: {name} shows {shown!r}, which was overruled"


def _conflicts(kind: str, record: str, values: Values, standing: list[Entry], listed: set[str]) -> None:
    """Each field with two values that nobody replaced is listed, and none else."""
    differ = {name for name, changes in values.items() if len({repr(each) for each in _heads(changes)}) > 1}
    if len({_uid(each) for each in standing if each.parsed_head.k == "seal"}) > 1:
        differ.add("sealed")
    assert differ == listed, f"{kind} {record}: in conflict {sorted(differ)}, listed {sorted(listed)}"


def _sealed(kind: str, record: str, standing: list[Entry], entries: list[Entry]) -> None:
    """On a sealed record an entry counts exactly when a seal covers it, or somebody released it."""
    seals = [each for each in standing if each.parsed_head.k == "seal"]
    covered = {str(each) for seal in seals for each in _texts(_object(seal).get("covers"))}
    released = {_object(each).get("of") for each in entries if each.parsed_head.k == "release"}
    for entry in standing if seals else ():
        name = entry.hash.hex()
        known = {name, _uid(entry)} & covered or name in released or entry.parsed_head.k in _SILENT
        assert known, f"{kind} {record}: {entry.parsed_head.k} {name[:8]} counts and no seal covers it"


def _times(world: World, central: Central) -> None:
    """The server's times around an entry do hold the moment at which it was written."""
    with central:
        places = [(row.device, row.seq, row.entry().uid) for row in EntryRow.select().order_by(EntryRow.n)]
    places = [place for place in places if place[2] in world.written_at]
    for device, seq, uid in world.random.sample(places, min(6, len(places))):
        between, moment = witnessed(central, device, seq), world.written_at[uid]
        before, after = between.not_before or 0, between.not_after or moment
        assert before <= moment + _ROUND_TRIP_MS, f"{device} {seq}: written {moment}, before {between}"
        assert moment <= after + _ROUND_TRIP_MS, f"{device} {seq}: written {moment}, after {between}"
