"""An entry of the journal: exact bytes, chained by hash, signed by its device.

    hash = SHA-256("op1\\0" ‖ prev ‖ SHA-256(head) ‖ SHA-256(body)); prev of the first is 32 zero bytes
    line = base64url(signature r‖s) TAB head TAB body LF

Bytes are signed as received and never made again (docs/protocol.md).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from models.errors import BadInput
from models.language import N_
from models.store.clock import parse_rfc3339
from models.store.signer import Signer, verify_raw

GENESIS = bytes(32)
"""The hash before a device's first entry."""
HEAD_LIMIT = 2 * 1024
"""Bytes of a head at most."""
BODY_LIMIT = 256 * 1024
"""Bytes of a body at most."""
DEPTH_LIMIT = 32
"""Objects and lists within each other at most: beyond, whether it can be read would hang on the stack."""


_LAST_MS = 253_402_300_799_999
"""The end of the year 9999: no claim of time is read as later, or as earlier than 1970."""
Count = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Short = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""What every reader of JSON, and a database's integer, holds exactly."""


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a re-homed entry was first written, and what proves it: `Entry.first` makes that entry of it."""

    d: str
    """Device id."""
    q: Count
    """Sequence number there."""
    h: str
    """Hash, in hex."""
    s: str
    """Signature, base64url."""
    p: str = ""
    """Hash of the entry before it there, in hex."""
    x: str = ""
    """The head as it was, where the members that this version knows do not give its bytes."""


class Head(msgspec.Struct, frozen=True, omit_defaults=True):
    """The members of a head; those that this version does not know stay in the bytes."""

    v: Count
    """Format version, 1."""
    d: str
    """Device id."""
    q: Count
    """Sequence number on that device, from 1, dense."""
    k: str
    """Kind of entry: set, add, void, attach, seal, amend, …"""
    t: str
    """Kind of record."""
    e: str
    """Record id."""
    sc: str
    """Unit (scope) code."""
    sv: Short
    """Schema version of the writer."""
    u: str
    """Officer record id of the person."""
    w: str
    """Wall time of the device, RFC 3339 with milliseconds and offset."""
    m: tuple[str, Short]
    """Boot name and monotonic ms."""
    c: Short = 0
    """Correction in ms: server time minus device time at the last contact; 0 before the first."""
    j: Short = 0
    """1 when the clock was seen to have been set back (R12)."""
    o: Origin | None = None
    """First home, after re-homing."""


_head_decoder = msgspec.json.Decoder(Head)
_body_decoder = msgspec.json.Decoder(dict[str, Any])


_WITHHELD = re.compile(rb"-[0-9a-f]{64}")
_string = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def _too_deep(body: bytes) -> bool:
    if body.count(b"{") + body.count(b"[") <= DEPTH_LIMIT:
        return False
    depth = 0
    for mark in _string.sub(b"", body):
        depth += (mark in b"{[") - (mark in b"}]")
        if depth > DEPTH_LIMIT:
            return True
    return False


def hash_input(prev: bytes, head: bytes, body: bytes) -> bytes:
    """The 100 bytes whose SHA-256 is the entry's hash and which its signature signs."""
    of_body = bytes.fromhex(body[1:].decode()) if is_withheld(body) else hashlib.sha256(body).digest()
    return b"op1\0" + prev + hashlib.sha256(head).digest() + of_body


def withheld(body: bytes) -> bytes:
    """What stands for a body whose content the reader may not see: the chain still verifies with it.

    What stands for one already, as its content was taken out by an order, stays as it is.
    """
    return body if is_withheld(body) else b"-" + hashlib.sha256(body).hexdigest().encode()


def is_withheld(body: bytes) -> bool:
    """Whether only the body's hash is here; such bytes are never a body themselves, as that is JSON."""
    return body[:1] == b"-" and _WITHHELD.fullmatch(body) is not None


Value = TypeVar("Value")


class _once(Generic[Value]):  # noqa: N801 -- a decorator
    """As `functools.cached_property`, without the lock that Python 3.11 takes at each first reading."""

    def __init__(self, made: Callable[[Any], Value]) -> None:
        self._made = made
        self._name = made.__name__
        self.__doc__ = made.__doc__

    def __get__(self, entry: object, owner: Any = None) -> Value:
        value = entry.__dict__[self._name] = self._made(entry)
        return value


def entry_line(signature: bytes, head: bytes, body: bytes) -> bytes:
    """The wire line of an entry, with its final LF."""
    return base64.urlsafe_b64encode(signature).rstrip(b"=") + b"\t" + head + b"\t" + body + b"\n"


