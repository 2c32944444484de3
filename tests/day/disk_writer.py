"""Writes in a process whose files may not grow beyond a limit; prints what it was told and what was kept.

python -m tests.day.disk_writer FOLDER WHAT      WHAT: answers, group, file, refold
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import models.areas  # noqa: F401
from models.errors import StoreRefused
from models.store.change import new_id, put
from models.store.clock import Clock, now_ms
from models.store.health import chain_problems, file_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook

PASSPHRASE = "青山绿水-2026"
UNIT = "350602"
STEP = 200 * 1024


def entries(notebook: Notebook) -> int:
    """How many are kept."""
    with notebook:
        return EntryRow.select().count()


def limit(size: int) -> None:
    """No file of this process grows beyond so many bytes."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size or hard, hard))


def largest(folder: Path) -> int:
    """The size of the largest file below the folder."""
    return max(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Fill up, be refused, make room, go on."""
    folder, what = Path(sys.argv[1]), sys.argv[2]
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    later = Clock(wall_ms=lambda: now_ms() + 3_600_000)
    notebook = Notebook.open(folder, PASSPHRASE, clock=later)
    text = "字" * 2000

    def act(n: int) -> None:
        match what:
            case "answers":
                notebook.write(put("site", new_id(), UNIT, name=f"{n}", address=text))
            case "group":
                with notebook.writing():
                    for _ in range(7):
                        notebook.write(put("site", new_id(), UNIT, name=f"{n}", address=text))
            case "file":
                notebook.vault.put_bytes(bytes(STEP * 20))
            case "refold":
                notebook.refold(["site"])

    if what == "refold":
        notebook.write(*(put("site", new_id(), UNIT, name=f"{n}", address=text) for n in range(300)))
    heard: list[Any] = []
    notebook.subscribe(
        lambda touched: heard.extend(record for kind, record in touched if kind == "site" and record)
    )
    before = entries(notebook)
    limit(largest(folder) + STEP)
    refused, done = [], 0
    for n in range(400):
        try:
            act(n)
            done += 1
        except StoreRefused as error:
            refused.append(error.text())
            if len(refused) == 3:
                break
    kept = entries(notebook)
    broken = chain_problems(notebook)  # while it is still full
    limit(0)
    act(1000)
    after = entries(notebook)
    notebook.refold(["site"])
    broken += chain_problems(notebook) + file_problems(notebook)
    left = [str(leftover.path) for leftover in notebook.vault.sweep()]
    notebook.close()
    again = Notebook.open(folder, PASSPHRASE, clock=later)
    reopened = entries(again)
    broken += chain_problems(again) + file_problems(again)
    again.close()
    print(
        json.dumps(
            {
                "refused": refused,
                "done": done,
                "kept": kept - before,
                "after": after - before,
                "reopened": reopened - before,
                "heard": len(heard),
                "broken": broken,
                "left": left,
            }
        )
    )


if __name__ == "__main__":
    main()
