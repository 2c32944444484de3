"""What is costly to make is made once: by one worker of a run for all, or by one run for those after it."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 300
KEPT = "QINGCHA_TESTS_MADE"
"""Names a folder in which it stays for the next run: tests/mutation tries many mistakes on one world."""


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Any]) -> Any:
    """What `make` gave for a new folder of that name; what it put there is to be looked at only.

    Workers of a run share the folder, and runs that `KEPT` tells: the first makes it, the others wait.
    """
    if kept := os.environ.get(KEPT):
        shared = Path(kept)
    elif "PYTEST_XDIST_WORKER" in os.environ:
        shared = factory.getbasetemp().parent
    else:
        return make(factory.mktemp(name))
    folder = shared / f"once-{name}"
    note = folder.with_suffix(".made")
    try:
        folder.mkdir()
    except FileExistsError:
        end = time.monotonic() + PATIENCE_S
        while not note.exists():
            assert time.monotonic() < end, f"another worker did not finish {name}"
            time.sleep(0.1)
    else:
        whole = note.with_suffix(".part")
        whole.write_bytes(pickle.dumps(make(folder)))
        whole.rename(note)
    return pickle.loads(note.read_bytes())
