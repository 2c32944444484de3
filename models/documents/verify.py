"""Whether a QR text, or a record with its QR text, is genuine; and in fixed words what that proves.

Three answers and no fourth: genuine, not genuine, cannot be checked. Nothing here asks a network, and an
unknown key or profile is never called valid. docs/verify.md gives the same checks by plain tools.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from models.documents.paper import LABEL_PREFIX, SAMPLE_PREFIX
from models.errors import BadInput
from models.inspections import canonical
from models.inspections.sealing import seal_of
from models.language import N_, translate
from models.store import sealing
from models.store.health import key_of
from models.store.journal import EntryRow
from models.store.profiles import PROFILES, is_sm2
from models.store.sealing import SealLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from models.store.seat import Seat

GENUINE, FALSE, UNKNOWN = "genuine", "false", "unknown"
_TEXT_LIMIT = 4096
"""Characters of a pasted text that are looked at."""
_CHINA = timedelta(hours=8)
_PEM_KEY = re.compile(rb"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----")
_OF_TEXT = (
    N_(
        "Proved: the particulars in the code, among them the hash of the record, are unchanged since they "
        "were sealed by this registered device."
    ),
    N_(
        "Not proved: that the content is true, that the device's clock was right, or that other words on the "
        "paper are those that were sealed. Compare them with the record."
    ),
)
_OF_RECORD = (
    N_(
        "Proved: the whole text of this record and the hash of every piece of evidence in it are unchanged "
        "since they were sealed by this registered device."
    ),
    N_(
        "Not proved: that the content is true, or that the device's clock was right. Evidence files are "
        "proved only by comparing their hashes with the record."
    ),
)
_A_LABEL = N_(
    "This is the label of a piece of evidence, which is not signed. Check the record {number} and compare."
)
_A_SAMPLE = N_(
    "This is the label of sample {number}, which is not signed. Check its sampling record and compare."
)
_NO_KEY = N_(
    "Cannot be checked: the device key {key} is not known here. Ask the agency for its list of keys."
)
_CHANGED = N_(
    "Not genuine: the signature does not fit the text. Something in it was changed, or it is forged."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found."""

    answer: str
    """"genuine", "false" or "unknown" (cannot be checked)."""
    reason: str
    """Message id of the sentence that says it."""
    params: Mapping[str, Any] = field(default_factory=dict)
    seal: SealLine | None = None
    """What the code says; None where it cannot be read. To be believed only when genuine."""
    with_record: bool = False
    """Whether a record was compared, not only the code's text."""

    @property
    def genuine(self) -> bool:
        """Whether everything that was given checks."""
        return self.answer == GENUINE

    def headline(self) -> str:
        """The one sentence, in the reader's language."""
        return translate(self.reason).format(**self.params)

    def fields(self) -> list[tuple[str, str]]:
        """What the code says, label and value in the reader's language; empty where it cannot be read."""
        seal = self.seal
        if seal is None:
            return []
        profile = PROFILES[seal.profile]
        moment = datetime.fromtimestamp(seal.time_ms // 1000, UTC).replace(tzinfo=None) + _CHINA
        pairs = [
            (N_("Record number"), seal.number),
            (N_("Unified social credit code"), seal.site_code),
            (N_("Sealed at, by the device's clock"), f"{moment:%Y-%m-%d %H:%M:%S} (UTC+8)"),
            (N_("Number in the device's journal"), str(seal.seq)),
            (N_("Evidence items"), str(seal.count)),
            (N_("Hash of the record ({name})"), seal.digest),
            (N_("Key of the device"), seal.key_id),
            (N_("Checked by the profile"), f"{profile.number}: {profile.name}"),
        ]
        return [(translate(label).format(name=profile.hash_name), value) for label, value in pairs]

    def sentences(self) -> list[str]:
        """The headline, then what is proved and what is not, in the reader's language."""
        lines = [self.headline()]
        if not self.genuine:
            return lines
        return lines + [translate(msgid) for msgid in (_OF_RECORD if self.with_record else _OF_TEXT)]


def verify_text(text: str, keys: Mapping[str, bytes]) -> Verdict:
    """Check the text of a QR code against known device keys.

    Args:
        text: as scanned, pasted or copied from a browser's address line: line breaks, blanks and small
            letters do not matter, anything else does.
        keys: key id to DER SubjectPublicKeyInfo.
    """
    tidied = _tidy(text)
    for prefix, words in ((LABEL_PREFIX, _A_LABEL), (SAMPLE_PREFIX, _A_SAMPLE)):
        if tidied.startswith(prefix):
            number = tidied.removeprefix(prefix).split(":")[0][: sealing.LONGEST["number"]]
            return Verdict(UNKNOWN, words, {"number": number})
    try:
        seal = sealing.parse(tidied)
    except BadInput as error:
        return Verdict(UNKNOWN, error.msgid, error.params)
    key = keys.get(seal.key_id)
    if key is None:
        return Verdict(
            UNKNOWN,
            _NO_KEY,
            {"key": seal.key_id},
            seal,
        )
    if not sealing.check(tidied, key):
        return Verdict(
            FALSE,
            _CHANGED,
            {},
            seal,
        )
    return Verdict(GENUINE, N_("Genuine: sealed by the registered device {key}."), {"key": seal.key_id}, seal)


def verify_record(data: bytes, qr_text: str, keys: Mapping[str, bytes]) -> Verdict:
    """Check a record's exact bytes against the QR text of its seal.

    The bytes are hashed as they are, never re-encoded; those that are not in canonical form (J1) were not
    written by this program.
    """
    verdict = verify_text(qr_text, keys)
    seal = verdict.seal
    if not verdict.genuine or seal is None:
        return verdict

    def false(reason: str, **params: Any) -> Verdict:
        return Verdict(FALSE, reason, params, seal, with_record=True)

    if PROFILES[seal.profile].digest(data).hex() != seal.digest:
        return false(N_("Not genuine: this is not the record that was sealed; its hash is another."))
    try:
        record = canonical.decode(data)
    except (ValueError, BadInput):
        return false(N_("Not genuine: the sealed bytes are not a record of this program."))
    for name, stated in _stated(record).items():
        if stated != getattr(seal, name):
            return false(N_("Not genuine: record and code contradict each other in “{field}”."), field=name)
    return Verdict(GENUINE, verdict.reason, verdict.params, seal, with_record=True)


def verify_given(
    data: bytes, keys: Mapping[str, bytes], *, qr_text: str = "", seat: Seat | None = None
) -> Verdict:
    """Check what a file holds: a QR text, or a record (JSON).

    Args:
        data: the file's bytes.
        keys: key id to DER SubjectPublicKeyInfo.
        qr_text: for a record, the text of its code.
        seat: where to look for the seal of a record that is given without its code.
    """
    if not data.lstrip().startswith(b"{"):
        return verify_text(data[: 4 * _TEXT_LIMIT].decode("utf-8", "replace").removeprefix("\ufeff"), keys)
    if not qr_text and seat is not None:
        qr_text = _known_qr_text(data, seat)
    if not qr_text:
        return Verdict(
            UNKNOWN,
            N_("Cannot be checked: a record needs the text of its QR code. Give that too."),
            with_record=True,
        )
    return verify_record(data, qr_text, keys)


def key_in_file(path: Path) -> tuple[str, bytes]:
    """Key id and public key (DER SubjectPublicKeyInfo) in a PEM or DER file: a certificate or a key.

    Raises:
        BadInput: when it holds neither.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(N_("{name} cannot be read."), name=path.name) from error
    readers: tuple[Callable[[], PublicKeyTypes], ...] = (
        lambda: x509.load_pem_x509_certificate(data).public_key(),
        lambda: x509.load_der_x509_certificate(data).public_key(),
        lambda: load_pem_public_key(data),
        lambda: load_der_public_key(data),
    )
    for read in readers:
        with contextlib.suppress(ValueError, UnsupportedAlgorithm):
            key = read().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return sealing.key_id(key), key
    sm2 = _sm2_key(data)
    if sm2:
        return sealing.key_id(sm2), sm2
    raise BadInput(N_("{name} holds no certificate and no public key."), name=path.name)


def _sm2_key(data: bytes) -> bytes:
    """An SM2 public key in PEM or DER, which `cryptography` does not read; b"" where it is none."""
    found = _PEM_KEY.search(data)
    with contextlib.suppress(binascii.Error):
        data = base64.b64decode(b"".join(found[1].split()), validate=True) if found else data
    return data if is_sm2(data) else b""


def keys_of(seat: Seat) -> dict[str, bytes]:
    """The device keys that a seat knows: its own and those of the devices whose entries it holds.

    A device vouches for the key of its own name only: else one that enrolled could bring in a stranger's.
    """
    known = {seat.key_id: seat.public_key_der}
    with seat:
        devices = [row.device for row in EntryRow.select(EntryRow.device).distinct()]
        for device in devices:
            first = seat.journal.at(device, 1)
            key = key_of(device, first.entry()) if first is not None and first.kind == "enrol" else None
            if key is not None:
                known.setdefault(sealing.key_id(key), key)
    return known


def _tidy(text: str) -> str:
    """The text as the code holds it: no blanks or line breaks, capital letters."""
    joined = "".join(text[:_TEXT_LIMIT].split())
    return joined.upper() if joined.isascii() else joined


def _stated(record: Any) -> dict[str, Any]:
    """What a record says of itself that its code says too."""
    if not isinstance(record, dict):
        return {"number": None}
    stated: dict[str, Any] = {"number": record.get("number")}
    if isinstance(record.get("seq"), int):
        stated["seq"] = record["seq"]
    if isinstance(record.get("key"), str):
        stated["key_id"] = record["key"]
    if isinstance(record.get("evidence"), list):
        stated["count"] = len(record["evidence"])
    return stated


def _known_qr_text(data: bytes, seat: Seat) -> str:
    """Of an object, as its first byte says; "" where the notebook holds no seal of it."""
    try:
        record = canonical.decode(data)
    except (ValueError, BadInput):
        return ""
    found = seal_of(seat, str(record.get("id")))
    return found.qr_text if found is not None else ""
