"""A few seeds of the simulation in every test run, the red ones of before, and that a seed is a seed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .campaign import Result, run_seed, run_seeds, tail, workshop
from .template import Template

HERE = Path(__file__).parent
RED = tomllib.loads((HERE / "red_seeds.toml").read_text(encoding="utf-8"))["seed"]


def red(result: Result) -> str:
    return f"seed {result.seed}: {result.failure}\n{tail(result)}" if result.failure else ""


IN_CI = range(999_851, 1_000_151)
"""Seeds that `.ci/run` simulates after the tests: the red ones of before among them need no second run."""
SEEDS = [
    1,
    1_000_161,  # with sticks
    3_000_002,  # a copy that has a stick alone and forks
    *(
        pytest.param(seed, marks=pytest.mark.soak) if seed in IN_CI else seed
        for seed in (2, *(each["number"] for each in RED if "on" not in each))
    ),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost(shop: tuple[Template, Path], seed: int) -> None:
    made, root = shop
    result = run_seed(seed, made, root)
    assert not result.failure, red(result)
    assert result.faults
    assert result.entries > len(made.sites)


@pytest.fixture(scope="module")
def grown() -> Iterator[tuple[Template, Path]]:
    """As `shop`; its servers keep their journals in a PostgreSQL, and several processes serve each."""
    with workshop(postgres=True) as made:
        yield made


@pytest.mark.parametrize("seed", [1, *(each["number"] for each in RED if "on" in each)])
def test_nothing_is_lost_on_postgresql(grown: tuple[Template, Path], seed: int) -> None:
    made, root = grown
    result = run_seed(seed, made, root)
    assert not result.failure, red(result)
    assert result.faults


_TRACE = """
from tests.simulation.campaign import run_seed, workshop
with workshop() as (made, root):
    print(run_seed(3, made, root).trace_hash)
"""


def test_a_seed_gives_the_same_run_whatever_the_order_of_hashes(shop: tuple[Template, Path]) -> None:
    here = run_seed(3, *shop).trace_hash
    ran = subprocess.run(
        [sys.executable, "-c", _TRACE],
        cwd=HERE.parent.parent,
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == here


@pytest.mark.soak
def test_campaign() -> None:
    """Ten thousand seeds."""
    failures: list[str] = []
    run_seeds(
        100_001, 10_000, lambda result: failures.append(red(result)) if result.failure else None, jobs=2
    )
    assert not failures, "\n\n".join(failures)
