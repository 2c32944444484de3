"""kill -9 of either side in the middle of a synchronisation: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from models.registry.tables import Site
from models.store.health import problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync import queries
from sync.address import ServerAddress
from sync.client import synchronise
from sync.courier import Pace
from sync.server.central import Central

from .conftest import PASSPHRASE, QUICK, UNIT, MakeNotebook, add_sites, server_process

ROOT = Path(__file__).parents[2]


def lines_until_killed(folder: Path, least: int) -> list[str]:
    """Run the child until it has told `least` lines and a random moment longer; its whole lines."""
    command = [sys.executable, "-m", "tests.sync.child", str(folder), PASSPHRASE, UNIT]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    told = [child.stdout.readline() for _ in range(least)]
    time.sleep(random.random())
    child.kill()
    told += child.stdout.readlines()
    child.wait()
    child.stdout.close()
    return [line.decode().strip() for line in told if line.endswith(b"\n")]


@pytest.mark.parametrize("rounds", [3, pytest.param(100, marks=pytest.mark.soak)])
def test_a_client_killed_while_synchronising_goes_on(
    enrolled: MakeNotebook, central: Central, rounds: int
) -> None:
    book = enrolled()
    folder = book.folder
    book.close()
    written: list[str] = []
    for _ in range(rounds):
        written += lines_until_killed(folder, 25)
    again = Notebook.open(folder, PASSPHRASE)
    assert problems(again) == []
    outcome = synchronise(again, pace=QUICK)
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    assert set(queries.marks(again, written).values()) == {"received"}
    with central:
        assert {row.id for row in Site.select(Site.id)} >= set(written)
    compare(again, central)
    again.close()


@pytest.mark.parametrize("rounds", [3, pytest.param(100, marks=pytest.mark.soak)])
def test_a_server_killed_while_synchronising_goes_on(
    enrolled: MakeNotebook, central: Central, rounds: int
) -> None:
    book = enrolled()
    sites: list[str] = []
    for _ in range(rounds):
        sites += add_sites(book, 300)
        with server_process(central.folder) as (process, url):
            killer = threading.Timer(random.random() * 0.6, process.kill)
            killer.start()
            synchronise(book, ServerAddress.parse(url), pace=Pace(tries=1))
            killer.join()
    with server_process(central.folder) as (_, url):
        outcome = synchronise(book, ServerAddress.parse(url), pace=QUICK)
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    assert set(queries.marks(book, sites).values()) == {"received"}
    compare(book, central)


def compare(book: Notebook, central: Central) -> None:
    """Every own entry is in the log once, byte for byte, and the log is what was signed."""
    with book:
        own = {row.seq: bytes(row.hash) for row in EntryRow.select().where(EntryRow.own)}
    with central:
        there = [
            (row.seq, bytes(row.hash)) for row in EntryRow.select().where(EntryRow.device == book.device)
        ]
    assert len(there) == len(own)
    assert dict(there) == own
    assert problems(central) == []
    central.recheck()
