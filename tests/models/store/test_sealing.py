"""The seal line: one form, strict reading, and the three shell commands of docs/verify.md."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput, RuleBroken
from models.language import use_language_here
from models.store import sealing
from models.store.profiles import P256_ORDER, PROFILES

GUIDE = Path(__file__).parents[3] / "docs" / "verify.md"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
KEY = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
SPKI = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
pytestmark = pytest.mark.usefixtures("in_china")
"""Where the clock of the place is not UTC: the times of a seal are."""
RECORD = b'{"number":"350604-20261123-A7K-0042"}'


def sign(line: str) -> bytes:
    return KEY.sign(line.encode("ascii"), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def sample(**changes: object) -> str:
    parts: dict[str, object] = {
        "host": "hj.example.gov.cn",
        "number": "350604-20261123-A7K-0042",
        "site_code": "91350600MA00000013",
        "time_ms": 1_795_414_503_999,
        "seq": 42,
        "count": 3,
        "sha256_hex": hashlib.sha256(RECORD).hexdigest(),
        "key_id": sealing.key_id(SPKI),
    }
    return sealing.seal_line(**{**parts, **changes})  # type: ignore[arg-type]


def sealed(**changes: object) -> str:
    line = sample(**changes)
    return sealing.qr_text(line, sign(line))


def in_language(code: str, error: RuleBroken) -> str:
    """The sentence as a reader of that language sees it; other tests keep their own language."""

    def read() -> str:
        use_language_here(code)
        return error.text()

    return copy_context().run(read)


hosts = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,25}[a-z0-9])?(:[1-9][0-9]{3})?", fullmatch=True)
numbers = st.from_regex(r"[0-9A-Z]([0-9A-Z.-]{0,32}[0-9A-Z])?", fullmatch=True)


@given(
    host=hosts,
    number=numbers,
    site_code=st.from_regex(r"[0-9A-Z]{0,18}", fullmatch=True),
    time_ms=st.integers(0, 253_402_300_799_999),
    seq=st.integers(0, 10**8 - 1),
    count=st.integers(0, 9999),
    digest=st.binary(min_size=32, max_size=32),
)
def test_what_is_sealed_reads_back_and_fits_the_code(
    host: str, number: str, site_code: str, time_ms: int, seq: int, count: int, digest: bytes
) -> None:
    text = sealed(
        host=host,
        number=number,
        site_code=site_code,
        time_ms=time_ms,
        seq=seq,
        count=count,
        sha256_hex=digest.hex(),
    )
    seal = sealing.parse(text)
    assert (seal.host, seal.number, seal.site_code) == (host.upper(), number, site_code or "-")
    assert (seal.time_ms, seal.seq, seal.count) == (time_ms - time_ms % 1000, seq, count)
    assert seal.digest == digest.hex()
    assert sealing.qr_text(seal.line, seal.signature) == text
    assert len(text) <= 311
    assert set(text) <= set(ALPHABET)
    assert sealing.check(text, SPKI)


def test_the_longest_parts_just_fit() -> None:
    line = sample(host="H" * 32, number="N" * 34, site_code="S" * 18, seq=99_999_999, count=9999)
    longest = encode_dss_signature(P256_ORDER - 1, P256_ORDER - 1)
    assert len(sealing.qr_text(line, longest)) == 311


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("host", "h" * 33),
        ("number", "N" * 35),
        ("site_code", "S" * 19),
        ("seq", 10**8),
        ("count", 10_000),
        ("host", "e.gov.cn/x"),
        ("host", "环境.cn"),
        ("host", "straße.cn"),
        ("host", ""),
        ("number", "漳环2026-1"),
        ("number", "abc"),
        ("number", ""),
        ("site_code", "91 35"),
        ("seq", -1),
    ],
)
def test_a_part_that_cannot_go_in_is_named(part: str, value: object) -> None:
    with pytest.raises(RuleBroken) as caught:
        sample(**{part: value})
    assert caught.value.field == part


def test_the_part_is_named_in_the_readers_language() -> None:
    with pytest.raises(RuleBroken) as caught:
        sample(host="h" * 33)
    assert in_language("en", caught.value) == (
        "The server address is 33 characters long; the QR code has room for 32. Shorten it."
    )
    assert in_language("zh", caught.value) == "服务器地址有 33 个字符，二维码只容得下 32 个，请缩短。"
    with pytest.raises(RuleBroken) as caught:
        sample(number="漳环2026-1")
    assert in_language("en", caught.value) == (
        "The record number “漳环2026-1” cannot go into a QR code: use capital letters, digits and hyphens."
    )
    assert in_language("zh", caught.value).startswith("笔录编号“漳环2026-1”")


@pytest.mark.parametrize("time_ms", [-(10**15), 10**18, 10**30, -(10**30)])
def test_a_time_without_four_digit_year_is_refused(time_ms: int) -> None:
    with pytest.raises(ValueError, match="year"):
        sample(time_ms=time_ms)


def test_no_single_character_of_a_qr_text_can_be_changed() -> None:
    for text in (sealed(), sealed(site_code="", count=0, number="ZZ-TSQ-20261123-B2C-7")):
        assert sealing.check(text, SPKI)
        accepted = [
            (place, other)
            for place, character in enumerate(text)
            for other in ALPHABET
            if other != character and sealing.check(text[:place] + other + text[place + 1 :], SPKI)
        ]
        assert accepted == []


def test_no_character_can_be_left_out_doubled_or_added() -> None:
    text = sealed()
    for place in range(len(text)):
        assert not sealing.check(text[:place] + text[place + 1 :], SPKI)
        assert not sealing.check(text[:place] + text[place] + text[place:], SPKI)
    assert not any(
        sealing.check(changed, SPKI) for changed in (text + "\n", " " + text, text + "A", text + "/")
    )


@given(st.binary(max_size=80))
def test_strict_base32_has_one_text_for_each_value(data: bytes) -> None:
    text = sealing.base32(data)
    assert sealing.strict_base32(text) == data
    if len(data) % 5:
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(text[-1])
        with pytest.raises(ValueError, match="padding"):
            sealing.strict_base32(text[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[last + 1])


@pytest.mark.parametrize("text", ["A", "AAA", "AAAAAA", "aa", "AA======", "A1", "AA\n", "A A"])
def test_what_is_not_base32_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base32"):
        sealing.strict_base32(text)


@given(st.text(alphabet=ALPHABET, max_size=320))
def test_a_random_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(BadInput):
        sealing.parse(text)
    assert not sealing.check(text, SPKI)


@given(st.lists(st.text(alphabet=ALPHABET.replace("/", ""), max_size=20), min_size=10, max_size=13))
def test_slashes_alone_make_no_seal(parts: list[str]) -> None:
    with pytest.raises(BadInput):
        sealing.parse("HTTPS://E.CN/1/" + "/".join(parts))


def test_loose_der_is_refused() -> None:
    line = sample()
    signature = sign(line)
    r, s = decode_dss_signature(signature)
    loose = [
        signature + b"\0",
        signature[:-1],
        b"\x30\x81" + signature[1:],
        bytes([0x30, signature[1] + 1, 2, signature[3] + 1, 0]) + signature[4:],
        encode_dss_signature(0, s),
        encode_dss_signature(r, 0),
        encode_dss_signature(P256_ORDER, s),
        encode_dss_signature(r, P256_ORDER),
        encode_dss_signature(r + P256_ORDER, s),
        b"",
    ]
    for bad in loose:
        with pytest.raises(ValueError, match=r".*"):
            sealing.qr_text(line, bad)
        assert not sealing.check(f"{line}/{sealing.base32(bad)}", SPKI)


def test_the_least_and_the_greatest_numbers_of_a_signature_are_in_its_form() -> None:
    for numbers in ((1, 1), (P256_ORDER - 1, P256_ORDER - 1)):
        text = sealing.qr_text(sample(), encode_dss_signature(*numbers))
        assert sealing.parse(text).signature == encode_dss_signature(*numbers)
        assert not sealing.check(text, SPKI)


def test_another_profile_is_never_valid() -> None:
    line = sample().replace("/1/", "/3/", 1)
    text = f"{line}/{sealing.base32(sign(line))}"
    with pytest.raises(BadInput) as caught:
        sealing.parse(text)
    assert caught.value.params["profile"] == "3"
    assert not sealing.check(text, SPKI)


def test_only_the_named_key_checks_and_only_a_p256_key() -> None:
    other = ec.derive_private_key(7, ec.SECP256R1())
    other_spki = other.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    wide = ec.derive_private_key(7, ec.SECP384R1())
    wide_spki = wide.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    line = sample()
    forged = f"{line}/{sealing.base32(other.sign(line.encode(), ec.ECDSA(hashes.SHA256())))}"
    assert not sealing.check(forged, SPKI)
    assert not sealing.check(forged, other_spki)
    assert not sealing.check(sealed(key_id=sealing.key_id(wide_spki)), wide_spki)
    assert not sealing.check(sealed(), b"not a key")
    edwards = ed25519.Ed25519PrivateKey.generate()
    edwards_spki = edwards.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert not PROFILES["1"].verify(edwards_spki, edwards.sign(line.encode()), line.encode())


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256_hex": "AB" * 32},
        {"sha256_hex": "ab" * 31},
        {"sha256_hex": "ab" * 33},
        {"sha256_hex": "gg" * 32},
        {"key_id": sealing.base32(b"1234567")},
        {"key_id": sealing.base32(b"123456789")},
        {"key_id": "a" * 13},
    ],
)
def test_a_hash_or_key_id_that_is_none_is_not_sealed(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"hash must|key id must|not base32"):
        sample(**wrong)


def resealed(place: int, part: str) -> str:
    """A text, signed by the key, whose part at a place is another."""
    parts = sample().split("/")
    parts[place] = part
    line = "/".join(parts)
    return f"{line}/{sealing.base32(sign(line))}"


@pytest.mark.parametrize(
    ("place", "part"),
    [
        (0, "HTTP:"),
        (1, "X"),
        (2, "-E.CN"),
        (2, "E.CN:0"),
        (2, "H" * 33),
        (4, ""),
        (4, "N" * 35),
        (5, ""),
        (5, "--"),
        (5, "S" * 19),
        (6, "20261123T061503"),
        (6, "20261323T061503Z"),
        (6, "20261123T061503ZZ"),
        (7, "042"),
        (7, "-1"),
        (7, "100000000"),
        (8, "03"),
        (8, "10000"),
        (9, sealing.base32(bytes(31))),
        (9, sealing.base32(bytes(33))),
        (9, "A" * 51 + "B"),
        (10, sealing.base32(bytes(7))),
        (10, sealing.base32(bytes(9))),
        (10, "A" * 12 + "B"),
    ],
)
def test_a_signed_text_with_a_part_in_another_form_is_no_seal(place: int, part: str) -> None:
    assert sealing.check(resealed(5, "-"), SPKI), "the means of this test"
    text = resealed(place, part)
    with pytest.raises(BadInput):
        sealing.parse(text)
    assert not sealing.check(text, SPKI)


def test_the_parts_stand_where_docs_verify_says_that_they_stand() -> None:
    text = sealed()
    scheme, none, host, profile, number, site, moment, seq, count, digest, key, signature = text.split("/")
    assert (scheme, none, host, profile) == ("HTTPS:", "", "HJ.EXAMPLE.GOV.CN", "1")
    assert (number, site, moment) == ("350604-20261123-A7K-0042", "91350600MA00000013", "20261123T061503Z")
    assert (seq, count) == ("42", "3")
    assert base64.b32decode(digest + "====") == hashlib.sha256(RECORD).digest()
    assert base64.b32decode(key + "===") == hashlib.sha256(SPKI).digest()[:8]
    seal = sealing.parse(text)
    assert seal.line == text.rpartition("/")[0]
    assert (seal.profile, seal.key_id) == ("1", key)
    assert sealing.strict_base32(signature) == seal.signature == sign(seal.line)
    assert sealing.parse_line(seal.line).signature == b""


def test_what_is_wrong_with_a_text_is_said() -> None:
    text = sealed()
    for bad, said in (
        (text + "A" * (312 - len(text)), "This text has 312 characters; our QR codes have at most 311."),
        (text.rpartition("/")[0], "This is not the text of one of our"),
        (text.replace("HTTPS://", "HTTP:://", 1), "This is not the text of one of our"),
        (text.replace("/42/", "/042/"), "The seal in this text is damaged"),
        (text[:-1], "The signature in this text is damaged"),
        (text.replace("/1/", "/7/", 1), "This seal uses profile 7"),
    ):
        with pytest.raises(BadInput) as caught:
            sealing.parse(bad)
        assert said in in_language("en", caught.value), bad
    line = text.rpartition("/")[0]
    for bad in ("", "HTTPS://E.CN/1", f"{line}/X", line.rpartition("/")[0], line.replace("A7K", "漳环")):
        with pytest.raises(BadInput) as caught:
            sealing.parse_line(bad)
        assert "This is not the text of one of our" in in_language("en", caught.value), bad
    longest = text + "A" * (311 - len(text))
    with pytest.raises(BadInput) as caught:
        sealing.parse(longest)
    assert "The signature in this text is damaged" in in_language("en", caught.value), (
        "311 characters are looked at"
    )


def block(name: str) -> str:
    """The commands that docs/verify.md prints under this name."""
    found = re.search(
        rf"^```sh {name}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found, name
    return found.group(1)


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False)


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "demo device")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    builder = builder.serial_number(1).not_valid_before(begin).not_valid_after(begin + timedelta(days=700))
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A stranger's folder: QR text, certificate, public key and record; none of our software."""
    (tmp_path / "qr.txt").write_text(sealed() + "\n", encoding="ascii")
    (tmp_path / "device.crt").write_bytes(certificate())
    (tmp_path / "device.pub").write_bytes(
        KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "record.json").write_bytes(RECORD)
    return tmp_path


