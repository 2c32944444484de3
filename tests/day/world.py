"""An office of two laptops and a server, to be copied and broken; what must hold of it whatever happens."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import catalogue
from models.store import health, keys
from models.store.change import new_id, note, put, void
from models.store.journal import KEPT, PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.embedded import embedded
from sync.receipts import Receipt, check_file_receipt
from sync.server import admin
from sync.server.central import Central
from sync.server.tables import Blob
from sync.tables import FileRow, Proof, ServerFacts
from tests.photos import take_photo

from .processes import Program, environment

PASSPHRASE = "青山绿水-2026"
UNIT = "350602"
NOT_GRANTED = "350681"


@dataclass
class Office:
    """A server's folder and the home of one officer's notebook, both closed."""

    folder: Path
    sites: list[str] = field(default_factory=list)
    """Sites that both laptops know from the beginning."""

    @property
    def server(self) -> Path:
        return self.folder / "server"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def copy(self, target: Path) -> Office:
        """The same office elsewhere: the same devices with the same keys."""
        shutil.copytree(self.folder, target)
        return Office(target, list(self.sites))

    @contextlib.contextmanager
    def notebook(self) -> Iterator[Notebook]:
        """The notebook, as its next start finds it."""
        book = Notebook.open(self.home / "notebooks/book", PASSPHRASE)
        with contextlib.closing(book):
            yield book

    @contextlib.contextmanager
    def central(self) -> Iterator[Central]:
        """The server's seat, as its next start finds it: the whole log is read and compared."""
        with contextlib.closing(Central.open(self.server)) as central:
            yield central

    def sync(self, url: str, **more: Any) -> Program:
        """`qingcha sync`, running."""
        words = ("sync", "--json", "--server", url)
        return Program(*words, environment=environment(self.home, PASSPHRASE), **more)


def make_office(folder: Path, *, others: int = 40) -> Office:
    """Two enrolled laptops; the other one's entries lie at the server, not yet received by this one."""
    office = Office(folder)
    admin.init(office.server, organisation="演示生态环境局", host="sync.example.cn")
    with office.central() as central, embedded(central) as running:
        address = ServerAddress.parse(running.url)
        books = []
        for name, where in (("执法员01", office.home / "notebooks/book"), ("执法员02", folder / "other")):
            officer = admin.add_officer(central, name, units=[UNIT], unit_code=UNIT)
            book = Notebook.create(where, PASSPHRASE, person=officer, unit=UNIT, cost=keys.FAST)
            enrol(book, address, admin.code(central, officer).code)
            books.append(book)
        own, other = books
        office.sites = [new_id() for _ in range(20)]
        with own.writing():
            for number, site in enumerate(office.sites):
                own.write(put("site", site, UNIT, name=f"示例企业{number:02d}", unit_code=UNIT))
        for book in (own, other):
            assert synchronise(book).ok
        with other.writing():
            for number, site in enumerate(office.sites):
                other.write(put("site", site, UNIT, address=f"乙路{number}号"))
            # more than a page, so that receiving is cut between pages too
            for number in range(others):
                site = new_id()
                other.write(put("site", site, UNIT, name=f"示例企业甲{number:03d}"))
                other.write(note("site", site, UNIT, secrets.token_hex(15_000)))
        assert synchronise(other).ok
        for book in books:
            book.close()
    shutil.rmtree(folder / "other")
    return office


def work(office: Office, chance: random.Random, *, sites: int = 220, files: tuple[int, ...] = ()) -> None:
    """An officer's writing: new records and changed ones, files, and entries that the server refuses."""
    with office.notebook() as book:
        new = [new_id() for _ in range(sites)]
        with book.writing():
            for number, site in enumerate(new):
                book.write(put("site", site, UNIT, name=f"示例企业{number:03d}", unit_code=UNIT))
            for site in chance.sample(office.sites, 5):
                book.write(put("site", site, UNIT, address=f"甲路{chance.randrange(100)}号"))
            book.write(void("site", new[0], UNIT, "重复登记"))
            book.write(note("site", new[-1], UNIT, "门卫室在东侧"))
            for _ in range(2):
                book.write(put("site", new_id(), NOT_GRANTED, name="示例企业外县"))
        for size in files:
            take_photo(book, chance.randbytes(size))


