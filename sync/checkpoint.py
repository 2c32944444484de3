"""Signed tree heads: C2SP tlog-checkpoint carried as a C2SP signed note, ECDSA P-256 (signature type 0x02).

A checkpoint is three lines (origin, size, root in base64) and, as an extension line, the time of the server's
clock when it was signed (`Time: 2026-11-23T06:15:03Z`); then a blank line, and one line a signature:
`— <key name> base64(first 4 bytes of SHA-256(SPKI) || DER signature)`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

MAX_NOTE = 64 * 1024
"""Longest note that is read, in bytes: room for sixteen witnesses (C2SP signed-note)."""


_TIME = "Time: "
_STAMP = re.compile(r"Time: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile("0|[1-9][0-9]{0,17}")  # fits the 63 bits of a database's number


class CheckpointRefused(ValueError):
    """A checkpoint is malformed, or not signed by the key it should be."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed tree head as it was received, and what it says."""

    origin: str
    """Names the log: the server's name, by C2SP without a scheme."""
    size: int
    """Number of entries in the log."""
    root: bytes
    note: str
    """The exact signed note."""


def sign_checkpoint(
    origin: str,
    size: int,
    root: bytes,
    *,
    public_key: bytes,
    sign: Callable[[bytes], bytes],
    time_ms: int | None = None,
) -> Checkpoint:
    """A checkpoint signed by one key.

    Args:
        time_ms: when it is signed, by the server's clock: ms since 1970 UTC, told to the second.
        public_key: the signing key's SPKI in DER.
        sign: gives the DER ECDSA P-256/SHA-256 signature over bytes.
    """
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    if time_ms is not None:
        text += f"{_TIME}{datetime.fromtimestamp(time_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}\n"
    return Checkpoint(origin, size, root, sign_note(text, origin, public_key=public_key, sign=sign))


def sign_note(text: str, name: str, *, public_key: bytes, sign: Callable[[bytes], bytes]) -> str:
    """A text, its last line ended, as a signed note. Arguments as `sign_checkpoint`."""
    signature = base64.b64encode(note_key_id(public_key) + sign(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n"


def open_checkpoint(note: str, *, public_key: bytes, origin: str | None = None) -> Checkpoint:
    """Read a checkpoint and verify the log's signature; signatures of other keys are passed over.

    Args:
        public_key: the pinned key of the log, SPKI in DER.
        origin: the log's name where it is known; another name is refused.

    Raises:
        CheckpointRefused: when any of it is not as it should be.
    """
    text = verified_text(note, name=origin, public_key=public_key)
    lines = text.split("\n")
    if len(lines) < 4:
        raise CheckpointRefused("not a checkpoint")
    name, size_text, root_text = lines[:3]
    if origin is not None and name != origin:
        raise CheckpointRefused("another log's checkpoint")
    if not _SIZE.fullmatch(size_text):
        raise CheckpointRefused("the size is not a number")
    root = _base64(root_text)
    if len(root) != 32:
        raise CheckpointRefused("the root is not a SHA-256 hash")
    return Checkpoint(name, int(size_text), root, note)


def verified_text(note: str, *, name: str | None, public_key: bytes) -> str:
    """The text of a signed note whose signature by this key was checked (C2SP signed-note).

    Args:
        name: the key's name; by default the note's first line, as for a checkpoint.

    Raises:
        CheckpointRefused: when the note is malformed or the signature missing or false.
    """
    if len(note) > MAX_NOTE:
        raise CheckpointRefused("too long")
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise CheckpointRefused("not a signed note")
    text += "\n"
    if _CONTROL.search(note):
        raise CheckpointRefused("control characters in a note")
    _verify(text, signatures[:-1].split("\n"), name or text.partition("\n")[0], public_key)
    return text


def signature_of(note: str, public_key: bytes) -> bytes:
    """The DER signature of this key under a verified note."""
    for line in note.rpartition("\n\n")[2].splitlines():
        signature = _base64(line.rpartition(" ")[2])
        if signature[:4] == note_key_id(public_key):
            return signature[4:]
    raise CheckpointRefused("not signed by the log")


def signed_at(text: str) -> str:
    """The time (RFC 3339, UTC) that a verified checkpoint's text states; "" for one that states none."""
    found = [match[1] for line in text.split("\n") if (match := _STAMP.fullmatch(line))]
    return found[0] if found else ""


def note_key_id(public_key: bytes) -> bytes:
    """The key id in a signed note: the first 4 bytes of SHA-256 of the SPKI (C2SP signed-note, type 0x02)."""
    return sha256(public_key).digest()[:4]


def _verify(text: str, signature_lines: list[str], name: str, public_key: bytes) -> None:
    expected = note_key_id(public_key)
    for line in signature_lines:
        dash, _, rest = line.partition(" ")
        key_name, _, encoded = rest.partition(" ")
        if dash != "—" or not key_name or not encoded:
            raise CheckpointRefused("a signature line is malformed")
        signature = _base64(encoded)
        if key_name != name or signature[:4] != expected:
            continue
        try:
            _key(public_key).verify(signature[4:], text.encode(), ec.ECDSA(SHA256()))
        except InvalidSignature:
            raise CheckpointRefused("the signature is false") from None
        return
    raise CheckpointRefused("not signed by the log")


@lru_cache(maxsize=8)
def _key(public_key: bytes) -> ec.EllipticCurvePublicKey:
    key = load_der_public_key(public_key)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CheckpointRefused("not a P-256 key")
    return key


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise CheckpointRefused("not base64") from None
