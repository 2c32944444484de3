"""`python -m tests.faults.preloaded FOLDER OPERATION FLAVOUR STRIDE`: SQLCipher itself, its disk failing.

Runs with `shim.c` preloaded, which fails the n-th call of the system for whatever library makes it; the rest
is as in `campaign`. Prints one line for each n: what it hit and what was said.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

from . import campaign
from .disk import Disk
from .operations import OPERATIONS

FLAVOURS = ("error", "full", "short")


class SystemDisk(Disk):
    """The system's disk, below one folder."""

    @contextlib.contextmanager
    def failing(self) -> Iterator[None]:
        """Count and fail in the preloaded library."""
        shim = ctypes.CDLL(None)
        shim.failing_disarm.restype = ctypes.c_char_p
        how = 1 + FLAVOURS.index(self.flavour)
        shim.failing_arm(self.root.encode(), how, ctypes.c_long(self.n))
        try:
            yield
        finally:
            self.fired = shim.failing_disarm().decode()


def main() -> None:
    """Every n, or every so many-th, until it is beyond the last."""
    folder, name, flavour, stride = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    operation = next(each for each in OPERATIONS if each.name == name)
    operation.begin(folder / "template")
    for side in operation.sides:
        n = 1
        while said := campaign.fails_at(
            operation, folder / "template", folder / "run", side, flavour, n, both=True, kind=SystemDisk
        ):
            print(f"{side} {n} {said}", flush=True)
            n += stride
        print(f"{side} {n} done", flush=True)


if __name__ == "__main__":
    main()
