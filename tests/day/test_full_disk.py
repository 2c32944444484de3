"""A disk that is full: one clear sentence, nothing half, and on it goes once there is room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows limits no process's files")
SENTENCE = {
    "answers": "磁盘已满",
    "group": "磁盘已满",
    "refold": "磁盘已满",
    "file": "证据",  # the limit shows as a file that is too large, as on a stick
}
ROOT = Path(__file__).parents[2]


def filled(folder: Path, what: str) -> dict[str, Any]:
    """What a process of its own was told that wrote until no file might grow."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.day.disk_writer", str(folder), what],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "QINGCHA_NO_KEYRING": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # nothing smears the screen
    return json.loads(done.stdout)


@pytest.mark.parametrize(("what", "entries"), [("answers", 1), ("group", 7), ("file", 0), ("refold", 0)])
def test_a_full_disk_refuses_with_a_sentence_and_keeps_nothing_half(notebook, what, entries):
    folder = notebook.folder
    notebook.close()
    told = filled(folder, what)
    assert len(told["refused"]) == 3
    assert len(set(told["refused"])) == 1
    assert SENTENCE[what] in told["refused"][0]
    assert told["kept"] == told["done"] * entries
    assert told["after"] == told["reopened"] == told["kept"] + entries
    assert told["heard"] == told["after"]
    assert told["broken"] == []
    assert told["left"] == []
