"""Reading what comes from outside in a child process, whose memory, time and output have bounds.

The parent asks a module (`python -m module file`) and gets bytes back; whatever a hostile file does to a
parser happens there and ends there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import BadInput, QingchaError

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child wrote."""

    data: bytes
    code: int | None
    """Its exit code; None when its time was over and it was stopped."""


def ask(module: str, file: Path, *, seconds: int, most: int) -> Answer:
    """Run a module on a file and read what it writes, at most `most` bytes."""
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(
                [sys.executable, "-m", module, str(file.resolve())],
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                cwd=_ROOT,
                env={**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"},
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Answer(b"", None)
        answer.seek(0)
        return Answer(answer.read(most), done.returncode)


def bound(*, memory: int, seconds: int, output: int) -> None:
    """In the child: bound address space, processor time and output, in bytes and seconds.

    Windows has no such limits; there the parent's clock holds.
    """
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, output),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # a tighter limit holds already, or the system has none (macOS: AS)
            continue


def error_answer(error: QingchaError) -> dict[str, Any]:
    """An error of a child as JSON; one within another stays translatable."""
    return {
        "msgid": error.msgid,
        "params": {
            key: error_answer(value) if isinstance(value, QingchaError) else value
            for key, value in error.params.items()
        },
    }


def error_again(found: dict[str, Any]) -> BadInput:
    """The error of which a child answered."""
    params = {
        key: error_again(value) if isinstance(value, dict) else value
        for key, value in found["params"].items()
    }
    return BadInput(str(found["msgid"]), **params)
