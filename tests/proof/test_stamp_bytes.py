"""An outside time-stamp as bytes: what is asked, what is read of an answer, and what is nobody's word."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sync.proof import stamps
from sync.proof.stamps import Stamp, StampRefused
from tests.once import made_once

from .tsa import Authority

pytestmark = [pytest.mark.openssl, pytest.mark.usefixtures("in_china")]
NAME = "示例时间戳机构"


@dataclass(frozen=True)
class Answers:
    """What an authority answered, all over `b"text"`."""

    query: bytes
    nonce: int
    plain: bytes
    chained: bytes
    """With its root along, and a stranger's certificate, before its own: as DER orders them."""
    bare: bytes
    """Without a certificate."""
    refused: bytes
    sha512: bytes
    """Over the SHA-512 of the text."""
    signer: bytes
    """Its own certificate, PEM."""
    root: bytes
    other_root: bytes


def pems_of(certificates: bytes) -> list[bytes]:
    end = b"-----END CERTIFICATE-----\n"
    return [each + end for each in certificates.split(end)[:-1]]


def asked(authority: Authority, words: str) -> bytes:
    """The answer to a query that the openssl program makes."""
    (authority.folder / "text").write_bytes(b"text")
    subprocess.run(
        ["openssl", "ts", "-query", "-data", "text", "-out", "own", *words.split()],
        cwd=authority.folder, capture_output=True, check=True,
    )  # fmt: skip
    return authority.answer((authority.folder / "own").read_bytes())


def make(folder: Path) -> Answers:
    one, other = Authority(folder / "one"), Authority(folder / "other")
    query, nonce = stamps.query(b"text")
    plain = one.answer(query)
    bare = asked(one, "-sha256")
    sha512 = asked(one, "-sha512 -cert")
    refused = asked(one, "-sha256 -cert -tspolicy 1.2.3.4.9")
    chain = other.root.read_bytes() + one.root.read_bytes()
    (one.folder / "chain.pem").write_bytes(chain)
    conf = (one.folder / "conf").read_text(encoding="utf-8")
    (one.folder / "conf").write_text(f"{conf}certs = {one.folder}/chain.pem\n", encoding="utf-8")
    ders = [x509.load_pem_x509_certificate(each).public_bytes(Encoding.DER) for each in pems_of(chain)]
    own = x509.load_pem_x509_certificate((one.folder / "tsa.crt").read_bytes()).public_bytes(Encoding.DER)
    chained = one.answer(query)
    assert chained.count(own + b"".join(ders)) == 1
    chained = chained.replace(own + b"".join(ders), b"".join(sorted([own, *ders])))
    roots = one.root.read_bytes(), other.root.read_bytes()
    signer = x509.load_pem_x509_certificate((one.folder / "tsa.crt").read_bytes()).public_bytes(Encoding.PEM)
    return Answers(query, nonce, plain, chained, bare, refused, sha512, signer, *roots)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    made: Answers = made_once(tmp_path_factory, "answers", make)
    return made


