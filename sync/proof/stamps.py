"""Outside time-stamps (RFC 3161): an authority's signed word that a checkpoint existed at a time.

The authority is nobody of ours: its root certificate comes from whoever checks. What the token brings along
of certificates is never trusted by itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC

import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

LIMIT = 64 * 1024
"""Bytes of an answer at most."""


class StampRefused(ValueError):
    """A time-stamp does not prove what it should."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time-stamp says."""

    time: str
    """RFC 3339, UTC, whole seconds."""
    authority: str
    """The name in the certificate that signed it; to be believed only when checked."""
    certificates: bytes
    """What it brings along, PEM; the one that signed first."""


def query(data: bytes) -> tuple[bytes, int]:
    """What asks for a time-stamp over some bytes (DER), and its nonce."""
    asked = (
        rfc3161_client.TimestampRequestBuilder().data(data).nonce(nonce=True).cert_request(cert_request=True)
    )
    request = asked.hash_algorithm(rfc3161_client.HashAlgorithm.SHA256).build()
    return request.as_bytes(), int(request.nonce or 0)


def read(answer: bytes, data: bytes, *, nonce: int | None = None) -> Stamp:
    """What a time-stamp over these bytes says; its signature is not checked (`check` does).

    Raises:
        StampRefused: it was not granted, is over something else, or cannot be read.
    """
    response = _decoded(answer, data)
    try:
        info = response.tst_info
        if nonce is not None and info.nonce != nonce:
            raise StampRefused("the answer to another question")
        found = [x509.load_der_x509_certificate(each) for each in response.signed_data.certificates]
        (signer,) = response.signed_data.signer_infos
        found.sort(key=lambda each: (each.serial_number != signer.serial_number, each.serial_number))
        if not found or found[0].serial_number != signer.serial_number:
            raise StampRefused("without the certificate that signed it")
        time = info.gen_time.astimezone(UTC)
        certificates = b"".join(each.public_bytes(Encoding.PEM) for each in found)
        return Stamp(f"{time:%Y-%m-%dT%H:%M:%SZ}", _name(found[0]), certificates)
    except StampRefused:
        raise
    except Exception as reason:  # whatever the library makes of bytes that anybody sent
        raise StampRefused("not a time-stamp") from reason


def check(answer: bytes, data: bytes, root: bytes) -> Stamp:
    """A time-stamp over these bytes whose signature leads to this root certificate (PEM).

    The certificates need only have been good at the time that it states.

    Raises:
        StampRefused: it does not.
    """
    stamp = read(answer, data)
    try:
        verifier = rfc3161_client.VerifierBuilder(roots=[x509.load_pem_x509_certificate(root)]).build()
        verifier.verify(_decoded(answer, data), hashlib.sha256(data).digest())
    except Exception as reason:
        raise StampRefused("not signed under that root") from reason
    return stamp


def _decoded(answer: bytes, data: bytes) -> rfc3161_client.TimeStampResponse:
    if len(answer) > LIMIT:
        raise StampRefused("too long")
    try:
        response = rfc3161_client.decode_timestamp_response(answer)
        granted = rfc3161_client.PKIStatus(response.status) == rfc3161_client.PKIStatus.GRANTED
        imprint = response.tst_info.message_imprint.message if granted else b""
    except Exception as reason:  # whatever the library makes of bytes that anybody sent
        raise StampRefused("not a time-stamp") from reason
    if imprint != hashlib.sha256(data).digest():
        raise StampRefused("not granted, or over something else")
    return response


def _name(certificate: x509.Certificate) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for name in certificate.subject.get_attributes_for_oid(oid):
            return str(name.value)
    return "-"
