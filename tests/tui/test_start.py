"""Starting: no Kitty protocol, nothing heavy imported before the first screen, leaving at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
HEAVY = (
    "pypinyin",
    "pyxform",
    "openpyxl",
    "docxtpl",
    "docx",
    "jinja2",
    "PIL",
    "starlette",
    "uvicorn",
    "babel",
)
LATER = (
    "peewee",
    "sqlcipher3",
    "cryptography",
    "pyrage",
    "msgspec",
    "zstandard",
    "urllib3",
    "textual.widgets._text_area",
)


def run(script: str, **environment: str) -> str:
    clean = {key: value for key, value in os.environ.items() if key != "TEXTUAL_DISABLE_KITTY_KEY"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("given", "wanted"), [({}, "True"), ({"TEXTUAL_DISABLE_KITTY_KEY": "0"}, "False")])
def test_the_kitty_protocol_is_off_unless_the_person_wants_it(given, wanted):
    script = """
import tui.app, tui.start
from pathlib import Path
class Fake:
    parting_words = ""
    wants_demo = False
    return_code = 0
    def __init__(self, *a, **k): pass
    def run(self, **k):
        from textual import constants
        print(constants.DISABLE_KITTY_KEY)
"""
    script = script.replace("import tui.app, tui.start", "import tui.start")
    script += "import sys, types\nmodule = types.ModuleType('tui.app')\nmodule.QingchaApp = Fake\n"
    script += "sys.modules['tui.app'] = module\ntui.start.run(Path('.'))\n"
    assert run(script, **given).strip() == wanted


def test_the_first_screen_imports_nothing_that_can_wait():
    names = HEAVY + LATER
    script = (
        "import sys, tui.app, tui.screens.unlock\n"
        f"print([name for name in {names!r} if name in sys.modules])\n"
    )
    assert run(script).strip() == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="a driver of Linux and macOS")
def test_the_driver_leaves_at_once_and_gives_the_terminal_back(tmp_path):
    import pty
    import select
    import time

    script = (
        "import tui.start, sys, threading, time\n"
        "from pathlib import Path\n"
        "from tui import quirks\nquirks.POLL = 60\n"
        "from tui.app import QingchaApp\n"
        "class Quick(QingchaApp):\n"
        "    def on_ready(self):\n"
        "        self.set_timer(0.3, self.leave)\n"
        "    def leave(self):\n"
        "        self.began = time.monotonic()\n"
        "        self.exit(0)\n"
        f"app = Quick(Path({str(tmp_path)!r}))\n"
        "app.run()\n"
        "print('TOOK', round(time.monotonic() - app.began, 3))\n"
    )
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover -- the app itself
        os.chdir(ROOT)
        os.environ.update(TERM="xterm-256color", COLUMNS="80", LINES="24", TEXTUAL_DISABLE_KITTY_KEY="1")
        os.execv(sys.executable, [sys.executable, "-c", script])
    seen = b""
    end = time.monotonic() + 30
    while time.monotonic() < end and not re.search(rb"TOOK [\d.]+\r?\n", seen):
        ready, _, _ = select.select([terminal], [], [], 1)
        if ready:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    os.waitpid(child, 0)
    assert b"\x1b[?1049h" in seen
    assert b"\x1b[?1049l" in seen
    found = re.search(rb"TOOK ([\d.]+)", seen)
    assert found, seen[-2000:]
    took = float(found[1])
    assert took < 20, took
