"""Where the user asked, what is exported goes: never over a file, never into the notebook's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import BadInput, reason_of
from models.language import N_
from models.store.durable import write_whole

if TYPE_CHECKING:
    from models.store.seat import Seat


def put_out(seat: Seat, path: Path, data: bytes) -> Path:
    """Write a new file, whole or not at all, readable by this user only. Returns where it is.

    Raises:
        BadInput: a file of that name is there already, it lies in the notebook's folder, in which all is
            encrypted, or it cannot be written.
    """
    target = outside(seat, path)
    new_or_refuse(target)
    write_or_refuse(target, data)
    return target


def outside(seat: Seat, path: Path) -> Path:
    """The path with the user's own folder for ~.

    Raises:
        BadInput: it lies in the notebook's folder, in which all is encrypted.
    """
    target = path.expanduser()
    home, folder = seat.path.parent.resolve(), target.parent.resolve()
    if folder == home or home in folder.parents:
        raise BadInput(
            N_("Papers do not go into the notebook's folder: all in it is encrypted. Choose another folder.")
        )
    return target


def new_or_refuse(target: Path) -> None:
    """Nothing is written over.

    Raises:
        BadInput: a file of that name is there already.
    """
    if target.exists() or target.is_symlink():
        raise BadInput(N_("{name} is there already. Choose another name."), name=target.name)


def write_or_refuse(target: Path, data: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        BadInput: it cannot be written, and why.
    """
    try:
        write_whole(target, data)
    except OSError as error:
        raise BadInput(
            N_("{name} cannot be written there: {reason}."),
            name=target.name,
            reason=reason_of(error),
        ) from error
