"""From a record's entries to its state: a pure function, in whatever order they came.

A field is a multi-value register (sync.md R10): a `set` names the entries that it replaces; what nobody
replaced is a head; more than one head is a conflict, all sides kept. Entries that the server's verdicts put
aside have no effect until released (R5); those whose content was withheld from this reader have none. One
whose content an order took out (`models.store.orders`) still replaces what it replaced, and sets nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from models.store.entry import Entry, is_withheld
from models.store.orders import REDACT, Name, Order, order_on, orders_in

SETTING = frozenset({"set", "add", "resolve"})
DEVICE_KINDS = frozenset({"enrol", "clock"})
"""Kinds of entry that speak of the device itself; only its own chain has them."""
JUDGING = frozenset({"verdict", "release", "reject"})
TELLING = frozenset({"move", "show"})
"""Kinds by which the server gives a record to another unit, or lets another unit read it (R13)."""
BESIDE = JUDGING | TELLING | {REDACT}
"""Kinds by which the server speaks of a record; they set none of its fields."""
_SAID = JUDGING | {REDACT}
_NOT_SETTING = BESIDE | {"seal"}


class Head(NamedTuple):
    """One value that nobody has replaced, and who wrote it when."""

    value: Any
    uid: str
    time: int
    person: str
    device: str


@dataclass(slots=True)
class Folded:
    """The state of a record."""

    unit: str = ""
    made_at: int = 0
    made_by: str = ""
    device: str = ""
    changed_at: int = 0
    seals: list[str] = field(default_factory=list)
    """Hashes of its seal entries, earliest first; more than one is a conflict."""
    heads: dict[str, list[Head]] = field(default_factory=dict)
    """Heads by field, the one to show first."""
    put_aside: dict[str, str] = field(default_factory=dict)
    """Entries without effect: hash to the server's reason."""
    judged: bool = False
    """Whether the authority ever judged an entry of this record."""

    def value(self, name: str) -> Any:
        """The value to show; None where the field was never set."""
        heads = self.heads.get(name)
        return heads[0].value if heads else None

    @property
    def conflicts(self) -> list[str]:
        """The fields whose heads differ (two who wrote the same agree); `sealed` for two seals."""
        names = [
            name
            for name, heads in self.heads.items()
            if len(heads) > 1 and any(head.value != heads[0].value for head in heads)
        ]
        if len(self.seals) > 1 and "sealed" not in names:
            names.append("sealed")
        return sorted(names)


def put_aside(entries: Iterable[Entry], authority: Collection[str]) -> dict[str, str]:
    """What the authority's verdicts put aside and no later release took back: hash in hex to reason.

    A decision names the words that it takes the place of, which count no more. Of the others a device's own
    sequence orders its verdicts; between two devices of the authority, their times do. What a person decided
    counts more than a verdict, and in this life of the log more than in one of before, which comes back later
    than it was said (R8).
    """
    latest: dict[tuple[str, str], Entry] = {}
    words = [each for each in entries if each.parsed_head.k in JUDGING and each.parsed_head.d in authority]
    replaced = {uid for each in words for uid in _bases(content(each).get("b"))}
    for entry in words:
        if entry.uid not in replaced:
            place = (str(content(entry).get("of", "")), entry.parsed_head.d)
            before = latest.get(place)
            if before is None or _standing_of(before) < _standing_of(entry):
                latest[place] = entry
    aside: dict[str, str] = {}
    for (target, _), entry in sorted(latest.items(), key=lambda pair: pair[1].order()):
        if entry.parsed_head.k == "release":
            aside.pop(target, None)
        else:
            aside[target] = str(content(entry).get("type", entry.parsed_head.k))
    return aside


def _standing_of(word: Entry) -> tuple[int, int, int, bytes]:
    """Sorts one device's words on an entry: the last one counts."""
    head = word.parsed_head
    if head.k == "verdict":
        return 0, 0, head.q, word.hash
    came_back = head.o is not None
    return 1 + (not came_back), word.time if came_back else 0, head.q, word.hash


def moved_to(entries: Iterable[Entry], authority: Collection[str], before: Entry | None = None) -> str:
    """The unit that the authority gave a record to last; "" where it stays with that of its first entry.

    A move names those before it; of several that none names, as two lives of the log have them, the latest.

    Args:
        before: takes the last move before that entry, by their times.
    """
    moves = [each for each in entries if each.parsed_head.k == "move" and each.parsed_head.d in authority]
    if before is not None:
        moves = [each for each in moves if each.order() < before.order()]
    before_others = {uid for each in moves for uid in _bases(content(each).get("b"))}
    moves = [each for each in moves if each.uid not in before_others]
    return str(content(max(moves, key=Entry.order)).get("to", "")) if moves else ""


def words_on(entries: Iterable[Entry], name: str, authority: Collection[str]) -> list[Entry]:
    """What the authority said of an entry, among the entries of its record.

    Args:
        name: the entry's hash, in hex.
    """
    judging = (each for each in entries if each.parsed_head.k in JUDGING and each.parsed_head.d in authority)
    return [each for each in judging if content(each).get("of") == name]


