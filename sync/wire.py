"""The bytes of a batch: entry lines, zstd around them, digests of what travels, and the limits of both.

A pushed batch is entry lines as the journal keeps them. A pulled page puts `cursor TAB number-in-unit TAB
hash-before TAB` in front of each line, tells the reader's own entries by `=` and their number only, and
ends with one line `#` and a JSON object.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
import zstandard

MEDIA_TYPE = "application/vnd.qingcha.entries"
KIB = 1024
MIB = 1024 * KIB
WINDOW = 8 * MIB
"""Largest zstd window that is accepted (RFC 9659)."""
_PLAIN = bytes.maketrans(b"-_", b"+/")
MOST_VALUES = 300_000
"""JSON values, about, of a batch that is larger inflated than it may be compressed (a comma in a text counts
too). Real ones have a tenth; who meets it sends fewer entries at once, and one entry alone is below it."""
LINE_LIMIT = 2 * KIB + 256 * KIB + 256
"""Longest line: a head, a body, a signature, the numbers before them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server takes at once; it sends them, the client obeys. Sizes in bytes."""

    batch: int = 1 * MIB
    """Compressed size of a batch."""
    inflated: int = 8 * MIB
    entries: int = 1000
    page: int = 512 * KIB
    """Size of a pulled page that a client gets unless it asks for another (before compression)."""
    file: int = 2 * 1024 * MIB
    whole: int = 256 * KIB
    """Largest file that goes up in one PUT."""
    chunk_least: int = 128 * KIB
    chunk_most: int = 8 * MIB
    uploads: int = 4
    """Unfinished uploads a device may have."""
    probe: int = 500
    """Files one probe may ask for."""

    def as_dict(self) -> dict[str, int]:
        """For JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_dict(cls, data: Any) -> Limits:
        """What a server sent; members that are missing or senseless keep our own value."""
        known = data if isinstance(data, dict) else {}
        return cls(
            **{
                name: known[name]
                for name in cls.__dataclass_fields__
                if type(known.get(name)) is int and known[name] > 0
            }
        )


class BadFrame(ValueError):
    """The bytes of a batch or page cannot be read; says in one phrase why."""


class TooLarge(ValueError):
    """A batch is over a limit."""


def pack(lines: bytes) -> bytes:
    """Compress a batch (zstd level 3: measured as the best of size against time for entry lines)."""
    return zstandard.ZstdCompressor(level=3).compress(lines)


def unpack(data: bytes, limit: int) -> bytes:
    """Decompress at most `limit` bytes.

    Raises:
        TooLarge: when there is more; no more than the limit is ever held.
        BadFrame: when it is no zstd frame, or holds another size than it declares, as when it was cut.
    """
    # a stream, since one-shot decompression trusts the size that the frame declares
    source = io.BytesIO(data)
    try:
        with zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(source) as reader:
            out = reader.read(limit + 1)
        size = zstandard.frame_content_size(data)  # -1 where it declares none
    except zstandard.ZstdError as reason:
        raise BadFrame(f"not zstd: {reason}") from reason
    if len(out) > limit:
        raise TooLarge(f"more than {limit} bytes inside")
    if size not in (-1, len(out)):
        raise BadFrame("the frame does not hold what it declares")
    return out


def batch_lines(data: bytes, limits: Limits) -> list[bytes]:
    """The entry lines of a compressed batch, within the server's limits.

    Raises:
        TooLarge: over one of them, or with more JSON values than `MOST_VALUES`.
        BadFrame: when it cannot be read.
    """
    lines = unpack(data, limits.inflated)
    # `{},` is three bytes of a line and seventy of memory: eight megabytes of that would be two hundred
    if len(lines) > limits.batch and sum(lines.count(mark) for mark in (b"{", b"[", b",")) > MOST_VALUES:
        raise TooLarge(f"more than {MOST_VALUES} values")
    return split_lines(lines, limits.entries)


def split_lines(data: bytes, most: int) -> list[bytes]:
    """The lines of a batch, without their LF.

    Raises:
        BadFrame: when the last line is cut or one is empty or too long.
        TooLarge: when there are more than `most`.
    """
    if not data:
        return []
    if not data.endswith(b"\n"):
        raise BadFrame("the last line is cut")
    # counted first: eight megabytes of line ends would be a hundred megabytes of empty lines
    if data.count(b"\n") > most:
        raise TooLarge(f"more than {most} entries")
    lines = data[:-1].split(b"\n")
    if any(not line or len(line) > LINE_LIMIT for line in lines):
        raise BadFrame("an empty or overlong line")
    return lines


@dataclass(frozen=True, slots=True)
class RawLine:
    """An entry line split, nothing believed yet."""

    signature: bytes
    head: bytes
    body: bytes


def split_line(line: bytes) -> RawLine:
    """`signature TAB head TAB body` apart.

    Raises:
        BadFrame: when it has not three parts or the signature is not 64 bytes of base64url.
    """
    parts = line.split(b"\t")
    if len(parts) != 3:
        raise BadFrame("an entry line has three parts")
    if len(parts[1]) > 2 * KIB or len(parts[2]) > 256 * KIB:
        raise BadFrame("a head or body is too large")
    return RawLine(_base64url(parts[0], 64), parts[1], parts[2])


