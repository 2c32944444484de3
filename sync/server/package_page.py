"""The public page's answer on an evidence package: as `qingcha verify` says it, and what this server knows.

A package comes from anybody. It is kept only while it is looked at, in a file without a name; nothing of it
is unpacked or run, and two are looked at in a time.
"""

from __future__ import annotations

import asyncio
import tempfile
from typing import IO, TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from models.documents.stored_zip import Archive
from models.errors import BadInput
from models.language import N_, _, use_language_here
from models.store import sealing
from models.store.postgres import away
from sync.multipart import Cut, Form, boundary_of
from sync.proof import layout
from sync.server import room
from sync.server.central import Central
from sync.server.verify_page import (
    MOST_PACKAGE,
    ROOT,
    TO_TAKE_HOME,
    Finding,
    busy,
    language_of,
    look_up,
    shown,
)

if TYPE_CHECKING:
    from sync.proof.verdict import PackageVerdict

AT_ONCE = 2
RECEIVING_S = 600
"""So long a package may take to arrive."""
_TO_KEEP = {"content-type": "application/octet-stream", "x-content-type-options": "nosniff"}
_FRAME = 16 * 1024
"""Bytes of a form around the package."""


def routes(central: Central) -> list[Route]:
    """`/verify/package` takes the form of the page; the others give what checks a package without it."""
    places = asyncio.Semaphore(AT_ONCE)

    async def verify(request: Request) -> Response:
        language = language_of(request)
        if places.locked() or room.free(central.folder) < room.LOW + MOST_PACKAGE:
            return await run_in_threadpool(busy, central, language)
        async with places:
            with tempfile.TemporaryFile(dir=central.folder / "spool") as body:
                try:
                    async with asyncio.timeout(
                        RECEIVING_S
                    ):  # who sends drop by drop holds up nobody for ever
                        whole = await _received(request, body)
                except ClientDisconnect:
                    return Response(status_code=499)
                except TimeoutError:
                    return await run_in_threadpool(busy, central, language)
                media = request.headers.get("content-type", "")
                return await run_in_threadpool(_answer, central, body if whole else None, media, language)

    def given(name: str) -> Route:
        async def give(request: Request) -> Response:
            data = await run_in_threadpool(_taken_home, central, name)
            return Response(data, 200, _TO_KEEP | {"content-disposition": f'attachment; filename="{name}"'})

        return Route(f"/verify/{name}", give, methods=["GET"])

    return [Route("/verify/package", verify, methods=["POST"]), *map(given, TO_TAKE_HOME)]


def _taken_home(central: Central, name: str) -> bytes:
    return central.authority.encode() if name == ROOT else layout.text(name)


async def _received(request: Request, body: IO[bytes]) -> bool:
    """Take in the form; False when it is too large."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_PACKAGE + _FRAME:
            return False
        await run_in_threadpool(body.write, chunk)
    body.seek(0)
    return True


def _answer(central: Central, body: IO[bytes] | None, media: str, language: str) -> Response:
    from sync.proof import checking  # a third of a server's start
    from sync.proof import verdict as said

    use_language_here(language)
    if body is None:
        headline = _("This file is larger than {most} MB. Check it with qingcha verify, or by VERIFY.sh.")
        finding = Finding(False, headline.format(most=MOST_PACKAGE >> 20), unknown=True)
        return shown(central, finding, "", language, 413)
    try:
        form = Form(lambda: body.read(1 << 16), boundary_of(media))
        part = next((each for each in form.parts() if each.name == "package"), None)
        with tempfile.TemporaryFile(dir=central.folder / "spool") as file:
            while part is not None and (block := part.read(1 << 16)):
                file.write(block)
            verdict = checking.check(Archive(file), central.authority.encode())
    except Cut:
        verdict = said.refused(said.UNKNOWN, N_("The file did not come whole. Send it again."))
    except BadInput as error:
        verdict = said.refused(said.UNKNOWN, error.msgid, **error.params)
    try:
        finding = _finding(central, verdict, unknown=verdict.answer == said.UNKNOWN)
    except Exception as error:
        if not away(error):
            raise
        return busy(central, language)
    return shown(central, finding, "", language)


def _finding(central: Central, verdict: PackageVerdict, *, unknown: bool) -> Finding:
    """The verdict with what this server knows of the seal besides: revoked since, put aside, not sent."""
    seal = verdict.seal
    here = look_up(central, sealing.qr_text(seal.line, seal.signature)) if verdict.said and seal else None
    headline, *lines = verdict.sentences()
    return Finding(
        verdict.genuine,
        headline,
        here.warnings if here is not None else (),
        tuple(verdict.fields()) if verdict.said else (),
        tuple(lines),
        unknown=unknown,
    )
