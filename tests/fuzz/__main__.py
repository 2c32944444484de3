"""`python -m tests.fuzz [NAME …] --minutes N`: guided by coverage, against every decoder; one line a target.

The last line says runs, crashes and peak memory of one input; exit 1 when anything broke. What broke an input
lies in build/fuzz/NAME: mend the cause and put the input into tests/fuzz/corpus/NAME, where tests keep it.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.fuzz.decoders import CORPUS, MOST_MEMORY, TARGETS

WORK = Path("build/fuzz")
STALLED_S = 600
"""An input that takes so long by the clock waits for something that never comes."""


@dataclass(frozen=True)
class Ran:
    """What a run of one target showed."""

    name: str
    runs: int
    coverage: int
    """Edges of our code that some input reached."""
    kept: int
    memory: int
    """Bytes that the most expensive input cost."""
    crash: str
    """The first lines of what went wrong; empty when nothing did."""

    def line(self) -> str:
        """For a person."""
        said = f"{self.name}: {self.runs} runs, coverage {self.coverage}, {self.kept} inputs kept"
        return f"{said}, peak {self.memory / (1 << 20):.1f} MB" + (
            f"\nCRASH {self.crash}" if self.crash else ""
        )


def run(name: str, seconds: int) -> Ran:
    """Fuzz one target for so many seconds of processor."""
    folder = WORK / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    memory = folder / "memory"
    memory.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.one", name, str(memory), str(seconds)]
    options = {"max_total_time": 60 * seconds, "timeout": STALLED_S, "rss_limit_mb": 1024, "max_len": 1 << 16}
    options |= {"artifact_prefix": f"{folder}/", "print_final_stats": 1}
    command += [f"-{option}={value}" for option, value in options.items()]
    command += [str(folder / "corpus"), str(CORPUS / name)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = done.stderr + done.stdout
    (folder / "log").write_text(said, "utf-8")
    return Ran(
        name,
        runs=_last(r"stat::number_of_executed_units:\s+(\d+)", said),
        coverage=_last(r"cov: (\d+)", said),
        kept=_last(r"corp: (\d+)", said),
        memory=int(memory.read_text("ascii")) if memory.exists() else 0,
        crash="" if done.returncode == 0 else _reason(said),
    )


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def _reason(said: str) -> str:
    lines = said.splitlines()
    at = next(
        (n for n, each in enumerate(lines) if "Uncaught Python exception" in each or "ERROR:" in each), -20
    )
    return "\n".join(lines[at:][:20])


def main() -> int:
    """Run the targets named, by default all; 1 when anything broke, 2 when there is no fuzzer."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*TARGETS, []], help="which; by default all")
    parser.add_argument("--minutes", type=float, default=14, help="for all together, of one processor")
    parser.add_argument("--jobs", type=int, default=1, help="targets at once")
    given = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("The fuzzer is missing. Install it with: make fuzz", file=sys.stderr)
        return 2
    names = given.names or list(TARGETS)
    seconds = max(1, round(given.minutes * 60 / len(names)))
    ran = []
    with ThreadPoolExecutor(given.jobs) as pool:
        for each in pool.map(partial(run, seconds=seconds), names):
            print(each.line(), flush=True)
            ran.append(each)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    crashes = sum(bool(each.crash) for each in ran)
    memory = max(each.memory for each in ran)
    print(
        f"{sum(each.runs for each in ran)} runs, {crashes} crashes, peak {memory / (1 << 20):.1f} MB of "
        f"{MOST_MEMORY >> 20} MB for one input, {(used.ru_utime + used.ru_stime) / 60:.1f} CPU minutes"
    )
    return min(crashes, 1)


if __name__ == "__main__":
    sys.exit(main())
