"""What the crash campaign kills: a forked child for each job on stdin; it acknowledges its commits.

    {"do": "write", "folder": …, "seed": …, "inspection": …}  ->  "pid N", acknowledgements, "ended S"

An acknowledgement goes out in one write right after the commit that it tells of, so that what the parent has
read was promised to the person at the keyboard.
"""

from __future__ import annotations

import json
import os
import random
import sys
import traceback
from pathlib import Path
from typing import Any

import models.areas  # noqa: F401
from models.inspections import verbs
from models.inspections.items import items_of
from models.store import keys
from models.store.change import new_id, put
from models.store.clock import Clock, now_ms
from models.store.notebook import Notebook

PASSPHRASE = "青山绿水-2026"
UNIT = "350602"
GROUP = 5


def say(line: str) -> None:
    """One whole line to the parent."""
    os.write(1, line.encode() + b"\n")


def chain_end(notebook: Notebook) -> str:
    """Number and hash of the last entry that is durable."""
    with notebook:
        seq, digest = notebook.journal.last(notebook.device)
    return f"{seq} {digest.hex()}"


def later(hours: int) -> Clock:
    """A clock ahead: a passphrase whose check was killed counts as wrong, and would have to be waited for."""
    return Clock(wall_ms=lambda: now_ms() + hours * 3_600_000)


def write(job: dict[str, Any]) -> None:
    """Answer items, write groups of records, change one record, take in files; for ever."""
    chance = random.Random(job["seed"])
    notebook = Notebook.open(Path(job["folder"]), PASSPHRASE, clock=later(job["ahead"]))
    items = sorted(items_of("A,W"))
    say("open")
    number = 0
    while True:
        number += 1
        step = chance.random()
        if step < 0.5:
            verbs.answer(
                notebook,
                job["inspection"],
                chance.choice(items),
                chance.choice(("ok", "problem", "na")),
                f"备注{number}",
            )
        elif step < 0.8:
            mark = f"{job['seed']}-{number}"
            notebook.write(*(put("site", new_id(), UNIT, name=f"组{mark}") for _ in range(GROUP)))
        else:
            kept = notebook.vault.put_bytes(chance.randbytes(chance.choice((10, 3_000, 400_000))))
            notebook.write(
                put(
                    "evidence",
                    new_id(),
                    UNIT,
                    inspection=job["inspection"],
                    sha256=kept.sha256,
                    size=kept.size,
                )
            )
            say(f"file {kept.sha256}")
        say(f"entry {chain_end(notebook)}")


def create(job: dict[str, Any]) -> None:
    """Begin a notebook and close it."""
    folder = Path(job["folder"])
    Notebook.create(folder, PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST).close()
    say("created")


def main() -> None:
    """Fork a child for each job."""
    items_of("A,W")  # read the checklists once, not in every child
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                {"write": write, "create": create}[job["do"]](job)
            except BaseException:
                say("failed " + repr(traceback.format_exc()))
            os._exit(0)
        say(f"pid {child}")
        _, status = os.waitpid(child, 0)
        say(f"ended {status}")


if __name__ == "__main__":
    main()
