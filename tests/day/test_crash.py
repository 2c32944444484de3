"""kill -9 while the officer writes: what was acknowledged is there once, and the next write goes on."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import catalogue
from models.errors import StoreRefused
from models.inspections import verbs
from models.inspections.tables import Evidence
from models.registry import verbs as registry
from models.registry.tables import Site
from models.store import keys
from models.store.change import new_id, put
from models.store.clock import Clock, now_ms
from models.store.health import chain_problems, file_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from tests.rows import digest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no fork")
ROOT = Path(__file__).parents[2]
PASSPHRASE = "青山绿水-2026"
UNIT = "350602"
GROUP = 5


def later(hours: int) -> Clock:
    """As in `crash_writer`."""
    return Clock(wall_ms=lambda: now_ms() + hours * 3_600_000)


class Victim:
    """A process that forks one child for each job; the child is killed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.day.crash_writer"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "QINGCHA_NO_KEYRING": "1"},
        )
        self._pending = b""

    def line(self, until: float = float("inf")) -> str | None:
        """The next line; None when there is none by then."""
        assert self.process.stdout is not None
        while b"\n" not in self._pending:
            left = min(max(0.0, until - time.monotonic()), 60)
            if not select.select([self.process.stdout], [], [], left)[0]:
                assert until < float("inf"), "the child says nothing"
                return None
            data = os.read(self.process.stdout.fileno(), 1 << 16)
            assert data, "the child's parent ended"
            self._pending += data
        line, self._pending = self._pending.split(b"\n", 1)
        text = line.decode()
        assert not text.startswith("failed"), text
        return text

    def killed(self, job: dict[str, object], after: float, *, commits: int | None = None) -> list[str]:
        """Let it do a job and kill it so many seconds after it began, or after so many commits; its lines."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job).encode() + b"\n")
        said = [self.line() or ""]
        while not said[-1].startswith("pid"):
            said.append(self.line() or "")  # a quick child may speak before its parent names it
        pid = int(said[-1].split()[1])
        if commits is not None:
            while "open" not in said or sum(line.startswith("entry") for line in said) < commits:
                said.append(self.line() or "")
        moment = time.monotonic() + after
        while (line := self.line(moment)) is not None:
            said.append(line)
            if line.startswith("ended"):
                return said
        os.kill(pid, signal.SIGKILL)
        while not said[-1].startswith("ended"):
            said.append(self.line() or "")
        return said

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture(scope="module")
def victim() -> Iterator[Victim]:
    victim = Victim()
    yield victim
    victim.close()


@pytest.mark.parametrize("rounds", [20, pytest.param(200, marks=pytest.mark.soak)])
def test_what_was_acknowledged_survives_kill_9(notebook, officers, victim, rounds):
    site = registry.add_site(notebook, "示例企业03")
    inspection = verbs.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A,W"
    )
    folder = notebook.folder
    notebook.close()
    chance = random.Random(rounds)
    promised: dict[int, str] = {}
    files: set[str] = set()
    killed_at_work = 0
    for n in range(rounds):
        job = {"do": "write", "folder": str(folder), "seed": n, "inspection": inspection, "ahead": 2 * n}
        # one in six is killed while it opens
        commits = None if n % 6 == 5 else chance.randrange(6)
        said = victim.killed(job, chance.uniform(0, 0.05 if commits else 0.25), commits=commits)
        assert said[-1] == "ended 9"
        for line in said:
            match line.split():
                case ["entry", seq, digest_]:
                    promised[int(seq)] = digest_
                    killed_at_work += 1
                case ["file", sha256]:
                    files.add(sha256)
        again = Notebook.open(folder, PASSPHRASE, clock=later(2 * n + 1))
        with again:
            kept = {row.seq: bytes(row.hash).hex() for row in EntryRow.select().where(EntryRow.own)}
        assert {seq: kept.get(seq) for seq in promised} == promised
        assert sorted(kept) == list(range(1, len(kept) + 1))
        assert file_problems(again) == []
        again.write(put("site", new_id(), UNIT, name=f"第{n}次之后"))
        if n % 10 == 9 or n == rounds - 1:
            hold_whole(again, files)
        again.close()
    assert killed_at_work > rounds  # it did write before it was killed


def hold_whole(notebook: Notebook, files: set[str]) -> None:
    """Chains, transactions, projections and evidence files are whole."""
    assert chain_problems(notebook) == []
    with notebook:
        groups = Counter(row.name for row in Site.select().where(Site.name.startswith("组")))
        named = {row.sha256 for row in Evidence.select()}
        before = {kind.name: digest(kind.table) for kind in catalogue.kinds()}
    assert set(groups.values()) <= {GROUP}
    notebook.refold([kind.name for kind in catalogue.kinds()])
    with notebook:
        assert {kind.name: digest(kind.table) for kind in catalogue.kinds()} == before
    assert files <= named
    there = set(notebook.vault.hashes())
    assert named <= there
    assert {notebook.vault.verify(sha256) for sha256 in there} <= {"kept"}


@pytest.mark.parametrize("rounds", [8, pytest.param(100, marks=pytest.mark.soak)])
def test_a_notebook_whose_beginning_was_killed_can_be_begun_again(tmp_path, victim, rounds):
    chance = random.Random(rounds)
    for n in range(rounds):
        folder = tmp_path / f"{n}"
        said = victim.killed({"do": "create", "folder": str(folder)}, chance.uniform(0, 0.12))
        try:
            book = Notebook.open(folder, PASSPHRASE)
        except StoreRefused:
            assert "created" not in said
            book = Notebook.create(folder, PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST)
        book.write(put("site", new_id(), UNIT, name="示例企业03"))
        assert chain_problems(book) == file_problems(book) == []
        book.close()
