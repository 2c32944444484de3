"""From the phone: a page on the laptop's own address, for one phone, while it is asked for and no longer.

The way in is a path of 128 random bits that the phone reads from a QR code; the first browser that opens it
gets a second secret as a cookie, and every other is refused. Everything else is a 404 of equal bytes. What
comes goes straight from the connection into the vault, encrypted: no plain copy touches the disk. It is
plain HTTP, since no phone trusts a certificate that the laptop makes itself; the screen says so.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import logging
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

import anyio.from_thread
import anyio.to_thread
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from models.errors import BadInput, QingchaError, StoreRefused, reason_of
from models.inspections.rules import media_type
from models.language import N_, current_language, translate, use_language_here
from models.store.digests import Kept
from sync.lan import addresses, rank
from sync.multipart import NO_FORM, Cut, Form, Part, boundary_of
from sync.phone_page import SHORT, Received, refusal_page, security, told, upload_page
from sync.phone_parts import Coming, Incoming, Limits

__all__ = ["SHORT", "Intake", "Limits", "Received", "Running", "Status", "receiving", "start"]

_COOKIE = "qingcha"
_KEY, _AT = "x-file", "x-at"
"""Headers of the page's script: which file, and from which byte on."""
_SHOWN = 300
Read = tuple[list[Received], bool]
"""What came of a request's files, and whether all of it did."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What is done with what comes; called in threads, never two at once."""

    keep: Callable[[BinaryIO], Kept]
    """Keeps a stream encrypted, `Vault.put_stream`; what reading raises is passed on, and nothing is left."""
    on_file: Callable[[Kept, str, str], None]
    """Content, name as it came, the phone's address; what it raises is told on the phone."""
    allowed: Callable[[], None] = lambda: None
    """Raises when nothing may come any more, as after the seal."""
    trouble: Callable[[Exception], None] = lambda _error: None
    """What broke within the program."""


@dataclass(frozen=True, slots=True)
class Status:
    """How it stands, for the laptop's screen."""

    opened_by: str = ""
    """The phone's address; empty while none has opened the page."""
    taken: int = 0
    events: tuple[Received, ...] = ()
    coming: str = ""
    """Name of the file that is on its way."""
    coming_bytes: int = 0
    ended: str = ""
    """Why it ended: "stopped", "idle"; empty while it listens."""


class _Ended(Exception):
    """The laptop has closed the page meanwhile."""


