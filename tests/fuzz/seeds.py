"""`python -m tests.fuzz.seeds`: inputs to begin from, made by the code that writes such data."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import msgspec
import pyrage

from models.store import sealing
from models.store.entry import Entry, Head
from sync import wire
from sync.address import enrolment_text
from sync.bundle import MAGIC, Manifest, Part
from sync.checkpoint import sign_checkpoint
from sync.merkle import inclusion_path, leaf_hash, root_of
from sync.problems import MEDIA_TYPE, Problem
from sync.receipts import Receipt, sign_file_receipt
from tests.fuzz.decoders import CORPUS, TARGETS
from tests.fuzz.targets import EPOCH, IDENTITY, ORIGIN, SIGNER

RECORD = "01936f4e0c1d7a2b8c3d4e5f60718293"
KEY = base64.b64encode(SIGNER.public_key_der).decode()
SHA = hashlib.sha256(b"photo").hexdigest()


def chain(*given: tuple[str, str, str, Any]) -> list[Entry]:
    """Entries of one device, one after another: kind, kind of record, record, body."""
    made: list[Entry] = []
    for seq, (kind, record_kind, record, body) in enumerate(given, 1):
        head = Head(
            v=1,
            d=SIGNER.device,
            q=seq,
            k=kind,
            t=record_kind,
            e=record,
            sc="350602",
            sv=1,
            u="",
            w="2026-11-23T08:00:00.000+08:00",
            m=("boot", seq),
        )
        made.append(Entry.written(SIGNER, made[-1].hash if made else bytes(32), head, body))
    return made


def seeds() -> dict[str, list[bytes]]:
    """Inputs of every target."""
    entries = chain(
        ("enrol", "device", SIGNER.device, {"key": KEY, "alg": "p256-sha256"}),
        ("set", "site", RECORD, {"f": {"name": {"x": "示例企业", "b": []}, "cents": {"x": 12345, "b": []}}}),
        ("attach", "evidence", RECORD, {"sha256": SHA, "size": 5, "thumb": {"sha256": SHA, "size": 2}}),
        ("clock", "device", SIGNER.device, {"server": 1795455021284, "wall": 1, "boot": "b", "mono": 2}),
        ("seal", "inspection", RECORD, {"line": "HTTPS://…", "sha256": SHA, "covers": [SHA, SHA]}),
    )
    lines = [entry.line() for entry in entries]
    pairs = list(zip(entries, lines, strict=True))
    leaves = [leaf_hash(entry.hash) for entry in entries]
    root = root_of(leaves)
    head = sign_checkpoint(ORIGIN, len(leaves), root, public_key=SIGNER.public_key_der, sign=SIGNER.sign)
    path = inclusion_path(1, 5, lambda level, place: root_of(leaves[place << level : (place + 1) << level]))
    receipt = Receipt(2, entries[1].hash, tuple(path), head.note).as_dict()
    end = {
        "next": 5,
        "more": False,
        "checkpoint": head.note,
        "units": ["350602"],
        "keys": {SIGNER.device: KEY},
    }
    page = b"".join(
        wire.pulled_line(n, n, each.prev if n == 1 else b"", each.signature, each.head, each.body)
        for n, each in enumerate(entries, 1)
    )
    file_note = sign_file_receipt(
        ORIGIN, "ab" * 32, 5, 1795455021284, public_key=SIGNER.public_key_der, sign=SIGNER.sign
    )
    line = sealing.seal_line(
        "sync.example.cn", "350602-2026-000012", "", 1795455021000, 7, 3, SHA, SIGNER.key_id
    )
    hello = {
        "status": "ok",
        "epoch": EPOCH,
        "have": {"q": 0, "hash": "00" * 32},
        "checkpoint": "@head",
        "consistency": [],
        "units": ["350602"],
        "role": "officer",
        "limits": wire.Limits().as_dict(),
    }
    age = io.BytesIO()
    pyrage.encrypt_io(io.BytesIO(b"bytes of a photo" * 99), age, [IDENTITY.to_public()])
    boundary = "----WebKitFormBoundary7MA4"
    part = 'Content-Disposition: form-data; name="photos"; filename="IMG 1.jpg"\r\nContent-Type: image/jpeg'
    body = f"--{boundary}\r\n{part}\r\n\r\n\xff\xd8\xff\xe0 JFIF\r\n--{boundary}--\r\n".encode("latin-1")
    fields = "content-digest: @\ncontent-type: application/json\nsync-epoch: ab\nsign: @"
    json = b"200 content-type=application/json\n"
    opened = (
        json + b'{"nonce":"abc","time":1795455021284}\n\n' + json + b'{"token":"a.b.c","seconds":900}\n\n'
    )
    known = msgspec.json.encode(hello | {"have": {"q": "@seq", "hash": "@last"}})
    known = known.replace(b'"@seq"', b"@seq")
    last_page = b"200 content-digest=@\n" + wire.page_end(
        end | {"epoch": EPOCH, "checkpoint": "@head", "next": 4}
    )
    refused = b"503 content-type=application/problem+json;;retry-after=1\n" + Problem("busy").body()
    manifest = Manifest(
        kind="calls",
        id="ab" * 16,
        device=SIGNER.device,
        server=SIGNER.device,
        epoch=EPOCH,
        made_at=1795455021284,
        base=3,
        parts=[],
    )
    told = msgspec.json.encode(manifest).replace(b'"parts":[]', b'"parts":"@parts"')
    call = msgspec.json.encode(Part("POST", "/v1/sync/push", {"sync-first": "1"}))
    return {
        "bundle": [
            told + b"\n\n" + call + b"\n" + wire.pack(b"".join(lines)),
            told,
            told.replace(b"calls", b"\xff\xfe"),
            told + b"\n\n\xff\xfe{}\n",
            MAGIC + told + bytes(64) + len(told).to_bytes(8, "big"),
        ],
        "line": [each.rstrip(b"\n") for each in lines],
        "batch": [
            b"".join(lines),
            wire.pack(b"".join(lines)),
            lines[0],
            wire.pack(b"x\n" * (4 << 20)),
            wire.pack((b"x\ty\t[" + b"{}," * 80_000 + b"0]\n") * 32),
        ],
        "offered": [wire.offered_line(each.prev, row).rstrip(b"\n") for each, row in pairs[:3]],
        "page": [
            page + wire.page_end(end),
            wire.pulled_own(1, 1, 1) + wire.pulled_own(2, 2, 2, 40) + wire.page_end(end),
            wire.pack(b"1\t1\t=1\n" * 1_000_000),
            wire.pack(b"1\t1\t=1\n" * 99_000 + b"#{}\n"),
            wire.pack(page.partition(b"\n")[0].join([b"", b"\n"]) * 12_000 + b"#{}\n"),
            wire.pack(b'#{"a":[' + b"{}," * 2_000_000 + b"0]}\n"),
        ],
        "inflate": [wire.pack(b"".join(lines)), wire.pack(b""), wire.pack(bytes(1 << 20))],
        "note": [head.note.encode(), head.note.partition("\n\n")[0].encode(), file_note.encode()],
        "receipt": [
            msgspec.json.encode(receipt),
            msgspec.json.encode(receipt | {"checkpoint": "@head"}),
            msgspec.json.encode({"path": receipt["path"]}),
        ],
        "signature": [
            f"/v1/sync/hello?a=1\n{fields}\n\n{{}}".encode(),
            b'/x\nsignature-input: a=("@method")\n\n',
        ],
        "problem": [
            MEDIA_TYPE.encode() + b"\n" + Problem("gap", "detail", have={"q": 3}).body(),
            b"text/html\n<html>",
        ],
        "enrolment": [
            enrolment_text("sync.example.cn:8443", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", SIGNER.device).encode(),
            b"sync.example.cn",
            b"http://127.0.0.1:8080/",
            b"https://[::1]:1",
        ],
        "seal": [sealing.qr_text(line, SIGNER.sign(line.encode())).encode(), line.encode()],
        "form": [
            f"multipart/form-data; boundary={boundary}\n".encode() + bytes([size]) + body for size in (0, 60)
        ],
        "age": [age.getvalue(), pyrage.encrypt(b"", [IDENTITY.to_public()])],
        "replies": [
            opened + json + known + b"\n\n" + last_page,
            opened + json + msgspec.json.encode(hello) + b"\n\n" + refused + b"\n\n" + refused,
            opened + json + known + b"\n\n" + json + b"@held\n\n" + last_page,
            opened
            + (json + msgspec.json.encode(hello) + b"\n\n" + json)
            + b'{"epoch":"@epoch","acc":@seq,"receipt":@receipt,"checkpoint":"@head","cursors":[1,@seq]}\n\n'
            + last_page,
            b"302 content-type=text/html\n<html>",
        ],
        "answers": [
            b"hello\n\n" + msgspec.json.encode(hello),
            b"hello\n\n" + msgspec.json.encode(hello | {"have": {"q": 9, "hash": "@last"}}) + b"\n\n" + page,
            b"push\n\n"
            + msgspec.json.encode({"epoch": EPOCH, "acc": 4, "receipt": receipt, "checkpoint": "@head"}),
            b"pull\n\n" + page + wire.page_end(end | {"epoch": EPOCH, "checkpoint": "@head"}),
            b"pull\n\n"
            + wire.pulled_own(1, 1, 1, 4)
            + wire.page_end(end | {"epoch": EPOCH, "checkpoint": "@head"}),
            b"receipt\n\n@held",
            b'push\n\n{"epoch":"@epoch","acc":@seq,"receipt":@receipt,"checkpoint":"@head","cursors":[1,@seq]}',
        ],
    }


def main() -> None:
    """Write them, each under its hash; what is there stays."""
    for name, given in seeds().items():
        assert name in TARGETS, name
        folder = CORPUS / name
        folder.mkdir(parents=True, exist_ok=True)
        if name == "age" and any(folder.iterdir()):
            continue  # each encryption is another one
        for data in given:
            (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    main()
