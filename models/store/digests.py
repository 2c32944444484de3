"""The two digests of every evidence file, SHA-256 and SM3 (GB/T 32905), in one pass."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Protocol

BLOCK = 256 * 1024
"""Bytes read at a time: large enough to hash well, small enough to keep many files open."""

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all (0 when unknown); what it raises stops the work."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_WORTH_A_THREAD = 16 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A content: its digests in lower-case hex and its size in bytes."""

    sha256: str
    sm3: str
    size: int


class Hash(Protocol):
    """What both of hashlib's and cryptography's hashes can do here."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def sm3() -> Hash:
    """A new SM3 hash: OpenSSL's through hashlib, or cryptography's where Python was built without."""
    try:
        return hashlib.new("sm3")
    except ValueError:
        return _OtherSm3()


class Digests:
    """Both digests and the size of what goes through `update`.

    SM3 is four to seven times slower than SHA-256, so it runs beside the caller's thread.
    """

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._sm3 = sm3()
        self._running: Future[None] | None = None

    def update(self, block: bytes) -> None:
        """Take the next bytes."""
        self._wait()
        if len(block) >= _WORTH_A_THREAD:
            self._running = _helpers().submit(self._sm3.update, block)
        else:
            self._sm3.update(block)
        self._sha256.update(block)
        self.size += len(block)

    def kept(self) -> Kept:
        """The digests of everything so far."""
        self._wait()
        return Kept(self._sha256.hexdigest(), self._sm3.hexdigest(), self.size)

    def _wait(self) -> None:
        if self._running is not None:
            self._running.result()
            self._running = None


def digests_of(data: bytes) -> Kept:
    """Both digests and the size of some bytes."""
    digests = Digests()
    digests.update(data)
    return digests.kept()


def digests_of_stream(stream: BinaryIO, progress: Progress | None = None, total: int = 0) -> Kept:
    """Both digests and the size of all that a stream still holds, in bounded memory."""
    digests = Digests()
    while block := stream.read(BLOCK):
        digests.update(block)
        if progress is not None:
            progress(digests.size, total)
    return digests.kept()


def is_sha256(text: str) -> bool:
    """Whether the text is a SHA-256 in lower-case hex, as contents are named."""
    return _SHA256.fullmatch(text) is not None


@lru_cache
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="sm3")


class _OtherSm3:
    def __init__(self) -> None:
        from cryptography.hazmat.primitives import hashes

        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def hexdigest(self) -> str:
        return self._hash.copy().finalize().hex()
