"""Whom an agency's root certificate vouches for: X.509 (RFC 5280) of device keys and of the log's key.

A certificate that has run out says nothing against what was signed while it was good: dates are not asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOG_USAGE = x509.ObjectIdentifier("2.25.186171047619728964174312645657871749316")
"""Extended key usage (RFC 5280 section 4.2.1.12) of the key that signs the log, under an arc that needs no
registration (ITU-T X.667). No device's certificate bears it: else a device could pass as the log."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a certificate is for."""

    key: bytes
    """Public key, DER SubjectPublicKeyInfo; on P-256."""
    organisation: str
    log: bool
    """Whether it is for the key that signs the log."""


def holder(certificate: bytes) -> Holder | None:
    """Whom a certificate (PEM) names; None where it is none that we issue."""
    try:
        read = x509.load_pem_x509_certificate(certificate)
        key = read.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            return None
        names = read.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        usages = [each.value for each in read.extensions if isinstance(each.value, x509.ExtendedKeyUsage)]
    except Exception:  # whatever the library makes of bytes that anybody sent
        return None
    return Holder(
        key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        str(names[0].value) if names else "",
        any(LOG_USAGE in usage for usage in usages),
    )


def issued_by(certificate: bytes, root: bytes) -> bool:
    """Whether a root (PEM), which must be a certificate authority, issued a certificate (PEM)."""
    try:
        authority = x509.load_pem_x509_certificate(root)
        limits = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        x509.load_pem_x509_certificate(certificate).verify_directly_issued_by(authority)
    except Exception:  # not issued by it, or whatever the library makes of bytes that anybody sent
        return False
    return limits.ca


def is_root(pem: bytes) -> bool:
    """Whether the bytes are a certificate (PEM) that may issue others."""
    return issued_by(pem, pem)


def fingerprint(pem: bytes) -> str:
    """SHA-256 of a certificate (PEM), in hex, as `openssl x509 -fingerprint -sha256` gives it without colons.

    Raises:
        ValueError: when it is none.
    """
    from cryptography.hazmat.primitives import hashes

    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()
