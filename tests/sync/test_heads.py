"""Signed heads of every age are kept, no more than a restored server compares."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.store.notebook import Notebook
from sync import former
from sync.checkpoint import Checkpoint
from sync.heads import HEADS_KEPT, superfluous
from sync.ledger import Ledger


def kept_of(sizes: list[int]) -> list[int]:
    kept: list[int] = []
    for size in sizes:
        kept.append(size)
        gone = superfluous(kept)
        kept = [each for each in kept if each not in gone]
    return kept


@given(st.sets(st.integers(1, 10**9), min_size=1, max_size=300))
@settings(max_examples=60, deadline=None)
def test_so_many_are_left_the_newest_and_the_oldest_among_them(sizes: set[int]) -> None:
    order = sorted(sizes)
    kept = kept_of(order)
    assert len(kept) == min(len(order), HEADS_KEPT)
    assert kept[-32:] == order[-32:]
    assert kept[0] == order[0]


@pytest.mark.parametrize("step", [1, 40])
def test_whatever_backup_comes_back_a_head_not_far_before_its_end_is_kept(step: int) -> None:
    """A year of synchronisations, several a day: before, a backup of last month had nothing in common."""
    chance = random.Random(step)
    sizes, size = [], 0
    for _ in range(2000):
        size += chance.randint(1, 2 * step)
        sizes.append(size)
    kept = kept_of(sizes)
    for end in range(sizes[0], size, step * 17):
        common = max(each for each in kept if each <= end)
        assert size - common <= 1.5 * (size - end) + 2 * step, f"a backup of {end} of {size}: {common}"


def test_a_notebook_keeps_them_so(notebook: Notebook) -> None:
    ledger = Ledger(notebook)
    for size in range(10, 4000, 10):
        ledger.keep_head(Checkpoint("log", size, bytes(32), f"note {size}"))
    heads = [size for size, _root in former.heads(ledger)]
    assert len(heads) == HEADS_KEPT
    assert (heads[:3], heads[-1]) == ([3990, 3980, 3970], 10)
