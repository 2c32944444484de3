"""From the first answer to the paper in a stranger's hand: only verbs write, only openssl checks."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import docx
import pytest
import zxingcpp
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from PIL import Image

from models.documents import evidence_list, record_paper
from models.documents.verify import keys_of, verify_given, verify_record
from models.inspections import queries, verbs
from models.inspections.sealing import Sealed, sealed_bytes
from models.store.change import new_id, put
from models.store.notebook import Notebook

GUIDE = Path(__file__).parents[3] / "docs" / "verify.md"
UNIT = "350602"


def visited(notebook: Notebook, officers: tuple[str, str], photo: Path) -> tuple[str, Sealed]:
    """A whole visit by verbs, sealed."""
    site = new_id()
    notebook.write(
        put(
            "site",
            site,
            UNIT,
            name="示例企业03有限公司",
            code="91350602MA00000003",
            unit_code=UNIT,
            address="漳州市芗城区示例路 3 号",
            legal_person="示例人员01",
        )
    )
    visit = verbs.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A,W"
    )
    for lacking in queries.missing(notebook, visit):
        if lacking.rule == "item":
            verbs.answer(notebook, visit, lacking.item, "ok")
    verbs.answer(notebook, visit, "W09", "problem", "标志牌缺失")
    verbs.measure(
        notebook,
        visit,
        medium="water",
        parameter="COD",
        value="240",
        unit_of_value="mg/L",
        point="总排口",
        grade="1",
        category="其他",
        built="2010-01-01",
    )
    verbs.take_in(
        notebook,
        visit,
        photo,
        kind="electronic",
        purpose="总排口外观",
        source="执法员01 现场拍摄",
        form="original",
        maker="执法员01",
        method="拍照",
        made_at_claim="2026-11-23 10:20",
        carrier="存储卡",
        carrier_place="芗城执法大队",
    )
    verbs.edit(
        notebook,
        visit,
        shown_certificates=True,
        told_rights=True,
        avoidance="none",
        situation="该单位正常生产。",
        present=True,
        contact_name="示例人员02",
        signed="signed",
    )
    verbs.finish(notebook, visit)
    return visit, verbs.seal_inspection(notebook, visit, host="hj.example.gov.cn")


@pytest.mark.openssl
def test_a_visit_by_verbs_becomes_a_paper_that_openssl_verifies(
    notebook: Notebook, officers: tuple[str, str], tmp_path: Path
) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    Image.new("RGB", (64, 48), "green").save(photo)
    visit, seal = visited(notebook, officers, photo)

    for fill in (record_paper.fill_record, evidence_list.fill_evidence_list):
        footer = docx.Document(io.BytesIO(fill(notebook, visit))).sections[0].footer
        (picture,) = [rel.target_part.blob for rel in footer.part.rels.values() if "image" in rel.reltype]
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
        assert code.text == seal.qr_text

    shown = "".join(record_paper.preview(notebook, visit, 80)).replace(" ", "")
    for must in ("超标1.4倍", "标志牌缺失", "GB8978-1996", "该单位正常生产", "电子数据1件"):
        assert must in shown

    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "qr.txt").write_text(seal.qr_text, encoding="ascii")
    public_key = load_der_public_key(notebook.public_key_der)
    (desk / "device.pub").write_bytes(
        public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    data = sealed_bytes(notebook, visit)
    assert data is not None
    (desk / "record.json").write_bytes(data)
    blocks = dict(
        re.findall(r"^```sh ([a-z-]+)\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    )
    first_two = "".join(blocks["certificate"].splitlines(keepends=True)[:2])
    script = first_two + blocks["public-key"] + blocks["record"]
    done = subprocess.run(["sh", "-c", script], cwd=desk, capture_output=True, text=True, check=False)
    verified, ours, theirs = done.stdout.splitlines()
    assert verified == "Verified OK"
    assert ours == theirs

    assert verify_record(data, seal.qr_text, keys_of(notebook)).genuine
    assert verify_given(data, keys_of(notebook), seat=notebook).genuine
    assert not verify_record(data.replace(b"240", b"140"), seal.qr_text, keys_of(notebook)).genuine


def test_after_an_amendment_the_paper_names_it_and_its_seal_verifies_too(
    notebook: Notebook, officers: tuple[str, str], tmp_path: Path
) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    Image.new("RGB", (64, 48), "green").save(photo)
    visit, seal = visited(notebook, officers, photo)
    amendment = verbs.amend_inspection(notebook, visit, "姓名笔误", contact_name="示例人员04")
    assert amendment.number in "".join(record_paper.preview(notebook, visit, 200))
    data = sealed_bytes(notebook, amendment.record)
    assert data is not None
    assert verify_record(data, amendment.qr_text, keys_of(notebook)).genuine
    assert not verify_record(data, seal.qr_text, keys_of(notebook)).genuine
