"""Plays the terminal for an app in a pseudo-terminal and stamps what it paints.

Bytes are only stored with their time as they come; the screen is rebuilt from them afterwards, so that the
emulator's own cost is in no measured time. Chunks within a synchronised update (CSI ? 2026 h to l) count
when the update ends, as on a real terminal.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

COLUMNS, LINES = 80, 24
ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[6n": b"\x1b[1;1R",
}
# pyte does not know these and would print parts of them
_UNKNOWN = re.compile(
    rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$[a-z]|\x1bP.*?\x1b\\|\x1b_.*?\x1b\\", re.DOTALL
)


class TooSlow(Exception):
    """The app did not paint what was waited for."""


class Terminal:
    """A command in a pseudo-terminal of 80x24."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], cwd: str) -> None:
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._open_frame = False
        outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=inner, stdout=inner, stderr=inner, env=dict(env), cwd=cwd, start_new_session=True
        )
        os.close(inner)
        self._file = outer

    def send(self, keys: bytes) -> float:
        """Press keys; the time of it."""
        at = time.perf_counter()
        os.write(self._file, keys)
        return at

    def painted(self, wanted: Callable[[str], bool], *, within: float = 60, quiet: float = 0.12) -> float:
        """When the first frame was complete that is as wanted (looked at once nothing came for `quiet` s).

        Raises:
            TooSlow: with what the screen shows instead.
        """
        until = time.perf_counter() + within
        chunks: list[tuple[float, bytes]] = []
        found: float | None = None
        while True:
            ready = select.select([self._file], [], [], quiet)[0]
            if ready:
                try:
                    data = os.read(self._file, 1 << 16)
                except OSError:
                    raise TooSlow(f"it ended:\n{self.text()}") from None
                chunks.append((time.perf_counter(), data))
                for question, answer in ANSWERS.items():
                    if question in data:
                        os.write(self._file, answer)
                continue
            for at, data in chunks:
                self._feed(data)
                if found is None and not self._open_frame and wanted(self.text()):
                    found = at
            chunks.clear()
            if found is not None:
                return found
            if time.perf_counter() > until:
                raise TooSlow(self.text())

    def _feed(self, data: bytes) -> None:
        opened, closed = data.rfind(b"\x1b[?2026h"), data.rfind(b"\x1b[?2026l")
        if opened != closed:
            self._open_frame = opened > closed
        self._stream.feed(_UNKNOWN.sub(b"", data))

    def text(self) -> str:
        """The screen's lines."""
        return "\n".join(self._screen.display).replace("\0", "")

    def close(self) -> None:
        """End the app, however it is."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._file)
