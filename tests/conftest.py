"""Fixtures for all rooms: an open notebook with a cheap key, two officers, the reader's language."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QINGCHA_NO_KEYRING", "1")
os.environ.setdefault("QINGCHA_NO_BALLAST", "1")
os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")

import main as front_door
import models.areas  # noqa: F401
from models.language import use_language
from models.store import digests, keys
from models.store.change import new_id, put
from models.store.database import here
from models.store.home import home_folder
from models.store.notebook import Notebook
from sync import verifying
from tests import memory
from tests.once import made_once

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


def pytest_configure() -> None:
    """Temporary folders lie in memory where there is room; else half of a test is waiting for the disk."""
    folder = memory.roomy_folder()
    if folder is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))
    # what no test gives a home of its own: tokens never lie among this machine's user's
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="qingcha-state-", dir=folder)
    atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long comes first. A bare machine has no `openssl` program; what runs it is left out there."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    if shutil.which("openssl") is None:
        for item in items:
            if item.get_closest_marker("openssl"):
                item.add_marker(pytest.mark.skip(reason="the openssl program is not installed"))


def pytest_collection_finish() -> None:
    """What was imported and collected stays."""
    memory.settle()


if hasattr(os, "register_at_fork"):  # tests/mutation forks; the threads of a pool do not come along
    for pool in (digests._helpers, verifying._pool):
        os.register_at_fork(after_in_child=pool.cache_clear)

PASSPHRASE = "青山绿水-2026"
UNIT = "350602"


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    use_language("zh")
    yield
    use_language("zh")


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """A command by the front door: its exit code, and what it writes to standard output and error."""
    code = front_door.main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str) -> Path:
    """Where commands look for notebooks, of which none is there yet, with the passphrase to open one."""
    monkeypatch.setenv("QINGCHA_HOME", str(tmp_path))
    monkeypatch.setenv("QINGCHA_PASSPHRASE", passphrase)
    monkeypatch.setenv("QINGCHA_LANG", "zh")
    return home_folder()


def unguarded() -> None:
    """Within a write: let entries be changed behind the journal's back, as an insider with the key would."""
    here.unguard()


@pytest.fixture
def passphrase() -> str:
    """What unlocks the `notebook` fixture."""
    return PASSPHRASE


@pytest.fixture(scope="session")
def begun_notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed notebook of unit 350602 whose person is 执法员01. Copying is faster than beginning one."""
    begun: Path = made_once(tmp_path_factory, "begun", lambda folder: _begin(folder / "notebook"))
    return begun


def _begin(folder: Path) -> Path:
    person = new_id()
    book = Notebook.create(folder, PASSPHRASE, person=person, unit=UNIT, cost=keys.FAST)
    book.write(
        put(
            "officer",
            person,
            UNIT,
            name="执法员01",
            certificate="FJ350602001",
            unit_code=UNIT,
            role="officer",
        )
    )
    book.close()
    return folder


@pytest.fixture
def notebook(begun_notebook: Path, tmp_path: Path) -> Iterator[Notebook]:
    """An open notebook of unit 350602 whose person is 执法员01."""
    folder = shutil.copytree(begun_notebook, tmp_path / "notebook")
    book = Notebook.open(folder, PASSPHRASE)
    yield book
    book.close()


@pytest.fixture
def officers(notebook: Notebook) -> tuple[str, str]:
    """Record ids of two officers with different certificates; the first is the notebook's person."""
    second = new_id()
    notebook.write(
        put(
            "officer",
            second,
            UNIT,
            name="执法员02",
            certificate="FJ350602002",
            unit_code=UNIT,
            role="officer",
        )
    )
    return notebook.person, second


@pytest.fixture
def forms_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of forms are converted in this process: the limits of the child are tested by themselves."""
    from models.forms import child
    from models.registry import bounded

    asked = bounded.ask

    def ask(module: str, file: Path, *, seconds: int, most: int) -> bounded.Answer:
        if module != child.__name__:
            return asked(module, file, seconds=seconds, most=most)
        return bounded.Answer(child.answer(str(file.resolve()))[:most], 0)

    monkeypatch.setattr(bounded, "ask", ask)


@pytest.fixture
def some_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any font will do where none with Chinese is installed: what is tested is a label's code and size."""
    from PIL import ImageFont

    from models.documents import labels

    monkeypatch.setattr(labels, "_font", ImageFont.load_default)


@pytest.fixture(scope="module")
def in_china() -> Iterator[None]:
    """The clock of the place, as on a laptop in Fujian, wherever the tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Shanghai")
        _set_zone()
        yield
    _set_zone()


def _set_zone() -> None:
    if hasattr(time, "tzset"):  # Windows has its own, and no test runs there
        time.tzset()
