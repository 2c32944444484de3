"""A push of 10,000 entries, against a server that reads the same documents and keeps them as rows."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import push
from tests.benchmarks.measure import Ratio

GOAL = 4


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """As `push.run`, with the other yardstick."""
    return push.run(folder, quick=quick, table="document", goal=GOAL)
