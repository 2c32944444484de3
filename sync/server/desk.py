"""What the server answers to each call of the protocol (docs/protocol.md); blocking, one thread a call."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from models.errors import StoreRefused
from models.store import schema
from models.store.database import full_disk, unhurried
from models.store.postgres import away
from models.store.signer import device_id
from sync import wire
from sync.checkpoint import CheckpointRefused, open_checkpoint
from sync.garbage import collected_later
from sync.problems import Problem
from sync.server import (
    accept,
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
from sync.server.central import Central, b64
from sync.server.logs import caller_is
from sync.server.people import Caller
from sync.server.rates import Rates
from sync.server.requests import Incoming, Outgoing, from_base64, hash_of, member, number, within
from sync.server.tables import Device
from sync.signing import SignatureRefused, is_succession, verify_request
from sync.wire import Limits

MIN_SCHEMA = 1
"""Oldest schema version whose notebooks may pull."""
HEADS_COMPARED = 64
"""Signed heads of a client that are compared at most."""
_LATEST_MS = 1 << 53
"""No time or count is beyond this; the database's numbers end not far above."""


class Desk:
    """The calls of the protocol, each a method from request to answer."""

    def __init__(self, central: Central, limits: Limits) -> None:
        self.central = central
        self.limits = limits
        self.rates = Rates(lambda: central.clock.mono_ms())

    # -- who is there ----------------------------------------------------------------------------

    def _signed(self, request: Incoming, *, server_nonce: bool = False, whole: bool = True) -> Caller:
        """The caller of a signed request; where its body is not `whole`, the digest of that is not asked.

        Raises:
            Problem: auth.
        """
        central = self.central
        signed = self._checked(request, lambda device: people.public_key(central, device), whole=whole)
        if server_nonce:
            people.check_server_nonce(central, signed[1])
        elif people.session_device(central, self.token(request)) != signed[0]:
            raise Problem("auth", "another device's session")
        self.rates.device(signed[0])
        people.use_nonce(central, *signed)
        caller_is(signed[0])
        return people.caller(central, signed[0])

    def _checked(
        self, request: Incoming, key: Callable[[str], bytes | None], *, whole: bool = True
    ) -> tuple[str, str]:
        try:
            signed = verify_request(
                request.method,
                request.target,
                request.headers,
                request.body if whole else None,
                public_key=key,
                now_s=self.central.clock.wall_ms() // 1000,
            )
        except SignatureRefused as reason:
            raise Problem("auth", str(reason), time=self.central.clock.wall_ms()) from reason
        return signed.device, signed.nonce

    def _reading(self, request: Incoming) -> Caller:
        """The caller of a request that changes nothing."""
        device = people.session_device(self.central, self.token(request))
        self.rates.device(device)
        caller_is(device)
        return people.caller(self.central, device)

    def _receiving(self, request: Incoming) -> Caller:
        """The caller of a request for what others wrote.

        Raises:
            Problem: auth, epoch, revoked, or upgrade for a notebook that could not read it (R15).
        """
        who = self._reading(request)
        self._same_epoch(request)
        if who.revoked:
            raise Problem("revoked")
        if number(request.header("sync-schema") or "1", "sync-schema") < MIN_SCHEMA:
            raise Problem("upgrade", f"schema {MIN_SCHEMA} is the oldest that is served", min_sv=MIN_SCHEMA)
        return who

    @staticmethod
    def token(request: Incoming) -> str:
        """The bearer token of a request; Problem auth where it has none."""
        kind, _, token = request.header("authorization").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Problem("auth", "no session")
        return token

    # -- enrolment and sessions ------------------------------------------------------------------

    def enrol(self, request: Incoming) -> Outgoing:
        """POST /v1/enrol: a one-time code and a public key, signed by that key."""
        asked = request.json()
        key = from_base64(asked.get("public_key"))
        try:
            self._checked(request, {device_id(key): key}.get)
        except ValueError as reason:
            raise Problem("bad-request", "not a public key") from reason
        self.rates.before_code(request.address)
        try:
            code, name, held = (str(asked.get(each, "")) for each in ("code", "name", "certificate"))
            device = people.enrol(self.central, code, key, name, officer_certificate=held)
        except Problem as problem:
            if problem.name == "code-wrong":
                self.rates.wrong_code(request.address)
            raise
        who = people.caller(self.central, device.id)
        caller_is(device.id)
        return Outgoing(
            {
                "device": device.id,
                "certificate": device.certificate,
                "authority": self.central.authority,
                "organisation": self.central.organisation,
                "host": self.central.meta("host"),
                "server": {"device": self.central.device, "key": b64(self.central.public_key_der)},
                "origin": self.central.origin,
                "epoch": self.central.epoch,
                "name": people.name_of(self.central, who.officer),
                **who.told(),
                "recovery": self.central.meta("recovery") or "",
                "bundles": self.central.bundle_note(),
                "limits": self.limits.as_dict(),
                "time": self.central.clock.wall_ms(),
            },
            status=201,
        )

    def nonce(self, request: Incoming) -> Outgoing:
        """GET /v1/nonce: the nonce that opens a session, and the server's time."""
        return Outgoing({"nonce": people.server_nonce(self.central), "time": self.central.clock.wall_ms()})

    def session(self, request: Incoming) -> Outgoing:
        """POST /v1/session: signed with the server's nonce; gives a bearer token of fifteen minutes."""
        who = self._signed(request, server_nonce=True)
        return Outgoing(
            {
                "token": people.open_session(self.central, who.device),
                "seconds": people.SESSION_S,
                "revoked": who.revoked,
                "time": self.central.clock.wall_ms(),
            }
        )

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
                "min_sv": MIN_SCHEMA,
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
        return Outgoing(file=segments.readable(self.central, self._reading(request), request.path["sha256"]))

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
        device = people.succeed(self.central, who, key)
        return Outgoing({"device": device.id, "certificate": device.certificate}, status=201)

    def _same_epoch(self, request: Incoming) -> None:
        if request.header("sync-epoch") != self.central.epoch:
            raise Problem("epoch", epoch=self.central.epoch)

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

    # -- files -----------------------------------------------------------------------------------

    def probe(self, request: Incoming) -> Outgoing:
        """POST /v1/blobs/probe: how much is here of some files."""
        who = self._signed(request)
        asked = request.json().get("files")
        if not isinstance(asked, list) or len(asked) > self.limits.probe:
            raise Problem("too-large", limits=self.limits.as_dict())
        states = []
        for file in (each if isinstance(each, dict) else {} for each in asked):
            asked_of = (str(file.get(key, "")) for key in ("sha256", "receipt"))
            states.append(uploads.found(self.central, who, *asked_of).as_dict(self.central))
        return self._holding({"files": states, "time": self.central.clock.wall_ms()})

    def blob_head(self, request: Incoming) -> Outgoing:
        """HEAD /v1/blobs/{sha256}: where to go on."""
        state = uploads.state(self.central, self._reading(request), request.path["sha256"])
        return Outgoing(raw=b"", headers=self._upload_fields(state))

    def blob_patch(self, request: Incoming) -> Outgoing:
        """PATCH /v1/blobs/{sha256}: the next bytes."""
        complete = request.header("upload-complete") == "?1"
        return self._uploaded(self._appended(request, self._signed(request), complete=complete))

    def blob_cut(self, request: Incoming) -> Outgoing:
        """The same, cut short: what arrived stays, unchecked until the whole file is."""
        return self._uploaded(self._appended(request, self._signed(request, whole=False), complete=False))

    def _appended(self, request: Incoming, who: Caller, *, complete: bool) -> uploads.FileState:
        self.rates.file_bytes(who.device, len(request.body))
        return uploads.append(
            self.central,
            who,
            request.path["sha256"],
            offset=request.number("upload-offset"),
            length=request.number("upload-length"),
            complete=complete,
            data=request.body,
            limits=self.limits,
        )

    def blob_put(self, request: Incoming) -> Outgoing:
        """PUT /v1/blobs/{sha256}: a small file whole."""
        who = self._signed(request)
        if len(request.body) > self.limits.whole:
            raise Problem("too-large", limits=self.limits.as_dict())
        self.rates.file_bytes(who.device, len(request.body))
        state = uploads.put(self.central, who, request.path["sha256"], request.body, self.limits)
        return self._uploaded(state)

    def blob_get(self, request: Incoming) -> Outgoing:
        """GET /v1/blobs/{sha256}: the bytes, with Range."""
        return Outgoing(file=uploads.readable(self.central, self._reading(request), request.path["sha256"]))

    def _holding(self, told: dict[str, Any], **more: Any) -> Outgoing:
        """An answer that says what is here, in this life of the log (R8)."""
        return Outgoing({"epoch": self.central.epoch, **told}, **more)

    def _uploaded(self, state: uploads.FileState) -> Outgoing:
        fields = self._upload_fields(state)
        if state.state != "complete":
            return Outgoing(raw=b"", status=204, headers=fields)
        return self._holding(state.as_dict(self.central), status=201, headers=fields)

    def _upload_fields(self, state: uploads.FileState) -> dict[str, str]:
        fields = {
            "upload-offset": str(state.offset),
            "upload-complete": "?1" if state.state == "complete" else "?0",
            "upload-limit": f"max-size={self.limits.file}, max-append-size={self.limits.chunk_most}",
        }
        if state.length is not None:
            fields["upload-length"] = str(state.length)
        return fields

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
