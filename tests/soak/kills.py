"""`python -m tests.soak.kills --rounds N`: kill -9 of two laptops and their server at any moment.

Both laptops write records, take in files and synchronise without a pause; each round kills one of the three,
or all. What a laptop was told that it kept must be there in the end, at the server too, once. The last line
printed counts; 1 where anything was lost or doubled, or where a program ended by itself.

QINGCHA_KILL_SEED repeats the choices of a run, though not its moments.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.store import keys
from models.store.change import new_id, put
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.courier import Pace
from sync.embedded import embedded
from sync.server import admin
from sync.server.central import Central
from sync.server.serve import serve
from sync.server.tables import Blob
from tests.day.processes import in_the_repository
from tests.day.world import PASSPHRASE, UNIT, all_is_there_once, nothing_acknowledged_is_lost
from tests.photos import take_photo

ROUNDS_OF_A_LIFE = 50
"""Then all begins anew: a server that starts reads its whole log."""
ROUNDS_UNCHECKED = 10
LONGEST_S = 0.25
"""From one kill to the next, once all three are up."""
_fork = multiprocessing.get_context("forkserver")


def _tell(pipe: int, what: str, name: str) -> None:
    os.write(pipe, f"{what} {name}\n".encode())


def _impatient(seconds: float) -> None:
    time.sleep(min(seconds, 0.02))


def _laptop(folder: str, url: str, told: Any) -> None:
    """Work until killed, telling what was kept."""
    os.environ["QINGCHA_NO_KEYRING"] = "1"
    pipe = told.fileno()
    chance = random.Random()
    with contextlib.closing(Notebook.open(Path(folder), PASSPHRASE)) as book:
        _tell(pipe, "up", "-")  # not before: a passphrase whose trial is killed counts as a wrong one
        while True:
            for number in range(chance.randint(1, 8)):
                site = new_id()
                book.write(put("site", site, UNIT, name=f"示例企业{number}", unit_code=UNIT))
                _tell(pipe, "site", site)
            size = chance.choice([2_000, 40_000, 300_000])
            _tell(pipe, "file", take_photo(book, chance.randbytes(size)))
            synchronise(book, ServerAddress.parse(url), pace=Pace(tries=2, sleep=_impatient))


def _server(folder: str, port: int, told: Any) -> None:
    """Serve until killed."""
    os.dup2(told.fileno(), 1)
    serve(Path(folder), port=port)


@dataclass
class _Victim:
    """One of the three programs, begun again after each kill."""

    target: Callable[..., None]
    arguments: tuple[Any, ...]
    process: Any = None
    heard: list[str] = field(default_factory=list)
    """Whole lines that it told, of all its lives."""
    _pipe: Any = None
    _is_up: bool = False

    def up(self) -> None:
        """Begin it if it does not run, and wait for its first word."""
        if self.process is None:
            self._pipe, told = _fork.Pipe(duplex=False)
            self.process = _fork.Process(target=self.target, args=(*self.arguments, told))
            with in_the_repository():
                self.process.start()
            told.close()
        if not self._is_up:
            first = os.read(self._pipe.fileno(), 1)
            assert first, f"{self.target.__name__} did not start"
            self._is_up = True

    def kill(self) -> None:
        """SIGKILL; what it had told is kept."""
        if self.process is None:
            return
        self.process.kill()
        self.process.join()
        assert self.process.exitcode == -9, f"{self.target.__name__} ended by itself: {self.process.exitcode}"
        with os.fdopen(os.dup(self._pipe.fileno()), "rb") as rest:
            self.heard += [line.decode() for line in rest.read().split(b"\n")[:-1]]
        self._pipe.close()
        self.process, self._is_up = None, False


@dataclass
class Tally:
    """What a campaign did."""

    rounds: int = 0
    kills: int = 0
    kept: int = 0
    """Writes and files of which a laptop was told that they are kept."""
    lost: int = 0
    doubled: int = 0

    def __str__(self) -> str:
        return (
            f"kills: {self.rounds} rounds, {self.kills} kills, {self.kept} writes and files acknowledged, "
            f"{self.lost} lost, {self.doubled} doubled"
        )


def _make(folder: Path) -> None:
    """A server and two enrolled notebooks, closed."""
    admin.init(folder / "server", organisation="演示生态环境局", host="sync.example.cn")
    with contextlib.closing(Central.open(folder / "server")) as central, embedded(central) as running:
        for number in (1, 2):
            officer = admin.add_officer(central, f"执法员0{number}", units=[UNIT], unit_code=UNIT)
            book = Notebook.create(
                folder / f"book{number}", PASSPHRASE, person=officer, unit=UNIT, cost=keys.FAST
            )
            with contextlib.closing(book):
                enrol(book, ServerAddress.parse(running.url), admin.code(central, officer).code)


@contextlib.contextmanager
def _seats(folder: Path) -> Iterator[tuple[Central, list[Notebook]]]:
    with contextlib.ExitStack() as stack:
        central = stack.enter_context(contextlib.closing(Central.open(folder / "server")))
        books = [Notebook.open(folder / f"book{number}", PASSPHRASE) for number in (1, 2)]
        for book in books:
            stack.callback(book.close)
        yield central, books


def _live(folder: Path, rounds: int, chance: random.Random, tally: Tally) -> None:
    """One office through so many rounds of kills, then in peace until all is everywhere."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = _Victim(_server, (str(folder / "server"), port))
    laptops = [_Victim(_laptop, (str(folder / f"book{n}"), f"http://127.0.0.1:{port}")) for n in (1, 2)]
    everyone = [server, *laptops]
    try:
        for number in range(1, rounds + 1):
            for each in everyone:
                each.up()
            time.sleep(chance.uniform(0, LONGEST_S))
            checked = number % ROUNDS_UNCHECKED == 0 or number == rounds
            struck = chance.sample(everyone, len(everyone) if checked else 1)
            for each in struck:
                each.kill()
            tally.rounds, tally.kills = tally.rounds + 1, tally.kills + len(struck)
            if checked:
                with _seats(folder) as (central, books):
                    for book in books:
                        nothing_acknowledged_is_lost(book, central)
    finally:
        for each in everyone:
            with contextlib.suppress(AssertionError):
                each.kill()
    with _seats(folder) as (central, books):
        with embedded(central) as running:
            for book in (*books, *books):
                outcome = synchronise(book, ServerAddress.parse(running.url))
                assert outcome.ok, [trouble.text() for trouble in outcome.problems]
        for book, laptop in zip(books, laptops, strict=True):
            _count(book, central, laptop.heard, tally)
        for book in books:
            all_is_there_once(book, central)


