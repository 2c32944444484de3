"""Deliberate mistakes in the product, each of which the simulation or a named test must notice.

`python -m tests.simulation.mutants` (make mutants) tries them all and says how many seeds each took. A mutant
is a few words of a function's source in place of others: where the words are not there any more, the list is
out of date and says so.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import logging
import multiprocessing
import os
import subprocess
import sys
import textwrap
import types
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import template
from .campaign import begin, run_seed, shop
from .cluster import Folders
from .mutant import Mutant, Patch
from .mutant_list import MUTANTS

ROOT = Path(__file__).parent.parent.parent
PLUGIN = "QINGCHA_MUTANT"
"""Environment variable that names the mutant of a test process."""


def _place(path: str) -> tuple[Any, str]:
    """The module or class that holds a function, and its name there."""
    module, _, name = path.partition(":")
    holder: Any = importlib.import_module(module)
    *owners, last = name.split(".")
    for owner in owners:
        holder = getattr(holder, owner)
    return holder, last


def _changed(where: str, patches: Iterable[Patch]) -> Any:
    """The function with its words exchanged."""
    holder, name = _place(where)
    found = inspect.getattr_static(holder, name)
    plain = getattr(found, "_made", None) or inspect.unwrap(getattr(found, "__func__", found))
    source = textwrap.dedent(inspect.getsource(plain))
    for patch in patches:
        if source.count(patch.old) != 1:
            raise LookupError(f"{where} holds {source.count(patch.old)} times: {patch.old!r}")
        source = source.replace(patch.old, patch.new)
    module = sys.modules[plain.__module__]
    # within a function that has `__class__`, so that `super()` works as in a class
    frame = f"def _within(__class__):\n{textwrap.indent(source, '    ')}\n    return {name}\n"
    scope: dict[str, Any] = {}
    exec(compile(frame, f"<mutant of {where}>", "exec"), module.__dict__, scope)
    return scope["_within"](holder if isinstance(holder, type) else None)


@contextmanager
def applied(mutant: Mutant) -> Iterator[None]:
    """While it holds, the product has this mistake, wherever the function was imported to."""
    undo: list[tuple[Any, str, Any]] = []
    try:
        for where in dict.fromkeys(patch.where for patch in mutant.patches):
            holder, name = _place(where)
            before = inspect.getattr_static(holder, name)
            after = _changed(where, (each for each in mutant.patches if each.where == where))
            holders = [holder] if isinstance(holder, type) else _holders(before, name)
            for each in holders:
                undo.append((each, name, before))
                setattr(each, name, after)
        yield
    finally:
        for each, name, before in reversed(undo):
            setattr(each, name, before)


def _holders(function: Any, name: str) -> list[types.ModuleType]:
    ours = ("models", "sync")
    loaded = [module for key, module in list(sys.modules.items()) if key.partition(".")[0] in ours]
    return [module for module in loaded if module.__dict__.get(name) is function]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a mutant fared."""

    mutant: Mutant
    seeds: int
    """Seeds run until one was red; 0 for one that a test is for."""
    why: str
    """What noticed; empty where nothing did."""


def tried(mutant: Mutant, made: Any, root: Path, most: int, first: int = 1) -> Verdict:
    """Run seeds until one is red, else the tests that are for it."""
    if not mutant.tests:
        with applied(mutant):
            if mutant.anew:  # what was made without the mistake would show it at once
                made = template.make(root / f"of {mutant.name}", Folders())
            for count, seed in enumerate(range(first, first + most), 1):
                result = run_seed(seed, made, root)
                if result.failure:
                    return Verdict(mutant, count, result.failure.strip().splitlines()[-1][:90])
        return Verdict(mutant, most, "")
    for test in mutant.tests:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.simulation.mutant_plugin", test],
            cwd=ROOT,
            env={**os.environ, PLUGIN: mutant.name},
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode == 1:
            return Verdict(mutant, 0, test)
    return Verdict(mutant, 0, "")


def main() -> int:
    """Try every mutant; 1 when one is not noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants", description=__doc__)
    parser.add_argument("--most", type=int, default=60, help="seeds for one mutant at most")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="those whose name or rule holds this")
    asked = parser.parse_args()
    chosen = [each for each in MUTANTS if asked.only in f"{each.rule} {each.name}"]
    missed = []
    with ProcessPoolExecutor(asked.jobs, multiprocessing.get_context("spawn"), initializer=begin) as pool:
        for done in as_completed([pool.submit(_alone, mutant, asked.most) for mutant in chosen]):
            verdict = done.result()
            how = f"{verdict.seeds:3} seeds" if verdict.seeds else "   a test"
            mutant = verdict.mutant
            print(f"{mutant.rule:4} {mutant.name}: {how}: {verdict.why or 'NOT NOTICED'}", flush=True)
            missed += [] if verdict.why else [mutant.name]
    print(f"{len(chosen)} mutants, {len(missed)} not noticed{': ' if missed else ''}{', '.join(missed)}")
    return 1 if missed else 0


def _alone(mutant: Mutant, most: int) -> Verdict:
    logging.disable()  # the server tells of each failure
    return tried(mutant, *shop[0], most)


if __name__ == "__main__":
    sys.exit(main())
