"""Fifty notebooks that synchronise at once, against the same one after another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models.store.notebook import Notebook
from tests.benchmarks.books import fill_answers
from tests.benchmarks.measure import Ratio, ratio_of, seconds
from tests.benchmarks.office import Office, office

GOAL = 1.1
BOOKS, ENTRIES = 50, 100


def prepare(books: list[Notebook], entries: int) -> None:
    """A day's work in each."""
    for book in books:
        fill_answers(book, entries)


def at_once(there: Office, books: list[Notebook]) -> None:
    """All in threads of their own."""
    with ThreadPoolExecutor(len(books)) as pool:
        list(pool.map(there.synchronise, books))


def one_by_one(there: Office, books: list[Notebook]) -> None:
    """Each after the one before."""
    for book in books:
        there.synchronise(book)


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """Rounds of both; what one notebook sends, the others receive."""
    with office(folder) as there:
        books = [there.book() for _ in range(5 if quick else BOOKS)]
        one_by_one(there, books)
        before = there.memory()
        kept = []
        for _ in range(2 if quick else 3):
            prepare(books, ENTRIES)
            together = seconds(lambda: at_once(there, books))
            one_by_one(there, books)
            prepare(books, ENTRIES)
            alone = seconds(lambda: one_by_one(there, books))
            one_by_one(there, books)
            kept.append(([together], [alone]))
        print(f"server's memory: {before >> 20} MiB before, {there.memory() >> 20} MiB after")
    return ratio_of("50 notebooks at once", GOAL, kept)
