"""The decoders of bytes from outside, each as a function that may say no in one way only.

A target takes any bytes and answers whether they were accepted. What the decoder documents as its refusal is
caught; every other exception, an answer that contradicts itself, and more memory than `MOST_MEMORY` for one
input are faults. Coverage-guided runs (`make fuzz`) and the tests (`test_decoders`) call the same functions.
"""

from __future__ import annotations

import atexit
import base64
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyrage
from cryptography.hazmat.primitives.asymmetric import ec

import models.areas  # noqa: F401 -- every kind of record
from models.errors import BadInput, StoreRefused
from models.store import sealing
from models.store.decrypting import Decrypting
from models.store.entry import Entry, entry_line
from models.store.signer import Signer
from sync import wire
from sync.address import ServerAddress, enrolment_text, read_enrolment
from sync.bundle import MAGIC, BundleReader, BundleRefused
from sync.checkpoint import CheckpointRefused, note_key_id, open_checkpoint, sign_checkpoint
from sync.merkle import ProofRefused, verify_consistency
from sync.multipart import Cut, Form, boundary_of
from sync.problems import MEDIA_TYPE, read_problem
from sync.receipts import Receipt, ReceiptRefused, check_file_receipt, read_path
from sync.server import accept
from sync.server.people import Caller
from sync.signing import SignatureRefused, sign_request, verify_request

MOST_MEMORY = 64 << 20
"""Bytes that one input may cost beyond what the process held before."""
LIMITS = wire.Limits()
SIGNER = Signer(ec.derive_private_key(0x5EED, ec.SECP256R1()))
"""A key that all runs share, so that a kept input means the same in each."""
ORIGIN = "sync.example.cn/log"
EPOCH = "ab" * 16
IDENTITY = pyrage.x25519.Identity.from_str(
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
)
Target = Callable[[bytes], bool]
NOW_S = 1_795_455_021
UNITS = ("350602",)
CALLER = Caller(
    SIGNER.device, "officer", "officer", frozenset(), UNITS, frozenset(UNITS), False, SIGNER.public_key_der
)


def line(data: bytes) -> bool:
    """An entry line; what is read must be what was written."""
    try:
        raw = wire.split_line(data)
    except wire.BadFrame:
        return False
    try:
        entry = Entry.of_line(data, bytes(32))
    except ValueError:
        return False
    assert (entry.head, entry.body, entry.signature) == (raw.head, raw.body, raw.signature)
    assert entry_line(raw.signature, raw.head, raw.body).endswith(data.partition(b"\t")[2] + b"\n")
    entry.order()
    assert entry.home.q
    first = entry.first()
    assert first is None or first.hash.hex() == entry.uid
    assert len(entry.hash) == 32
    return True


def batch(data: bytes) -> bool:
    """A pushed batch: bytes that are not zstd are packed first, so that mutations reach the lines."""
    try:
        lines = wire.batch_lines(packed(data), LIMITS)
    except (wire.TooLarge, wire.BadFrame):
        return False
    read = accept.read_batch(lines, 1, bytes(32), CALLER, SIGNER.public_key_der)
    assert len(read.entries) == len(lines) or read.stopped
    return bool(read.entries)


def offered(data: bytes) -> bool:
    """A line that gives another device's entry back."""
    try:
        prev, raw = wire.read_offered(data)
        Entry.of_bytes(prev, raw.head, raw.body, raw.signature).parsed_head.d  # noqa: B018 -- reads it
    except ValueError:
        return False
    assert len(prev) == 32
    return True


def page(data: bytes) -> bool:
    """A pulled page."""
    try:
        lines, end = wire.read_page(wire.unpack(packed(data), LIMITS.inflated))
    except (wire.TooLarge, wire.BadFrame):
        return False
    assert isinstance(end, dict)
    assert not any(each.own and each.raw for each in lines), "own entries come as places only"
    return True


def inflate(data: bytes) -> bool:
    """A zstd frame, whatever it declares."""
    try:
        out = wire.unpack(data, LIMITS.inflated)
    except (wire.TooLarge, wire.BadFrame):
        return False
    assert len(out) <= LIMITS.inflated
    return True


def note(data: bytes) -> bool:
    """A signed note: as it came, then with a true signature under whatever text it has."""
    text = data.decode("utf-8", "replace")
    key = SIGNER.public_key_der
    signature = base64.b64encode(note_key_id(key) + SIGNER.sign((text + "\n").encode())).decode()
    found = False
    for each in (text, f"{text}\n\n— {text.partition(chr(10))[0]} {signature}\n"):
        try:
            head = open_checkpoint(each, public_key=key, origin=None)
            assert head.size >= 0
            assert len(head.root) == 32
            found = True
        except CheckpointRefused:
            pass
        try:
            check_file_receipt(each, "ab" * 32, origin=ORIGIN, public_key=key)
            found = True
        except ReceiptRefused:
            pass
    return found


def receipt(data: bytes) -> bool:
    """A receipt, and the path of a consistency proof, from JSON."""
    try:
        told = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    head = sign_checkpoint(ORIGIN, 3, bytes(32), public_key=SIGNER.public_key_der, sign=SIGNER.sign)
    if isinstance(told, dict) and told.get("checkpoint") == "@head":
        told["checkpoint"] = head.note
    found = False
    try:
        read = Receipt.from_dict(told)
        found = True
        assert read.as_tlog_proof().count("\n") >= len(read.path)
        read.verify(SIGNER.public_key_der, ORIGIN)
    except ReceiptRefused:
        pass
    try:
        path = read_path(told.get("path") if isinstance(told, dict) else told)
        found = True
        verify_consistency(3, 7, bytes(32), b"\1" * 32, path)
    except (ReceiptRefused, ProofRefused):
        pass
    return found