@dataclass(frozen=True)
class Entry:
    """One change to one record by one person on one device."""

    prev: bytes
    head: bytes
    body: bytes
    signature: bytes
    hash: bytes

    @classmethod
    def written(cls, signer: Signer, prev: bytes, head: Head, body: dict[str, Any]) -> Entry:
        """Encode and sign a new entry.

        Raises:
            BadInput: when the content is too large or holds text that is no valid Unicode.
        """
        try:
            head_bytes = msgspec.json.encode(head)
            body_bytes = msgspec.json.encode(body)
        except UnicodeEncodeError as error:
            raise BadInput(N_("The text holds characters that cannot be kept. Type it again.")) from error
        if len(head_bytes) > HEAD_LIMIT or len(body_bytes) > BODY_LIMIT:
            raise BadInput(N_("This is too much text for one entry. Split it, or attach it as a file."))
        signed = hash_input(prev, head_bytes, body_bytes)
        return cls(prev, head_bytes, body_bytes, signer.sign_raw(signed), hashlib.sha256(signed).digest())

    @classmethod
    def carried(cls, signer: Signer, seq: int, prev: bytes, other: Entry) -> Entry:
        """Another chain's entry, its body as it was, under a head in this one that names its first home."""
        known, home = other.parsed_head, other.home
        if known.o is None and msgspec.json.encode(known) != other.head:
            home = msgspec.structs.replace(home, x=other.head.decode())
        head = msgspec.structs.replace(known, d=signer.device, q=seq, o=home)
        head_bytes = msgspec.json.encode(head)
        signed = hash_input(prev, head_bytes, other.body)
        signature = signer.sign_raw(signed)
        return cls(prev, head_bytes, other.body, signature, hashlib.sha256(signed).digest())

    @classmethod
    def of_bytes(cls, prev: bytes, head: bytes, body: bytes, signature: bytes) -> Entry:
        """An entry as received; its hash is computed, its signature not yet checked."""
        digest = hashlib.sha256(hash_input(prev, head, body)).digest()
        entry = cls.__new__(cls)
        # at once: a frozen class sets its attributes one by one at three times the cost
        entry.__dict__.update(prev=prev, head=head, body=body, signature=signature, hash=digest)
        return entry

    @classmethod
    def of_line(cls, line: bytes, prev: bytes) -> Entry:
        """Parse `signature TAB head TAB body`, without the final LF; the body may be its hash only.

        Raises:
            ValueError: when the line is malformed or over a limit.
        """
        parts = line.split(b"\t")
        if len(parts) != 3:
            raise ValueError("an entry line has three parts")
        signature = base64.b64decode(parts[0] + b"=" * (-len(parts[0]) % 4), altchars=b"-_", validate=True)
        if len(parts[1]) > HEAD_LIMIT or len(parts[2]) > BODY_LIMIT:
            raise ValueError("head or body too large")
        entry = cls.of_bytes(prev, parts[1], parts[2], signature)
        entry.parsed_head  # noqa: B018 -- malformed JSON is refused here
        if not is_withheld(entry.body):
            entry.parsed_body  # noqa: B018
        return entry

    def line(self) -> bytes:
        """The wire line, with its final LF."""
        return entry_line(self.signature, self.head, self.body)

    def verify(self, public_key_der: bytes) -> bool:
        """Whether the signature over these bytes was made by that key."""
        return verify_raw(public_key_der, self.signature, hash_input(self.prev, self.head, self.body))

    @_once
    def parsed_head(self) -> Head:
        """The head's known members.

        Raises:
            ValueError: when it is not a head.
        """
        try:
            return _head_decoder.decode(self.head)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ValueError(str(error)) from error

    @_once
    def parsed_body(self) -> dict[str, Any]:
        """The body as an object.

        Raises:
            ValueError: when it is not a JSON object.
        """
        if _too_deep(self.body):
            raise ValueError("nested too deep")
        try:
            return _body_decoder.decode(self.body)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ValueError(str(error)) from error

    @_once
    def uid(self) -> str:
        """The identity that survives re-homing: the first home's hash, else this hash, in hex."""
        origin = self.parsed_head.o
        return origin.h if origin is not None else self.hash.hex()

    @property
    def device(self) -> str:
        """The device of its first home: what is carried stays the work of who wrote it."""
        head = self.parsed_head
        return head.d if head.o is None else head.o.d

    @property
    def home(self) -> Origin:
        """Where it was first written."""
        head = self.parsed_head
        signature = base64.urlsafe_b64encode(self.signature).rstrip(b"=").decode()
        return head.o or Origin(head.d, head.q, self.hash.hex(), signature, self.prev.hex())

    def first(self, before: str = "") -> Entry | None:
        """What a carried entry was at its first home; None where it does not prove that it is the same.

        Device, number and place in the chain are those of then, all else that this version reads is the same,
        and the hash is the one that it names. The signature is not checked.

        Args:
            before: hash in hex of the entry before it there, for one that does not name it.
        """
        head = self.parsed_head
        if head.o is None:
            return self
        known = msgspec.structs.replace(head, d=head.o.d, q=head.o.q, o=None)
        try:
            bytes_then = head.o.x.encode() or msgspec.json.encode(known)
            signature = base64.b64decode(head.o.s + "=" * (-len(head.o.s) % 4), altchars=b"-_", validate=True)
            found = Entry.of_bytes(bytes.fromhex(head.o.p or before), bytes_then, self.body, signature)
            same = found.parsed_head == known and len(found.prev) == len(GENESIS)
        except ValueError:
            return None
        return found if same and found.hash.hex() == head.o.h else None

    @_once
    def time(self) -> int:
        """Device time corrected by what the last contact with a server showed, in ms since 1970 UTC."""
        head = self.parsed_head
        try:
            wall = parse_rfc3339(head.w)
        except ValueError:
            wall = 0
        return min(max(wall + head.c, 0), _LAST_MS)

    def order(self) -> tuple[int, str, int, bytes]:
        """Sorts entries as they are told: by time, and one device's within a millisecond by sequence."""
        head = self.parsed_head
        return self.time, head.d, head.q, self.hash


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next entry will stand in this device's chain."""

    seq: int
    prev: bytes
    after: str | None
    """SHA-256 of the last checkpoint seen, in hex; None before the first contact with a server."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry that came from elsewhere, with what the server said of it."""

    entry: Entry
    cursor: int | None = None
    unit_n: int | None = None
