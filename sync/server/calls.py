"""The calls of the protocol as a table, and how each is answered: never by an exception.

HTTP (`sync.server.app`) is one driver of it; what runs a server without a socket is another.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from starlette.routing import compile_path

from models.errors import StoreRefused
from models.store.database import full_disk, of_the_disk
from models.store.postgres import away
from sync import problems
from sync.problems import Problem
from sync.server import logs, people, room
from sync.server.central import Central
from sync.server.desk import Desk
from sync.server.requests import Handler, Incoming, Outgoing
from sync.wire import Limits

_SMALL = 64 * 1024
LONG = 4 * _SMALL
"""Bodies longer than this are read from who has a session only."""
_WAIT_AWAY_S = 5


@dataclass(frozen=True, slots=True)
class Served:
    """One call: what answers it, and how long its body may be."""

    method: str
    path: str
    """With `{name}` for each part that varies."""
    handler: Handler
    most: int = _SMALL
    """Bytes of a request's body at most."""
    cut: Handler | None = None
    """What becomes of a body that was cut short on its way; by default nothing."""


def served(central: Central, limits: Limits) -> Iterator[Served]:
    """All calls that an open server answers."""
    return served_at(Desk(central, limits))


def served_at(desk: Desk) -> Iterator[Served]:
    """All calls that a desk answers."""
    limits = desk.limits
    yield Served("POST", "/v1/enrol", desk.enrol)
    yield Served("GET", "/v1/nonce", desk.nonce)
    yield Served("POST", "/v1/session", desk.session)
    yield Served("POST", "/v1/sync/hello", desk.hello, 2 * _SMALL)
    yield Served("POST", "/v1/sync/push", desk.push, limits.batch)
    yield Served("POST", "/v1/sync/reconcile", desk.reconcile, 2 * _SMALL)
    yield Served("POST", "/v1/sync/recover", desk.recover, limits.batch)
    yield Served("GET", "/v1/sync/pull", desk.pull)
    yield Served("GET", "/v1/snapshot", desk.snapshot)
    yield Served("GET", "/v1/snapshot/{sha256}", desk.segment)
    yield Served("GET", "/v1/devices/self/entries", desk.own_entries)
    yield Served("POST", "/v1/devices/self/successor", desk.successor)
    yield Served("GET", "/v1/receipts/{device}/{q}", desk.receipt)
    yield Served("GET", "/v1/log/consistency", desk.consistency)
    yield Served("POST", "/v1/blobs/probe", desk.probe, limits.probe * 128 + _SMALL)
    yield Served("HEAD", "/v1/blobs/{sha256}", desk.blob_head)
    yield Served("PATCH", "/v1/blobs/{sha256}", desk.blob_patch, limits.chunk_most, desk.blob_cut)
    yield Served("PUT", "/v1/blobs/{sha256}", desk.blob_put, limits.whole)
    yield Served("GET", "/v1/blobs/{sha256}", desk.blob_get)
    yield Served("GET", "/v1/health", desk.health)
    yield Served("GET", "/v1/limits", desk.limit)


def found(calls: Iterable[Served], method: str, path: str) -> tuple[Served, dict[str, str]] | None:
    """The call of that method and path, with the parts of the path that vary; None where there is none."""
    for call in calls:
        varying = _pattern(call.path).match(path)
        if call.method == method and varying is not None:
            return call, varying.groupdict()
    return None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


def admitted(desk: Desk, request: Incoming) -> Outgoing:
    """Nothing, for who has a session: asked before a long body is read, as nobody else may bring one.

    Raises:
        Problem: auth.
    """
    people.session_device(desk.central, desk.token(request))
    return Outgoing(status=204, raw=b"")


def answered(handler: Handler, request: Incoming) -> Outgoing:
    """What a handler answers; a refusal or a failure is told as problem details."""
    if any("\0" in part for part in request.path.values()):
        return refusal(Problem("not-found"))  # PostgreSQL cannot even look for it
    try:
        return handler(request)
    except Problem as problem:
        if problem.name == "busy":  # the storage of files
            logs.told(logging.ERROR, "the storage of files does not answer", failed=True)
        return refusal(problem)
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> Outgoing:
    if away(error) and not full_disk(error):
        logs.told(logging.ERROR, "the database does not answer")
        return refusal(Problem("busy", retry_after=_WAIT_AWAY_S))
    if isinstance(error, StoreRefused):
        cause = error.__cause__
        if isinstance(cause, Exception) and full_disk(cause):
            return _full()
        if isinstance(cause, Exception) and of_the_disk(cause):
            logs.told(logging.ERROR, "disk", says=str(cause))
            return refusal(Problem("internal"))
        logs.told(logging.ERROR, "damaged", says=error.msgid)
        return refusal(Problem("damaged"))
    if isinstance(error, OSError) and full_disk(error):
        return _full()
    logs.told(logging.ERROR, "failed", failed=True)
    return refusal(Problem("internal"))


def _full() -> Outgoing:
    return refusal(Problem("disk-full", retry_after=room.WAIT_S))


def refusal(problem: Problem) -> Outgoing:
    """A problem as an answer."""
    headers = {"content-type": problems.MEDIA_TYPE, "cache-control": "no-store"}
    if problem.retry_after is not None:
        headers["retry-after"] = str(problem.retry_after)
    if "offset" in problem.more:
        headers["upload-offset"] = str(problem.more["offset"])
    return Outgoing(status=problem.status, headers=headers, raw=problem.body())
