"""A notebook's process that writes and synchronises until it is killed (for test_kills)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from models.store.change import new_id, put
from models.store.notebook import Notebook
from sync.client import synchronise
from sync.courier import Pace


def main() -> None:
    """`python -m tests.sync.child FOLDER PASSPHRASE UNIT`: prints the id of every record that is kept."""
    book = Notebook.open(Path(sys.argv[1]), sys.argv[2])
    while True:
        for _ in range(20):
            site = new_id()
            book.write(put("site", site, sys.argv[3], name="示例企业"))
            os.write(1, f"{site}\n".encode())
        synchronise(book, pace=Pace(tries=2))


if __name__ == "__main__":
    main()
