"""Verdicts: genuine, not genuine, cannot be checked; and the fixed words for what each proves."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from models.documents.labels import label_code
from models.documents.verify import Verdict, key_in_file, keys_of, verify_given, verify_record, verify_text
from models.errors import BadInput
from models.inspections import canonical
from models.language import use_language
from models.store import sealing
from models.store.change import seal
from models.store.entry import GENESIS, Entry, Head
from models.store.journal import EntryRow, insert, row_values
from models.store.notebook import Notebook
from models.store.signer import Signer
from tests.conftest import unguarded
from tests.models.documents.conftest import NUMBER, UNIT

pytestmark = pytest.mark.usefixtures("in_china")
"""Where the clock of the place is not UTC: the times of seals are."""


def test_a_sealed_text_is_genuine_and_says_what_that_proves(notebook: Notebook, sealed: str) -> None:
    verdict = verify_text(sealed, keys_of(notebook))
    assert verdict.genuine
    fields = dict(verdict.fields())
    assert fields["笔录编号"] == "350602-20261123-7K2QX-01"
    assert fields["证据件数"] == "2"
    said = verdict.sentences()
    assert said[0] == f"核验通过：由登记设备 {notebook.key_id} 签封。"
    assert "自该登记设备签封后未改动" in said[1]
    assert "未证明：内容真实、设备时钟准确、纸面其他文字" in said[2]
    use_language("en")
    assert verdict.sentences()[1].startswith("Proved: ")
    assert verdict.sentences()[2].startswith("Not proved: ")


def test_the_time_is_shown_as_china_has_it(notebook: Notebook, sealed: str) -> None:
    verdict = verify_text(sealed, keys_of(notebook))
    assert verdict.seal is not None
    moment = dict(verdict.fields())["签封时间（设备时钟）"]
    assert moment.endswith("(UTC+8)")
    hour = (verdict.seal.time_ms // 3_600_000 + 8) % 24
    assert f" {hour:02d}:" in moment


@pytest.mark.parametrize("how", ["lower", "wrapped", "spaced", "ended", "address bar"])
def test_how_a_text_was_copied_does_not_matter(notebook: Notebook, sealed: str, how: str) -> None:
    copied = {
        "lower": sealed.lower(),
        "wrapped": "\r\n".join(sealed[start : start + 60] for start in range(0, len(sealed), 60)),
        "spaced": f"  {sealed[:20]} {sealed[20:]}\t",
        "ended": sealed + "\n",
        "address bar": "https://" + sealed[8:].replace("HJ.EXAMPLE", "hj.example"),
    }[how]
    assert verify_text(copied, keys_of(notebook)).genuine


def test_no_other_letter_stands_for_two_of_the_code(notebook: Notebook) -> None:
    data = canonical.encode({"number": "SS-1"})
    text = signed(notebook, data, number="SS-1")
    assert verify_text(text.lower(), keys_of(notebook)).genuine
    assert verify_text(text.replace("SS-1", "ß-1"), keys_of(notebook)).answer == "unknown"


def test_a_changed_text_is_never_genuine(notebook: Notebook, sealed: str) -> None:
    keys = keys_of(notebook)
    for place in range(0, len(sealed), 3):
        other = "B" if sealed[place] == "A" else "A"
        verdict = verify_text(sealed[:place] + other + sealed[place + 1 :], keys)
        assert not verdict.genuine
        assert len(verdict.sentences()) == 1
    number = sealed.replace("-01/", "-02/", 1)
    assert verify_text(number, keys).answer == "false"
    assert verify_text(number, keys).seal == sealing.parse(number)
    long = verify_text("A" * 400, keys)
    assert (long.answer, long.params) == ("unknown", {"length": 400, "most": 311})
    assert "核验不通过" in verify_text(number, keys).headline()


def test_an_unknown_key_cannot_be_checked_and_is_not_called_false(sealed: str) -> None:
    verdict = verify_text(sealed, {})
    assert verdict.answer == "unknown"
    assert "无法核验" in verdict.headline()
    assert verdict.seal == sealing.parse(sealed), "what it says is shown, not vouched for"


def test_a_forger_with_another_key_under_the_same_name_is_found_out(notebook: Notebook, sealed: str) -> None:
    forger = ec.derive_private_key(5, ec.SECP256R1()).public_key()
    spki = forger.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert verify_text(sealed, {notebook.key_id: spki}).answer == "false"


def test_the_code_of_an_evidence_label_leads_to_its_record() -> None:
    verdict = verify_text(label_code("350602-20261123-7K2QX-01", 3, "00" * 32), {})
    assert (verdict.answer, verdict.params) == ("unknown", {"number": "350602-20261123-7K2QX-01"})
    assert "350602-20261123-7K2QX-01" in verdict.headline()
    assert "标签" in verdict.headline()


@given(st.text(max_size=400))
def test_any_other_text_cannot_be_checked(text: str) -> None:
    verdict = verify_text(text, {})
    assert verdict.answer == "unknown"
    assert verdict.headline()
    assert verdict.fields() == []


def test_a_record_with_its_code_is_genuine(notebook: Notebook, sealed: str, record_json: bytes) -> None:
    verdict = verify_record(record_json, sealed, keys_of(notebook))
    assert verdict.genuine
    assert verdict.headline() == verify_text(sealed, keys_of(notebook)).headline()
    assert verdict.seal == sealing.parse(sealed)
    seal = sealing.parse(sealed)
    moment = datetime.fromtimestamp(seal.time_ms / 1000, UTC) + timedelta(hours=8)
    assert [value for _, value in verdict.fields()] == [
        *(NUMBER, seal.site_code, f"{moment:%Y-%m-%d %H:%M:%S} (UTC+8)", str(seal.seq), "2"),
        *(seal.digest, notebook.key_id, "1: SHA-256, ECDSA P-256"),
    ]
    assert "笔录全文" in verdict.sentences()[1]
    assert "证据文件须" in verdict.sentences()[2]


@pytest.mark.parametrize("change", [b" ", b"\n"])
def test_a_record_with_one_byte_more_is_not_the_sealed_one(
    notebook: Notebook, sealed: str, record_json: bytes, change: bytes
) -> None:
    verdict = verify_record(record_json + change, sealed, keys_of(notebook))
    assert (verdict.answer, verdict.with_record) == ("false", True)
    assert verdict.seal == sealing.parse(sealed), "what the code says is shown beside"
    use_language("en")
    assert verdict.headline() == "Not genuine: this is not the record that was sealed; its hash is another."


def signed(notebook: Notebook, data: bytes, **changes: object) -> str:
    parts: dict[str, object] = {
        "host": "hj.example.gov.cn",
        "number": "N-1",
        "site_code": "",
        "time_ms": 0,
        "seq": 42,
        "count": 1,
        "sha256_hex": hashlib.sha256(data).hexdigest(),
        "key_id": notebook.key_id,
    }
    line = sealing.seal_line(**{**parts, **changes})  # type: ignore[arg-type]
    return sealing.qr_text(line, notebook.sign(line.encode("ascii")))


@pytest.mark.parametrize(("field", "value"), [("number", "N-2"), ("seq", 43), ("count", 2)])
def test_a_record_that_contradicts_its_code_is_false(notebook: Notebook, field: str, value: object) -> None:
    data = canonical.encode({"number": "N-1", "seq": 42, "key": notebook.key_id, "evidence": [{}]})
    assert verify_record(data, signed(notebook, data), keys_of(notebook)).genuine
    verdict = verify_record(data, signed(notebook, data, **{field: value}), keys_of(notebook))
    assert verdict.answer == "false"
    assert field in verdict.headline()


@pytest.mark.parametrize("data", [b'{"number": "N-1"}', b'{"b":1,"a":2}', b'{"x":1.5}', b"{", b"[]", b"\xff"])
def test_signed_bytes_that_are_no_record_are_not_genuine(notebook: Notebook, data: bytes) -> None:
    verdict = verify_record(data, signed(notebook, data, count=0), keys_of(notebook))
    assert (verdict.answer, verdict.with_record) == ("false", True)
    assert verdict.seal is not None
    use_language("en")
    said = {b"[]": "Not genuine: record and code contradict each other in “number”."}
    assert verdict.headline() == said.get(
        data, "Not genuine: the sealed bytes are not a record of this program."
    )


def test_a_file_is_recognised_by_what_it_holds(notebook: Notebook, sealed: str, record_json: bytes) -> None:
    keys = keys_of(notebook)
    assert verify_given(sealed.encode() + b"\n", keys).genuine
    assert verify_given(b"\xef\xbb\xbf" + sealed.encode(), keys).genuine
    assert verify_given(record_json, keys, qr_text=sealed).with_record
    assert verify_given(record_json, keys).answer == "unknown"
    assert verify_given(b"\x00\xff" * 9000, keys).answer == "unknown"


def test_a_record_under_a_code_that_is_not_genuine_is_not_looked_at(
    notebook: Notebook, sealed: str, record_json: bytes
) -> None:
    unknown = verify_record(record_json, sealed, {})
    assert (unknown.answer, unknown.with_record) == ("unknown", False)
    changed = verify_record(record_json, sealed.replace("-01/", "-02/", 1), keys_of(notebook))
    assert (changed.answer, changed.with_record) == ("false", False)
    junk = verify_record(record_json, "no code", keys_of(notebook))
    assert (junk.answer, junk.seal) == ("unknown", None)


def test_the_code_of_a_record_is_looked_up_in_the_notebook_that_holds_its_seal(
    notebook: Notebook, visit: str
) -> None:
    """Which record the seal is of, the record's own id says."""
    data = canonical.encode({"number": NUMBER, "id": visit})
    line = signed(notebook, data, number=NUMBER).rpartition("/")[0]
    signature = notebook.sign(line.encode())
    notebook.write(seal("inspection", visit, UNIT, line, signature, [], hashlib.sha256(data).hexdigest()))
    keys = keys_of(notebook)
    found = verify_given(b" \n" + data, keys, seat=notebook)
    assert (found.answer, found.with_record) == ("unknown", True), "a blank before it is another file"
    assert verify_given(data, keys, seat=notebook).genuine
    for other in ({"number": NUMBER, "id": "none"}, {"number": NUMBER}, {"number": NUMBER, "id": 5}):
        bare = verify_given(canonical.encode(other), keys, seat=notebook)
        assert (bare.answer, bare.with_record) == ("unknown", True)
        assert "二维码" in bare.headline()
    for text in (b"{", b'{"a": 1}', b"{" + b" " * (1 << 20) + b"}"):
        assert verify_given(text, keys, seat=notebook).answer == "unknown"


