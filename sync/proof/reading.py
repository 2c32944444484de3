"""The members of a package, from its zip or the folder that it was unpacked to; nothing is trusted yet."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from models.documents.stored_zip import BLOCK, MOST_MEMBERS, Archive
from models.errors import BadInput, reason_of
from models.language import N_

_UNREADABLE = N_("{name} cannot be read: {reason}.")


class NotOurs(BadInput):
    """A folder that no unpacking of a package of ours gives."""


class Files(Protocol):
    """Named contents."""

    def names(self) -> Sequence[str]:
        """All members."""

    def size(self, name: str) -> int:
        """Bytes of a member."""

    def blocks(self, name: str) -> Iterator[bytes]:
        """A member's content, in pieces."""


class Folder:
    """An unpacked package.

    Raises:
        NotOurs: it holds links or special files, folders within folders, or more than 2,000 files.
        BadInput: it cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sizes: dict[str, int] = {}
        try:
            self._look_into(root, "")
        except OSError as error:
            raise _unreadable(root, error) from error

    def names(self) -> Sequence[str]:
        return sorted(self._sizes)

    def size(self, name: str) -> int:
        return self._sizes[name]

    def blocks(self, name: str) -> Iterator[bytes]:
        path = self._root / name
        try:
            with path.open("rb") as file:
                left = self._sizes[name]
                while left and (block := file.read(min(BLOCK, left))):
                    left -= len(block)
                    yield block
        except OSError as error:
            raise _unreadable(path, error) from error

    def _look_into(self, folder: Path, before: str) -> None:
        for each in os.scandir(folder):
            if each.is_dir(follow_symlinks=False):
                if before:
                    raise NotOurs(N_("This folder is no evidence package: it has folders within folders."))
                self._look_into(Path(each.path), f"{each.name}/")
            elif each.is_file(follow_symlinks=False):
                self._sizes[before + each.name] = each.stat().st_size
            else:
                raise NotOurs(
                    N_("This folder holds links or special files ({name}). No package of ours does."),
                    name=before + each.name,
                )
            if len(self._sizes) > MOST_MEMBERS:
                raise NotOurs(N_("This folder holds more than {most} files."), most=MOST_MEMBERS)


class Held:
    """A package in memory."""

    def __init__(self, members: dict[str, bytes]) -> None:
        self._members = members

    def names(self) -> Sequence[str]:
        return sorted(self._members)

    def size(self, name: str) -> int:
        return len(self._members[name])

    def blocks(self, name: str) -> Iterator[bytes]:
        yield self._members[name]


@contextmanager
def opened(path: Path) -> Iterator[Files]:
    """A package by its zip file or folder.

    Raises:
        NotOurs: the folder is none that we could have written.
        BadInput: the zip is not in the form that we write, or cannot be read.
    """
    if path.is_dir():
        yield Folder(path)
        return
    try:
        with path.open("rb") as file:
            yield Archive(file)
    except OSError as error:
        raise _unreadable(path, error) from error


def is_package(path: Path) -> bool:
    """Whether a path is a zip file or a folder, by its first bytes."""
    try:
        if path.is_dir():
            return True
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except OSError:
        return False


def _unreadable(path: Path, error: OSError) -> BadInput:
    return BadInput(_UNREADABLE, name=path.name, reason=reason_of(error))
