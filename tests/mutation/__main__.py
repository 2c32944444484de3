"""`make mutation`: small mistakes made in what a court relies on, each of which a test must notice.

python -m tests.mutation                            every file of pyproject's [tool.coverage.run]
python -m tests.mutation models/law/water.py        some of them
python -m tests.mutation --again models/law/water.py   only what survived, after tests were added
python -m tests.mutation --table                    what was found, as the table of docs/mutation.md

`mutmut` works in build/mutation, on a copy of the tree for each file, with the tests that `tests.toml` names
for it; of these it runs for each mistake those that reach the function.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.once import KEPT

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / "build" / "mutation"
SOURCES = ("models", "sync", "tui", "main.py")
RUN = """
from mutmut.__main__ import cli
from mutmut.mutation import file_mutation
file_mutation.NEVER_MUTATE_FUNCTION_CALLS |= {words}
cli()
"""
WORDS = {
    *("N_", "_", "AssertionError", "ValueError"),
    *("CheckpointRefused", "NotOurs", "ProofRefused", "ReceiptRefused", "StampRefused"),
}
"""Calls whose words are not mutated: what people read is held by tests/test_messages.py, and why a program
refused is never compared."""
MEANING = {0: "survived", 1: "killed", 3: "killed", 5: "no tests", 33: "no tests", None: "not run"}
"""Of pytest's exit code for a mutant; every other is a run that did not end by itself."""


def files() -> list[str]:
    """The files that coverage and mutation are about."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]["run"]
    found = {str(path.relative_to(ROOT)) for each in told["include"] for path in ROOT.glob(each)}
    return sorted(name for name in found if not name.endswith("__init__.py"))


def asked_about(file: str) -> list[str]:
    """The tests that are asked about a file."""
    return list(dict.fromkeys(test for row in _rows_of(file) for test in row["tests"]))


def _rows_of(file: str) -> list[dict[str, Any]]:
    rows = tomllib.loads((Path(__file__).parent / "tests.toml").read_text(encoding="utf-8"))["of"]
    return [row for row in rows if any(fnmatch(file, each) for each in row["files"])]


def folder_of(file: str) -> Path:
    """Where a file's mutants are tried."""
    return BUILD / file.removesuffix(".py").replace("/", "-")


def results(file: str) -> dict[str, str]:
    """What came of each mutant of a file; empty before it was tried."""
    kept = folder_of(file) / "mutants" / f"{file}.meta"
    if not kept.exists():
        return {}
    codes = json.loads(kept.read_text(encoding="utf-8"))["exit_code_by_key"]
    return {name: MEANING.get(code, "timed out") for name, code in codes.items()}


def prepare(file: str, selection: list[str]) -> Path:
    """A folder in which `mutmut` finds the tree, and its own settings."""
    folder = folder_of(file)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*SOURCES, "tests", "docs"):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(ROOT / name)
    (folder / "mutants").mkdir(exist_ok=True)
    if not (folder / "mutants" / "docs").is_symlink():
        (folder / "mutants" / "docs").symlink_to(ROOT / "docs")
    settings = {
        "source_paths": list(SOURCES),
        "only_mutate": [file],
        "pytest_add_cli_args": [
            *("-p", "no:xdist", "-p", "no:cacheprovider", "-m", "not soak"),
            "--assert=plain",  # nobody reads why; to compare two long texts for it may take half a minute
        ],
        "pytest_add_cli_args_test_selection": selection,
        "timeout_multiplier": 4.0,
        "timeout_constant": 15.0,  # seconds: what a folder of tests shares is made anew for each mutant
        "on_dependency_change": "ignore",
        "track_dependencies": False,
        "use_setproctitle": False,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    house = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text("\n".join([house, "[tool.mutmut]", *lines, ""]), encoding="utf-8")
    return folder


def mutate(file: str, *, again: bool, jobs: int) -> int:
    """Try a file's mutants, all or those that survived before; the exit code of `mutmut`."""
    selection = asked_about(file)
    if not selection:
        raise SystemExit(f"{file}: no tests are named for it in tests/mutation/tests.toml")
    if not again:
        shutil.rmtree(folder_of(file), ignore_errors=True)
    elif not _forget_survivors(file):
        return 0
    folder = prepare(file, selection)
    print(f"== {file}: {' '.join(selection)}", flush=True)
    call = [*_mutmut(), "run", "--max-children", str(jobs)]
    settings = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | _made_before(file)
    return subprocess.run(call, cwd=folder, env=settings, check=False).returncode


def _made_before(file: str) -> dict[str, str]:
    """Where what its tests share is kept, if `tests.toml` says that the program as it is may make it.

    `mutmut` runs all tests once before the first mistake; they make it, anew for each call.
    """
    if not any(row.get("made_before") for row in _rows_of(file)):
        return {}
    folder = folder_of(file) / "made"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return {KEPT: str(folder)}


def _forget_survivors(file: str) -> bool:
    """Let `mutmut` try once more what was not killed; whether there is any."""
    kept = folder_of(file) / "mutants" / f"{file}.meta"
    told = json.loads(kept.read_text(encoding="utf-8"))
    killed = {name: code for name, code in told["exit_code_by_key"].items() if MEANING.get(code) == "killed"}
    left = told["exit_code_by_key"].keys() - killed.keys()
    told["exit_code_by_key"] = dict.fromkeys(told["exit_code_by_key"]) | killed
    kept.write_text(json.dumps(told), encoding="utf-8")
    (folder_of(file) / "mutants" / "mutmut-stats.json").unlink()  # which tests reach what may have changed
    return bool(left)


def _mutmut() -> list[str]:
    return [sys.executable, "-c", RUN.format(words=WORDS)]


def survivors(file: str) -> list[str]:
    """The mutants of a file that no test noticed, each with its difference."""
    lines = []
    for name, what in results(file).items():
        if what != "killed":
            shown = subprocess.run(
                [*_mutmut(), "show", name],
                cwd=folder_of(file),
                capture_output=True,
                text=True,
                check=False,
            )
            lines.append(f"# {what}\n{shown.stdout}")
    return lines


def table() -> str:
    """Counts by file, in the form of docs/mutation.md."""
    lines = [
        "| File | Mutants | Killed | Timed out | Survived | No test |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    total: Counter[str] = Counter()
    for file in files():
        found = Counter(results(file).values())
        total.update(found)
        if not found:
            lines.append(f"| `{file}` | not run | | | | |")
            continue
        lines.append(_row(f"`{file}`", found))
    return "\n".join([*lines, _row("all that were run", total)])


def _row(name: str, found: Counter[str]) -> str:
    counts = [found[each] for each in ("killed", "timed out", "survived", "no tests")]
    return "| " + " | ".join([name, *map(str, [sum(found.values()), *counts])]) + " |"


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(
        prog="tests.mutation", description="mutation testing of what a court relies on"
    )
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--again", action="store_true", help="only mutants that were not killed before")
    parser.add_argument("--show", action="store_true", help="show what was not killed, and run nothing")
    parser.add_argument("--table", action="store_true", help="print the counts by file, and run nothing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    known = files()
    strange = [name for name in asked.files if name not in known]
    if strange:
        parser.error(f"{strange[0]} is not in [tool.coverage.run] of pyproject.toml")
    if asked.table:
        print(table())
        return 0
    for file in asked.files or known:
        if asked.show:
            print("\n".join(survivors(file)))
        elif code := mutate(file, again=asked.again, jobs=asked.jobs):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
