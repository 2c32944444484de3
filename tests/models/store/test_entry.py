"""The bytes of an entry: what is hashed, what is signed, how a line reads, what is refused."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from models.errors import BadInput
from models.store.entry import (
    BODY_LIMIT,
    DEPTH_LIMIT,
    GENESIS,
    HEAD_LIMIT,
    Entry,
    Head,
    Origin,
    entry_line,
    hash_input,
    is_withheld,
    withheld,
)
from models.store.signer import Signer, device_id, key_id, verify, verify_raw

KEY = ec.derive_private_key(3, ec.SECP256R1())
SIGNER = Signer(KEY)
OTHER = Signer(ec.derive_private_key(4, ec.SECP256R1()))
HEAD = Head(
    v=1,
    d=SIGNER.device,
    q=7,
    k="set",
    t="trial",
    e="r-1",
    sc="350602",
    sv=2,
    u="officer-1",
    w="2026-11-23T14:05:06.789+08:00",
    m=("boot", 12),
    c=1000,
)
PREV = hashlib.sha256(b"before").digest()
BODY: dict[str, Any] = {"f": {"name": {"x": "示例企业01", "b": []}}}


@pytest.fixture
def entry() -> Entry:
    return Entry.written(SIGNER, PREV, HEAD, BODY)


def test_the_hash_is_that_of_the_protocol(entry: Entry) -> None:
    assert bytes(32) == GENESIS
    signed = b"op1\0" + PREV + hashlib.sha256(entry.head).digest() + hashlib.sha256(entry.body).digest()
    assert hash_input(PREV, entry.head, entry.body) == signed
    assert len(signed) == 100
    assert entry.hash == hashlib.sha256(signed).digest()
    assert (entry.prev, msgspec.json.decode(entry.body)) == (PREV, BODY)
    assert msgspec.json.decode(entry.head) == {
        "v": 1,
        "d": SIGNER.device,
        "q": 7,
        "k": "set",
        "t": "trial",
        "e": "r-1",
        "sc": "350602",
        "sv": 2,
        "u": "officer-1",
        "w": "2026-11-23T14:05:06.789+08:00",
        "m": ["boot", 12],
        "c": 1000,
    }


def test_the_signature_is_plain_ecdsa_over_the_hashed_bytes(entry: Entry) -> None:
    r, s = int.from_bytes(entry.signature[:32], "big"), int.from_bytes(entry.signature[32:], "big")
    signed = hash_input(entry.prev, entry.head, entry.body)
    KEY.public_key().verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    assert entry.verify(SIGNER.public_key_der)
    assert not entry.verify(OTHER.public_key_der)
    assert Entry.written(SIGNER, PREV, HEAD, BODY) == entry, "signatures are deterministic (RFC 6979)"


@pytest.mark.parametrize("part", ["prev", "head", "body", "signature"])
def test_no_part_can_be_another(entry: Entry, part: str) -> None:
    parts = {name: getattr(entry, name) for name in ("prev", "head", "body", "signature")}
    bent = bytes([parts[part][0] ^ 1]) + parts[part][1:]
    changed = Entry.of_bytes(**(parts | {part: bent}))
    assert not changed.verify(SIGNER.public_key_der)
    assert (changed.hash == entry.hash) is (part == "signature")


def test_content_that_is_withheld_keeps_hash_and_signature(entry: Entry) -> None:
    shown = withheld(entry.body)
    assert shown == b"-" + hashlib.sha256(entry.body).hexdigest().encode()
    assert is_withheld(shown)
    kept = Entry.of_bytes(entry.prev, entry.head, shown, entry.signature)
    assert kept.hash == entry.hash
    assert kept.verify(SIGNER.public_key_der)
    for body in (b"", b"-", shown[:-1], shown + b"0", shown.upper(), shown[1:], b"{}"):
        assert not is_withheld(body)


def test_a_line_reads_as_it_was_written(entry: Entry) -> None:
    line = entry.line()
    signature, head, body = line.removesuffix(b"\n").split(b"\t")
    assert line.endswith(b"\n")
    assert (head, body) == (entry.head, entry.body)
    assert b"=" not in signature
    assert base64.urlsafe_b64decode(signature + b"==") == entry.signature
    assert line == entry_line(entry.signature, entry.head, entry.body)
    assert Entry.of_line(line[:-1], PREV) == entry


def test_a_line_needs_no_signature_of_64_bytes_to_be_read_but_to_be_believed(entry: Entry) -> None:
    for signature in (b"", b"\xfb\xff", base64.b64decode(b"abcX"), bytes(63), bytes(65)):
        short = Entry.of_line(entry_line(signature, entry.head, entry.body)[:-1], PREV)
        assert short.signature == signature
        assert not short.verify(SIGNER.public_key_der)


def lengthened(text: bytes, size: int) -> bytes:
    """JSON, made longer by blanks before its last brace."""
    return text[:-1] + b" " * (size - len(text)) + text[-1:]


def test_a_line_has_three_parts_within_their_limits(entry: Entry) -> None:
    line = entry.line()[:-1]
    parts = line.split(b"\t")
    longest = [parts[0], lengthened(parts[1], HEAD_LIMIT), lengthened(parts[2], BODY_LIMIT)]
    assert len(Entry.of_line(b"\t".join(longest), PREV).body) == BODY_LIMIT
    for bad in (
        b"\t".join(parts[:2]),
        line + b"\t",
        b"\t".join([parts[0], lengthened(parts[1], HEAD_LIMIT + 1), parts[2]]),
        b"\t".join([parts[0], parts[1], lengthened(parts[2], BODY_LIMIT + 1)]),
        b"\t".join([parts[0] + b"!", *parts[1:]]),
        b"\t".join([parts[0] + b"!!!!", *parts[1:]]),
        b"\t".join([parts[0] + b"A" * 3, *parts[1:]]),
        b"\t".join([parts[0], b"{}", parts[2]]),
        b"\t".join([parts[0], parts[1], b"{"]),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 -- any text will do: it is for a log
            Entry.of_line(bad, PREV)


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_a_body_is_as_deep_as_its_limit_and_no_deeper() -> None:
    head = msgspec.json.encode(HEAD)
    assert Entry.of_bytes(PREV, head, nested(DEPTH_LIMIT), b"").parsed_body
    with pytest.raises(ValueError, match="deep"):
        _ = Entry.of_bytes(PREV, head, nested(DEPTH_LIMIT + 1), b"").parsed_body
    wide = nested(DEPTH_LIMIT)[:-1] + b',"b":[{},{},"{[{["]}'
    assert len(Entry.of_bytes(PREV, head, wide, b"").parsed_body["b"]) == 3
    beside = b'{"a":[' + b",".join([b"{}"] * 100) + b"]}"
    assert len(Entry.of_bytes(PREV, head, beside, b"").parsed_body["a"]) == 100


def test_what_an_entry_says_is_read_once(entry: Entry) -> None:
    assert entry.parsed_head is entry.parsed_head
    assert entry.parsed_body is entry.parsed_body
    assert {"parsed_head", "parsed_body"} <= set(vars(entry))


def test_text_that_is_no_unicode_is_refused_with_what_to_do() -> None:
    for body in ({"f": {"name": {"x": "\ud800"}}}, {"\udfff": 1}):
        with pytest.raises(BadInput, match="请重新输入"):
            Entry.written(SIGNER, PREV, HEAD, body)


def test_what_is_too_much_for_one_entry_is_refused() -> None:
    def with_text(length: int) -> dict[str, str]:
        return {"t": "x" * length}

    around = len(msgspec.json.encode(with_text(0)))
    assert len(Entry.written(SIGNER, PREV, HEAD, with_text(BODY_LIMIT - around)).body) == BODY_LIMIT
    with pytest.raises(BadInput, match="文字过多"):
        Entry.written(SIGNER, PREV, HEAD, with_text(BODY_LIMIT - around + 1))
    around = len(msgspec.json.encode(msgspec.structs.replace(HEAD, e="")))
    longest = msgspec.structs.replace(HEAD, e="e" * (HEAD_LIMIT - around))
    assert len(Entry.written(SIGNER, PREV, longest, {}).head) == HEAD_LIMIT
    with pytest.raises(BadInput):
        Entry.written(SIGNER, PREV, msgspec.structs.replace(longest, e=longest.e + "e"), {})


def test_what_is_carried_stays_the_work_of_who_wrote_it(entry: Entry) -> None:
    signature = base64.urlsafe_b64encode(entry.signature).rstrip(b"=").decode()
    assert entry.home == Origin(SIGNER.device, 7, entry.hash.hex(), signature, entry.prev.hex())
    assert (entry.uid, entry.device) == (entry.hash.hex(), SIGNER.device)
    before = hashlib.sha256(b"elsewhere").digest()
    carried = Entry.carried(OTHER, 31, before, entry)
    assert (carried.prev, carried.body) == (before, entry.body)
    assert carried.verify(OTHER.public_key_der)
    assert carried.hash == hashlib.sha256(hash_input(before, carried.head, entry.body)).digest() != entry.hash
    head = carried.parsed_head
    assert (head.d, head.q, head.o) == (OTHER.device, 31, entry.home)
    assert msgspec.structs.replace(head, d=SIGNER.device, q=7, o=None) == HEAD
    assert (carried.uid, carried.device, carried.home) == (entry.uid, SIGNER.device, entry.home)
    again = Entry.carried(SIGNER, 8, PREV, carried)
    assert (again.uid, again.device, again.home) == (entry.uid, SIGNER.device, entry.home)
    assert carried.first() == again.first() == entry


def test_what_a_later_version_wrote_is_carried_with_its_head(entry: Entry) -> None:
    head = entry.head.replace(b'{"v":1,', b'{"v":1, "later":{"o":"\\u0041"},')
    signature = SIGNER.sign_raw(hash_input(PREV, head, entry.body))
    later = Entry.of_bytes(PREV, head, entry.body, signature)
    carried = Entry.carried(OTHER, 31, PREV, later)
    first = Entry.carried(OTHER, 32, carried.hash, carried).first()
    assert first is not None
    assert (first.head, first.hash, first.verify(SIGNER.public_key_der)) == (head, later.hash, True)


@pytest.mark.parametrize(
    "change",
    [
        {"d": OTHER.device},
        {"q": 8},
        {"h": "ab" * 32},
        {"p": "ab" * 32},
        {"p": ""},
        {"p": "no hash"},
        {"s": "!"},
        {"x": "{"},
        {"x": '{"v":1}'},
    ],
)
def test_what_a_carried_entry_says_of_its_first_home_is_proved(entry: Entry, change: dict[str, Any]) -> None:
    told = Entry.carried(OTHER, 31, PREV, entry).parsed_head
    false = msgspec.structs.replace(told, o=msgspec.structs.replace(entry.home, **change))
    assert Entry.written(OTHER, PREV, told, entry.parsed_body).first() == entry
    assert Entry.written(OTHER, PREV, false, entry.parsed_body).first() is None


@pytest.mark.parametrize(
    "change", [{"k": "void"}, {"e": "another"}, {"sc": "350623"}, {"u": "another"}, {"c": 9}]
)
def test_what_is_carried_is_in_all_else_as_it_was(entry: Entry, change: dict[str, Any]) -> None:
    told = msgspec.structs.replace(Entry.carried(OTHER, 31, PREV, entry).parsed_head, **change)
    assert Entry.written(OTHER, PREV, told, entry.parsed_body).first() is None
    with_head = msgspec.structs.replace(told, o=msgspec.structs.replace(entry.home, x=entry.head.decode()))
    assert Entry.written(OTHER, PREV, with_head, entry.parsed_body).first() is None


def test_entries_are_told_in_the_order_of_their_corrected_times() -> None:
    def at(wall: str, seq: int = 1, device: str = "aa", correction: int = 0) -> Entry:
        head = msgspec.structs.replace(HEAD, w=wall, q=seq, d=device, c=correction)
        return Entry.written(SIGNER, PREV, head, {})

    early = at("2026-11-23T06:05:06.788Z", 9)
    told = [
        early,
        at("2026-11-23T06:05:06.789Z", 1),
        at("2026-11-23T14:05:06.789+08:00", 2),
        at("2026-11-23T06:05:06.789Z", 1, "bb"),
        at("2026-11-23T06:05:06.000Z", 1, correction=790),
    ]
    assert sorted([told[3], told[4], *told[:3]], key=Entry.order) == told
    assert early.order() == (1_795_413_906_788, "aa", 9, early.hash)


# -- the device key ------------------------------------------------------------------------------------------


def test_the_names_of_a_key_follow_from_its_public_half() -> None:
    spki = KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    digest = hashlib.sha256(spki).digest()
    signer = Signer(KEY)
    assert signer.public_key_der == spki
    assert signer.device == device_id(spki) == digest.hex()[:32]
    assert signer.key_id == key_id(spki) == base64.b32encode(digest[:8]).decode()[:13]
    assert len(signer.key_id) == 13
    assert signer.sign(b"text") == SIGNER.sign(b"text")


def test_a_key_comes_back_from_its_bytes_and_no_other_key_does() -> None:
    assert Signer.from_private_bytes(SIGNER.private_bytes()).public_key_der == SIGNER.public_key_der
    assert Signer.new().device != Signer.new().device

    def pkcs8(key: Any) -> bytes:
        return bytes(
            key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    others = (pkcs8(ed25519.Ed25519PrivateKey.generate()), pkcs8(ec.derive_private_key(7, ec.SECP384R1())))
    for data in (*others, b"", SIGNER.private_bytes()[:-1]):
        with pytest.raises(ValueError):  # noqa: PT011 -- the library's own text where it reads nothing
            Signer.from_private_bytes(data)


def spki_of(key: Any) -> bytes:
    return bytes(
        key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def test_a_signature_is_that_of_one_key_over_one_text() -> None:
    der, raw = SIGNER.sign(b"text"), SIGNER.sign_raw(b"text")
    r, s = utils.decode_dss_signature(der)
    assert raw == r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert verify(SIGNER.public_key_der, der, b"text")
    assert verify_raw(SIGNER.public_key_der, raw, b"text")
    assert not verify(SIGNER.public_key_der, der, b"texts")
    assert not verify_raw(SIGNER.public_key_der, raw, b"texts")
    assert not verify(OTHER.public_key_der, der, b"text")
    for bad in (b"", raw[:-1], raw + b"\0", b"\0" + raw, bytes(64), raw[32:] + raw[:32]):
        assert not verify_raw(SIGNER.public_key_der, bad, b"text")
    for bad in (b"", der[:-1], raw):
        assert not verify(SIGNER.public_key_der, bad, b"text")


def test_another_kind_of_key_signs_nothing_here() -> None:
    wide = ec.derive_private_key(7, ec.SECP384R1())
    edwards = ed25519.Ed25519PrivateKey.generate()
    signature = wide.sign(b"text", ec.ECDSA(hashes.SHA256()))
    assert not verify(spki_of(wide.public_key()), signature, b"text")
    assert not verify(spki_of(edwards.public_key()), edwards.sign(b"text"), b"text")
    assert not verify(b"no key", SIGNER.sign(b"text"), b"text")
