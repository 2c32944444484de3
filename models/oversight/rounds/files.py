"""Texts that routine inspections give out: where they go and how they are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import BadInput, RuleBroken
from models.registry import files

if TYPE_CHECKING:
    from models.store.seat import Seat


def put_out(seat: Seat, data: str, target: str, ending: str) -> Path:
    """Write a text into a new file, with the mark that Excel needs for UTF-8.

    Args:
        target: file, or a folder where the file is then called `ending`.
        ending: name of the file in a folder; its suffix is added where the target has none.

    Raises:
        RuleBroken: as `models.registry.files.put_out`.
    """
    path = Path(target).expanduser()
    if path.is_dir():
        path = path / ending
    if not path.suffix:
        path = path.with_suffix(Path(ending).suffix)
    try:
        return files.put_out(seat, path, ("\ufeff" + data).encode())
    except BadInput as error:
        raise RuleBroken(error.msgid, field="path", **error.params) from error
