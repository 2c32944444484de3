"""What a crash leaves between a file and its record is told, and deleted by nobody but the person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.store.notebook import Notebook
from tests.conftest import run
from tests.photos import take_photo

PHOTO = b"\xff\xd8\xff" + b"photo" * 500


@pytest.fixture
def left(notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str) -> Path:
    """A notebook with a photo of a record, one that was kept before the crash and one begun; its folder."""
    monkeypatch.setenv("QINGCHA_HOME", str(tmp_path))
    monkeypatch.setenv("QINGCHA_PASSPHRASE", passphrase)
    monkeypatch.setenv("QINGCHA_LANG", "en")
    take_photo(notebook, b"named by a record")
    notebook.vault.put_bytes(PHOTO)
    whole = notebook.vault.path_of(notebook.vault.put_bytes(b"begun" * 90_000).sha256)
    (notebook.vault.root / "incoming" / "begun.tmp").write_bytes(whole.read_bytes()[:-9])
    whole.unlink()
    notebook.close()
    (tmp_path / "notebooks").mkdir()
    return notebook.folder.rename(tmp_path / "notebooks" / "book")


def test_they_are_listed_written_out_and_deleted_by_name(
    left: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = run(capsys, "found", "--json")
    begun, whole = sorted(json.loads(out), key=lambda each: each["name"] != "begun.tmp")
    assert (code, begun["name"], len(json.loads(out))) == (1, "begun.tmp", 2)
    code, out, _ = run(capsys, "doctor")
    assert code == 1
    assert "no record names: 2" in out
    code, out, _ = run(capsys, "found", "--to", str(tmp_path / "out"))
    (written,) = (tmp_path / "out").iterdir()
    assert (written.name, written.read_bytes()) == (whole["name"] + ".jpg", PHOTO)
    assert "not finished" in out
    code, _, err = run(capsys, "found", "--delete", whole["name"], "nothing")
    assert (code, "nothing" in err) == (2, True), "all or none of them"
    code, out, _ = run(capsys, "found", "--delete", whole["name"], "begun.tmp")
    assert (code, out.strip()) == (0, "Every file is named by a record.")
    assert run(capsys, "doctor")[0] == 0
    assert len(list(left.glob("**/*.age"))) == 1
