"""Verdicts: genuine, not genuine, cannot be checked; and the fixed words for what each proves."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from models.documents.labels import label_code
from models.documents.verify import Verdict, keys_of, verify_given, verify_record, verify_text
from models.inspections import canonical
from models.language import use_language
from models.store import sealing
from models.store.notebook import Notebook


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


def test_a_changed_text_is_never_genuine(notebook: Notebook, sealed: str) -> None:
    keys = keys_of(notebook)
    for place in range(0, len(sealed), 3):
        other = "B" if sealed[place] == "A" else "A"
        verdict = verify_text(sealed[:place] + other + sealed[place + 1 :], keys)
        assert not verdict.genuine
        assert len(verdict.sentences()) == 1
    number = sealed.replace("-01/", "-02/", 1)
    assert verify_text(number, keys).answer == "false"
    assert "核验不通过" in verify_text(number, keys).headline()


def test_an_unknown_key_cannot_be_checked_and_is_not_called_false(sealed: str) -> None:
    verdict = verify_text(sealed, {})
    assert verdict.answer == "unknown"
    assert "无法核验" in verdict.headline()


def test_a_forger_with_another_key_under_the_same_name_is_found_out(notebook: Notebook, sealed: str) -> None:
    forger = ec.derive_private_key(5, ec.SECP256R1()).public_key()
    spki = forger.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert verify_text(sealed, {notebook.key_id: spki}).answer == "false"


def test_the_code_of_an_evidence_label_leads_to_its_record() -> None:
    verdict = verify_text(label_code("350602-20261123-7K2QX-01", 3, "00" * 32), {})
    assert verdict.answer == "unknown"
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
    assert "笔录全文" in verdict.sentences()[1]
    assert "证据文件须" in verdict.sentences()[2]


@pytest.mark.parametrize("change", [b" ", b"\n"])
def test_a_record_with_one_byte_more_is_not_the_sealed_one(
    notebook: Notebook, sealed: str, record_json: bytes, change: bytes
) -> None:
    verdict = verify_record(record_json + change, sealed, keys_of(notebook))
    assert (verdict.answer, verdict.with_record) == ("false", True)


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
    assert verify_record(data, signed(notebook, data, count=0), keys_of(notebook)).answer == "false"


def test_a_file_is_recognised_by_what_it_holds(notebook: Notebook, sealed: str, record_json: bytes) -> None:
    keys = keys_of(notebook)
    assert verify_given(sealed.encode() + b"\n", keys).genuine
    assert verify_given(b"\xef\xbb\xbf" + sealed.encode(), keys).genuine
    assert verify_given(record_json, keys, qr_text=sealed).with_record
    assert verify_given(record_json, keys).answer == "unknown"
    assert verify_given(b"\x00\xff" * 9000, keys).answer == "unknown"


def test_a_seat_knows_its_own_key(notebook: Notebook) -> None:
    assert keys_of(notebook) == {notebook.key_id: notebook.public_key_der}


def test_a_verdict_that_is_not_genuine_promises_nothing() -> None:
    assert Verdict("unknown", "x").sentences() == ["x"]
