"""Papers go where the user asked, whole or not at all, and nowhere else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from models.documents import record_paper
from models.documents.export import export
from models.errors import BadInput
from models.store.notebook import Notebook


def test_a_paper_is_written_whole_and_for_this_user_only(notebook: Notebook, tmp_path: Path) -> None:
    target = tmp_path / "out" / ("笔录" * 30 + ".docx")
    target.parent.mkdir()
    assert export(notebook, b"paper", target) == target
    assert target.read_bytes() == b"paper"
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    if os.name == "posix":
        assert target.stat().st_mode & 0o777 == 0o600
    export(notebook, "新", target)
    assert target.read_text("utf-8") == "新"


@pytest.mark.parametrize("place", ["x.docx", "vault/x.docx"])
def test_no_paper_goes_into_the_notebooks_folder(notebook: Notebook, place: str) -> None:
    target = notebook.path.parent / place
    target.parent.mkdir(exist_ok=True)
    before = sorted(target.parent.iterdir())
    with pytest.raises(BadInput):
        export(notebook, b"paper", target)
    assert sorted(target.parent.iterdir()) == before


def test_a_folder_that_is_not_there_is_named(notebook: Notebook, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="absent"):
        export(notebook, b"paper", tmp_path / "absent" / "x.docx")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX resource limits")
def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x.docx"
    target.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInput, match="磁盘已满"):
        export(notebook, b"new", target)
    assert target.read_bytes() == b"old"
    assert not list(tmp_path.glob(".qingcha-*"))


def test_filling_and_previewing_leave_no_plaintext_file(
    notebook: Notebook, visit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(temporary)
    record_paper.fill_record(notebook, visit)
    record_paper.preview(notebook, visit, 80)
    record_paper.html_page(notebook, visit)
    assert list(temporary.iterdir()) == []
    planted = "示例企业03有限公司".encode()
    kept = [path for path in notebook.path.parent.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if planted in path.read_bytes()]
