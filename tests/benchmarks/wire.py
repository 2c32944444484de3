"""Bytes on the wire of a push of 10,000 entries, against the same entries compressed at once."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from sync.wire import pack
from tests.benchmarks.books import fill_answers
from tests.benchmarks.measure import Ratio
from tests.benchmarks.office import office
from tests.benchmarks.push import own_entries
from tests.day.link import Link

GOAL = 1.15
ENTRIES = 10_000


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """Counted by a relay, both ways: requests, answers and their headers."""
    entries = 1000 if quick else ENTRIES
    with office(folder) as there:
        book = there.book()
        fill_answers(book, entries)
        lines = [entry.line() for entry in own_entries(book)[-entries:]]
        with Link(urlsplit(there.url).port or 0).open() as link:
            there.synchronise(book, link.url)
    sent, least = link.up + link.down, len(pack(b"".join(lines)))
    ratio = sent / least
    return Ratio("bytes on the wire, 10,000 entries", GOAL, ratio, ratio, ratio, sent, least, unit="bytes")
