"""A template for all tests of this folder, and a server with notebooks whose links obey the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.store.notebook import Notebook
from sync.client import synchronise
from sync.outcome import Outcome
from sync.server.central import Central

from .campaign import workshop
from .cluster import copy
from .template import ADDRESS, PACE, PASSPHRASE, DirectLink, Template


@pytest.fixture(scope="package")
def shop() -> Iterator[tuple[Template, Path]]:
    """The template, and a folder in memory where there is one."""
    with workshop() as made:
        yield made


@dataclass
class Bench:
    """A server and the first notebooks of the template."""

    template: Template
    folder: Path
    central: Central
    link: DirectLink
    books: list[Notebook]

    def sync(self, book: Notebook) -> Outcome:
        """One session over the link."""
        return synchronise(book, ADDRESS, transport=self.link, pace=PACE)

    def restore(self, backup: Path) -> None:
        """The server becomes what it was, and does not know it."""
        self.central.close()
        self.folder = copy(backup, self.folder.with_name(self.folder.name + "-restored"))
        self.central = Central.open(self.folder)
        self.link = DirectLink(self.central)


@pytest.fixture
def bench(shop: tuple[Template, Path], tmp_path: Path) -> Iterator[Bench]:
    made, _ = shop
    central = Central.open(copy(made.server, tmp_path / "server"))
    books = [Notebook.open(copy(folder, tmp_path / folder.name), PASSPHRASE) for folder in made.books[:6]]
    at = Bench(made, tmp_path / "server", central, DirectLink(central), books)
    yield at
    for book in books:
        book.close()
    at.central.close()