@dataclass
class _Session:
    """What is known of one session; read and written in several threads."""

    intake: Intake
    limits: Limits
    token: str
    ticket: str = ""
    status: Status = field(default_factory=Status)
    heard_at: float = field(default_factory=time.monotonic)
    pulled: int = 0
    all_bytes: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    """SHA-256 to its number, for one that is sent twice."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, event: Received | None = None, **changed: str | int) -> None:
        """Change what is shown."""
        with self.lock:
            values = {name: getattr(self.status, name) for name in Status.__slots__} | changed
            if event is not None:
                # what was cut and has come whole now is no trouble any more
                before = (each for each in self.status.events if not (each.cut and each.name == event.name))
                values["events"] = (*before, event)[-_SHOWN:]
            self.status = Status(**values)

    def admit(self, cookie: str, address: str) -> str | None:
        """The cookie's value for the browser that is or becomes ours; None for any other."""
        with self.lock:
            if not self.ticket:
                self.ticket = secrets.token_hex(16)
            elif not hmac.compare_digest(cookie.encode(), self.ticket.encode()):
                return None
        if not self.status.opened_by:
            self.tell(opened_by=address)
        return self.ticket

    def knows(self, cookie: str) -> bool:
        """Whether it is the browser that opened the page."""
        return bool(self.ticket) and hmac.compare_digest(cookie.encode(), self.ticket.encode())

    # -- one file, in a worker thread --

    def take(self, part: Part | Coming, name: str, address: str) -> Received:
        """Take one file in, or tell why not; what is shown of it.

        Raises:
            Cut, ClientDisconnect, _Ended: it did not come whole; nothing of it is left.
        """
        self.tell(coming=name, coming_bytes=0)
        try:
            found = self._take(part, name, address)
        except (Cut, ClientDisconnect, _Ended):
            cut = BadInput(N_("It did not come whole and nothing of it was kept. Send it again."))
            self.tell(Received(name, error=cut, cut=True))
            raise
        except QingchaError as error:
            found = Received(name, error=error)
        except Exception as error:
            self.intake.trouble(error)
            refused = StoreRefused(
                N_("It could not be taken in. Copy it to the laptop and add it as a file.")
            )
            found = Received(name, error=refused)
        finally:
            self.tell(coming="", coming_bytes=0)
        self.tell(found, taken=len(self.numbers))
        return found

    def _take(self, part: Part | Coming, name: str, address: str) -> Received:
        self.intake.allowed()
        if self.status.taken >= self.limits.files or self.all_bytes >= self.limits.all_bytes:
            raise BadInput(N_("This page has taken all that it can. Open a new one on the laptop."))
        incoming = Incoming(part, self.limits.file_bytes, lambda size: self.tell(coming_bytes=size))
        if not media_type(incoming.head, "").startswith(("image/", "video/")):
            raise BadInput(N_("This is neither a photo nor a video that the laptop knows; it was not taken."))
        kept = self.intake.keep(cast(BinaryIO, incoming))
        if self.status.ended:
            raise _Ended
        number = self.numbers.get(kept.sha256)
        if number is None:
            self.intake.on_file(kept, name, address)
            number = self.numbers[kept.sha256] = len(self.numbers) + 1
            self.all_bytes += kept.size
        return Received(name, number, kept.size, kept.sha256)


