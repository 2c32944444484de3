"""The conversation with the server, without a socket: generators that yield calls and are sent answers.

Everything that waits, retries, signs or reads a clock is the driver's (`sync.client`). A generator may be
dropped at any yield: what was kept until then stands, and the next run goes on from there.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from sync import outcome as says
from sync import wire
from sync.checkpoint import Checkpoint, CheckpointRefused, open_checkpoint, verified_text
from sync.ledger import Ledger, Outgoing
from sync.merkle import ProofRefused, verify_consistency
from sync.outcome import Exit, Outcome, Progress, SyncFailed, Trouble, senseless
from sync.paging import entry_of, orders_of, page_of
from sync.portion import Portion
from sync.problems import Problem
from sync.receipts import Receipt, ReceiptRefused, read_path
from sync.verifying import first_false
from sync.wire import MIB, Limits


@dataclass(frozen=True, slots=True)
class Call:
    """A request to be made."""

    method: str
    target: str
    """Path and query."""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    signed: bool = False
    expects: str = "json"
    """What a success looks like: json, page, part (of a file) or upload."""
    most: int = MIB
    """Longest answer that is read, in bytes."""
    large: bool = False
    """Where no answer comes, `Cut` is raised in the generator, which asks what arrived and sends less."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A success that the driver recognised as this protocol's."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    seconds: float = 0.0
    """How long it took."""

    def json(self) -> dict[str, Any]:
        """The object that it holds.

        Raises:
            SyncFailed: when it is none.
        """
        try:
            return wire.json_object(self.body)
        except wire.BadFrame as reason:
            raise senseless("JSON") from reason


class Forked(Exception):
    """The two chains of this device differ: the notebook was copied, or an old copy was put back (R6)."""

    def __init__(self, have: int, probe: Any, *, revoked: bool = False) -> None:
        super().__init__(have)
        self.have = have
        """Number of the device's last entry on the server."""
        self.probe: list[tuple[int, str]] = [
            (each[0], each[1])
            for each in listed(probe)
            if isinstance(each, list) and len(each) == 2 and type(each[0]) is int and each[0] > 0
        ]
        """Some of its numbers there, with the hashes in hex."""
        self.revoked = revoked


class Cut(Exception):
    """No answer came to a large call; it may have arrived all the same. The wait is over."""


Lane = Generator[Call, Answer, None]


@dataclass(frozen=True, slots=True)
class Together:
    """Conversations that do not wait for one another; yielded as a call is, answered when all have ended."""

    parts: Iterator[Lane]
    at_once: Callable[[], int]
    """How many of them may wait for an answer at the same time; asked again after each."""
    most: int
    """It never says more."""


HELLO = "/v1/sync/hello"
Result = TypeVar("Result")
Steps = Generator[Call | Together, Answer, Result]


def post(target: str, body: Any) -> Call:
    """A signed call with a JSON body."""
    return Call("POST", target, msgspec.json.encode(body), {"content-type": "application/json"}, signed=True)


def own_call(after: int, limits: Limits) -> Call:
    """Asks for what this device wrote after a number."""
    target = f"/v1/devices/self/entries?after={after}&bytes={limits.page}"
    return Call("GET", target, expects="page", most=limits.inflated)


def receipt_call(device: str, seq: int, *, stamped: bool = False) -> Call:
    """Asks for the receipt of one entry, or for that in a head with an outside time-stamp."""
    return Call("GET", f"/v1/receipts/{device}/{seq}" + ("?stamped=1" if stamped else ""))


