"""What the app needs from outside itself: the notebooks on this laptop and how they are opened or begun.

`main.py` and tests may give their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.language import _
from models.registry.units import label_of
from models.store.home import being_made

if TYPE_CHECKING:
    from models.store.keys import Cost, KeyringLike
    from models.store.notebook import Notebook

NOTEBOOKS = "notebooks"


@dataclass(frozen=True, slots=True)
class Known:
    """A notebook on this laptop."""

    folder: Path
    name: str
    """What the owner called it at its beginning: officer's name and unit; readable while locked."""
    hint: str = ""
    """Passphrase of the practice notebook, which is no secret."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is needed to begin a notebook."""

    name: str
    certificate: str
    unit: str
    passphrase: str


def known_notebooks(home: Path) -> list[Known]:
    """All notebooks in `home`, by name; in the demo's home only the practice notebook.

    Looks at files only: importing the store here would double the time to the first screen.
    """
    if _is_notebook(home / "notebook"):
        from tui.demo.world import PASSPHRASE

        return [Known(home / "notebook", _("Practice notebook"), PASSPHRASE)]
    folders = (home / NOTEBOOKS).iterdir() if (home / NOTEBOOKS).is_dir() else ()
    found = [Known(folder, _name_of(folder)) for folder in folders if _is_notebook(folder)]
    return sorted(found, key=lambda known: (known.name, known.folder.name))


def _is_notebook(folder: Path) -> bool:
    return (
        not being_made(folder.name) and (folder / "notebook.db").exists() and (folder / "keys.json").exists()
    )


def _name_of(folder: Path) -> str:
    try:
        return _label(folder).read_text(encoding="utf-8").strip() or folder.name
    except (OSError, UnicodeError):
        return folder.name


def _label(folder: Path) -> Path:
    """Beside the notebook's folder, not in it: nothing readable lies in that."""
    return folder.with_name(folder.name + ".name")


def open_notebook(folder: Path, passphrase: str) -> Notebook:
    """Unlock; a copy goes on under a key of its own (`Notebook.was_copied`).

    Raises:
        WrongPassphrase, StoreRefused.
    """
    import models.areas  # noqa: F401 -- all tables must be known before a seat opens
    from models.store import keys
    from models.store.ballast import Ballast
    from models.store.notebook import Notebook

    keyring = keys.system_keyring() if keys.takes_part(folder / "keys.json") else None
    notebook = Notebook.open(folder, passphrase, keyring=keyring, ballast=Ballast(folder.parent))
    return _settled(notebook, keyring)


def _settled(notebook: Notebook, keyring: KeyringLike | None) -> Notebook:
    from models.store.home import token_folder
    from models.store.token import TokenPlaces
    from sync.opened import settle

    try:
        settle(notebook, TokenPlaces(token_folder(), keyring))
    except BaseException:
        notebook.close()
        raise
    return notebook


def begin_notebook(home: Path, beginning: Beginning, cost: Cost | None = None) -> Notebook:
    """Make a notebook of one's own; enrolment may come later. `cost` is of one guess, for tests.

    Raises:
        RuleBroken: the passphrase is too short, or a field of the officer is wrong.
    """
    import models.areas  # noqa: F401
    from models.registry.verbs import enter_self
    from models.store import keys
    from models.store.ballast import Ballast
    from models.store.change import new_id
    from models.store.notebook import Notebook

    values = owner_of(beginning)
    person = new_id()
    certificate = str(values.get("certificate") or "")
    folder = home / NOTEBOOKS / (certificate if certificate.isascii() and certificate.isalnum() else person)
    keyring = keys.system_keyring()
    notebook = Notebook.create(
        folder,
        beginning.passphrase,
        person=person,
        unit=values["unit_code"],
        cost=cost or keys.STANDARD,
        keyring=keyring,
    )
    enter_self(notebook, values)
    _label(folder).write_text(label_for(values), encoding="utf-8")
    notebook.ballast = Ballast(folder.parent)
    return _settled(notebook, keyring if keys.takes_part(folder / "keys.json") else None)


def owner_of(beginning: Beginning) -> dict[str, Any]:
    """The officer's record of whom a notebook is begun for.

    Raises:
        RuleBroken: a field is wrong.
    """
    from models.registry.verbs import checked_officer

    return checked_officer(
        {
            "name": beginning.name,
            "certificate": beginning.certificate,
            "unit_code": beginning.unit,
            "role": "officer",
            "active": True,
        }
    )


def label_for(owner: dict[str, Any]) -> str:
    """What a notebook is called that is begun for this officer."""
    return f"{owner['name']}  {label_of(owner['unit_code'])}"


def enrol(notebook: Notebook, address: str, code: str) -> None:
    """Enrol a notebook with a one-time code.

    Raises:
        QingchaError: the server cannot be reached or refuses the code.
    """
    from sync.address import ServerAddress
    from sync.client import enrol as enrol_there

    enrol_there(notebook, ServerAddress.parse(address), code)


@dataclass(frozen=True, slots=True)
class Services:
    """The functions that the screens call; all run in threads."""

    known: Callable[[Path], list[Known]] = known_notebooks
    open: Callable[[Path, str], Any] = open_notebook
    begin: Callable[[Path, Beginning], Any] = begin_notebook
    enrol: Callable[[Any, str, str], None] = enrol
