"""Running seeds, in this process or in several."""

from __future__ import annotations

import faulthandler
import itertools
import logging
import multiprocessing
import multiprocessing.util
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, as_completed, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import memory

from . import template
from .cluster import keeping
from .disk import Crashed
from .template import Template
from .world import World


@dataclass(frozen=True, slots=True)
class Result:
    """What one seed gave."""

    seed: int
    faults: int
    entries: int
    trace_hash: str
    trace: tuple[str, ...]
    """Its last lines."""
    failure: str
    """The invariant that does not hold; empty when all do."""


@contextmanager
def workshop(*, postgres: bool = False) -> Iterator[tuple[Template, Path]]:
    """A template, and a folder in memory where there is one.

    Args:
        postgres: whether servers keep their journals in a PostgreSQL, and several processes serve each.
    """
    root = Path(tempfile.mkdtemp(prefix="qingcha-sim-", dir=memory.roomy_folder()))
    try:
        with keeping(postgres=postgres) as kept:
            yield template.make(root / "template", kept), root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def run_seed(seed: int, made: Template, root: Path, world_of: type[World] = World) -> Result:
    """Run one seed; never raises for what it finds."""
    folder = root / f"seed{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    world = world_of(seed, made, folder)
    failure = ""
    try:
        world.run()
    except AssertionError as red:
        failure = str(red) or traceback.format_exc(limit=-3)
    except (Exception, Crashed):
        failure = traceback.format_exc()[-3000:]
    finally:
        made.keeping.clear(made.server)
        shutil.rmtree(folder, ignore_errors=True)
    entries = sum(len(server.held) for server in world.servers)
    count = world.faults.count.total()
    return Result(seed, count, entries, world.trace_hash, tuple(world.trace), failure)


def run_seeds(
    first: int,
    count: int,
    told: Callable[[Result], None],
    *,
    jobs: int = 1,
    twice: bool = False,
    postgres: bool = False,
) -> None:
    """Run seeds from `first` on; with a count of 0 until interrupted.

    Args:
        told: called with each result, as it comes.
        twice: run each again and call it red when the trace differs.
        postgres: as for `workshop`.
    """
    seeds = itertools.count(first) if count == 0 else range(first, first + count)
    if jobs <= 1:
        with workshop(postgres=postgres) as (made, root):
            memory.settle()
            for seed in seeds:
                told(_one(seed, made, root, twice))
        return
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, spawning, initializer=begin, initargs=(postgres,)) as pool:
        running: set[Future[Result]] = set()
        try:
            for seed in seeds:
                running.add(pool.submit(_work, seed, twice))
                if len(running) >= 3 * jobs:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for each in done:
                        told(each.result())
            for each in as_completed(running):
                told(each.result())
        finally:
            pool.shutdown(cancel_futures=True)


def _one(seed: int, made: Template, root: Path, twice: bool) -> Result:
    result = run_seed(seed, made, root)
    if twice and not result.failure:
        again = run_seed(seed, made, root)
        if again.trace_hash != result.trace_hash:
            return Result(seed, result.faults, result.entries, "", result.trace, "run twice, it differs")
    return result


shop: list[tuple[Template, Path]] = []
"""Of a process that `begin` made ready: the template and its folder."""


def begin(postgres: bool = False) -> None:
    """Make a process ready to run seeds."""
    # the workers end with the pool, which does not unwind them: the folder is removed by a finalizer
    faulthandler.enable()
    quiet()
    made = workshop(postgres=postgres)
    shop.append(made.__enter__())
    multiprocessing.util.Finalize(None, made.__exit__, args=(None, None, None), exitpriority=1)
    memory.settle()


def quiet() -> None:
    """Servers say nothing of the faults that they meet."""
    logging.disable(logging.CRITICAL)


def _work(seed: int, twice: bool) -> Result:
    made, root = shop[0]
    return _one(seed, made, root, twice)


def tail(result: Result, lines: int = 40) -> str:
    """The end of a trace."""
    return "\n".join(result.trace[-lines:])
