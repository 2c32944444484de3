"""The seats of a simulated run: notebooks that crash, are copied and put back, and the server."""

from __future__ import annotations

import json
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from models.errors import StoreRefused
from models.store.clock import Clock
from models.store.database import run
from models.store.lookup import by_id
from models.store.notebook import Notebook
from models.store.seat import Seat
from sync.copied import go_on_alone
from sync.server import backup
from sync.server.calls import served
from sync.server.central import Central
from sync.server.tables import Device
from sync.transport import Reply
from sync.wire import Limits

from .cluster import copy
from .disk import Crashed, Watched
from .network import Sent, Switchboard
from .sticks import ALONE
from .template import PASSPHRASE, Person

if TYPE_CHECKING:
    from .world import World

KNOWING = 2_000_001
"""Seeds from here to `sticks.ALONE` have copies that find themselves out at opening."""
Held = dict[str, str]
"""What a seat must never lose: uid of each entry that it held whole, to a name for a person."""


_NEW = (
    "SELECT n, device, seq, kind, record_kind, hash, head, substr(body, 1, 1)"
    " FROM entry WHERE n > ? ORDER BY n"
)


def scan(seat: Seat, after: int, held: Held) -> int:
    """Add what came since an arrival number; gives the last one."""
    with seat:
        for n, device, seq, kind, record_kind, digest, head, first in run(_NEW, (after,)).fetchall():
            after = n
            # a key is of one device, an epoch of one life; what was withheld is not here
            if kind not in ("enrol", "epoch") and first != b"-":
                carried = b'"o":{' in head
                uid = json.loads(head)["o"]["h"] if carried else digest.hex()
                held[uid] = f"{kind} {record_kind} {device[:6]}/{seq}"
    return after


@dataclass(eq=False)
class Book:
    """One notebook's folder, and the program that has it open."""

    world: World
    name: str
    person: Person
    officer: str
    folder: Path
    skew_ms: int = 0
    boot: int = 0
    booted_at: int = 0
    scanned: int = 0
    held: Held = field(default_factory=dict)
    own_end: int = 0
    """The last own entry that was committed: it is there after any crash."""
    devices: set[str] = field(default_factory=set)
    """Its keys: another one after its chain had forked."""
    images: list[Path] = field(default_factory=list)
    ever_granted: set[str] = field(default_factory=set)
    ever_may: set[str] = field(default_factory=set)
    """Rights that the account has or had: who may read less than before keeps what is there."""
    copied: bool = False
    """Whether it was cloned or put back: its chain may have forked; where it is revoked too, it stays so."""

    def __post_init__(self) -> None:
        self.clock = Clock(
            lambda: self.world.now + self.skew_ms,
            lambda: self.world.now - self.booted_at,
            lambda: f"boot{self.boot}",
            lambda _ms: 480,
        )
        self.open()

    def __repr__(self) -> str:
        return self.name

    @property
    def revoked(self) -> bool:
        """Whether the server calls this device revoked."""
        with self.world.server.central:
            row = by_id(Device, self.seat.device)
        return row is not None and row.revoked_at is not None

    def open(self) -> None:
        """Start the program."""
        self.seat = Notebook.open(self.folder, PASSPHRASE, clock=self.clock)
        self.watched = Watched(self.seat, self.world.faults, "client", self)

    def close(self) -> None:
        """End the program."""
        self.seat.close()

    def restart(self) -> None:
        """Start it again after a crash; sometimes with the machine."""
        self.seat.close()
        if self.world.random.random() < 0.5:
            self.boot, self.booted_at = self.boot + 1, self.world.now
        self.open()
        end = self._end()
        same = self.seat.device in self.devices  # else it went on under another key
        assert end >= self.own_end or not same, f"{self}: kept {self.own_end} entries, a crash left {end}"
        self.look()

    def look(self) -> None:
        """Note what is held now."""
        self.scanned = scan(self.seat, self.scanned, self.held)
        self.own_end = self._end()
        self.devices.add(self.seat.device)

    def hand_over(self) -> None:
        """What was forgotten on purpose, as its unit was taken away (R13), the server now answers for."""
        here: Held = {}
        scan(self.seat, 0, here)
        gone = self.held.keys() - here.keys()
        if gone:
            self.world.server.look()
            for uid in gone & self.world.server.held.keys():
                del self.held[uid]

    def wrote(self) -> None:
        """Note when entries were written in truth, whatever this machine's clock says."""
        with self.seat:
            query = "SELECT hash FROM entry WHERE device = ? AND seq > ? AND kind != 'clock'"
            for (digest,) in run(query, (self.seat.device, self.own_end)).fetchall():
                self.world.written_at[digest.hex()] = self.world.now
        self.look()

    def _end(self) -> int:
        with self.seat:
            query = "SELECT MAX(seq) FROM entry WHERE device = ?"
            return int(run(query, (self.seat.device,)).fetchone()[0])

    def keep_image(self) -> None:
        """Copy the folder as it is on the disk."""
        image = copy(self.folder, self.world.new_folder("image"))
        self.images.append(image)

    def put_back(self, image: Path) -> None:
        """The folder becomes what it was; what was written since is gone from here."""
        self.seat.close()
        shutil.rmtree(self.folder)
        copy(image, self.folder)
        self.copied = True
        self.boot, self.booted_at = self.boot + 1, self.world.now
        self.scanned, self.held, self.own_end = 0, {}, 0
        self.open()
        self.look()
        self._find_out()

    def clone(self) -> Book:
        """A copy of the folder on another machine; both go on."""
        folder = copy(self.folder, self.world.new_folder("clone"))
        self.copied = True
        twin = Book(
            self.world, f"{self.name}'", self.person, self.officer, folder, self.skew_ms, self.boot + 100
        )
        twin.booted_at, twin.copied = self.world.now, True
        twin.devices = set(self.devices)
        twin.ever_granted, twin.ever_may = set(self.ever_granted), set(self.ever_may)
        twin.look()
        twin._find_out()
        return twin

    def _find_out(self) -> None:
        """Its token may tell that it is a copy, before anything is written; old programs have none."""
        if not KNOWING <= self.world.seed < ALONE or self.world.random.random() < 0.3:
            return
        with suppress(StoreRefused):
            self.world.guarded(self, lambda: go_on_alone(self.seat))
            self.world.say(f"{self} goes on alone as {self.seat.device[:6]}")
        self.look()


