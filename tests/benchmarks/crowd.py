"""Fifty laptops that synchronise at once, against the same one after another; each a process of its own.

Both go on until each laptop has what all others wrote. One turn brings half of that one after another, as the
first one comes before anybody else has sent anything; at once, all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks.laptop import Laptop
from tests.benchmarks.measure import Ratio, ratio_of, seconds
from tests.benchmarks.office import office

GOAL = 1.1
LAPTOPS = 50


def at_once(laptops: Sequence[Laptop], word: str) -> int:
    """All are told, then all waited for; entries that all together received."""
    for each in laptops:
        each.told(word)
    return sum(each.done() for each in laptops)


def one_by_one(laptops: Sequence[Laptop]) -> int:
    """Each after the one before; as `at_once`."""
    return sum(at_once([each], "sync") for each in laptops)


def until_all_have_all(turn: Callable[[], int], wanted: int) -> None:
    """Turns until all together have received so many entries.

    Raises:
        AssertionError: a turn brought nothing, or more than there is.
    """
    while wanted:
        received = turn()
        assert 0 < received <= wanted
        wanted -= received


def run(folder: Path, *, quick: bool = False, database: str = "") -> Ratio:
    """Rounds of both, each with some hundred new entries a laptop; what one sends, the others receive.

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
                took = []
                for turn in (partial(at_once, laptops, "sync"), partial(one_by_one, laptops)):
                    wanted = at_once(laptops, "fill") * (len(laptops) - 1)
                    took.append([seconds(partial(until_all_have_all, turn, wanted))])
                kept.append((took[0], took[1]))
            print(f"server's memory: {before >> 20} MiB before, {there.memory() >> 20} MiB after")
        finally:
            for each in laptops:
                each.close()
    return ratio_of(f"50 laptops at once{', PostgreSQL' if database else ''}", GOAL, kept)
