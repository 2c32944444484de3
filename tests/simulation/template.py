"""What every run begins with, made once a process: a server and notebooks enrolled with it.

A run copies the folders that it wants; beginning a notebook and enrolling it cost more than the whole copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import models.areas  # noqa: F401 -- every kind of record
from models.registry import verbs
from models.store import keys
from models.store.clock import Clock
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.server import admin
from sync.server.calls import served
from sync.server.central import Central
from sync.transport import NoAnswer, Reply
from sync.wire import Limits
from tests.in_turn import steady

from .chance import seeded
from .cluster import Keeping
from .network import Sent, Switchboard

START_MS = 1_793_433_600_000
"""When a run begins: 2026-10-31, 08:00 UTC."""
PASSPHRASE = "青山绿水-2026"
ADDRESS = ServerAddress("http://device.invalid")
CITY, ONE, OTHER, FOREIGN, NOBODYS = "350600", "350602", "350603", "350622", "350623"
"""Units; the last is granted to the city alone."""
PACE = replace(steady(2), now=lambda: 0.0)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a notebook."""

    name: str
    role: str
    units: tuple[str, ...]
    """The first is the notebook's own."""
    enrolled: bool = True
    """Whether the notebook is enrolled when the run begins."""


PEOPLE = (
    Person("市局01", "city", (CITY, ONE, OTHER, FOREIGN, NOBODYS)),
    Person("执法员01", "officer", (ONE,)),
    Person("执法员02", "officer", (OTHER,)),
    Person("执法员03", "officer", (ONE, OTHER)),
    Person("负责人01", "lead", (OTHER,)),
    Person("网格员01", "grid_worker", (ONE,)),
    Person("局长01", "county_head", (ONE,)),
    Person("调度员01", "dispatcher", (CITY, ONE)),
    Person("执法员04", "officer", (ONE,), enrolled=False),
)
"""The first reads everything: what it has is compared with the whole of the server."""


@dataclass(frozen=True, slots=True)
class Template:
    """The folders that runs copy."""

    server: Path
    books: tuple[Path, ...]
    """In the order of `PEOPLE`."""
    officers: tuple[str, ...]
    """Record ids of the accounts."""
    sites: tuple[str, ...]
    keeping: Keeping


class DirectLink:
    """A link that never fails, but where a test makes it."""

    def __init__(self, central: Central, limits: Limits | None = None) -> None:
        self._board = Switchboard(list(served(central, limits or Limits())))
        self.lost: Callable[[Sent], bool] = lambda sent: False
        """Whether the answer to a request is lost."""
        self.instead: Callable[[Sent, Reply], Reply | None] = lambda sent, reply: None
        """What comes in place of an answer."""
        self.caught: Callable[[Sent], Reply | None] = lambda sent: None
        """What answers a request that never arrives."""

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
        """As `Transport.send`."""
        sent = Sent(method, target, tuple((name.lower(), value) for name, value in headers.items()), body)
        caught = self.caught(sent)
        if caught is not None:
            return caught
        reply = self._board.answer(sent)
        reply = self.instead(sent, reply) or reply
        if self.lost(sent):
            raise NoAnswer("lost")
        return reply

    def close(self) -> None:
        """As `Transport.close`."""


def make(folder: Path, keeping: Keeping) -> Template:
    """Make the template in a folder; the same whenever and wherever it is made."""
    folder.mkdir(parents=True)
    clock = Clock(lambda: START_MS, lambda: 0, lambda: "template", lambda _ms: 480)
    with seeded(Random("template"), clock.wall_ms):
        central = Central.create(
            folder / "server",
            organisation="演示生态环境局",
            host="sync.example.cn",
            clock=clock,
            settings=keeping.settings(),
        )
        officers = []
        for number, person in enumerate(PEOPLE):
            held = {"certificate": f"FJ35060200{number}"} if person.role in ("officer", "lead") else {}
            units = list(person.units)
            officers.append(
                admin.add_officer(
                    central, person.name, role=person.role, units=units, unit_code=units[0], **held
                )
            )
        books = tuple(folder / f"book{number}" for number in range(len(PEOPLE)))
        sites: list[str] = []
        opened = [
            Notebook.create(
                path, PASSPHRASE, person=officer, unit=person.units[0], cost=keys.FAST, clock=clock
            )
            for path, officer, person in zip(books, officers, PEOPLE, strict=True)
        ]
        link = DirectLink(central)
        for book, officer, person in zip(opened, officers, PEOPLE, strict=True):
            if person.enrolled:
                enrol(book, ADDRESS, admin.code(central, officer).code, transport=link, pace=PACE)
            if person.role == "officer":
                sites += [
                    verbs.add_site(book, f"示例企业{person.name}{number}", unit_code=person.units[0])
                    for number in range(2)
                ]
        for book in [*opened, *opened]:
            synchronise(book, transport=link, pace=PACE)
        for book in opened:
            book.close()
        for path in books:  # the first opening after an enrolment looks at all tables
            Notebook.open(path, PASSPHRASE, clock=clock).close()
        central.close()
    return Template(folder / "server", books, tuple(officers), tuple(sites), keeping)
