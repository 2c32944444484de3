"""A transport without a socket: calls go straight to the server's table of calls."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Context
from urllib.parse import parse_qsl, urlsplit

from sync.server.calls import answered, found, served
from sync.server.central import Central
from sync.server.requests import Incoming, Outgoing
from sync.transport import NoAnswer, Reply
from sync.wire import Limits


class Direct:
    """As `sync.transport.HttpTransport`, to a server's seat in this process."""

    def __init__(self, central: Central, limits: Limits | None = None) -> None:
        self._calls = list(served(central, limits or Limits()))

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
        """As `sync.transport.Transport.send`."""
        parts = urlsplit(target)
        asked = found(self._calls, method, parts.path)
        if asked is None:
            return Reply(404, {"content-type": "text/plain"}, b"Not Found")
        call, varying = asked
        incoming = Incoming(
            method=method,
            target=target,
            headers=tuple((name.lower(), value) for name, value in headers.items()),
            query=dict(parse_qsl(parts.query)),
            path=varying,
            body=body,
        )
        # in a context of its own: what the caller's thread has entered is not the server's
        reply = reply_of(Context().run(answered, call.handler, incoming))
        if len(reply.body) > most:
            raise NoAnswer("the answer is too long")
        return reply

    def close(self) -> None:
        """Nothing is held."""


def reply_of(outgoing: Outgoing) -> Reply:
    """An answer of the server as it arrives; of a file all bytes."""
    if outgoing.file is not None:
        return Reply(outgoing.status, dict(outgoing.headers), outgoing.file.read_bytes())
    headers, body = outgoing.written()
    return Reply(outgoing.status, headers, body)