def signature(data: bytes) -> bool:
    """The fields of a signed request: target, fields and body; the digest is put right where it is `@`."""
    head, _, body = data.partition(b"\n\n")
    target, *rows = head.decode("latin-1").split("\n")
    fields = [(name.lower(), value) for name, _, value in (row.partition(": ") for row in rows)]
    right = wire.content_digest(body)
    fields = [(name, right if (name, value) == ("content-digest", "@") else value) for name, value in fields]
    if ("sign", "@") in fields:
        fields.remove(("sign", "@"))
        fields = _signed(target, dict(fields), body)
    try:
        signed = verify_request(
            "POST", target, fields, hashlib.sha256(body).digest(), public_key=_known, now_s=NOW_S
        )
    except SignatureRefused:
        return False
    assert signed.device == SIGNER.device
    assert signed.nonce
    return True


def problem(data: bytes) -> bool:
    """Problem details: type and body."""
    kind, _, body = data.partition(b"\n")
    found = False
    for media_type in (MEDIA_TYPE, kind.decode("latin-1")):
        read = read_problem(media_type, body)
        if read is not None:
            assert isinstance(read.status, int)
            assert isinstance(read.detail, str)
            assert read.body()
            found = True
    return found


def enrolment(data: bytes) -> bool:
    """What is typed or scanned: the text of an enrolment code, or a server's address."""
    text = data.decode("utf-8", "replace")
    read = read_enrolment(text)
    if read is not None:
        host = read.address.removeprefix("https://")
        assert read_enrolment(enrolment_text(host, read.code, read.server)) == read
    for each in filter(None, (text, read and read.address)):
        try:
            address = ServerAddress.parse(each)
        except BadInput:
            continue
        assert ServerAddress.parse(address.url).url == address.url
        assert address.url.isprintable()
        return True
    return read is not None


def seal(data: bytes) -> bool:
    """The text of a paper's QR code."""
    text = data.decode("utf-8", "replace")
    for read in (sealing.parse, sealing.parse_line):
        try:
            found = read(text)
        except BadInput:
            continue
        assert len(found.digest) == 64
        assert text.startswith(found.line)
        sealing.check(text, SIGNER.public_key_der)
        return True
    return sealing.check(text, SIGNER.public_key_der)


def form(data: bytes) -> bool:
    """The form of the phone page: media type, the size of each piece that arrives, body."""
    kind, _, body = data.partition(b"\n")
    size = body[0] + 1 if body else 1
    left = memoryview(body)[1:]

    def pull() -> bytes:
        nonlocal left
        piece, left = bytes(left[:size]), left[size:]
        return piece

    try:
        boundary = boundary_of(kind.decode("latin-1"))
        for part in Form(pull, boundary).parts():
            assert part.file is None or not set("/\\") & set(part.file)
            while piece := part.read(1 << 16):
                assert len(piece) <= 1 << 16
    except (BadInput, Cut):
        return False
    return True


def age(data: bytes) -> bool:
    """An evidence file in age format."""
    _spool.write_bytes(data)

    class Damaged(StoreRefused):
        pass

    with Decrypting(_spool, IDENTITY, None, lambda name: Damaged("{name}", name=name)) as plain:
        try:
            while plain.read(1 << 16):
                pass
        except Damaged:
            return False
    return True


def bundle(data: bytes) -> bool:
    """A bundle from a stick: as it came; or, of a manifest and parts after empty lines, sealed and signed."""
    if data.startswith(b"{"):
        told, *parts = data.split(b"\n\n")
        sealed = [pyrage.encrypt(part, [IDENTITY.to_public()]) for part in parts[:4]]
        listed = [(len(each), hashlib.sha256(each).hexdigest()) for each in sealed]
        told = told.replace(b'"@parts"', msgspec.json.encode(listed))
        data = MAGIC + b"".join(sealed) + told + SIGNER.sign_raw(MAGIC + told) + len(told).to_bytes(8, "big")
    _spool.write_bytes(data)
    try:
        with BundleReader(_spool, lambda manifest: SIGNER.public_key_der) as read:
            for part, body in read.parts(IDENTITY):
                assert isinstance(part.target, str)
                assert isinstance(body, bytes)
    except BundleRefused:
        return False
    return True


_spool = Path(tempfile.gettempdir()) / f"qingcha-fuzz-{os.getpid()}"
"""Where an input lies for what reads files."""
atexit.register(_spool.unlink, missing_ok=True)


def packed(data: bytes) -> bytes:
    """The bytes as zstd, unless they are that already."""
    return data if data.startswith(b"\x28\xb5\x2f\xfd") else wire.pack(data)


def _known(device: str) -> bytes | None:
    return SIGNER.public_key_der if device == SIGNER.device else None


def _signed(target: str, fields: dict[str, str], body: bytes) -> list[tuple[str, str]]:
    try:
        done = sign_request(
            "POST",
            target,
            fields,
            body,
            device=SIGNER.device,
            sign=SIGNER.sign,
            created_s=NOW_S,
            nonce="aK3f9Qm1x2Zb7Lw8Yt0vRg",
        )
    except Exception:  # the client signs only what it made itself
        return list(fields.items())
    return [*done.items()]