@pytest.mark.openssl
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_the_three_printed_commands_verify_with_a_certificate(desk: Path, ending: str) -> None:
    (desk / "qr.txt").write_bytes(sealed().encode() + ending.encode())
    done = run(block("certificate"), desk)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Verified OK\n", "")
    assert len(block("certificate").splitlines()) == 3


@pytest.mark.openssl
def test_the_printed_commands_verify_with_a_public_key_file(desk: Path) -> None:
    first_two = "".join(block("certificate").splitlines(keepends=True)[:2])
    done = run(first_two + block("public-key"), desk)
    assert (done.returncode, done.stdout) == (0, "Verified OK\n")


@pytest.mark.openssl
def test_every_length_of_signature_verifies_by_the_printed_commands(desk: Path) -> None:
    lengths = set()
    for seq in range(400):
        text = sealed(seq=seq)
        length = len(sealing.parse(text).signature)
        if length not in lengths:
            lengths.add(length)
            (desk / "qr.txt").write_text(text + "\n", encoding="ascii")
            assert run(block("certificate"), desk).stdout == "Verified OK\n"
    assert lengths >= {70, 71, 72}


@pytest.mark.openssl
@pytest.mark.parametrize("place", [10, 30, 60, 80, 100, 140, 200])
def test_the_printed_commands_refuse_a_changed_text(desk: Path, place: int) -> None:
    text = sealed()
    changed = text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]
    (desk / "qr.txt").write_text(changed + "\n", encoding="ascii")
    done = run(block("certificate"), desk)
    assert done.returncode != 0
    assert "Verified OK" not in done.stdout


@pytest.mark.openssl
def test_the_printed_commands_compare_record_and_key(desk: Path) -> None:
    assert run(block("certificate"), desk).returncode == 0
    for name in ("record", "key"):
        ours, theirs = run(block(name), desk).stdout.split()
        assert ours == theirs
    (desk / "record.json").write_bytes(RECORD + b" ")
    ours, theirs = run(block("record"), desk).stdout.split()
    assert ours != theirs
