"""The yardstick of a push: what any store of these lines must do, and nothing of what ours promises.

Each post is inflated and split; each line is a row under its device and number, which are unique; one
durable commit a post, then the answer. Nothing is parsed, checked, signed, folded or indexed.
"""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn
import zstandard
from sqlcipher3 import dbapi2 as sqlcipher
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.store.durable import write_whole


def make_app(path: Path, files: Path | None = None) -> Starlette:
    """Takes `POST /` with zstd lines, of the device and from the number that two fields name.

    With a folder it takes `PUT /files/NAME` too: the bytes are on the disk under that name when it answers.
    """
    database = sqlcipher.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = wal").fetchone()
    database.execute("PRAGMA synchronous = full")
    database.execute("PRAGMA cache_size = -16000")
    database.execute("CREATE TABLE kept (n INTEGER PRIMARY KEY, device TEXT, seq INTEGER, line BLOB)")
    database.execute("CREATE UNIQUE INDEX kept_once ON kept (device, seq)")
    insert = "INSERT INTO kept (device, seq, line) VALUES (?, ?, ?)"

    async def take(request: Request) -> Response:
        body = zstandard.ZstdDecompressor().decompress(await request.body(), max_output_size=1 << 26)
        device, first = request.headers["device"], int(request.headers["first"])
        rows = [(device, seq, line) for seq, line in enumerate(body[:-1].split(b"\n"), first)]
        database.execute("BEGIN")
        database.executemany(insert, rows)
        database.execute("COMMIT")
        return Response(status_code=204)

    async def keep(request: Request) -> Response:
        assert files is not None
        body = await request.body()
        await run_in_threadpool(write_whole, files / request.path_params["name"], body)
        return Response(status_code=204)

    return Starlette(
        routes=[Route("/", take, methods=["POST"]), Route("/files/{name}", keep, methods=["PUT"])]
    )


@contextlib.contextmanager
def raw_server(path: Path, files: Path | None = None) -> Iterator[int]:
    """It, in a thread as our embedded server; its port."""
    if files is not None:
        files.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(make_app(path, files), log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(15)


def rows_in(path: Path) -> int:
    """How many lines were kept."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT count(*) FROM kept").fetchone()[0])