class Process:
    """One process of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def open(self) -> None:
        """Start it."""
        server = self._server
        self.central = Central.open(server.folder, clock=server.clock)
        self.watched = server.keeping.watched(self.central, server.world.faults, "server", server)
        self.board = Switchboard(list(served(self.central, server.limits)))


class Server:
    """The server's folder, and the processes that have it open: one, but on PostgreSQL."""

    def __init__(self, world: World, limits: Limits) -> None:
        self.world = world
        self.limits = limits
        self.keeping = world.template.keeping
        self._chance = Random(f"{world.seed}/processes")
        self.keeping.begin(world, self._chance)
        self.folder = self.keeping.copy(world.template.server, world.folder / "server")
        self._processes = [Process(self) for _ in range(self.keeping.processes(self._chance))]
        self.backups: list[Path] = []
        self.scanned = 0
        self.held: Held = {}
        self.clock = Clock(lambda: world.now, lambda: world.now, lambda: "server", lambda _ms: 480)
        self.open()

    @property
    def central(self) -> Central:
        """The seat as its first process has it open."""
        return self._processes[0].central

    def open(self) -> None:
        """Start it."""
        for process in self._processes:
            process.open()

    def close(self) -> None:
        """End it."""
        for process in self._processes:
            process.central.close()

    def restart(self) -> None:
        """Start again after a crash what is gone: one process, or what was open beside them."""
        self.world.say("  the server crashed")
        for process in [each for each in self._processes if each.watched.gone] or self._processes:
            process.central.close()
            process.open()

    def answer(self, sent: Sent) -> Reply | None:
        """What comes back; None where the process went away meanwhile."""
        try:
            return self._chance.choice(self._processes).board.answer(sent)
        except Crashed as crash:
            if crash.owner is not self:
                raise
            self.restart()
            return None

    def look(self) -> None:
        """Note what is held now."""
        self.scanned = scan(self.central, self.scanned, self.held)

    def back_up(self) -> None:
        """Make a backup: by the product's own command, or a copy of the folder at rest."""
        target = self.world.new_folder("backup")
        if self.world.random.random() < 0.3:
            backup.back_up(self.folder, target)
        else:
            self.close()
            self.keeping.copy(self.folder, target)
            self.open()
        self.backups.append(target)

    def restore(self, source: Path) -> str:
        """Put a backup in the server's place; gives how."""
        self.close()
        end = self.folder / "log.end"
        signed = end.read_text(encoding="ascii") if end.exists() else ""  # a backup has none
        way = self.world.random.choice(("silently", "and told", "database only"))
        with self.world.faults.resting():
            by_command = self.keeping.brings_back(source, self.folder)
        if by_command:
            way = "by command"
        elif way == "database only":
            self.keeping.put_back_database(source, self.folder)
        else:
            self.keeping.remove(self.folder)
            self.keeping.copy(source, self.folder)
        if way == "database only":
            refused = self._older_is_refused()
            epoch, size = signed.split() if signed else ("", "0")
            with closing(Central.open(self.folder, clock=self.clock, restored=True)) as found:
                older = found.epoch == epoch and found.recheck() < int(size)
            if older:
                assert refused, "a server older than what it signed was started"
            way = "database only, seen" if refused else way
        if way == "and told" or way.endswith("seen"):
            backup.restored(self.folder)
        self.scanned, self.held = 0, {}
        self.open()
        self.look()
        return way

    def _older_is_refused(self) -> bool:
        try:
            with closing(Central.open(self.folder, clock=self.clock)):
                return False
        except StoreRefused:
            return True
