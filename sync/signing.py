"""Requests signed by the device key: HTTP message signatures (RFC 9421), ECDSA P-256 with SHA-256.

A signature covers the method, the path and query, the digest of the body and every field that steers
what happens. Scheme and authority are left out: a proxy that ends TLS rewrites both. The nonce is kept
by the server, so the same request is taken once only.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import load_der_public_key
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from models.store.signer import device_id, verify
from sync.wire import content_digest, digest_matches

TAG = "qingcha"
_LABEL = "device"
FRESH_S = 300
"""How far, in seconds, a signature's time may lie from the server's. The client corrects its clock first."""
ALWAYS = ("@method", "@path", "@query", "content-digest")
STEERING = (
    "content-type",
    "content-encoding",
    "sync-epoch",
    "sync-first",
    "sync-prev",
    "upload-offset",
    "upload-length",
    "upload-complete",
)
"""Fields that are covered wherever they stand in a request."""


class SignatureRefused(ValueError):
    """A request's signature is missing, stale, or not the device's."""


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Who signed a request, and the nonce that must not be seen again."""

    device: str
    nonce: str


@dataclass(slots=True)
class _Message:
    """A request as http-message-signatures reads it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


def new_nonce() -> str:
    """A nonce of 128 random bits."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()


def sign_request(
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    device: str,
    sign: Callable[[bytes], bytes],
    created_s: int,
    nonce: str,
) -> dict[str, str]:
    """The fields of a request with its digest and signature added.

    Args:
        target: path and query.
        sign: gives the DER signature over SHA-256 of bytes by the device key.
        created_s: server time in seconds since 1970 UTC, as well as the client knows it.
    """
    fields = {name.lower(): value for name, value in headers.items()}
    fields["content-digest"] = content_digest(body)
    message = _Message(method, _url(target), fields)
    signer = HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256)
    prepared = signer.prepare(
        message,
        key_id=device,
        created=datetime.fromtimestamp(created_s, UTC),
        nonce=nonce,
        label=_LABEL,
        tag=TAG,
        covered_component_ids=_covered(fields),
        use_existing_digest=True,
    )
    signature = ECDSA_P256_SHA256.signature_from_der(sign(prepared.signature_base))
    # the library's `apply` makes everything anew, lest the request changed while a far signer worked
    fields["Signature-Input"] = f"{_LABEL}={prepared.signature_params}"
    fields["Signature"] = f"{_LABEL}=:{base64.b64encode(signature).decode()}:"
    return fields


def verify_request(
    method: str,
    target: str,
    headers: Iterable[tuple[str, str]],
    digest: bytes | None,
    *,
    public_key: Callable[[str], bytes | None],
    now_s: int,
) -> SignedBy:
    """Check a request's signature.

    Args:
        digest: SHA-256 of the body; None where not all of it is here: the signature is then of the digest
            that it should have.
        public_key: the SPKI (DER) of a device id; None for an unknown one.
        now_s: the server's time in seconds since 1970 UTC.

    Raises:
        SignatureRefused: with a phrase saying why. Replay is the caller's to refuse, by the nonce.
        Exception: what `public_key` raised.
    """
    fields: dict[str, str] = {}
    for name, value in headers:
        if name.lower() in fields and name.lower() in (*STEERING, "content-digest"):
            raise SignatureRefused(f"the field {name} stands twice")
        fields[name.lower()] = value
    if digest is not None and not digest_matches(fields.get("content-digest", ""), digest):
        raise SignatureRefused("the digest is not the body's")
    keys = _Keys(public_key)
    verifier = _Verifier(signature_algorithm=ECDSA_P256_SHA256, key_resolver=keys, now_s=now_s)
    try:
        results = verifier.verify(
            _Message(method, _url(target), fields),
            max_age=None,
            expect_tag=TAG,
            require_components=_covered(fields),
        )
    except (InvalidSignature, HTTPMessageSignaturesException, ValueError) as reason:
        if keys.failure is None:
            raise SignatureRefused(str(reason)) from reason
    if keys.failure is not None:
        raise keys.failure
    if len(results) != 1 or not results[0].nonce:
        raise SignatureRefused("one signature with a nonce is needed")
    return SignedBy(str(results[0].parameters["keyid"]), str(results[0].nonce))


def _covered(fields: Mapping[str, str]) -> tuple[str, ...]:
    return ALWAYS + tuple(name for name in STEERING if name in fields)


def _url(target: str) -> str:
    # the authority is not covered; the library wants an absolute URL
    return f"https://device.invalid{target}"


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, public_key: Callable[[str], bytes | None]) -> None:
        self._public_key = public_key
        self.failure: Exception | None = None
        """What kept the key from being looked up; the library tells of it only that it has none."""

    def resolve_public_key(self, key_id: str) -> Any:
        try:
            der = self._public_key(key_id)
        except Exception as failure:
            self.failure = failure
            raise
        return None if der is None else load_der_public_key(der)


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, measuring freshness by the server's own clock."""

    def __init__(self, *, now_s: int, **more: Any) -> None:
        super().__init__(**more)
        self._now_s = now_s

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Refuse a signature made too far from now."""
        created = sig_input.params.get("created")
        if type(created) is not int or abs(created - self._now_s) > FRESH_S:
            raise InvalidSignature("the signature is not fresh")


def succession(former: str, next_device: str) -> bytes:
    """What the next key signs, so that nobody has a key certified that they do not hold."""
    return f"qingcha successor\n{former}\n{next_device}\n".encode()


def is_succession(public_key_der: bytes, former: str, proof: bytes) -> bool:
    """Whether the holder of that key asks to follow a device."""
    return verify(public_key_der, proof, succession(former, device_id(public_key_der)))
