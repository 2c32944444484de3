"""A server that was restored from a backup gets back what it lost (R8); without a socket, as the engine.

The notebook asks up to where both logs are one (`reconcile`), leaves the former life of the log behind it
(`sync.former`), sends its own entries again and offers those of others that it holds (`recover`). What the
server cannot place, as it does not know the device any more or lacks an entry before, the notebook carries in
its own log under its first home's name; folds count it once.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

from models.store.entry import Entry
from sync import former, wire
from sync import outcome as says
from sync.engine import Call, Engine, Steps, listed, post
from sync.outcome import Exit, Progress, Trouble, senseless
from sync.problems import Problem

RECONCILE = "/v1/sync/reconcile"
RECOVER = "/v1/sync/recover"


class Healing:
    """Brings notebook and server together again; does nothing where the server has not gone back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ledger = engine.ledger
        self._given = 0
        self._carried = 0

    def hello(self) -> Steps[tuple[int, bool]]:
        """As `Engine.hello`, after reconciling where the server says that it lives another life."""
        try:
            return (yield from self._engine.hello())
        except Problem as problem:
            if problem.name != "epoch":
                raise
        yield from self._reconcile()
        return (yield from self._engine.hello())

    def _reconcile(self) -> Steps[None]:
        engine, ledger = self._engine, self._ledger
        known = former.heads(ledger)
        answer = yield self.reconcile_call()
        told = answer.json()
        head = engine.checked_head(told.get("checkpoint"))
        common, epoch = told.get("common"), told.get("epoch")
        if (
            common not in [0, *(size for size, _root in known)]
            or common > head.size
            or not isinstance(epoch, str)
            or not epoch
        ):
            raise senseless("reconcile")
        former.leave(ledger, common, epoch[:64])
        engine.begin_life(epoch[:64])

    def say_again(self) -> Steps[None]:
        """Offer what the server itself said in its former life: what comes after is judged by it."""
        for call in self.words_calls():
            answer = yield call
            stored = answer.json().get("stored")
            self._given += stored if type(stored) is int else 0

    def words_calls(self) -> Iterator[Call]:
        """The calls of `say_again`."""
        if former.is_giving_back(self._ledger):
            yield from map(self._call, self._batches(former.words(self._ledger)))

    def reconcile_call(self) -> Call:
        """Asks up to where both logs are one."""
        known = former.heads(self._ledger)
        heads = [[size, base64.b64encode(root).decode()] for size, root in known]
        return post(RECONCILE, {"epoch": self._engine.epoch, "heads": heads})

    def recover_calls(self) -> Iterator[Call]:
        """All that others wrote and the server has lost, for who is not there to answer."""
        yield from self.words_calls()
        if former.is_giving_back(self._ledger):
            yield from map(self._call, self._batches(former.of_others(self._ledger)))

    def give_back(self) -> Steps[bool]:
        """Offer what others wrote and the server has lost; whether own entries were made of some of it."""
        engine, ledger = self._engine, self._ledger
        if not former.is_giving_back(ledger):
            return False
        engine.phase = "push"
        total = former.to_give_back(ledger)
        done = 0
        for batch in self._batches(former.of_others(ledger)):
            engine.told(Progress("push", done, total, engine.outcome.bytes_up))
            answer = yield self._call(batch)
            told = answer.json()
            refused = {str(each) for each in listed(told.get("refused"))}
            self._given += told["stored"] if type(told.get("stored")) is int else 0
            self._carried += former.carry(ledger, [each for each in batch if each.hash.hex() in refused])
            done += len(batch)
        former.gave_back(ledger)
        told_of = {"others": self._given, "carried": self._carried}
        engine.outcome.warnings.append(Trouble(Exit.DONE, says.SERVER_RESTORED, told_of))
        return bool(self._carried)

    def _batches(self, entries: Iterable[Entry]) -> Iterator[list[Entry]]:
        limits = self._engine.limits
        batch: list[Entry] = []
        size = 0
        for entry in entries:
            more = len(entry.line()) + 64
            # what is no larger than a batch may be compressed is never too large
            if batch and (len(batch) >= limits.entries or size + more > limits.batch):
                yield batch
                batch, size = [], 0
            batch.append(entry)
            size += more
        if batch:
            yield batch

    def _call(self, batch: list[Entry]) -> Call:
        body = wire.pack(b"".join(wire.offered_line(each.prev, each.line()) for each in batch))
        fields = {
            "content-type": wire.MEDIA_TYPE,
            "content-encoding": "zstd",
            "sync-epoch": self._engine.epoch,
        }
        return Call("POST", RECOVER, body, fields, signed=True)
