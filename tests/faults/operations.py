"""What is done while a disk fails, each with the world that it needs and how it is seen to be done."""

from __future__ import annotations

import contextlib
import random
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from models.inspections import queries, verbs
from models.inspections.tables import Evidence, Inspection
from models.registry import verbs as registry
from models.registry.rules import credit_check_character
from models.registry.sealing import seal_of, sealed_bytes
from models.store import health, keys
from models.store.change import attach, new_id, note, put
from models.store.entry import Entry, is_withheld
from models.store.journal import KEPT, EntryRow
from models.store.notebook import Notebook
from models.store.seat import Seat
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.files import files_named
from sync.outcome import Outcome
from sync.server import admin, erasing
from sync.server.central import Central
from sync.tables import FileRow
from tests.day.world import PASSPHRASE, UNIT, all_is_there_once, projections
from tests.direct import Direct
from tests.photos import take_photo
from tests.visits import fill

from .campaign import QUICK, World

_CODE = "91350602MA0000003"
_NOWHERE = ServerAddress.parse("http://127.0.0.1:9")
_PAPER = "证明材料 " * 3_000


class Operation(ABC):
    """One thing that is done.

    `begin` puts into a folder whatever it needs; done once, the folder is then copied.
    """

    name = ""
    sides: tuple[str, ...] = ("book", "server")
    """Whose disk may fail."""
    promises = True
    """Whether what the notebook holds as received must be at the server all the time."""
    takes_out = False
    """Whether the server has less than the notebook by an order that this one may not have heard of."""

    @abstractmethod
    def begin(self, folder: Path) -> None:
        """Make the world that it is done in."""

    def act(self, world: World) -> Outcome | str | None:
        """Do it."""
        return world.sync()

    @abstractmethod
    def whole(self, world: World) -> bool:
        """Whether it is done wholly; AssertionError when in part."""

    def agree(self, world: World) -> None:
        """Hold that after a whole synchronisation both sides have the same, and are sound."""
        all_is_there_once(world.book, world.central)


@contextlib.contextmanager
def _another(world: World, name: str = "执法员02", certificate: str = "FJ350602002") -> Iterator[Notebook]:
    """A colleague's notebook, which is gone afterwards."""
    folder = world.folder / "other"
    with _enrolled(world.central, folder, name, certificate) as book:
        yield book
    shutil.rmtree(folder)


@contextlib.contextmanager
def _enrolled(central: Central, folder: Path, name: str, certificate: str) -> Iterator[Notebook]:
    officer = admin.add_officer(central, name, units=(UNIT,), unit_code=UNIT, certificate=certificate)
    book = Notebook.create(folder, PASSPHRASE, person=officer, unit=UNIT, cost=keys.FAST)
    with contextlib.closing(book):
        enrol(book, _NOWHERE, admin.code(central, officer).code, transport=Direct(central), pace=QUICK)
        yield book


def begin_office(folder: Path) -> None:
    """A server and an enrolled notebook that has synchronised once, closed."""
    admin.init(folder / "server", organisation="演示生态环境局", host="sync.example.cn")
    with (
        contextlib.closing(Central.open(folder / "server")) as central,
        _enrolled(central, folder / "book", "执法员01", "FJ350602001") as book,
    ):
        assert synchronise(book, transport=Direct(central), pace=QUICK).ok


def _add_sites(book: Notebook, count: int) -> None:
    with book.writing():
        for number in range(count):
            book.write(put("site", new_id(), UNIT, name=f"示例企业{number:02}"))


def _visit(world: World) -> str:
    """An inspection by two officers with all that its record needs."""
    book = world.book
    second = registry.add_officer(book, "执法员03", certificate="FJ350602003")
    site = registry.add_site(
        book, "示例印染企业03", code=_CODE + credit_check_character(_CODE), address="示例路3号"
    )
    visit = verbs.begin(book, site_id=site, first_officer=book.person, second_officer=second, checklists="A")
    fill(book, visit, "A")
    return visit