class Engine:
    """One synchronisation of one notebook."""

    def __init__(self, ledger: Ledger, outcome: Outcome, told: Callable[[Progress], None]) -> None:
        server = ledger.server()
        if server is None:
            raise SyncFailed(Exit.NOT_ENROLLED, says.NOT_ENROLLED)
        self.ledger = ledger
        self.seat = ledger.seat
        self.outcome = outcome
        self.told = told
        self.key = bytes(server.key)
        self.origin = server.origin
        self.server_device = server.device
        self.epoch = server.epoch
        self.limits: Limits = ledger.limits()
        self.phase = "hello"
        self.files_first: Collection[str] = ()
        self._shown = 0
        self._stamped = 0

    # -- hello -----------------------------------------------------------------------------------

    def hello(self) -> Steps[tuple[int, bool]]:
        """Compare both ends; gives the number of the last own entry that the server has, and if revoked."""
        self.phase = "hello"
        self.told(Progress("hello"))
        clock = self.seat.clock
        seq, _ = self.ledger.own_end()
        known = self.ledger.newest_head()
        answer = yield self.hello_call(
            {"wall": clock.wall_ms(), "boot": clock.boot(), "mono": clock.mono_ms()}
        )
        told = self.heard(answer)
        head = self.shown_head(told.get("checkpoint"))
        self._grew(known, head, told.get("consistency"))
        have, digest, fork = self._standing(told)
        if told.get("status") == "fork":  # by stick nothing else is answered then
            raise fork
        yield from self._prove(known)
        self.limits = Limits.from_dict(told.get("limits"))
        revoked = told.get("status") == "revoked"
        stamped = told.get("stamped")
        self._stamped = stamped if type(stamped) is int else 0
        with self.seat.writing():
            self._keep_head(head)
            self.ledger.keep_proven(head)
            self.ledger.follow_units(told)
            self.ledger.update_server(
                role=str(told.get("role", "")),
                limits=msgspec.json.encode(self.limits.as_dict()).decode(),
                revoked=int(revoked),
            )
            self.ledger.follow_role(str(told.get("role", "")))
            self.ledger.keep_durable(told.get("durable_cursor"), told.get("durable_backup"))
            self.ledger.keep_bundle_note(told.get("bundles"))
            self.ledger.keep_log_certificate(told.get("log_certificate"))
        yield from self._compare(seq, have, digest, fork)
        trouble = Trouble(Exit.REVOKED, says.REVOKED)
        if revoked and trouble not in self.outcome.problems:
            self.outcome.problems.append(trouble)
        return have, revoked

    def hello_call(self, clock: dict[str, Any] | None = None) -> Call:
        """What this end says of itself; without its clock where nobody knows when it will be read."""
        seq, digest = self.ledger.own_end()
        known = self.ledger.newest_head()
        said = {
            "device": self.seat.device,
            "epoch": self.epoch,
            "head": {"q": seq, "hash": digest.hex()},
            "log": {"size": known.size, "checkpoint": known.note} if known is not None else {},
        }
        return post(HELLO, said | ({"clock": clock} if clock is not None else {}))

    @staticmethod
    def _standing(told: dict[str, Any]) -> tuple[int, str | None, Forked]:
        """The server's last number of ours, its hash there, and what is raised where it is not that here."""
        place = told.get("have")
        have = place.get("q") if isinstance(place, dict) else None
        digest = place.get("hash") if isinstance(place, dict) else None
        if type(have) is not int or have < 0:
            raise senseless("have")
        return have, digest, Forked(have, told.get("probe"), revoked=told.get("status") == "revoked")

    def _compare(self, seq: int, have: int, digest: str | None, fork: Forked) -> Steps[None]:
        """Own entries that are only there are fetched (R7).

        Raises:
            Forked: where the two chains differ.
        """
        if have > seq:
            if fork.revoked:
                raise fork  # it is given nothing that it lacks, and may have written something since
            yield from self._fetch_own(seq, have, fork)
        own = self.ledger.own_hash(have)
        if own is None or own.hex() != digest:
            raise fork

    def _fetch_own(self, seq: int, have: int, fork: Forked) -> Steps[None]:
        """Take back what this device wrote and this copy of the notebook lacks: an old image (R7)."""
        key = self.seat.public_key_der
        while seq < have:
            self.told(Progress("pull", seq, have, self.outcome.bytes_down))
            answer = yield own_call(seq, self.limits)
            lines, page_end = page_of(answer.body, self.limits)
            orders, server = orders_of(page_end, self.server_device, self.key), self.server_device
            last = {self.seat.device: self.ledger.own_hash(seq) or b""}
            arrivals = [entry_of(line, {self.seat.device: key}, last, orders, server) for line in lines]
            numbers = [each.entry.parsed_head.q for each in arrivals]
            prevs = [each.entry.prev for each in arrivals[:1]]
            if not arrivals or numbers != list(range(seq + 1, seq + 1 + len(arrivals))):
                raise senseless("own")
            if prevs != [self.ledger.own_hash(seq)]:
                raise fork
            if first_false([(each.entry, key) for each in arrivals]) is not None:
                raise senseless("signature")
            with self.seat.writing():
                if self.ledger.own_end()[0] != seq:
                    raise fork  # a screen wrote meanwhile, under a number that the server's log has
                self.seat.receive_own(arrivals, [each.said for each in orders.values()])
            self.outcome.entries_received += len(arrivals)
            seq = numbers[-1]
        self.outcome.warnings.append(Trouble(Exit.DONE, says.OLD_COPY, {"count": have}))

    def _prove(self, known: Any) -> Steps[None]:
        """Have the heads that came with entries since the last hello proved too: they are of one log."""
        for call in self.proof_calls(known):
            answer = yield call
            self._grew(self.checked_head(self.ledger.proven_note()), known, answer.json().get("path"))

    def proof_calls(self, known: Any) -> list[Call]:
        """What asks for the proof from the head proved last to the one known; nothing where they are one."""
        note = self.ledger.proven_note()
        proven = self.checked_head(note) if known is not None and note is not None else None
        if proven is None or proven.size == known.size:
            return []
        return [Call("GET", f"/v1/log/consistency?from={proven.size}&to={known.size}")]

    def _keep_head(self, head: Checkpoint) -> None:
        """Keep a verified head; refuse another root for a size that was seen."""
        root = self.ledger.root_of(head.size)
        if root not in (None, head.root):
            raise SyncFailed(Exit.SERVER_REWRITTEN, says.SERVER_REWRITTEN)
        self.ledger.keep_head(head)

    def keep_if_newest(self, head: Checkpoint) -> None:
        """Keep a verified head that came with entries."""
        newest = self.ledger.newest_head()
        if newest is None or head.size > newest.size:
            self._keep_head(head)

    def _grew(self, known: Any, head: Any, proof: Any) -> None:
        """Refuse a log that is not the continuation of the one seen last."""
        if known is None or (known.size, bytes(known.root)) == (head.size, bytes(head.root)):
            return
        try:
            verify_consistency(known.size, head.size, bytes(known.root), bytes(head.root), read_path(proof))
        except (ProofRefused, ReceiptRefused) as reason:
            raise SyncFailed(Exit.SERVER_REWRITTEN, says.SERVER_REWRITTEN) from reason

    def heard(self, answer: Answer) -> dict[str, Any]:
        """The object of an answer that says what the server holds. Errors as `of_this_life`."""
        told = answer.json()
        self.of_this_life(told)
        return told

    def of_this_life(self, told: Mapping[str, Any]) -> None:
        """Refuse what is said of another life of the log (R8): held back on the way, or restored meanwhile.

        Its signatures are good, and what it tells of is not there any more.

        Raises:
            SyncFailed: when it names another epoch.
        """
        if told.get("epoch") != self.epoch:
            raise SyncFailed(Exit.SERVER_WENT_BACK, says.SERVER_WENT_BACK)

    def begin_life(self, epoch: str) -> None:
        """Go on in another life of the log, of which nothing was shown yet."""
        self.epoch = epoch
        self.compare_no_order()

    def compare_no_order(self) -> None:
        """Let what is shown from now on be older than what was: in a bundle hello is answered last."""
        self._shown = 0

    def shown_head(self, note: Any) -> Checkpoint:
        """The head that came with an answer of this session: none is smaller than one before it (R8).

        A server that was restored between two calls, or an answer that was held back, shows itself by it.

        Raises:
            SyncFailed: when it is smaller, or not signed by the pinned key.
        """
        head = self.checked_head(note)
        if head.size < self._shown:
            raise SyncFailed(Exit.SERVER_WENT_BACK, says.SERVER_WENT_BACK)
        self._shown = head.size
        return head

    def checked_head(self, note: Any) -> Checkpoint:
        """A checkpoint signed by the pinned key.

        Raises:
            SyncFailed: when it is not.
        """
        try:
            return open_checkpoint(str(note), public_key=self.key, origin=self.origin)
        except CheckpointRefused as reason:
            raise SyncFailed(Exit.WRONG_SERVER, says.WRONG_SERVER) from reason

    # -- push ------------------------------------------------------------------------------------

    def catch_up(self, have: int) -> Steps[None]:
        """Fetch the receipt of entries whose answer was lost."""
        before = self.ledger.acknowledged()
        if have <= before:
            return
        answer = yield receipt_call(self.seat.device, have)
        receipt = self._receipt_of(self.heard(answer), self.ledger.own_hash(have) or b"")
        self.ledger.acknowledge(receipt, have, placed=None, aside=[])
        self.outcome.entries_sent += have - before

    def push(self, have: int) -> Steps[None]:
        """Send own entries from there on, in order; each answer's receipt is verified before it counts."""
        self.phase = "push"
        end, _ = self.ledger.own_end()
        total = end - have
        # one batch is to take two to five seconds
        many = Portion(200, least=20, most=self.limits.entries, good=1, seconds=2)
        seq = have + 1
        while seq <= end:
            done = seq - 1 - have
            self.told(Progress("push", done, total, self.outcome.bytes_up))
            batch, call = self._fitting(seq, many)
            try:
                answer = yield call
            except Problem as problem:
                if problem.name == "too-large" and len(batch.lines) > 1:
                    many.at_most(len(batch.lines) // 2)
                    continue
                if problem.name == "fork":  # another copy has synchronised since hello
                    raise Forked(seq - 1, problem.more.get("probe")) from problem
                raise
            except Cut:
                many.was_cut()
                held, _ = yield from self.hello()
                yield from self.catch_up(held)
                self.phase = "push"
                seq = held + 1
                continue
            up_to = self._pushed(self.heard(answer), seq)
            if up_to is None:
                return
            seq = up_to + 1
            many.went(answer.seconds)
        self.told(Progress("push", total, total, self.outcome.bytes_up))

    def push_calls(self, have: int) -> Iterator[Call]:
        """Own entries from there on as batches, for who is not there to answer."""
        end, _ = self.ledger.own_end()
        many = Portion(self.limits.entries, least=1, most=self.limits.entries, good=1, seconds=0)
        while have < end:
            batch, call = self._fitting(have + 1, many)
            yield call
            have += len(batch.lines)

    def _fitting(self, seq: int, many: Portion) -> tuple[Outgoing, Call]:
        """The next batch, of as many entries as the server's limits let through."""
        while True:
            batch = self.ledger.outgoing(seq, many.size, self.limits.inflated)
            body = wire.pack(b"".join(batch.lines))
            if len(body) <= self.limits.batch or len(batch.lines) == 1:
                return batch, self._push_call(batch, body)
            many.at_most(len(batch.lines) // 2)

    def _push_call(self, batch: Outgoing, body: bytes) -> Call:
        fields = {
            "content-type": wire.MEDIA_TYPE,
            "content-encoding": "zstd",
            "sync-epoch": self.epoch,
            "sync-first": str(batch.first),
            "sync-prev": base64.b64encode(batch.prev).decode(),
        }
        return Call("POST", "/v1/sync/push", body, fields, signed=True, large=True)

    def _pushed(self, told: dict[str, Any], seq: int) -> int | None:
        """Verify and keep the answer to a push; None when the server stopped within the batch."""
        up_to = told.get("acc")
        # beyond this batch where a larger one of before, which nobody answered, has arrived meanwhile
        if type(up_to) is not int or not seq - 1 <= up_to <= self.ledger.own_end()[0]:
            raise senseless("acc")
        if up_to >= seq:
            receipt = self._receipt_of(told.get("receipt"), self.ledger.own_hash(up_to) or b"")
            results = [
                each
                for each in listed(told.get("results"))
                if isinstance(each, dict) and type(each.get("q")) is int and seq <= each["q"] <= up_to
            ]
            before = self.ledger.acknowledged()
            with self.seat.writing():
                self._keep_head(self.shown_head(told.get("checkpoint")))
                placed = _cursors(told.get("cursors"), receipt.cursor)
                aside = self.ledger.acknowledge(receipt, up_to, placed=placed, aside=results)
            self.outcome.entries_sent += max(0, up_to - before)
            self.outcome.put_aside += aside
        stopped = told.get("stopped")
        if isinstance(stopped, dict):
            self.outcome.problems.append(
                Trouble(
                    Exit.FAILED,
                    says.STOPPED,
                    {"seq": stopped.get("q", 0), "reason": str(stopped.get("detail", ""))[:120]},
                )
            )
            return None
        return up_to

    def _receipt_of(self, data: Any, entry_hash: bytes) -> Receipt:
        """A receipt for exactly this entry, verified with the pinned key.

        Raises:
            SyncFailed: when it is not; nothing then counts as received.
        """
        try:
            receipt = Receipt.from_dict(data)
            if receipt.entry_hash != entry_hash:
                raise ReceiptRefused("a receipt for another entry")
            receipt.verify(self.key, self.origin)
        except ReceiptRefused as reason:
            raise SyncFailed(Exit.WRONG_SERVER, says.WRONG_SERVER) from reason
        return receipt

    def seal_stamps(self) -> Steps[None]:
        """Fetch each sealed record's receipt in a head with an outside time-stamp, once there is one."""
        from sync.proof.stamps import read as read_stamp  # 30 ms, for what is there once an evening at most

        for seq, digest in self.ledger.seals_without_stamp(self._stamped):
            told = self.heard((yield receipt_call(self.seat.device, seq, stamped=True)))
            receipt = self._receipt_of(told, digest)
            text = verified_text(receipt.note, name=None, public_key=self.key)
            try:
                answer = base64.b64decode(str(told.get("stamp", "")), validate=True)
                read_stamp(answer, text.encode())
            except ValueError:
                continue  # none after all, or none over this head: an outside word more or less
            self.ledger.keep_stamp(receipt, answer)

    def seal_receipts(self) -> Steps[None]:
        """Fetch each sealed record's own receipt: it goes into the evidence package."""
        for seq, digest in self.ledger.seals_without_proof():
            answer = yield receipt_call(self.seat.device, seq)
            self.ledger.keep_proof(self._receipt_of(self.heard(answer), digest), seq)
        for device, seq, digest in self.ledger.former_seals_without_proof():
            try:
                answer = yield receipt_call(device, seq)
            except Problem as problem:
                if problem.name != "not-found":
                    raise
                continue  # a restored server may not know any more whose key that was
            self.ledger.keep_former_proof(self._receipt_of(self.heard(answer), digest))


def listed(data: Any) -> list[Any]:
    """A member that should be a list; anything else is an empty one."""
    return data if isinstance(data, list) else []


def _cursors(data: Any, proved: int) -> tuple[int, int] | None:
    """First and last place of a run; None for what is none, or does not end where the receipt proves."""
    if isinstance(data, list) and len(data) == 2 and all(type(each) is int for each in data):
        first, last = data
        return (first, last) if 0 < first <= last == proved else None
    return None
