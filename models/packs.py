"""Facts of ours in TOML files, and the bureau's own files of the same name that replace them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from models.errors import BadInput
from models.language import N_

MISSING = N_("{file}, {key}: “{what}” is missing.")
UNKNOWN = N_("{file}, {key}: “{what}” is not known here.")

Facts = TypeVar("Facts")


class PackFile(Generic[Facts]):
    """Facts that are read when they are first asked for, by calling it.

    Args:
        read: makes the facts of several files, each of which replaces what those before it say.
        ours: our files; the bureau's is named like the first of them.

    Raises:
        BadInput: from `read`, naming the file, the key and what is wrong.
    """

    def __init__(self, read: Callable[[tuple[Path, ...]], Facts], *ours: Path) -> None:
        self._read = read
        self._ours = ours
        self._facts: Facts | None = None

    def use(self, *folders: Path) -> None:
        """Take the bureau's files in these folders, too; what was in use stays where one cannot be read."""
        own = [path for folder in folders if (path := folder / self._ours[0].name).is_file()]
        self._facts = self._read((*self._ours, *own))

    def __call__(self) -> Facts:
        """The facts in use."""
        if self._facts is None:
            self._facts = self._read(self._ours)
        return self._facts


def read_toml(path: Path) -> dict[str, Any]:
    """The contents of a TOML file.

    Raises:
        BadInput: naming the file and why it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> BadInput:
    """What is said of a file that is no TOML file or lacks what must be in it."""
    return BadInput(N_("{file} is not a readable TOML file: {error}"), file=path.name, error=str(error))
