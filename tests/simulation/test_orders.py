"""Runs in which, amid all other faults, content is taken out by order: it stays out everywhere."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from models.store.entry import is_withheld
from models.store.journal import EntryRow
from models.store.orders import may_go
from sync.files import files_named
from sync.server import admin

from .campaign import run_seed, tail
from .template import Template
from .world import World

OFTEN = 0.12
"""Orders a step."""


class Ordering(World):
    """As any run, with orders drawn beside its own chances."""

    def __init__(self, seed: int, template: Template, folder: Path) -> None:
        super().__init__(seed, template, folder)
        self._orders = Random(f"{seed}/orders")

    def _administer(self) -> None:
        super()._administer()
        if self.faults.on and self._orders.random() < OFTEN:
            self.at_server(self.take_out, "redact")

    def take_out(self) -> None:
        """Take the content of something out."""
        central = self.server.central
        with central:
            entries = [row.entry() for row in EntryRow.select().order_by(EntryRow.n)]
        authority = central.journal.authority
        some = [each for each in entries if may_go(each, authority) and not is_withheld(each.body)]
        some = [each for each in some if not files_named(each)]
        if some:
            entry = self._orders.choice(some)
            admin.redact(central, entry.hash.hex(), by=self.template.officers[0], why="某号")


@pytest.mark.parametrize(
    "seed", [1, 1_000_161, *(pytest.param(each, marks=pytest.mark.soak) for each in range(2, 300))]
)
def test_what_an_order_took_out_stays_out(shop: tuple[Template, Path], seed: int) -> None:
    made, root = shop
    result = run_seed(seed, made, root, Ordering)
    assert not result.failure, f"seed {seed}: {result.failure}\n{tail(result)}"
    assert any(line.endswith(" redact") for line in result.trace)
