"""What an insider's key can sign, and what the package then says: word for word, and no more than is so."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from models.inspections import canonical
from models.store.signer import Signer
from sync import merkle
from sync.checkpoint import sign_checkpoint, signature_of
from sync.proof import layout
from sync.proof.checking import check
from sync.proof.reading import Held
from sync.receipts import Receipt

from .made import Case
from .mutations import Members, entry_hash, repacked, resealed, retagged

pytestmark = pytest.mark.usefixtures("in_china")

SECOND = timedelta(seconds=1)
MINUTE = 60 * SECOND


def record_of(members: Members) -> dict[str, object]:
    record = canonical.decode(members[layout.RECORD])
    assert isinstance(record, dict)
    return record


def at(members: Members, moment: datetime) -> Members:
    """With another time in the seal line, not signed yet."""
    parts = members["seal.txt"].decode().split("/")
    parts[6] = f"{moment:%Y%m%dT%H%M%SZ}"
    return members | {"seal.txt": "/".join(parts).encode()}


def test_a_piece_of_evidence_without_a_file_stands_in_the_record_alone(case: Case) -> None:
    """An object that lies in the store-room: named and counted, and no file of the package."""
    members = case.members("waiting")
    record = record_of(members)
    (item,) = record["evidence"]  # type: ignore[misc]
    del members[item["path"]]  # type: ignore[has-type]
    record["evidence"] = [{**item, "path": None, "sha256": None, "sm3": None}]  # type: ignore[has-type]
    made = resealed(members, canonical.encode(record), case.book.signer)
    found = check(Held(made), case.root)
    assert (found.answer, found.params["files"]) == ("genuine", 0)
    assert dict(found.fields())["证据件数"] == "1"


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, "genuine"),
        ({"sm3": None}, "genuine"),
        ({"sm3": "00" * 32}, "false"),
        ({"sha256": "00" * 32}, "false"),
        ({"path": "data/e001.jpg"}, "false"),
        ({"path": "data/\x7f.jpg"}, "false"),
    ],
)
def test_evidence_is_what_the_record_names(case: Case, change: dict[str, object], answer: str) -> None:
    members = case.members("waiting")
    record = record_of(members)
    (item,) = record["evidence"]  # type: ignore[misc]
    record["evidence"] = [{**item, **change}]  # type: ignore[has-type]
    found = check(Held(resealed(members, canonical.encode(record), case.book.signer)), case.root)
    assert found.answer == answer
    if answer == "false":
        assert "证据" in found.headline()


def test_a_file_of_evidence_that_the_record_does_not_name_is_found(case: Case) -> None:
    members = case.members("waiting") | {"data/e001.jpg": b"x"}
    found = check(Held(repacked(members, case.book.signer)), case.root)
    assert found.answer == "false"
    record = record_of(members)
    record["evidence"] = "none"
    found = check(Held(resealed(members, canonical.encode(record), case.book.signer)), case.root)
    assert found.answer == "false"
    record["evidence"] = ["data/e001.jpg"]
    found = check(Held(resealed(members, canonical.encode(record), case.book.signer)), case.root)
    assert found.answer == "false"


def test_the_id_the_number_and_the_link_of_the_entry_are_those_of_the_record(case: Case) -> None:
    members = case.members("waiting")
    assert check(Held(resealed(members, members[layout.RECORD], case.book.signer)), case.root).genuine
    for name, value in (("id", "0198"), ("prev", "00" * 32), ("seq", 7), ("number", "N"), ("key", "A" * 13)):
        record = record_of(members) | {name: value}
        made = resealed(members, canonical.encode(record), case.book.signer)
        found = check(Held(made), case.root)
        assert (found.answer, found.genuine) == ("false", False), name
        if name in ("id", "prev"):
            assert "entry.head" in found.headline()


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        (b'{"v":1,', b'{"v":2,', "entry.head"),
        (b'"k":"seal"', b'"k":"note"', "entry.head"),
        (b'"d":"', b'"d":"0', "entry.head"),
        (b'"q":', b'"q":9', "entry.head"),
    ],
)
def test_the_head_of_the_entry_says_what_the_seal_says(case: Case, old: bytes, new: bytes, name: str) -> None:
    members = case.members("waiting")
    bent = members | {"entry.head": members["entry.head"].replace(old, new, 1)}
    assert bent["entry.head"] != members["entry.head"]
    found = check(Held(retagged(bent, case.book.signer)), case.root)
    assert found.answer == "false"
    assert name in found.headline()


@pytest.mark.parametrize("edge", ["begins", "ends"])
def test_the_body_of_the_entry_names_line_signature_and_bytes(case: Case, edge: str) -> None:
    members = case.members("waiting")
    body = members["entry.body"]
    bent = (
        body.replace(b'"line"', b'"lime"', 1) if edge == "begins" else body.replace(b'"bytes"', b'"bites"', 1)
    )
    found = check(Held(retagged(members | {"entry.body": bent}, case.book.signer)), case.root)
    assert (found.answer, "entry.body" in found.headline()) == ("false", True)


def test_a_public_key_of_another_curve_is_no_device_s(case: Case) -> None:
    other = ec.derive_private_key(7, ec.SECP384R1()).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    members = retagged(case.members("stranger") | {"device.pub": pem}, case.stranger.signer)
    found = check(Held(members), case.root)
    assert (found.answer, "device.pub 被改动" in found.headline()) == ("false", True)


def test_a_seal_of_a_later_profile_cannot_be_checked_here_and_is_not_called_false(case: Case) -> None:
    members = case.members("waiting")
    parts = members["seal.txt"].decode().split("/")
    for profile, answer in (("2", "unknown"), ("9" * 30, "unknown")):
        parts[3] = profile
        made = retagged(members | {"seal.txt": "/".join(parts).encode()}, case.book.signer)
        found = check(Held(made), case.root)
        assert (found.answer, found.seal) == (answer, None)
        assert profile[:20] in found.headline()
        assert "9" * 21 not in found.headline()


# -- the log and its time ------------------------------------------------------------------------------------


def logged(case: Case, members: Members, head_at: datetime | None, *, key: Signer | None = None) -> Members:
    """With a proof of a log of two entries, signed by the server's key or another."""
    signer = key or case.central.signer
    leaf = merkle.leaf_hash(entry_hash(members))
    other = hashlib.sha256(b"other").digest()
    note = sign_checkpoint(
        "sync.example.cn/log",
        2,
        merkle.parent_hash(other, leaf),
        public_key=signer.public_key_der,
        sign=signer.sign,
        time_ms=None if head_at is None else int(head_at.timestamp() * 1000),
    ).note
    made = members | {
        "log.tlog-proof": Receipt(2, entry_hash(members), (other,), note).as_tlog_proof().encode(),
        "checkpoint.txt": note.partition("\n\n")[0].encode() + b"\n",
        "checkpoint.sig": signature_of(note, signer.public_key_der),
        "log.crt": case.members("logged")["log.crt"],
    }
    return retagged(made, case.book.signer)


