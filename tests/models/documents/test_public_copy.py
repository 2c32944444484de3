"""Redacted copies for the public: what they leave out, what they say of themselves."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from models.documents.public_copy import public_paper, public_pictures
from models.errors import BadInput, RuleBroken
from models.inspections import verbs
from models.inspections.queries import evidence_of
from models.registry import verbs as registry
from models.registry.sealing import Sealed, seal_of
from models.store.notebook import Notebook
from tests.visits import fill

SECRET = "三段式回用配方"
PERSONAL = ("示例人07", "13900001234", "350602199001011234", "漳州市芗城区示例路99号", "示例证人08")


@pytest.fixture
def inspected(notebook: Notebook, officers: tuple[str, str], tmp_path: Path) -> Sealed:
    """A sealed visit full of personal data, with a photograph that says where it was taken."""
    site = registry.add_site(notebook, "示例印染企业03", address="漳州市芗城区示例路3号")
    visit = verbs.begin(
        notebook, site_id=site, first_officer=notebook.person, second_officer=officers[1], checklists="A"
    )
    fill(notebook, visit, "A")
    verbs.edit(
        notebook,
        visit,
        contact_name="示例人07",
        contact_phone="13900001234",
        contact_address="漳州市芗城区示例路99号",
        situation=f"负责人示例人07（电话 139-0000-1234，身份证350602199001011234）称采用{SECRET}。",
        witness_name="示例证人08",
    )
    photo = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x010F] = "ExampleCam"
    exif.get_ifd(0x8825)[1] = "N"
    Image.effect_noise((300, 200), 70).convert("RGB").save(photo, "JPEG", exif=exif)
    verbs.take_in(notebook, visit, photo, kind="audio_visual", purpose="证明现场情况")
    verbs.finish(notebook, visit)
    return verbs.seal_inspection(notebook, visit)


@pytest.mark.parametrize("paper", ["record", "evidence"])
@pytest.mark.parametrize("suffix", [".txt", ".html"])
def test_the_copy_leaves_out_what_is_personal_and_says_what_it_is(
    notebook: Notebook, inspected: Sealed, paper: str, suffix: str
) -> None:
    hide = [SECRET] if paper == "record" else []
    copy = str(public_paper(notebook, inspected.record, paper, suffix, hide=hide))
    flat = "".join(copy.split())
    for words in (*PERSONAL, "139-0000-1234", SECRET, "执法员01"):
        assert words not in flat
    assert "公开副本" in flat
    assert inspected.number in flat
    assert inspected.sha256 in flat
    assert "示例印染企业03" in flat, "an enterprise stays named"
    assert ("〔商业秘密〕" in flat) is (paper == "record")


def test_as_word_it_is_a_document(notebook: Notebook, inspected: Sealed) -> None:
    copy = public_paper(notebook, inspected.record, "record", ".docx")
    assert isinstance(copy, bytes)
    assert copy.startswith(b"PK")
    with pytest.raises(BadInput, match="pdf"):
        public_paper(notebook, inspected.record, "record", ".pdf")


def test_words_that_are_not_there_are_a_mistake(notebook: Notebook, inspected: Sealed) -> None:
    with pytest.raises(BadInput, match="四段式"):
        public_paper(notebook, inspected.record, "record", ".txt", hide=["四段式"])


def test_pictures_lose_what_the_camera_wrote_and_the_original_keeps_it(
    notebook: Notebook, inspected: Sealed, tmp_path: Path
) -> None:
    folder = tmp_path / "public"
    folder.mkdir()
    (written,), gone = public_pictures(notebook, inspected.record, folder)
    assert gone == []
    assert written.name == "public-e000.jpg"
    with Image.open(written) as picture:
        assert (picture.size, dict(picture.getexif())) == ((300, 200), {})
    (row,) = evidence_of(notebook, inspected.record)
    with notebook.vault.open(str(row.sha256)) as stream:
        original = stream.read()
    assert hashlib.sha256(original).hexdigest() == row.sha256
    with Image.open(BytesIO(original)) as picture:
        assert picture.getexif()[0x010F] == "ExampleCam"
    assert seal_of(notebook, inspected.record) == inspected


def test_what_is_not_sealed_has_no_public_copy(notebook: Notebook, visit: str, tmp_path: Path) -> None:
    with pytest.raises(RuleBroken, match="已签封"):
        public_paper(notebook, visit, "record", ".txt")
    with pytest.raises(RuleBroken, match="已签封"):
        public_pictures(notebook, visit, tmp_path)
