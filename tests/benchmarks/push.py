"""A push of 10,000 entries, against posting the same lines to a server that only inserts them."""

from __future__ import annotations

from pathlib import Path

import urllib3
import zstandard

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


def lines_of(book: Seat) -> list[bytes]:
    """All own entries as they go over the wire."""
    with book:
        return [row.entry().line() for row in book.journal.in_order() if row.own]


def post_raw(port: int, lines: list[bytes], path: str = "/") -> None:
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


def one_round(folder: Path, entries: int, table: str) -> tuple[list[float], list[float]]:
    """Both, once, with new databases."""
    path = {"kept": "/", "document": "/documents"}[table]
    book: Notebook = new_book(folder / "book")
    admin.init(folder / "server", organisation="演示局", host="localhost")
    central = Central.open(folder / "server")
    admin.add_officer(central, "执法员01", certificate="FJ350602001", unit_code=UNIT)
    try:
        with embedded(central) as running:
            enrol(book, ServerAddress(running.url), admin.code(central, "执法员01").code)
            synchronise(book)
            fill_answers(book, entries)
            lines = lines_of(book)[-entries:]
            ours = seconds(lambda: synchronise(book))
        with book:
            assert book.journal.unsent()[0] == 0
        with raw_server(folder / "raw.db") as port:
            raw = seconds(lambda: post_raw(port, lines, path))
        assert rows_in(folder / "raw.db", table) == entries
    finally:
        book.close()
        central.close()
    return [ours], [raw]


def run(folder: Path, *, quick: bool = False, table: str = "kept", goal: float = GOAL) -> Ratio:
    """Rounds with new notebooks and servers.

    Args:
        table: what the yardstick fills: kept (lines, unread) or document (read, logged and kept as rows).
    """
    entries = 1000 if quick else ENTRIES
    kept = [one_round(folder / str(n), entries, table) for n in range(2 if quick else 3)]
    beside = {"kept": "push of 10,000 entries", "document": "push, against plain documents"}[table]
    return ratio_of(beside, goal, kept)
