"""The demo's folder: a central server, a notebook enrolled with it, and some days of work in both.

<home>/demo/server/      the central server, embedded on loopback while the demo is open
<home>/demo/notebook/    the practice notebook
<home>/demo/made         written last: without it the demo is made anew
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import models.areas  # noqa: F401 -- all tables must be known before a seat opens
from models.language import _
from models.registry.units import units
from models.store import keys
from models.store.change import new_id
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.embedded import Running, embedded
from sync.server import admin
from sync.server.central import Central
from tui.demo.city.fill import fill_city, issue_bulletins
from tui.demo.fill import fill_notebook, fill_register
from tui.demo.people import CITY, OFFICERS, ORGANISATION, UNIT

if TYPE_CHECKING:
    from models.store.seat import Seat

PASSPHRASE = "demo-qingcha"
"""Of the practice notebook; the lock screen names it."""
HOST = "QINGCHA.DEMO"
_MADE = "made"


@dataclass(frozen=True, slots=True)
class World:
    """An open demo."""

    folder: Path
    notebook: Notebook
    server: Running

    @property
    def address(self) -> ServerAddress:
        """Where the notebook syncs to: this process, over a real socket."""
        return ServerAddress(self.server.url)


@contextlib.contextmanager
def open_world(
    home: Path, *, fresh: bool = False, told: Callable[[str], None] = lambda _: None
) -> Iterator[World]:
    """Open the demo, made first where there is none.

    Args:
        home: the folder of Qingcha's data; the demo has one of its own in it.
        fresh: start over: the old demo is removed.
        told: called with one sentence a step while it is made.
    """
    folder = home / "demo"
    made = folder / _MADE
    if folder.exists() and (fresh or not made.exists()):
        shutil.rmtree(folder)
    if made.exists():
        central = Central.open(folder / "server")
    else:
        told(_("Making the practice notebook and its server; this takes some seconds."))
        central = _make_server(folder / "server", told)
    with contextlib.closing(central), embedded(central) as running:
        if made.exists():
            notebook = Notebook.open(folder / "notebook", PASSPHRASE)
        else:
            notebook = _make_notebook(folder / "notebook", central, ServerAddress(running.url), told)
            made.touch()
        with contextlib.closing(notebook):
            yield World(folder, notebook, running)


@contextlib.contextmanager
def open_notebook(home: Path, *, told: Callable[[str], None] = lambda _: None) -> Iterator[Notebook]:
    """Open the demo's notebook without its server; the demo is made first where there is none.

    Arguments as those of `open_world`.
    """
    folder = home / "demo"
    if not (folder / _MADE).exists():
        with open_world(home, told=told):
            pass
    with contextlib.closing(Notebook.open(folder / "notebook", PASSPHRASE)) as notebook:
        yield notebook


def _make_server(folder: Path, told: Callable[[str], None]) -> Central:
    admin.init(folder, organisation=ORGANISATION, host=HOST)
    central = Central.open(folder)
    every = [unit.code for unit in units()]
    for person in OFFICERS:
        admin.add_officer(
            central,
            person.name,
            units=every if person is OFFICERS[0] else [UNIT, CITY],
            role=person.role,
            certificate=person.certificate,
            unit_code=UNIT,
        )
    fill_register(central)
    told(_("Writing the city's cases of 2021 and of today, from clue to closing."))
    fill_city(central)
    issue_bulletins(central)
    central.sign_head()
    return central


def _make_notebook(
    folder: Path, central: Central, address: ServerAddress, told: Callable[[str], None]
) -> Notebook:
    code = admin.code(central, OFFICERS[0].name)
    notebook = Notebook.create(folder, PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST, demo=True)
    told(_("Enrolling the notebook with a one-time code."))
    enrol(notebook, address, code.code)
    synchronise(notebook, address)
    fill_notebook(notebook, lambda name: told(_("An inspection at {site}.").format(site=name)))
    return notebook


def explain(seat: Seat) -> str:
    """How to unlock the demo again; shown on the lock screen."""
    return _("Practice notebook. Its passphrase is {passphrase}.").format(passphrase=PASSPHRASE)
