"""A laptop whose disk is full to the last byte: what waits is sent all the same, from the room set aside."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import StoreRefused
from models.registry.tables import Site
from models.store.ballast import Ballast
from models.store.health import problems
from models.store.notebook import Notebook
from sync import outcome as says
from sync.client import synchronise
from sync.outcome import Exit
from sync.server.central import Central
from tui import opened

from .conftest import PASSPHRASE, QUICK, MakeNotebook, add_sites, whole

MIB = 1 << 20


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MB of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)], check=False, capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("this user may not mount a disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def laptop(small: Path, enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Ballast]:
    """A notebook's folder on that disk, and room set aside beside it."""
    monkeypatch.delenv("QINGCHA_NO_BALLAST")
    book = enrolled()
    add_sites(book, 20)
    whole(synchronise(book, pace=QUICK))
    book.close()
    folder = shutil.copytree(book.folder, small / "notebooks/book")
    ballast = Ballast(folder.parent, size=4 * MIB, roomy=MIB)
    assert ballast.keep()
    return folder, ballast


def fill(small: Path) -> Path:
    """Leave not a byte."""
    path = small / "film.mp4"
    with path.open("ab", buffering=0) as file:
        for piece in (MIB, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * piece)
    assert shutil.disk_usage(small).free == 0
    return path


def refused(book: Notebook) -> tuple[str, list[str]]:
    """Save until the disk refuses; what is told, and what was kept until then."""
    kept: list[str] = []
    while True:
        try:
            kept += add_sites(book, 5)
        except StoreRefused as told:
            return told.text(), kept


def test_what_waits_is_sent_from_a_full_disk(
    laptop: tuple[Path, Ballast], small: Path, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, ballast = laptop
    book = Notebook.open(folder, PASSPHRASE, ballast=ballast)
    waiting = add_sites(book, 30)
    film = fill(small)

    words, more = refused(book)
    assert "4 MB" in words
    assert "同步" in words
    assert not ballast.path.exists()
    more += add_sites(book, 1)  # done again, as it says
    outcome = whole(synchronise(book, pace=QUICK))
    assert outcome.unsent_entries == 0
    with central:
        assert Site.select().where(Site.id.in_([*waiting, *more])).count() == len(waiting) + len(more)

    assert not ballast.keep(), "there is no room yet"
    film.unlink()
    assert ballast.keep()
    assert problems(book) == []
    book.close()


def test_a_sync_that_meets_it_goes_on_by_itself_and_says_so(
    laptop: tuple[Path, Ballast], small: Path, central: Central
) -> None:
    folder, ballast = laptop
    plain = Notebook.open(folder, PASSPHRASE)
    fill(small)
    words, waiting = refused(plain)
    assert "MB" not in words
    assert synchronise(plain, pace=QUICK).exit_code == Exit.DISK_FULL, "without it nothing can be sent"
    plain.ballast = ballast
    outcome = whole(synchronise(plain, pace=QUICK))
    assert says.ROOM_MADE in [each.msgid for each in outcome.warnings]
    assert not ballast.path.exists()
    with central:
        assert Site.select().where(Site.id.in_(waiting)).count() == len(waiting)
    fill(small)
    refused(plain)
    again = synchronise(plain, pace=QUICK)
    assert again.exit_code == Exit.DISK_FULL, "it is there once"
    plain.close()


def test_a_notebook_opens_on_a_full_disk(laptop: tuple[Path, Ballast], small: Path) -> None:
    folder, ballast = laptop
    fill(small)
    with pytest.raises(StoreRefused):
        Notebook.open(folder, PASSPHRASE)
    book = Notebook.open(folder, PASSPHRASE, ballast=ballast)
    assert "磁盘已满" in "".join(opened.words(book))
    assert opened.words(book) == [], "said once"
    assert not ballast.path.exists()
    add_sites(book, 1)
    whole(synchronise(book, pace=QUICK))
    book.close()


def test_a_file_that_does_not_fit_takes_none_of_it(laptop: tuple[Path, Ballast], small: Path) -> None:
    folder, ballast = laptop
    book = Notebook.open(folder, PASSPHRASE, ballast=ballast)
    size = shutil.disk_usage(small).free + MIB
    with pytest.raises(StoreRefused):
        book.vault.put_bytes(bytes(size))
    assert ballast.is_there(), "it is kept for entries; what was half taken in is gone again"
    assert shutil.disk_usage(small).free > size - 2 * MIB
    add_sites(book, 1)
    book.close()
