"""A server as a process of its own, and notebooks enrolled with it, for the benchmarks of synchronisation."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import psutil

from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.outcome import Outcome
from sync.server import admin
from tests.benchmarks.books import UNIT, new_book


@dataclass
class Office:
    """A running server and its notebooks."""

    folder: Path
    url: str
    process: psutil.Process
    books: list[Notebook] = field(default_factory=list)

    def memory(self) -> int:
        """Bytes that the server's process holds now."""
        return int(self.process.memory_info().rss)

    def book(self) -> Notebook:
        """One more notebook, of one more officer, enrolled and synchronised."""
        number = len(self.books) + 1
        name = f"执法员{number:02d}"
        certificate = f"FJ350602{number + 100}"
        admin.add_officer(self.folder / "server", name, certificate=certificate, unit_code=UNIT)
        made = new_book(self.folder / f"book{number}", certificate)
        enrol(made, ServerAddress(self.url), admin.code(self.folder / "server", name).code)
        self.books.append(made)
        whole(synchronise(made))
        return made

    def synchronise(self, book: Notebook, url: str = "") -> Outcome:
        """One synchronisation, whole."""
        return whole(synchronise(book, ServerAddress(url or self.url)))


def whole(outcome: Outcome) -> Outcome:
    """That outcome.

    Raises:
        AssertionError: when something was left.
    """
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    return outcome


@contextlib.contextmanager
def office(folder: Path, *, database: str = "") -> Iterator[Office]:
    """An office with no notebook yet; ends with the block.

    Args:
        database: where the server keeps its journal, if not in its folder.
    """
    admin.init(folder / "server", organisation="演示局", host="localhost", database=database)
    command = [sys.executable, "-m", "sync.server", str(folder / "server")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        url = msgspec.json.decode(process.stdout.readline())["listening"]
        made = Office(folder, url, psutil.Process(process.pid))
        try:
            yield made
        finally:
            for book in made.books:
                book.close()
            process.terminate()
            process.wait(30)
