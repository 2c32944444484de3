"""What the program asks of the machine, so that a laptop that is left or lost tells less."""

from __future__ import annotations

import contextlib
import sys
import time

# Linux stops its monotonic clock while the machine sleeps; macOS (CLOCK_MONOTONIC) and Windows do not
_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def since_boot() -> float:
    """Seconds that pass while the laptop sleeps, too: who closes the lid is not at the keyboard."""
    return time.clock_gettime(_CLOCK) if _CLOCK is not None else time.monotonic()


def forbid_core_dumps() -> None:
    """Let no crash write this process's memory to the disk: keys and records are in it.

    Windows writes none unless it is told to.
    """
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