def _the_visit(world: World) -> str:
    with world.book:
        return Inspection.select().get().id


class Save(Operation):
    """A verb's write: evidence is taken in, a file and its record."""

    name = "save"
    sides = ("book",)

    def begin(self, folder: Path) -> None:
        begin_office(folder)
        (folder / "paper.txt").write_text(_PAPER, encoding="utf-8")
        with World.open(folder) as world:
            _visit(world)

    def act(self, world: World) -> str:
        return verbs.take_in(
            world.book, _the_visit(world), world.folder / "paper.txt", kind="documentary", purpose="证明生产"
        )

    def whole(self, world: World) -> bool:
        with world.book:
            rows = list(Evidence.select())
        assert [world.book.vault.verify(row.sha256) for row in rows] == ["kept"] * len(rows)
        assert len(queries.custody_of(world.book, rows[0].id) if rows else [1]) == 1
        return len(rows) == 1


class Seal(Operation):
    """An inspection is sealed: its bytes in the vault, its entry in the chain."""

    name = "seal"
    sides = ("book",)

    def begin(self, folder: Path) -> None:
        begin_office(folder)
        with World.open(folder) as world:
            verbs.finish(world.book, _visit(world))

    def act(self, world: World) -> str:
        return verbs.seal_inspection(world.book, _the_visit(world)).entry

    def whole(self, world: World) -> bool:
        visit = _the_visit(world)
        with world.book:
            shown = Inspection.select().get().sealed
        kept = seal_of(world.book, visit)
        assert (kept is None) == (not shown)
        if kept is not None:
            assert world.book.vault.verify(kept.sha256) == "kept"
            assert sealed_bytes(world.book, visit)
        return kept is not None


class _Sync(Operation):
    """A synchronisation."""

    def begin(self, folder: Path) -> None:
        begin_office(folder)
        with World.open(folder) as world:
            self.work(world)

    def work(self, world: World) -> None:
        """What there is to be sent or received."""

    def whole(self, world: World) -> bool:
        # a synchronisation may stop anywhere: what it did until then is sound all the same
        return _uids(world.book, UNIT) == _uids(world.central, UNIT) and not _waiting(world.book)


def _uids(seat: Seat, unit: str) -> set[str]:
    """What is there of a unit, under the names that survive another home."""
    with seat:
        rows = EntryRow.select().where((EntryRow.unit == unit) & EntryRow.kind.not_in(["enrol", "clock"]))
        return {row.entry().uid for row in rows}


def _waiting(book: Notebook) -> int:
    """Entries and files that have not arrived."""
    with book:
        unsent = EntryRow.select().where(EntryRow.own & (EntryRow.state == KEPT)).count()
        return unsent + FileRow.select().where(FileRow.state != "received").count()


class Push(_Sync):
    """Entries go up, one of them refused."""

    name = "push"

    def work(self, world: World) -> None:
        _add_sites(world.book, 30)
        world.book.write(put("site", new_id(), "350681", name="示例企业外县"))


class Pull(_Sync):
    """Entries of a colleague come down, more than a page."""

    name = "pull"

    def work(self, world: World) -> None:
        with _another(world) as other:
            chance = random.Random(1)
            _add_sites(other, 20)
            with other.writing():
                for _ in range(40):
                    other.write(note("site", new_id(), UNIT, chance.randbytes(15_000).hex()))
            assert synchronise(other, transport=Direct(world.central), pace=QUICK).ok


class Upload(_Sync):
    """Files go up, a small one and one of several pieces."""

    name = "upload"

    def work(self, world: World) -> None:
        chance = random.Random(1)
        for size in (9_000, 600_000):
            take_photo(world.book, chance.randbytes(size))


class _OtherHome(_Sync):
    """A synchronisation after which entries may stand in another chain, under the name of their first."""

    promises = False

    def agree(self, world: World) -> None:
        assert self.whole(world)
        assert [*health.problems(world.book), *health.problems(world.central)] == []
        assert projections(world.book, UNIT) == projections(world.central, UNIT)
        world.central.recheck()


