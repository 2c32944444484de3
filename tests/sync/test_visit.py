"""A whole visit, made by its verbs, travels: every projection equal on both sides, the seal genuine there."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from models import catalogue
from models.inspections import verbs
from models.inspections.items import items_of
from models.registry import verbs as registry
from models.store.projection import digest
from sync import queries
from sync.client import synchronise
from sync.server import admin
from sync.server.central import Central
from sync.server.verify_page import look_up

from .conftest import QUICK, UNIT, MakeNotebook


def test_a_sealed_visit_arrives_whole(enrolled: MakeNotebook, central: Central, tmp_path: Path) -> None:
    second = admin.add_officer(central, "执法员02", certificate="FJ350602092", unit_code=UNIT)
    book = enrolled()
    assert synchronise(book, pace=QUICK).ok
    site = registry.add_site(book, "示例印染企业03", address="漳州市芗城区示例路3号")
    visit = verbs.begin(
        book, site_id=site, first_officer=book.person, second_officer=second, checklists="A,W"
    )
    for item in items_of("A,W"):
        verbs.answer(book, visit, item, "ok")
    verbs.edit(
        book,
        visit,
        shown_certificates=True,
        told_rights=True,
        avoidance="none",
        situation="现场检查时，该单位正常生产。",
        present=True,
        contact_name="示例人03",
        signed="signed",
        approval_number="示例批〔2026〕1号",
        notice_number="示例通〔2026〕1号",
    )
    picture = BytesIO()
    Image.effect_noise((800, 600), 80).convert("RGB").save(picture, "JPEG", quality=95)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(picture.getvalue())
    assert synchronise(book, pace=QUICK).ok
    assert queries.marks(book, [visit]) == {visit: "received"}
    evidence = verbs.take_in(book, visit, photo, kind="audio_visual", purpose="证明现场情况")
    assert queries.marks(book, [visit]) == {visit: "kept"}, "what belongs to a visit counts for it"
    verbs.finish(book, visit)
    sealed = verbs.seal_inspection(book, visit)
    assert "SYNC.EXAMPLE.CN" in sealed.line
    outcome = synchronise(book, pace=QUICK)
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    assert outcome.put_aside == 0
    assert outcome.files_sent == 2, "the photo and the sealed bytes"
    marks = queries.marks(book, [site, visit, str(evidence)])
    assert set(marks.values()) == {"received"}
    for kind in catalogue.kinds():
        digests = []
        for seat in (book, central):
            with seat:
                digests.append(digest(kind.table))
        assert digests[0] == digests[1], kind.name
    found = look_up(central, sealed.qr_text)
    assert found.genuine
    assert found.warnings == ()
    receipt = queries.seal_receipt(book, sealed.entry)
    assert receipt is not None
    assert sealed.number in dict(found.rows).values()
