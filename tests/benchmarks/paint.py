"""Key to paint in the list of inspections: with 100,000 of them against with 100."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.benchmarks.books import fill, new_book
from tests.benchmarks.measure import Ratio, ratio_of
from tests.benchmarks.start import ROOT, environment
from tests.benchmarks.terminal import Terminal

GOAL = 1.2
MANY, FEW = 100_000, 100
KEYS = {"down": b"\x1b[B", "page down": b"\x1b[6~", "page up": b"\x1b[5~", "up": b"\x1b[A"}


def opened_list(home: Path, name: str, count: int) -> Terminal:
    """The app with the list of inspections in front and the cursor in it."""
    command = (sys.executable, "-m", "tests.benchmarks.list_app", str(home), name)
    terminal = Terminal(command, env=environment(home), cwd=str(ROOT))
    terminal.painted(lambda text: "今日" in text.replace(" ", ""))
    terminal.send(b"g")
    terminal.painted(lambda text: "新手导览" in text.replace(" ", ""))
    terminal.send(b"i")
    terminal.painted(lambda text: f"{count:,}" in text)
    terminal.send(b"\x1b[B")
    terminal.painted(lambda text: True)
    return terminal


def key_seconds(terminal: Terminal, key: bytes) -> float:
    """From the key to the end of the first frame that differs."""
    before = terminal.text()
    at = terminal.send(key)
    return terminal.painted(lambda text: text != before, within=5) - at


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """Press the same keys in both in turns."""
    home = folder / "home"
    many, few = (1000 if quick else MANY), FEW
    began = time.perf_counter()
    for name, count in (("many", many), ("few", few)):
        book = new_book(home / "notebooks" / name)
        fill(book, count)
        book.close()
    print(f"  ({many:,} inspections were made in {time.perf_counter() - began:.0f} s)", file=sys.stderr)
    terminals = [opened_list(home, "many", many), opened_list(home, "few", few)]
    try:
        kept = []
        for _ in range(3 if quick else 7):
            both: tuple[list[float], list[float]] = ([], [])
            for key in ("page down", "down", "down", "page down", "up", "page up", "down", "page up"):
                for terminal, times in zip(terminals, both, strict=True):
                    times.append(key_seconds(terminal, KEYS[key]))
            kept.append(both)
    finally:
        for terminal in terminals:
            terminal.close()
    return ratio_of("key to paint, 100,000 inspections", GOAL, kept)
