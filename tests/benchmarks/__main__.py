"""`python -m tests.benchmarks [NAME …] [--quick]`: prints the ratios and writes build/bench.json."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

SYNC = ("push", "push_plain", "push_signatures", "wire", "few_changes", "files", "crowd", "crowd_postgres")
"""`make bench-sync`."""
NAMES = ("kept", "start", "paint", *SYNC)
TARGET = Path("build/bench.json")


def main() -> int:
    """Run the benchmarks named, by default all; 1 when a goal was missed."""
    os.environ.setdefault("QINGCHA_NO_KEYRING", "1")
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="which; by default all")
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that they run")
    given = parser.parse_args()
    known = json.loads(TARGET.read_text("utf-8")) if TARGET.exists() else {}
    missed = 0
    for name in given.names or NAMES:
        with tempfile.TemporaryDirectory(prefix="qingcha-bench-") as folder:
            ratio = importlib.import_module(f"tests.benchmarks.{name}").run(Path(folder), quick=given.quick)
        print(ratio.line(), flush=True)
        missed += ratio.ratio > ratio.goal
        known[ratio.name] = ratio.as_dict()
        if not given.quick:
            TARGET.parent.mkdir(exist_ok=True)
            TARGET.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
