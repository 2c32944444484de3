"""A push of 10,000 entries, against posting the same lines to a server that only inserts them; other modules
put other yardsticks beside the same push."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import urllib3
import zstandard

from models.store.entry import Entry
from models.store.notebook import Notebook
from models.store.seat import Seat
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.embedded import embedded
from sync.server import admin
from sync.server.central import Central
from tests.benchmarks.books import UNIT, fill_answers, new_book
from tests.benchmarks.measure import Ratio, ratio_of, seconds
from tests.benchmarks.raw_server import raw_server, rows_in

GOAL = 6
ENTRIES = 10_000
FIRST, MOST = 200, 1000
"""Entries in our first batch and in the largest: after a quick answer the next is twice as long."""


Beside = Callable[[Path, Sequence[Entry], Seat], float]
"""A yardstick: seconds that it takes of the entries of a notebook, in a folder of its own."""


def own_entries(book: Seat) -> list[Entry]:
    """All that a notebook wrote, in their order."""
    with book:
        return [row.entry() for row in book.journal.in_order() if row.own]


def kept(
    folder: Path, entries: Sequence[Entry], book: Seat, *, path: str = "/", table: str = "kept"
) -> float:
    """Their lines posted to a server that keeps them unread, each in a row."""
    lines = [entry.line() for entry in entries]
    with raw_server(folder / "raw.db") as port:
        took = seconds(lambda: post_raw(port, lines, path))
    assert rows_in(folder / "raw.db", table) == len(lines)
    return took


def post_raw(port: int, lines: list[bytes], path: str) -> None:
    """In batches as ours, compressed as ours."""
    with urllib3.PoolManager() as pool:
        sent, many = 0, FIRST
        while some := lines[sent : sent + many]:
            body = zstandard.ZstdCompressor(level=3).compress(b"".join(some))
            fields = {"device": "0" * 32, "first": str(sent + 1)}
            answer = pool.request(
                "POST", f"http://127.0.0.1:{port}{path}", body=body, headers=fields, retries=False
            )
            assert answer.status == 204
            sent, many = sent + len(some), min(MOST, many * 2)


def one_round(folder: Path, entries: int, beside: Beside) -> tuple[list[float], list[float]]:
    """Both, once, with new databases."""
    book: Notebook = new_book(folder / "book")
    admin.init(folder / "server", organisation="演示局", host="localhost")
    central = Central.open(folder / "server")
    admin.add_officer(central, "执法员01", certificate="FJ350602001", unit_code=UNIT)
    try:
        with embedded(central) as running:
            enrol(book, ServerAddress(running.url), admin.code(central, "执法员01").code)
            synchronise(book)
            fill_answers(book, entries)
            ours = seconds(lambda: synchronise(book))
        with book:
            assert book.journal.unsent()[0] == 0
        raw = beside(folder, own_entries(book)[-entries:], book)
    finally:
        book.close()
        central.close()
    return [ours], [raw]


def run(
    folder: Path,
    *,
    quick: bool = False,
    beside: Beside = kept,
    name: str = "push of 10,000 entries",
    goal: float = GOAL,
) -> Ratio:
    """Rounds with new notebooks and servers."""
    entries = 1000 if quick else ENTRIES
    rounds = [one_round(folder / str(n), entries, beside) for n in range(2 if quick else 3)]
    return ratio_of(name, goal, rounds)
