"""The two programs as real processes that start at once: forked from a process that has them imported.

A process so begun can be told to kill itself at a named place in the program, for the moments that no
outside kill can hit on purpose.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(
    [
        "main",
        "models.areas",
        "sync.client",
        "sync.server.admin",
        "sync.server.serve",
        "tui.cli.notebook",
        "tui.cli.server",
        "tui.services",
        "uvicorn.protocols.http.auto",
    ]
)


@dataclass(frozen=True)
class Place:
    """Where a process kills itself: `module:Class.function`, before or after its n-th run."""

    where: str
    when: str = "before"
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.when} {self.where} ({self.nth})"


def _die_at(place: Place) -> None:
    module, _, dotted = place.where.partition(":")
    owner: Any = importlib.import_module(module)
    *path, name = dotted.split(".")
    for step in path:
        owner = getattr(owner, step)
    real = getattr(owner, name)
    runs = 0

    @functools.wraps(real)
    def deadly(*args: Any, **more: Any) -> Any:
        nonlocal runs
        runs += 1
        if runs == place.nth and place.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        given = real(*args, **more)
        if runs == place.nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return given

    setattr(owner, name, deadly)


def _run(
    words: list[str],
    environment: dict[str, str],
    said: Connection,
    errors: Connection,
    place: Place | None,
    largest_file: int | None,
) -> None:
    os.environ.update(environment)
    os.dup2(said.fileno(), 1)
    os.dup2(errors.fileno(), 2)
    said.close()
    errors.close()
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", closefd=False)
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    if place is not None:
        _die_at(place)
    import main

    code = main.main(words)
    sys.stdout.flush()
    sys.exit(code)


class Program:
    """`qingcha` with these words, running."""

    def __init__(
        self,
        *words: str,
        environment: Mapping[str, str] | None = None,
        place: Place | None = None,
        largest_file: int | None = None,
    ) -> None:
        said, said_end = _fork.Pipe(duplex=False)
        errors, errors_end = _fork.Pipe(duplex=False)
        self.process = _fork.Process(
            target=_run,
            args=(list(words), dict(environment or {}), said_end, errors_end, place, largest_file),
        )
        with in_the_repository():
            self.process.start()
        said_end.close()
        errors_end.close()
        self._out = os.fdopen(os.dup(said.fileno()), encoding="utf-8")
        self._err = os.fdopen(os.dup(errors.fileno()), encoding="utf-8", errors="replace")
        said.close()
        errors.close()

    def line(self) -> str:
        """The next line on standard output."""
        return self._out.readline()

    def kill(self) -> None:
        """SIGKILL; the process gets no chance to tidy up."""
        self.process.kill()

    def ended(self, seconds: float = 60) -> int:
        """The exit code once it ends; negative for a signal."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, "still running"
        return self.process.exitcode

    def said(self) -> str:
        """All the rest of standard output; the process must end for it."""
        return self._out.read()

    def complained(self) -> str:
        """All of standard error; the process must end for it."""
        return self._err.read()

    def close(self) -> None:
        """End it and let go of its pipes."""
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(20)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self._out.close()
        self._err.close()


class Server(Program):
    """`qingcha serve FOLDER` on a free port."""

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__("serve", str(folder), "--port", "0", **more)
        line = self.line()
        if not line:
            self.process.join(5)
            raise AssertionError(f"the server did not start: {self.complained()}")
        self.port: int = json.loads(line)["port"]
        self.url = f"http://127.0.0.1:{self.port}"


def environment(home: Path, passphrase: str) -> dict[str, str]:
    """What the client needs to open the notebook under this home by itself."""
    return {
        "QINGCHA_HOME": str(home),
        "QINGCHA_PASSPHRASE": passphrase,
        "QINGCHA_NO_KEYRING": "1",
        "QINGCHA_LANG": "zh",
        "PYTHONUTF8": "1",
    }


@contextlib.contextmanager
def in_the_repository() -> Iterator[None]:
    """The forking process is begun with the first child, and imports from where it was begun."""
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        yield
    finally:
        os.chdir(before)
