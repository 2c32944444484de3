"""Sealed records on an enrolled notebook and on a stranger's, and their packages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from models.documents.stored_zip import Archive
from models.inspections import verbs
from models.registry import verbs as registry
from models.registry.sealing import Sealed
from models.store import keys
from models.store.change import put
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.courier import Pace
from sync.embedded import embedded
from sync.proof.making import package
from sync.server import admin
from sync.server.central import Central
from tests.conftest import PASSPHRASE, UNIT
from tests.visits import fill

QUICK = Pace(tries=4, sleep=lambda seconds: None, chance=lambda: 0.0)


@dataclass
class Case:
    """A server, a notebook enrolled with it, another that is not, and packages of what they sealed."""

    central: Central
    book: Notebook
    stranger: Notebook
    root: bytes
    sealed: Sealed
    """Logged, with a photograph."""
    packages: dict[str, Path]
    """logged; amendment (logged, no evidence); waiting (registered, not logged); stranger (unregistered)."""
    records: dict[str, str]
    """The number or id of what is in each."""

    def members(self, name: str) -> dict[str, bytes]:
        """The content of a package."""
        with self.packages[name].open("rb") as file:
            archive = Archive(file)
            return {each: b"".join(archive.blocks(each)) for each in archive.names()}


def photograph(folder: Path, name: str, colour: int = 80) -> Path:
    picture = BytesIO()
    Image.effect_noise((200, 150), colour).convert("RGB").save(picture, "JPEG", quality=80)
    path = folder / name
    path.write_bytes(picture.getvalue())
    return path


def seal_a_visit(book: Notebook, second: str, folder: Path, *, photos: int = 1) -> Sealed:
    """A visit through the verbs, with photographs, sealed."""
    site = registry.add_site(book, "示例印染企业03", address="漳州市芗城区示例路3号")
    visit = verbs.begin(book, site_id=site, first_officer=book.person, second_officer=second, checklists="A")
    fill(book, visit, "A")
    for count in range(photos):
        photo = photograph(folder, f"photo{count}.jpg", 60 + count)
        verbs.take_in(book, visit, photo, kind="audio_visual", purpose="证明现场情况")
    verbs.finish(book, visit)
    return verbs.seal_inspection(book, visit)


@dataclass(frozen=True)
class World:
    """What lies closed in the folders `server`, `book` and `stranger` beside one another."""

    sealed: Sealed
    records: dict[str, str]
    """The number or id of what goes into each package of a `Case`."""


def make_world(folder: Path) -> World:
    """A new server and two notebooks in that folder, and what they sealed."""
    admin.init(folder / "server", organisation="演示生态环境局", host="sync.example.cn")
    with ExitStack() as closing_all:
        central = closing_all.enter_context(closing(Central.open(folder / "server")))
        second = admin.add_officer(central, "执法员02", certificate="FJ350602092", unit_code=UNIT)
        officer = admin.add_officer(
            central, "执法员01", certificate="FJ350602091", units=(UNIT,), unit_code=UNIT
        )
        book, stranger = (
            closing_all.enter_context(
                closing(Notebook.create(folder / name, PASSPHRASE, person=officer, unit=UNIT, cost=keys.FAST))
            )
            for name in ("book", "stranger")
        )
        with embedded(central) as running:
            enrol(book, ServerAddress.parse(running.url), admin.code(central, officer).code, pace=QUICK)
            assert synchronise(book, pace=QUICK).ok
            sealed = seal_a_visit(book, second, folder, photos=2)
            amended = verbs.amend_inspection(book, sealed.record, "更正联系人", contact_name="示例人04")
            assert synchronise(book, pace=QUICK).ok
            waiting = seal_a_visit(book, second, folder)
        for person, name in ((officer, "执法员01"), (second, "执法员02")):
            fields = {"name": name, "unit_code": UNIT, "role": "officer", "certificate": f"FJ{person[-6:]}"}
            stranger.write(put("officer", person, UNIT, **fields))
        foreign = seal_a_visit(stranger, second, folder)
    records = {
        "logged": sealed.number,
        "amendment": amended.number,
        "waiting": waiting.record,
        "stranger": foreign.number,
    }
    return World(sealed, records)


@contextmanager
def case_of(world: World, folder: Path) -> Iterator[Case]:
    """A world that lies in that folder, opened, and its packages."""
    with ExitStack() as closing_all:
        central = closing_all.enter_context(closing(Central.open(folder / "server")))
        book, stranger = (
            closing_all.enter_context(closing(Notebook.open(folder / name, PASSPHRASE)))
            for name in ("book", "stranger")
        )
        packages = {name: folder / f"{name}.zip" for name in world.records}
        for name, record in world.records.items():
            package(stranger if name == "stranger" else book, record, packages[name])
        root = central.authority.encode()
        (folder / "root.crt").write_bytes(root)
        yield Case(central, book, stranger, root, world.sealed, packages, world.records)


@contextmanager
def made(folder: Path) -> Iterator[Case]:
    """Everything in that folder, from a new server to the packages."""
    with case_of(make_world(folder), folder) as case:
        yield case