def decided_on(entries: Iterable[Entry], authority: Collection[str]) -> set[str]:
    """The hashes, in hex, of entries of which the authority said anything: verdict, release, rejection."""
    return {
        str(content(entry).get("of", ""))
        for entry in entries
        if entry.parsed_head.k in JUDGING and entry.parsed_head.d in authority
    }


def content(entry: Entry) -> dict[str, Any]:
    """The body, or nothing where it cannot be read: such an entry is carried on without effect."""
    try:
        return entry.parsed_body
    except ValueError:
        return {}


def setters(entry: Entry) -> dict[str, tuple[Any, list[str]]]:
    """What the entry sets: field to (value, uids that it replaces)."""
    kind, body = entry.parsed_head.k, content(entry)
    if kind in SETTING:
        fields = body.get("f")
        if not isinstance(fields, dict):
            return {}
        return {
            name: (cell.get("x"), _bases(bases) if (bases := cell.get("b")) else [])
            for name, cell in fields.items()
            if isinstance(cell, dict)
        }
    if kind == "void":
        return {"voided": (body.get("why") or "-", _bases(body.get("b")))}
    if kind == "attach":
        bases = _bases(body.get("b"))
        return {name: (value, bases) for name, value in body.items() if name != "b"}
    if kind == "amend":
        return {"amends": (body.get("seal"), []), "amend_reason": (body.get("why"), [])}
    return {}


def setter_of(entry: Entry, name: str) -> tuple[Any, list[str]]:
    """What an entry of a setting kind sets one field to, and the uids that it replaces there."""
    fields = content(entry).get("f")
    cell = fields.get(name) if isinstance(fields, dict) else None
    return (cell.get("x"), _bases(cell.get("b"))) if isinstance(cell, dict) else (None, [])


def _bases(value: Any) -> list[str]:
    return [base for base in value if isinstance(base, str)] if isinstance(value, list) else []


def effective(
    entries: Iterable[Entry],
    aside: Collection[str],
    orders: Mapping[Name, Order] | None = None,
    authority: Collection[str] = (),
) -> list[Entry]:
    """The entries that count, in the order of their time: not put aside, not withheld, each uid once.

    What an order took the content of counts without it. Of an entry and those that claim to be its re-homed
    twins the entry itself counts, so that no claim displaces what it names; of twins alone the one with the
    least hash.
    """
    by_uid: dict[str, Entry] = {}
    for entry in entries:
        head = entry.parsed_head
        if head.k in BESIDE or (aside and entry.hash.hex() in aside):
            continue
        if is_withheld(entry.body) and not (orders and order_on(entry, orders, authority)):
            continue
        twin = by_uid.get(entry.uid)
        if twin is None or (head.o is not None, entry.hash) < (twin.parsed_head.o is not None, twin.hash):
            by_uid[entry.uid] = entry
    return sorted(by_uid.values(), key=Entry.order) if len(by_uid) > 1 else list(by_uid.values())


def fold(entries: Iterable[Entry], authority: Collection[str]) -> Folded:
    """The state that these entries of one record give, whatever their order."""
    entries = list(entries)
    if len(entries) == 1 and entries[0].parsed_head.k not in _NOT_SETTING:
        return _first(entries[0])
    said = [entry for entry in entries if entry.parsed_head.k in _SAID and entry.parsed_head.d in authority]
    judged = [entry for entry in said if entry.parsed_head.k != REDACT]
    state = Folded(put_aside=put_aside(judged, authority), judged=bool(judged))
    orders = orders_in(said, authority) if len(said) > len(judged) else {}
    counting = effective(entries, state.put_aside, orders, authority)
    if not counting:
        return state
    first = counting[0].parsed_head
    state.unit = moved_to(entries, authority) or first.sc
    state.made_by, state.device = first.u, counting[0].device
    state.made_at, state.changed_at = counting[0].time, counting[-1].time
    replaced: dict[str, set[str]] = {}
    for entry in counting:
        head = entry.parsed_head
        if head.k == "seal":
            state.seals.append(entry.hash.hex())
            continue
        changes = setters(entry)
        if orders and (order := order_on(entry, orders, authority)) is not None:
            for name, uids in order.replaced.items():
                replaced.setdefault(name, set()).update(uids)
            changes = {name: (value, []) for name, value in order.left.items()}
        for name, (value, bases) in changes.items():
            state.heads.setdefault(name, []).append(Head(value, entry.uid, entry.time, head.u, entry.device))
            if bases:
                replaced.setdefault(name, set()).update(bases)
    for name, heads in state.heads.items():
        gone = replaced.get(name)
        if gone:
            heads[:] = [head for head in heads if head.uid not in gone]
        heads.reverse()
    return state


def _first(entry: Entry) -> Folded:
    """As the general case gives it for one entry: most records have no more."""
    if is_withheld(entry.body):
        return Folded()
    head, time, uid = entry.parsed_head, entry.time, entry.uid
    heads = {
        name: [] if uid in bases else [Head(value, uid, time, head.u, entry.device)]
        for name, (value, bases) in setters(entry).items()
    }
    return Folded(head.sc, time, head.u, entry.device, time, heads=heads)
