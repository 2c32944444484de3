"""Where a server is, and the text of an enrolment code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from models.errors import BadInput
from models.language import N_

_ENROLMENT = re.compile(r"HTTPS://([0-9A-Z.:-]{1,80})/ENROL/([A-Z2-7-]{26,40})/([0-9A-F]{32})")
_HOST = re.compile(r"[0-9a-z\u4e00-\u9fff._:-]{1,253}")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A server's address."""

    url: str
    """Scheme, host and port, without a path: `https://sync.example.cn`."""
    ca_file: Path | None = None
    """PEM file of the authority that the TLS certificate must come from; None for the system's."""

    @classmethod
    def parse(cls, text: str, ca_file: Path | None = None) -> ServerAddress:
        """An address as typed: `sync.example.cn`, `https://…`, or `http://` on loopback.

        Raises:
            BadInput: when it is no address, or plain HTTP to another machine.
        """
        text = text.strip()
        no_address = BadInput(N_("“{text}” is no server address. Give it as sync.example.cn."), text=text)
        try:
            parts = urlsplit(text if "://" in text else f"https://{text}")
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise no_address from error
        usable = parts.scheme in ("http", "https") and _HOST.fullmatch(host) and parts.path in ("", "/")
        if not usable or parts.query or parts.fragment or parts.username is not None:
            raise no_address
        if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
            raise BadInput(N_("Without https only a server on this computer is used. Give an https address."))
        shown = f"[{host}]" if ":" in host else host
        return cls(f"{parts.scheme}://{shown}" + (f":{port}" if port else ""), ca_file and ca_file.resolve())


@dataclass(frozen=True, slots=True)
class EnrolmentText:
    """What the text of an enrolment QR code holds."""

    address: str
    code: str
    server: str
    """Device id of the server, so that no other can answer in its place."""


def enrolment_text(host: str, code: str, server: str) -> str:
    """The text of an enrolment QR code, in the QR alphabet."""
    return f"HTTPS://{host.upper()}/ENROL/{code}/{server.upper()}"


def read_enrolment(text: str) -> EnrolmentText | None:
    """An enrolment QR text taken apart; None for anything else, such as a code typed alone."""
    found = _ENROLMENT.fullmatch(text.strip().upper())
    if found is None:
        return None
    return EnrolmentText(f"https://{found[1].lower()}", found[2], found[3].lower())
