"""`python -m tests.benchmarks.capacity [--entries N]`: what an entry, a photo and a visit cost the server.

For docs/scale.md. Prints one table, SQLite beside PostgreSQL, and writes build/scale.json. Costs are bytes
and processor time, of the server and of PostgreSQL's own processes; never wall time, which other work on the
machine lengthens.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg

from models.store.entry import GENESIS
from models.store.notebook import Notebook
from sync.server import accept, admin, pages, people
from sync.server.central import Central
from sync.server.people import Caller
from tests.benchmarks.books import UNIT, fill_answers, new_book
from tests.benchmarks.office import office
from tests.benchmarks.push import own_entries
from tests.photos import take_photo
from tests.postgres import new_database, running

TARGET = Path("build/scale.json")
BATCH, PAGE, ROWS = 1000, 512 << 10, 4000
PHOTOS = {"300 KiB": (300 << 10, 40), "3 MiB": (3 << 20, 20)}
"""Bytes of one, and how many."""
VISITS = 30
"""Synchronisations with nothing new."""


def enrolled(central: Central, folder: Path, number: int) -> tuple[Notebook, Caller]:
    """A notebook and what the server knows of it."""
    officer = admin.add_officer(
        central, f"执法员{number:02d}", certificate=f"FJ35060299{number}", unit_code=UNIT
    )
    book = new_book(folder / f"book{number}")
    people.enrol(central, people.make_code(central, officer), book.public_key_der, "示例电脑")
    return book, people.caller(central, book.device)


def of_entries(folder: Path, database: str, postgres: Any, entries: int) -> dict[str, float]:
    """Costs of an entry on its way in and out, without HTTP."""
    admin.init(folder / "server", organisation="演示局", host="localhost", database=database)
    with closing(Central.open(folder / "server")) as central:
        (book, who), (_, other) = (enrolled(central, folder, number) for number in (1, 2))
        fill_answers(book, entries)
        lines = [entry.line().rstrip(b"\n") for entry in own_entries(book)]
        sent = sum(map(len, lines)) / len(lines)
        book.close()
        disk = _disk(central, database)
        before, outside = disk(), _outside(postgres)
        checking = taking = 0.0
        first, prev = 1, GENESIS
        for place in range(0, len(lines), BATCH):
            began = time.process_time()
            batch = accept.read_batch(lines[place : place + BATCH], first, prev, who, who.key)
            checking += time.process_time() - began
            began = time.process_time()
            accept.accept(central, who, batch, first, prev)
            central.sign_head()
            taking += time.process_time() - began
            first, prev = first + len(batch.entries), batch.entries[-1].hash
        database_s = _outside(postgres) - outside
        grown = disk() - before
        outside, began = _outside(postgres), time.process_time()
        number, more = 0, True
        while more:
            page = pages.page(central, other, {UNIT: number}, 0, PAGE, ROWS)
            number, more = page.have[UNIT], page.more
        pulling = time.process_time() - began + _outside(postgres) - outside
        outside, began = _outside(postgres), time.process_time()
        logged = central.recheck()
        rechecking = (time.process_time() - began + _outside(postgres) - outside) / logged
        count = len(lines)
        assert number >= entries
        return {
            "bytes sent, before compression": sent,
            "bytes on the disk": grown / count,
            "push: checking, µs of processor": checking / count * 1e6,
            "push: logging and folding, µs of processor": taking / count * 1e6,
            "push: PostgreSQL, µs of processor": database_s / count * 1e6,
            "pull, µs of processor": pulling / count * 1e6,
            "check of the whole log, µs of processor": rechecking * 1e6,
        }


def of_visits(folder: Path, database: str, postgres: Any) -> dict[str, float]:
    """Costs of a photo and of a visit with nothing new, by HTTP; the process's memory after."""
    with office(folder, database=database) as there:
        book = there.book()

        def cost(work: Callable[[], object]) -> float:
            before = _of(there.process) + _outside(postgres)
            work()
            return _of(there.process) + _outside(postgres) - before

        visit = cost(lambda: [there.synchronise(book) for _ in range(VISITS)]) / VISITS
        photos = {}
        for told, (size, count) in PHOTOS.items():
            for _ in range(count):
                take_photo(book, os.urandom(size))
            spent = cost(lambda: there.synchronise(book)) - visit
            photos[f"photo of {told}, ms of processor"] = spent / count * 1e3
        return photos | {
            "visit with nothing new, ms of processor": visit * 1e3,
            "memory of the process, MiB": there.memory() / (1 << 20),
        }


def _of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _outside(postgres: Any) -> float:
    """Processor time of PostgreSQL's own processes; 0 without it."""
    if postgres is None:
        return 0.0
    return sum(map(_of, psutil.Process(postgres.get_pid()).children()))


def _disk(central: Central, database: str) -> Callable[[], int]:
    """What tells the bytes that the database takes on the disk."""

    def of_file() -> int:
        with central.writing():
            pass
        central._writer.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return central._writer.size()

    def of_postgres() -> int:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])

    return of_postgres if database else of_file


def main() -> None:
    """Measure both and print."""
    os.environ.setdefault("QINGCHA_NO_KEYRING", "1")
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.capacity", description=__doc__)
    parser.add_argument("--entries", type=int, default=20_000)
    given = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="qingcha-scale-") as name, running() as server:
        for kind, postgres in (("SQLite", None), ("PostgreSQL", server)):
            costs = {}
            for part in ("entries", "visits"):
                folder = Path(name) / kind / part
                folder.mkdir(parents=True)
                url = new_database(server) if postgres else ""
                if part == "entries":
                    costs |= of_entries(folder, url, postgres, given.entries)
                else:
                    costs |= of_visits(folder, url, postgres)
            found[kind] = costs
    print(f"{'':<46}{'SQLite':>12}{'PostgreSQL':>12}")
    for what in found["SQLite"]:
        print(f"{what:<46}{found['SQLite'][what]:12.1f}{found['PostgreSQL'][what]:12.1f}")
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
