"""Nothing that an officer writes or takes in stands readable in any file of the notebook."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest
from PIL import Image

from models.inspections import verbs
from models.registry import verbs as registry
from models.store.change import new_id, note, put
from models.store.notebook import Notebook
from tests.day.plaintext import plaintext_found

PASSPHRASE = "青山绿水-2026"
NAME = "示例机密印染企业之一"
PLACE = "漳州市芗城区不可见路七十七号"
REMARK = "暗管位于东侧围堰之下"
WITNESS = "plain-witness-words-0042"
FILE_NAME = "秘密照片编号九九"


@pytest.mark.parametrize(
    "written",
    [
        NAME.encode(),
        NAME.encode("utf-16-le"),
        NAME.encode("utf-16-be"),
        NAME.encode("gbk"),
        NAME.encode().hex().encode(),
        base64.b64encode(NAME.encode()),
        base64.b64encode(b"x" + NAME.encode() + b"yz"),
        base64.urlsafe_b64encode(b"xy" + NAME.encode() + b"y"),
        NAME.encode("unicode_escape"),
    ],
)
def test_the_search_finds_each_form(tmp_path, written):
    assert plaintext_found(tmp_path, [NAME]) == []
    (tmp_path / "log.txt").write_bytes(random.Random(1).randbytes(1000) + written + b"...")
    assert plaintext_found(tmp_path, [NAME])


def test_the_search_reads_file_names(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    assert plaintext_found(tmp_path, [FILE_NAME])


def planted(notebook: Notebook, officers: tuple[str, str], folder: Path) -> list[str | bytes]:
    """Write the words wherever an officer can; everything that must not be found."""
    site = registry.add_site(notebook, NAME, address=PLACE)
    visit = verbs.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A,W"
    )
    verbs.edit(notebook, visit, situation=REMARK)
    item = next(iter(verbs.lists.items_of("A,W")))
    verbs.answer(notebook, visit, item, "problem", REMARK)
    verbs.find(notebook, visit, item, REMARK + WITNESS)
    verbs.add_statement(notebook, visit, "witness", WITNESS, name="证人甲的全名")
    notebook.write(note("inspection", visit, "350602", WITNESS))
    notebook.write(put("site", new_id(), "350602", name=NAME, address=WITNESS * 2000))
    folder.mkdir()
    photo = folder / f"{FILE_NAME}.jpg"
    Image.effect_noise((300, 200), 90).convert("RGB").save(photo, comment=WITNESS.encode())
    verbs.take_in(notebook, visit, photo, kind="audio_visual", purpose=REMARK)
    document = folder / f"{FILE_NAME}.txt"
    document.write_text(REMARK * 50_000, encoding="utf-8")
    verbs.take_in(notebook, visit, document, kind="documentary", purpose=REMARK)
    notebook.set_meta(planted=WITNESS)
    content = photo.read_bytes()
    private = notebook.signer.private_bytes()
    return [
        NAME,
        PLACE,
        REMARK,
        WITNESS,
        FILE_NAME,
        "证人甲的全名",
        PASSPHRASE,
        content[-200:-100],
        private[40:70],
    ]


@pytest.mark.requirement("R089")
def test_no_word_is_found_while_open_after_a_cut_and_when_closed(notebook, officers, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    secrets = planted(notebook, officers, tmp_path / "camera")
    where = [notebook.folder, temporary]
    assert (notebook.folder / "notebook.db-wal").stat().st_size > 100_000
    assert plaintext_found(where, secrets) == []
    with notebook:  # sorting and searching much may spill into temporary files
        assert notebook.search("印染")
        assert notebook.search("zrms") == []
    notebook.refold(["site", "inspection", "answer"])
    assert plaintext_found(where, secrets) == []
    notebook.close()
    assert plaintext_found(where, secrets) == []
    assert sum(path.is_file() for path in notebook.folder.rglob("*")) >= 4