# -- what must hold at any moment ----------------------------------------------------------------------


def nothing_acknowledged_is_lost(book: Notebook, central: Central) -> None:
    """Whatever the notebook holds as received has a sound receipt and is at the server, byte for byte."""
    assert health.file_problems(book) == []
    assert health.file_problems(central) == []
    with book:
        facts = ServerFacts.get(ServerFacts.id == 1)
        received = {row.seq: bytes(row.hash) for row in EntryRow.select().where(EntryRow.own)}
        kept = {
            row.seq for row in EntryRow.select(EntryRow.seq).where(EntryRow.own & (EntryRow.state == KEPT))
        }
        proofs = list(Proof.select())
        files = list(FileRow.select().where(FileRow.state == "received"))
    with central:
        query = EntryRow.select().where(EntryRow.device == book.device)
        there = {row.seq: bytes(row.hash) for row in query}
        by_cursor = {row.cursor: bytes(row.hash) for row in query}
        whole = {row.sha256: row.size for row in Blob.select()}
    for seq in received.keys() - kept:
        assert there.get(seq) == received[seq], f"entry {seq} was acknowledged and is not at the server"
    for seq, digest in there.items():
        assert received.get(seq) == digest, f"the server holds another entry {seq}"
    for proof in proofs:
        receipt = Receipt.from_dict(json.loads(proof.receipt))
        receipt.verify(bytes(facts.key), facts.origin)
        assert receipt.entry_hash == received[proof.seq] == by_cursor[proof.cursor]
    for file in files:
        check_file_receipt(file.receipt, file.sha256, origin=facts.origin, public_key=bytes(facts.key))
        assert whole.get(file.sha256) == file.size
        data = central.vault.path_of(file.sha256).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file.sha256


def all_is_there_once(book: Notebook, central: Central) -> None:
    """After a whole synchronisation: both journals hold the same entries, once; both fold them alike."""
    nothing_acknowledged_is_lost(book, central)
    ours = _entries(book)
    theirs = _entries(central)
    with book:
        unsent = EntryRow.select().where(EntryRow.own & (EntryRow.state == KEPT)).count()
        aside = _aside(book.device)
        waiting = [row.sha256 for row in FileRow.select().where(FileRow.state != "received")]
    with central:
        assert aside == _aside(book.device)
    assert (unsent, waiting) == (0, [])
    assert len(set(theirs)) == len(theirs), "an entry is at the server twice"
    own = [(seq, digest) for device, seq, digest, _ in ours if device == book.device]
    assert own == [(seq, digest) for device, seq, digest, _ in theirs if device == book.device]
    visible = {each for each in theirs if each[3] == UNIT or each[0] == book.device}
    assert {each for each in visible if each not in set(ours)} == set(), "not everything was received"
    assert set(ours) <= set(theirs)
    assert health.problems(book) == []
    assert health.problems(central) == []
    assert projections(book, UNIT) == projections(central, UNIT)


def projections(seat: Any, unit: str) -> dict[str, str]:
    """For each kind of record a digest of the rows of one unit, in the order of their ids."""
    found = {}
    with seat:
        for kind in catalogue.kinds():
            rows = kind.table.select().where(kind.table.unit == unit).order_by(kind.table.id).dicts()
            text = repr([sorted(row.items()) for row in rows]).encode("utf-8", "backslashreplace")
            found[kind.name] = hashlib.sha256(text).hexdigest()
    return found


def _entries(seat: Any) -> list[tuple[str, int, bytes, str]]:
    with seat:
        rows = EntryRow.select().order_by(EntryRow.device, EntryRow.seq)
        return [(row.device, row.seq, bytes(row.hash), row.unit) for row in rows]


def _aside(device: str) -> dict[int, str]:
    query = EntryRow.select().where((EntryRow.device == device) & (EntryRow.state == PUT_ASIDE))
    return {row.seq: row.problem for row in query}
