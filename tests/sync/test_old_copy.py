"""A notebook whose folder was put back from an old image (R7): what it lacks comes back from the server."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.registry.tables import Site
from models.store.journal import RECEIVED, EntryRow
from models.store.notebook import Notebook
from models.store.witness import witnessed
from sync import queries
from sync.carrying import export, take_answers
from sync.client import synchronise
from sync.server.carried import take_in
from sync.server.central import Central
from tests.photos import take_photo

from .conftest import PASSPHRASE, QUICK, MakeNotebook, add_sites


def put_back(book: Notebook, image: Path) -> Notebook:
    """The notebook as it was when the image was taken."""
    book.close()
    shutil.rmtree(book.folder)
    shutil.copytree(image, book.folder)
    return Notebook.open(book.folder, PASSPHRASE)


@contextmanager
def old_copy(book: Notebook, image: Path) -> Iterator[Notebook]:
    """As `put_back`, closed when the block is left."""
    old = put_back(book, image)
    try:
        yield old
    finally:
        old.close()


def image_of(book: Notebook, image: Path) -> Path:
    with book.writing():
        return shutil.copytree(book.folder, image, ignore=shutil.ignore_patterns("*-shm", "*.lock"))


def test_an_old_image_gets_back_what_it_lacks_and_goes_on(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    image = image_of(book, tmp_path / "image")
    take_photo(book, b"photo" * 500)
    lost = add_sites(book, 400)
    assert synchronise(book, pace=QUICK).ok

    with old_copy(book, image) as old:
        with old:
            assert Site.select().where(Site.id.in_(lost)).count() == 0
        outcome = synchronise(old, pace=QUICK)
        assert outcome.ok, [trouble.text() for trouble in outcome.problems]
        assert any("旧" in trouble.text() for trouble in outcome.warnings)
        with old:
            assert Site.select().where(Site.id.in_(lost)).count() == 400
            rows = EntryRow.select().where(EntryRow.record.in_(lost))
            assert {(row.own, row.state) for row in rows} == {(True, RECEIVED)}
        assert queries.receipt(old, lost[-1]) is not None
        new = add_sites(old, 3)
        assert synchronise(old, pace=QUICK).ok
        with central:
            assert Site.select().where(Site.id.in_([*lost, *new])).count() == 403


def test_a_contact_of_before_bears_no_witness_after_what_came_back_by_stick(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    add_sites(book, 1)
    assert synchronise(book, pace=QUICK).ok
    image = image_of(book, tmp_path / "image")
    time.sleep(0.05)
    first = time.time_ns() // 1_000_000
    lost = add_sites(book, 3)
    assert synchronise(book, pace=QUICK).ok

    with old_copy(book, image) as old:
        export(old, tmp_path / "there.qcb")
        (taken,) = take_in(central.folder, [tmp_path / "there.qcb"])
        assert taken.answer is not None
        assert take_answers(old, taken.answer).ok
        for written in ("before", "after"):  # anything is written on the laptop
            with old:
                numbers = [row.seq for row in EntryRow.select().where(EntryRow.record.in_(lost))]
            assert len(numbers) == 3
            for number in numbers:
                not_after = witnessed(old, old.device, number).not_after
                assert not_after is None or not_after >= first, written
            add_sites(old, 1)
        assert synchronise(old, pace=QUICK).ok
