"""What the server answers to each call of the protocol (docs/protocol.md); blocking, one thread a call."""

from __future__ import annotations

import time
from typing import Any

from models.errors import StoreRefused
from models.store import schema
from models.store.database import full_disk, unhurried
from models.store.postgres import away
from sync import wire
from sync.checkpoint import CheckpointRefused, open_checkpoint
from sync.garbage import collected_later
from sync.problems import Problem
from sync.server import (
    accept,
    door,
    durable,
    healed,
    pages,
    people,
    quarantine,
    recovering,
    room,
    segments,
    stamping,
    uploads,
)
from sync.server.central import b64
from sync.server.file_desk import FileDesk
from sync.server.people import Caller
from sync.server.requests import Incoming, Outgoing, from_base64, hash_of, member, number, within
from sync.server.tables import Device
from sync.signing import is_succession

HEADS_COMPARED = 64
"""Signed heads of a client that are compared at most."""
_LATEST_MS = 1 << 53
"""No time or count is beyond this; the database's numbers end not far above."""


class Desk(FileDesk):
    """The calls of the protocol, each a method from request to answer."""

    # -- entries ---------------------------------------------------------------------------------

    def hello(self, request: Incoming) -> Outgoing:
        """POST /v1/sync/hello: where both ends stand."""
        who = self._signed(request)
        asked = request.json()
        central = self.central
        self._compare_lives(asked)
        head = central.sign_head()
        size = within(member(asked, "log").get("size"), head.size, "log.size") or 0
        wall = within(member(asked, "clock").get("wall"), _LATEST_MS, "clock.wall")
        within(member(asked, "head").get("q"), _LATEST_MS, "head.q")
        with unhurried(), central.writing():
            offset = central.clock.wall_ms() - wall if wall is not None else None
            seen = central.clock.wall_ms()
            schema.change(Device, {"id": who.device}, seen_at=seen, clock_offset_ms=offset)
        with central:
            last, last_hash = central.journal.last(who.device)
            probe = accept.probe(central, who.device)
        durable_cursor, backup = durable.standing(central)
        proof = central.consistency(size, head.size) if size else []
        return Outgoing(
            {
                "status": "revoked" if who.revoked else self._standing(who, asked, last),
                "epoch": central.epoch,
                "have": {"q": last, "hash": last_hash.hex()},
                "probe": probe,
                "size": head.size,
                "root": b64(head.root),
                "checkpoint": head.note,
                "consistency": [b64(step) for step in proof],
                "floor": 0,
                "durable_cursor": durable_cursor,
                "durable_backup": backup,
                "bundles": central.bundle_note(),
                "log_certificate": central.log_certificate,
                "stamped": stamping.newest_size(central),
                **who.told(),
                "limits": self.limits.as_dict(),
                "min_sv": door.MIN_SCHEMA,
                "time": central.clock.wall_ms(),
            }
        )

    def _compare_lives(self, asked: dict[str, Any]) -> None:
        """Refuse, as another epoch, a client that saw more of the log than there is (R8).

        Raises:
            Problem: epoch.
        """
        central = self.central
        told = asked.get("epoch")
        if told and told != central.epoch:
            raise Problem("epoch", epoch=central.epoch)
        note = member(asked, "log").get("checkpoint")
        if not note:
            return
        try:
            seen = open_checkpoint(str(note), public_key=central.public_key_der, origin=central.origin)
        except CheckpointRefused as reason:
            raise Problem("bad-request", f"checkpoint: {reason}") from reason
        # our own signature proves that we had this head: if we have not, we went back in time
        if central.root_at(seen.size) != seen.root:
            central.went_back(seen)
            raise Problem("epoch", epoch=central.epoch)

    def _standing(self, who: Caller, asked: dict[str, Any], last: int) -> str:
        head = member(asked, "head")
        seq, digest = head.get("q"), head.get("hash")
        if type(seq) is not int or seq >= last:
            return "ok"
        with self.central:
            row = self.central.journal.at(who.device, seq) if seq else None
        same = seq == 0 or (row is not None and bytes(row.hash).hex() == digest)
        return "behind" if same else "fork"

    def reconcile(self, request: Incoming) -> Outgoing:
        """POST /v1/sync/reconcile: up to where a client's log and this one are the same (R8)."""
        who = self._signed(request)
        heads = request.json().get("heads")
        if not isinstance(heads, list) or len(heads) > HEADS_COMPARED:
            raise Problem("bad-request", f"up to {HEADS_COMPARED} heads")
        common = 0
        for each in heads:
            size, root = each if isinstance(each, list) and len(each) == 2 else (None, None)
            number = within(size, _LATEST_MS, "heads") or 0
            if number and self.central.root_at(number) == from_base64(root):
                common = max(common, number)
        head = self.central.sign_head()
        healed.note(self.central, who.device)
        return Outgoing({"epoch": self.central.epoch, "common": common, "checkpoint": head.note})

    def recover(self, request: Incoming) -> Outgoing:
        """POST /v1/sync/recover: entries of other devices that this log may have lost (R8)."""
        who = self._signed(request)
        self._same_epoch(request)
        if who.revoked:
            raise Problem("revoked")
        lines = self._lines(request)
        with collected_later():
            result = recovering.recover(self.central, lines)
        healed.gave_back(self.central, who.device, result.stored)
        return Outgoing({"stored": result.stored, "have": result.have, "refused": result.refused})

    def _lines(self, request: Incoming) -> list[bytes]:
        """The lines of a compressed batch.

        Raises:
            Problem: too-large, bad-frame.
        """
        try:
            return wire.batch_lines(request.body, self.limits)
        except wire.TooLarge as reason:
            raise Problem("too-large", str(reason), limits=self.limits.as_dict()) from reason
        except wire.BadFrame as reason:
            raise Problem("bad-frame", str(reason)) from reason

    def push(self, request: Incoming) -> Outgoing:
        """POST /v1/sync/push: entry lines, zstd."""
        who = self._signed(request)
        self._same_epoch(request)
        first, prev = request.number("sync-first"), hash_of(request.header("sync-prev"))
        lines = self._lines(request)
        if first < 1:
            raise Problem("bad-request", "entries are numbered from 1")
        quarantine.refuse_beyond_quota(self.central, who, len(lines), sum(map(len, lines)))
        key = people.public_key(self.central, who.device) or b""
        with collected_later():
            batch = accept.read_batch(lines, first, prev, who, key)
            result = accept.accept(self.central, who, batch, first, prev)
        return Outgoing(accept.reply(self.central, who, result, uploads.wanted(self.central, who)))

    def pull(self, request: Incoming) -> Outgoing:
        """GET /v1/sync/pull: entries of the granted units that the caller has not."""
        return _page(self.pulled(request).data)

    def pulled(self, request: Incoming) -> pages.Page:
        """The page that a pull asks for.

        Raises:
            Problem: epoch, revoked, upgrade or bad-request.
        """
        who = self._receiving(request)
        have = _positions(request)
        if request.header("sync-snapshot") and segments.far_behind(self.central, who, have):
            raise Problem("cursor-too-old")
        size = min(
            number(request.query.get("bytes", str(self.limits.page)), "bytes"), self.limits.inflated // 2
        )
        after = number(request.query.get("after", "0"), "after")
        return pages.page(self.central, who, have, after, size, self.limits.entries * 4)

    def snapshot(self, request: Incoming) -> Outgoing:
        """GET /v1/snapshot: the segments of the log that the caller lacks."""
        who = self._receiving(request)
        found = segments.offered(self.central, who, _positions(request))
        return Outgoing({"segments": [each.as_dict() for each in found], "role": who.role})

    def segment(self, request: Incoming) -> Outgoing:
        """GET /v1/snapshot/{sha256}: the bytes of one, with Range."""
        return Outgoing(file=segments.readable(self.central, self._told(request), request.path["sha256"]))

    def own_entries(self, request: Incoming) -> Outgoing:
        """GET /v1/devices/self/entries: what the caller's own device wrote, after a number (R7)."""
        who = self._reading(request)
        if who.revoked:
            raise Problem("revoked")
        after = number(request.query.get("after", ""), "after")
        size = min(number(request.query.get("bytes", ""), "bytes"), self.limits.inflated // 2)
        return _page(pages.own_page(self.central, who.device, after, size, self.limits.entries * 4))

    def successor(self, request: Incoming) -> Outgoing:
        """POST /v1/devices/self/successor: another key goes on where this device's chain has forked (R6)."""
        who = self._signed(request)
        asked = request.json()
        key, proof = from_base64(asked.get("public_key")), from_base64(asked.get("proof"))
        try:
            proved = is_succession(key, who.device, proof)
        except ValueError as reason:
            raise Problem("bad-request", "not a public key") from reason
        if not proved:
            raise Problem("forbidden", "the new key has not signed")
        return certified(people.succeed(self.central, who, key))

    def receipt(self, request: Incoming) -> Outgoing:
        """GET /v1/receipts/{device}/{q}: the receipt of one entry that the caller may see."""
        who = self._reading(request)
        device, seq = request.path["device"], number(request.path["q"], "q")
        with self.central:
            row = self.central.journal.at(device, seq)
            known = row is not None and (row.device == who.device or who.reads(row))
            mine = known or (row is not None and row.device in people.went_on_from(who.device))
        if row is None or row.cursor is None or not mine:
            raise Problem("not-found")
        return self._holding(stamping.receipt(self.central, row, stamped=bool(request.query.get("stamped"))))

    def consistency(self, request: Incoming) -> Outgoing:
        """GET /v1/log/consistency: the proof that one head extends another."""
        self._reading(request)
        first = number(request.query.get("from", ""), "from")
        second = number(request.query.get("to", ""), "to")
        if not first <= second <= self.central.sign_head().size:
            raise Problem("bad-request", "sizes are not in order")
        return Outgoing({"path": [b64(step) for step in self.central.consistency(first, second)]})

    # -- the server itself -----------------------------------------------------------------------

    def health(self, request: Incoming) -> Outgoing:
        """GET /v1/health: whether it can write and sign."""
        try:
            size = self.central.sign_head().size
        except Exception as error:
            if away(error) and not full_disk(error):
                return Outgoing({"status": "no-database"}, status=503)
            if not isinstance(error, StoreRefused):
                raise
            return Outgoing({"status": "damaged"}, status=503)
        low = room.free(self.central.folder) < room.LOW
        told = {"status": "disk-low" if low else "ok", "size": size, "time": int(time.time() * 1000)}
        return Outgoing(told | healed.standing(self.central))

    def limit(self, request: Incoming) -> Outgoing:
        """GET /v1/limits: what the server takes at once."""
        return Outgoing(self.limits.as_dict())


def _positions(request: Incoming) -> dict[str, int]:
    """The last number that the caller has of each unit."""
    have: dict[str, int] = {}
    for item in filter(None, request.header("sync-units").split(",")):
        unit, _, count = item.strip().partition("=")
        have[unit] = number(count, "sync-units")
    return have


def certified(device: Device) -> Outgoing:
    """The answer to a device's successor, which is certified."""
    return Outgoing({"device": device.id, "certificate": device.certificate}, status=201)


def _page(lines: bytes) -> Outgoing:
    data = wire.pack(lines)
    return Outgoing(
        raw=data,
        headers={
            "content-type": wire.MEDIA_TYPE,
            "content-encoding": "zstd",
            "content-digest": wire.content_digest(data),
            "cache-control": "no-store",
        },
    )
