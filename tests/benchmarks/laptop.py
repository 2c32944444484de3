"""A laptop as a process of its own, for the benchmarks of many: obeys lines on standard input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from models.store.notebook import Notebook
from sync.client import synchronise
from tests.benchmarks.books import PASSPHRASE, fill_answers
from tests.benchmarks.office import whole


class Laptop:
    """Starts one and tells it what to do; `told` returns at once, `done` waits."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.laptop", str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def told(self, word: str) -> None:
        """Tell it: `fill` or `sync`."""
        assert self._process.stdin is not None
        print(word, file=self._process.stdin, flush=True)

    def done(self) -> int:
        """Wait until it is; entries that it wrote or received.

        Raises:
            AssertionError: when it failed.
        """
        assert self._process.stdout is not None
        word, _, count = self._process.stdout.readline().partition(" ")
        assert word == "done"
        return int(count)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def main() -> None:
    """`python -m tests.benchmarks.laptop FOLDER`: a line is obeyed and answered by `done` and a count."""
    book = Notebook.open(Path(sys.argv[1]), PASSPHRASE)
    for line in sys.stdin:
        if line == "fill\n":
            fill_answers(book, 100)
            with book:
                count = book.journal.unsent()[0]
        else:
            count = whole(synchronise(book)).entries_received
        print(f"done {count}", flush=True)
    book.close()


if __name__ == "__main__":
    main()
