"""An unlocked data key and what is derived from it."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.errors import NotebookLocked, StoreRefused
from models.language import N_
from models.store import bech32

KEY_BYTES = 32
_NONCE_BYTES = 12


class AgePair(NamedTuple):
    """An X25519 key pair in the text forms of age (C2SP age.md)."""

    identity: str
    """`AGE-SECRET-KEY-1…`, secret."""
    recipient: str
    """`age1…`, public."""


class DataKey:
    """An unlocked data key. Everything else the notebook needs is derived from it."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("a data key has 32 bytes")
        self._secret = bytearray(secret)

    def __repr__(self) -> str:
        return "DataKey(…)"

    def __reduce__(self) -> str:
        raise TypeError("a data key is never pickled")

    def database_key(self) -> bytes:
        """The 32 raw bytes that SQLCipher is opened with.

        Raises:
            NotebookLocked: after `forget`, as every method here.
        """
        return self.derive(b"db")

    def files_identity(self) -> AgePair:
        """The age key pair of the evidence files, the same at every unlock."""
        return age_pair(self.derive(b"files"))

    def wrap_signing_key(self, private_key: bytes) -> bytes:
        """The device's signing key, encrypted: nonce, then AES-256-GCM."""
        return seal(self.derive(b"seal"), private_key, b"qingcha signing key")

    def unwrap_signing_key(self, wrapped: bytes) -> bytes:
        """The signing key again.

        Raises:
            StoreRefused: when it was wrapped under another key or is damaged.
        """
        try:
            return unseal(self.derive(b"seal"), wrapped, b"qingcha signing key")
        except InvalidTag:
            raise StoreRefused(
                N_("The device's signing key is damaged. Restore the notebook's folder from a backup.")
            ) from None

    def forget(self) -> None:
        """Overwrite the key; copies that the interpreter made are beyond reach."""
        for position in range(len(self._secret)):
            self._secret[position] = 0
        self._secret.clear()

    def raw(self) -> bytes:
        """The key itself, for wrapping it."""
        if not self._secret:
            raise NotebookLocked
        return bytes(self._secret)

    def derive(self, purpose: bytes) -> bytes:
        """32 bytes that depend on the key and the purpose, and tell nothing of either key."""
        return hkdf(self.raw(), b"qingcha " + purpose)


def age_pair(secret: bytes) -> AgePair:
    """The age key pair of 32 secret bytes."""
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return AgePair(bech32.encode("age-secret-key-", secret).upper(), bech32.encode("age", public))


def make_recovery_pair() -> AgePair:
    """A new recovery key: the agency prints the identity on cards and keeps only the recipient."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    return AgePair(str(identity), str(identity.to_public()))


def hkdf(secret: bytes, purpose: bytes) -> bytes:
    """32 bytes from a secret, for one purpose (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)


def seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """AES-256-GCM with a random nonce in front, bound to what `bound` says."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def unseal(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """What `seal` took.

    Raises:
        InvalidTag: when key, content or `bound` are others.
    """
    if len(sealed) < _NONCE_BYTES + 16:
        raise InvalidTag
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
