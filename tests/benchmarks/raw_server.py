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

import msgspec
import uvicorn
import zstandard
from sqlcipher3 import dbapi2 as sqlcipher
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.store.durable import write_whole

_COLUMNS = ("inspection", "checklist", "item", "repeat", "result", "note")
_PLAIN = (
    "CREATE TABLE logged (n INTEGER PRIMARY KEY, device TEXT, seq INTEGER, line BLOB, record, kind, unit)",
    "CREATE UNIQUE INDEX logged_once ON logged (device, seq)",
    "CREATE INDEX logged_record ON logged (record)",
    "CREATE INDEX logged_unit ON logged (unit, n)",
    f"CREATE TABLE document (id TEXT PRIMARY KEY, kind TEXT, unit TEXT, {', '.join(_COLUMNS)}) WITHOUT ROWID",
    "CREATE INDEX document_inspection ON document (inspection)",
)
_INSERT_LOGGED = "INSERT INTO logged (device, seq, line, record, kind, unit) VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_DOCUMENT = f"INSERT OR REPLACE INTO document VALUES ({', '.join('?' * (3 + len(_COLUMNS)))})"


def make_app(path: Path, files: Path | None = None) -> Starlette:
    """Takes `POST /` with zstd lines, of the device and from the number that two fields name.

    `POST /documents` is the same for a server that reads what it gets: head and body parsed, a row of a log
    with its indexes, and the row of the document with its own, put in place of the one before.

    With a folder it takes `PUT /files/NAME` too: the bytes are on the disk under that name when it answers.
    """
    database = sqlcipher.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = wal").fetchone()
    database.execute("PRAGMA synchronous = full")
    database.execute("PRAGMA cache_size = -16000")
    database.execute("CREATE TABLE kept (n INTEGER PRIMARY KEY, device TEXT, seq INTEGER, line BLOB)")
    database.execute("CREATE UNIQUE INDEX kept_once ON kept (device, seq)")
    insert = "INSERT INTO kept (device, seq, line) VALUES (?, ?, ?)"
    for statement in _PLAIN:
        database.execute(statement)

    async def take(request: Request) -> Response:
        body = zstandard.ZstdDecompressor().decompress(await request.body(), max_output_size=1 << 26)
        device, first = request.headers["device"], int(request.headers["first"])
        rows = [(device, seq, line) for seq, line in enumerate(body[:-1].split(b"\n"), first)]
        database.execute("BEGIN")
        database.executemany(insert, rows)
        database.execute("COMMIT")
        return Response(status_code=204)

    async def take_documents(request: Request) -> Response:
        body = zstandard.ZstdDecompressor().decompress(await request.body(), max_output_size=1 << 26)
        device, first = request.headers["device"], int(request.headers["first"])
        rows, documents = [], []
        for seq, line in enumerate(body[:-1].split(b"\n"), first):
            _signature, head_bytes, body_bytes = line.split(b"\t")
            head, document = msgspec.json.decode(head_bytes), msgspec.json.decode(body_bytes)
            rows.append((device, seq, line, head["e"], head["t"], head["sc"]))
            values = {name: cell["x"] for name, cell in document["f"].items()}
            documents.append((head["e"], head["t"], head["sc"], *map(values.get, _COLUMNS)))
        database.execute("BEGIN")
        database.executemany(_INSERT_LOGGED, rows)
        database.executemany(_INSERT_DOCUMENT, documents)
        database.execute("COMMIT")
        return Response(status_code=204)

    async def keep(request: Request) -> Response:
        assert files is not None
        body = await request.body()
        await run_in_threadpool(write_whole, files / request.path_params["name"], body)
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/", take, methods=["POST"]),
            Route("/documents", take_documents, methods=["POST"]),
            Route("/files/{name}", keep, methods=["PUT"]),
        ]
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


def rows_in(path: Path, table: str = "kept") -> int:
    """How many lines, logged lines or documents were kept."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
