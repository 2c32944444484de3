"""Signed heads of the log and signed notes: one form, one key, nothing else is believed (C2SP)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from models.store.entry import GENESIS, Entry, Head
from models.store.signer import Signer
from sync import checkpoint, receipts, verifying
from sync.checkpoint import CheckpointRefused, open_checkpoint, sign_checkpoint, sign_note, verified_text
from sync.receipts import Receipt, ReceiptRefused

pytestmark = pytest.mark.usefixtures("in_china")
"""Where the clock of the place is not UTC: the times of heads are."""
SIGNER = Signer(ec.derive_private_key(11, ec.SECP256R1()))
OTHER = Signer(ec.derive_private_key(12, ec.SECP256R1()))
ORIGIN = "sync.example.cn/log"
ROOT = sha256(b"root").digest()
NOW = 1_795_414_503_999


def head(time_ms: int | None = NOW) -> checkpoint.Checkpoint:
    return sign_checkpoint(
        ORIGIN, 42, ROOT, public_key=SIGNER.public_key_der, sign=SIGNER.sign, time_ms=time_ms
    )


def noted(text: str, name: str = ORIGIN) -> str:
    return sign_note(text, name, public_key=SIGNER.public_key_der, sign=SIGNER.sign)


def test_a_head_has_the_form_of_c2sp_and_tells_its_time() -> None:
    made = head()
    root = base64.b64encode(ROOT).decode()
    text, _, signatures = made.note.rpartition("\n\n")
    assert text == f"{ORIGIN}\n42\n{root}\nTime: 2026-11-23T06:15:03Z"
    dash, name, encoded = signatures.removesuffix("\n").split(" ")
    signature = base64.b64decode(encoded)
    assert (dash, name) == ("—", ORIGIN)
    assert (
        signature[:4]
        == checkpoint.note_key_id(SIGNER.public_key_der)
        == sha256(SIGNER.public_key_der).digest()[:4]
    )
    assert signature[4:] == checkpoint.signature_of(made.note, SIGNER.public_key_der)
    assert signature[4:] == SIGNER.sign(f"{text}\n".encode())
    opened = open_checkpoint(made.note, public_key=SIGNER.public_key_der, origin=ORIGIN)
    assert opened == made
    assert (opened.origin, opened.size, opened.root) == (ORIGIN, 42, ROOT)
    verified = verified_text(made.note, name=None, public_key=SIGNER.public_key_der)
    assert verified == f"{text}\n"
    assert checkpoint.signed_at(verified) == "2026-11-23T06:15:03Z"


def test_a_head_without_its_time_says_none() -> None:
    made = head(time_ms=None)
    assert open_checkpoint(made.note, public_key=SIGNER.public_key_der) == made
    text = verified_text(made.note, name=ORIGIN, public_key=SIGNER.public_key_der)
    assert text.count("\n") == 3
    assert checkpoint.signed_at(text) == ""
    for line in ("Time: 2026-11-23", "time: 2026-11-23T06:15:03Z", " Time: 2026-11-23T06:15:03Z", "x"):
        assert checkpoint.signed_at(f"{text}{line}\n") == ""
    later = f"{text}x\nTime: 2026-11-23T06:15:03Z\nTime: 2027-01-01T00:00:00Z\n"
    assert checkpoint.signed_at(later) == "2026-11-23T06:15:03Z", "the first counts"


GOOD = [ORIGIN, "42", base64.b64encode(ROOT).decode()]


@pytest.mark.parametrize(
    "lines",
    [
        GOOD[:2],
        GOOD[:1],
        ["", *GOOD[1:]],
        [GOOD[0], "042", GOOD[2]],
        [GOOD[0], "-1", GOOD[2]],
        [GOOD[0], "4.2", GOOD[2]],
        [GOOD[0], "", GOOD[2]],
        [GOOD[0], "1" + "0" * 18, GOOD[2]],
        [*GOOD[:2], base64.b64encode(ROOT[:31]).decode()],
        [*GOOD[:2], base64.b64encode(ROOT + b"x").decode()],
        [*GOOD[:2], "not base64"],
        [*GOOD[:2], GOOD[2].rstrip("=")],
    ],
)
def test_a_signed_text_that_is_no_head_is_refused(lines: list[str]) -> None:
    with pytest.raises(CheckpointRefused):
        open_checkpoint(noted("\n".join(lines) + "\n", lines[0] or ORIGIN), public_key=SIGNER.public_key_der)
    assert open_checkpoint(noted("\n".join(GOOD) + "\n"), public_key=SIGNER.public_key_der).size == 42
    largest = [GOOD[0], "9" * 18, GOOD[2]]
    assert (
        open_checkpoint(noted("\n".join(largest) + "\n"), public_key=SIGNER.public_key_der).size == 10**18 - 1
    )
    for size in ("0", "1"):
        read = open_checkpoint(noted(f"{ORIGIN}\n{size}\n{GOOD[2]}\n"), public_key=SIGNER.public_key_der)
        assert read.size == int(size)


def test_the_head_of_another_log_is_refused_under_whatever_name_it_was_signed() -> None:
    with pytest.raises(CheckpointRefused, match="not signed by the log"):
        open_checkpoint(head().note, public_key=SIGNER.public_key_der, origin="other")
    text = "\n".join(["other", *GOOD[1:]]) + "\n"
    with pytest.raises(CheckpointRefused, match="another log"):
        open_checkpoint(noted(text), public_key=SIGNER.public_key_der, origin=ORIGIN)


NOTE = head().note


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (NOTE.replace("\n\n", "\n"), "not a signed note"),
        (NOTE[:-1], "not a signed note"),
        (NOTE.rpartition("\n\n")[0] + "\n\n", "not a signed note"),
        (NOTE.replace("Time", "T\x01me"), "control characters"),
        (NOTE.replace("Time", "T\tme"), "control characters"),
        (NOTE.replace("\nTime", "\r\nTime"), "control characters"),
        (NOTE.replace("— ", "- "), "malformed"),
        (NOTE.replace(f"— {ORIGIN} ", "— "), "malformed"),
        (NOTE.replace(f"— {ORIGIN} ", f"—  {ORIGIN} "), "malformed"),
        (NOTE.rpartition(" ")[0] + " \n", "malformed"),
        (NOTE.rpartition(" ")[0] + " !!!!\n", "not base64"),
        (NOTE.rpartition(" ")[0] + " AAAA\n", "not signed by the log"),
        (NOTE.replace(f"— {ORIGIN} ", "— else "), "not signed by the log"),
        (NOTE.replace("\n42\n", "\n43\n"), "the signature is false"),
        ("x" * checkpoint.MAX_NOTE + "\n" + NOTE, "too long"),
    ],
)
def test_a_note_in_another_form_is_refused_and_why(bad: str, why: str) -> None:
    with pytest.raises(CheckpointRefused, match=why):
        verified_text(bad, name=None, public_key=SIGNER.public_key_der)


def test_a_note_is_as_long_as_its_limit_and_no_longer() -> None:
    def of(length: int, sign: str) -> str:
        line = sign * (length - len(noted(f"{ORIGIN}\n\n")))
        return noted(f"{ORIGIN}\n{line}\n")

    around = range(checkpoint.MAX_NOTE - 8, checkpoint.MAX_NOTE + 8)
    notes = {len(note): note for sign in "abcdef" for length in around if (note := of(length, sign))}
    assert verified_text(notes[checkpoint.MAX_NOTE], name=None, public_key=SIGNER.public_key_der)
    with pytest.raises(CheckpointRefused, match="too long"):
        verified_text(notes[checkpoint.MAX_NOTE + 1], name=None, public_key=SIGNER.public_key_der)


def test_the_logs_own_signature_is_found_among_others() -> None:
    text, _, own = NOTE.rpartition("\n\n")
    theirs = sign_note(f"{text}\n", "witness", public_key=OTHER.public_key_der, sign=OTHER.sign).rpartition(
        "\n\n"
    )[2]
    for signatures in (theirs + own, own + theirs, theirs + own + theirs):
        note = f"{text}\n\n{signatures}"
        assert open_checkpoint(note, public_key=SIGNER.public_key_der).note == note
        signature = checkpoint.signature_of(note, SIGNER.public_key_der)
        assert signature == checkpoint.signature_of(NOTE, SIGNER.public_key_der)
    with pytest.raises(CheckpointRefused, match="not signed by the log"):
        open_checkpoint(f"{text}\n\n{theirs}", public_key=SIGNER.public_key_der)
    with pytest.raises(CheckpointRefused, match="not signed by the log"):
        checkpoint.signature_of(NOTE, OTHER.public_key_der)
    forged = own.replace(ORIGIN, "witness")
    with pytest.raises(CheckpointRefused, match="not signed by the log"):
        open_checkpoint(f"{text}\n\n{forged}", public_key=SIGNER.public_key_der)


def test_a_text_may_have_blank_lines_the_last_of_which_begins_the_signatures() -> None:
    note = noted(f"{ORIGIN}\n\nTime: 2020-01-01T00:00:00Z\n")
    text = verified_text(note, name=None, public_key=SIGNER.public_key_der)
    assert text == f"{ORIGIN}\n\nTime: 2020-01-01T00:00:00Z\n"
    assert checkpoint.signature_of(note, SIGNER.public_key_der) == SIGNER.sign(text.encode())


def test_a_key_of_another_kind_is_refused() -> None:
    for key in (ec.derive_private_key(7, ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

        def sign(data: bytes, key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey = key) -> bytes:
            return (
                key.sign(data)
                if isinstance(key, ed25519.Ed25519PrivateKey)
                else key.sign(data, ec.ECDSA(hashes.SHA256()))
            )

        with pytest.raises(CheckpointRefused, match="P-256"):
            open_checkpoint(sign_note(f"{ORIGIN}\n", ORIGIN, public_key=spki, sign=sign), public_key=spki)


# -- receipts ------------------------------------------------------------------------------------------------


def receipt() -> Receipt:
    leaf = sha256(b"\0" + bytes(32)).digest()
    root = sha256(b"\1" + ROOT + leaf).digest()
    signed = sign_checkpoint(ORIGIN, 2, root, public_key=SIGNER.public_key_der, sign=SIGNER.sign)
    return Receipt(2, bytes(32), (ROOT,), signed.note)


def test_a_receipt_gives_the_head_that_proves_it_and_its_own_log_alone() -> None:
    assert receipt().verify(SIGNER.public_key_der).size == 2
    assert receipt().verify(SIGNER.public_key_der, ORIGIN).note == receipt().note
    with pytest.raises(ReceiptRefused, match="not signed by the log"):
        receipt().verify(SIGNER.public_key_der, "other")
    with pytest.raises(ReceiptRefused, match="not signed by the log"):
        receipt().verify(OTHER.public_key_der)
    with pytest.raises(ReceiptRefused, match="outside the tree"):
        Receipt(3, bytes(32), (ROOT,), receipt().note).verify(SIGNER.public_key_der)


def test_a_receipt_in_json_and_back() -> None:
    told = receipt().as_dict()
    assert told == {
        "cursor": 2,
        "entry_hash": "00" * 32,
        "path": [base64.b64encode(ROOT).decode()],
        "checkpoint": receipt().note,
    }
    assert Receipt.from_dict(told) == receipt()
    assert Receipt.from_dict({**told, "path": told["path"] * receipts.MAX_PATH}).path == (ROOT,) * 64
    proof = f"c2sp.org/tlog-proof@v1\nindex 1\n{told['path'][0]}\n\n{receipt().note}"
    assert receipt().as_tlog_proof() == proof
    longer = Receipt(3, bytes(32), (ROOT, bytes(32)), receipt().note).as_tlog_proof()
    assert longer.split("\n")[1:5] == ["index 2", told["path"][0], base64.b64encode(bytes(32)).decode(), ""]


@pytest.mark.parametrize(
    "change",
    [
        {"cursor": "2"},
        {"cursor": True},
        {"cursor": 2.0},
        {"entry_hash": "00" * 31},
        {"entry_hash": "00" * 33},
        {"entry_hash": "zz" * 32},
        {"entry_hash": 5},
        {"checkpoint": None},
        {"checkpoint": ["x"]},
        {"path": "x"},
        {"path": None},
        {"path": {}},
        {"path": [5]},
        {"path": ["AAAA"]},
        {"path": [base64.b64encode(bytes(33)).decode()]},
        {"path": ["A" * 43]},
        {"path": ["!" + base64.b64encode(bytes(32)).decode()]},
        {"path": [base64.b64encode(bytes(32)).decode()] * (receipts.MAX_PATH + 1)},
    ],
)
def test_a_receipt_with_a_member_of_another_kind_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ReceiptRefused):
        Receipt.from_dict({**receipt().as_dict(), **change})


@pytest.mark.parametrize("name", ["cursor", "entry_hash", "path", "checkpoint"])
def test_a_receipt_without_a_member_is_refused(name: str) -> None:
    told = receipt().as_dict()
    del told[name]
    with pytest.raises(ReceiptRefused):
        Receipt.from_dict(told)


SHA = "ab" * 32


def of_file(sha256_hex: str = SHA) -> str:
    return receipts.sign_file_receipt(
        ORIGIN, sha256_hex, 1234, NOW, public_key=SIGNER.public_key_der, sign=SIGNER.sign
    )


def test_a_files_receipt_names_size_hash_and_time() -> None:
    note = of_file()
    assert note.startswith(f"{ORIGIN}/file\n1234\n{SHA}\n{NOW}\n\n— {ORIGIN} ")
    receipts.check_file_receipt(note, SHA, origin=ORIGIN, public_key=SIGNER.public_key_der)
    assert receipts.received_at(note) == NOW


def recipient(name: str = "age1abc") -> str:
    return receipts.sign_recipient(ORIGIN, name, public_key=SIGNER.public_key_der, sign=SIGNER.sign)


@pytest.mark.parametrize(
    ("note", "check"),
    [
        (of_file("cd" * 32), "file"),
        (noted(f"{ORIGIN}/bundles\n1234\n{SHA}\n{NOW}\n"), "file"),
        (noted(f"{ORIGIN}/file\n1234\n{SHA}\n"), "file"),
        (noted(f"{ORIGIN}/file\n1234\n{SHA}\n{NOW}\nmore\n"), "file"),
        (
            sign_note(
                f"{ORIGIN}/file\n1234\n{SHA}\n{NOW}\n",
                "other",
                public_key=SIGNER.public_key_der,
                sign=SIGNER.sign,
            ),
            "file",
        ),
        (
            sign_note(
                f"{ORIGIN}/file\n1234\n{SHA}\n{NOW}\n",
                ORIGIN,
                public_key=OTHER.public_key_der,
                sign=OTHER.sign,
            ),
            "file",
        ),
        ("", "file"),
        (of_file(), "recipient"),
        (noted(f"{ORIGIN}/file\nage1abc\n"), "recipient"),
        (noted(f"{ORIGIN}/bundles\n"), "recipient"),
        (noted(f"{ORIGIN}/bundles\nage1abc\nage1def\n"), "recipient"),
        (recipient().replace("age1abc", "age1abd"), "recipient"),
    ],
)
def test_a_note_of_something_else_is_no_receipt_and_names_no_key(note: str, check: str) -> None:
    checks: dict[str, Callable[[], object]] = {
        "file": lambda: receipts.check_file_receipt(
            note, SHA, origin=ORIGIN, public_key=SIGNER.public_key_der
        ),
        "recipient": lambda: receipts.read_recipient(note, origin=ORIGIN, public_key=SIGNER.public_key_der),
    }
    with pytest.raises(ReceiptRefused):
        checks[check]()


def test_the_key_of_bundles_is_the_servers_word() -> None:
    assert receipts.read_recipient(recipient(), origin=ORIGIN, public_key=SIGNER.public_key_der) == "age1abc"
    assert recipient().startswith(f"{ORIGIN}/bundles\nage1abc\n\n— {ORIGIN} ")


# -- the signatures of many entries --------------------------------------------------------------------------


def chain(count: int) -> list[verifying.Signed]:
    made: list[verifying.Signed] = []
    before = GENESIS
    for seq in range(1, count + 1):
        told = Head(
            v=1,
            d=SIGNER.device,
            q=seq,
            k="note",
            t="trial",
            e="r",
            sc="350602",
            sv=1,
            u="u",
            w="w",
            m=("b", seq),
        )
        entry = Entry.written(SIGNER, before, told, {"text": str(seq)})
        made.append((entry, SIGNER.public_key_der))
        before = entry.hash
    return made


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 70])
@pytest.mark.parametrize("processors", [1, 2, 3])
def test_the_first_false_signature_is_found_wherever_it_stands(
    count: int, processors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifying._pool.cache_clear()
    monkeypatch.setattr(verifying, "_PROCESSORS", processors)
    signed = chain(count)
    assert verifying.first_false(signed) is None
    for place in {0, 1, count // 2, count - 1} & set(range(count)):
        bent = list(signed)
        bent[place] = (signed[place][0], OTHER.public_key_der)
        bent[-1] = (signed[-1][0], OTHER.public_key_der)
        assert verifying.first_false(bent) == place
    verifying._pool.cache_clear()
