"""Fifty laptops at once, as in `crowd`, where the server keeps its journal in PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import crowd
from tests.benchmarks.measure import Ratio
from tests.postgres import new_database, running


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """As `crowd.run`; each commit waits for the disk, as in service."""
    with running(lasting=True) as server:
        return crowd.run(folder, quick=quick, database=new_database(server))
