"""A file that one process, and one thread in it, holds at a time; it is let go of with the process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any


def hold(path: Path, *, wait: bool) -> IO[Any]:
    """Take a file, which is made where it is not there, until what is given is closed.

    Args:
        wait: for whoever has it; Windows waits ten seconds at most.

    Raises:
        BlockingIOError: another one has it. OSError: it cannot be made.
    """
    file = path.open("a+b")
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK  # type: ignore[attr-defined,unused-ignore]
            msvcrt.locking(file.fileno(), mode, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise BlockingIOError(error.errno, error.strerror) from error
    return file
