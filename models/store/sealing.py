"""The seal line and the QR text: what a device signs when a record is closed, and how anyone checks it.

A seal line is one line in the alphanumeric alphabet of QR codes (ISO/IEC 18004, table 5):

    HTTPS://HOST/1/<record no>/<site code>/<UTC time>/<seq>/<n evidence>/<SHA-256 base32>/<key id>

`1` is the profile (`profiles`): SHA-256 and ECDSA on P-256. It stands inside the signed text, so that nobody
can choose another one later. The QR text is the line, "/", and the DER signature over the line's ASCII bytes
in base32 (RFC 4648 without padding). Every text has exactly one reading and every seal exactly one text:
what is not in the canonical form is refused, also non-zero padding bits (RFC 4648 section 3.5) and
non-minimal DER (ITU-T X.690 section 10).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from models.errors import BadInput, RuleBroken
from models.language import N_, Words
from models.store.profiles import PROFILES, is_sm2

PROFILE = "1"
"""What we seal with. A profile that is not in this version (`PROFILES`) is never called valid."""

QR_BUDGET = 311
"""Characters that a QR code of version 10, level M, holds in alphanumeric mode (ISO/IEC 18004, table 7)."""

NO_SITE_CODE = "-"
"""Stands for a site without a unified social credit code; an identity number never goes into a QR code."""

# The limits add up to the budget: 98 characters that never change, 1 + 116 for the longest signature
# (72 bytes of DER), and these 96. A line within its limits therefore always fits.
LONGEST = {"host": 32, "number": 34, "site_code": 18, "seq": 8, "count": 4}
"""The most characters each varying part may have."""

_PART_NAMES = {
    "host": N_("server address"),
    "number": N_("record number"),
    "site_code": N_("site code"),
    "seq": N_("sequence number"),
    "count": N_("number of evidence items"),
}
_PATTERNS = {
    "host": re.compile(r"[0-9A-Z](?:[0-9A-Z.-]*[0-9A-Z])?(?::[1-9][0-9]{0,4})?"),
    "number": re.compile(r"[0-9A-Z](?:[0-9A-Z.-]*[0-9A-Z])?"),
    "site_code": re.compile(r"[0-9A-Z]+|-"),
    "seq": re.compile(r"0|[1-9][0-9]*"),
    "count": re.compile(r"0|[1-9][0-9]*"),
}
_HEX256 = re.compile(r"[0-9a-f]{64}")
_BASE32 = re.compile(r"[A-Z2-7]*")
_TIME = re.compile(r"[0-9]{8}T[0-9]{6}Z")


@dataclass(frozen=True, slots=True)
class SealLine:
    """A seal line taken apart, with its signature where it came from a QR text."""

    line: str
    """The exact text that was signed."""
    host: str
    number: str
    """The record number."""
    site_code: str
    """Unified social credit code, or "-" for none."""
    time_ms: int
    """When the device says that it sealed: ms since the epoch, UTC, whole seconds."""
    seq: int
    """The sequence number of the seal's entry in the device's journal."""
    count: int
    """How many evidence items the record lists."""
    digest: str
    """Hash of the record's exact bytes by the profile, 64 hex digits."""
    key_id: str
    """Which device key signed; see `key_id`."""
    signature: bytes = b""
    """DER; empty for a line without one."""
    profile: str = PROFILE
    """A key of `PROFILES`."""


def key_id(public_key_der: bytes) -> str:
    """The name of a key: base32 of the first 8 bytes of the hash, by its profile, of its DER SPKI."""
    profile = PROFILES["2" if is_sm2(public_key_der) else PROFILE]
    return base32(profile.digest(public_key_der)[:8])


def base32(data: bytes) -> str:
    """RFC 4648 base32 without padding."""
    return base64.b32encode(data).decode("ascii").rstrip("=")


def strict_base32(text: str) -> bytes:
    """Decode unpadded base32 that has one text only.

    Raises:
        ValueError: for other characters, impossible lengths and non-zero padding bits.
    """
    if not _BASE32.fullmatch(text):
        raise ValueError("not base32")
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise ValueError("not base32") from error
    if base32(data) != text:
        raise ValueError("padding bits are not zero")
    return data


