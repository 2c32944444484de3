"""Fifty laptops that synchronise at once, against the same one after another; each a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.laptop import Laptop
from tests.benchmarks.measure import Ratio, ratio_of, seconds
from tests.benchmarks.office import office

GOAL = 1.1
LAPTOPS = 50


def at_once(laptops: Sequence[Laptop], word: str) -> None:
    """All are told, then all waited for."""
    for each in laptops:
        each.told(word)
    for each in laptops:
        each.done()


def one_by_one(laptops: Sequence[Laptop]) -> None:
    """Each after the one before."""
    for each in laptops:
        at_once([each], "sync")


def run(folder: Path, *, quick: bool = False, database: str = "") -> Ratio:
    """Rounds of both, each with a hundred new entries a laptop; what one sends, the others receive.

    Args:
        database: where the server keeps its journal, if not in its folder.
    """
    with office(folder, database=database) as there:
        for _ in range(5 if quick else LAPTOPS):
            there.book().close()
        laptops = [Laptop(book.folder) for book in there.books]
        try:
            one_by_one(laptops)
            before = there.memory()
            kept = []
            for _ in range(2):
                at_once(laptops, "fill")
                together = seconds(lambda: at_once(laptops, "sync"))
                one_by_one(laptops)
                at_once(laptops, "fill")
                alone = seconds(lambda: one_by_one(laptops))
                one_by_one(laptops)
                kept.append(([together], [alone]))
            print(f"server's memory: {before >> 20} MiB before, {there.memory() >> 20} MiB after")
        finally:
            for each in laptops:
                each.close()
    return ratio_of(f"50 laptops at once{', PostgreSQL' if database else ''}", GOAL, kept)
