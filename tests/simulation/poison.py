"""A device whose entries are made by hand: what no program of ours sends, some of it not to be believed."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from models.store.change import new_id
from models.store.clock import Clock, rfc3339
from models.store.entry import Entry, Head, hash_input
from models.store.signer import Signer
from sync import wire
from sync.courier import Courier
from sync.engine import Call, Cut
from sync.outcome import Outcome, SyncFailed
from sync.problems import Problem
from sync.server import people
from sync.transport import NoAnswer

from .actions import text
from .network import SimulatedLink
from .template import ONE, PACE

if TYPE_CHECKING:
    from .world import World

DISBELIEVED = ("signature", "chain", "number", "line", "name")


@dataclass
class Poisoner:
    """As much of a seat as a courier needs, with a chain made by hand."""

    world: World
    signer: Signer
    officer: str
    clock: Clock
    chain: list[Entry] = field(default_factory=list)
    """What the server may have: the right entries."""

    @property
    def device(self) -> str:
        return self.signer.device

    def sign(self, data: bytes) -> bytes:
        return self.signer.sign(data)

    @classmethod
    def enrolled(cls, world: World, officer: str) -> Poisoner:
        """A device of that account, known to the server."""
        clock = Clock(lambda: world.now, lambda: world.now, lambda: "hand", lambda _ms: 480)
        poisoner = cls(world, Signer.new(), officer, clock)
        poisoner.enrol()
        key = base64.b64encode(poisoner.signer.public_key_der).decode()
        poisoner._append("enrol", "device", poisoner.device, {"key": key, "alg": "p256-sha256"})
        return poisoner

    def enrol(self) -> None:
        central = self.world.server.central
        people.enrol(central, people.make_code(central, self.officer), self.signer.public_key_der, "手工")

    def _made(self, prev: bytes, seq: int, kind: str, record_kind: str, record: str, body: Any) -> Entry:
        head = Head(
            v=1,
            d=self.device,
            q=seq,
            k=kind,
            t=record_kind,
            e=record,
            sc=ONE,
            sv=7,
            u="",
            w=rfc3339(self.clock.wall_ms()),
            m=("hand", 1),
        )
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        head_bytes = msgspec.json.encode(head)
        signature = self.signer.sign_raw(hash_input(prev, head_bytes, data))
        return Entry.of_bytes(prev, head_bytes, data, signature)

    def _append(self, kind: str, record_kind: str, record: str, body: Any) -> None:
        prev = self.chain[-1].hash if self.chain else bytes(32)
        self.chain.append(self._made(prev, len(self.chain) + 1, kind, record_kind, record, body))

    def write(self) -> None:
        """Some entries, most of which the server puts aside."""
        random = self.world.random
        site = random.choice(self.world.template.sites)
        for _ in range(random.randrange(1, 4)):
            choice = random.randrange(6)
            if choice == 0:
                self._append("set", "site", new_id(), {"f": {"name": {"x": text(random), "b": []}}})
            elif choice == 1:
                self._append("set", "site", site, b"[1, 2")
            elif choice == 2:
                self._append("release", "site", site, {"of": "11" * 32})
            elif choice == 3:
                self._append("set", "device", self.device, {"f": {"name": {"x": "x", "b": []}}})
            elif choice == 4:
                self._append("set", "site", site, {"f": {"phone": {"x": 7, "b": "none"}}})
            else:
                self._append("kind_of_entry_2031", "site", site, {"q": [[[]]]})

    def _line(self, wrong: str) -> bytes:
        """A line that ends the batch: everything before it is taken, nothing after it."""
        prev = self.chain[-1].hash
        seq = len(self.chain) + 1
        body = {"f": {"name": {"x": "x", "b": []}}}
        if wrong == "line":
            return b"neither head nor body\n"
        if wrong == "chain":
            prev = bytes(31) + b"\1"
        if wrong == "number":
            seq += 1
        entry = self._made(prev, seq, "set", "site", "" if wrong == "name" else new_id(), body)
        if wrong == "signature":
            entry = Entry.of_bytes(entry.prev, entry.head, entry.body, bytes(64))
        return entry.line()

    def lie(self) -> str:
        """Send other bytes under the name of a file: the server keeps none of them."""
        content = text(self.world.random).encode()
        name = hashlib.sha256(content).hexdigest()
        self._append("attach", "evidence", new_id(), {"sha256": name, "size": len(content)})
        self.push()
        told = "not named yet"
        if not self.waiting:
            told = self._asked(Call("PUT", f"/v1/blobs/{name}", content[::-1], signed=True, expects="upload"))
            assert told != "201", "bytes with another hash were taken for a file"
        with self.world.faults.resting():
            assert not self.world.server.central.vault.has(name), "a file is there that nobody sent"
        return told

    def _asked(self, call: Call) -> str:
        courier = Courier(self, SimulatedLink(self.world, None), Outcome(), pace=PACE)  # type: ignore[arg-type]
        try:
            return str(courier.ask(call).status)
        except Problem as problem:
            return problem.name
        except (NoAnswer, SyncFailed, Cut):
            return "no answer"

    @property
    def waiting(self) -> int:
        """How many of the right entries the server has not."""
        return len(self.chain) - self._have()

    def _have(self) -> int:
        with self.world.server.central as central:
            return int(central.journal.last(self.device)[0])

    def push(self) -> str:
        """Send what the server lacks, now and then with a line that it must not believe."""
        random = self.world.random
        link = SimulatedLink(self.world, None)
        courier = Courier(self, link, Outcome(), pace=PACE)  # type: ignore[arg-type]
        central = self.world.server.central
        have = self._have()
        lines = [entry.line() for entry in self.chain[have : have + 5]]
        wrong = random.choice(DISBELIEVED) if random.random() < 0.4 else ""
        if wrong:
            lines += [self._line(wrong), self.chain[-1].line()]
        fields = {
            "content-type": wire.MEDIA_TYPE,
            "content-encoding": "zstd",
            "sync-epoch": central.epoch,
            "sync-first": str(have + 1),
            "sync-prev": base64.b64encode(self.chain[have - 1].hash if have else bytes(32)).decode(),
        }
        call = Call("POST", "/v1/sync/push", wire.pack(b"".join(lines)), fields, signed=True)
        try:
            told = courier.ask(call).json()
        except Problem as problem:
            return problem.name
        except (NoAnswer, SyncFailed):
            return "no answer"
        assert not wrong or told.get("stopped"), f"a line with a false {wrong} was believed"
        return f"{told['acc']} {len(told['results'])}"
