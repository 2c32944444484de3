"""What a call of the protocol brings and gives, without a socket; reading its parts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

import msgspec

from sync.problems import Problem
from sync.wire import BadFrame, json_object


@dataclass(frozen=True)
class Incoming:
    """A request, read whole."""

    method: str
    target: str
    """Path and query, as they came."""
    headers: tuple[tuple[str, str], ...]
    """Names in lower case."""
    query: Mapping[str, str]
    path: Mapping[str, str]
    body: bytes
    address: str = ""
    """Where it came from, as far as that is known."""

    @property
    def path_only(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the body, which signature and file both ask for."""
        return sha256(self.body).digest()

    def header(self, name: str) -> str:
        """A field's value; empty when it is not there."""
        return next((value for key, value in self.headers if key == name), "")

    def number(self, name: str) -> int:
        """A field that is a number.

        Raises:
            Problem: bad-request.
        """
        return number(self.header(name), name)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            Problem: bad-request.
        """
        try:
            return json_object(self.body)
        except BadFrame as reason:
            raise Problem("bad-request", "the body is not a JSON object") from reason


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer: JSON unless `raw` or `file` is given."""

    json: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    file: Any = None

    def written(self) -> tuple[dict[str, str], bytes]:
        """Fields and bytes of an answer that is no file."""
        if self.raw is not None:
            return dict(self.headers), self.raw
        kind = {"content-type": "application/json", "cache-control": "no-store"}
        return {**self.headers, **kind}, msgspec.json.encode(self.json)


Handler = Callable[[Incoming], Outgoing]


def member(members: dict[str, Any], name: str) -> dict[str, Any]:
    """A member that should be an object; anything else is an empty one."""
    value = members.get(name)
    return value if isinstance(value, dict) else {}


def within(value: Any, most: int, name: str) -> int | None:
    """A value that is a number from 0 to `most`, or is not there.

    Raises:
        Problem: bad-request.
    """
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= most:
        raise Problem("bad-request", f"{name} is not a number that can be")
    return value


def number(text: str, name: str) -> int:
    """A number of digits.

    Raises:
        Problem: bad-request.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Problem("bad-request", f"{name} is not a number")
    return int(text)


def from_base64(text: Any) -> bytes:
    """The bytes that standard base64 stands for.

    Raises:
        Problem: bad-request.
    """
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError) as reason:
        raise Problem("bad-request", "not base64") from reason


def hash_of(text: str) -> bytes:
    """A SHA-256 hash in base64.

    Raises:
        Problem: bad-request.
    """
    data = from_base64(text)
    if len(data) != 32:
        raise Problem("bad-request", "not a SHA-256 hash")
    return data
