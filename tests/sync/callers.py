"""A server with a record of every kind in two units, and people who call it by hand, for tests of access."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
import urllib3

from models.registry import access, units
from models.store.change import new_id, put
from models.store.entry import Entry
from models.store.signer import Signer
from sync import wire
from sync.embedded import Running
from sync.server import admin, people
from sync.server.central import Central
from sync.server.tables import Blob
from sync.signing import new_nonce
from tests.photos import take_photo

from .by_hand import HandMade, first_entry, signed_fields
from .conftest import OTHER, UNIT

UNITS = [UNIT, OTHER]
FILE = b"bytes of a photo in %s"
KINDS = [row.kind for row in access.TABLE]


@dataclass
class World:
    """A server that holds a record of every kind in two units, each with its mark in it."""

    central: Central
    server: Running
    places: dict[tuple[str, str], int]
    """Number of the server's own entry, by kind and unit."""

    def mark(self, kind: str, unit: str) -> str:
        return f"内容-{kind}-{unit}"

    def file(self, unit: str) -> str:
        return hashlib.sha256(FILE % unit.encode()).hexdigest()


@dataclass
class Person:
    """Someone with an account in `UNIT` and one device."""

    world: World
    role: str
    device: HandMade
    token: str = ""

    @property
    def granted(self) -> list[str]:
        """The unit given at the account's making, and the city's but for a grid worker."""
        return [UNIT] if self.role == "grid_worker" else ["350600", UNIT]

    @property
    def may(self) -> frozenset[str]:
        found = units.role(self.role)
        assert found is not None
        return found.may

    @property
    def officer(self) -> str:
        return people.caller(self.world.central, self.device.signer.device).officer

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        nonce: str = "",
        **headers: str,
    ) -> urllib3.BaseHTTPResponse:
        """A call, signed where it changes something."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            fields["authorization"] = f"Bearer {self.token}"
        if method not in ("GET", "HEAD"):
            fields.setdefault("content-type", "application/json")
            fields = signed_fields(self.device.signer, method, target, fields, body, nonce or new_nonce())
        return urllib3.request(
            method, self.world.server.url + target, headers=fields, body=body, retries=False, redirect=False
        )

    def post(self, target: str, asked: Any, **more: str) -> urllib3.BaseHTTPResponse:
        return self.send("POST", target, msgspec.json.encode(asked), **more)

    def session(self, code: str = "") -> urllib3.BaseHTTPResponse:
        self.token = ""
        nonce = msgspec.json.decode(self.send("GET", "/v1/nonce").data)["nonce"]
        asked = {"device": self.device.signer.device} | ({"code": code} if code else {})
        answer = self.post("/v1/session", asked, nonce=nonce)
        self.token = msgspec.json.decode(answer.data)["token"]
        return answer

    def push(self, entries: list[Entry]) -> urllib3.BaseHTTPResponse:
        return self.send(
            "POST",
            "/v1/sync/push",
            wire.pack(b"".join(entry.line() for entry in entries)),
            content_type=wire.MEDIA_TYPE,
            content_encoding="zstd",
            sync_epoch=self.world.central.epoch,
            sync_first=str(entries[0].parsed_head.q),
            sync_prev=base64.b64encode(entries[0].prev).decode(),
        )

    def pull(self, asked: str = "") -> tuple[urllib3.BaseHTTPResponse, bytes]:
        """All pages from the beginning as one, inflated; `asked` names units, as "350603=0"."""
        answer = self.send(
            "GET",
            "/v1/sync/pull?after=0&bytes=8000000",
            sync_epoch=self.world.central.epoch,
            sync_units=asked,
        )
        page = wire.unpack(answer.data, 64 << 20)
        assert not wire.read_page(page)[1]["more"]
        return answer, page

    def first(self) -> Entry:
        return first_entry(self.device)


def fill(world: World, unit: str) -> None:
    central = world.central
    for kind in KINDS:
        (entry,) = central.write(put(kind, new_id(), unit, words=world.mark(kind, unit)))
        world.places[kind, unit] = entry.parsed_head.q
    data = FILE % unit.encode()
    sha256 = take_photo(central, data, unit)
    with central.writing():
        Blob.create(sha256=sha256, size=len(data), stored_at=central.clock.wall_ms())


def person(world: World, role: str, officer: str = "") -> Person:
    """Someone new of that role, or another device of a person."""
    central = world.central
    if not officer:
        officer = admin.add_officer(
            central, f"示例人{new_id()[-6:]}", role=role, unit_code=UNIT, units=(UNIT,)
        )
    device = HandMade(Signer.new())
    people.enrol(central, people.make_code(central, officer), device.signer.public_key_der, "手工设备")
    made = Person(world, role, device)
    made.session()
    return made
