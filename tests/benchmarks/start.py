"""Start to the first useful screen, against an empty Textual app; both in a pseudo-terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.books import new_book
from tests.benchmarks.measure import Ratio, ratio_of
from tests.benchmarks.terminal import Terminal

ROOT = Path(__file__).parents[2]
GOAL = 1.5
OURS = (sys.executable, "main.py")
EMPTY = (sys.executable, "-m", "tests.benchmarks.empty_app")


def environment(home: Path) -> dict[str, str]:
    """A plain terminal's, with this home."""
    told = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "zh_CN.UTF-8", "PYTHONUTF8": "1"}
    own = {"QINGCHA_HOME": str(home), "QINGCHA_NO_KEYRING": "1"}
    return {"PATH": os.environ["PATH"], "HOME": str(home), **told, **own}


def start_seconds(command: Sequence[str], home: Path, marker: str) -> float:
    """From the start of the process to the end of the first frame that shows the marker."""
    terminal = Terminal(command, env=environment(home), cwd=str(ROOT))
    try:
        return terminal.painted(lambda text: marker in text.replace(" ", "")) - terminal.began
    finally:
        terminal.close()


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """Start both in turns; ours at a home with one notebook, whose passphrase the first screen asks for."""
    home = folder / "home"
    new_book(home / "notebooks" / "first").close()

    def both() -> tuple[list[float], list[float]]:
        return [start_seconds(OURS, home, "口令")], [start_seconds(EMPTY, home, "READY")]

    both()  # bytecode and disk cache are there in use, too
    kept = [both() for _ in range(3 if quick else 9)]
    return ratio_of("start to first useful screen", GOAL, kept)
