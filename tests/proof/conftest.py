"""What all tests here share: one case, made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.inspections import canonical
from models.inspections.tables import Inspection
from models.registry.sealing import seal_of
from models.store.change import new_id, put
from models.store.notebook import Notebook
from sync.proof import layout, stamps
from tests.conftest import PASSPHRASE, UNIT
from tests.once import made_once

from .judges import HAS_TOOLS
from .made import Case, World, case_of, make_world, seal_a_visit
from .mutations import Members, retagged
from .tsa import Authority

needs_tools = pytest.mark.skipif(
    not HAS_TOOLS, reason="bash, openssl, xxd, base32 and sha256sum are not all installed"
)


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    made: tuple[Path, World] = made_once(
        tmp_path_factory, "proof", lambda folder: (folder, make_world(folder))
    )
    there, world = made
    here = shutil.copytree(there, tmp_path_factory.mktemp("proof") / "case")
    with case_of(world, here) as whole:
        yield whole


@pytest.fixture(scope="session")
def sealed_notebook(begun_notebook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed notebook with a sealed visit and its two photographs. Copy it."""

    def make(folder: Path) -> Path:
        target = shutil.copytree(begun_notebook, folder / "notebook")
        with closing(Notebook.open(target, PASSPHRASE)) as book:
            second = new_id()
            about = {"name": "执法员02", "certificate": "FJ350602002", "unit_code": UNIT, "role": "officer"}
            book.write(put("officer", second, UNIT, **about))
            seal_a_visit(book, second, folder, photos=2)
        return target

    made: Path = made_once(tmp_path_factory, "sealed", make)
    return made


@pytest.fixture
def own(sealed_notebook: Path, tmp_path: Path) -> Iterator[tuple[Notebook, str, list[str]]]:
    """A notebook of its own with a sealed visit: the number, and the hashes of its two photographs."""
    folder = shutil.copytree(sealed_notebook, tmp_path / "notebook")
    with closing(Notebook.open(folder, PASSPHRASE)) as book:
        with book:
            (visit,) = Inspection.select()
        sealed = seal_of(book, visit.id)
        assert sealed is not None
        with book.vault.open(sealed.sha256) as stream:
            record = canonical.decode(bytes(stream.read()))
        yield book, sealed.number, [each["sha256"] for each in record["evidence"]]


@dataclass(frozen=True)
class Stamped:
    """A package with an outside time-stamp on its checkpoint, and bytes that are stamped beside it."""

    members: Members
    root: bytes
    """Of the authority that stamped, PEM."""
    other_root: bytes
    """Of another, that stamped `other_answer` over the same checkpoint."""
    other_answer: bytes
    elsewhere: bytes
    """The first authority's answer over `b"text"`."""


@pytest.fixture(scope="session")
def stamped(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Stamped:
    """Needs the openssl program."""
    members = case.members("logged")
    note = members["checkpoint.txt"]

    def make(folder: Path) -> tuple[bytes, ...]:
        one, other = Authority(folder / "one"), Authority(folder / "other")
        asked = stamps.query(note)[0]
        texts = (one.answer(asked), other.answer(asked), one.answer(stamps.query(b"text")[0]))
        return *texts, one.root.read_bytes(), other.root.read_bytes()

    made: tuple[bytes, ...] = made_once(tmp_path_factory, "stamped", make)
    answer, other_answer, elsewhere, root, other_root = made
    certificates = stamps.read(answer, note).certificates
    whole = members | {layout.STAMP: answer, layout.STAMP_CERTIFICATE: certificates}
    return Stamped(retagged(whole, case.book.signer), root, other_root, other_answer, elsewhere)
