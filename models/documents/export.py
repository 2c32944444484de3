"""Putting a paper where the user asked, and nowhere else."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import BadInput
from models.language import N_

if TYPE_CHECKING:
    from models.store.seat import Seat


def export(seat: Seat, data: bytes | str, target: Path) -> Path:
    """Write a paper whole or not at all, readable by this user only; an older file there is replaced.

    The half-written file lies beside the target, never in the notebook's folder or a shared temporary one.

    Raises:
        BadInput: the target lies in the notebook's folder, or cannot be written.
    """
    target = target.expanduser()
    home = seat.path.parent.resolve()
    folder = target.parent.resolve()
    if folder == home or home in folder.parents:
        raise BadInput(
            N_("Papers do not go into the notebook's folder: all in it is encrypted. Choose another folder.")
        )
    partial = folder / f".qingcha-{secrets.token_hex(6)}.part"
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        descriptor = os.open(
            partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BadInput(
            N_("{path} cannot be written ({reason}). Choose another folder."),
            path=str(target),
            reason=error.strerror or str(error),
        ) from error
    return target
