"""Where notebooks live on this machine.

<home>/notebooks/<name>/    one notebook a person; QINGCHA_HOME names another home
<state>/tokens/             what tells a notebook from its copy (models.store.token); in no notebook's folder
"""

from __future__ import annotations

import os
from pathlib import Path

from models.errors import BadInput
from models.language import N_

TOKENS = "tokens"
MADE = ("making", "restoring")
"""What is done to a folder beside its place."""


def home_folder() -> Path:
    """QINGCHA_HOME, else the platform's folder for a user's data."""
    named = os.environ.get("QINGCHA_HOME")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("qingcha", appauthor=False)


def token_folder() -> Path:
    """Where tokens lie that no key store keeps: in QINGCHA_HOME, else with the platform's state of a user.

    A QINGCHA_HOME that is where the notebooks lie anyway is no other home.
    """
    from platformdirs import user_data_path, user_state_path

    named = os.environ.get("QINGCHA_HOME")
    if named and Path(named).resolve() != user_data_path("qingcha", appauthor=False).resolve():
        return Path(named) / "state" / TOKENS
    return user_state_path("qingcha", appauthor=False) / TOKENS


def notebook_folders(home: Path) -> list[Path]:
    """The notebooks in a home, by name."""
    # 60 ms (Peewee, cryptography, SQLCipher) that the first frame need not wait for
    from models.store.notebook import is_notebook

    folder = home / "notebooks"
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if is_notebook(path) and not being_made(path.name))


def beside(folder: Path, what: str) -> Path:
    """Where a folder is made before it is moved to its place whole.

    Args:
        what: of `MADE`.
    """
    return folder.with_name(f".{folder.name}.{what}")


def being_made(name: str) -> bool:
    """Whether a folder of that name is one that `beside` gave."""
    return name.startswith(".") and name.rpartition(".")[2] in MADE


def the_notebook(home: Path, name: str | None = None) -> Path:
    """The notebook of that name, or the only one.

    Raises:
        BadInput: when there is none, or the choice is not clear.
    """
    found = notebook_folders(home)
    if name is not None:
        chosen = [path for path in found if path.name == name]
        if not chosen:
            refuse_keyless(home)
            raise BadInput(
                N_("There is no notebook {name}. There are: {names}"),
                name=name,
                names=", ".join(path.name for path in found) or "-",
            )
        return chosen[0]
    if not found:
        refuse_keyless(home)
        raise BadInput(
            N_(
                "There is no notebook yet. Run 'qingcha' or 'qingcha begin' to begin one, or 'qingcha demo' "
                "to try."
            )
        )
    if len(found) > 1:
        raise BadInput(
            N_("There are several notebooks: {names}. Choose one with --notebook."),
            names=", ".join(path.name for path in found),
        )
    return found[0]


def refuse_keyless(home: Path) -> None:
    """Never say that there is no notebook where one lacks a file.

    Raises:
        BadInput: a folder holds one of a notebook's two files only.
    """
    for folder in sorted((home / "notebooks").glob("*/")):
        lacking = [name for name in ("keys.json", "notebook.db") if not (folder / name).exists()]
        if len(lacking) == 1 and not being_made(folder.name):
            raise BadInput(
                N_(
                    "The notebook in {folder} lacks its file {file}. Put the file back from a backup of this "
                    "notebook; begin no new one, and delete nothing."
                ),
                folder=str(folder),
                file=lacking[0],
            )
