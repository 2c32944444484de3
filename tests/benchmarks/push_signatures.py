"""A push of 10,000 entries, against nothing but the verification of their signatures, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.store.entry import Entry
from models.store.seat import Seat
from tests.benchmarks import push
from tests.benchmarks.measure import Ratio, seconds

GOAL = 4


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """As `push.run`, with the other yardstick."""
    return push.run(folder, quick=quick, beside=_verified, name="push, against its signatures", goal=GOAL)


def _verified(_folder: Path, entries: Sequence[Entry], book: Seat) -> float:
    good: list[bool] = []
    took = seconds(lambda: good.extend(entry.verify(book.public_key_der) for entry in entries))
    assert all(good)
    return took