def _count(book: Notebook, central: Central, heard: list[str], tally: Tally) -> None:
    """Compare what one laptop was told with what there is."""
    told = [line.split(" ") for line in heard]
    sites = {name for what, name in told if what == "site"}
    files = {name for what, name in told if what == "file"}
    with book:
        here = {row.record for row in EntryRow.select(EntryRow.record).where(EntryRow.own)}
    with central:
        rows = EntryRow.select(EntryRow.record, EntryRow.hash).where(EntryRow.device == book.device)
        there = [(row.record, bytes(row.hash)) for row in rows]
        whole = {row.sha256 for row in Blob.select(Blob.sha256)}
    tally.kept += len(sites) + len(files)
    tally.lost += len(sites - here) + len(sites - {record for record, _ in there}) + len(files - whole)
    tally.lost += sum(book.vault.verify(name) != "kept" for name in files)
    records = Counter(record for record, _ in there)
    tally.doubled += len(there) - len({digest for _, digest in there})
    tally.doubled += sum(records[site] - 1 for site in sites & records.keys())


def campaign(folder: Path, rounds: int, seed: str) -> Tally:
    """Kill for so many rounds.

    Raises:
        AssertionError: something that was acknowledged is not there, or a program ended by itself.
    """
    chance, tally = random.Random(seed), Tally()
    _make(folder / "template")
    while tally.rounds < rounds:
        office = folder / f"office{tally.rounds}"
        shutil.copytree(folder / "template", office)
        _live(office, min(ROUNDS_OF_A_LIFE, rounds - tally.rounds), chance, tally)
        shutil.rmtree(office)
    return tally


def main() -> int:
    """Run the campaign; 1 when anything was lost or doubled."""
    os.environ.setdefault("QINGCHA_NO_KEYRING", "1")
    parser = argparse.ArgumentParser(prog="python -m tests.soak.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    given = parser.parse_args()
    seed = os.environ.get("QINGCHA_KILL_SEED") or secrets.token_hex(4)
    print(f"QINGCHA_KILL_SEED={seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="qingcha-kills-") as folder:
        tally = campaign(Path(folder), given.rounds, seed)
    print(f"{tally} ({time.monotonic() - began:.0f} s)")
    return int(bool(tally.lost or tally.doubled))


if __name__ == "__main__":
    sys.exit(main())
