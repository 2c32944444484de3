"""The way between notebook and server without a socket: it loses, delays, doubles and garbles."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec

from models.store.entry import Entry
from sync import wire
from sync.server.calls import Served, answered, found
from sync.server.requests import Incoming
from sync.transport import NoAnswer, Reply
from tests.direct import reply_of

from .disk import Crashed

if TYPE_CHECKING:
    from .books import Book
    from .world import World

RATES = {
    "request lost": 0.04,
    "reply lost": 0.04,
    "late duplicate": 0.1,
    "reply cut": 0.016,
    "portal page": 0.016,
    "stale reply": 0.01,
    "false receipt": 0.03,
    "client gone before the request": 0.006,
    "client gone before the reply": 0.009,
    "other in between": 0.06,
    "spool full": 0.01,  # never asked for; without it, seeds that are kept would draw other runs
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it left the notebook."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Switchboard:
    """The server's table of calls, which refuses what no notebook of ours may send."""

    def __init__(self, calls: list[Served]) -> None:
        self._calls = calls

    def answer(self, sent: Sent) -> Reply:
        """What the server answers."""
        path, _, query = sent.target.partition("?")
        asked = found(self._calls, sent.method, path)
        assert asked is not None, f"no such call: {sent.method} {path}"
        call, varying = asked
        assert len(sent.body) <= call.most, f"{path}: the client sends more than the server takes"
        incoming = Incoming(
            sent.method, sent.target, sent.headers, dict(parse_qsl(query)), varying, sent.body
        )
        reply = reply_of(answered(call.handler, incoming))
        assert reply.status != 500, f"{sent.method} {path}: the server failed"
        return reply


def _false_receipt(sent: Sent, last: bytes | None) -> Reply | None:
    """An answer to a push that nobody signed: an earlier receipt, made to name what was sent just now."""
    if sent.target != "/v1/sync/push" or last is None:
        return None
    fields = dict(sent.headers)
    prev = base64.b64decode(fields["sync-prev"])
    seq = int(fields["sync-first"]) - 1
    for line in wire.unpack(sent.body, 1 << 24).splitlines():
        raw = wire.split_line(line)
        prev, seq = Entry.of_bytes(prev, raw.head, raw.body, raw.signature).hash, seq + 1
    told = msgspec.json.decode(last)
    if "receipt" not in told:
        return None
    told["acc"], told["cursors"], told["results"] = seq, None, []
    told["receipt"]["entry_hash"] = prev.hex()
    told.pop("stopped", None)
    return Reply(200, {"content-type": "application/json"}, msgspec.json.encode(told))


class SimulatedLink:
    """The transport of one notebook."""

    def __init__(self, world: World, book: Book | None) -> None:
        self._world = world
        self._book = book

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
        """As `Transport.send`."""
        world, hit = self._world, self._world.faults.hit
        world.pass_time(world.random.randrange(20, 400))
        sent = Sent(method, target, tuple((name.lower(), value) for name, value in headers.items()), body)
        world.deliver_late()
        world.meddle(self._book)
        if hit("request lost"):
            raise NoAnswer("lost")
        if hit("portal page"):
            return Reply(200, {"content-type": "text/html"}, b"<html>Welcome! Please sign in.</html>")
        self._may_be_gone("client gone before the request")
        if method != "GET" and hit("late duplicate"):
            world.late.append(sent)
        self._in_order(method, target)
        false = _false_receipt(sent, world.receipts.get(self._book)) if self._book is not None else None
        if false is not None and hit("false receipt"):
            return false
        stale = world.seen.get((self._book, target))
        if method == "GET" and stale is not None and hit("stale reply"):
            return stale
        reply = world.server.answer(sent)
        if reply is None:
            raise NoAnswer("the server is gone")
        world.say(f"  {method} {target.partition('?')[0][:24]} {reply.status}")
        if method == "GET":
            world.seen[self._book, target] = reply
        if target == "/v1/sync/push" and reply.status == 200:
            world.receipts[self._book] = reply.body
        self._may_be_gone("client gone before the reply")
        if hit("reply lost"):
            raise NoAnswer("lost")
        if reply.body and hit("reply cut"):
            return Reply(reply.status, reply.headers, reply.body[: world.random.randrange(len(reply.body))])
        if len(reply.body) > most:
            raise NoAnswer("the answer is too long")
        return reply

    def _in_order(self, method: str, target: str) -> None:
        """Bytes of files go up only when all entries have a receipt (R16)."""
        if self._book is not None and method in ("PUT", "PATCH"):
            with self._book.seat as seat:
                waiting = seat.journal.unsent()[0]
            assert not waiting, f"{self._book} sends {target[:24]} before {waiting} entries"

    def _may_be_gone(self, name: str) -> None:
        if self._book is not None and self._world.faults.hit(name):
            raise Crashed(self._book)

    def close(self) -> None:
        """As `Transport.close`."""