class Reconcile(_OtherHome):
    """The server was restored from an older backup and gets everything back."""

    name = "reconcile"

    def begin(self, folder: Path) -> None:
        begin_office(folder)
        with World.open(folder) as world:
            with _another(world) as known:
                with world.central.writing():
                    shutil.copytree(
                        folder / "server", folder / "backup", ignore=shutil.ignore_patterns("*-shm")
                    )
                _add_sites(known, 5)
                assert synchronise(known, transport=Direct(world.central), pace=QUICK).ok
            # whom the backup does not know: what they wrote is carried
            with _another(world, "执法员04", "FJ350602004") as unknown:
                _add_sites(unknown, 3)
                assert synchronise(unknown, transport=Direct(world.central), pace=QUICK).ok
            _add_sites(world.book, 10)
            assert world.sync().ok
            _add_sites(world.book, 2)
        shutil.rmtree(folder / "server")
        (folder / "backup").rename(folder / "server")


class Rehome(_OtherHome):
    """An old copy of the notebook wrote anew under numbers that the server has: it takes another key."""

    name = "re-home"

    def begin(self, folder: Path) -> None:
        begin_office(folder)
        shutil.copytree(folder / "book", folder / "old")
        with World.open(folder) as world:
            _add_sites(world.book, 5)
            assert world.sync().ok
        shutil.rmtree(folder / "book")
        (folder / "old").rename(folder / "book")
        with World.open(folder) as world:
            _add_sites(world.book, 4)


class Redact(Operation):
    """The server takes the content of an entry out, and the file that it names."""

    name = "redact"
    sides = ("server",)
    takes_out = True

    def begin(self, folder: Path) -> None:
        begin_office(folder)
        with World.open(folder) as world:
            _add_sites(world.book, 5)
            kept = world.book.vault.put_bytes(_PAPER.encode())
            record, file = new_id(), {"sha256": kept.sha256, "size": kept.size, "name": "名单.txt"}
            world.book.write(put("evidence", record, UNIT, title="名单"))
            world.book.write(attach("evidence", record, UNIT, file))
            assert world.sync().ok

    def act(self, world: World) -> str:
        row = _named(world.central)
        if is_withheld(row.body):
            admin.redacted(world.central)  # what a stop left of it
        else:
            admin.redact(world.central, bytes(row.hash).hex(), by="执法员01", why="某号")
        return ""

    def whole(self, world: World) -> bool:
        return _is_out(world.central) and not erasing.left(world.central, settled=True)

    def agree(self, world: World) -> None:
        assert _is_out(world.book)
        assert _is_out(world.central)
        assert [*health.problems(world.book), *health.problems(world.central)] == []
        assert projections(world.book, UNIT) == projections(world.central, UNIT)
        world.central.recheck()


class Obey(Redact):
    """A notebook hears of it."""

    name = "obey"
    sides = ("book",)

    def begin(self, folder: Path) -> None:
        super().begin(folder)
        with World.open(folder) as world:
            super().act(world)

    def act(self, world: World) -> Outcome:  # type: ignore[override]
        return world.sync()

    def whole(self, world: World) -> bool:
        return _is_out(world.book)


def _named(seat: Seat) -> EntryRow:
    with seat:
        return EntryRow.get(EntryRow.kind == "attach")


def _is_out(seat: Seat) -> bool:
    """Whether content and file are gone; AssertionError where what is left is not as it was signed."""
    row = _named(seat)
    out = is_withheld(row.body)
    assert row.entry() == Entry.of_bytes(row.prev, row.head, row.body, row.signature)
    assert out or bool(files_named(row.entry()))
    return out and not list(seat.vault.hashes())


OPERATIONS = (Save(), Seal(), Push(), Pull(), Upload(), Reconcile(), Rehome(), Redact(), Obey())