def seal_line(
    host: str, number: str, site_code: str, time_ms: int, seq: int, count: int, sha256_hex: str, key_id: str
) -> str:
    """The line that a device signs. `time_ms` (ms since the epoch) is cut to whole seconds.

    Raises:
        RuleBroken: a part is too long for the QR code or has characters that it cannot carry; says which.
        ValueError: the hash or the key id is not one, or the time has no four-digit year.
    """
    parts = {
        "host": host.upper() if host.isascii() else host,
        "number": number,
        "site_code": site_code or NO_SITE_CODE,
        "seq": str(seq),
        "count": str(count),
    }
    for part, text in parts.items():
        if len(text) > LONGEST[part]:
            raise RuleBroken(
                N_("The {part} is {length} characters long; the QR code has room for {most}. Shorten it."),
                field=part,
                part=Words(_PART_NAMES[part]),
                length=len(text),
                most=LONGEST[part],
            )
        if not _PATTERNS[part].fullmatch(text):
            raise RuleBroken(
                N_("The {part} “{text}” cannot go into a QR code: use capital letters, digits and hyphens."),
                field=part,
                part=Words(_PART_NAMES[part]),
                text=text,
            )
    if not _HEX256.fullmatch(sha256_hex):
        raise ValueError("the hash must be 64 lower-case hex digits")
    if len(strict_base32(key_id)) != 8:
        raise ValueError("the key id must be 8 bytes in base32")
    digest = base32(bytes.fromhex(sha256_hex))
    fields = (parts["number"], parts["site_code"], _stamp(time_ms), parts["seq"], parts["count"])
    return "/".join((f"HTTPS://{parts['host']}", PROFILE, *fields, digest, key_id))


def qr_text(line: str, signature: bytes) -> str:
    """The text of the QR code: the line and its DER signature.

    Raises:
        BadInput: the line is not a seal line.
        ValueError: the signature is not strict DER of one of its profile.
    """
    _strict_signature(signature, parse_line(line).profile)
    return f"{line}/{base32(signature)}"


def parse(text: str) -> SealLine:
    """Take a QR text apart: 12 parts between slashes, the last the signature.

    Raises:
        BadInput: it is not in the one form that `qr_text` writes; says what is wrong.
    """
    if len(text) > QR_BUDGET:
        raise BadInput(
            N_("This text has {length} characters; our QR codes have at most {most}. Scan the code again."),
            length=len(text),
            most=QR_BUDGET,
        )
    line, _, tail = text.rpartition("/")
    if text.count("/") != 11:
        raise BadInput(
            N_("This is not the text of one of our QR codes. Scan the code again, or copy all of it.")
        )
    seal = parse_line(line)
    try:
        signature = strict_base32(tail)
        _strict_signature(signature, seal.profile)
    except ValueError as error:
        raise BadInput(N_("The signature in this text is damaged. Scan the code again.")) from error
    return replace(seal, signature=signature)


def parse_line(line: str) -> SealLine:
    """Take a seal line without signature apart.

    Raises:
        BadInput: it is not in the one form that `seal_line` writes; says what is wrong.
    """
    return _parse(line)


def check(text: str, public_key_der: bytes) -> bool:
    """Whether this QR text is whole and was signed by this key (DER SubjectPublicKeyInfo) of its profile."""
    try:
        seal = parse(text)
    except BadInput:
        return False
    if seal.key_id != key_id(public_key_der):
        return False
    return PROFILES[seal.profile].verify(public_key_der, seal.signature, seal.line.encode("ascii"))


def _stamp(time_ms: int) -> str:
    try:
        moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("the time has no four-digit year") from error
    return f"{moment.year:04d}{moment:%m%dT%H%M%SZ}"


def _time_ms(stamp: str) -> int:
    if not _TIME.fullmatch(stamp):
        raise ValueError("not a time")
    return int(datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()) * 1000


def _parse(line: str) -> SealLine:
    damaged = BadInput(N_("The seal in this text is damaged. Scan the code again, or copy all of it."))
    if not line.isascii() or line.count("/") != 10 or not line.startswith("HTTPS://"):
        raise BadInput(
            N_("This is not the text of one of our QR codes. Scan the code again, or copy all of it.")
        )
    _, _, host, profile, number, site_code, stamp, seq, count, digest, key = line.split("/")
    if profile not in PROFILES:
        raise BadInput(
            N_("This seal uses profile {profile}, which this version cannot check. Use a newer version."),
            profile=profile,
        )
    parts = {"host": host, "number": number, "site_code": site_code, "seq": seq, "count": count}
    for part, text in parts.items():
        if len(text) > LONGEST[part] or not _PATTERNS[part].fullmatch(text):
            raise damaged
    try:
        hashed, key_bytes, time_ms = strict_base32(digest), strict_base32(key), _time_ms(stamp)
    except ValueError as error:
        raise damaged from error
    if len(hashed) != 32 or len(key_bytes) != 8:
        raise damaged
    digits = (int(seq), int(count), hashed.hex())
    return SealLine(line, host, number, site_code, time_ms, *digits, key, profile=profile)


def _strict_signature(signature: bytes, profile: str) -> None:
    """Refuse what is not the one DER encoding of (r, s) with both in 1 .. n-1."""
    r, s = decode_dss_signature(signature)
    order = PROFILES[profile].order
    if not (0 < r < order and 0 < s < order) or encode_dss_signature(r, s) != signature:
        raise ValueError("not a strict signature of its profile")
