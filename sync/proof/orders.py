"""Evidence that an order took out: in its place a package bears the server's signed word for that.

| member | what it is |
|---|---|
| eNNN.order.prev, .head, .body | the server's `redact` entry: the hash before it, its head and body |
| eNNN.order.sig | its signature by the key of the log, DER |

The record still names the file by its hash, and the order names that hash: taken out, and not altered. An
order on an entry's content is one on the piece of evidence that the entry is of, and excuses no other that is
of the same file; one on a file takes that out wherever it is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from models.store.entry import Entry, hash_input
from models.store.signer import device_id, verify
from sync.proof import layout

_HEAD = re.compile(rb'\{"v":1,"d":"([0-9a-f]{32})","q":[0-9]{1,16},"k":"redact",[^\n]*\Z')
_RECORD = re.compile(
    rb'\{"v":1,"d":"[0-9a-f]{32}","q":[0-9]{1,16},"k":"redact","t":"[a-z_]+","e":"([0-9A-Za-z-]+)",'
)
_TEXT = rb'"(?:[^"\\]|\\.)*"'
_VALUE = rb"(?:" + _TEXT + rb"|[a-z0-9-]+)"
_PAIR = rb'"[a-z0-9_]+":' + _VALUE
_BODY = re.compile(
    rb'\{"of":"[0-9a-f]{64}","body":"([0-9a-f]{64})?"(?:,"r":(?:[\[\],]|"[^"\\]*")*)?'
    rb'(?:,"x":\{(?:[,:]|' + _TEXT + rb')*\})?,"files":\[([^\]]*)\]'
)
"""From its beginning: what it keeps of the entry (`x`) is its writer's and may look like anything."""
_HASH = re.compile(rb'"([0-9a-f]{64})"')
_ITEM = re.compile(
    rb'"about":\{(?:'
    + _PAIR
    + rb',)*"id":"([0-9A-Za-z-]+)"(?:,'
    + _PAIR
    + rb')*\},"bytes":'
    + _VALUE
    + rb',"captured":\{(?:'
    + _PAIR
    + rb"(?:,"
    + _PAIR
    + rb')*)?\},"media":'
    + _VALUE
    + rb',"note":'
    + _VALUE
    + rb',"path":"([^"\\]*)","sha256":"[0-9a-f]{64}"'
)
"""A piece of evidence as a sealed record of ours has it."""


def members(path: str, said: Entry) -> dict[str, bytes]:
    """What stands in a package for the evidence of that path."""
    r, s = (int.from_bytes(half) for half in (said.signature[:32], said.signature[32:]))
    parts = {"prev": said.prev, "head": said.head, "body": said.body, "sig": encode_dss_signature(r, s)}
    return {f"{stem_of(path)}.order.{part}": data for part, data in parts.items()}


def stem_of(path: str) -> str:
    """The name of a piece of evidence without folder and suffix: `data/e003.jpg` is `e003`."""
    return path.removeprefix("data/").partition(".")[0]


def stems(names: Iterable[str]) -> set[str]:
    """The pieces of evidence in whose place an order stands, or a part of one."""
    return {found[1] for name in names if (found := layout.ORDER.fullmatch(name))}


def all_parts(names: Iterable[str]) -> set[str]:
    """The members that there are to be where one of them is."""
    return {f"{stem}.order.{part}" for stem in stems(names) for part in layout.ORDER_PARTS}


def is_genuine(tags: Mapping[str, bytes], stem: str, key: bytes) -> bool:
    """Whether the order in the place of a piece of evidence is the word of the server with that key."""
    prev, head, body, signature = (tags[f"{stem}.order.{part}"] for part in layout.ORDER_PARTS)
    named = _HEAD.match(head)
    if named is None or len(prev) != 32 or named[1].decode() != device_id(key):
        return False
    return verify(key, signature, hash_input(prev, head, body))


def names_file(tags: Mapping[str, bytes], stem: str, sha256: str) -> bool:
    """Whether that order names a file."""
    body = _BODY.match(tags[f"{stem}.order.body"])
    return body is not None and sha256.encode() in _HASH.findall(body[2])


def is_on(tags: Mapping[str, bytes], stem: str, path: str) -> bool:
    """Whether that order is one on a file, wherever it is named, or on the evidence of that path itself."""
    body, record = _BODY.match(tags[f"{stem}.order.body"]), _RECORD.match(tags[f"{stem}.order.head"])
    if body is None or record is None:
        return False
    evidence = {found[2]: found[1] for found in _ITEM.finditer(tags[layout.RECORD])}
    return body[1] is None or evidence.get(path.encode()) == record[1]
