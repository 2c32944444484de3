"""Putting what is exported where the user asked, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import RuleBroken
from models.language import N_
from models.store.durable import write_whole

if TYPE_CHECKING:
    from models.store.seat import Seat


def put_out(seat: Seat, data: str, target: str, ending: str) -> Path:
    """Write a text whole or not at all, readable by this user only, with the mark that Excel needs for UTF-8.

    Args:
        target: file, or a folder where the file is then called `ending`.
        ending: name of the file in a folder; its suffix is added where the target has none.

    Raises:
        RuleBroken: the target lies in the notebook's folder, or cannot be written.
    """
    path = Path(target).expanduser()
    if path.is_dir():
        path = path / ending
    if not path.suffix:
        path = path.with_suffix(Path(ending).suffix)
    home, folder = seat.path.parent.resolve(), path.parent.resolve()
    if folder == home or home in folder.parents:
        raise RuleBroken(
            N_("Papers do not go into the notebook's folder: all in it is encrypted. Choose another folder."),
            field="path",
        )
    try:
        write_whole(path, ("\ufeff" + data).encode())
    except OSError as error:
        raise RuleBroken(
            N_("{path} cannot be written ({reason}). Choose another folder."),
            field="path",
            path=str(path),
            reason=error.strerror or str(error),
        ) from error
    return path
