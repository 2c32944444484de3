"""Bundles on sticks: lost, late, brought twice or to the wrong laptop, in any order, a volume short."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import QingchaError
from sync import carrying
from sync.bundle import SUFFIX
from sync.server.carried import ANSWER, take_in
from sync.server.central import Central

if TYPE_CHECKING:
    from .books import Book
    from .world import World

FIRST = 1_000_001
"""Seeds from here on have sticks, too; those below keep the runs that they are kept for."""
ALONE = 3_000_001
"""Seeds from here on have more copies, which do not find themselves out and hardly have a network."""
MORE_COPIES = {"client put back": 0.06, "client cloned": 0.05}
RATES = {
    "stick lost": 0.1,
    "stick kept": 0.3,
    "volume left at home": 0.1,
    "answer to another": 0.05,
}
SMALL = 2_000
"""Bytes of a file in some exports: the next call begins another volume."""


@dataclass(frozen=True, slots=True)
class Stick:
    """What one export wrote, and later the answer to it."""

    book: Book
    folder: Path

    def volumes(self) -> list[Path]:
        """The files of the export."""
        return sorted(each for each in self.folder.glob(f"*{SUFFIX}") if not each.name.endswith(ANSWER))

    def answers(self) -> list[Path]:
        """What the server wrote."""
        return sorted(self.folder.glob(f"*{ANSWER}"))


class Sticks:
    """All sticks of a run that are on their way."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._way: list[Stick] = []
        self._without_network: dict[Book, bool] = {}

    def instead(self, book: Book) -> bool:
        """Whether a notebook is where there is no network, and a stick is its way there."""
        if book.copied and self._world.seed >= ALONE:
            return self._world.random.random() < 0.95
        if book not in self._without_network:
            self._without_network[book] = self._world.random.random() < 0.4
        return self._without_network[book] and self._world.random.random() < 0.9

    def step(self, book: Book) -> None:
        """A person writes a stick, or takes one to the server, or back."""
        random = self._world.random
        chance = random.random()
        if chance < 0.5:
            self._there_and_back(book)
        elif chance < 0.65 or not self._way:
            self._write(book)
        elif chance < 0.85:
            self._to_server(random.choice(self._way))
        else:
            self._back(random.choice(self._way))

    def _there_and_back(self, book: Book) -> None:
        before = len(self._way)
        self._write(book)
        for way in (self._to_server, self._back):
            self._world.pass_time(3_600_000)
            if self._world.random.random() < 0.3:
                self._world.act(self._world.random.choice(self._world.books))
            if len(self._way) > before:
                way(self._way[-1])

    def bring(self) -> None:
        """Some of what is on its way still arrives."""
        random = self._world.random
        for stick in list(self._way):
            if random.random() < 0.5:
                self._to_server(stick)
            if random.random() < 0.5:
                self._back(stick)

    def _write(self, book: Book) -> None:
        folder = self._world.new_folder("stick")
        folder.mkdir()
        stick = Stick(book, folder)
        small = self._world.random.random() < 0.4

        def write() -> str:
            with _least(SMALL):
                done = carrying.export(book.seat, folder, size=SMALL if small else carrying.VOLUME)
            self._way.append(stick)
            return f"{len(done.paths)} volumes, {done.entries} entries, {done.files} files"

        self._by(book, "stick written", write)

    def _to_server(self, stick: Stick) -> None:
        world, hit = self._world, self._world.faults.hit
        if hit("stick lost"):
            self._way.remove(stick)
            return
        volumes = stick.volumes()
        if len(volumes) > 1 and hit("volume left at home"):
            volumes.remove(world.random.choice(volumes))
        world.random.shuffle(volumes)

        def take() -> None:
            with _watched(world):
                taken = take_in(world.server.folder, volumes, limits=world.server.limits)
            for each in taken:
                world.say(f"  stick {each.entries} entries, {each.files} files {each.problem[:40]}")

        world.at_server(take, f"stick of {stick.book} at the server")

    def _back(self, stick: Stick) -> None:
        world, hit = self._world, self._world.faults.hit
        answers = stick.answers()
        if not answers:
            return
        book = world.random.choice(world.books) if hit("answer to another") else stick.book
        if not hit("stick kept"):
            self._way.remove(stick)

        def take() -> str:
            done = carrying.take_answers(book.seat, world.random.choice(answers))
            return f"exit {done.exit_code} {done.entries_received} down {done.unsent_entries} left"

        self._by(book, "stick taken back", take)
        book.look()
        book.hand_over()

    def _by(self, book: Book, what: str, does: Callable[[], str]) -> None:
        def told() -> None:
            try:
                self._world.say(f"{book} {what}: {does()}")
            except QingchaError as refused:
                self._world.say(f"{book} {what}: {refused.msgid[:40]}")

        self._world.guarded(book, told)


@contextmanager
def _least(size: int) -> Iterator[None]:
    """Volumes may be as small as this."""
    kept, carrying.LEAST = carrying.LEAST, size
    try:
        yield
    finally:
        carrying.LEAST = kept


@contextmanager
def _watched(world: World) -> Iterator[None]:
    """What opens the server's folder beside the server crashes and finds the disk full as that does."""
    opened = Central.open

    @functools.wraps(opened)
    def watching(*args: Any, **more: Any) -> Central:
        central = opened(*args, **more)
        world.template.keeping.watched(central, world.faults, "server", world.server)
        return central

    Central.open = watching  # type: ignore[method-assign]
    try:
        yield
    finally:
        Central.open = opened  # type: ignore[method-assign]
