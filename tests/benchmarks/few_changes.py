"""Ten changed records in a notebook of 100,000 entries, against a synchronisation with nothing to do."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from models.inspections.tables import Answer
from models.store.change import put
from tests.benchmarks.books import UNIT, fill_answers
from tests.benchmarks.measure import Ratio, taking_turns
from tests.benchmarks.office import office

GOAL = 1.3
ENTRIES = 100_000


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """Both in turns; the notebook is synchronised before."""
    with office(folder) as there:
        book = there.book()
        fill_answers(book, 2000 if quick else ENTRIES)
        there.synchronise(book)
        with book:
            records = iter([row.id for row in Answer.select(Answer.id).limit(2000)])

        def change() -> None:
            book.write(*(put("answer", each, UNIT, note="复查") for each in islice(records, 10)))

        rounds, turns = (2, 2) if quick else (5, 9)
        return taking_turns(
            "10 changes in 100,000, synchronised",
            GOAL,
            lambda: there.synchronise(book),
            lambda: there.synchronise(book),
            rounds=rounds,
            turns=turns,
            before=change,
        )
