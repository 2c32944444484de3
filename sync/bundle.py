"""A bundle: calls of the protocol, or the answers to them, in one file for a stick (docs/protocol.md, 10).

    magic line
    parts, one after the other; each a call or an answer, in age format for the one who is to read it
    manifest: JSON, with the size and SHA-256 of each part
    signature of magic and manifest, 64 bytes r‖s, by the key of who wrote it
    length of the manifest, 8 bytes

Not a zip: parts have no names that could be paths or stand twice, and a zip's directory is read whole before
any limit of ours could hold. Nothing here is ever in memory but the manifest and one part.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyrage

from models.errors import BadInput, QingchaError, reason_of
from models.language import N_
from models.store.durable import sync_folder
from models.store.signer import verify_raw
from sync.engine import Call
from sync.healing import RECOVER
from sync.outcome import Exit
from sync.rehoming import SUCCESSOR
from sync.wire import MIB

SUFFIX = ".qcb"
MAGIC = b"qingcha bundle 1\n"
PART = 10 * MIB
"""Longest part as it lies in the file: the largest body of a call, its head, and what age adds."""
_AGE = 512
"""Bytes at most before the content in age format; some are of a stanza whose length is random."""
_AGE_CHUNK = 64 * 1024
_AGE_TAG = 16
MANIFEST = 8 * MIB
_SIGNATURE = 64
_ONE_PART = 70
"""Bytes that a manifest needs at least to tell of one part."""
_TAIL = _SIGNATURE + 8


class BundleRefused(QingchaError):
    """A bundle cannot be taken in; nothing was changed."""

    exit_code = int(Exit.BUNDLE_REFUSED)


class Following(msgspec.Struct, frozen=True):
    """That one device follows another (R6), for a server that could not be asked; both have signed it."""

    former: str
    """Device id."""
    public_key: str
    """Of the device that follows: SPKI in base64."""
    proof: str
    """Its DER signature over `sync.signing.succession`, in base64."""
    word: str
    """The former device's over the same."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a bundle says of itself, in the clear: no content of any record."""

    kind: str
    """calls or answers."""
    id: str
    """Of the export: 32 hex digits; answers bear that of their calls."""
    device: str
    """The notebook's."""
    server: str
    """The server's device id."""
    epoch: str
    made_at: int
    """Ms since 1970 UTC, by the clock of who made it."""
    base: int
    """Size of the log that the notebook knew when it exported."""
    size: int = 0
    """Of answers: size of the log in their newest head."""
    volume: int = 1
    last: bool = True
    """Whether no further volume follows; only this one is answered."""
    recipient: str = ""
    """Of calls: the public key (age) that the answers are to be encrypted to."""
    follows: list[Following] = []
    """Of calls: from a device that the server knows to the notebook's, where it may not know that yet."""
    first: int = 0
    end: int = 0
    """First and last own entry within, as numbers; 0 where there is none."""
    parts: list[tuple[int, str]]
    """Size in the file, and SHA-256 in hex."""


class Part(msgspec.Struct, frozen=True):
    """A call, or the answer to one."""

    method: str
    target: str
    headers: Mapping[str, str]
    """That were or are to be sent, in lower case."""
    status: int = 0
    """Of an answer, as all below."""
    call: str = ""
    """What it is the answer to: `name_of` of the call."""


def name_of(call: Call) -> str:
    """What the answer to a call is found by: what of it is the same when it is asked again later."""
    path, _, query = call.target.partition("?")
    query = query.partition("&bytes=")[0]  # how much at once is not what is asked
    if path in (RECOVER, SUCCESSOR):
        query = hashlib.sha256(call.body).hexdigest()
    return f"{call.method} {path} {query} {call.headers.get('sync-units', '')}"


