"""Putting a paper where the user asked, and nowhere else."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from models.errors import BadInput, reason_of
from models.language import N_

if TYPE_CHECKING:
    from models.store.seat import Seat


def export(seat: Seat, data: bytes | str, target: Path) -> Path:
    """Write a paper whole or not at all, readable by this user only; an older file there is replaced.

    The half-written file lies beside the target, never in the notebook's folder or a shared temporary one.

    Raises:
        BadInput: the target lies in the notebook's folder, or cannot be written.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    with writing(seat, target) as file:
        file.write(content)
    return target.expanduser()


@contextlib.contextmanager
def writing(seat: Seat, target: Path) -> Iterator[BinaryIO]:
    """A new file that takes the target's place when the block is left well, as `export`. Errors as there."""
    target = target.expanduser()
    home = seat.path.parent.resolve()
    folder = target.parent.resolve()
    if folder == home or home in folder.parents:
        raise BadInput(
            N_("Papers do not go into the notebook's folder: all in it is encrypted. Choose another folder.")
        )
    partial = folder / f".qingcha-{secrets.token_hex(6)}.part"
    try:
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        raise BadInput(
            N_("{path} cannot be written ({reason}). Choose another folder."),
            path=str(target),
            reason=reason_of(error),
        ) from error
    finally:
        with contextlib.suppress(OSError):  # a folder that is not there has no such file either
            partial.unlink(missing_ok=True)