class _App:
    """The page; everything but its one path is not found."""

    def __init__(self, session: _Session, host: str, title: str) -> None:
        self._session, self._host, self._title = session, host, title
        self._path = "/" + session.token
        self._one = asyncio.Lock()
        self._waiting = 0
        """Uploads that wait for the one that is being taken in."""
        self._coming: Coming | None = None
        self.ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path.upper().encode("utf-8", "replace")  # as read from the screen, in any case
        # both compared in full: how long the answer takes says nothing
        right = hmac.compare_digest(path, self._path.encode()) & hmac.compare_digest(
            request.headers.get("host", "").lower().encode(), self._host.encode()
        )
        ahead = request.headers.get("sec-purpose") or request.headers.get("purpose")  # a browser's own guess
        if not right or ahead or request.method not in ("GET", "POST") or self._session.status.ended:
            return Response("Not found\n", 404, security(""), "text/plain; charset=utf-8")
        use_language_here(_language(request))
        cookie = request.cookies.get(_COOKIE, "")
        address = request.client.host if request.client is not None else ""
        session = self._session
        if request.method == "GET":
            ticket = session.admit(cookie, address)
        else:
            ticket = session.ticket if session.knows(cookie) else None
        nonce = secrets.token_urlsafe(12)
        if ticket is None:
            words = N_("Another phone or browser has opened this page. Press n on the laptop for a new code.")
            page = refusal_page(self._path, nonce, translate(words))
            return Response(page, 403, security(nonce), "text/html; charset=utf-8")
        session.heard_at = time.monotonic()
        if request.method == "POST" and _KEY in request.headers:
            came, whole = await self._in_turn(self._read_rest, request, address)
            at = self._coming.at if self._coming is not None else 0
            answer = told(came, session.status.taken, whole=whole, at=at)
            return JSONResponse(answer, headers=security(nonce))
        if request.method == "POST":
            await self._in_turn(self._read_form, request, address)
            target = f"{self._path}?lang={current_language()}"
            return Response(b"", 303, {**security(nonce), "location": target})
        page = upload_page(self._path, self._title, nonce, session.status.taken, session.status.events)
        response = Response(page, 200, security(nonce), "text/html; charset=utf-8")
        response.set_cookie(_COOKIE, ticket, path=self._path, httponly=True, samesite="strict")
        return response

    async def _in_turn(
        self, read: Callable[[Request, Form | None, str], Read], request: Request, address: str
    ) -> Read:
        """Read a request's form in a thread, one after the other."""
        body = request.stream()
        try:
            boundary = boundary_of(request.headers.get("content-type", ""))
            form = Form(lambda: anyio.from_thread.run(self._next, body), boundary)
        except BadInput:
            form = None
        self._waiting += 1
        try:
            await self._one.acquire()
        finally:
            self._waiting -= 1
        try:
            return await anyio.to_thread.run_sync(read, request, form, address)
        finally:
            self._one.release()

    def _read_form(self, _request: Request, form: Form | None, address: str) -> Read:
        """The files of a form that a page without script sent."""
        self.drop()
        try:
            if form is None:
                raise BadInput(NO_FORM)
            for part in form.parts():
                if part.file:
                    self._session.take(part, part.file, address)
        except (Cut, ClientDisconnect, _Ended):
            pass  # told already, if a file was on its way; most often nobody is there to answer
        except QingchaError as error:
            self._session.tell(Received("-", error=error))
        return [], True

    def _read_rest(self, request: Request, form: Form | None, address: str) -> Read:
        """A file from where it was cut, as the page's script sends it; without a form how far it came."""
        key, at = request.headers[_KEY][:64], request.headers.get(_AT, "")
        if self._coming is not None and self._coming.key != key:
            self.drop()
        if form is None:
            found = self._coming.told if self._coming is not None else None
            return ([found], True) if found is not None else ([], False)
        try:
            for part in form.parts():
                if part.file is None:
                    continue
                if self._coming is None:
                    self._coming = self._begin(key, part.file, address)
                # a browser sends what was cut once more by itself, from where that began: what is held of it
                # is passed over; what lies further on cannot be used
                known = self._coming.at - int(at) if at.isascii() and at.isdigit() and len(at) < 16 else -1
                if known < 0 and not self._coming.over:
                    break
                return self._bring(self._coming, part, known)
        except (Cut, ClientDisconnect, _Ended):
            pass  # what came is held for the rest
        except QingchaError as error:
            self._session.tell(Received("-", error=error))
        return [], False

    def _begin(self, key: str, name: str, address: str) -> Coming:
        session = self._session
        return Coming(key, lambda one: session.take(one, name, address), session.limits.resume_seconds)

    def _bring(self, coming: Coming, part: Part, known: int) -> Read:
        while not coming.over and (piece := part.read(1 << 18)):
            piece, known = piece[max(known, 0) :], known - len(piece)
            if piece:
                coming.feed(piece)
        found = coming.finish()
        while part.read(1 << 18):  # of one that was refused: the browser hears the answer after its last byte
            pass
        if found is None:  # given up meanwhile: all of it must come again
            self._coming = None
            return [], False
        return [found], True

    def drop(self) -> None:
        """Give up a file of which only a part came. In a thread: it waits."""
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.give_up()
            coming.join()

    def give_up(self) -> None:
        """Let nothing more of it be kept; returns at once."""
        if (coming := self._coming) is not None:
            coming.give_up()

    async def _next(self, body: AsyncIterator[bytes]) -> bytes:
        """The next bytes of a body, none at its end; given up when it stalls or the page is closed."""
        session = self._session
        if session.status.ended:
            raise _Ended

        async def some() -> bytes:
            async for piece in body:
                if piece:
                    return piece
            return b""

        piece, ended = asyncio.ensure_future(some()), asyncio.ensure_future(self.ended.wait())
        try:
            await self._wait(piece, ended)
            if not piece.done():
                raise _Ended if ended.done() else Cut
            session.heard_at = time.monotonic()
            session.pulled += len(piece.result())
            if session.pulled > 2 * session.limits.all_bytes:
                raise Cut
            return piece.result()
        finally:
            piece.cancel()
            ended.cancel()

    async def _wait(self, *either: asyncio.Future[Any]) -> None:
        """Until one of them is done, or it has taken too long; less long where another upload waits."""
        limits, began = self._session.limits, time.monotonic()
        while not any(each.done() for each in either):
            most = limits.stall_seconds if self._waiting else limits.read_seconds
            left = most - (time.monotonic() - began)
            if left <= 0:
                return
            step = min(left, limits.stall_seconds / 4)
            await asyncio.wait(either, timeout=step, return_when=asyncio.FIRST_COMPLETED)


