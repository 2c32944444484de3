"""A push of 10,000 entries, against a server that reads the same documents and keeps them as rows."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.benchmarks import push
from tests.benchmarks.measure import Ratio

GOAL = 4


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """As `push.run`, with the other yardstick."""
    documents = partial(push.kept, path="/documents", table="document")
    return push.run(folder, quick=quick, beside=documents, name="push, against plain documents", goal=GOAL)
