"""The n-th touch of a disk fails, for n = 1, 2, 3 … until beyond the last: at the laptop and at the server.

`make test` takes one n of each operation, side and sort of fault, `make soak` every one.
"""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from pathlib import Path

import pytest

from .campaign import FLAVOURS, fails_at, steps
from .operations import OPERATIONS, Operation

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="which file is open is asked of /proc")
FEW = 1
"""Of each operation, side and sort of fault, in `make test`."""
SIDES = [pytest.param(each, side, id=f"{each.name}-{side}") for each in OPERATIONS for side in each.sides]


@pytest.mark.parametrize(("operation", "side"), SIDES)
def test_a_fault_is_one_clear_word_and_loses_nothing(operation: Operation, side: str, tmp_path: Path) -> None:
    template = tmp_path / "template"
    operation.begin(template)
    for number, (flavour, last) in enumerate(steps(operation, template, tmp_path / "whole", side).items()):
        assert last or flavour == "short", "nothing could fail"
        # evenly over all steps, other ones for each operation and flavour
        for place in range(min(FEW, last)):
            n = 1 + (place * last // FEW + 5 * number + len(operation.name)) % last
            assert fails_at(operation, template, tmp_path / f"{flavour}{n}", side, flavour, n)


@pytest.mark.soak
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(("operation", "side"), SIDES)
def test_at_every_step(operation: Operation, side: str, flavour: str, tmp_path: Path) -> None:
    template = tmp_path / "template"
    operation.begin(template)
    told: Counter[str] = Counter()
    for n in itertools.count(1):
        said = fails_at(operation, template, tmp_path / f"{n}", side, flavour, n, both=True)
        if said is None:
            break
        told[said.partition(": ")[2]] += 1
    assert told or flavour == "short", "nothing could fail"
    print(f"{operation.name} at the {side}, {flavour}: {n - 1} faults, {dict(told)}")
