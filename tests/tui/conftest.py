"""A home with one notebook of a few inspections, and the app on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import models.areas  # noqa: F401
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tui.app import QingchaApp
from tui.settings import Settings, save, settings_path

PASSPHRASE = "qingshanlvshui2026"
UNIT = "350602"


@pytest.fixture(scope="session")
def begun_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that holds one closed notebook with two officers and thirty sites. Copy it."""
    person, second = new_id(), new_id()
    whole = tmp_path_factory.mktemp("begun") / "home"
    folder = whole / "notebooks" / "first"
    book = Notebook.create(folder, PASSPHRASE, person=person, unit=UNIT, cost=keys.FAST)
    for number, officer in enumerate((person, second), 1):
        book.write(
            put(
                "officer",
                officer,
                UNIT,
                name=f"执法员{number:02d}",
                certificate=f"FJ35060200{number}",
                unit_code=UNIT,
                role="officer",
                active=True,
            )
        )
    for number in range(30):
        book.write(
            put(
                "site",
                new_id(),
                UNIT,
                name=f"示例企业{number:02d}有限公司",
                unit_code=UNIT,
                address="示例路1号",
            )
        )
    book.close()
    folder.with_name("first.name").write_text("执法员01  芗城区", encoding="utf-8")
    return whole


@pytest.fixture
def home(begun_home: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(begun_home, tmp_path / "home")


@pytest.fixture
def passphrase() -> str:
    """What unlocks the notebook in `home`; letters only, as the pilot types them."""
    return PASSPHRASE


@pytest.fixture
def opened(home: Path) -> Notebook:
    """The notebook in `home`, open; the app closes it."""
    return Notebook.open(home / "notebooks" / "first", PASSPHRASE)


@pytest.fixture
def make_app(home: Path) -> Callable[..., QingchaApp]:
    """Makes an app on `home` in a language and theme."""

    def make(notebook: Any = None, language: str = "zh", theme: str = "day", **options: Any) -> QingchaApp:
        save(settings_path(home), Settings(language=language, theme=theme))
        return QingchaApp(home, notebook, **options)

    return make
