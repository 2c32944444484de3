"""One operation, its n-th touch of a disk failing: what must hold then, and after it is done again."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import QingchaError
from models.store.notebook import Notebook
from sync.client import synchronise
from sync.outcome import Outcome
from sync.server.central import Central
from sync.transport import NoAnswer, Reply
from tests.day.world import PASSPHRASE, nothing_acknowledged_is_lost
from tests.direct import Direct
from tests.in_turn import steady

from .disk import COUNTED, Disk
from .plain import PlainDisk

if TYPE_CHECKING:
    from .operations import Operation

FLAVOURS = ("error", "full", "short", "power")
QUICK = steady(3)


@dataclass
class World:
    """An open notebook and an open server on plain SQLite."""

    folder: Path
    book: Notebook
    central: Central
    disk: Disk

    @classmethod
    @contextlib.contextmanager
    def open(cls, folder: Path, disk: Disk | None = None) -> Iterator[World]:
        """Both seats of a folder, as their next start finds them."""
        with contextlib.ExitStack() as stack:
            central = Central.open(folder / "server")
            stack.callback(central.close)
            book = Notebook.open(folder / "book", PASSPHRASE)
            stack.callback(book.close)
            yield cls(folder, book, central, disk or Disk(folder))

    def sync(self) -> Outcome:
        """Synchronise without a socket."""
        return synchronise(self.book, transport=_Mute(self), pace=QUICK)


class _Mute(Direct):
    """To a server that gives no answer once its power is gone."""

    def __init__(self, world: World) -> None:
        super().__init__(world.central)
        self._world = world

    def send(self, *given: Any) -> Reply:
        reply = super().send(*given)
        disk = self._world.disk
        if disk.dead and disk.holds(str(self._world.central.path)):
            raise NoAnswer("no power")
        return reply


def _acted(operation: Operation, world: World) -> tuple[Any, bool]:
    """Do it; what it gave, and whether it says that it is done. Whatever has no sentence is raised."""
    try:
        given = operation.act(world)
    except QingchaError as refused:
        return refused, False
    return given, given.ok if isinstance(given, Outcome) else True


def fails_at(
    operation: Operation,
    template: Path,
    folder: Path,
    side: str,
    flavour: str,
    n: int,
    *,
    both: bool = False,
    kind: type[Disk] = PlainDisk,
) -> str | None:
    """Run an operation with that fault and check all that must hold; None where n is beyond its last step.

    Args:
        both: look at the running seats and at what a restart finds; else at one of them in turn.
    """
    shutil.copytree(template, folder)
    disk = kind(folder / side, flavour, n)
    after = folder.with_name(f"{folder.name}-after")
    try:
        with World.open(folder, disk) as world:
            with disk.failing():
                given, done = _acted(operation, world)
            if not disk.fired:
                assert done, f"without a fault: {_words(given)}"
                return None
            done = done and not disk.dead  # once the power is gone nobody is told anything
            restarted = flavour == "power" or both or n % 2 == 0
            if restarted:
                shutil.copytree(folder, after, ignore=shutil.ignore_patterns("*-shm"))
            if not restarted or (both and flavour != "power"):
                _goes_on(operation, world, done)
        if restarted:
            disk.lose_power(after / side, seed=n)
            with World.open(after) as world:
                if (operation.promises or done) and not operation.takes_out:
                    nothing_acknowledged_is_lost(world.book, world.central)
                _goes_on(operation, world, done)
    except BaseException as error:
        error.add_note(f"{operation.name}, {side}, {flavour} at {n}: {disk.fired}")
        raise
    finally:
        for each in (folder, after):
            shutil.rmtree(each, ignore_errors=True)
    return f"{disk.fired}: {_words(given)}"


def steps(operation: Operation, template: Path, folder: Path, side: str) -> dict[str, int]:
    """How many touches of that disk an operation makes that a fault could hit, by its flavour."""
    every = _touched(operation, template, folder, side, "error").kinds
    found = {flavour: sum(every[kind] for kind in COUNTED[flavour]) for flavour in FLAVOURS}
    return found | {"short": _touched(operation, template, folder, side, "short").count}  # SQLite's are none


def _touched(operation: Operation, template: Path, folder: Path, side: str, flavour: str) -> Disk:
    shutil.copytree(template, folder)
    disk = PlainDisk(folder / side, flavour, 0)
    with World.open(folder, disk) as world:
        with disk.failing():
            given, done = _acted(operation, world)
        assert done, _words(given)
        assert operation.whole(world)
    shutil.rmtree(folder)
    return disk


def _goes_on(operation: Operation, world: World, done: bool) -> None:
    """What was said to be done is; what was not can be done now; then both sides agree and are sound."""
    whole = operation.whole(world)
    assert whole or not done, "it said that it was done, and it is not"
    if not whole:
        given, again = _acted(operation, world)
        assert again, f"done again: {_words(given)}"
        assert operation.whole(world)
    outcome = world.sync()
    assert outcome.ok, f"afterwards: {_words(outcome)}"
    operation.agree(world)


def _words(given: Any) -> str:
    if isinstance(given, Outcome):
        return "; ".join(trouble.text() for trouble in given.problems) or "done"
    return given.text() if isinstance(given, QingchaError) else "done"
