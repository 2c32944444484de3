"""200 files of 1 MB, against putting each plainly to a server that writes it to its disk."""

from __future__ import annotations

import random
from pathlib import Path

import urllib3

from models.store.change import attach, new_id
from models.store.notebook import Notebook
from tests.benchmarks.books import UNIT
from tests.benchmarks.measure import Ratio, ratio_of, seconds
from tests.benchmarks.office import Office, office
from tests.benchmarks.raw_server import raw_server

GOAL = 2.5
FILES, SIZE = 200, 1_000_000


def take_in(book: Notebook, folder: Path, count: int, chance: random.Random) -> list[Path]:
    """So many new photos: in the vault, named by entries, and plain beside it."""
    folder.mkdir()
    made = []
    for number in range(count):
        path = folder / f"{number}.jpg"
        path.write_bytes(chance.randbytes(SIZE))
        kept = book.vault.put_file(path)
        body = {"sha256": kept.sha256, "size": kept.size, "mime": "image/jpeg", "name": path.name}
        book.write(attach("evidence", new_id(), UNIT, body))
        made.append(path)
    return made


def put_plainly(port: int, paths: list[Path]) -> None:
    """Each whole, one after another, over one connection."""
    with urllib3.PoolManager() as pool:
        for path in paths:
            url = f"http://127.0.0.1:{port}/files/{path.name}"
            assert pool.request("PUT", url, body=path.read_bytes(), retries=False).status == 204


def one_round(there: Office, book: Notebook, folder: Path, count: int) -> tuple[list[float], list[float]]:
    """Both, once, with new files."""
    folder.mkdir()
    paths = take_in(book, folder / "photos", count, random.Random(folder.name))
    ours = seconds(lambda: there.synchronise(book))
    with raw_server(folder / "raw.db", folder / "raw") as port:
        raw = seconds(lambda: put_plainly(port, paths))
    return [ours], [raw]


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """Rounds with new files, against one server."""
    count = 10 if quick else FILES
    with office(folder) as there:
        book = there.book()
        one_round(there, book, folder / "warm", 5)
        before = there.memory()
        kept = [one_round(there, book, folder / str(n), count) for n in range(2 if quick else 3)]
        print(f"server's memory: {before >> 20} MiB before, {there.memory() >> 20} MiB after")
    return ratio_of("200 files of 1 MB", GOAL, kept)
