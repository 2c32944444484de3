"""What others wrote in the granted units, on its way down: pages, and for who lacks much, snapshots first."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from models.store.seat import SCHEMA, Arrival
from models.store.signer import device_id
from sync import wire
from sync.engine import Call, Cut, Engine, Steps, listed
from sync.ledger import OwnRun
from sync.outcome import Progress, senseless
from sync.paging import dense, entry_of, orders_of, page_of
from sync.portion import Portion
from sync.problems import Problem
from sync.verifying import first_false
from sync.wire import Limits

FIRST_PART = 256 * 1024
"""Bytes of a segment that are asked for at once, to begin with."""
TRIES = 3
"""How often a segment is fetched whole before the next session has to try again."""
PULL = "/v1/sync/pull"


def pull_call(
    after: int, have: Mapping[str, int], epoch: str, limits: Limits, *, snapshot: bool = False
) -> Call:
    """Asks for what others wrote.

    Args:
        after: the cursor up to which the log was looked through.
        have: the last number of each unit that is here.
        snapshot: whether to be told where the log's segments are quicker.
    """
    fields = _positions(have, epoch) | ({"sync-snapshot": "?1"} if snapshot else {})
    target = f"{PULL}?after={after}&bytes={limits.page}"
    return Call("GET", target, headers=fields, expects="page", most=limits.inflated)


def _positions(have: Mapping[str, int], epoch: str) -> dict[str, str]:
    return {"sync-epoch": epoch, "sync-units": wire.units_field(have), "sync-schema": str(SCHEMA)}


class Pulling:
    """Fetches what others wrote, a page or a segment at a time, each kept whole or not at all."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ledger = engine.ledger
        self._seat = engine.seat
        most = engine.limits.chunk_most
        self._chunk = Portion(FIRST_PART, least=FIRST_PART // 4, most=most, good=1, seconds=5)

    def whole(self) -> Steps[None]:
        """Fetch all that is not here yet; every signature is checked."""
        self._engine.phase = "pull"
        more = True
        while more:
            self._told()
            server = self._ledger.server()
            after = server.cursor if server is not None else 0
            have = self._ledger.positions()
            call = pull_call(after, have, self._engine.epoch, self._engine.limits, snapshot=True)
            try:
                answer = yield call
            except Problem as problem:
                if problem.name != "cursor-too-old":
                    raise
                yield from self._snapshot(have)
                continue
            lines, end = page_of(answer.body, self._engine.limits)
            following = end.get("next")
            if type(following) is not int:
                raise senseless("next")
            self._engine.of_this_life(end)
            more = bool(end.get("more"))
            if more and not lines:
                raise senseless("more")
            self._keep(lines, end, have, following)

    def _told(self) -> None:
        outcome = self._engine.outcome
        self._engine.told(Progress("pull", outcome.entries_received, 0, outcome.bytes_down))

    # -- snapshots -------------------------------------------------------------------------------

    def _snapshot(self, have: dict[str, int]) -> Steps[None]:
        """Take the segments of the log that are not here."""
        answer = yield Call("GET", "/v1/snapshot", headers=_positions(have, self._engine.epoch))
        before = sum(have.values())
        told = answer.json()
        self._ledger.read_as(told.get("role"))
        for each in listed(told.get("segments")):
            if not isinstance(each, dict):
                raise senseless("segments")
            unit, first, last = each.get("unit"), each.get("first"), each.get("last")
            name, size = each.get("sha256"), each.get("size")
            if not (isinstance(unit, str) and isinstance(name, str)):
                raise senseless("segments")
            if type(first) is not int or type(last) is not int or type(size) is not int or size < 1:
                raise senseless("segments")
            if size > self._engine.limits.inflated:
                raise senseless("segment")
            if have.get(unit, 0) >= last:
                continue
            body = yield from self._segment(name, size)
            lines, end = page_of(body, self._engine.limits)
            if [line.number for line in lines] != list(range(first, last + 1)):
                raise senseless("segment")
            # some of it may be here: it is kept once, and gives the hashes that the next lines are chained to
            self._keep(lines, end, have | {unit: first - 1}, None)
            have[unit] = last
            self._told()
        if sum(have.values()) == before:
            raise senseless("segments")

    def _segment(self, name: str, size: int) -> Steps[bytes]:
        """The bytes of a segment, fetched in parts; what came before a cut is not fetched again."""
        for _try in range(TRIES):
            body = bytearray()
            while len(body) < size:
                end = min(size, len(body) + self._chunk.size) - 1
                fields = {"range": f"bytes={len(body)}-{end}"}
                part = Call(
                    "GET",
                    f"/v1/snapshot/{name}",
                    headers=fields,
                    expects="part",
                    most=size,
                    large=True,
                )
                try:
                    answer = yield part
                except Cut:
                    self._chunk.was_cut()
                    continue
                if answer.status == 200:  # whole, as from a proxy that knows no ranges
                    body.clear()
                if not answer.body:
                    raise senseless("segment")
                body += answer.body
                self._chunk.went(answer.seconds)
            if hashlib.sha256(body).hexdigest() == name:
                return bytes(body)
        raise senseless("segment")

    # -- keeping ---------------------------------------------------------------------------------

    def _keep(
        self,
        lines: list[wire.PulledLine],
        end: dict[str, Any],
        have: dict[str, int],
        following: int | None,
    ) -> None:
        """Check every line and keep them in one transaction.

        Args:
            have: the last number that is here of each unit; brought up to date.
            following: the cursor from which to go on; None leaves it.
        """
        keys = self._keys(end.get("keys"))
        orders = orders_of(end, self._engine.server_device, self._engine.key)
        arrivals: list[Arrival] = []
        own: list[OwnRun] = []
        last: dict[str, bytes] = {}
        for line in lines:
            if line.own:
                run = OwnRun(line.own, line.count, line.cursor, 0 if line.unit else line.number)
                own.append(run)
                if line.unit:
                    dense(have, line.unit, line.number)
                elif line.number:
                    units = self._ledger.own_units(run)
                    if sum(units.values()) != line.count:
                        raise senseless("own")  # what is there of ours came at hello
                    if len(units) != 1:
                        raise senseless("own")
                    dense(have, next(iter(units)), line.number, line.count)
                continue
            arrival = entry_of(line, keys, last, orders, self._engine.server_device)
            arrivals.append(arrival)
            if line.number:
                dense(have, line.unit or arrival.entry.parsed_head.sc, line.number)
        if first_false([(each.entry, keys[each.entry.parsed_head.d]) for each in arrivals]) is not None:
            raise senseless("signature")
        with self._seat.writing():
            self._ledger.read_as(end.get("role"))
            new = self._ledger.take_page(arrivals, own, have, following)
            if following is not None:
                self._engine.keep_if_newest(self._engine.shown_head(end.get("checkpoint")))
        self._engine.outcome.entries_received += new

    def _keys(self, data: Any) -> dict[str, bytes]:
        """Device keys of a page: a device id is a hash of its key, so no key can be put under another's."""
        keys: dict[str, bytes] = {}
        for device, text in (data if isinstance(data, dict) else {}).items():
            try:
                key = base64.b64decode(str(text), validate=True)
                named = device_id(key) == device
            except ValueError as reason:
                raise senseless("keys") from reason
            if not named or (device == self._engine.server_device and key != self._engine.key):
                raise senseless("keys")
            keys[device] = key
        return keys
