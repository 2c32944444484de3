"""The real program in a real terminal over hostile records: every byte that it writes is read."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.corpus import HOSTILE, MARKER
from tests.hostile.terminal import foreign, printed
from tests.hostile.world import PASSPHRASE, World
from tui.settings import Settings, save, settings_path
from tui.trouble import LOG_NAME

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of Linux and macOS")
ROOT = Path(__file__).parent.parent.parent
QUIET = 0.25
"""Seconds without a byte or work after which a screen is taken for drawn, and a lone Esc for a key."""
QUICK = 0.05
"""The same after a key that only moves."""
MOVES = {"pgdn", "down", "up", "end"}
KEYS = {
    "enter": b"\r",
    "esc": b"\x1b",
    "tab": b"\t",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "pgdn": b"\x1b[6~",
    "end": b"\x1b[F",
    "f1": b"\x1bOP",
    "f3": b"\x1bOR",
    "f4": b"\x1bOS",
    "ctrl+p": b"\x10",
    "ctrl+l": b"\x0c",
    "ctrl+q": b"\x11",
}
WALK = (
    *("pgdn",) * 4,  # Today
    *("g", "i", "tab", *("pgdn",) * 24),  # all inspections
    *("enter", "esc"),
    *("g", "i", "tab", "enter", "pgdn", "tab", *("pgdn",) * 3, "tab", *("pgdn",) * 3, "tab", "esc"),
    *("g", "i", "tab", "down", "enter", "pgdn", "pgdn", "tab"),
    *(*("pgdn",) * 22, "tab", *("pgdn",) * 6, "tab", "pgdn"),
    *("b", *("down",) * 20, "esc"),
    *("x", "pgdn", "pgdn", "esc"),
    *("r", *("pgdn",) * 6, "esc"),
    *("v", *("pgdn",) * 6, "esc"),
    *("f1", "pgdn", "esc", "ctrl+p", "pgdn", "esc", "f3"),
    *("g", "s", "pgdn", "g", "p", "down", "down"),
    *("g", "n", "down", "enter", "pgdn", "pgdn", "esc"),
    *("g", "h", "pgdn", "esc"),
)
"""Through every place by keys alone."""


class Terminal:
    """The program on a pseudo-terminal of 80x24 that says nothing of itself."""

    def __init__(self, home: Path) -> None:
        self.child, self.end = pty.fork()
        if self.child == 0:  # pragma: no cover -- becomes the program
            os.chdir(ROOT)
            os.environ.update(
                QINGCHA_HOME=str(home), TERM="xterm-256color", COLORTERM="truecolor", QINGCHA_NO_KEYRING="1"
            )
            os.environ.pop("NO_COLOR", None)
            os.execv(sys.executable, [sys.executable, "main.py"])
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.written = b""

    def read(self, *, until: str = "", seconds: float = 30, quiet: float = QUIET) -> None:
        """Read until nothing comes for a moment, or until some text came."""
        wanted = until.encode()
        start, last = len(self.written), time.monotonic() + seconds
        while time.monotonic() < last:
            ready, _, _ = select.select([self.end], [], [], 1 if wanted else quiet)
            if ready:
                try:
                    data = os.read(self.end, 1 << 16)
                except OSError:
                    return
                if not data:
                    return
                self.written += data
            elif not wanted and not self._works():
                return
            if wanted and wanted in self.written[start:]:
                return
        raise AssertionError(f"{until!r} did not come: {self.written[-2000:]!r}")

    def _works(self) -> bool:
        """Whether a thread of the program runs or waits for a processor, as on a busy machine; on Linux."""
        try:
            threads = [each.read_text() for each in Path(f"/proc/{self.child}/task").glob("*/stat")]
        except OSError:  # one has ended meanwhile
            return True
        return any(each.rpartition(")")[2].split()[0] in "RD" for each in threads)

    def press(self, key: str) -> None:
        """Press a key, and read what is drawn for it."""
        os.write(self.end, KEYS.get(key) or key.encode())
        self.read(quiet=QUICK if key in MOVES else QUIET)

    def quit(self) -> int:
        """Ctrl+Q; the exit code."""
        os.write(self.end, KEYS["ctrl+q"])
        self.read(until="\x1b[?1049l")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            done, status = os.waitpid(self.child, os.WNOHANG)
            if done:
                self.child = 0
                return os.waitstatus_to_exitcode(status)
            self.read()
        raise AssertionError("the program goes on")

    def close(self) -> None:
        if self.child:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        os.close(self.end)


@pytest.fixture
def terminal(world: World) -> Iterator[Terminal]:
    """The program at Unlock."""
    save(settings_path(world.home), Settings(lock_minutes=0))
    made = Terminal(world.home)
    yield made
    made.close()


@pytest.mark.long
def test_a_walk_through_every_place_writes_no_raw_byte(terminal: Terminal, world: World) -> None:
    terminal.read(until="口令")
    terminal.read(quiet=1)
    os.write(terminal.end, PASSPHRASE.encode() + b"\r")
    terminal.read(until="未发送")
    terminal.read(quiet=1)
    for key in WALK:
        terminal.press(key)
    terminal.press("ctrl+l")
    terminal.read()
    assert terminal.quit() == 0
    written = terminal.written.decode("utf-8")
    assert foreign(written, modes=True) == []
    seen = set(MARKER.findall(printed(written)))
    assert len(seen) > len(HOSTILE) * 0.9, sorted({each.marker for each in HOSTILE} - seen)
    log = world.home / LOG_NAME
    assert not log.exists(), log.read_text("utf-8")
    assert written.count("\x1b[?1049h") == written.count("\x1b[?1049l") == 1
