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
from sync.problems import Problem
from sync.server import verify_page
from sync.server.calls import Served, answered, refusal, served
from sync.server.central import Central
from sync.server.logs import Seen, seeing, told
from sync.server.requests import Incoming, Outgoing
from sync.wire import Limits

THREADS = 8
"""Calls worked on at once; each thread has a database connection of its own."""
_DAY_S = 24 * 3600
Endpoint = Callable[[Request], Awaitable[Response]]
Note = Callable[[Seen], None]


def nothing(seen: Seen) -> None:
    """Count nothing."""


def make_app(central: Central, limits: Limits | None = None, note: Note = nothing) -> Starlette:
    """The application over an open server seat; closing the seat is the caller's.

    Args:
        note: told of every call that was answered.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        nightly = asyncio.create_task(_recheck_daily(central))
        try:
            yield
        finally:
            nightly.cancel()

    calls = served(central, limits or Limits())
    return Starlette(
        lifespan=lifespan,
        routes=[
            *(Route(call.path, _endpoint(call, note), methods=[call.method]) for call in calls),
            *verify_page.routes(central),
        ],
    )


def _endpoint(call: Served, note: Note) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            incoming = await _read(request, call.most)
        except Problem as problem:
            return _response(refusal(problem))
        except ClientDisconnect:
            return Response(status_code=499)
        return _response(await run_in_threadpool(answered, call.handler, incoming))

    async def endpoint(request: Request) -> Response:
        with seeing(f"{call.method} {call.path}") as seen:
            response = await answer(request)
            seen.status = response.status_code
            response.headers["x-request-id"] = seen.id
            note(seen)
        return response

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


async def _recheck_daily(central: Central) -> None:
    while True:
        await asyncio.sleep(_DAY_S)
        try:
            await run_in_threadpool(central.recheck)
        except StoreRefused:
            told(logging.ERROR, "damaged")
