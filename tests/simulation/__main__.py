"""`python -m tests.simulation --seeds 300 --first 1`: the last line tells seeds, faults and failures."""

from __future__ import annotations

import argparse
import os
import sys
import time

from .campaign import Result, quiet, run_seeds, tail


def main() -> int:
    """Run what the command line asks for; 1 when a seed is red."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many; 0 goes on until stopped")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="seeds at once")
    parser.add_argument("--twice", action="store_true", help="run each seed twice and compare the traces")
    parser.add_argument("--postgresql", action="store_true", help="the server on it, as several processes")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the trace of each seed")
    asked = parser.parse_args()
    began = time.monotonic()
    seeds = faults = entries = 0
    red: list[int] = []

    def told(result: Result) -> None:
        nonlocal seeds, faults, entries
        seeds, faults, entries = seeds + 1, faults + result.faults, entries + result.entries
        if asked.verbose:
            print("\n".join(result.trace))
            print(f"seed {result.seed}: {result.trace_hash}")
        if result.failure:
            red.append(result.seed)
            print(f"seed {result.seed} is red: {result.failure}\n{tail(result)}", flush=True)
        elif seeds % 1000 == 0:
            print(f"… {seeds} seeds, {faults} faults, {len(red)} failures", flush=True)

    quiet()
    try:
        run_seeds(
            asked.first,
            asked.seeds,
            told,
            jobs=asked.jobs,
            twice=asked.twice,
            postgres=asked.postgresql,
        )
    except KeyboardInterrupt:
        print("stopped")
    took = time.monotonic() - began
    rate = seeds / took if took else 0.0
    named = f": {red[:20]}" if red else ""
    print(
        f"{seeds} seeds in {took:.0f} s ({rate:.1f} a second), {entries} entries, {faults} faults injected, "
        f"{len(red)} failures{named}"
    )
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
