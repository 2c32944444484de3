"""`python -m tests.fuzz.one NAME [libFuzzer's options and folders]`: one target, guided by coverage."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from tests.fuzz import decoders


class TooMuchMemory(Exception):
    """One input made the process larger than an input may."""


class Watched:
    """A target whose memory is measured input by input; the most is kept in a file."""

    def __init__(self, name: str, kept: Path) -> None:
        self._target = decoders.TARGETS[name]
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
            TooMuchMemory: it cost more than `MOST_MEMORY`; and whatever the target lets through.
        """
        before = int(os.pread(self._statm, 64, 0).split()[1]) * self._page
        self._target(data)
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
    name, kept, *options = sys.argv[1:]
    watched = Watched(name, Path(kept))
    atheris.Setup([sys.argv[0], *options], watched)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
