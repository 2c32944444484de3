"""What the benchmarks of synchronising stand on: a server's process and notebooks that it lets in."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.books import fill
from tests.benchmarks.office import office


def test_each_notebook_is_let_in_and_sends_what_it_holds(tmp_path: Path) -> None:
    with office(tmp_path) as place:
        first, second = place.book(), place.book()
        fill(first, 3)
        place.synchronise(first)
        for book in (first, second):
            with book:
                assert book.journal.unsent()[0] == 0