def sealed_at(case: Case, moment: datetime) -> Members:
    members = case.members("waiting")
    return resealed(at(members, moment), members[layout.RECORD], case.book.signer)


def in_china(moment: datetime) -> str:
    return f"{moment + timedelta(hours=8):%Y-%m-%d %H:%M:%S} (UTC+8)"


def bound_of(case: Case) -> datetime:
    """When the head that the record of `waiting` names was signed."""
    note = case.members("waiting")[layout.NOTE_OF_TIME].decode()
    stamp = note.partition("Time: ")[2].partition("\n")[0]
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (-6 * MINUTE, True),
        (-5 * MINUTE - SECOND, True),
        (-5 * MINUTE, False),
        (6 * MINUTE, False),
    ],
)
def test_a_clock_before_what_bounds_the_seal_is_said(case: Case, off: timedelta, said: bool) -> None:
    moment = bound_of(case) + off
    found = check(Held(sealed_at(case, moment)), case.root)
    assert found.genuine, "who was wrong is not for a program to say"
    told = f"设备时钟所示签封时间 {in_china(moment)} 与上述时间不符。"
    assert (told in found.sentences()) is said, found.sentences()


@pytest.mark.parametrize(
    ("off", "said"),
    [(6 * MINUTE, True), (5 * MINUTE + SECOND, True), (5 * MINUTE, False), (-MINUTE, False)],
)
def test_a_clock_after_the_head_that_holds_the_seal_is_said(case: Case, off: timedelta, said: bool) -> None:
    head_at = bound_of(case) + 60 * MINUTE
    moment = head_at + off
    found = check(Held(logged(case, sealed_at(case, moment), head_at)), case.root)
    assert (found.genuine, found.logged) == (True, True)
    told = f"设备时钟所示签封时间 {in_china(moment)} 与上述时间不符。"
    assert (told in found.sentences()) is said, found.sentences()
    assert any(f"早于 {in_china(head_at)} 签封" in line for line in found.sentences())
    assert any("第 2 " in line and "sync.example.cn/log" in line for line in found.sentences())