def test_a_key_is_read_from_certificate_or_key_in_pem_or_der(tmp_path: Path) -> None:
    key = ec.derive_private_key(5, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "示例设备")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(begin).not_valid_after(begin + timedelta(days=9))
    certificate = builder.sign(key, SHA256())
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    path = tmp_path / "device"
    for data in (
        certificate.public_bytes(Encoding.PEM),
        certificate.public_bytes(Encoding.DER),
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        spki,
    ):
        path.write_bytes(data)
        assert key_in_file(path) == (sealing.key_id(spki), spki)
    broken = b"-----BEGIN PUBLIC KEY-----\nMFk\n-----END PUBLIC KEY-----\n"
    for data in (b"", b"no key", broken, certificate.public_bytes(Encoding.DER)[:-1], spki[:-1]):
        path.write_bytes(data)
        with pytest.raises(BadInput, match="device 中没有证书"):
            key_in_file(path)
    with pytest.raises(BadInput, match="none 无法读取"):
        key_in_file(tmp_path / "none")


def test_a_seat_knows_the_keys_of_devices_that_enrolled(notebook: Notebook) -> None:
    def told(seed: int, kind: str, key: object) -> Signer:
        signer = Signer(ec.derive_private_key(seed, ec.SECP256R1()))
        head = Head(
            v=1, d=signer.device, q=1, k=kind, t="device", e=signer.device, sc=UNIT, sv=1, u="someone",
            w="2026-11-23T14:05:06.789+08:00", m=("boot", 1),
        )  # fmt: skip
        body = {"key": base64.b64encode(signer.public_key_der).decode() if key is True else key}
        entry = Entry.written(signer, GENESIS, head, body if key is not None else {})
        with notebook.writing():
            insert([tuple(row_values(entry, own=False).values())])
        return signer

    enrolled = told(21, "enrol", True)
    told(22, "note", True)
    told(23, "enrol", "not base64!")
    told(24, "enrol", 5)
    told(25, "enrol", None)
    junk = base64.b64encode(Signer(ec.derive_private_key(26, ec.SECP256R1())).public_key_der).decode()
    told(26, "enrol", f"!!!!{junk}")
    stranger = Signer(ec.derive_private_key(99, ec.SECP256R1()))
    told(27, "enrol", base64.b64encode(stranger.public_key_der).decode())
    more = [told(seed, "enrol", True) for seed in (28, 29, 30)]
    assert keys_of(notebook).items() >= {
        (notebook.key_id, notebook.public_key_der),
        (enrolled.key_id, enrolled.public_key_der),
    }
    known = set(keys_of(notebook))
    assert known == {each.key_id for each in (notebook, enrolled, *more)}
    assert stranger.key_id not in known, "brought in by a device that enrolled"
    assert all(
        Signer(ec.derive_private_key(seed, ec.SECP256R1())).key_id not in known for seed in (22, 23, 24)
    )
    with notebook.writing():
        unguarded()
        EntryRow.update(body=b"{").where(EntryRow.device == enrolled.device).execute()
    assert enrolled.key_id not in keys_of(notebook)


def test_a_seat_knows_its_own_key(notebook: Notebook) -> None:
    assert keys_of(notebook) == {notebook.key_id: notebook.public_key_der}


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({}, "number"),
        ({"number": "N-1", "key": "A" * 13}, "key_id"),
        ({"number": "N-1", "evidence": []}, "count"),
        ({"number": "N-1", "seq": 41}, "seq"),
        ({"number": 1}, "number"),
    ],
)
def test_what_a_record_says_of_itself_is_what_its_code_says(
    notebook: Notebook, record: dict[str, object], field: str
) -> None:
    data = canonical.encode(record)
    found = verify_record(data, signed(notebook, data), keys_of(notebook))
    assert (found.answer, found.with_record) == ("false", True)
    assert found.params == {"field": field}
    silent = canonical.encode({"number": "N-1", "seq": "x", "key": 5, "evidence": "none"})
    assert verify_record(silent, signed(notebook, silent), keys_of(notebook)).genuine


def test_a_verdict_that_is_not_genuine_promises_nothing() -> None:
    assert Verdict("unknown", "x").sentences() == ["x"]
