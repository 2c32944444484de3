"""One target, guided by coverage: NAME, the file for its memory, seconds of processor, libFuzzer's words."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from tests.fuzz import decoders


ONE_INPUT_S = 10
"""Seconds of processor that one input may take."""


class TooMuchMemory(Exception):
    """One input made the process larger than an input may."""


class TooSlow(Exception):
    """One input took longer than an input may."""


class Watched:
    """A target whose memory and time are measured input by input; the most memory is kept in a file."""

    def __init__(self, name: str, kept: Path, seconds: float) -> None:
        self._target = decoders.TARGETS[name]
        self._end = time.process_time() + seconds
        self._kept = kept
        self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        self._page = resource.getpagesize()
        self._most = 0
        for seed in decoders.kept_inputs(name):
            self._target(seed)  # what is imported or begun at first use is no input's
        self._peak = self._peak_now()

    def __call__(self, data: bytes) -> None:
        """Give one input to the target.

        Raises:
            TooMuchMemory, TooSlow: it cost more than it may; and whatever the target lets through.
        """
        begun = time.process_time()
        before = int(os.pread(self._statm, 64, 0).split()[1]) * self._page
        self._target(data)
        ended = time.process_time()
        if ended - begun > ONE_INPUT_S:
            raise TooSlow(f"{ended - begun:.1f} s")
        if ended > self._end:
            os.kill(os.getpid(), signal.SIGUSR1)  # libFuzzer then ends in good order
        peak = self._peak_now()
        if peak > self._peak:
            self._peak = peak
            if peak - before > self._most:
                self._most = peak - before
                self._kept.write_text(str(self._most), "ascii")
                if self._most > decoders.MOST_MEMORY:
                    raise TooMuchMemory(f"{self._most} bytes")

    @staticmethod
    def _peak_now() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Run until libFuzzer's options say stop."""
    name, kept, seconds, *options = sys.argv[1:]
    watched = Watched(name, Path(kept), float(seconds))
    atheris.Setup([sys.argv[0], *options], watched)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
