"""What the authority's `redact` entries say: content that an order took out, and what is left of it; pure.

A redacted entry keeps its head, its signature and the SHA-256 of its body, so that hash, chain and proofs
hold. It goes on replacing what it replaced, and sets nothing: the `redact` entry says which entries those
are, as the body that said it is gone. So every fold gives the same, whichever came first, and whether the
bytes are still here or not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.store.entry import Entry, is_withheld, withheld

REDACT = "redact"
"""The kind of entry by which the server says that content was taken out."""
PROVING = frozenset({"enrol", "clock", "seal"})
"""Kinds whose content is never taken out: others are proved by it. What the server says has no effect from
another hand, and goes from there as anything."""
_HASH = re.compile("[0-9a-f]{64}")
Name = tuple[str, str]
"""What an order is about: an entry's uid or hash, and the SHA-256 of its body, both in hex."""


@dataclass(frozen=True, slots=True)
class Order:
    """The authority's word that the content of an entry, or of a file that it names, was taken out."""

    name: Name
    """The body's SHA-256 is "" where only a file went."""
    said: Entry
    """The `redact` entry."""
    replaced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that the entry set, with the uids that it replaced there."""
    left: Mapping[str, Any] = field(default_factory=dict)
    """Values that stay, as that a record was withdrawn."""
    files: tuple[str, ...] = ()
    """SHA-256 of the files that the entry named, or of the one that went."""

    @property
    def only_files(self) -> bool:
        """Whether the entry keeps its content, and a file that it names went, whoever else names it."""
        return not self.name[1]

    @property
    def by(self) -> str:
        """Officer record id of who carried it out."""
        return self.said.parsed_head.u

    @property
    def second(self) -> str:
        """Officer record id of who decided together with them; "" for nobody."""
        return str(self.said.parsed_body.get("and", ""))

    @property
    def why(self) -> str:
        """In words: which order."""
        return str(self.said.parsed_body.get("why", ""))


def digest_of(body: bytes) -> str:
    """SHA-256 of a body in hex, also of one that only its hash is left of."""
    return body[1:].decode() if is_withheld(body) else hashlib.sha256(body).hexdigest()


def order_of(said: Entry) -> Order | None:
    """What a `redact` entry says; None for what is none, or cannot be read."""
    try:
        body = said.parsed_body
    except ValueError:
        return None
    of, digest = body.get("of"), body.get("body", "")
    if said.parsed_head.k != REDACT or not isinstance(of, str) or not isinstance(digest, str):
        return None
    replaced: dict[str, tuple[str, ...]] = {}
    for names, bases in _pairs(body.get("r")):
        replaced.update(dict.fromkeys(names, bases))
    left = body.get("x")
    return Order(
        (of, digest), said, replaced, left if isinstance(left, dict) else {}, _texts(body.get("files"))
    )


def orders_in(entries: Iterable[Entry], authority: Collection[str]) -> dict[Name, Order]:
    """The orders of the authority among some entries; of several on one content, all say the same of it.

    Those on a file that an entry names are apart, each under that file: no content has that name.
    """
    found: dict[Name, Order] = {}
    for entry in entries:
        head = entry.parsed_head
        order = order_of(entry) if head.k == REDACT and head.d in authority else None
        if order is not None:
            name = (order.name[0], f"file {order.files}") if order.only_files else order.name
            before = found.get(name)
            # the first that was said, as it is told
            if before is None or order.said.order() < before.said.order():
                found[name] = order
    return found


def order_on(entry: Entry, orders: Mapping[Name, Order], authority: Collection[str]) -> Order | None:
    """The order that took an entry's content out, also where it is still here; None for none.

    What proves others, and what the authority itself wrote, is under no order.
    """
    if not orders or not may_go(entry, authority):
        return None
    digest = digest_of(entry.body)
    return orders.get((entry.uid, digest)) or orders.get((entry.hash.hex(), digest))


def may_go(entry: Entry, authority: Collection[str]) -> bool:
    """Whether the content of such an entry can be taken out at all."""
    head = entry.parsed_head  # who signed it: whom it claims to carry anybody may write
    return head.k not in PROVING and head.d not in authority


def without_content(entry: Entry) -> Entry:
    """The entry with its body's hash in the place of its body: of the same hash and signature."""
    return Entry.of_bytes(entry.prev, entry.head, withheld(entry.body), entry.signature)


def body_of(
    entry: Entry,
    replaced: Mapping[str, Iterable[str]],
    left: Mapping[str, Any],
    authority: Collection[str] = (),
) -> dict[str, Any]:
    """The first members of the `redact` entry on an entry; the database's trigger reads them by their place.

    Args:
        replaced: fields that the entry sets, with the uids that it replaces there.
        left: values that stay.
        authority: devices whose entries are under no order.
    """
    shared: dict[tuple[str, ...], list[str]] = {}
    for name, bases in replaced.items():
        shared.setdefault(tuple(bases), []).append(name)
    body: dict[str, Any] = {"of": name_of(entry, authority), "body": digest_of(entry.body)}
    body["r"] = [[names, list(bases)] for bases, names in shared.items()]
    return body | ({"x": dict(left)} if left else {})


def name_of(entry: Entry, authority: Collection[str] = ()) -> str:
    """How an order names an entry: by its uid, or where that would name what the authority wrote, or no
    trigger would find the claim, by its hash.
    """
    carries = entry.parsed_head.o is not None and entry.device not in authority and is_plain(entry)
    return entry.uid if carries else entry.hash.hex()


def is_plain(entry: Entry) -> bool:
    """Whether what is carried names its first home by a hash, as all programs write it.

    The database's triggers find it by these bytes.
    """
    return _HASH.fullmatch(entry.uid) is not None and f'"h":"{entry.uid}"'.encode() in entry.head


def _pairs(value: Any) -> Iterable[tuple[tuple[str, ...], tuple[str, ...]]]:
    for each in value if isinstance(value, list) else []:
        if isinstance(each, list) and len(each) == 2:
            yield _texts(each[0]), _texts(each[1])


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
