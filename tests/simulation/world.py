"""One simulated run: notebooks, a server, thirty days, and a scheduler that decides what happens next."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from models.errors import QingchaError, StoreRefused
from models.registry import units as registry
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.lookup import by_id, row_of, rows_of
from sync.client import enrol, synchronise
from sync.courier import Pace
from sync.outcome import Exit, Outcome, SyncFailed
from sync.server import admin, people
from sync.server.tables import Account, Device, UnitGrant
from sync.wire import KIB, Limits
from tests.in_turn import InTurn

from . import actions, disk, network, sticks
from .books import Book, Server
from .chance import Faults, seeded
from .cluster import copy
from .disk import Crashed
from .network import SimulatedLink
from .poison import Poisoner
from .template import ADDRESS, FOREIGN, ONE, OTHER, PEOPLE, START_MS, Template

STEPS = 36
DAYS = 30
EVENTS = {
    "client put back": 0.02,
    "client cloned": 0.015,
    "server restored": 0.03,
    "clock set": 0.05,
    "device revoked": 0.008,
    "grants changed": 0.04,
    "poison": 0.07,
    "entry released": 0.04,
    "role widened": 0.012,
}
HOUR = 3_600_000


class World:
    """A run in the making. `run` it once."""

    def __init__(self, seed: int, template: Template, folder: Path) -> None:
        self.seed = seed
        self.template = template
        self.folder = folder
        folder.mkdir(parents=True)
        self.random = Random(f"{seed}/events")
        self._chance = Random(f"{seed}/ids")
        self.now = START_MS + HOUR
        self.trace: deque[str] = deque(maxlen=2000)
        self._traced = hashlib.sha256()
        with_sticks = seed >= sticks.FIRST
        rates = {**disk.RATES, **network.RATES, **EVENTS, **(sticks.RATES if with_sticks else {})}
        rates |= template.keeping.rates | (sticks.MORE_COPIES if seed >= sticks.ALONE else {})
        self.faults = Faults(self.random, rates)
        self.sticks = sticks.Sticks(self) if with_sticks else None
        self.late: list[network.Sent] = []
        self.seen: dict[tuple[Book | None, str], network.Reply] = {}
        self.receipts: dict[Book | None, bytes] = {}
        """The last answer to a push of each notebook."""
        self.written_at: dict[str, int] = {}
        """True time of entries, by hash."""
        self._folders = 0
        self._busy: list[Book] = []
        self.books: list[Book] = []
        self.servers: list[Server] = []
        """The one server, once it runs."""
        self.poisoner: Poisoner | None = None
        self.pace = Pace(
            tries=3, sleep=self._sleep, chance=self._chance.random, now=lambda: self.now / 1000, lanes=InTurn
        )

    def run(self) -> None:
        """The storm, the calm after it, and what must hold then.

        Raises:
            AssertionError: an invariant does not hold; `trace` tells what happened.
        """
        from . import calm, invariants

        with self.opened():
            self.faults.on = True
            for _ in range(STEPS):
                self.pass_time(self.random.choice((60_000, HOUR, 6 * HOUR, 12 * HOUR, 32 * HOUR)))
                self._step()
            calm.settle(self)
            invariants.check(self)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The seats as they are at the beginning, without faults; closed at the end."""
        with seeded(self._chance, lambda: self.now):
            self.faults.on = False
            try:
                self._begin()
                yield
            finally:
                for each in [*self.books, *self.servers]:
                    each.close()

    # -- what it is made of ----------------------------------------------------------------------

    def _begin(self) -> None:
        choose = self.random
        limits = Limits(
            batch=choose.choice((16, 64)) * KIB,
            entries=choose.choice((7, 25, 1000)),
            page=choose.choice((2, 6, 40)) * KIB,
            whole=choose.choice((1, 4)) * KIB,
            chunk_least=choose.choice((1, 2)) * KIB,
            chunk_most=choose.choice((4, 8)) * KIB,
            uploads=choose.choice((1, 4)),
            probe=choose.choice((2, 500)),
        )
        self.server = Server(self, limits)
        self.servers.append(self.server)
        self.server.look()
        others = choose.sample(range(1, len(PEOPLE)), choose.randrange(1, 6))
        for number in [0, *others]:
            self._add_book(number)
        if choose.random() < 0.5:
            self.poisoner = Poisoner.enrolled(self, self.template.officers[1])

    def _add_book(self, number: int) -> None:
        folder = copy(self.template.books[number], self.folder / f"book{number}")
        person = PEOPLE[number]
        skew = self.random.choice((0, 0, 0, -3, 2, 400)) * 24 * HOUR
        book = Book(self, person.name, person, self.template.officers[number], folder, skew)
        book.ever_granted, may = self.granted(book)
        book.ever_may |= may
        book.look()
        self.books.append(book)

    def new_folder(self, name: str) -> Path:
        """A folder that is not there yet."""
        self._folders += 1
        return self.folder / f"{name}{self._folders}"

    def say(self, text: str) -> None:
        """Add a line to the trace."""
        line = f"{(self.now - START_MS) / 24 / HOUR:6.2f} {text}"
        self.trace.append(line)
        self._traced.update(line.encode() + b"\n")

    @property
    def trace_hash(self) -> str:
        """SHA-256 over all that happened."""
        return self._traced.hexdigest()

    # -- time and chance -------------------------------------------------------------------------

    def pass_time(self, ms: int) -> None:
        """Time goes on, everywhere at once."""
        self.now += ms

    def _sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1000)

    def deliver_late(self) -> None:
        """A request that was sent before arrives once more."""
        if self.late and self.random.random() < 0.15:
            sent = self.late.pop(self.random.randrange(len(self.late)))
            reply = self.server.answer(sent)
            self.say(f"  late {sent.target.partition('?')[0][:24]} {reply.status if reply else 'gone'}")

    def meddle(self, book: Book | None) -> None:
        """While one notebook speaks with the server, another does, or the administrator works."""
        if book is None or len(self._busy) != 1 or not self.faults.hit("other in between"):
            return
        others = [each for each in self.books if each is not book]
        if others and self.random.random() < 0.7:
            self.synchronise(self.random.choice(others))
        else:
            self._administer()

    # -- what happens ----------------------------------------------------------------------------

    def _step(self) -> None:
        book = self.random.choice(self.books)
        chance = self.random.random()
        if chance < 0.5:
            for _ in range(self.random.choice((1, 1, 2, 4))):
                self.act(book)
        elif chance < 0.78:
            if self.sticks is not None and self.sticks.instead(book):
                self.sticks.step(book)
            else:
                self.synchronise(book)
        elif chance < 0.83:
            book.keep_image()
        elif chance < 0.86:
            self.at_server(self.server.back_up, "backup")
        elif chance < 0.94 and self.sticks is not None:
            self.sticks.step(book)
        self.deliver_late()
        self._mishaps(book)
        self._administer()

    def act(self, book: Book) -> None:
        """A person does one thing."""
        self.pass_time(1_000)
        self.guarded(book, lambda: self.say(f"{book} {actions.act(book, self.random)}"))
        book.wrote()

    def guarded(self, book: Book, what: Callable[[], object]) -> None:
        """A notebook does something; where it or the server crashes, it is started again."""
        try:
            what()
        except Crashed as crash:
            if crash.owner is self.server:
                self.server.restart()
                return
            if crash.owner is not book:
                raise
            self.say(f"{book} crashed")
            book.restart()

    def _mishaps(self, book: Book) -> None:
        hit = self.faults.hit
        if book.images and hit("client put back"):
            book.put_back(self.random.choice(book.images))
            self.say(f"{book} put back")
        if len(self.books) < 7 and hit("client cloned"):
            self.books.append(book.clone())
            self.say(f"{book} cloned")
        if hit("clock set"):
            book.skew_ms = self.random.choice((0, -20, -3, -1, 2, 365)) * 24 * HOUR + 1_000
            self.say(f"{book} clock set")
        if self.server.backups and hit("server restored"):
            self.say(f"server restored {self.server.restore(self.random.choice(self.server.backups))}")
            # what else was answered before cannot come back over TLS; a page says itself which life it is of
            self.seen = {key: reply for key, reply in self.seen.items() if "/pull" in key[1]}
        if self.poisoner is not None and hit("poison"):
            self.poisoner.write()
            told = self.poisoner.lie() if self.random.random() < 0.2 else self.poisoner.push()
            self.say(f"poison {told}")

    def _administer(self) -> None:
        hit = self.faults.hit
        if hit("grants changed"):
            self.at_server(self.change_grants, "grants")
        if hit("device revoked"):
            self.at_server(self.revoke_some, "revoked")
        if hit("entry released"):
            self.at_server(self.decide, "release")
        if hit("role widened"):
            self.at_server(self.widen_role, "role")

    def at_server(self, what: Callable[[], object], name: str) -> None:
        """The administrator does something, and the server may crash meanwhile."""
        try:
            what()
            self.say(name)
        except Crashed as crash:
            if crash.owner is not self.server:
                raise
            self.server.restart()
        except QingchaError as refused:
            self.say(f"{name}: {refused.msgid[:30]}")

    def _account(self, officer: str) -> tuple[str, str, list[str]]:
        with self.server.central:
            account = row_of(Account, officer=officer)
            units = [row.unit for row in rows_of(UnitGrant, "unit", officer=officer)]
        return ("", "", units) if account is None else (account.name, account.role, units)

    def _anyone(self) -> Book:
        """A notebook, but not of the person who reads everything to the end."""
        return self.random.choice([each for each in self.books if each.officer != self.books[0].officer])

    def revoke_some(self) -> None:
        """A device is reported lost."""
        people.revoke(self.server.central, self._anyone().seat.device)

    def change_grants(self) -> None:
        """Give somebody a unit, or take it."""
        book = self._anyone()
        name, role, units = self._account(book.officer)
        if not name:
            return
        unit = self.random.choice((ONE, OTHER, FOREIGN))
        after = [each for each in units if each != unit] if unit in units else [*units, unit]
        for each in self.books:  # before: the server may be gone after its commit
            if each.officer == book.officer:
                each.ever_granted |= set(after)
        people.open_account(self.server.central, book.officer, name, role, after, self.now)

    def widen_role(self) -> None:
        """An officer becomes a head, who reads more."""
        book = self._anyone()
        name, role, units = self._account(book.officer)
        if role == "officer":
            lead = registry.role("lead")
            assert lead is not None
            for each in self.books:
                if each.officer == book.officer:
                    each.ever_may |= lead.may
            people.open_account(self.server.central, book.officer, name, "lead", units, self.now)

    def decide(self) -> None:
        """Release or reject something that was put aside."""
        central = self.server.central
        with central:
            rows = list(EntryRow.select().where(EntryRow.state == PUT_ASIDE).order_by(EntryRow.n))
        if rows:
            row = self.random.choice(rows)
            decide = admin.reject if self.random.random() < 0.2 else admin.release
            decide(central, row.device, row.seq, by=self.template.officers[0], why="核对")

    def granted(self, book: Book) -> tuple[set[str], frozenset[str]]:
        """The units and rights of a notebook's person, as the server has them now."""
        _name, role, units = self._account(book.officer)
        found = registry.role(role)
        return set(units), found.may if found is not None else frozenset()

    def officer_of(self, device: str) -> str | None:
        """Whose device it is."""
        with self.server.central:
            return people.officer_of(device)

    # -- synchronising ---------------------------------------------------------------------------

    def synchronise(self, book: Book) -> Outcome | None:
        """One session of a notebook; None where the program was gone before it ended."""
        if book in self._busy:
            return None
        self._busy.append(book)
        outcome: list[Outcome] = []

        def session() -> None:
            if not self._enrolled(book):
                return
            outcome.append(
                synchronise(book.seat, ADDRESS, transport=SimulatedLink(self, book), pace=self.pace)
            )

        try:
            self.say(f"{book} synchronises")
            self.guarded(book, session)
        finally:
            self._busy.remove(book)
        book.look()
        book.hand_over()
        if not outcome:
            return None
        done = outcome[0]
        told = f"{done.entries_sent} up {done.entries_received} down {done.files_sent} files"
        self.say(f"{book} exit {done.exit_code} {told} {done.unsent_entries} left")
        if done.exit_code == Exit.NOT_ENROLLED:
            with suppress(SyncFailed, StoreRefused):
                self.guarded(book, lambda: self._enrol(book))
        elif done.ok:
            self._check_done(book, done)
        return done

    def _check_done(self, book: Book, done: Outcome) -> None:
        """Whoever says that all is there is right."""
        with book.seat:
            end = book.seat.journal.last(book.seat.device)
        with self.server.central as central:
            row = central.journal.at(book.seat.device, end[0])
        there = bytes(row.hash) if row is not None else b""
        assert there == end[1], f"{book} says done, the server lacks entries"
        assert done.unsent_entries == done.unsent_files == 0, f"{book} says done with something unsent"

    def _enrolled(self, book: Book) -> bool:
        known = book.seat.meta("device_certificate") is not None
        with self.server.central:
            there = by_id(Device, book.seat.device) is not None
        if known and (there or self.random.random() < 0.5):
            return True
        try:
            self._enrol(book)
        except (SyncFailed, StoreRefused) as failed:
            self.say(f"{book} not enrolled: {failed.msgid[:40]}")
            return False
        return True

    def _enrol(self, book: Book) -> None:
        central = self.server.central
        name, role, _units = self._account(book.officer)
        if not name:
            people.open_account(
                central, book.officer, book.person.name, book.person.role, book.person.units, self.now
            )
            book.ever_granted |= set(book.person.units)
        made = people.make_code(central, book.officer)
        enrol(book.seat, ADDRESS, made, transport=SimulatedLink(self, book), pace=self.pace)
        self.say(f"{book} enrolled as {role or book.person.role}")
