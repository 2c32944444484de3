"""Running the server: one process, one line on standard output that says where, a graceful stop."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn

from models.errors import BadInput, QingchaError, StoreRefused, reason_of
from models.language import N_
from sync.server import erasing, logs
from sync.server.app import Note, make_app, nothing
from sync.server.central import Central
from sync.server.logs import log_to_stderr
from sync.server.storage import is_silent
from sync.wire import Limits

_NO_NAME = N_("there is no computer of this name")


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    central: Central
    port: int
    url: str


def serve(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    certfile: Path | None = None,
    keyfile: Path | None = None,
    plain_http: bool = False,
    limits: Limits | None = None,
    metrics: str = "",
) -> None:
    """Serve until SIGTERM or SIGINT; prints `{"listening": url, "port": n, "server": device}` first.

    Args:
        port: 0 takes a free one.
        certfile, keyfile: PEM files for TLS.
        plain_http: listen without TLS beyond loopback, for a proxy that ends TLS before this server.
        metrics: port, or `host:port`, that answers `/metrics`; on loopback unless a host is named. The first
            line then says the port too, as `metrics`.

    Raises:
        BadInput: for plain HTTP beyond loopback, when that was not asked for; metrics at no port.
        StoreRefused: when there is no server in the folder, its log is damaged, or the port is taken.
    """
    if certfile is None and not plain_http and not _is_loopback(host):
        raise BadInput(
            N_(
                "Without a certificate the server listens on this computer only. "
                "Give --cert and --key, or --plain-http behind a proxy that ends TLS."
            )
        )
    if keyfile is not None and certfile is None:
        raise BadInput(N_("--key is the key of a certificate: give --cert too, or neither."))
    if certfile is not None and plain_http:
        raise BadInput(N_("--plain-http is for a server without a certificate: leave it out, or --cert."))
    if not 0 <= port < 65536:
        raise BadInput(N_("{port} is no port. Give one from 1 to 65535, or 0 for a free one."), port=port)
    watched = _metrics_place(metrics)
    if certfile is not None:
        _refuse_unusable(certfile, keyfile)
    log_to_stderr()
    central = Central.open(folder)
    try:
        erasing.clean(central)  # of what an order took out, where a stop or a reader left something
        with _listening(host, port) as listener, _watching(central, watched) as (note, told):
            taken = listener.getsockname()[1]
            scheme = "https" if certfile is not None else "http"
            shown = f"[{host}]" if ":" in host else host
            line = {
                "listening": f"{scheme}://{shown}:{taken}",
                "port": taken,
                "server": central.device,
                **told,
            }
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
            threading.Thread(target=_tell_of_storage, args=(central,), daemon=True).start()
            _server(central, limits, certfile, keyfile, note).run(sockets=[listener])
    finally:
        central.close()


def _tell_of_storage(central: Central) -> None:
    """Log at the start that files cannot be received, where nothing else would say so before the first."""
    if is_silent(central.vault):
        logs.told(logging.ERROR, "the storage of files does not answer")


@contextlib.contextmanager
def embedded(central: Central, *, limits: Limits | None = None) -> Iterator[Running]:
    """A real server in a thread, on a free loopback port, until the block is left."""
    with _listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        server = _server(central, limits, None, None)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="central", daemon=True
        )
        thread.start()
        try:
            # the socket listens already: a request that comes before the loop runs waits in its queue
            yield Running(central, port, f"http://127.0.0.1:{port}")
        finally:
            server.should_exit = True
            thread.join(timeout=15)


def _server(
    central: Central,
    limits: Limits | None,
    certfile: Path | None,
    keyfile: Path | None,
    note: Note = nothing,
) -> uvicorn.Server:
    more: dict[str, Any] = {}
    if certfile is not None:
        more = {"ssl_certfile": str(certfile), "ssl_keyfile": str(keyfile) if keyfile else None}
    config = uvicorn.Config(
        make_app(central, limits, note),
        log_level="warning",
        log_config=None,  # its own would write past Textual, and raw
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=10,
        lifespan="on",
        ws="none",
        **more,
    )
    return uvicorn.Server(config)


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only where the protocol is named: else each answer waits 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as reason:
            raise _no_listening(host, port, reason) from reason
        listener.listen(128)
        yield listener
    finally:
        listener.close()


def _refuse_unusable(certfile: Path, keyfile: Path | None) -> None:
    """Read certificate and key before anybody is told that the server listens.

    Raises:
        BadInput: they cannot be read, or do not fit each other.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile, keyfile)
    except (OSError, ValueError) as reason:  # an SSLError is an OSError
        raise BadInput(
            N_("The certificate {cert} with the key {key} cannot be used: {reason}."),
            cert=str(certfile),
            key=str(keyfile or certfile),
            reason=reason_of(reason) if isinstance(reason, OSError) else str(reason),
        ) from reason


def _metrics_place(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and len(port) < 6 and int(port) < 65536):
        raise BadInput(
            N_("“{text}” is no port for the metrics. Give it as 9464, or as 10.0.0.2:9464."), text=text
        )
    return host.strip("[]") or "127.0.0.1", int(port)


@contextlib.contextmanager
def _watching(central: Central, place: tuple[str, int] | None) -> Iterator[tuple[Note, dict[str, int]]]:
    """What is told of every call, and what the first line says of the metrics."""
    if place is None:
        yield nothing, {}
        return
    from sync.server.metrics import Metrics  # half a second, for who asked for it

    metrics = Metrics(central)
    with contextlib.ExitStack() as stack:
        try:
            port = stack.enter_context(metrics.listening(*place))
        except OSError as reason:
            raise _no_listening(*place, reason) from reason
        yield metrics.note, {"metrics": port}


def _no_listening(host: str, port: int, reason: OSError) -> StoreRefused:
    words = QingchaError(_NO_NAME) if isinstance(reason, socket.gaierror) else reason_of(reason)
    return StoreRefused(
        N_(
            "The server cannot listen on {host} port {port}: {reason}. Choose another with --host and --port."
        ),
        host=host,
        port=port,
        reason=words,
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
