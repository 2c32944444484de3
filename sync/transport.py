"""HTTP as the client uses it: one server, no redirects, bounded answers, failures told apart."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import urllib3
from urllib3.exceptions import HTTPError

from models.errors import BadInput, reason_of
from models.language import N_
from sync.address import ServerAddress

AT_ONCE = 4
"""Connections that are kept open; more are made where more is asked at once."""
CONNECT_S = 10
READ_S = 60
_NO_TIME_CHECK = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME."""
_OUTSIDE_DATES = (9, 10)
_UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
_OTHER_NAME = (62, 64)
"""Codes of openssl/x509_vfy.h: not yet valid, expired; no issuer, self-signed; host name, IP address."""
_NO_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)
"""What OpenSSL calls an answer that is not TLS."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, not yet believed."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class NoAnswer(Exception):
    """Nothing came back that could be the server's answer; the request may or may not have arrived."""


class NoTls(NoAnswer):
    """Something answers, and does not speak TLS."""


class WrongCertificate(Exception):
    """The other end's certificate is not trusted."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.outside_dates = code in _OUTSIDE_DATES
        """Trusted but for its dates: also what a wrong clock here looks like."""
        self.unknown_authority = code in _UNKNOWN_AUTHORITY
        self.other_name = code in _OTHER_NAME


class Transport(Protocol):
    """What the driver needs of a network; tests give their own."""

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
        """Send a request and read at most `most` bytes of answer.

        Raises:
            NoAnswer: when none comes. WrongCertificate: when the other end is not trusted.
        """

    def close(self) -> None:
        """Let go of connections."""


class HttpTransport:
    """Requests over urllib3."""

    def __init__(self, address: ServerAddress, *, ignore_dates: bool = False) -> None:
        # reading the system's certificates takes 50 ms, for nothing on loopback
        context = _context(address, ignore_dates) if address.url.startswith("https:") else None
        self._url = address.url
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=AT_ONCE,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
            ssl_context=context,
        )

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
        """As `Transport.send`."""
        fields = {"accept-encoding": "identity", "user-agent": "qingcha", **headers}
        try:
            response = self._pool.request(
                method,
                self._url + target,
                body=body if method not in ("GET", "HEAD") else None,
                headers=fields,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            with contextlib.closing(response):
                data = response.read(most + 1)
                if len(data) > most:
                    raise NoAnswer("the answer is too long")
                response.drain_conn()
        except (HTTPError, OSError) as error:  # an SSLError is both
            raise _trouble(error) or NoAnswer(str(error)) from error
        names = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, names, data)

    def close(self) -> None:
        """As `Transport.close`."""
        self._pool.clear()


def _context(address: ServerAddress, ignore_dates: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(address.ca_file) if address.ca_file else None)
    except (OSError, ValueError) as reason:  # an SSLError is an OSError
        raise BadInput(
            N_("{name} holds no authority's certificate that can be read: {reason}."),
            name=str(address.ca_file),
            reason=reason_of(reason) if isinstance(reason, OSError) else str(reason),
        ) from reason
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ignore_dates:
        # only for an enrolled device, which knows the server by its pinned signing key (see client)
        context.verify_flags |= ssl.VerifyFlags(_NO_TIME_CHECK)
    return context


def _trouble(error: BaseException) -> WrongCertificate | NoTls | None:
    """The refusal of a certificate, or of what is no TLS, among an error's causes."""
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return None
        if isinstance(seen, ssl.SSLCertVerificationError):
            return WrongCertificate(seen.verify_message, seen.verify_code)
        if isinstance(seen, ssl.SSLError) and seen.reason in _NO_TLS:
            return NoTls(str(seen))
        inner = seen.args[0] if seen.args else None
        seen = seen.__cause__ or seen.__context__ or (inner if isinstance(inner, BaseException) else None)
    return None