def weight(part: Part, body: bytes) -> int:
    """Bytes that a part takes in a file at most: of its content alone, so that volumes are cut alike."""
    size = len(msgspec.json.encode(part)) + 1 + len(body)
    return _AGE + size + _AGE_TAG * (size // _AGE_CHUNK + 1)


class BundleWriter:
    """Writes one bundle; it is at its place whole and on the disk after `finish`, or not at all.

    Raises:
        OSError: as the disk gave it, from every method.
    """

    def __init__(self, path: Path, recipient: str) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        self._recipient = pyrage.x25519.Recipient.from_str(recipient)
        self._file: BinaryIO = self._partial.open("xb")
        self.parts: list[tuple[int, str]] = []
        self.size = self._file.write(MAGIC)
        self.filled = self.size
        """As `size`, but by what parts weigh."""

    def __enter__(self) -> BundleWriter:
        return self

    def __exit__(self, *reason: object) -> None:
        self._file.close()
        with contextlib.suppress(OSError):
            self._partial.unlink()

    def add(self, part: Part, body: bytes) -> None:
        """Append a part, encrypted."""
        sealed = pyrage.encrypt(msgspec.json.encode(part) + b"\n" + body, [self._recipient])
        self.parts.append((len(sealed), hashlib.sha256(sealed).hexdigest()))
        self.size += self._file.write(sealed)
        self.filled += weight(part, body)

    def finish(self, manifest: Manifest, sign: Callable[[bytes], bytes]) -> None:
        """Close it.

        Args:
            sign: gives r‖s over SHA-256 of bytes.
        """
        told = msgspec.json.encode(manifest)
        self._file.write(told + sign(MAGIC + told) + len(told).to_bytes(8, "big"))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._partial, self._path)
        sync_folder(self._path.parent)


class BundleReader:
    """Reads a bundle whose signature holds.

    Raises:
        BundleRefused: from every method, when the bundle is damaged or not what it says.
    """

    def __init__(self, path: Path, key: Callable[[Manifest], bytes | None]) -> None:
        """Open it and look through all of it.

        Args:
            key: the public key (DER) that must have signed it; None, or a refusal raised, for a bundle of
                somebody else.
        """
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise BadInput(
                N_("{name} cannot be read: {reason}."), name=path.name, reason=reason_of(error)
            ) from error
        try:
            self.manifest = self._manifest(key)
            sizes = (size for size, _digest in self.manifest.parts)
            self._places = list(accumulate(sizes, initial=len(MAGIC)))
            for place in range(len(self.manifest.parts)):
                self._sealed(place)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> BundleReader:
        return self

    def __exit__(self, *reason: object) -> None:
        self._file.close()

    def _manifest(self, key: Callable[[Manifest], bytes | None]) -> Manifest:
        try:
            if self._file.read(len(MAGIC)) != MAGIC:
                raise BundleRefused(N_("This file is no bundle of Qingcha's."))
            whole = self._file.seek(0, os.SEEK_END)
            self._file.seek(max(len(MAGIC), whole - 8))
            length = int.from_bytes(self._file.read(8), "big")
            begin = whole - _TAIL - length
            if not 0 < length <= MANIFEST or begin < len(MAGIC):
                raise damaged()
            self._file.seek(begin)
            told, signature = self._file.read(length), self._file.read(_SIGNATURE)
            if told.count(b"[") > MANIFEST // _ONE_PART:
                raise damaged()  # a list of nothing but beginnings would take ten times its length
            manifest = msgspec.json.decode(told, type=Manifest)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as reason:
            raise damaged() from reason
        sizes = [size for size, _digest in manifest.parts]
        if any(not 0 < size <= PART for size in sizes) or sum(sizes) != begin - len(MAGIC):
            raise damaged()
        signer = key(manifest)
        if signer is None or not verify_raw(signer, signature, MAGIC + told):
            raise damaged()
        return manifest

    def _sealed(self, place: int) -> bytes:
        """A part as it lies there, compared with the manifest every time that it is read."""
        size, digest = self.manifest.parts[place]
        try:
            self._file.seek(self._places[place])
            sealed = self._file.read(size)
        except OSError as reason:
            raise damaged() from reason
        if hashlib.sha256(sealed).hexdigest() != digest:
            raise damaged()
        return sealed

    def part(self, place: int, identity: Any) -> tuple[Part, bytes]:
        """A part with its body.

        Args:
            identity: the age identity of who is to read it.
        """
        try:
            head, line, body = pyrage.decrypt(self._sealed(place), [identity]).partition(b"\n")
            if not line:
                raise damaged()
            return msgspec.json.decode(head, type=Part), body
        except (pyrage.DecryptError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as reason:
            raise damaged() from reason

    def parts(self, identity: Any) -> Iterator[tuple[Part, bytes]]:
        """All parts, one after the other."""
        return (self.part(place, identity) for place in range(len(self.manifest.parts)))


def damaged() -> BundleRefused:
    """The refusal of a bundle that is not as it was written."""
    return BundleRefused(
        N_("This bundle is damaged or was changed. Nothing was taken from it; copy it anew, or export again.")
    )
