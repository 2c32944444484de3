"""Receipts: the server's signed word that it holds an entry.

A receipt is a signed checkpoint and the audit path of the entry's leaf. Through the device's own hash
chain it is at the same time the receipt of every earlier entry of that device.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sync.checkpoint import (
    Checkpoint,
    CheckpointRefused,
    open_checkpoint,
    sign_note,
    verified_text,
)
from sync.merkle import HASH_SIZE, ProofRefused, leaf_hash, verify_inclusion

MAX_PATH = 64


class ReceiptRefused(ValueError):
    """A receipt does not prove that the server holds the entry."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server hands out for one entry."""

    cursor: int
    """Place of the entry in the server's log, counted from 1; its leaf is `cursor - 1`."""
    entry_hash: bytes
    path: tuple[bytes, ...]
    note: str
    """The signed checkpoint, as received."""

    def verify(self, public_key: bytes, origin: str | None = None) -> Checkpoint:
        """Check signature and proof with the pinned server key (SPKI in DER).

        Raises:
            ReceiptRefused: when any of it is not as it should be.
        """
        try:
            head = open_checkpoint(self.note, public_key=public_key, origin=origin)
            verify_inclusion(leaf_hash(self.entry_hash), self.cursor - 1, head.size, self.path, head.root)
        except (CheckpointRefused, ProofRefused) as reason:
            raise ReceiptRefused(str(reason)) from reason
        return head

    def as_dict(self) -> dict[str, Any]:
        """The receipt as the JSON object of `/v1/receipts`."""
        return {
            "cursor": self.cursor,
            "entry_hash": self.entry_hash.hex(),
            "path": [base64.b64encode(step).decode() for step in self.path],
            "checkpoint": self.note,
        }

    @classmethod
    def from_dict(cls, data: Any) -> Receipt:
        """Read the JSON object of `/v1/receipts`.

        Raises:
            ReceiptRefused: when a member is missing or of another kind.
        """
        try:
            cursor, note = data["cursor"], data["checkpoint"]
            entry_hash = bytes.fromhex(data["entry_hash"])
            path = read_path(data["path"])
        except (KeyError, TypeError, ValueError) as reason:
            raise ReceiptRefused("the receipt is malformed") from reason
        if type(cursor) is not int or not isinstance(note, str) or len(entry_hash) != HASH_SIZE:
            raise ReceiptRefused("the receipt is malformed")
        return cls(cursor, entry_hash, path, note)

    def as_tlog_proof(self) -> str:
        """The receipt as a C2SP tlog-proof, as it lies in an evidence package."""
        steps = "".join(base64.b64encode(step).decode() + "\n" for step in self.path)
        return f"c2sp.org/tlog-proof@v1\nindex {self.cursor - 1}\n{steps}\n{self.note}"


def read_path(data: Any) -> tuple[bytes, ...]:
    """The hashes of a proof from their base64 texts.

    Raises:
        ReceiptRefused: when it is not a short list of SHA-256 hashes.
    """
    if not isinstance(data, list) or len(data) > MAX_PATH:
        raise ReceiptRefused("the proof is not a list of hashes")
    try:
        path = tuple(base64.b64decode(step, validate=True) for step in data)
    except (TypeError, ValueError, binascii.Error):
        raise ReceiptRefused("the proof is not base64") from None
    if any(len(step) != HASH_SIZE for step in path):
        raise ReceiptRefused("the proof is not a list of hashes")
    return path


def sign_file_receipt(
    origin: str,
    sha256: str,
    size: int,
    at_ms: int,
    *,
    public_key: bytes,
    sign: Callable[[bytes], bytes],
) -> str:
    """A signed note that a file is held whole: `<origin>/file`, size, SHA-256 in hex, ms since 1970."""
    text = f"{origin}/file\n{size}\n{sha256}\n{at_ms}\n"
    return sign_note(text, origin, public_key=public_key, sign=sign)


def check_file_receipt(note: str, sha256: str, *, origin: str, public_key: bytes) -> None:
    """Check a file's receipt with the pinned server key.

    Raises:
        ReceiptRefused: when it is not this server's word for this file.
    """
    lines = _lines(note, origin, public_key)
    if len(lines) != 5 or lines[0] != f"{origin}/file" or lines[2] != sha256:
        raise ReceiptRefused("a receipt for something else")


def received_at(note: str) -> int:
    """The time of a file's verified receipt, in ms since 1970 UTC, by the server's clock."""
    return int(note.split("\n")[3])


def sign_recipient(origin: str, recipient: str, *, public_key: bytes, sign: Callable[[bytes], bytes]) -> str:
    """A signed note with the key that bundles for this server are encrypted to: `<origin>/bundles`, age1…"""
    return sign_note(f"{origin}/bundles\n{recipient}\n", origin, public_key=public_key, sign=sign)


def read_recipient(note: str, *, origin: str, public_key: bytes) -> str:
    """The key (age) that such a note names.

    Raises:
        ReceiptRefused: when it is not this server's word.
    """
    lines = _lines(note, origin, public_key)
    if len(lines) != 3 or lines[0] != f"{origin}/bundles":
        raise ReceiptRefused("a note of something else")
    return lines[1]


def _lines(note: str, origin: str, public_key: bytes) -> list[str]:
    try:
        return verified_text(note, name=origin, public_key=public_key).split("\n")
    except CheckpointRefused as reason:
        raise ReceiptRefused(str(reason)) from reason
