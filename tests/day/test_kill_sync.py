"""SIGKILL of client and server at random moments of a synchronisation: nothing acknowledged is lost.

QINGCHA_KILL_SEED repeats the kills of a run that failed; the seed is printed.
"""

from __future__ import annotations

import os
import random
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sync.outcome import Exit
from tests.once import made_once

from .link import Link
from .processes import Place, Program, Server
from .world import Office, all_is_there_once, make_office, nothing_acknowledged_is_lost, work

SEED = os.environ.get("QINGCHA_KILL_SEED") or secrets.token_hex(4)
PHASES = {"hello": 7, "push": 3, "pull": 2, "upload": 24}
"""The phases that kills must land in, and how many passing pieces of each a kill may wait for."""
AT_FIRST = {**PHASES, "push": 6, "pull": 36}
"""The same where a life begins: it has pages to receive and two batches to send."""
LIVES = 2
KILLS = 3
"""A life: this many kills, each in the work that the last one left and some more.

`.ci/run` kills a hundred times after the tests, and so does `make soak`."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made: Office = made_once(tmp_path_factory, "office", lambda folder: make_office(folder / "template"))
    return made


@dataclass
class Kill:
    """When to kill whom: so long after the n-th piece of a phase has passed."""

    victim: str
    phase: str
    nth: int
    delay_s: float

    @classmethod
    def drawn(cls, chance: random.Random, phase: str, *, first: bool) -> Kill:
        victim = chance.choice(["client", "server", "both"])
        most = (AT_FIRST if first else PHASES)[phase]
        return cls(victim, phase, chance.randint(1, most), chance.choice([0, chance.uniform(0, 0.02)]))


class Life:
    """One office, its server and the link to it, through several kills."""

    def __init__(self, office: Office, link: Link) -> None:
        self.office = office
        self.link = link
        self.server = Server(office.server)
        self.link.target = self.server.port

    def close(self) -> None:
        self.server.close()

    def survives(self, kill: Kill) -> bool:
        """Synchronise with a kill under way; whether it landed in its phase before all was done."""
        landed = threading.Event()
        client = self.office.sync(self.link.url)
        victims: dict[str, list[Program]] = {
            "client": [client],
            "server": [self.server],
            "both": [client, self.server],
        }
        seen = 0
        in_phase = ""

        def strike() -> None:
            nonlocal in_phase
            in_phase = self.link.phase
            for each in victims[kill.victim]:
                each.kill()
            landed.set()

        def watch(phase: str) -> None:
            nonlocal seen
            seen += phase == kill.phase
            if phase == kill.phase and seen == kill.nth:
                self.link.later(kill.delay_s, strike)

        self.link.watch = watch
        try:
            while not landed.wait(0.01):
                if not client.process.is_alive():
                    break
            self.link.watch = None
            if landed.is_set() and kill.victim != "client":
                self.restart()
            code = client.ended()
            struck = landed.is_set() and (kill.victim == "server" or code < 0)
            if not struck:
                assert code == Exit.DONE, client.complained()
            elif kill.victim == "server":
                # the client waits for the server to come back, and goes on by itself
                assert code == Exit.DONE, client.complained()
        finally:
            client.close()
        with self.office.notebook() as book, self.office.central() as central:
            nothing_acknowledged_is_lost(book, central)
        return struck and in_phase == kill.phase

    def restart(self) -> None:
        self.server.process.join(10)
        self.server.close()
        self.server = Server(self.office.server)
        self.link.target = self.server.port

    def completes(self) -> None:
        """A synchronisation without a kill: everything is there, once."""
        client = self.office.sync(self.link.url)
        try:
            assert client.ended() == Exit.DONE, client.complained()
        finally:
            client.close()
        with self.office.notebook() as book, self.office.central() as central:
            all_is_there_once(book, central)


@pytest.fixture
def life(template: Office, tmp_path: Path) -> Iterator[Life]:
    with Link(0).open() as link:
        made = Life(template.copy(tmp_path / "office"), link)
        yield made
        made.close()


def live(life: Life, number: int) -> None:
    """Three kills, in three of the four phases; which are drawn again until they land."""
    chance = random.Random(f"{SEED}-{number}")
    phases = [*PHASES, *PHASES][number % 4 : number % 4 + KILLS]
    chance.shuffle(phases)
    if "pull" in phases and number % 2:
        phases.sort(key="pull".__ne__)
    for phase in phases:
        for again in range(12):
            first = phase == phases[0] and not again
            work(life.office, chance, sites=220 if first else 60, files=(chance.randrange(9_000), 600_000))
            kill = Kill.drawn(chance, phase, first=first)
            print(f"QINGCHA_KILL_SEED={SEED} life {number}: {kill}")
            if life.survives(kill):
                break
        else:
            pytest.fail(f"no kill landed in {phase}")
    life.completes()


@pytest.mark.parametrize("number", range(LIVES))
def test_no_kill_at_any_moment_loses_or_doubles_an_entry(life: Life, number: int) -> None:
    live(life, number)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(100, 134))
def test_a_hundred_kills_lose_and_double_nothing(life: Life, number: int) -> None:
    live(life, number)


SERVER_PLACES = [
    # the entries are committed, the answer is not given
    Place("sync.server.accept:reply"),
    Place("sync.server.accept:reply", nth=2),
    # entries and tree are written, not committed
    Place("sync.server.log:Appender.write", "after"),
    # the head is about to be signed, after the commit
    Place("sync.server.central:Central.sign_head", nth=3),
    # the request's nonce is used up, its work is not begun
    Place("sync.server.people:use_nonce", "after", nth=3),
    # the session is open, its token is not told
    Place("sync.server.people:open_session", "after"),
    # bytes of a file lie in the spool, their row is not written; then written, not told
    Place("sync.server.uploads:_put", "after", nth=2),
    Place("sync.server.uploads:_remember", "after", nth=2),
    # the file is at its place, its row is not written; then written, not told
    Place("sync.server.storage:sync_folder"),
    Place("sync.server.uploads:_finish", "after"),
]
CLIENT_PLACES = [
    # the receipt is here, not kept; then kept
    Place("sync.ledger:Ledger.acknowledge"),
    Place("sync.ledger:Ledger.acknowledge", "after", nth=2),
    # a page is here, not kept; then kept
    Place("sync.ledger:Ledger.take_page"),
    Place("sync.ledger:Ledger.take_page", "after"),
    # a file's state is about to be kept; then kept
    Place("sync.ledger:Ledger.update_file"),
    Place("sync.ledger:Ledger.file_received"),
    Place("sync.ledger:Ledger.file_received", "after"),
    # all is done but the session's line
    Place("sync.ledger:Ledger.end_session"),
]


@pytest.mark.parametrize("place", SERVER_PLACES, ids=str)
def test_a_server_killed_between_its_commit_and_its_answer_goes_on(
    template: Office, tmp_path: Path, place: Place
) -> None:
    office = template.copy(tmp_path / "office")
    work(office, random.Random(1), files=(9_000, 600_000))
    deadly = Server(office.server, place=place)
    with Link(deadly.port).open() as link:
        client = office.sync(link.url)
        assert deadly.ended() == -9
        deadly.close()
        server = Server(office.server)
        link.target = server.port
        try:
            assert client.ended() == Exit.DONE, client.complained()
        finally:
            client.close()
            server.close()
    with office.notebook() as book, office.central() as central:
        all_is_there_once(book, central)


@pytest.mark.parametrize("place", CLIENT_PLACES, ids=str)
def test_a_client_killed_while_it_keeps_what_came_goes_on(
    template: Office, tmp_path: Path, place: Place
) -> None:
    office = template.copy(tmp_path / "office")
    work(office, random.Random(1), files=(9_000, 600_000))
    server = Server(office.server)
    try:
        for each, code in ((place, -9), (None, Exit.DONE)):
            client = office.sync(server.url, place=each)
            assert client.ended() == code, client.complained()
            client.close()
            with office.notebook() as book, office.central() as central:
                nothing_acknowledged_is_lost(book, central)
    finally:
        server.close()
    with office.notebook() as book, office.central() as central:
        all_is_there_once(book, central)
