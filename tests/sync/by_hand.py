"""Entries and requests of a device, made by hand so that they can be wrong, and a server that takes them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from models.store.change import new_id
from models.store.clock import now_ms
from models.store.entry import Entry, Head, hash_input
from models.store.notebook import Notebook
from models.store.sealing import seal_line
from models.store.signer import Signer
from sync.server import accept, admin, people
from sync.server.accept import read_batch
from sync.server.central import Central
from sync.signing import sign_request
from tests.conftest import UNIT


@dataclass
class HandMade:
    """A device whose entries are made by hand, so that they can be wrong."""

    signer: Signer
    seq: int = 0
    prev: bytes = bytes(32)

    def entry(self, kind: str, record_kind: str, record: str, body: Any, unit: str = UNIT) -> Entry:
        """The next entry of the chain."""
        self.seq += 1
        head = Head(
            v=1,
            d=self.signer.device,
            q=self.seq,
            k=kind,
            t=record_kind,
            e=record,
            sc=unit,
            sv=1,
            u="",
            w="2026-11-23T08:00:00.000+08:00",
            m=("boot", 1),
        )
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        unsigned = Entry.of_bytes(self.prev, msgspec.json.encode(head), raw, b"")
        entry = self.sealed(unsigned)
        self.prev = entry.hash
        return entry

    def sealed(self, entry: Entry) -> Entry:
        """The entry with its signature."""
        signature = self.signer.sign_raw(hash_input(entry.prev, entry.head, entry.body))
        return Entry.of_bytes(entry.prev, entry.head, entry.body, signature)

    def site(self, name: str, unit: str = UNIT) -> Entry:
        """A harmless entry."""
        return self.entry("set", "site", new_id(), {"f": {"name": {"x": name, "b": []}}}, unit)


def enrol_by_hand(central: Central, role: str = "officer", units: tuple[str, ...] = (UNIT,)) -> HandMade:
    """A device of somebody new with that role, known to the server."""
    officer = admin.add_officer(central, f"执法员{new_id()[-4:]}", role=role, unit_code=UNIT, units=units)
    device = HandMade(Signer.new())
    code = people.make_code(central, officer)
    people.enrol(central, code, device.signer.public_key_der, "手工设备")
    return device


def first_entry(device: HandMade) -> Entry:
    """What every chain begins with: the key."""
    key = base64.b64encode(device.signer.public_key_der).decode()
    return device.entry("enrol", "device", device.signer.device, {"key": key, "alg": "p256-sha256"})


def push(central: Central, device: HandMade, entries: list[Entry]) -> dict[str, Any]:
    """The server's answer to a batch, which begins where its first entry says."""
    lines, start = [each.line()[:-1] for each in entries], entries[0]
    return push_lines(central, device, lines, start.prev, start.parsed_head.q)


def push_lines(
    central: Central, device: HandMade, lines: list[bytes], prev: bytes, first: int
) -> dict[str, Any]:
    """The server's answer to lines of which this device says that they go on there."""
    caller = people.caller(central, device.signer.device)
    batch = read_batch(lines, first, prev, caller, device.signer.public_key_der)
    return accept.reply(central, caller, accept.accept(central, caller, batch, first, prev), [])


def bent_signature(entry: Entry) -> Entry:
    """The entry with one bit of its signature changed."""
    signature = bytearray(entry.signature)
    signature[10] ^= 1
    return replace(entry, signature=bytes(signature))


def setting(**fields: Any) -> dict[str, Any]:
    """The body of a `set` entry that has seen no value before."""
    return {"f": {name: {"x": value, "b": []} for name, value in fields.items()}}


def seal_body(device: HandMade, covers: list[Entry]) -> dict[str, Any]:
    """A seal for the next place in the chain."""
    signer, digest = device.signer, "cd" * 32
    line = seal_line("H.EXAMPLE", "N-1", "-", 1_795_392_000_000, device.seq + 1, 0, digest, signer.key_id)
    signature = base64.urlsafe_b64encode(signer.sign(line.encode())).decode().rstrip("=")
    return {"line": line, "sig": signature, "covers": [each.hash.hex() for each in covers], "bytes": digest}


def signed_fields(
    by: Signer | Notebook, method: str, target: str, fields: Mapping[str, str], body: bytes, nonce: str
) -> dict[str, str]:
    """The fields of a request, signed by a device now."""
    created_s = now_ms() // 1000
    return sign_request(
        method, target, fields, body, device=by.device, sign=by.sign, created_s=created_s, nonce=nonce
    )
