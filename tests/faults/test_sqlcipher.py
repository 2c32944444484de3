"""The same under the product's own SQLCipher: a preloaded library fails the n-th call of the system."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .operations import OPERATIONS
from .preloaded import FLAVOURS

COMPILER = shutil.which("cc")
SHIM = Path(__file__).with_name("shim.c")
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="libraries are preloaded on Linux"),
    pytest.mark.skipif(COMPILER is None, reason="no C compiler (cc) for tests/faults/shim.c"),
]


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library, made here."""
    made = tmp_path_factory.mktemp("shim") / "shim.so"
    subprocess.run([str(COMPILER), "-shared", "-fPIC", "-o", str(made), str(SHIM), "-ldl"], check=True)
    return made


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", [each.name for each in OPERATIONS])
def test_at_every_call_of_the_system(name: str, flavour: str, shim: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "LD_PRELOAD": str(shim), "QINGCHA_NO_KEYRING": "1"}
    words = [sys.executable, "-m", "tests.faults.preloaded", str(tmp_path), name, flavour, "1"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, f"{lines[-1:]}\n{done.stderr[-3000:]}"
    print(name, flavour, [line for line in lines if line.endswith(" done")])
    assert len(lines) > 10, "next to nothing was hit"
