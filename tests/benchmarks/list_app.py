"""Opens the notebook of a folder and the app on it, past Unlock: `list_app.py HOME NAME`."""

from __future__ import annotations

import sys
from pathlib import Path

import models.areas  # noqa: F401
from models.store.notebook import Notebook
from tests.benchmarks.books import PASSPHRASE
from tui.start import run

if __name__ == "__main__":
    home = Path(sys.argv[1])
    run(home, Notebook.open(home / "notebooks" / sys.argv[2], PASSPHRASE))