def test_a_head_without_its_time_bounds_nothing(case: Case) -> None:
    found = check(Held(logged(case, sealed_at(case, bound_of(case)), None)), case.root)
    assert (found.genuine, found.logged) == (True, True)
    assert not any(line.startswith("时间：早于") for line in found.sentences())


def test_a_log_signed_by_another_key_holds_nothing(case: Case) -> None:
    members = sealed_at(case, bound_of(case))
    found = check(Held(logged(case, members, bound_of(case), key=Signer.new())), case.root)
    assert (found.answer, "服务器日志中没有这一签封" in found.headline()) == ("false", True)


def test_the_proof_has_one_text(case: Case) -> None:
    members = case.members("logged")
    proof = members["log.tlog-proof"]
    steps = proof.split(b"\n")[2:]
    step = next(each for each in steps if len(each) == 44)
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = step[:42] + bytes([letters[letters.index(step[42]) + 1]]) + b"="
    assert base64.b64decode(other) == base64.b64decode(step), "unused bits are others"
    for bent in (
        proof.replace(step, other),
        proof.replace(b"index ", b"index 0", 1),
        b"\n" + proof,
        proof + b"\n",
    ):
        found = check(Held(retagged(members | {"log.tlog-proof": bent}, case.book.signer)), case.root)
        assert (found.answer, "服务器日志中没有这一签封" in found.headline()) == ("false", True)


@pytest.mark.parametrize("forged", ["stranger", "not utf-8", "not signed"])
def test_a_head_that_the_record_names_must_be_the_logs_own(case: Case, forged: str) -> None:
    """Insiders may seal a record that names any bytes; they bound its time where the log signed them."""
    members = case.members("waiting")
    other = Signer.new()
    note = {
        "stranger": sign_checkpoint(
            "sync.example.cn/log", 1, bytes(32), public_key=other.public_key_der, sign=other.sign, time_ms=0
        ).note.encode(),
        "not utf-8": b"\xff",
        "not signed": b"Time: 2020-01-01T00:00:00Z\n",
    }[forged]
    record = record_of(members) | {"after": hashlib.sha256(note).hexdigest()}
    made = resealed(members | {layout.NOTE_OF_TIME: note}, canonical.encode(record), case.book.signer)
    found = check(Held(made), case.root)
    assert (found.answer, "after.note 被改动" in found.headline()) == ("false", True)


def test_each_question_that_was_not_asked_is_said_to_be_open(case: Case) -> None:
    """Without root, log or bound the sentences say what is not proved; with all of them, what is."""
    members = case.members("waiting")
    bare = {name: data for name, data in members.items() if name not in (layout.NOTE_OF_TIME, "log.crt")}
    found = check(Held(retagged(bare, case.book.signer)), case.root)
    assert (found.genuine, found.logged) == (True, False)
    starts = [line[:6] for line in found.sentences()]
    assert any("下限未证明" in line for line in found.sentences())
    assert any(line.startswith("未入日志") for line in found.sentences())
    assert len(starts) == 6, found.sentences()