@dataclass(frozen=True, slots=True)
class PulledLine:
    """A line of a pulled page."""

    cursor: int
    number: int
    """Number of the entry within its unit, from 1, dense; 0 for one that is sent outside the numbering."""
    own: int = 0
    """For an entry of the reader's own device its sequence number: only its place is told."""
    count: int = 1
    """So many own entries stand there one after another: cursors, numbers and sequence all go up by one."""
    prev: bytes = b""
    """Hash of the device's entry before; empty when that is the line before of the same device."""
    raw: RawLine | None = None
    """The entry, when it is another device's."""
    unit: str = ""
    """The unit in which it has that number, where that is not the one in its head."""


def pulled_line(
    cursor: int, number: int, prev: bytes, signature: bytes, head: bytes, body: bytes, unit: str = ""
) -> bytes:
    """A line of a pulled page with another device's entry.

    A reader sees only some units, so often not the entry before; without its hash the entry's own
    could not be computed.
    """
    before = b64(prev).encode() if prev else b"."
    place = b"%d\t%b%d" % (cursor, f"{unit}=".encode() if unit else b"", number)
    return b"%b\t%b\t%b\t%b\t%b\n" % (place, before, b64(signature).encode(), head, body)


def pulled_own(cursor: int, number: int, seq: int, count: int = 1, unit: str = "") -> bytes:
    """A line of a pulled page that tells the place of the reader's own entry, or of a run of them."""
    if count == 1:
        return b"%d\t%b%d\t=%d\n" % (cursor, f"{unit}=".encode() if unit else b"", number, seq)
    return b"%d\t%d\t=%d+%d\n" % (cursor, number, seq, count)


def offered_line(prev: bytes, line: bytes) -> bytes:
    """A line that offers another device's entry to a restored server: the hash before it, then the entry."""
    return b64(prev).encode() + b"\t" + line


def read_offered(line: bytes) -> tuple[bytes, RawLine]:
    """`prev TAB signature TAB head TAB body` apart.

    Raises:
        BadFrame: when it is malformed.
    """
    prev, _, entry = line.partition(b"\t")
    return _base64url(prev, 32), split_line(entry)


def units_field(have: Mapping[str, int]) -> str:
    """The `Sync-Units` field: the last number that a reader has of each unit."""
    return ",".join(f"{unit}={number}" for unit, number in sorted(have.items()))


def page_end(data: dict[str, Any]) -> bytes:
    """The last line of a pulled page."""
    return b"#" + msgspec.json.encode(data) + b"\n"


def read_page(data: bytes, most: int = 100_000) -> tuple[list[PulledLine], dict[str, Any]]:
    """The entry lines and the closing object of a pulled page.

    Raises:
        BadFrame: when it is malformed or does not end with its closing object.
        TooLarge: when there are more than `most` lines.
    """
    lines = split_lines(data, most)
    if not lines or not lines[-1].startswith(b"#"):
        raise BadFrame("the page is cut")
    return [_pulled(line) for line in lines[:-1]], json_object(lines[-1][1:])


def json_object(data: bytes) -> dict[str, Any]:
    """The JSON object that bytes from outside hold.

    Raises:
        BadFrame: when they hold none: no JSON, no object, no UTF-8, a number beyond all, nested too deep.
    """
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as reason:
        raise BadFrame("not a JSON object") from reason


def content_digest(body: bytes) -> str:
    """The `Content-Digest` field of a body (RFC 9530)."""
    return _digest_field(sha256(body).digest())


def _digest_field(digest: bytes) -> str:
    return f"sha-256=:{base64.b64encode(digest).decode()}:"


def digest_matches(field: str, digest: bytes) -> bool:
    """Whether a `Content-Digest` field holds this SHA-256 of a body; other kinds are passed over."""
    expected = _digest_field(digest)
    return any(hmac.compare_digest(item.strip().encode(), expected.encode()) for item in field.split(","))


def b64(data: bytes) -> str:
    """Base64url without padding, as in an entry line."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _pulled(line: bytes) -> PulledLine:
    cursor, _, rest = line.partition(b"\t")
    number, _, rest = rest.partition(b"\t")
    named, _, number = number.rpartition(b"=")
    unit = _unit(named)
    before, _, entry = rest.partition(b"\t")
    if before.startswith(b"=") and not entry:
        seq, plus, count = before[1:].partition(b"+")
        many = _number(count) if plus else 1
        run = PulledLine(_number(cursor), _number(number), own=_number(seq), count=many, unit=unit)
        if not run.count or (run.count > 1 and (unit or not (run.own and run.number))):
            raise BadFrame("a run of none")
        return run
    prev = b"" if before == b"." else _base64url(before, 32)
    return PulledLine(_number(cursor), _number(number), prev=prev, raw=split_line(entry), unit=unit)


def _unit(text: bytes) -> str:
    if len(text) > 32 or not text.isascii():
        raise BadFrame("not a unit")
    return text.decode("ascii")


def _number(text: bytes) -> int:
    # isdigit of bytes is ASCII only; 18 digits fit the database's 63 bits
    if not text.isdigit() or len(text) > 18:
        raise BadFrame("not a number")
    return int(text)


def _base64url(data: bytes, size: int) -> bytes:
    try:
        out = binascii.a2b_base64(data.translate(_PLAIN) + b"=" * (-len(data) % 4), strict_mode=True)
    except ValueError as reason:
        raise BadFrame("not base64url") from reason
    if len(out) != size:
        raise BadFrame(f"not {size} bytes")
    return out
