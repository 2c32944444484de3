"""What is asked of the machine: no core dump, and a clock that goes on in sleep."""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tui import machine
from tui.app import QingchaApp

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.skipif(sys.platform == "win32", reason="Windows writes none unless it is told to")
def test_no_command_can_leave_a_core_dump(tmp_path: Path) -> None:
    script = """
import resource, main
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
main.main(["list"])
print(resource.getrlimit(resource.RLIMIT_CORE))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"QINGCHA_HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "(0, 0)", done.stderr


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="the monotonic clock counts sleep there")
def test_time_asleep_counts_as_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lid that is closed for an hour finds the notebook locked: the idle lock counts that hour."""
    clocks = {time.CLOCK_BOOTTIME: 3_700.0, time.CLOCK_MONOTONIC: 100.0}
    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)
    assert machine.since_boot() == 3_700.0
    assert inspect.signature(QingchaApp).parameters["monotonic"].default is machine.since_boot
