"""The server as an ASGI application: routes, limits on what is read, errors as problem details."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio.to_thread
import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from models.errors import StoreRefused
from models.store.database import full_disk
from sync import problems
from sync.problems import Problem
from sync.server import verify_page
from sync.server.central import Central
from sync.server.desk import Desk, Handler, Incoming, Outgoing
from sync.wire import Limits

log = logging.getLogger("qingcha.server")
THREADS = 8
"""Calls worked on at once; each thread has a database connection of its own."""
_SMALL = 64 * 1024
_DAY_S = 24 * 3600
Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(central: Central, limits: Limits | None = None) -> Starlette:
    """The application over an open server seat; closing the seat is the caller's."""
    limits = limits or Limits()
    desk = Desk(central, limits)
    probe_size = limits.probe * 128 + _SMALL

    def route(path: str, method: str, handler: Handler, most: int = _SMALL) -> Route:
        return Route(path, _endpoint(handler, most), methods=[method])

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        nightly = asyncio.create_task(_recheck_daily(central))
        try:
            yield
        finally:
            nightly.cancel()

    return Starlette(
        lifespan=lifespan,
        routes=[
            route("/v1/enrol", "POST", desk.enrol),
            route("/v1/nonce", "GET", desk.nonce),
            route("/v1/session", "POST", desk.session),
            route("/v1/sync/hello", "POST", desk.hello, 2 * _SMALL),
            route("/v1/sync/push", "POST", desk.push, limits.batch),
            route("/v1/sync/reconcile", "POST", desk.reconcile, 2 * _SMALL),
            route("/v1/sync/recover", "POST", desk.recover, limits.batch),
            route("/v1/sync/pull", "GET", desk.pull),
            route("/v1/devices/self/entries", "GET", desk.own_entries),
            route("/v1/receipts/{device}/{q}", "GET", desk.receipt),
            route("/v1/log/consistency", "GET", desk.consistency),
            route("/v1/blobs/probe", "POST", desk.probe, probe_size),
            route("/v1/blobs/{sha256}", "HEAD", desk.blob_head),
            route("/v1/blobs/{sha256}", "PATCH", desk.blob_patch, limits.chunk_most),
            route("/v1/blobs/{sha256}", "PUT", desk.blob_put, limits.whole),
            route("/v1/blobs/{sha256}", "GET", desk.blob_get),
            route("/v1/health", "GET", desk.health),
            route("/v1/limits", "GET", desk.limit),
            *verify_page.routes(central),
        ],
    )


def _endpoint(handler: Handler, most: int) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            incoming = await _read(request, most)
            outgoing = await run_in_threadpool(handler, incoming)
        except Problem as problem:
            return _problem(problem)
        except ClientDisconnect:
            return Response(status_code=499)
        except StoreRefused as refused:
            cause = refused.__cause__
            if isinstance(cause, Exception) and full_disk(cause):
                return _problem(Problem("disk-full", retry_after=60))
            log.error("refused: %s", refused.msgid)
            return _problem(Problem("damaged"))
        except OSError as error:
            if full_disk(error):
                return _problem(Problem("disk-full", retry_after=60))
            log.exception("%s %s", request.method, request.url.path)
            return _problem(Problem("internal"))
        except Exception:
            log.exception("%s %s", request.method, request.url.path)
            return _problem(Problem("internal"))
        return _response(outgoing)

    return endpoint


async def _read(request: Request, most: int) -> Incoming:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem("too-large", f"more than {most} bytes")
    raw_path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope.get("query_string", b"")
    target = raw_path.partition(b"?")[0] + (b"?" + query if query else b"")
    return Incoming(
        method=request.method,
        target=target.decode("latin-1"),
        headers=tuple((name.lower(), value) for name, value in request.headers.items()),
        query=dict(request.query_params),
        path=dict(request.path_params),
        body=bytes(body),
    )


def _response(outgoing: Outgoing) -> Response:
    headers = {"x-content-type-options": "nosniff", **outgoing.headers}
    if outgoing.file is not None:
        headers["content-disposition"] = "attachment"
        return FileResponse(outgoing.file, media_type="application/octet-stream", headers=headers)
    if outgoing.raw is not None:
        return Response(outgoing.raw, outgoing.status, headers)
    body = msgspec.json.encode(outgoing.json)
    return Response(body, outgoing.status, {**headers, "cache-control": "no-store"}, "application/json")


def _problem(problem: Problem) -> Response:
    headers = {"cache-control": "no-store"}
    if problem.retry_after is not None:
        headers["retry-after"] = str(problem.retry_after)
    if "offset" in problem.more:
        headers["upload-offset"] = str(problem.more["offset"])
    return Response(problem.body(), problem.status, headers, problems.MEDIA_TYPE)


async def _recheck_daily(central: Central) -> None:
    while True:
        await asyncio.sleep(_DAY_S)
        try:
            await run_in_threadpool(central.recheck)
        except StoreRefused:
            log.exception("the log is damaged; nothing more is signed")
