"""After the storm: no faults any more, everyone synchronises until nothing moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.ledger import Ledger
from sync.outcome import Exit, Outcome
from sync.server.tables import Blob

if TYPE_CHECKING:
    from .books import Book
    from .poison import Poisoner
    from .world import World

ROUNDS = 12


def settle(world: World) -> None:
    """Synchronise everyone until a whole round moves nothing.

    Raises:
        AssertionError: it does not come to rest, or somebody cannot go on.
    """
    world.faults.on = False
    world.late.clear()
    world.server.look()
    for book in world.books:
        book.look()
    world.say("calm")
    if world.sticks is not None:
        world.sticks.bring()
    last: dict[Book, Outcome] = {}
    seen: dict[Book, int] = {}
    for _ in range(ROUNDS):
        world.pass_time(60_000)
        if world.poisoner is not None:
            _hand_in(world, world.poisoner)
        waiting = [book for book in world.books if seen.get(book) != _size(world) or _moved(last[book])]
        if not waiting:
            for book in world.books:
                _judge(book, last[book])
            return
        for book in waiting:
            last[book] = _session(world, book)
            seen[book] = _size(world)
    raise AssertionError(f"no rest after {ROUNDS} rounds: {waiting} still have something to do")


def _moved(outcome: Outcome) -> bool:
    anew = outcome.exit_code == Exit.NOT_ENROLLED  # it is enrolled again since
    return bool(anew or outcome.entries_sent or outcome.entries_received or outcome.files_sent)


def _session(world: World, book: Book) -> Outcome:
    outcome = world.synchronise(book)
    assert outcome is not None, f"{book} cannot be enrolled"
    return outcome


def _hand_in(world: World, poisoner: Poisoner) -> None:
    for _ in range(len(poisoner.chain)):
        if not poisoner.waiting:
            break
        told = poisoner.push()
        world.say(f"poison {told}")
        if told == "auth":
            poisoner.enrol()
        else:
            assert told[0].isdigit(), f"the hand-made device cannot hand in: {told}"
    assert not poisoner.waiting, "the hand-made device cannot hand in"


def _size(world: World) -> int:
    return world.server.central.sign_head().size


def _judge(book: Book, outcome: Outcome) -> None:
    """Refuse an end of a session that nothing explains."""
    codes = {int(trouble.exit) for trouble in outcome.problems}
    if Exit.REVOKED in codes and book.revoked:
        codes.remove(Exit.REVOKED)
    if Exit.FILE_DAMAGED in codes and _lost(book):
        codes.remove(Exit.FILE_DAMAGED)
    assert not codes, f"{book} ends with {[trouble.text() for trouble in outcome.problems]}"


def _lost(book: Book) -> bool:
    """Whether files that its entries name are neither here nor at the server: an old image lost them."""
    central = book.world.server.central
    lacking = Ledger(book.seat).lacking_files()
    for row in lacking:
        assert not book.seat.vault.has(row.sha256), f"{book}: {row.sha256[:8]} is here and not sent"
        with central:  # one that lies there unknown is nobody's until who has it or its receipt comes
            known = Blob.select().where(Blob.sha256 == row.sha256).exists()
        there = known and central.vault.has(row.sha256)
        assert not there, f"{book}: {row.sha256[:8]} is there and called missing"
    return bool(lacking) and book.copied
