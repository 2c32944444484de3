"""The device key: ECDSA P-256 with SHA-256, deterministic (RFC 6979), so that plain `openssl` verifies it."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

_ALGORITHM = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_VERIFYING = ec.ECDSA(hashes.SHA256())


def device_id(public_key_der: bytes) -> str:
    """The first 16 bytes of SHA-256 of the public key (DER SubjectPublicKeyInfo), in hex."""
    return hashlib.sha256(public_key_der).digest()[:16].hex()


def key_id(public_key_der: bytes) -> str:
    """The first 8 bytes of SHA-256 of the public key, in base32 without padding (13 characters)."""
    return base64.b32encode(hashlib.sha256(public_key_der).digest()[:8]).decode().rstrip("=")


class Signer:
    """Holds a private key; gives signatures and the names that follow from the public key."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        self._key = private_key
        self.public_key_der: bytes = private_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.device = device_id(self.public_key_der)
        self.key_id = key_id(self.public_key_der)

    @classmethod
    def new(cls) -> Signer:
        """A signer with a fresh random key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_private_bytes(cls, data: bytes) -> Signer:
        """From PKCS#8 DER.

        Raises:
            ValueError: when the bytes are no P-256 private key.
        """
        key = serialization.load_der_private_key(data, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("not a P-256 private key")
        return cls(key)

    def private_bytes(self) -> bytes:
        """PKCS#8 DER, unencrypted: wrap it before it touches a disk."""
        return self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, data: bytes) -> bytes:
        """The DER signature over SHA-256(data)."""
        return self._key.sign(data, _ALGORITHM)

    def sign_raw(self, data: bytes) -> bytes:
        """The signature over SHA-256(data) as r‖s, 64 bytes."""
        r, s = utils.decode_dss_signature(self._key.sign(data, _ALGORITHM))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@lru_cache(maxsize=1024)
def _public_key(public_key_der: bytes) -> ec.EllipticCurvePublicKey:
    key = serialization.load_der_public_key(public_key_der)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a P-256 public key")
    return key


def verify(public_key_der: bytes, signature_der: bytes, data: bytes) -> bool:
    """Whether the DER signature over SHA-256(data) was made by that key."""
    try:
        _public_key(public_key_der).verify(signature_der, data, _VERIFYING)
    except (InvalidSignature, ValueError):
        return False
    return True


def verify_raw(public_key_der: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the 64-byte signature r‖s over SHA-256(data) was made by that key."""
    if len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    return verify(public_key_der, utils.encode_dss_signature(r, s), data)
