"""Hypothesis chooses what happens next, over the public API of both sides: 500 steps in every test run.

Verbs of notebooks, sessions over the direct driver with and without faults, old images, copies, what the
administrator does, backups and their way back; at the end of each run the same invariants as in a simulation.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from . import calm, invariants
from .books import Book
from .template import Template
from .world import HOUR, World

SEEDS = st.integers(0, 2**32 - 1)
RUNS, STEPS = 10, 50
_numbers = itertools.count()


class Machine(RuleBasedStateMachine):
    """A world whose next event is not the scheduler's to choose."""

    shop: tuple[Template, Path]
    steps = 0
    """Taken by all machines together."""

    def __init__(self) -> None:
        super().__init__()
        made, root = self.shop
        self.world = World(4, made, root / f"machine{next(_numbers)}")
        self._open = self.world.opened()
        self._open.__enter__()

    def book(self, number: int) -> Book:
        """One of the notebooks there are now."""
        type(self).steps += 1
        return self.world.books[number % len(self.world.books)]

    def seeded(self, seed: int) -> Random:
        """What the world draws from now on follows from Hypothesis."""
        self.world.random.seed(seed)
        return self.world.random

    @rule(number=SEEDS, seed=SEEDS)
    def writes(self, number: int, seed: int) -> None:
        self.seeded(seed)
        self.world.act(self.book(number))

    @rule(number=SEEDS)
    def synchronises(self, number: int) -> None:
        self.world.synchronise(self.book(number))

    @rule(number=SEEDS, seed=SEEDS)
    def synchronises_on_a_bad_day(self, number: int, seed: int) -> None:
        self.seeded(seed)
        self.world.faults.on = True
        try:
            self.world.synchronise(self.book(number))
        finally:
            self.world.faults.on = False

    @rule(number=SEEDS, days=st.sampled_from([-20, -1, 0, 0, 2, 365]))
    def sets_the_clock(self, number: int, days: int) -> None:
        self.book(number).skew_ms = days * 24 * HOUR

    @rule(number=SEEDS)
    def stops_and_starts(self, number: int) -> None:
        self.book(number).restart()

    @rule(number=SEEDS)
    def is_copied_as_an_image(self, number: int) -> None:
        self.book(number).keep_image()

    @precondition(lambda self: any(book.images for book in self.world.books))
    @rule(number=SEEDS)
    def is_put_back(self, number: int) -> None:
        book = self.book(number)
        if book.images:
            book.put_back(book.images[number % len(book.images)])

    @precondition(lambda self: len(self.world.books) < 5)
    @rule(number=SEEDS)
    def is_cloned(self, number: int) -> None:
        self.world.books.append(self.book(number).clone())

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        type(self).steps += 1
        self.world.pass_time(hours * HOUR)

    @rule(what=st.sampled_from(["change_grants", "widen_role", "decide", "decide"]), seed=SEEDS)
    def the_administrator_works(self, what: str, seed: int) -> None:
        type(self).steps += 1
        self.seeded(seed)
        self.world.at_server(getattr(self.world, what), what)

    @precondition(lambda self: not any(book.revoked for book in self.world.books))
    @rule(seed=SEEDS, sure=st.integers(0, 3))
    def a_device_is_lost(self, seed: int, sure: int) -> None:
        type(self).steps += 1
        self.seeded(seed)
        if not sure:
            self.world.at_server(self.world.revoke_some, "revoked")

    @rule()
    def the_server_starts_again(self) -> None:
        type(self).steps += 1
        self.world.server.restart()

    @precondition(lambda self: len(self.world.server.backups) < 3)
    @rule()
    def the_server_is_backed_up(self) -> None:
        type(self).steps += 1
        self.world.server.back_up()

    @precondition(lambda self: self.world.server.backups)
    @rule(seed=SEEDS)
    def the_server_is_restored(self, seed: int) -> None:
        type(self).steps += 1
        backups = self.world.server.backups
        self.seeded(seed)
        self.world.server.restore(backups[seed % len(backups)])

    def teardown(self) -> None:
        try:
            self.seeded(1)
            calm.settle(self.world)
            invariants.check(self.world)
        finally:
            self._open.__exit__(None, None, None)


@pytest.mark.long
def test_five_hundred_steps(shop: tuple[Template, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "shop", shop, raising=False)
    chosen: Any = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=chosen)
    assert Machine.steps >= RUNS * STEPS