def test_what_is_asked(told: Answers) -> None:
    """RFC 3161 section 2.4.1: version 1, the hash, a nonce, and that the certificate is wanted."""
    query, nonce = stamps.query(b"text")
    assert (query, nonce) != (told.query, told.nonce)
    sha256 = bytes.fromhex("0609608648016503040201")
    for each, number in ((query, nonce), (told.query, told.nonce)):
        assert hashlib.sha256(b"text").digest() in each
        assert sha256 in each
        assert each.endswith(b"\x01\x01\xff")
        assert number > 0
        assert number.to_bytes((number.bit_length() + 7) // 8, "big") in each


def test_what_an_answer_says(told: Answers) -> None:
    found = stamps.read(told.plain, b"text", nonce=told.nonce)
    at = rfc3161_client.decode_timestamp_response(told.plain).tst_info.gen_time
    said = datetime.fromtimestamp(at.timestamp(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert found == Stamp(said, NAME, told.signer)
    assert found == stamps.read(told.plain, b"text")
    assert found == stamps.check(told.plain, b"text", told.root)


def test_of_several_certificates_the_signer_s_comes_first(told: Answers) -> None:
    found = stamps.read(told.chained, b"text", nonce=told.nonce)
    assert found.certificates.startswith(told.signer)
    pems = pems_of(found.certificates)
    serials = [x509.load_pem_x509_certificate(each).serial_number for each in pems]
    assert len(pems) == 3
    assert all(each.startswith(b"-----BEGIN CERTIFICATE-----\n") for each in pems)
    assert serials[1:] == sorted(serials[1:])
    assert found.authority == NAME
    assert stamps.check(told.chained, b"text", told.root) == found


BAD: list[Callable[[Answers], object]] = [
    lambda told: stamps.read(told.plain, b"other"),
    lambda told: stamps.read(told.plain, b"text", nonce=told.nonce + 1),
    lambda told: stamps.read(told.plain, b"text", nonce=0),
    lambda told: stamps.read(told.plain[:-30], b"text"),
    lambda told: stamps.read(told.plain + b"x", b"text"),
    lambda told: stamps.read(told.plain + bytes(stamps.LIMIT), b"text"),
    lambda told: stamps.read(b"", b"text"),
    lambda told: stamps.read(b"closed", b"text"),
    lambda told: stamps.read(told.bare, b"text"),
    lambda told: stamps.read(told.refused, b"text"),
    lambda told: stamps.read(told.sha512, b"text"),
    lambda told: stamps.check(told.plain, b"text", told.other_root),
    lambda told: stamps.check(told.plain, b"other", told.root),
    lambda told: stamps.check(told.plain, b"text", b"no certificate"),
    lambda told: stamps.check(told.bare, b"text", told.root),
]


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_stamp_is_refused(told: Answers, bad: Callable[[Answers], object]) -> None:
    with pytest.raises(StampRefused):
        bad(told)


def test_the_certificate_is_the_one_that_signed(told: Answers) -> None:
    """One that is along and bears another number is not."""
    signer = x509.load_pem_x509_certificate(told.signer)
    der, number = signer.public_bytes(Encoding.DER), signer.serial_number
    serial = number.to_bytes((number.bit_length() + 7) // 8, "big")
    other = der.replace(serial, serial[:-1] + bytes([serial[-1] ^ 1]), 1)
    assert (told.plain.count(der), len(other), other != der) == (1, len(der), True)
    with pytest.raises(StampRefused):
        stamps.read(told.plain.replace(der, other), b"text")


def test_an_answer_may_be_as_long_as_said(told: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "LIMIT", len(told.plain))
    assert stamps.read(told.plain, b"text").authority == NAME
    monkeypatch.setattr(stamps, "LIMIT", len(told.plain) - 1)
    with pytest.raises(StampRefused):
        stamps.read(told.plain, b"text")


def test_no_changed_byte_of_a_stamp_is_believed(told: Answers) -> None:
    good = stamps.read(told.plain, b"text")
    for place in range(0, len(told.plain), 11):
        bent = told.plain[:place] + bytes([told.plain[place] ^ 1]) + told.plain[place + 1 :]
        try:
            found = stamps.check(bent, b"text", told.root)
        except StampRefused:
            continue
        # what no signature covers, such as a certificate that nobody needs
        assert replace(found, certificates=b"", authority="") == replace(good, certificates=b"", authority="")


def test_a_certificate_whose_name_cannot_be_read_is_refused_and_no_error_of_the_program(
    told: Answers,
) -> None:
    name = NAME.encode()
    places = [place for place in range(len(told.plain)) if told.plain.startswith(name, place)]
    for place in places:
        bent = told.plain[: place - 2] + b"\x0d" + told.plain[place - 1 :]  # the tag of the text
        with pytest.raises(StampRefused):
            stamps.check(bent, b"text", told.root)
    assert places


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([(NameOID.ORGANIZATION_NAME, "机构"), (NameOID.COMMON_NAME, "名称")], "名称"),
        ([(NameOID.ORGANIZATION_NAME, "机构")], "机构"),
        ([(NameOID.COMMON_NAME, "一"), (NameOID.COMMON_NAME, "二")], "一"),
        ([(NameOID.LOCALITY_NAME, "漳州")], "-"),
    ],
)
def test_an_authority_is_called_as_its_certificate_has_it(
    names: list[tuple[x509.ObjectIdentifier, str]], shown: str
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(*each) for each in names])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    made = builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    assert stamps._name(made) == shown
