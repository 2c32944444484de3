"""Signed requests and signed tree heads: every changed part is noticed."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.store.signer import Signer
from sync import checkpoint, merkle, receipts, signing

SIGNER = Signer.new()
NOW = 1_800_000_000
TARGET = "/v1/sync/push?x=1"
BODY = b"lines"
DIGEST = sha256(BODY).digest()


def signed() -> dict[str, str]:
    return signing.sign_request(
        "POST",
        TARGET,
        {"Sync-First": "4", "Content-Type": "text/plain"},
        BODY,
        device=SIGNER.device,
        sign=SIGNER.sign,
        created_s=NOW,
        nonce="nonce-1",
    )


def check(
    headers: dict[str, str], method: str = "POST", target: str = TARGET, body: bytes = BODY, now: int = NOW
) -> signing.SignedBy:
    keys = {SIGNER.device: SIGNER.public_key_der}
    digest = sha256(body).digest()
    return signing.verify_request(method, target, headers.items(), digest, public_key=keys.get, now_s=now)


def test_a_signed_request_names_its_device_and_nonce() -> None:
    assert check(signed()) == signing.SignedBy(SIGNER.device, "nonce-1")
    assert check(signed(), now=NOW + 299).nonce == "nonce-1"


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"target": "/v1/sync/push?x=2"},
        {"target": "/v1/sync/pull?x=1"},
        {"body": b"linez"},
        {"now": NOW + 400},
        {"now": NOW - 400},
    ],
)
def test_a_changed_or_stale_request_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(signing.SignatureRefused):
        check(signed(), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["sync-first", "content-type", "content-digest", "Signature", "Signature-Input"]
)
def test_a_changed_or_missing_field_is_refused(name: str) -> None:
    headers = signed()
    with pytest.raises(signing.SignatureRefused):
        check({**headers, name: headers[name].swapcase().replace("4", "5")})
    del headers[name]
    with pytest.raises(signing.SignatureRefused):
        check(headers)


def test_a_steering_field_added_after_signing_is_refused() -> None:
    with pytest.raises(signing.SignatureRefused):
        check({**signed(), "upload-offset": "0"})


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(signing.SignatureRefused):
        signing.verify_request(
            "POST", TARGET, signed().items(), DIGEST, public_key=lambda device: None, now_s=NOW
        )


def test_keys_that_cannot_be_looked_up_are_no_wrong_signature() -> None:
    """A database that does not answer must not make a notebook take itself for unknown."""

    def lost(device: str) -> bytes | None:
        raise TimeoutError(device)

    with pytest.raises(TimeoutError):
        signing.verify_request("POST", TARGET, signed().items(), DIGEST, public_key=lost, now_s=NOW)


def head(size: int = 3, root: bytes = b"r" * 32) -> checkpoint.Checkpoint:
    return checkpoint.sign_checkpoint(
        "server.example/log", size, root, public_key=SIGNER.public_key_der, sign=SIGNER.sign
    )


def test_a_checkpoint_reads_as_it_was_signed() -> None:
    assert checkpoint.open_checkpoint(head().note, public_key=SIGNER.public_key_der) == head()


def test_a_checkpoint_with_witness_signatures_is_read_by_the_logs_own() -> None:
    other = Signer.new()
    witness = checkpoint.sign_checkpoint(
        "witness.example", 3, b"r" * 32, public_key=other.public_key_der, sign=other.sign
    ).note.rpartition("\n\n")[2]
    assert checkpoint.open_checkpoint(head().note + witness, public_key=SIGNER.public_key_der).size == 3


@given(st.integers(0, 400), st.integers(1, 255))
def test_no_changed_byte_of_a_checkpoint_is_believed(place: int, change: int) -> None:
    note = head().note.encode()
    place %= len(note)
    bent = note[:place] + bytes([note[place] ^ change]) + note[place + 1 :]
    try:
        text = bent.decode()
    except UnicodeDecodeError:
        return
    try:
        opened = checkpoint.open_checkpoint(text, public_key=SIGNER.public_key_der)
    except checkpoint.CheckpointRefused:
        return
    # unused low bits of the last base64 character change no signed byte
    assert (opened.origin, opened.size, opened.root) == ("server.example/log", 3, b"r" * 32)


def test_another_keys_or_logs_checkpoint_is_refused() -> None:
    with pytest.raises(checkpoint.CheckpointRefused):
        checkpoint.open_checkpoint(head().note, public_key=Signer.new().public_key_der)
    with pytest.raises(checkpoint.CheckpointRefused):
        checkpoint.open_checkpoint(head().note, public_key=SIGNER.public_key_der, origin="other")


def receipt() -> receipts.Receipt:
    hashes = [sha256(bytes([n])).digest() for n in range(5)]
    leaves = [merkle.leaf_hash(hash_) for hash_ in hashes]
    nodes = {(0, place): leaf for place, leaf in enumerate(leaves)}
    frontier = merkle.Frontier()
    for leaf in leaves:
        nodes.update({(level, place): hash_ for level, place, hash_ in frontier.append(leaf)})
    path = merkle.inclusion_path(2, 5, lambda level, index: nodes[level, index])
    return receipts.Receipt(3, hashes[2], tuple(path), head(5, frontier.root()).note)


def test_a_receipt_proves_the_entry_and_no_other() -> None:
    good = receipt()
    assert good.verify(SIGNER.public_key_der).size == 5
    assert receipts.Receipt.from_dict(good.as_dict()) == good
    for bad in (
        replace(good, entry_hash=b"x" * 32),
        replace(good, cursor=4),
        replace(good, path=good.path[:-1]),
        replace(good, note=head(5, b"q" * 32).note),
    ):
        with pytest.raises(receipts.ReceiptRefused):
            bad.verify(SIGNER.public_key_der)


@pytest.mark.parametrize("junk", [None, [], {}, {"cursor": "1"}, {**receipt().as_dict(), "path": ["é"]}])
def test_a_malformed_receipt_is_refused(junk: object) -> None:
    with pytest.raises(receipts.ReceiptRefused):
        receipts.Receipt.from_dict(junk)


def test_a_receipt_as_tlog_proof_has_the_form_of_c2sp() -> None:
    lines = receipt().as_tlog_proof().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 2"]
    blank = lines.index("")
    assert blank == 2 + len(receipt().path)
    assert lines[blank + 1] == "server.example/log"