class Running:
    """A page that listens, until `stop` or until nobody has asked for anything for long."""

    def __init__(self, intake: Intake, host: str, title: str, limits: Limits) -> None:
        token = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
        self._session = _Session(intake, limits, token)
        self._title = title
        self._listener = _listening(host)
        self._host = f"{host}:{self._listener.getsockname()[1]}"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._app: _App | None = None
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=self._run, name="phone", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address, in capitals: so a QR code of it is smallest."""
        return f"HTTP://{self._host}/{self._session.token}"

    @property
    def status(self) -> Status:
        """How it stands now."""
        return self._session.status

    def stop(self, why: str = "stopped") -> None:
        """Answer no more; returns at once. What is on its way is dropped, nothing of it is left."""
        if not self._session.status.ended:
            self._session.tell(ended=why)
        loop, app, server = self._loop, self._app, self._server
        if loop is not None and app is not None and server is not None:
            server.should_exit = True
            app.give_up()
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(app.ended.set)

    def join(self, seconds: float = 10) -> None:
        """Wait until nothing of it runs any more."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            self._session.intake.trouble(error)
        finally:
            self._listener.close()
            self.stop()

    async def _serve(self) -> None:
        app = _App(self._session, self._host, self._title)
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level=logging.CRITICAL,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            limit_concurrency=16,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=3,
            lifespan="off",
            ws="none",
        )
        self._server, self._app, self._loop = uvicorn.Server(config), app, asyncio.get_running_loop()
        watch = asyncio.create_task(self._watch())
        try:
            if not self.status.ended:
                await self._server.serve(sockets=[self._listener])
        finally:
            watch.cancel()
            await anyio.to_thread.run_sync(app.drop)

    async def _watch(self) -> None:
        session = self._session
        while (left := session.heard_at + session.limits.idle_seconds - time.monotonic()) > 0:
            await asyncio.sleep(left)
        self.stop("idle")


def start(intake: Intake, *, host: str = "", title: str = "", limits: Limits | None = None) -> Running:
    """Begin to listen on a free port of one of this laptop's addresses in local networks.

    Args:
        host: one of `sync.lan.addresses()`; the first of them unless given; loopback for tests.
        title: what the photos are for, shown on the page.

    Raises:
        BadInput: the laptop is in no local network, or the address is none of it.
        StoreRefused: the address cannot be listened on.
    """
    host = host or next(iter(addresses()), "")
    if not host:
        raise BadInput(
            N_("This laptop is in no local network. Join the phone's hotspot or one Wi-Fi, and try again.")
        )
    if rank(host) is None and not host.startswith("127."):
        raise BadInput(N_("{host} is no address in a local network."), host=host)
    return Running(intake, host, title, limits or Limits())


@contextlib.contextmanager
def receiving(
    intake: Intake, *, host: str = "", title: str = "", limits: Limits | None = None
) -> Iterator[Running]:
    """`start` until the block is left; then nothing answers and nothing runs any more."""
    running = start(intake, host=host, title=title, limits=limits)
    try:
        yield running
    finally:
        running.stop()
        running.join()


def _listening(host: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.bind((host, 0))
        listener.listen(16)
    except OSError as reason:
        listener.close()
        raise StoreRefused(
            N_("The page cannot be opened at {host}: {reason}."),
            host=host,
            reason=reason_of(reason),
        ) from reason
    return listener


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", "")
    if asked in ("zh", "en"):
        return asked
    accepted = request.headers.get("accept-language", "").lower()
    english, chinese = accepted.find("en"), accepted.find("zh")
    return "en" if english >= 0 and (chinese < 0 or english < chinese) else "zh"
