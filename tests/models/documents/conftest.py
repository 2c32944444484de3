"""A visit with everything on it, written directly, so that papers are tested apart from the verbs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models.inspections import canonical
from models.law.judgement import pack_reasons, reason
from models.store import sealing
from models.store.change import new_id, put, seal
from models.store.clock import now_ms
from models.store.notebook import Notebook

UNIT = "350602"
NUMBER = "350602-20261123-7K2QX-01"
BEGAN = 1_795_400_100_000
"""2026-11-23 10:15 in China."""


@pytest.fixture
def visit(notebook: Notebook, officers: tuple[str, str]) -> str:
    """An inspection of 示例企业03 with a finding, two measurements, two pieces of evidence, a statement."""
    record = new_id()

    def child(kind: str, /, **fields: str | int | bool | None) -> None:
        notebook.write(put(kind, new_id(), UNIT, inspection=record, **fields))

    notebook.write(
        put(
            "inspection",
            record,
            UNIT,
            number=NUMBER,
            site_name="示例企业03有限公司",
            site_code="91350602MA00000003",
            place="漳州市芗城区示例路 3 号",
            first_officer=officers[0],
            second_officer=officers[1],
            recorder=officers[1],
            began_at=BEGAN,
            ended_at=BEGAN + 5_700_000,
            checklists="A,W",
            legal_person="示例人员01",
            contact_name="示例人员02",
            contact_age="45",
            contact_duty="环保主管",
            contact_relation="现场负责人",
            contact_phone="0596-0000000",
            shown_certificates=True,
            told_rights=True,
            avoidance="none",
            situation="该单位正常生产。\n废水处理设施运行中。",
            approval_number="漳环检审〔2026〕12号",
            present=True,
            signed="refused",
            refusal_reason="对监测结果有异议",
            witness_name="示例人员03",
        )
    )
    child("finding", text="总排口在线监测仪采样管脱落")
    child(
        "measurement",
        point="总排口★",
        medium="water",
        sampled="instant",
        parameter="COD",
        value="240",
        unit_of_value="mg/L",
        standard="GB 8978-1996",
        clause="表4 一级",
        limit_text="100 mg/L",
        verdict="over",
        times="1.4",
    )
    child(
        "measurement",
        point="厂界东",
        medium="noise",
        period="day",
        parameter="噪声",
        value="61.2",
        compared="60",
        instrument="AWA6228 01 号",
        calibration_before="93.8",
        calibration_after="94.5",
        wind="5.6",
        rain=False,
        verdict="undecidable",
        reasons=pack_reasons((reason("Wind {wind} m/s", "J18", wind="5.6"),)),
    )
    for count in (1, 2):
        data = f"photo {count}".encode()
        child(
            "evidence",
            kind="electronic",
            title=f"{NUMBER}-{count:03d}",
            mime="image/jpeg",
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            sm3=hashlib.new("sha256", data + b"sm3").hexdigest(),
            purpose="总排口外观",
            source="执法员01 现场拍摄",
            form="original",
            carrier="存储卡",
            taken_in_at=BEGAN + count * 60_000,
        )
    child("statement", kind="party", name="示例人员02", text="采样管昨晚脱落，尚未修复")
    return record


@pytest.fixture
def record_json(notebook: Notebook) -> bytes:
    """The canonical bytes that the `sealed` fixture seals."""
    return canonical.encode(
        {"number": NUMBER, "seq": 42, "key": notebook.key_id, "evidence": [{"id": "1"}, {"id": "2"}]}
    )


@pytest.fixture
def sealed(notebook: Notebook, visit: str, record_json: bytes) -> str:
    """The QR text of the visit, sealed."""
    digest = hashlib.sha256(record_json).hexdigest()
    line = sealing.seal_line(
        "hj.example.gov.cn", NUMBER, "91350602MA00000003", now_ms(), 42, 2, digest, notebook.key_id
    )
    signature = notebook.sign(line.encode("ascii"))
    notebook.write(seal("inspection", visit, UNIT, line, signature, [], digest))
    return sealing.qr_text(line, signature)


@pytest.fixture
def own_templates(tmp_path: Path) -> Path:
    """An empty folder for the bureau's own templates."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder
