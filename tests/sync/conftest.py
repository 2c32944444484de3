"""A real server on loopback, and notebooks enrolled with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.store import keys
from models.store.change import attach, new_id, put
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.courier import Courier, Pace
from sync.embedded import Running, embedded
from sync.outcome import Outcome
from sync.server import admin
from sync.server.central import CITY, Central
from sync.server.settings import Settings
from sync.transport import HttpTransport
from tests.conftest import PASSPHRASE, UNIT
from tests.postgres import copied_database, new_database, running

OTHER = "350603"
QUICK = Pace(tries=4, sleep=lambda seconds: None, chance=lambda: 0.0)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL for all tests of this process."""
    with running() as server:
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Where a new server keeps its journal: in its folder, or where `make soak` asks for it, elsewhere."""
    here = request.node.get_closest_marker("in_folder") is not None
    if here or os.environ.get("QINGCHA_CENTRAL") != "postgresql":
        return ""
    return new_database(request.getfixturevalue("postgres"))


def _begin(folder: Path, database: str = "") -> None:
    admin.init(folder, organisation="演示生态环境局", host="sync.example.cn", database=database)


@pytest.fixture(scope="session")
def begun_central(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new server's folder. Copying is faster than making one."""
    folder = tmp_path_factory.mktemp("begun") / "server"
    _begin(folder)
    return folder


@pytest.fixture
def central(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Iterator[Central]:
    """A new server's seat."""
    if database:
        admin.init(
            tmp_path / "server", organisation="演示生态环境局", host="sync.example.cn", database=database
        )
    else:
        shutil.copytree(request.getfixturevalue("begun_central"), tmp_path / "server")
    seat = Central.open(tmp_path / "server")
    yield seat
    seat.close()


@pytest.fixture
def server(central: Central) -> Iterator[Running]:
    """That seat, answering on loopback."""
    with embedded(central) as running:
        yield running


@pytest.fixture
def address(server: Running) -> ServerAddress:
    return ServerAddress.parse(server.url)


MakeNotebook = Callable[..., Notebook]


@pytest.fixture
def enrolled(tmp_path: Path, central: Central, address: ServerAddress) -> Iterator[MakeNotebook]:
    """Makes notebooks of new officers, enrolled: `enrolled("网格员01", role="grid_worker", units=(...))`."""
    made: list[Notebook] = []

    def make(name: str = "执法员01", role: str = "officer", units: tuple[str, ...] = (UNIT,)) -> Notebook:
        certificate = {"certificate": f"FJ35060200{len(made) + 1}"} if role == "officer" else {}
        officer = admin.add_officer(central, name, role=role, units=units, unit_code=units[0], **certificate)
        book = Notebook.create(
            tmp_path / f"book{len(made)}", PASSPHRASE, person=officer, unit=units[0], cost=keys.FAST
        )
        made.append(book)
        enrol(book, address, admin.code(central, officer).code, pace=QUICK)
        return book

    yield make
    for book in made:
        book.close()


@pytest.fixture
def backup(tmp_path: Path, central: Central, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Copies the server's folder, and its database where that is elsewhere."""

    def copy() -> None:
        folder, database = tmp_path / "backup", Settings.read(central.folder).database
        with central.writing():
            shutil.copytree(central.folder, folder, ignore=shutil.ignore_patterns("*-shm"))
        if database:
            server = request.getfixturevalue("postgres")
            Settings(copied_database(server, database, tmp_path / "dump.sql")).write(folder)

    return copy


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Callable[[], Central]]:
    """Opens the copy, as it was."""
    opened: list[Central] = []

    def open_copy() -> Central:
        opened.append(Central.open(tmp_path / "backup"))
        return opened[-1]

    yield open_copy
    for central in opened:
        central.close()


def supervisor(central: Central) -> str:
    """Somebody with an account who decides on what was put aside."""
    units = [UNIT, OTHER]
    return admin.add_officer(
        central, f"负责人{new_id()[-6:]}", role="county_head", units=units, unit_code=UNIT
    )


def whole(outcome: Outcome) -> Outcome:
    """That outcome, which has nothing to complain of."""
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    return outcome


@pytest.fixture
def backed_up(enrolled: MakeNotebook, backup: Callable[[], None]) -> Notebook:
    """A notebook of which the server had everything when it was backed up."""
    book = enrolled()
    meet(book)
    backup()
    return book


def meet(*books: Notebook) -> Outcome:
    """Synchronise one after another; the outcome of the last."""
    return [whole(synchronise(book, pace=QUICK)) for book in books][-1]


@dataclass
class Seats:
    """A notebook in each of two counties, one of the city, and the server."""

    first: Notebook
    second: Notebook
    city: Notebook
    central: Central

    @property
    def books(self) -> tuple[Notebook, Notebook, Notebook]:
        return self.first, self.second, self.city

    def meet(self, *books: Notebook) -> None:
        meet(*(books or self.books))


@pytest.fixture
def seats(enrolled: MakeNotebook, central: Central) -> Seats:
    made = Seats(
        enrolled("负责人A", role="lead", units=(UNIT,)),
        enrolled("负责人B", role="lead", units=(OTHER,)),
        enrolled("市局C", role="city", units=(CITY, UNIT, OTHER)),
        central,
    )
    made.meet()
    return made


def entries_of(seat: Any, record: str) -> dict[str, bytes]:
    """Hash to body of all entries of a record."""
    with seat:
        return {each.hash.hex(): each.body for each in seat.journal.entries_of(record)}


PHOTO = b"bytes of a photo of the outfall"


def case_of(seats: Seats) -> dict[str, str]:
    """A case of the first county, with steps, papers, an inspection and a photo; at the server already."""
    book = seats.first
    ids = {name: new_id() for name in ("site", "visit", "photo", "clue", "case", "start", "paper", "finding")}
    kept = book.vault.put_bytes(PHOTO)
    file = {"sha256": kept.sha256, "size": kept.size, "name": "排污口.jpg"}
    book.write(
        put("site", ids["site"], UNIT, name="示例化工"),
        put("inspection", ids["visit"], UNIT, site=ids["site"], site_name="示例化工", place="厂区"),
        put("finding", ids["finding"], UNIT, inspection=ids["visit"], text="偷排"),
        put("evidence", ids["photo"], UNIT, inspection=ids["visit"], title="照片"),
        attach("evidence", ids["photo"], UNIT, file),
        put("clue", ids["clue"], UNIT, description="废水外排", inspection=ids["visit"]),
        put("damage_case", ids["case"], UNIT, number="SH-1", title="示例案", clue=ids["clue"]),
        put("case_step", ids["start"], UNIT, case=ids["case"], step="start", on="2026-01-05"),
        put("case_paper", ids["paper"], UNIT, case=ids["case"], kind="start_approval", number="1号"),
    )
    book.write(put("damage_case", ids["case"], UNIT, title="示例化工损害案"))
    seats.meet(book)
    return ids | {"sha256": kept.sha256}


def add_sites(book: Notebook, count: int, unit: str = UNIT) -> list[str]:
    """Write so many site records, each with one entry."""
    sites = [new_id() for _ in range(count)]
    with book.writing():
        for number, site in enumerate(sites, 1):
            book.write(put("site", site, unit, name=f"示例企业{number:02}"))
    return sites


def courier(book: Notebook, address: ServerAddress) -> Courier:
    """Makes single calls as this notebook."""
    return Courier(book, HttpTransport(address), Outcome(), pace=QUICK)


def eventually(there: Callable[[], object], seconds: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@contextmanager
def answering(server: HTTPServer) -> Iterator[int]:
    """Lets a server of the standard library answer while the block runs; gives its port."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def server_process(folder: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m sync.server` as a process; gives it and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sync.server", str(folder), *more], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        yield process, msgspec.json.decode(line)["listening"] if line else ""
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
