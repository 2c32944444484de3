"""What lies in an evidence package: BagIt 1.0 (RFC 8493), and beside the bag who sealed and who logged.

| member | what it is |
|---|---|
| data/record.json, data/eNNN.ext | the exact sealed bytes; the evidence, named as the record names it |
| seal.txt, seal.sig, device.crt | the seal line, its signature, the certificate of the key |
| entry.prev, entry.head, entry.body | the seal's entry in the device's journal |
| log.tlog-proof, checkpoint.txt, checkpoint.sig, log.crt | the server's word that it logged that entry |
| after.note | the checkpoint that the record names: it was sealed later |
| checkpoint.tsr, tsa.crt | an outside time-stamp on the checkpoint (RFC 3161), and who made it |
| eNNN.order.prev, .head, .body, .sig | the server's word that an order took this evidence out |
| health.txt | what was checked when the package was made, and with which versions |
| VERIFY.sh, VERIFY.txt | how to check all of it by plain tools |
| tagmanifest-sha256.txt, .sig, package.crt | hashes of all but the payload, signed by who packed |

A key without a certificate lies there as `device.pub` or `package.pub`.
"""

from __future__ import annotations

import re
from pathlib import Path

RECORD = "data/record.json"
MANIFEST, MANIFEST_SM3 = "manifest-sha256.txt", "manifest-sm3.txt"
TAGS, TAGS_SIGNED = "tagmanifest-sha256.txt", "tagmanifest-sha256.sig"
SCRIPT, HOW_TO = "VERIFY.sh", "VERIFY.txt"
NOTE_OF_TIME = "after.note"
STAMP, STAMP_CERTIFICATE = "checkpoint.tsr", "tsa.crt"

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
ALWAYS = frozenset(
    {
        "bagit.txt",
        "bag-info.txt",
        RECORD,
        MANIFEST,
        MANIFEST_SM3,
        "seal.txt",
        "seal.sig",
        "entry.prev",
        "entry.head",
        "entry.body",
        "health.txt",
        SCRIPT,
        HOW_TO,
        TAGS,
        TAGS_SIGNED,
    }
)
LOGGED = frozenset({"log.tlog-proof", "checkpoint.txt", "checkpoint.sig"})
"""All or none; with `log.crt`."""
STAMPED = frozenset({STAMP, STAMP_CERTIFICATE})
"""All or none; only with `LOGGED`."""
SOMETIMES = LOGGED | STAMPED | {"log.crt", NOTE_OF_TIME}
KEYS = ("device", "package")
"""Each as `.crt` or `.pub`."""
EVIDENCE = re.compile(r"data/e[0-9]{3,4}(\.[a-z0-9]{1,8})?")
ORDER_PARTS = ("prev", "head", "body", "sig")
ORDER = re.compile(r"(e[0-9]{3,4})\.order\.(prev|head|body|sig)")
"""In the place of evidence that an order took out (`sync.proof.orders`); all four or none, with `log.crt`."""
MOST_TAG_BYTES = 1024 * 1024
"""Of any member but evidence."""


def text(name: str) -> bytes:
    """A file of ours that goes into every package: `SCRIPT` or `HOW_TO`."""
    return (Path(__file__).parent / name).read_bytes()


def manifest(hashes: dict[str, str]) -> bytes:
    """A BagIt manifest (RFC 8493 section 2.1.3): hash, two blanks, name, so that `sha256sum -c` reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items())).encode()
