"""What stands behind the profile number in a seal's text: one hash, one signature. The table is closed.

A number that is not in it is "cannot be checked", never "valid"; nobody chooses one later, as it stands in
the signed text. Profile 1 is what we seal with. Profile 2 is what a certified cryptographic device of the
agency would seal with (GB/T 32905 SM3, GB/T 32918 SM2); here it is checked only, with public keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from models.store.digests import sm3

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order n of P-256 (FIPS 186-4, D.1.2.3): r and s of a signature lie in 1 .. n-1."""
SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
"""The order n of the SM2 curve (GB/T 32918.5)."""
SM2_PRIME = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
"""The curve is y² = x³ - 3x + b modulo this prime (GB/T 32918.5)."""
SM2_IDENTITY = b"1234567812345678"
"""The signer's distinguishing identifier (GB/T 32918.2), the usual one; `openssl` calls it distid."""
SM2_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""How the DER SubjectPublicKeyInfo of every SM2 key begins; then 04, x, y of 32 bytes each."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to seal."""

    number: str
    name: str
    hash_name: str
    order: int
    """Of the curve."""
    digest: Callable[[bytes], bytes]
    """32 bytes."""
    verify: Callable[[bytes, bytes, bytes], bool]
    """Whether a key (DER SubjectPublicKeyInfo) made this strict DER signature over these bytes."""


def is_sm2(public_key_der: bytes) -> bool:
    """Whether the bytes are an SM2 public key in the form that profile 2 takes: a point of its curve.

    Off the curve, anybody could sign for a key, and its holder deny that it was he.
    """
    start = SM2_SPKI + b"\4"
    if not public_key_der.startswith(start) or len(public_key_der) != len(start) + 64:
        return False
    point = public_key_der[len(start) :]
    x, y = int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")
    return max(x, y) < SM2_PRIME and (y * y - x * x * x + 3 * x - SM2_B) % SM2_PRIME == 0


def _sm3(data: bytes) -> bytes:
    hashed = sm3()
    hashed.update(data)
    return bytes.fromhex(hashed.hexdigest())


def _p256(public_key_der: bytes, signature: bytes, data: bytes) -> bool:
    try:
        key = load_der_public_key(public_key_der)
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            return False
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True


def _sm2(public_key_der: bytes, signature: bytes, data: bytes) -> bool:
    if not is_sm2(public_key_der):
        return False
    import gmalg  # 20 ms, for a profile that is seldom met

    r, s = (number.to_bytes(32, "big") for number in decode_dss_signature(signature))
    return bool(gmalg.SM2(uid=SM2_IDENTITY, pk=public_key_der[len(SM2_SPKI) :]).verify(data, r, s))


PROFILES = {
    each.number: each
    for each in (
        Profile(
            "1",
            "SHA-256, ECDSA P-256",
            "SHA-256",
            P256_ORDER,
            lambda data: hashlib.sha256(data).digest(),
            _p256,
        ),
        Profile("2", "SM3, SM2", "SM3", SM2_ORDER, _sm3, _sm2),
    )
}
"""By number. 3 is kept for post-quantum signatures on checkpoints; it never stands in a code."""
