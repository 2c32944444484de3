"""The server as an ASGI application: routes, limits on what is read, errors as problem details."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import anyio.to_thread
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from models.errors import QingchaError
from models.store.postgres import away
from sync.problems import Problem
from sync.server import package_page, stamping, verify_page
from sync.server.calls import LONG, Served, admitted, answered, refusal, served_at
from sync.server.central import Central
from sync.server.desk import Desk
from sync.server.logs import Seen, seeing, told
from sync.server.ranged import ranged
from sync.server.rates import Rates
from sync.server.requests import Incoming, Outgoing
from sync.server.storage import Stored
from sync.wire import Limits

THREADS = 8
"""Calls worked on at once; each thread has a database connection of its own."""
_NO_SNIFFING = {"x-content-type-options": "nosniff"}
_DAY_S = 24 * 3600
_AGAIN_S = 600
"""So often it is looked whether a head waits for its time-stamp, and again for what did not answer."""
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
        watching = [asyncio.create_task(each(central)) for each in (_recheck_daily, _stamp_in_the_evening)]
        try:
            yield
        finally:
            for task in watching:
                task.cancel()

    desk = Desk(central, limits or Limits())
    return Starlette(
        lifespan=lifespan,
        middleware=[Middleware(_Admission, rates=desk.rates, note=note)],
        routes=[
            *(
                Route(call.path, _endpoint(call, desk, note), methods=[call.method])
                for call in served_at(desk)
            ),
            *verify_page.routes(central),
            *package_page.routes(central),
        ],
    )


class _Admission:
    """Refuses an address that asks too much, before anything of its request is read."""

    def __init__(self, app: ASGIApp, rates: Rates, note: Note) -> None:
        self._app = app
        self._rates = rates
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        try:
            self._rates.address(client[0] if scope["type"] == "http" and client else "")
        except Problem as problem:
            with seeing("not admitted") as seen:
                seen.status = problem.status
                self._note(seen)
            await _response(refusal(problem))(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _endpoint(call: Served, desk: Desk, note: Note) -> Endpoint:
    async def answer(request: Request) -> Response:
        body = bytearray()
        if call.most > LONG:
            first = await run_in_threadpool(answered, partial(admitted, desk), _incoming(request, b""))
            if first.status >= 400:
                return _response(first)
        try:
            await _read(request, call.most, body)
        except Problem as problem:
            return _response(refusal(problem))
        except ClientDisconnect:
            if call.cut is not None and body:
                await run_in_threadpool(answered, call.cut, _incoming(request, body))
            return Response(status_code=499)
        answer = await run_in_threadpool(answered, call.handler, _incoming(request, body))
        return _response(answer, request.headers.get("range"))

    async def endpoint(request: Request) -> Response:
        with seeing(f"{call.method} {call.path}") as seen:
            response = await answer(request)
            seen.status = response.status_code
            response.headers["x-request-id"] = seen.id
            note(seen)
        return response

    return endpoint


async def _read(request: Request, most: int, body: bytearray) -> None:
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem("too-large", f"more than {most} bytes")


def _incoming(request: Request, body: bytes | bytearray) -> Incoming:
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
        address=request.client.host if request.client is not None else "",
    )


def _response(outgoing: Outgoing, asked: str | None = None) -> Response:
    if outgoing.file is not None:
        headers = {**_NO_SNIFFING, **outgoing.headers, "content-disposition": "attachment"}
        if isinstance(outgoing.file, Stored):
            return ranged(outgoing.file, asked, headers)
        return FileResponse(outgoing.file, media_type="application/octet-stream", headers=headers)
    fields, body = outgoing.written()
    return Response(body, outgoing.status, {**_NO_SNIFFING, **fields})


async def _recheck_daily(central: Central) -> None:
    wait = _DAY_S
    while True:
        await asyncio.sleep(wait)
        wait = _DAY_S
        try:
            await run_in_threadpool(central.recheck)
        except Exception as error:  # none of them may end the watch
            if central.damage:
                told(logging.ERROR, "damaged")
            elif away(error):
                told(logging.ERROR, "the database does not answer")
                wait = _AGAIN_S
            else:
                told(logging.ERROR, "recheck", failed=True)


async def _stamp_in_the_evening(central: Central) -> None:
    while True:
        await asyncio.sleep(_AGAIN_S)
        try:
            if await run_in_threadpool(stamping.due, central):
                await run_in_threadpool(stamping.stamp, central)
        except QingchaError as error:
            told(logging.WARNING, "stamp", says=error.text())
        except Exception:  # as above
            told(logging.ERROR, "stamp", failed=True)
