"""A whole visit, made by its verbs, travels: every projection equal on both sides, the seal genuine there."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from models import catalogue
from models.inspections import verbs
from models.registry import verbs as registry
from sync import queries
from sync.client import synchronise
from sync.server import admin
from sync.server.central import Central
from sync.server.verify_page import look_up
from tests.rows import digest
from tests.visits import fill

from .conftest import QUICK, UNIT, MakeNotebook


def test_a_sealed_visit_arrives_whole(enrolled: MakeNotebook, central: Central, tmp_path: Path) -> None:
    second = admin.add_officer(central, "执法员02", certificate="FJ350602092", unit_code=UNIT)
    book = enrolled()
    assert synchronise(book, pace=QUICK).ok
    site = registry.add_site(book, "示例印染企业03", address="漳州市芗城区示例路3号")
    visit = verbs.begin(
        book, site_id=site, first_officer=book.person, second_officer=second, checklists="A,W"
    )
    fill(book, visit)
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
